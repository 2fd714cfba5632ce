import { aggregate, find, Query } from 'mingo';
import { cloneDeep, compare } from 'mingo/util';
import type { Collection, Collections } from './collections';
import { type Document, isPlainObject, isScalar, type Key, toKey } from './documents';
import { faults } from './faults';

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
  collection: Collection,
  query: Document,
  { order, offset = 0, limit = Number.POSITIVE_INFINITY }: Range = {},
): Document[] {
  const { candidates, matches: isMatch } = findCandidates(collection, query);
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

/** Runs the stages of an aggregate; a `$lookup` may name any of the collections. */
export function aggregateDocuments(
  collection: Collection,
  stages: readonly Stage[],
  collections: Collections,
): Document[] {
  const writer = stages
    .flatMap((stage) => Object.keys(stage))
    .find((key) => key === '$out' || key === '$merge');
  if (writer !== undefined) {
    throw faults.unsupported(`the local CloudBase does not write from an aggregate: ${writer}`);
  }
  const copies = (documents: Iterable<Document>) => Array.from(documents, (document) => cloneDeep(document));
  return aggregate(copies(collection.documents.values()), [...stages], {
    ...safely,
    collectionResolver: (name) => copies(collections.get(name)?.documents.values() ?? []),
  });
}

const safely = { scriptEnabled: false } as const;

/** The documents that may match, and what tells whether one does. */
interface Candidates {
  readonly candidates: Iterable<Document>;
  readonly matches: (document: Document) => boolean;
}

/** At least the documents that match: from a Map where the query pins an `_id` or an index, else all. */
function findCandidates({ documents, lookups }: Collection, query: Document): Candidates {
  const ids = pinnedValues(query, '_id');
  if (ids !== undefined) {
    // MongoDB answers such a query in the order of its index, which is the order of the ids.
    const keys = ids.toSorted(compare).map(toKey);
    return { candidates: readKeys(documents, keys), matches: matcherOf(query, '_id', keys) };
  }
  for (const [field, lookup] of lookups) {
    const keys = pinnedValues(query, field)?.map(toKey);
    if (keys === undefined) continue;
    const found = keys.flatMap((key) => [...(lookup.get(key) ?? [])]);
    return { candidates: readKeys(documents, found), matches: matcherOf(query, field, keys) };
  }
  return { candidates: documents.values(), matches: matcherOf(query) };
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

function* readKeys(documents: ReadonlyMap<Key, Document>, keys: Iterable<Key>): Generator<Document> {
  for (const key of new Set(keys)) {
    const document = documents.get(key);
    if (document !== undefined) yield document;
  }
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
