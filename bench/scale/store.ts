import type { CollectionName } from '../../shared/core/collections';
import type { Selection } from '../../shared/core/ports';

/**
 * A database in memory that answers in time a million documents' questions as the outbox asks them: by id, by lane, by
 * holder, by state, and what waits in the order in which it leaves.
 */

type Document = { readonly _id: string; [field: string]: string | number };
type Wanted = Readonly<Record<string, unknown>>;

/** The fields by whose values documents are found, the most telling first. */
const indexed = ['_id', 'lane', 'holder', 'state'] as const;

export function createStore() {
  const collections = new Map<string, ReturnType<typeof createCollection>>();
  return (name: CollectionName) => {
    const known = collections.get(name) ?? createCollection();
    collections.set(name, known);
    return known;
  };
}

function createCollection() {
  const places = Object.fromEntries(
    indexed.map((field) => [field, new Map<unknown, Set<Document>>()]),
  ) as Record<(typeof indexed)[number], Map<unknown, Set<Document>>>;
  /** All documents in the order of rank and time, which nothing changes here. */
  let inOrder: Document[] = [];

  const put = (field: (typeof indexed)[number], document: Document) => {
    const value = document[field];
    const set = places[field].get(value) ?? new Set();
    places[field].set(value, set.add(document));
  };
  const take = (field: (typeof indexed)[number], document: Document) => {
    const set = places[field].get(document[field]);
    set?.delete(document);
    if (set?.size === 0) places[field].delete(document[field]);
  };
  const candidates = function* (condition: Wanted): Generator<Document> {
    const field = indexed.find((name) => valuesOf(condition[name]) !== undefined);
    if (field === undefined) throw new Error(`nothing finds ${Object.keys(condition).join(', ')}`);
    for (const value of valuesOf(condition[field]) ?? []) yield* places[field].get(value) ?? [];
  };
  const found = (condition: Wanted) => [...candidates(condition)].filter((one) => holds(one, condition));

  return {
    insert(document: Document): boolean {
      if (places._id.has(document._id)) return false;
      for (const field of indexed) put(field, document);
      inOrder.push(document);
      return true;
    },
    find(condition: Wanted, { order = [], limit = 1000 }: Selection<Document>): readonly Document[] {
      if (order[0]?.[0] !== 'rank') return sorted(found(condition), order).slice(0, limit);
      const seen: Document[] = [];
      let decided = 0;
      for (const document of inOrder) {
        if (seen.length === limit) break;
        if (document['state'] !== 'waiting') decided += 1;
        else if (holds(document, condition)) seen.push(document);
      }
      if (decided > 10_000)
        inOrder = inOrder.filter(({ state }) => state === 'waiting' || state === 'sending');
      return seen.map((document) => ({ ...document }));
    },
    update(condition: Wanted, changes: Wanted): number {
      const matching = found(condition);
      for (const document of matching) {
        for (const [field, change] of Object.entries(changes)) {
          const place = indexed.find((name) => name === field);
          if (place !== undefined) take(place, document);
          document[field] =
            typeof change === 'object'
              ? Number(document[field]) + (change as { add: number }).add
              : (change as string | number);
          if (place !== undefined) put(place, document);
        }
      }
      return matching.length;
    },
    remove: (_condition: Wanted) => 0,
    count: (condition: Wanted) => {
      let count = 0;
      for (const document of candidates(condition)) if (holds(document, condition)) count += 1;
      return count;
    },
  };
}

/** The values that a condition names; `undefined` where it names none. */
function valuesOf(wanted: unknown): readonly unknown[] | undefined {
  if (typeof wanted === 'string' || typeof wanted === 'number') return [wanted];
  return (wanted as { readonly oneOf?: readonly unknown[] } | undefined)?.oneOf;
}

function holds(document: Document, condition: Wanted): boolean {
  for (const field in condition) {
    const wanted = condition[field];
    const value = document[field] ?? 0;
    if (typeof wanted !== 'object') {
      if (value !== wanted) return false;
      continue;
    }
    const { oneOf, noneOf, above, atMost } = wanted as {
      oneOf?: readonly unknown[];
      noneOf?: readonly unknown[];
      above?: number | string;
      atMost?: number | string;
    };
    if (oneOf?.includes(value) === false || noneOf?.includes(value) === true) return false;
    if ((above !== undefined && value <= above) || (atMost !== undefined && value > atMost)) return false;
  }
  return true;
}

function sorted(found: Document[], order: readonly (readonly [string, 'asc' | 'desc'])[]): Document[] {
  const compare = (one: Document, other: Document): number => {
    for (const [field, direction] of order) {
      const [a, b] = [one[field] ?? 0, other[field] ?? 0];
      if (a !== b) return a < b === (direction === 'asc') ? -1 : 1;
    }
    return 0;
  };
  return order.length === 0 ? found : found.sort(compare);
}
