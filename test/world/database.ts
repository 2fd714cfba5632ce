import { type CollectionName, readDocument } from '../../shared/core/collections';
import type { Selection } from '../../shared/core/ports';

/** A database in memory that keeps all it ever held: a read may be of a moment ago. Writes are of now, one document at a time. */

export type Stored = { readonly _id: string; readonly [field: string]: string | number };

interface Version {
  readonly at: number;
  readonly document: Stored | undefined;
}

type Wanted = Readonly<Record<string, unknown>>;

export function createHistory() {
  const collections = new Map<string, Map<string, Version[]>>();
  const versionsIn = (collection: string) => {
    const known = collections.get(collection) ?? new Map<string, Version[]>();
    collections.set(collection, known);
    return known;
  };
  const at = (versions: readonly Version[], moment: number) =>
    versions.findLast((version) => version.at <= moment)?.document;

  const history = {
    /** All documents as they were at a moment; as they are where it is left out. */
    documents(collection: string, moment = Number.POSITIVE_INFINITY): Stored[] {
      return [...versionsIn(collection).values()].flatMap((versions) => at(versions, moment) ?? []);
    },
    write(collection: string, id: string, document: Stored | undefined, moment: number): void {
      const versions = versionsIn(collection).get(id) ?? [];
      // What nobody can read any more is forgotten.
      const oldest = versions.findLastIndex((version) => version.at <= moment - 10_000);
      const recent = versions.slice(Math.max(0, oldest));
      versionsIn(collection).set(id, [...recent, { at: moment, document }]);
    },
    insertOne(collection: string, document: Stored, moment: number): boolean {
      const held = at(versionsIn(collection).get(document._id) ?? [], Number.POSITIVE_INFINITY);
      if (held !== undefined) return false;
      history.write(collection, document._id, document, moment);
      return true;
    },
    /** The ids of what a condition holds for now. */
    matching: (collection: string, condition: Wanted) =>
      history.documents(collection).filter((document) => holds(document, condition)),
    updateOne(collection: string, id: string, condition: Wanted, changes: Wanted, moment: number): number {
      const held = at(versionsIn(collection).get(id) ?? [], Number.POSITIVE_INFINITY);
      if (held === undefined || !holds(held, condition)) return 0;
      history.write(collection, id, changed(held, changes), moment);
      return 1;
    },
    find(name: CollectionName, condition: Wanted, selection: Selection<Wanted> | undefined, moment: number) {
      const found = history.documents(name, moment).filter((document) => holds(document, condition));
      const sorted = sort(found, selection?.order ?? []);
      return sorted
        .slice(0, selection?.limit ?? 1000)
        .map((document) => readDocument(name, document, selection?.fields as readonly string[] | undefined));
    },
  };
  return history;
}

function holds(document: Stored, condition: Wanted): boolean {
  return Object.entries(condition).every(([field, wanted]) => {
    const value = document[field] ?? '';
    if (typeof wanted !== 'object' || wanted === null) return value === wanted;
    if ('oneOf' in wanted) return (wanted.oneOf as unknown[]).includes(value);
    if ('contains' in wanted) return String(value).includes(String(wanted.contains));
    const { above, atMost, noneOf } = wanted as {
      above?: number | string;
      atMost?: number | string;
      noneOf?: readonly unknown[];
    };
    return (
      (above === undefined || value > above) &&
      (atMost === undefined || value <= atMost) &&
      noneOf?.includes(value) !== true
    );
  });
}

function changed(document: Stored, changes: Wanted): Stored {
  const entries = Object.entries(changes).map(([field, change]) => [
    field,
    typeof change === 'object' ? Number(document[field] ?? 0) + (change as { add: number }).add : change,
  ]);
  return { ...document, ...Object.fromEntries(entries) } as Stored;
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
