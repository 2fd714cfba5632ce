import { type Collection, duplicate, type UniqueIndex } from './collections';
import { checkSize, type Document, type Key, toEjson, toIndexEntries, toKey } from './documents';
import { faults } from './faults';

/**
 * The database as one transaction sees it, or as one action outside of any sees it.
 * Nothing is visible to others until it is committed; stored documents are never changed, only replaced.
 */
export interface Session {
  read(collection: Collection, key: Key): Document | undefined;
  /** Every document, in the order of the collection. */
  readAll(collection: Collection): Iterable<Document>;
  /** The keys of all documents that may have one of the entries: at least those that do. */
  findKeys(collection: Collection, index: UniqueIndex, entries: readonly Key[]): Iterable<Key>;
  /** The same by the values of a field that has an index for speed. */
  lookUp(collection: Collection, field: string, values: readonly Key[]): Iterable<Key>;
  insert(collection: Collection, document: Document): void;
  replace(collection: Collection, document: Document): void;
  remove(collection: Collection, key: Key): void;
}

/** What a session did to one collection, and what was done to that collection meanwhile. */
export interface Changes {
  /** What this session wrote, `null` being a removal. */
  readonly writes: Map<Key, Document | null>;
  /** What others have replaced since this session began, as it was then; `null` is a document that was not there. */
  readonly before: Map<Key, Document | null>;
  /** The index entries of what this session wrote; one may be out of date where the session wrote twice. */
  readonly claims: Map<UniqueIndex, Map<Key, Key>>;
}

/** The changes of a session, by collection. */
export type ChangesByCollection = Map<Collection, Changes>;

/**
 * Makes a session that keeps its changes in the given map.
 * `checkWrite` is asked before each write and may refuse it by throwing.
 */
export function createSession(
  changes: ChangesByCollection,
  checkWrite: (collection: Collection, key: Key) => void,
): Session {
  function read(collection: Collection, key: Key): Document | undefined {
    const changed = changes.get(collection);
    const own = changed?.writes.get(key);
    if (own !== undefined) return own ?? undefined;
    const then = changed?.before.get(key);
    if (then !== undefined) return then ?? undefined;
    return collection.documents.get(key);
  }

  function* readAll(collection: Collection): Generator<Document> {
    const changed = changes.get(collection);
    if (changed === undefined) {
      yield* collection.documents.values();
      return;
    }
    const keys = new Set([
      ...collection.documents.keys(),
      ...changed.before.keys(),
      ...changed.writes.keys(),
    ]);
    for (const key of keys) {
      const document = read(collection, key);
      if (document !== undefined) yield document;
    }
  }

  function replace(collection: Collection, document: Document): void {
    checkSize(document);
    const key = toKey(document['_id']);
    checkWrite(collection, key);
    const changed = changesIn(changes, collection);
    for (const index of collection.indexes) {
      const claims = changed.claims.get(index) ?? new Map<Key, Key>();
      changed.claims.set(index, claims);
      for (const entry of toIndexEntries(index.fields, document)) {
        for (const owner of [claims.get(entry), index.owners.get(entry)]) {
          if (owner === undefined || owner === key) continue;
          const rival = read(collection, owner);
          if (rival !== undefined && toIndexEntries(index.fields, rival).includes(entry)) {
            throw duplicate(collection, index, document);
          }
        }
        claims.set(entry, key);
      }
    }
    changed.writes.set(key, document);
  }

  return {
    read,
    readAll,
    replace,
    findKeys(collection, index, entries) {
      const changed = changes.get(collection);
      const owners = entries.map((entry) => index.owners.get(entry)).filter((owner) => owner !== undefined);
      return new Set([...owners, ...(changed?.before.keys() ?? []), ...(changed?.writes.keys() ?? [])]);
    },
    lookUp(collection, field, values) {
      const changed = changes.get(collection);
      const lookup = collection.lookups.get(field);
      const found = values.flatMap((value) => [...(lookup?.get(value) ?? [])]);
      return new Set([...found, ...(changed?.before.keys() ?? []), ...(changed?.writes.keys() ?? [])]);
    },
    insert(collection, document) {
      const id = document['_id'];
      if (read(collection, toKey(id)) !== undefined) {
        throw faults.duplicateKey(collection.name, '_id_', `{ _id: ${toEjson(id)} }`);
      }
      replace(collection, document);
    },
    remove(collection, key) {
      checkWrite(collection, key);
      changesIn(changes, collection).writes.set(key, null);
    },
  };
}

function changesIn(changes: ChangesByCollection, collection: Collection): Changes {
  const known = changes.get(collection);
  if (known !== undefined) return known;
  const fresh: Changes = { writes: new Map(), before: new Map(), claims: new Map() };
  changes.set(collection, fresh);
  return fresh;
}

/** Keeps for a session what a commit of another is about to replace. */
export function keepBefore(changes: ChangesByCollection, collection: Collection, keys: Iterable<Key>): void {
  const { before } = changesIn(changes, collection);
  for (const key of keys) {
    if (!before.has(key)) before.set(key, collection.documents.get(key) ?? null);
  }
}
