import { createHash } from 'node:crypto';
import type {
  Changes,
  Condition,
  Documents,
  Ports,
  Selection,
  Store,
  StoredDocument,
} from '../../../shared/core/ports';
import { parseSettings } from '../../../shared/core/settings';
import type { Message } from '../../../shared/wechat/messages/message-types';

/**
 * A world for the outbox to fail in: an atomic database in memory, a WeChat that remembers what arrived, and
 * processes that can be killed at any of their effects.
 */

/** What a call of a process meets: nothing, or one of the ways in which the world fails. */
export type Mishap =
  | { readonly kind: 'errcode'; readonly errCode: number }
  /** No answer came; whether the call was carried out is the world's secret. */
  | { readonly kind: 'silence'; readonly carriedOut: boolean }
  /** The call never left. */
  | { readonly kind: 'unreached' };

export interface Delivery {
  readonly touser: string;
  readonly text: string;
}

/** A process: it shares the world with others, and may die at one of its effects. */
export interface Process {
  readonly ports: Ports;
  /** Resolves when it dies. */
  readonly death: Promise<'killed'>;
  /** How many effects it has had. */
  readonly effects: () => number;
}

export interface ProcessOptions {
  /** The number of the effect at which it dies; none where left out. */
  readonly dieAt?: number;
  /** Whether the effect at which it dies still takes place. */
  readonly dieAfter?: boolean;
  /** How far its clock is off. */
  readonly skewMs?: number;
  /** How long it may run by its clock. */
  readonly limitMs?: number;
  readonly keep?: 'text' | 'hashes';
  /** Whether nobody else gets a turn while it works. */
  readonly swift?: boolean;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

export function createWorld(random: () => number = () => 0.5) {
  let now = 1_700_000_000_000;
  const collections = new Map<string, Map<string, StoredDocument>>();
  const delivered: Delivery[] = [];
  const calls: Delivery[] = [];
  const lines: string[] = [];
  const shut = new Map<string, number>();
  /** What the next calls to WeChat, and to the database, meet. */
  let wechatMishaps: (Mishap | undefined)[] = [];
  let databaseMishaps: ('before' | 'after' | undefined)[] = [];
  let databaseCalls = 0;
  let names = 0;

  const documentsOf = (collection: string) => {
    const known = collections.get(collection) ?? new Map<string, StoredDocument>();
    collections.set(collection, known);
    return known;
  };

  const holds = (document: StoredDocument, condition: Condition) =>
    Object.entries(condition).every(([field, wanted]) => {
      const value = document[field];
      if (typeof wanted !== 'object') return value === wanted;
      if ('oneOf' in wanted) return wanted.oneOf.includes(value ?? '');
      const number = typeof value === 'number' ? value : Number.NaN;
      return (
        (!('above' in wanted) || number > wanted.above) && (!('atMost' in wanted) || number <= wanted.atMost)
      );
    });

  const changed = (document: StoredDocument, changes: Changes): StoredDocument => ({
    ...document,
    ...Object.fromEntries(
      Object.entries(changes).map(([field, change]) => [
        field,
        typeof change === 'object' ? Number(document[field] ?? 0) + change.add : change,
      ]),
    ),
  });

  const createProcess = (options: ProcessOptions = {}): Process => {
    let effects = 0;
    let die: (word: 'killed') => void = () => undefined;
    const death = new Promise<'killed'>((resolve) => {
      die = resolve;
    });
    let dead = false;
    const forever = () => new Promise<never>(() => undefined);

    /** One effect: others may come in between, and the process may die before or after it. */
    const effect = async <T>(work: () => T): Promise<T> => {
      const turns = options.swift === true ? 0 : 1 + Math.floor(random() * 3);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (dead) return forever();
      effects += 1;
      const dying = effects === options.dieAt;
      if (dying && options.dieAfter !== true) {
        dead = true;
        die('killed');
        return forever();
      }
      const result = work();
      if (dying) {
        dead = true;
        die('killed');
        return forever();
      }
      if (options.swift !== true) await new Promise((resolve) => setImmediate(resolve));
      return dead ? forever() : result;
    };

    const database = <T>(work: () => T): Promise<T> =>
      effect(() => {
        databaseCalls += 1;
        const mishap = databaseMishaps.shift();
        if (mishap === 'before') throw new Error('the database is out of reach');
        const result = work();
        if (mishap === 'after') throw new Error('the database did not answer');
        return result;
      });

    const update = (collection: string, condition: Condition, changes: Changes) => {
      let count = 0;
      for (const [id, document] of documentsOf(collection)) {
        if (!holds(document, condition)) continue;
        documentsOf(collection).set(id, changed(document, changes));
        count += 1;
      }
      return count;
    };

    const idOf = (key: readonly string[]) => digest(JSON.stringify(key));
    const insertOne = (collection: string, id: string, document: StoredDocument) => {
      if (documentsOf(collection).has(id)) return false;
      documentsOf(collection).set(id, { ...document, _id: id });
      return true;
    };

    const store: Store = {
      get: (collection, key) => database(() => documentsOf(collection).get(idOf(key))),
      set: (collection, key, document) =>
        database(() => void documentsOf(collection).set(idOf(key), { ...document, _id: idOf(key) })),
      remove: (collection, key) => database(() => void documentsOf(collection).delete(idOf(key))),
      create: (collection, key, document) => database(() => insertOne(collection, idOf(key), document)),
      change: (collection, key, expected, changes) =>
        database(() => update(collection, { ...expected, _id: idOf(key) }, changes) > 0),
    };

    const documents: Documents = {
      insert: (collection, batch) =>
        database(() => batch.every((document) => insertOne(collection, document._id, document))),
      find: (collection, condition, selection = {}) =>
        database(() => {
          const found = [...documentsOf(collection).values()].filter((document) =>
            holds(document, condition),
          );
          return sorted(found, selection).slice(0, selection.limit ?? 1000);
        }),
      update: async (collection, condition, changes) => {
        // Many documents are not changed in one step: others may come in between any two of them.
        const ids = [...documentsOf(collection)].flatMap(([id, document]) =>
          holds(document, condition) ? [id] : [],
        );
        if (ids.length < 2) return database(() => update(collection, condition, changes));
        const half = Math.floor(ids.length * random());
        const first = await database(() =>
          ids
            .slice(0, half)
            .reduce((count, _id) => count + update(collection, { ...condition, _id }, changes), 0),
        );
        await new Promise((resolve) => setImmediate(resolve));
        return (
          first +
          ids
            .slice(half)
            .reduce((count, _id) => count + update(collection, { ...condition, _id }, changes), 0)
        );
      },
      remove: (collection, condition) =>
        database(() => {
          const before = documentsOf(collection).size;
          for (const [id, document] of documentsOf(collection))
            if (holds(document, condition)) documentsOf(collection).delete(id);
          return before - documentsOf(collection).size;
        }),
      count: (collection, condition) =>
        database(
          () => [...documentsOf(collection).values()].filter((document) => holds(document, condition)).length,
        ),
    };

    const startedAt = now;
    const skewMs = options.skewMs ?? 0;
    const parsed = parseSettings({ OFFICIAL_APPID: 'wx1', KEFU_OUTBOX_KEEP: options.keep ?? 'text' });
    if (!parsed.ok) throw new Error(parsed.message);
    const ports: Ports = {
      store,
      documents,
      settings: parsed.settings,
      digest,
      newId: () => {
        names += 1;
        return `name${names}`;
      },
      sleep: async (ms) => {
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
        if (dead) await forever();
      },
      clock: {
        now: () => now + skewMs,
        remainingMs: () => (options.limitMs ?? Number.POSITIVE_INFINITY) - (now - startedAt),
      },
      log: (line) => void lines.push(JSON.stringify(line)),
      files: {
        read: () => Promise.resolve({ ok: false, errCode: -503003, errMsg: 'no such file' }),
        write: () => Promise.resolve({ ok: false, errCode: -503001, errMsg: 'no storage' }),
      },
      wechat: {
        call: (_name, payload) =>
          effect(() => {
            const message = payload as Message;
            const delivery = {
              touser: message.touser,
              text: message.msgtype === 'text' ? message.text.content : '',
            };
            const mishap = wechatMishaps.shift();
            calls.push(delivery);
            if (mishap?.kind === 'errcode') return { ok: false, errCode: mishap.errCode, errMsg: 'refused' };
            if (mishap?.kind === 'unreached')
              return { ok: false, errCode: -501001, errMsg: 'never left', outcome: 'none' };
            const refused = shut.get(message.touser);
            if (refused !== undefined && mishap === undefined)
              return { ok: false, errCode: refused, errMsg: 'out of window' };
            if (mishap?.carriedOut !== false) delivered.push(delivery);
            return mishap === undefined
              ? { ok: true, data: {} }
              : { ok: false, errCode: -501001, errMsg: 'no answer', outcome: 'unknown' };
          }),
      },
    };
    return { ports, death, effects: () => effects };
  };

  return {
    delivered,
    calls,
    lines,
    createProcess,
    documents: (collection: string) => [...documentsOf(collection).values()],
    put(collection: string, document: StoredDocument & { readonly _id: string }) {
      documentsOf(collection).set(document._id, document);
    },
    get databaseCalls() {
      return databaseCalls;
    },
    advance(ms: number) {
      now += ms;
    },
    now: () => now,
    /** Shuts a user's window with 45015 or 45047; opens it where left out. */
    shut(touser: string, errCode?: 45015 | 45047) {
      if (errCode === undefined) shut.delete(touser);
      else shut.set(touser, errCode);
    },
    meet(mishaps: { wechat?: (Mishap | undefined)[]; database?: ('before' | 'after' | undefined)[] }) {
      wechatMishaps = [...(mishaps.wechat ?? [])];
      databaseMishaps = [...(mishaps.database ?? [])];
    },
  };
}

export type OutboxWorld = ReturnType<typeof createWorld>;

function sorted(found: StoredDocument[], { order = [] }: Selection): StoredDocument[] {
  return found.sort((left, right) => {
    for (const [field, direction] of order) {
      const [a, b] = [left[field] ?? '', right[field] ?? ''];
      if (a !== b) return (a < b ? -1 : 1) * (direction === 'asc' ? 1 : -1);
    }
    return 0;
  });
}

/** A text message. */
export function textTo(touser: string, content: string): Message {
  return { touser, msgtype: 'text', text: { content } };
}
