import { cloneDeep, isEqual } from 'mingo/util';
import { addLookup, type Collection, type Collections, createCollection, write } from './collections';
import { checkSize, type Document, type Key, parseDocument, parseEjson, toEjson, toKey } from './documents';
import { faults, toFault } from './faults';
import { aggregateDocuments, findDocuments, projectDocuments, type Stage } from './query';
import { type Body, readCollectionName, readCount, readList, readObject, readText } from './request';
import { createTransactions, type Transactions } from './transactions';
import { updateDocuments } from './update';

/** The database behind the gateway: collections in memory that answer what the SDK's `cloud.database()` sends. */
export interface Database {
  /** Answers one `database.*` action. Never throws: a fault is `{code, message, requestId}` as CloudBase answers. */
  handle(action: string, body: Record<string, unknown>): Record<string, unknown>;
  /** The actions it knows. */
  readonly actions: readonly string[];
  /** Declares an index over one field, for speed alone; makes the collection when there is none. */
  createIndex(collection: string, field: string): void;
  /** The documents of one collection, as they lie in the store: to be read, never changed. */
  documents(collection: string): readonly Readonly<Record<string, unknown>>[];
  /** A copy of everything, by collection. */
  dump(): Record<string, Record<string, unknown>[]>;
  /** Forgets everything: documents, collections and transactions. */
  reset(): void;
}

/** What a database needs from outside, so that a story replays exactly. */
export interface DatabaseOptions {
  /** The clock of `serverDate` and of a transaction's 30 seconds, in milliseconds. */
  readonly now: () => number;
  /** Gives a document without an `_id` its own. */
  readonly nextId: () => string;
}

interface State extends DatabaseOptions {
  readonly collections: Collections;
  readonly transactions: Transactions;
}

type Answer = Readonly<Record<string, unknown>>;

/** A request about one collection, which is the live one or a transaction's own copy. */
interface Request {
  readonly collection: Collection;
  readonly collections: Collections;
  readonly body: Body;
  readonly query: Document;
  readonly now: () => number;
  readonly nextId: () => string;
}

/** What is asked of a collection, in a transaction or outside of any. */
const requests = {
  'database.insertDocument': insertDocument,
  'database.getDocument': getDocument,
  'database.modifyDocument': modifyDocument,
  'database.modifyAndReturnDoc': modifyAndReturnDoc,
  'database.removeDocument': removeDocument,
  'database.calculateDocument': calculateDocument,
  'database.aggregateDocuments': aggregateStages,
} as const satisfies Record<string, (request: Request) => Answer>;

/** What is asked of the database itself. */
const actions = {
  'database.addCollection': addCollection,
  'database.startTransaction': ({ transactions }) => ({ transactionId: transactions.start() }),
  'database.commitTransaction': ({ transactions }, body) => {
    transactions.commit(body['transactionId']);
    return {};
  },
  'database.abortTransaction': ({ transactions }, body) => {
    transactions.abort(body['transactionId']);
    return {};
  },
} as const satisfies Record<string, (state: State, body: Body) => Answer>;

/** Makes an empty database. */
export function createDatabase(options: DatabaseOptions): Database {
  const collections: Collections = new Map();
  const state: State = {
    ...options,
    collections,
    transactions: createTransactions(collections, options.now),
  };
  let count = 0;

  return {
    handle(action, body) {
      count += 1;
      const requestId = `local-database-${count}`;
      try {
        return { requestId, ...answer(state, action, body) };
      } catch (error) {
        const { code, message } = toFault(error);
        return { code, message, requestId };
      }
    },
    actions: [...Object.keys(actions), ...Object.keys(requests)],
    createIndex(name, field) {
      const collection = collections.get(name) ?? createCollection(name);
      addLookup(collection, field);
      collections.set(name, collection);
    },
    documents: (name) => [...(collections.get(name)?.documents.values() ?? [])],
    dump: () =>
      Object.fromEntries(
        Array.from(collections.values(), ({ name, documents }) => [name, cloneDeep([...documents.values()])]),
      ),
    reset() {
      collections.clear();
      state.transactions.reset();
      count = 0;
    },
  };
}

/**
 * Answers in the transaction that the request names, or outside of any. All of a request takes effect, or where it
 * throws none; one that fails ends its transaction, as in MongoDB: nothing of it is kept, and its commit finds it gone.
 */
function answer(state: State, action: string, body: Body): Answer {
  if (Object.hasOwn(actions, action)) return actions[action as keyof typeof actions](state, body);
  if (!Object.hasOwn(requests, action)) {
    throw faults.invalid(
      `the local CloudBase has no action "${action}" yet; add it to emulator/cloudbase/database/database.ts`,
    );
  }
  const { transactions, now, nextId } = state;
  const { transactionId: id } = body;
  const collections = id === undefined ? state.collections : transactions.collections(id);
  try {
    const name = readCollectionName(body);
    const collection = collections.get(name);
    if (collection === undefined) throw faults.collectionMissing(name);
    const query = readObject(body, 'query', now()) ?? {};
    return requests[action as keyof typeof requests]({ collection, collections, body, query, now, nextId });
  } catch (error) {
    if (id !== undefined) transactions.abort(id);
    throw error;
  }
}

function addCollection({ collections }: State, body: Body) {
  const name = readCollectionName(body);
  if (collections.has(name)) throw faults.collectionExists(name);
  collections.set(name, createCollection(name));
  return {};
}

function insertDocument({ collection, body, now, nextId }: Request) {
  const documents = readList(body, 'data').map((text) => {
    const document = parseDocument(String(text), now());
    return '_id' in document ? document : { _id: nextId(), ...document };
  });
  const inserted = new Map<Key, Document>();
  for (const document of documents) {
    const { _id } = document;
    const key = toKey(_id);
    if (collection.documents.has(key) || inserted.has(key))
      throw faults.duplicateKey(collection.name, toEjson(_id));
    checkSize(document);
    inserted.set(key, document);
  }
  for (const [key, document] of inserted) write(collection, key, document);
  return { data: { insertedIds: documents.map(({ _id }) => (isPlainId(_id) ? _id : String(_id))) } };
}

function getDocument({ collection, body, query, now }: Request) {
  const projection = readObject(body, 'projection', now());
  const offset = readCount(body, 'offset');
  // CloudBase reads 0 as not said; it gives 100 documents unless asked for more, and never more than 1000.
  const limit = Math.min(readCount(body, 'limit') || 100, 1000);
  const order = readObject(body, 'order', now());
  const found = findDocuments(collection, query, { order, offset, limit });
  const list = (projection === undefined ? found : projectDocuments(found, projection)).map(toEjson);
  return { data: { list }, limit, offset };
}

function modifyDocument(request: Request) {
  return request.body['merge'] === false
    ? { data: setDocument(request) }
    : { data: { updated: update(request).changed } };
}

/** `doc.set`: the whole document is replaced, or made. An existing one counts as updated even when it was the same. */
function setDocument({ collection, body, query: { _id }, now }: Request) {
  if (_id === undefined) throw faults.invalid('a document can be set by its "_id" only');
  const document = Object.assign({ _id }, parseDocument(readText(body, 'data'), now()), { _id });
  checkSize(document);
  const exists = collection.documents.has(toKey(_id));
  write(collection, toKey(_id), document);
  return exists ? { updated: 1 } : { updated: 0, upsert_id: _id };
}

function modifyAndReturnDoc(request: Request) {
  const { changed, documents } = update({ ...request, body: { ...request.body, multi: false } });
  const [document] = documents;
  return { data: { updated: changed, doc: document && toEjson(document) } };
}

/** Like MongoDB's own count, that of an update leaves out documents that already were as it would make them. */
function update({ collection, body, query, now }: Request) {
  const modifier = readObject(body, 'data', now()) ?? {};
  const found = findDocuments(collection, query, toRange(body));
  const documents = updateDocuments(found, query, modifier);
  const changed = documents.filter((document, i) => !isEqual(document, found[i]));
  changed.forEach(checkSize);
  for (const document of changed) write(collection, toKey(document['_id']), document);
  return { changed: changed.length, documents };
}

function removeDocument({ collection, body, query }: Request) {
  const found = findDocuments(collection, query, toRange(body));
  for (const { _id } of found) write(collection, toKey(_id), undefined);
  return { data: { deleted: found.length } };
}

function calculateDocument({ collection, query }: Request) {
  return { data: { total: findDocuments(collection, query).length } };
}

function aggregateStages({ collection, collections, body, now }: Request) {
  const pipeline = readList(body, 'stages').map((item): Stage => {
    const stage = item as Body;
    const value = parseEjson(readText(stage, 'stageValue'), 'stageValue', now());
    return { [String(stage['stageKey'])]: value };
  });
  return { data: { list: aggregateDocuments(collection, pipeline, collections).map(toEjson) } };
}

function toRange(body: Body) {
  return body['multi'] === false ? { limit: 1 } : {};
}

function isPlainId(id: unknown): boolean {
  return typeof id === 'string' || typeof id === 'number';
}
