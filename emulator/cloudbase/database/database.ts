import { cloneDeep, isEqual } from 'mingo/util';
import { addLookup, addUniqueIndex, type Collection, createCollection } from './collections';
import { type Document, parseDocument, parseEjson, toEjson, toKey } from './documents';
import { faults, toFault } from './faults';
import { aggregateDocuments, findDocuments, projectDocuments, type Stage } from './query';
import { type Body, readCollectionName, readCount, readList, readObject, readText } from './request';
import type { Session } from './session';
import { type ConflictsAt, createTransactions, type Transactions } from './transactions';
import { updateDocuments } from './update';

/** The database behind the gateway: collections in memory that answer what the SDK's `cloud.database()` sends. */
export interface Database {
  /** Answers one `database.*` action. Never throws: a fault is `{code, message, requestId}` as CloudBase answers. */
  handle(action: string, body: Record<string, unknown>): Record<string, unknown>;
  /** The actions it knows. */
  readonly actions: readonly string[];
  /** Declares a unique index, as one does in the console; makes the collection when there is none. */
  createUniqueIndex(collection: string, fields: readonly string[]): void;
  /** Declares an index over one field, for speed alone. */
  createIndex(collection: string, field: string): void;
  /** The documents of one collection, as they lie in the store: to be read, never changed. */
  documents(collection: string): readonly Readonly<Record<string, unknown>>[];
  /** A copy of everything, by collection. */
  dump(): Record<string, Record<string, unknown>[]>;
  /** Forgets everything: documents, collections, indexes and transactions. */
  reset(): void;
}

/** What a database needs from outside, so that a story replays exactly. */
export interface DatabaseOptions {
  /** The clock of `serverDate` and of a transaction's 30 seconds, in milliseconds. */
  readonly now: () => number;
  /** Gives a document without an `_id` its own. */
  readonly nextId: () => string;
  /** Where a transaction meets a conflict; at its commit unless told otherwise. */
  readonly conflictsAt?: ConflictsAt;
}

interface State {
  readonly collections: Map<string, Collection>;
  readonly transactions: Transactions;
  readonly now: () => number;
  readonly nextId: () => string;
}

type Handler = (state: State, body: Body) => Record<string, unknown>;

const actions = {
  'database.addCollection': addCollection,
  'database.insertDocument': insertDocument,
  'database.getDocument': getDocument,
  'database.modifyDocument': modifyDocument,
  'database.modifyAndReturnDoc': modifyAndReturnDoc,
  'database.removeDocument': removeDocument,
  'database.calculateDocument': calculateDocument,
  'database.aggregateDocuments': aggregateStages,
  'database.startTransaction': ({ transactions }) => ({ transactionId: transactions.start() }),
  'database.commitTransaction': ({ transactions }, body) => {
    transactions.commit(body['transactionId']);
    return {};
  },
  'database.abortTransaction': ({ transactions }, body) => {
    transactions.abort(body['transactionId']);
    return {};
  },
} as const satisfies Record<string, Handler>;

/** Makes an empty database. */
export function createDatabase(options: DatabaseOptions): Database {
  const { now, nextId, conflictsAt = 'commit' } = options;
  const state: State = {
    collections: new Map(),
    transactions: createTransactions({ now, conflictsAt }),
    now,
    nextId,
  };
  let requests = 0;

  return {
    handle(action, body) {
      requests += 1;
      const requestId = `local-database-${requests}`;
      try {
        return { requestId, ...findHandler(action)(state, body) };
      } catch (error) {
        const { code, message } = toFault(error);
        return { code, message, requestId };
      }
    },
    actions: Object.keys(actions),
    createUniqueIndex(name, fields) {
      const collection = state.collections.get(name) ?? createCollection(name);
      addUniqueIndex(collection, fields);
      state.collections.set(name, collection);
    },
    createIndex(name, field) {
      const collection = state.collections.get(name) ?? createCollection(name);
      addLookup(collection, field);
      state.collections.set(name, collection);
    },
    documents: (name) => [...(state.collections.get(name)?.documents.values() ?? [])],
    dump: () =>
      Object.fromEntries(
        Array.from(state.collections.values(), ({ name, documents }) => [
          name,
          cloneDeep([...documents.values()]),
        ]),
      ),
    reset() {
      state.collections.clear();
      state.transactions.reset();
      requests = 0;
    },
  };
}

function findHandler(action: string): Handler {
  if (Object.hasOwn(actions, action)) return actions[action as keyof typeof actions];
  throw faults.invalid(
    `the local CloudBase has no action "${action}" yet; add it to emulator/cloudbase/database/database.ts`,
  );
}

function addCollection({ collections }: State, body: Body) {
  const name = readCollectionName(body);
  if (collections.has(name)) throw faults.collectionExists(name);
  collections.set(name, createCollection(name));
  return {};
}

function insertDocument(state: State, body: Body) {
  const collection = findCollection(state, body);
  const documents = readList(body, 'data').map((text) => {
    const document = parseDocument(String(text), state.now());
    return '_id' in document ? document : { _id: state.nextId(), ...document };
  });
  inSession(state, body, (session) => {
    for (const document of documents) session.insert(collection, document);
  });
  return { data: { insertedIds: documents.map(({ _id }) => (isPlainId(_id) ? _id : String(_id))) } };
}

function getDocument(state: State, body: Body) {
  const collection = findCollection(state, body);
  const query = readObject(body, 'query', state.now()) ?? {};
  const projection = readObject(body, 'projection', state.now());
  const offset = readCount(body, 'offset');
  // CloudBase reads 0 as not said; it gives 100 documents unless asked for more, and never more than 1000.
  const limit = Math.min(readCount(body, 'limit') || 100, 1000);
  const order = readObject(body, 'order', state.now());
  const found = inSession(state, body, (session) =>
    findDocuments(session, collection, query, { order, offset, limit }),
  );
  const list = (projection === undefined ? found : projectDocuments(found, projection)).map(toEjson);
  return { data: { list }, limit, offset };
}

function modifyDocument(state: State, body: Body) {
  const collection = findCollection(state, body);
  const query = readObject(body, 'query', state.now()) ?? {};
  return body['merge'] === false
    ? { data: setDocument(state, body, collection, query) }
    : { data: { updated: update(state, body, collection, query).changed } };
}

/** `doc.set`: the whole document is replaced, or made. An existing one counts as updated even when it was the same. */
function setDocument(state: State, body: Body, collection: Collection, query: Document) {
  const id = query['_id'];
  if (id === undefined) throw faults.invalid('a document can be set by its "_id" only');
  const document = Object.assign({ _id: id }, parseDocument(readText(body, 'data'), state.now()), {
    _id: id,
  });
  return inSession(state, body, (session) => {
    const exists = session.read(collection, toKey(id)) !== undefined;
    session.replace(collection, document);
    return exists ? { updated: 1 } : { updated: 0, upsert_id: id };
  });
}

function modifyAndReturnDoc(state: State, body: Body) {
  const collection = findCollection(state, body);
  const query = readObject(body, 'query', state.now()) ?? {};
  const { changed, documents } = update(state, { ...body, multi: false }, collection, query);
  const [document] = documents;
  return { data: { updated: changed, ...(document === undefined ? {} : { doc: toEjson(document) }) } };
}

/** Like MongoDB's own count, that of an update leaves out documents that already were as it would make them. */
function update(state: State, body: Body, collection: Collection, query: Document) {
  const modifier = readObject(body, 'data', state.now()) ?? {};
  return inSession(state, body, (session) => {
    const found = findDocuments(session, collection, query, toRange(body));
    const documents = updateDocuments(found, query, modifier);
    const changed = documents.filter((document, i) => !isEqual(document, found[i]));
    for (const document of changed) session.replace(collection, document);
    return { changed: changed.length, documents };
  });
}

function removeDocument(state: State, body: Body) {
  const collection = findCollection(state, body);
  const query = readObject(body, 'query', state.now()) ?? {};
  return inSession(state, body, (session) => {
    const found = findDocuments(session, collection, query, toRange(body));
    for (const { _id } of found) session.remove(collection, toKey(_id));
    return { data: { deleted: found.length } };
  });
}

function calculateDocument(state: State, body: Body) {
  const collection = findCollection(state, body);
  const query = readObject(body, 'query', state.now()) ?? {};
  const total = inSession(state, body, (session) => findDocuments(session, collection, query).length);
  return { data: { total } };
}

function aggregateStages(state: State, body: Body) {
  const collection = findCollection(state, body);
  const pipeline = readList(body, 'stages').map((item): Stage => {
    const stage = item as Body;
    const value = parseEjson(readText(stage, 'stageValue'), 'stageValue', state.now());
    return { [String(stage['stageKey'])]: value };
  });
  return inSession(state, body, (session) => {
    const others = (name: string) => {
      const other = state.collections.get(name);
      return other === undefined ? [] : session.readAll(other);
    };
    return { data: { list: aggregateDocuments(session, collection, pipeline, others).map(toEjson) } };
  });
}

/**
 * Runs work in the transaction the request names, or outside of any.
 * An operation that fails ends its transaction, as in MongoDB: nothing of it is kept, and its commit finds it gone.
 */
function inSession<T>({ transactions }: State, body: Body, work: (session: Session) => T): T {
  const id = body['transactionId'];
  if (id === undefined) return transactions.run(work);
  const session = transactions.session(id);
  try {
    return work(session);
  } catch (error) {
    transactions.abort(id);
    throw error;
  }
}

function findCollection({ collections }: State, body: Body): Collection {
  const name = readCollectionName(body);
  const collection = collections.get(name);
  if (collection === undefined) throw faults.collectionMissing(name);
  return collection;
}

function toRange(body: Body) {
  return body['multi'] === false ? { limit: 1 } : {};
}

function isPlainId(id: unknown): boolean {
  return typeof id === 'string' || typeof id === 'number';
}
