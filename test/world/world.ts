import { createHash } from 'node:crypto';
import type { CollectionName, DocumentOf } from '../../shared/core/collections';
import type { Collection, Database, Ports, Selection, WeChatReply } from '../../shared/core/ports';
import { parseSettings } from '../../shared/core/settings';
import type { CallName } from '../../shared/wechat/calls';
import type { Message } from '../../shared/wechat/messages/message-types';
import { createHistory, meets, type Stored } from './database';
import { createTime, randomOf } from './time';

/**
 * A world for functions to fail in: virtual time, a database whose reads lag and whose writes may be lost, applied late
 * or in part, a WeChat that remembers what arrived, and processes that can be killed and frozen at any of their effects.
 */

/** What a call to WeChat meets: nothing, or one of the ways in which it fails. */
export type Mishap =
  | { readonly kind: 'errcode'; readonly errCode: number }
  /** No answer came; whether the call was carried out is the world's secret. */
  | { readonly kind: 'silence'; readonly carriedOut: boolean }
  /** The call never left. */
  | { readonly kind: 'unreached' };

/** What a call of the database meets. `late` is carried out seconds after its connection was cut, `part` in part. */
export type DatabaseMishap = 'before' | 'after' | 'late' | 'part';

export interface Delivery {
  readonly touser: string;
  readonly text: string;
  readonly at: number;
}

export interface ProcessOptions {
  /** The number of the effect at which it dies; none where left out. */
  readonly dieAt?: number;
  /** Whether the effect at which it dies still takes place. */
  readonly dieAfter?: boolean;
  /** The number of the effect after which it is frozen, and for how long. */
  readonly freezeAt?: number;
  readonly freezeMs?: number;
  /** How far its clock is off. */
  readonly skewMs?: number;
  /** By how much its clock jumps, at its tenth effect. */
  readonly jumpMs?: number;
  /** How long it may run by its clock. */
  readonly limitMs?: number;
  readonly keep?: 'text' | 'hashes';
  /** Whether conversations are kept, for the desk of these people. Default: not. */
  readonly desk?: readonly string[];
}

/** A process: it shares the world with others. */
export interface Process {
  readonly ports: Ports<CallName>;
  /** How many effects it has had. */
  readonly effects: () => number;
  /** Resolves when it dies. */
  readonly death: Promise<'killed'>;
  readonly kill: () => void;
}

export interface WorldOptions {
  readonly seed?: number;
  /** How old reads may be. */
  readonly lagMs?: number;
  /** How long a call of the database, and of WeChat, takes. */
  readonly databaseMs?: number;
  readonly wechatMs?: number;
}

export const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

const forever = () => new Promise<never>(() => undefined);

export function createWorld({ seed = 1, lagMs = 0, databaseMs = 10, wechatMs = 60 }: WorldOptions = {}) {
  const time = createTime();
  const random = randomOf(seed);
  const history = createHistory();
  const delivered: Delivery[] = [];
  const calls: { readonly name: CallName; readonly payload: object }[] = [];
  const lines: string[] = [];
  const started: { readonly name: string; readonly data: object }[] = [];
  const shut = new Map<string, number>();
  let wechatMishaps: (Mishap | undefined)[] = [];
  let databaseMishaps: (DatabaseMishap | undefined)[] = [];
  let databaseCalls = 0;
  let names = 0;
  const counts = { kills: 0, freezes: 0 };

  const createProcess = (options: ProcessOptions = {}): Process => {
    const startedAt = time.now();
    let effects = 0;
    let dead = false;
    let frozenUntil = 0;
    let die: (word: 'killed') => void = () => undefined;
    const death = new Promise<'killed'>((resolve) => {
      die = resolve;
    });
    const kill = () => {
      if (!dead) counts.kills += 1;
      dead = true;
      die('killed');
      return forever();
    };

    /** What a process does after its effect: nothing where it died, and later where it is frozen. */
    const back = async <T>(result: T): Promise<T> => {
      while (!dead && time.now() < frozenUntil) await time.wait(frozenUntil - time.now());
      return dead ? forever() : result;
    };

    /** One effect that takes its time: others come in between, and the process may die or freeze around it. */
    const effect = async <T>(usualMs: number, work: () => T | Promise<T>): Promise<T> => {
      await back(undefined);
      effects += 1;
      const place = effects;
      if (place === options.dieAt && options.dieAfter !== true) return kill();
      const takesMs = usualMs * (0.5 + random());
      await time.wait(takesMs / 2);
      const result = Promise.resolve().then(work);
      result.catch(() => undefined);
      if (place === options.dieAt) return result.then(kill, kill);
      if (place === options.freezeAt && options.freezeMs !== undefined) {
        frozenUntil = time.now() + options.freezeMs;
        if (options.freezeMs > 0) counts.freezes += 1;
      }
      await time.wait(takesMs / 2);
      await back(undefined);
      return result;
    };

    /** A call of the database: `parts` are carried out one after the other, and may be so in part. */
    const database = <T>(parts: readonly (() => T)[], join: (results: readonly T[]) => T): Promise<T> =>
      effect(databaseMs, async () => {
        databaseCalls += 1;
        const mishap = databaseMishaps.shift();
        if (mishap === 'before') throw new Error('the database is out of reach');
        if (mishap === 'late') {
          void time.wait(1000 + random() * 4000).then(() => {
            for (const part of parts) part();
          });
          throw new Error('the connection was cut');
        }
        const done = mishap === 'part' ? parts.slice(0, Math.ceil(parts.length / 2)) : parts;
        const results: T[] = [];
        for (const [place, part] of done.entries()) {
          // Many documents are not changed in one step: others may come in between any two of them.
          if (place > 0 && place % 8 === 0) await time.wait(1);
          results.push(part());
        }
        if (mishap !== undefined) throw new Error('the database did not answer');
        return join(results);
      });

    const readAt = () => time.now() - lagMs * random();
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    const open = <N extends CollectionName>(name: N): Collection<DocumentOf<N>> => {
      type Document = DocumentOf<N> & { readonly _id: string };
      const read = <T>(work: (moment: number) => T) =>
        database([() => work(readAt())], ([first]) => first as T);
      const each = (condition: object, work: (id: string) => number) =>
        history.matching(name, condition as Stored).map(
          ({ _id }) =>
            () =>
              work(_id),
        );
      return {
        get: (id) =>
          read((moment) => history.find(name, { _id: id }, undefined, moment)[0] as Document | undefined),
        find: (condition, selection) =>
          read(
            (moment) =>
              history.find(name, condition, selection as Selection<object> | undefined, moment) as never,
          ),
        count: (condition) => read((moment) => history.find(name, condition, { limit: 1e9 }, moment).length),
        set: async (id, document) => {
          const whole = { ...document, _id: id } as unknown as Stored;
          await database([() => history.write(name, id, whole, time.now())], () => undefined);
        },
        insert: async (documents) => {
          let failed = false;
          const parts = documents.map((document) => () => {
            failed ||= !history.insertOne(name, document as unknown as Stored, time.now());
            return failed ? 0 : 1;
          });
          return (await database(parts, sum)) === documents.length;
        },
        update: async (condition, changes) => {
          const holds = meets(condition as unknown as Stored);
          const work = (id: string) =>
            history.updateOne(name, id, holds, changes as unknown as Stored, time.now());
          return database(each(condition, work), sum);
        },
        remove: async (condition) => {
          const work = (id: string) => {
            history.write(name, id, undefined, time.now());
            return 1;
          };
          return database(each(condition, work), sum);
        },
      };
    };

    const arrive = (name: CallName, payload: object): WeChatReply => {
      const { touser, msgtype, text } = payload as Extract<Message, { msgtype: 'text' }>;
      const mishap = wechatMishaps.shift();
      calls.push({ name, payload });
      if (mishap?.kind === 'errcode') return { ok: false, errCode: mishap.errCode, errMsg: 'refused' };
      if (mishap?.kind === 'unreached')
        return { ok: false, errCode: -501001, errMsg: 'never left', outcome: 'none' };
      const refused = shut.get(touser);
      if (refused !== undefined && mishap === undefined)
        return { ok: false, errCode: refused, errMsg: 'out of window' };
      const isMessage = name === 'sendCustomMessage';
      if (isMessage && mishap?.carriedOut !== false)
        delivered.push({ touser, text: msgtype === 'text' ? text.content : '', at: time.now() });
      return mishap === undefined
        ? { ok: true, data: {} }
        : { ok: false, errCode: -501001, errMsg: 'no answer', outcome: 'unknown' };
    };

    const { desk, keep = 'text' } = options;
    const parsed = parseSettings({
      OFFICIAL_APPID: 'wx1',
      KEFU_OUTBOX_KEEP: keep,
      ...(desk === undefined ? {} : { KEFU_HISTORY_DAYS: '30', KEFU_OPERATORS: desk.join() }),
    });
    if (!parsed.ok) throw new Error(parsed.message);
    const jumpedMs = () => (effects >= 10 ? (options.jumpMs ?? 0) : 0);
    const ports: Ports<CallName> = {
      database: open as Database,
      settings: parsed.settings,
      digest,
      newId: () => {
        names += 1;
        return `name${names}`;
      },
      sleep: async (ms) => {
        await time.wait(ms);
        await back(undefined);
      },
      every(ms, work) {
        let stopped = false;
        const run = async () => {
          for (;;) {
            await time.wait(ms);
            await back(undefined);
            if (stopped) return;
            work();
          }
        };
        void run();
        return () => {
          stopped = true;
        };
      },
      clock: {
        now: () => Math.round(time.now() + (options.skewMs ?? 0) + jumpedMs()),
        remainingMs: () => (options.limitMs ?? Number.POSITIVE_INFINITY) - (time.now() - startedAt),
      },
      log: (line) => void lines.push(JSON.stringify(line)),
      files: {
        read: () => Promise.resolve({ ok: false, errCode: -503003, errMsg: 'no such file' }),
        write: () => Promise.resolve({ ok: false, errCode: -503001, errMsg: 'no storage' }),
        remove: () => Promise.resolve(true),
      },
      startFunction: (name, data) => effect(5, () => void started.push({ name, data })),
      wechat: { call: (name, payload) => effect(wechatMs, () => arrive(name, payload)) },
    };
    return { ports, effects: () => effects, death, kill: () => void kill() };
  };

  return {
    time,
    random,
    delivered,
    calls,
    started,
    lines,
    /** How many processes were killed and frozen. */
    counts,
    createProcess,
    documents: (collection: CollectionName) => history.matching(collection),
    put(collection: CollectionName, document: Stored) {
      history.write(collection, document._id, document, time.now());
    },
    get databaseCalls() {
      return databaseCalls;
    },
    /** Shuts a user's window with 45015 or 45047; opens it where left out. */
    shut(touser: string, errCode?: 45015 | 45047) {
      if (errCode === undefined) shut.delete(touser);
      else shut.set(touser, errCode);
    },
    meet(mishaps: { wechat?: (Mishap | undefined)[]; database?: (DatabaseMishap | undefined)[] }) {
      wechatMishaps = [...(mishaps.wechat ?? [])];
      databaseMishaps = [...(mishaps.database ?? [])];
    },
    /** Runs a process's work to its end: what it came to, or that it was killed or failed. */
    async run<T>(
      work: (ports: Ports<CallName>) => Promise<T>,
      options: ProcessOptions = {},
    ): Promise<T | 'killed' | 'failed'> {
      const process = createProcess(options);
      const limit = options.limitMs;
      // The platform ends what goes on for too long.
      let ended = false;
      if (limit !== undefined) void time.wait(limit).then(() => (ended ? undefined : process.kill()));
      const done = work(process.ports).catch(() => 'failed' as const);
      return Promise.race([done, process.death]).finally(() => {
        ended = true;
      });
    },
  };
}

export type World = ReturnType<typeof createWorld>;

/** A text message. */
export function textTo(touser: string, content: string): Message {
  return { touser, msgtype: 'text', text: { content } };
}
