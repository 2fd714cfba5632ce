import { type CollectionName, readDocument } from '../../shared/core/collections';
import type { Selection } from '../../shared/core/ports';

/** A database in memory that keeps all it ever held: a read may be of a moment ago. Writes are of now, one document at a time. */

export type Stored = { readonly _id: string; readonly [field: string]: string | number };

interface Version {
  readonly at: number;
  readonly document: Stored | undefined;
}

type Wanted = Readonly<Record<string, unknown>>;
type Holds = (document: Stored) => boolean;

/** A document with all of its versions that can still be read, the newest last. */
interface Held {
  /** The number of documents that were there before it: what is found comes in this order. */
  readonly place: number;
  versions: readonly Version[];
}

export function createHistory() {
  const collections = new Map<string, Map<string, Held>>();
  const heldIn = (collection: string) => {
    const known = collections.get(collection) ?? new Map<string, Held>();
    collections.set(collection, known);
    return known;
  };
  const at = (versions: readonly Version[], moment: number) => {
    for (let place = versions.length - 1; place >= 0; place -= 1) {
      const version = versions[place];
      if (version !== undefined && version.at <= moment) return version.document;
    }
    return undefined;
  };
  const now = (collection: string, id: string) =>
    at(heldIn(collection).get(id)?.versions ?? [], Number.POSITIVE_INFINITY);

  const history = {
    /** The documents that a condition holds for, as they were at a moment; as they are where it is left out. */
    matching(collection: string, condition: Wanted = {}, moment = Number.POSITIVE_INFINITY): Stored[] {
      const holds = meets(condition);
      const found: Stored[] = [];
      for (const { versions } of candidates(heldIn(collection), condition)) {
        const document = at(versions, moment);
        if (document !== undefined && holds(document)) found.push(document);
      }
      return found;
    },
    write(collection: string, id: string, document: Stored | undefined, moment: number): void {
      const all = heldIn(collection);
      const held = all.get(id) ?? { place: all.size, versions: [] };
      // What nobody can read any more is forgotten.
      const oldest = held.versions.findLastIndex((version) => version.at <= moment - 10_000);
      held.versions = [...held.versions.slice(Math.max(0, oldest)), { at: moment, document }];
      all.set(id, held);
    },
    insertOne(collection: string, document: Stored, moment: number): boolean {
      if (now(collection, document._id) !== undefined) return false;
      history.write(collection, document._id, document, moment);
      return true;
    },
    updateOne(collection: string, id: string, holds: Holds, changes: Wanted, moment: number): number {
      const held = now(collection, id);
      if (held === undefined || !holds(held)) return 0;
      history.write(collection, id, changed(held, changes), moment);
      return 1;
    },
    find(name: CollectionName, condition: Wanted, selection: Selection<Wanted> | undefined, moment: number) {
      const sorted = sort(history.matching(name, condition, moment), selection?.order ?? []);
      return sorted
        .slice(0, selection?.limit ?? 1000)
        .map((document) => readDocument(name, document, selection?.fields as readonly string[] | undefined));
    },
  };
  return history;
}

/** Those documents of a collection that a condition may hold for: where it names their ids no other is looked at. */
function candidates(all: ReadonlyMap<string, Held>, { _id: wanted }: Wanted): Iterable<Held> {
  const ids = typeof wanted === 'string' ? [wanted] : (wanted as { oneOf?: string[] } | undefined)?.oneOf;
  if (ids === undefined) return all.values();
  return [...new Set(ids)].flatMap((id) => all.get(id) ?? []).sort((one, other) => one.place - other.place);
}

/** Reads a condition once, for all documents that it is asked about. */
export function meets(condition: Wanted): Holds {
  const fields = Object.keys(condition);
  const tests = Object.values(condition).map(testOf);
  return (document) => {
    for (let place = 0; place < tests.length; place += 1)
      if (tests[place]?.(document[fields[place] ?? ''] ?? '') !== true) return false;
    return true;
  };
}

function testOf(wanted: unknown): (value: string | number) => boolean {
  if (typeof wanted !== 'object' || wanted === null) return (value) => value === wanted;
  if ('oneOf' in wanted) {
    const some = new Set(wanted.oneOf as unknown[]);
    return (value) => some.has(value);
  }
  if ('contains' in wanted) {
    const part = String(wanted.contains);
    return (value) => String(value).includes(part);
  }
  const { above, atMost, noneOf } = wanted as {
    above?: number | string;
    atMost?: number | string;
    noneOf?: readonly unknown[];
  };
  return (value) =>
    (above === undefined || value > above) &&
    (atMost === undefined || value <= atMost) &&
    noneOf?.includes(value) !== true;
}

function changed(document: Stored, changes: Wanted): Stored {
  const next: Record<string, unknown> = { ...document };
  for (const [field, change] of Object.entries(changes))
    next[field] =
      typeof change === 'object' ? Number(document[field] ?? 0) + (change as { add: number }).add : change;
  return next as Stored;
}

function sort(found: Stored[], order: readonly (readonly [string, 'asc' | 'desc'])[]): Stored[] {
  return found.sort((left, right) => {
    for (const [field, direction] of order) {
      const [a, b] = [left[field] ?? '', right[field] ?? ''];
      if (a !== b) return (a < b ? -1 : 1) * (direction === 'asc' ? 1 : -1);
    }
    return 0;
  });
}
