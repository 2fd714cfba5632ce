import { aggregate, find, Query } from 'mingo';
import { cloneDeep, compare } from 'mingo/util';
import type { Collection } from './collections';
import { type Document, isPlainObject, isScalar, type Key, toKey } from './documents';
import { faults } from './faults';
import type { Session } from './session';

/** Which of the documents that match, and in which order. */
export interface Range {
  readonly order?: Document | undefined;
  readonly offset?: number;
  readonly limit?: number;
}

/** One stage of an aggregate, as `{$match: …}`. */
export type Stage = Readonly<Record<string, unknown>>;

/** The documents a query matches. They are the store's own: read them, or clone them, but never change them. */
export function findDocuments(
  session: Session,
  collection: Collection,
  query: Document,
  { order, offset = 0, limit = Number.POSITIVE_INFINITY }: Range = {},
): Document[] {
  const { candidates, matches: isMatch } = findCandidates(session, collection, query);
  // Without an order the first ones found are the answer, so the search may stop there.
  const enough = order === undefined ? offset + limit : Number.POSITIVE_INFINITY;
  const matches: Document[] = [];
  for (const document of candidates) {
    if (matches.length >= enough) break;
    if (isMatch(document)) matches.push(document);
  }
  const ordered =
    order === undefined
      ? matches
      : find<Document>(matches, {})
          .sort(order as Record<string, 1 | -1>)
          .all();
  return ordered.slice(offset, offset + limit);
}

/** The documents with only the fields that a projection lets through. */
export function projectDocuments(documents: readonly Document[], projection: Document): Document[] {
  const wanted = pickedFields(projection);
  if (wanted !== undefined) return documents.map((document) => pick(document, wanted));
  // mingo takes fields out of nested objects in place, so it gets copies.
  const copies = documents.map((document) => cloneDeep(document));
  const projected = find<Document>(copies, {}, projection).all();
  // As in MongoDB a $slice by itself shortens its field and leaves the other fields alone.
  const onlySlices = Object.values(projection).every((value) => isPlainObject(value) && '$slice' in value);
  return onlySlices ? projected.map((document, i) => ({ ...documents[i], ...document })) : projected;
}

/** The fields of a projection that only says which to return, and undefined of any other. */
function pickedFields(projection: Document): readonly string[] | undefined {
  const fields = Object.keys(projection);
  const isPlain =
    fields.length > 0 && fields.every((field) => !/[.$]/.test(field) && projection[field] === 1);
  return isPlain ? [...new Set(['_id', ...fields])] : undefined;
}

function pick(document: Document, fields: readonly string[]): Document {
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(document, field)).map((field) => [field, document[field]]),
  );
}

/** Runs the stages of an aggregate; `resolve` finds the documents of the collection that a `$lookup` names. */
export function aggregateDocuments(
  session: Session,
  collection: Collection,
  stages: readonly Stage[],
  resolve: (name: string) => Iterable<Document>,
): Document[] {
  const writer = stages
    .flatMap((stage) => Object.keys(stage))
    .find((key) => key === '$out' || key === '$merge');
  if (writer !== undefined) {
    throw faults.unsupported(`the local CloudBase does not write from an aggregate: ${writer}`);
  }
  // A first $match is an ordinary query, which an index may answer and which copies nothing it does not return.
  const first = stages[0]?.['$match'];
  const isMatch = isPlainObject(first);
  const documents = findDocuments(session, collection, isMatch ? first : {});
  const copies = documents.map((document) => cloneDeep(document));
  return aggregate(copies, isMatch ? stages.slice(1) : [...stages], {
    ...safely,
    collectionResolver: (name) => Array.from(resolve(name), (document) => cloneDeep(document)),
  });
}

const safely = { scriptEnabled: false } as const;

/** The documents that may match, and what tells whether one does. */
interface Candidates {
  readonly candidates: Iterable<Document>;
  readonly matches: (document: Document) => boolean;
}

/** At least the documents that match: from a Map where the query pins an `_id` or an index, else all. */
function findCandidates(session: Session, collection: Collection, query: Document): Candidates {
  const ids = pinnedValues(query, '_id');
  if (ids !== undefined) {
    // MongoDB answers such a query in the order of its index, which is the order of the ids.
    const keys = ids.toSorted(compare).map(toKey);
    return { candidates: readKeys(session, collection, keys), matches: matcherOf(query, '_id', keys) };
  }
  for (const index of collection.indexes) {
    const entries = pinnedEntries(query, index.fields);
    if (entries === undefined) continue;
    const keys = session.findKeys(collection, index, entries);
    return { candidates: readKeys(session, collection, keys), matches: matcherOf(query) };
  }
  for (const field of collection.lookups.keys()) {
    const keys = pinnedValues(query, field)?.map(toKey);
    if (keys === undefined) continue;
    const found = session.lookUp(collection, field, keys);
    return { candidates: readKeys(session, collection, found), matches: matcherOf(query, field, keys) };
  }
  return { candidates: session.readAll(collection), matches: matcherOf(query) };
}

/**
 * What tells whether a document matches. Where the query asks a field for one of these values and no more, the values
 * are looked up, for mingo compares each document with each of them.
 */
function matcherOf(query: Document, field = '', keys: readonly Key[] = []): Candidates['matches'] {
  const whole = new Query(query, safely);
  const { [field]: condition, ...others } = query;
  const asksNoMore =
    condition !== undefined && (!isPlainObject(condition) || Object.keys(condition).length === 1);
  if (!asksNoMore || field.includes('.')) return (document) => whole.test(document);
  const wanted = new Set(keys);
  const rest = new Query(others, safely);
  return (document) => {
    const value = document[field] ?? null;
    return isScalar(value) ? wanted.has(toKey(value)) && rest.test(document) : whole.test(document);
  };
}

function* readKeys(session: Session, collection: Collection, keys: Iterable<Key>): Generator<Document> {
  for (const key of new Set(keys)) {
    const document = session.read(collection, key);
    if (document !== undefined) yield document;
  }
}

/** The index entries a query asks for, when it asks for no others. */
function pinnedEntries(query: Document, fields: readonly string[]): Key[] | undefined {
  const values = fields.map((field) => pinnedValues(query, field));
  if (fields.length === 1) return values[0]?.map(toKey);
  const tuple = values.map((each) => (each?.length === 1 ? each[0] : undefined));
  return tuple.includes(undefined) ? undefined : [toKey(tuple)];
}

/** The values one of which a field must equal, when the query says so and a Map can tell them apart. */
function pinnedValues(query: Document, field: string): unknown[] | undefined {
  const values = [query, ...toParts(query['$and'])]
    .map((part) => equalValues(part[field]))
    .find((each) => each !== undefined);
  return values?.every(isScalar) ? values : undefined;
}

function toParts(value: unknown): Document[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : [];
}

function equalValues(condition: unknown): unknown[] | undefined {
  if (condition === undefined) return undefined;
  if (!isPlainObject(condition)) return [condition];
  if ('$eq' in condition) return [condition['$eq']];
  return Array.isArray(condition['$in']) ? condition['$in'] : undefined;
}
