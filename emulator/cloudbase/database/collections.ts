import { resolve } from 'mingo/util';
import { type Document, type Key, toKey } from './documents';

/** A collection: its documents by the key of their `_id`, in the order they came. A document is replaced, never changed. */
export interface Collection {
  readonly name: string;
  readonly documents: Map<Key, Document>;
  /** Indexes for speed: by field, which documents hold each value. */
  readonly lookups: Map<string, Map<Key, Set<Key>>>;
  /** In a transaction's own copy: what each document that it wrote was when it started. */
  readonly before?: Map<Key, Document | undefined>;
}

export type Collections = Map<string, Collection>;

/** Makes an empty collection. */
export function createCollection(name: string): Collection {
  return { name, documents: new Map(), lookups: new Map() };
}

/** The collections as they are now, for a transaction to read and write. */
export function copyCollections(collections: Collections): Collections {
  return new Map(
    Array.from(collections, ([name, { documents }]) => [
      name,
      { name, documents: new Map(documents), lookups: new Map(), before: new Map() },
    ]),
  );
}

/** Adds an index over one field that makes its queries fast and refuses nothing. */
export function addLookup({ documents, lookups }: Collection, field: string): void {
  const lookup = new Map<Key, Set<Key>>();
  for (const [key, document] of documents) enter(lookup, field, key, document);
  lookups.set(field, lookup);
}

/** Puts a document in its place, or with `undefined` takes it away. */
export function write(collection: Collection, key: Key, document: Document | undefined): void {
  const { documents, lookups, before } = collection;
  const old = documents.get(key);
  if (before !== undefined && !before.has(key)) before.set(key, old);
  for (const [field, lookup] of lookups) {
    if (old !== undefined) for (const value of valuesOf(old, field)) lookup.get(value)?.delete(key);
    if (document !== undefined) enter(lookup, field, key, document);
  }
  if (document === undefined) documents.delete(key);
  else documents.set(key, document);
}

function enter(lookup: Map<Key, Set<Key>>, field: string, key: Key, document: Document): void {
  for (const value of valuesOf(document, field)) {
    const keys = lookup.get(value) ?? new Set();
    lookup.set(value, keys.add(key));
  }
}

/** What a document is found by in an index over a field: its value, or where that is an array each element. */
function valuesOf(document: Document, field: string): Set<Key> {
  // MongoDB indexes a missing field as null.
  const value = resolve(document, field) ?? null;
  return new Set((Array.isArray(value) && value.length > 0 ? value : [value]).map(toKey));
}
