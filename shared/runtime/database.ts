import { createHash } from 'node:crypto';
import {
  type Changes,
  type Condition,
  type Documents,
  type Store,
  type StoredDocument,
  stepMs,
} from '../core/ports';
import { database } from './sdk';
import { within } from './within';

/** A name of fixed length that stands for any text: 32 hexadecimal digits of its SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The cloud's code for a collection that was never made. */
const noCollection = -502005;

/** Documents in the cloud database. Collections are made on first use. */
export function createCloudStore(): Store {
  const idOf = (key: readonly string[]) => digest(JSON.stringify(key));

  return {
    async get(collection, key) {
      try {
        const { data } = await within(stepMs, collectionOf(collection).doc(idOf(key)).get());
        return data === null ? undefined : (data as StoredDocument);
      } catch (error) {
        if (errCodeOf(error) === noCollection) return undefined;
        throw error;
      }
    },

    async set(collection, key, document) {
      await making(collection, () => collectionOf(collection).doc(idOf(key)).set({ data: document }));
    },

    async remove(collection, key) {
      await within(stepMs, collectionOf(collection).doc(idOf(key)).remove());
    },

    async create(collection, key, document) {
      try {
        await making(collection, () =>
          collectionOf(collection).add({ data: { _id: idOf(key), ...document } }),
        );
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    async change(collection, key, expected, changes) {
      return orNone(false, async () => {
        const matching = collectionOf(collection).where({ _id: idOf(key), ...toQuery(expected) });
        return (await matching.update({ data: toUpdate(changes) })).stats.updated > 0;
      });
    },
  };
}

/** Many documents of the cloud database at a time. */
export function createCloudDocuments(): Documents {
  const matching = (collection: string, condition: Condition) =>
    collectionOf(collection).where(toQuery(condition));

  return {
    async insert(collection, documents) {
      try {
        await making(collection, () => collectionOf(collection).add({ data: documents }));
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    find: (collection, condition, { order = [], limit = 1000, fields } = {}) =>
      orNone([], async () => {
        let query = matching(collection, condition).limit(limit);
        for (const [field, direction] of order) query = query.orderBy(field, direction);
        if (fields !== undefined)
          query = query.field(Object.fromEntries(['_id', ...fields].map((name) => [name, true as const])));
        const { data } = await query.get();
        return data as readonly StoredDocument[];
      }),

    update: (collection, condition, changes) =>
      orNone(0, async () => {
        const { stats } = await matching(collection, condition).update({ data: toUpdate(changes) });
        return stats.updated;
      }),

    remove: (collection, condition) =>
      orNone(0, async () => (await matching(collection, condition).remove()).stats.removed),

    count: (collection, condition) =>
      orNone(0, async () => (await matching(collection, condition).count()).total),
  };
}

function collectionOf(name: string) {
  return database().collection(name);
}

/** Does a step; makes the collection and does it again where there was none. */
async function making<T>(collection: string, step: () => Promise<T>): Promise<T> {
  try {
    return await within(stepMs, step());
  } catch (error) {
    if (errCodeOf(error) !== noCollection) throw error;
    await createCollection(collection);
    return within(stepMs, step());
  }
}

/** Does a step; where there is no such collection, nothing is what it finds. */
async function orNone<T>(none: T, step: () => Promise<T>): Promise<T> {
  try {
    return await within(stepMs, step());
  } catch (error) {
    if (errCodeOf(error) === noCollection) return none;
    throw error;
  }
}

function toQuery(condition: Condition): { readonly [field: string]: unknown } {
  const { command } = database();
  return Object.fromEntries(
    Object.entries(condition).map(([field, wanted]) => {
      if (typeof wanted !== 'object') return [field, wanted];
      if ('oneOf' in wanted) return [field, command.in(wanted.oneOf)];
      if (!('above' in wanted)) return [field, command.lte(wanted.atMost)];
      const above = command.gt(wanted.above);
      return [field, 'atMost' in wanted ? above.and(command.lte(wanted.atMost)) : above];
    }),
  );
}

function toUpdate(changes: Changes): { readonly [field: string]: unknown } {
  const { command } = database();
  return Object.fromEntries(
    Object.entries(changes).map(([field, change]) => [
      field,
      typeof change === 'object' ? command.inc(change.add) : change,
    ]),
  );
}

/** Whether a document of this id was there first. The cloud has no code of its own for that. */
function isDuplicate(error: unknown): boolean {
  return /E11000|duplicate/i.test(String((error as Error | null)?.message));
}

/** Makes a collection; that another instance was faster is as good. */
async function createCollection(name: string): Promise<void> {
  try {
    await within(stepMs, database().createCollection(name));
  } catch (error) {
    if (!/exist/i.test(String((error as Error).message))) throw error;
  }
}

function errCodeOf(error: unknown): unknown {
  return (error as { errCode?: unknown } | null)?.errCode;
}
