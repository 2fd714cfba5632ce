import { type CollectionName, collections, readDocument } from '../../shared/core/collections';
import type { Collection, Database } from '../../shared/core/ports';

/**
 * A database in memory that reads by the indexes of the table of collections, as the cloud's does, and counts how many
 * documents it looks at: what no index serves shows as that.
 */

type Stored = { readonly _id: string; readonly [field: string]: string | number };
type Wanted = { readonly [field: string]: unknown };
interface Range {
  readonly above?: string | number;
  readonly atMost?: string | number;
}

export interface IndexedStore {
  readonly database: Database;
  /** Puts documents there at once. */
  fill(name: CollectionName, documents: readonly Stored[]): void;
  /** How many round trips there were, and how many documents were looked at. */
  readonly counts: { trips: number; examined: number };
}

interface Held {
  readonly documents: Map<string, Stored>;
  /** By each index: its fields, and the documents in their order. */
  readonly indexes: { readonly fields: readonly string[]; rows: Stored[] }[];
}

/** @param tripMs how long a round trip takes */
export function createIndexedStore(tripMs = 0): IndexedStore {
  const counts = { trips: 0, examined: 0 };
  const held = new Map<CollectionName, Held>();
  const open = (name: CollectionName): Held => {
    const known = held.get(name);
    if (known !== undefined) return known;
    const indexes = collections[name].indexes.map((fields) => ({ fields, rows: [] as Stored[] }));
    const fresh = { documents: new Map<string, Stored>(), indexes };
    held.set(name, fresh);
    return fresh;
  };
  const write = ({ documents, indexes }: Held, document: Stored) => {
    const before = documents.get(document._id);
    documents.set(document._id, document);
    for (const index of indexes) {
      if (before !== undefined) index.rows.splice(index.rows.indexOf(before), 1);
      index.rows.splice(placeOf(index, keyOf(index.fields, document)), 0, document);
    }
  };
  const trip = () => {
    counts.trips += 1;
    return tripMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, tripMs));
  };
  const matching = async (
    name: CollectionName,
    wanted: Wanted,
    order?: readonly [string, string],
    limit = 1e9,
  ) => {
    await trip();
    const found: Stored[] = [];
    for (const document of candidatesOf(open(name), wanted, order)) {
      counts.examined += 1;
      if (holds(document, wanted)) found.push(document);
      if (found.length === limit) break;
    }
    return found;
  };

  const collection = (name: CollectionName): Collection<Stored> => ({
    get: async (id) => (await matching(name, { _id: id }))[0],
    set: async (id, document) => {
      await trip();
      write(open(name), { ...document, _id: id });
    },
    insert: async (documents) => {
      await trip();
      for (const document of documents) {
        if (open(name).documents.has(document._id)) return false;
        write(open(name), document);
      }
      return true;
    },
    find: async (wanted, { order = [], limit = 1000 } = {}) =>
      (await matching(name, wanted as Wanted, order[0], limit)).map(
        (document) => readDocument(name, document) as unknown as Stored,
      ),
    update: async (wanted, changes) => {
      const found = await matching(name, wanted as Wanted);
      for (const document of found) write(open(name), changed(document, changes as Wanted));
      return found.length;
    },
    remove: async () => {
      throw new Error('nothing is removed here');
    },
    count: async (wanted) => (await matching(name, wanted as Wanted)).length,
  });

  return {
    database: collection as unknown as Database,
    fill(name, documents) {
      const { documents: known, indexes } = open(name);
      for (const document of documents) known.set(document._id, document);
      for (const index of indexes)
        index.rows = [...known.values()].sort((one, other) =>
          compare(keyOf(index.fields, one), keyOf(index.fields, other)),
        );
    },
    counts,
  };
}

type Key = readonly (string | number)[];

function keyOf(fields: readonly string[], document: Stored): Key {
  return fields.map((field) => document[field] ?? '');
}

function compare(one: Key, other: Key): number {
  for (const [place, value] of one.entries()) {
    const against = other[place];
    if (against === undefined) return 0;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}

/** Where in an index what is not below a key begins; behind all that bear it, with `after`. */
function placeOf({ fields, rows }: Held['indexes'][number], key: Key, after = false): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    const order = row === undefined ? 0 : compare(key, keyOf(fields, row));
    if (order > 0 || (after && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The documents that an index offers, in the order that is asked for; all of them where no index serves. */
function* candidatesOf(
  { documents, indexes }: Held,
  wanted: Wanted,
  order?: readonly [string, string],
): Generator<Stored> {
  const ids = wanted['_id'];
  if (ids !== undefined) {
    const named = typeof ids === 'string' ? [ids] : ((ids as { oneOf?: string[] }).oneOf ?? []);
    yield* named.flatMap((id) => documents.get(id) ?? []);
    return;
  }
  const isEqual = (field: string) => ['string', 'number'].includes(typeof wanted[field]);
  const usable = indexes
    .map((index) => {
      const next = index.fields.findIndex((field) => !isEqual(field));
      return { index, equal: next === -1 ? index.fields.length : next };
    })
    .filter(({ index: { fields }, equal }) => {
      const serves =
        fields[equal] !== undefined && (fields[equal] === order?.[0] || isRange(wanted[fields[equal]]));
      return order === undefined ? equal > 0 || serves : serves && fields[equal] === order[0];
    })
    .sort((one, other) => other.equal - one.equal);
  const [best] = usable;
  if (best === undefined) {
    const rows = [...documents.values()];
    yield* order === undefined ? rows : rows.sort((one, other) => sorted(one, other, order));
    return;
  }
  const { index, equal } = best;
  const prefix = index.fields.slice(0, equal).map((field) => wanted[field] as string | number);
  const field = index.fields[equal];
  const { above, atMost } = (field === undefined ? {} : isRange(wanted[field])) || ({} as Range);
  const begin = above === undefined ? placeOf(index, prefix) : placeOf(index, [...prefix, above], true);
  const end = atMost === undefined ? placeOf(index, prefix, true) : placeOf(index, [...prefix, atMost], true);
  for (let step = 0; step < end - begin; step += 1) {
    const row = index.rows[order?.[1] === 'desc' ? end - 1 - step : begin + step];
    if (row !== undefined) yield row;
  }
}

function isRange(wanted: unknown): Range | false {
  return typeof wanted === 'object' && wanted !== null && ('above' in wanted || 'atMost' in wanted)
    ? (wanted as Range)
    : false;
}

function sorted(one: Stored, other: Stored, [field, direction]: readonly [string, string]): number {
  const [a = '', b = ''] = [one[field], other[field]];
  return (a === b ? 0 : a < b ? -1 : 1) * (direction === 'asc' ? 1 : -1);
}

function holds(document: Stored, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([field, condition]) => {
    const value = document[field] ?? '';
    if (typeof condition !== 'object' || condition === null) return value === condition;
    if ('oneOf' in condition) return (condition.oneOf as unknown[]).includes(value);
    if ('contains' in condition) return String(value).includes(String(condition.contains));
    const { above, atMost } = condition as Range;
    return (above === undefined || value > above) && (atMost === undefined || value <= atMost);
  });
}

function changed(document: Stored, changes: Wanted): Stored {
  const entries = Object.entries(changes).map(([field, change]) => [
    field,
    typeof change === 'object' ? Number(document[field] ?? 0) + (change as { add: number }).add : change,
  ]);
  return { ...document, ...Object.fromEntries(entries) } as Stored;
}
