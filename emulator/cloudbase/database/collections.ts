import { type Document, type Key, toEjson, toIndexEntries } from './documents';
import { faults } from './faults';

/** A unique index: which document holds each entry. */
export interface UniqueIndex {
  readonly name: string;
  readonly fields: readonly string[];
  readonly owners: Map<Key, Key>;
}

/** A collection: its documents by the key of their `_id`, in the order they came. */
export interface Collection {
  readonly name: string;
  readonly documents: Map<Key, Document>;
  readonly indexes: UniqueIndex[];
  /** Indexes for speed: by field, which documents hold each value. */
  readonly lookups: Map<string, Map<Key, Set<Key>>>;
}

/** Makes an empty collection. */
export function createCollection(name: string): Collection {
  return { name, documents: new Map(), indexes: [], lookups: new Map() };
}

/** Adds a unique index over the documents there are; throws E11000 where two of them already collide. */
export function addUniqueIndex(collection: Collection, fields: readonly string[]): void {
  const index: UniqueIndex = {
    name: fields.map((field) => `${field}_1`).join('_'),
    fields,
    owners: new Map(),
  };
  for (const [key, document] of collection.documents) {
    for (const entry of toIndexEntries(fields, document)) {
      if (index.owners.has(entry)) throw duplicate(collection, index, document);
      index.owners.set(entry, key);
    }
  }
  collection.indexes.push(index);
}

/** Adds an index over one field that makes its queries fast and refuses nothing. */
export function addLookup(collection: Collection, field: string): void {
  const lookup = new Map<Key, Set<Key>>();
  for (const [key, document] of collection.documents) enter(lookup, field, key, document);
  collection.lookups.set(field, lookup);
}

function enter(lookup: Map<Key, Set<Key>>, field: string, key: Key, document: Document): void {
  for (const entry of toIndexEntries([field], document)) {
    const keys = lookup.get(entry) ?? new Set();
    lookup.set(entry, keys.add(key));
  }
}

function leave(lookup: Map<Key, Set<Key>>, field: string, key: Key, document: Document): void {
  for (const entry of toIndexEntries([field], document)) {
    const keys = lookup.get(entry);
    keys?.delete(key);
    if (keys?.size === 0) lookup.delete(entry);
  }
}

/** Puts committed changes in place, `null` being a removal; whoever calls has already seen that nothing collides. */
export function applyWrites(collection: Collection, writes: ReadonlyMap<Key, Document | null>): void {
  // All old entries go before any new one comes, for one write may take over what another gives up.
  for (const index of collection.indexes) {
    for (const key of writes.keys()) {
      const old = collection.documents.get(key);
      if (old === undefined) continue;
      for (const entry of toIndexEntries(index.fields, old)) index.owners.delete(entry);
    }
    for (const [key, document] of writes) {
      if (document === null) continue;
      for (const entry of toIndexEntries(index.fields, document)) index.owners.set(entry, key);
    }
  }
  for (const [field, lookup] of collection.lookups) {
    for (const [key, document] of writes) {
      const old = collection.documents.get(key);
      if (old !== undefined) leave(lookup, field, key, old);
      if (document !== null) enter(lookup, field, key, document);
    }
  }
  for (const [key, document] of writes) {
    if (document === null) collection.documents.delete(key);
    else collection.documents.set(key, document);
  }
}

/** The E11000 of a document that an index has no room for. */
export function duplicate(collection: Collection, index: UniqueIndex, document: Document) {
  const values = index.fields.map((field) => `${field}: ${toEjson(document[field] ?? null)}`);
  return faults.duplicateKey(collection.name, index.name, `{ ${values.join(', ')} }`);
}
