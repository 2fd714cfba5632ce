import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type CollectionName, type DocumentOf, readDocument, sealedFields } from '../core/collections';
import {
  type Changes,
  type Collection,
  type Condition,
  type Database,
  DatabaseFailure,
  NotDone,
  stepMs,
} from '../core/ports';
import { database, type SdkObject } from './sdk';
import { within } from './within';

/** A name of fixed length that stands for any text: 32 hexadecimal digits of its SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The cloud's code for a collection that was never made. */
const noCollection = -502005;

/**
 * The cloud database, behind the one door. Collections are made on first use.
 *
 * A document is believed only where the functions wrote it: one that the platform marks as a client's (`_openid`) is
 * none, and what is sealed reads as empty without its seal.
 */
export function createCloudDatabase(secret: string): Database {
  return (name) => openCollection(name, secret);
}

function openCollection<N extends CollectionName>(name: N, secret: string): Collection<DocumentOf<N>> {
  type Document = DocumentOf<N> & { readonly _id: string };
  const opened = () => database().collection(name);
  const matching = (condition: object) => opened().where(toQuery(condition));
  /** Without what clients wrote: so many of those that they fill a read would hide the functions' own. */
  const ours = (condition: object) => matching({ ...condition, _openid: { exists: false } });
  const sealed = secret === '' ? [] : sealedFields(name);
  const [counts = ''] = sealed;
  const sealOf = (document: SdkObject, id: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([name, id, ...sealed.map((field) => document[field])]))
      .digest('base64url');
  const write = (document: object, id: string): object =>
    sealed.length === 0 ? document : { ...document, seal: sealOf(document as SdkObject, id) };
  /** A change of all that is sealed is sealed anew; of less, the seal stays as it is. */
  const rewrite = (changes: object, id: unknown): object =>
    typeof id === 'string' && sealed.every((field) => field in changes) ? write(changes, id) : changes;
  const read = (document: SdkObject, wanted?: readonly string[]) => {
    const isSealed =
      sealed.length === 0 || isSame(document['seal'], sealOf(document, String(document['_id'])));
    return readDocument(
      name,
      isSealed ? document : { ...document, [counts]: '' },
      wanted,
    ) as unknown as Document;
  };
  /** The fields to be read for some: the seal is over more than the one that counts. */
  const projected = (fields: readonly string[]) => [
    '_id',
    ...fields,
    ...(fields.includes(counts) ? [...sealed, 'seal'] : []),
  ];

  return {
    get: (id) =>
      orNone(undefined, async () => {
        const { data } = await opened().doc(id).get();
        if (data === null) return undefined;
        if (data['_openid'] === undefined) return read(data);
        // A client wrote it, by the platform's mark. Whoever put it there took a name that is ours.
        await opened().where({ _id: id, _openid: data['_openid'] }).remove();
        return undefined;
      }),

    async set(id, document) {
      await making(name, () =>
        opened()
          .doc(id)
          .set({ data: write(document, id) }),
      );
    },

    async insert(documents) {
      try {
        const data = documents.map((document) => write(document, document._id));
        await making(name, () => opened().add({ data }));
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    find: (condition, { order = [], limit = 1000, fields } = {}) =>
      orNone([], async () => {
        let query = ours(condition).limit(limit);
        for (const [field, direction] of order) query = query.orderBy(field, direction);
        if (fields !== undefined)
          query = query.field(Object.fromEntries(projected(fields).map((field) => [field, true as const])));
        const { data } = await query.get();
        return data.map((document) => read(document, fields));
      }),

    update: (condition, changes) =>
      orNone(0, async () => {
        const data = toUpdate(rewrite(changes, condition._id));
        return (await ours(condition).update({ data })).stats.updated;
      }),

    remove: (condition) => orNone(0, async () => (await matching(condition).remove()).stats.removed),

    count: (condition) => orNone(0, async () => (await ours(condition).count()).total),
  };
}

function isSame(offered: unknown, right: string): boolean {
  if (typeof offered !== 'string' || offered.length !== right.length) return false;
  return timingSafeEqual(Buffer.from(offered, 'latin1'), Buffer.from(right, 'latin1'));
}

/** Does a step; makes the collection and does it again where there was none. */
async function making<T>(name: CollectionName, step: () => Promise<T>): Promise<T> {
  try {
    return await tried(step);
  } catch (error) {
    if (errCodeOf(error) !== noCollection) throw error;
    await createCollection(name);
    return tried(step);
  }
}

/** Does a step; where there is no such collection, nothing is what it finds. */
async function orNone<T>(none: T, step: () => Promise<T>): Promise<T> {
  try {
    return await tried(step);
  } catch (error) {
    if (errCodeOf(error) === noCollection) return none;
    throw error;
  }
}

/** The cloud's codes for what may have been done: no answer, and a fault of its own. */
const unclear: readonly unknown[] = [undefined, -1, -501000, -501001, -501002, -601001, -601003, -601008];

/** Does a step in its time. What the database itself refused was not done. */
async function tried<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await within(stepMs, step());
  } catch (error) {
    const errCode = errCodeOf(error);
    if (errCode === noCollection || isDuplicate(error)) throw error;
    if (unclear.includes(errCode))
      throw new DatabaseFailure(`no answer of the database: ${String(errCode)}`, errCode);
    throw new NotDone(`the database refused: ${String(errCode)}`, errCode);
  }
}

interface Range {
  readonly above?: number | string;
  readonly atMost?: number | string;
  readonly noneOf?: readonly unknown[];
}

/** How each kind of condition is said to the cloud. */
function toQuery<D>(condition: Condition<D>): { readonly [field: string]: unknown } {
  const { command } = database();
  return Object.fromEntries(
    Object.entries(condition).map(([field, wanted]: [string, unknown]) => {
      if (typeof wanted !== 'object' || wanted === null) return [field, wanted];
      if ('oneOf' in wanted) return [field, command.in(wanted.oneOf as unknown[])];
      if ('exists' in wanted) return [field, command.exists(wanted.exists as boolean)];
      if ('contains' in wanted)
        return [field, database().RegExp({ regexp: escaped(String(wanted.contains)), options: '' })];
      const { above, atMost, noneOf } = wanted as Range;
      if (above === undefined) return [field, command.lte(atMost ?? 0)];
      const parts = [
        ...(atMost === undefined ? [] : [command.lte(atMost)]),
        ...(noneOf === undefined ? [] : [command.nin(noneOf)]),
      ];
      return [field, parts.reduce<object>((all, part) => command.and(all, part), command.gt(above))];
    }),
  );
}

/** A text as a pattern that matches it and nothing else. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function toUpdate<D>(changes: Changes<D>): { readonly [field: string]: unknown } {
  const { command } = database();
  return Object.fromEntries(
    Object.entries(changes).map(([field, change]: [string, unknown]) => [
      field,
      typeof change === 'object' ? command.inc((change as { add: number }).add) : change,
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
    if (!/exist/i.test(String((error as Error).message)))
      throw new DatabaseFailure('the collection could not be made', errCodeOf(error));
  }
}

function errCodeOf(error: unknown): unknown {
  return (error as { errCode?: unknown } | null)?.errCode;
}
