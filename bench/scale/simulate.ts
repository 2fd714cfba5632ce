import { createHash } from 'node:crypto';
import type { CollectionName } from '../../shared/core/collections';
import type { Database, Ports } from '../../shared/core/ports';
import { parseSettings, type Settings } from '../../shared/core/settings';
import { drain, readShare, type Share } from '../../shared/functions/outbox/drain';
import { enqueue } from '../../shared/functions/outbox/outbox';
import type { CallName } from '../../shared/wechat/calls';
import { createStore } from './store';
import { createTime } from './time';

/** What the cloud is like: how long things take, in milliseconds, from the least to the most. */
export const cloud = { database: [5, 20], wechat: [50, 150], start: [300, 800] } as const;

/** How long a run of the outbox may take, how often the timer starts one, and what memory it has. */
const limitMs = 60_000;
const timerMs = 120_000;
const memoryGb = 0.25;

export interface Simulated {
  /** How many runs there were at most at a time. */
  readonly runs: number;
  readonly seconds: number;
  readonly messagesASecond: number;
  readonly databaseCalls: number;
  /** Calls of the database a second, and under way at a time, on the average. */
  readonly databaseASecond: number;
  readonly databaseAtOnce: number;
  /** What a thousand messages cost: seconds of functions times their gigabytes, and calls of functions. */
  readonly gbSeconds: number;
  readonly invocations: number;
}

/**
 * Drains an outbox in virtual time with the code that runs in the cloud: the timer starts a run every two minutes, which asks
 * for others, at most so many in all. WeChat takes whatever comes.
 */
export async function simulate(messages: number, users: number, most: number): Promise<Simulated> {
  const time = createTime(1_700_000_040_000);
  const random = createRandom();
  const store = createStore();
  let [databaseCalls, databaseMs, sent, invocations, functionMs, names] = [0, 0, 0, 0, 0, 0];
  const under = { now: 0, most: 0 };
  const takes = ([least, longest]: readonly [number, number]) => least + random() * (longest - least);
  const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

  const asked = async <T>(work: () => T): Promise<T> => {
    databaseCalls += 1;
    const ms = takes(cloud.database);
    databaseMs += ms;
    await time.wait(ms);
    return work();
  };
  const open = (name: CollectionName) => {
    const collection = store(name);
    type Query = Parameters<typeof collection.find>;
    return {
      get: (_id: string) => asked(() => collection.find({ _id }, {})[0]),
      find: (condition: Query[0], selection: Query[1] = {}) =>
        asked(() => collection.find(condition, selection)),
      update: (condition: Query[0], changes: Query[0]) => asked(() => collection.update(condition, changes)),
      remove: (condition: Query[0]) => asked(() => collection.remove(condition)),
      count: (condition: Query[0]) => asked(() => collection.count(condition)),
    };
  };
  const parsed = parseSettings({});
  if (!parsed.ok) throw new Error(parsed.message);

  const start = (share?: Share): void => {
    const startedAt = time.now();
    const ports: Ports<CallName> = {
      database: open as unknown as Database,
      settings: parsed.settings,
      digest,
      newId: () => {
        names += 1;
        return `name${names}`;
      },
      sleep: time.wait,
      every: () => () => undefined,
      clock: {
        now: () => Math.round(time.now()),
        remainingMs: () => limitMs - (time.now() - startedAt),
      },
      log: () => undefined,
      files: {
        read: () => Promise.resolve({ ok: false, errCode: -503003, errMsg: '' }),
        write: () => Promise.resolve({ ok: false, errCode: -503001, errMsg: '' }),
        remove: () => Promise.resolve(true),
      },
      async startFunction(_name, data) {
        void time
          .wait(takes(cloud.start))
          .then(() => start(readShare((data as { readonly share: string }).share)));
        await time.wait(cloud.start[0]);
      },
      wechat: {
        async call() {
          await time.wait(takes(cloud.wechat));
          sent += 1;
          return { ok: true, data: {} };
        },
      },
    };
    invocations += 1;
    under.now += 1;
    under.most = Math.max(under.most, under.now);
    void drain(ports, share, most).then(() => {
      under.now -= 1;
      functionMs += time.now() - startedAt;
    });
  };

  const outbox = store('kefu_outbox');
  await fill(messages, users, digest, time.now(), (document) => outbox.insert(document));
  const beganAt = time.now();
  while (sent < messages) {
    start();
    await time.pass(timerMs);
  }
  await time.pass();
  const seconds = (Number(lastOf(outbox.find({ state: 'sent' }, { limit: messages }))) - beganAt) / 1000;
  return {
    runs: under.most,
    seconds,
    messagesASecond: messages / seconds,
    databaseCalls: databaseCalls / messages,
    databaseASecond: databaseCalls / seconds,
    databaseAtOnce: databaseMs / 1000 / seconds,
    gbSeconds: (functionMs / 1000) * memoryGb * (1000 / messages),
    invocations: invocations * (1000 / messages),
  };
}

/** Numbers from 0 to below 1, the same ones each time. */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** When the last message was decided. */
function lastOf(sent: readonly { readonly [field: string]: string | number }[]): number {
  return sent.reduce((latest, { decidedAt }) => Math.max(latest, Number(decidedAt)), 0);
}

/** Queues as many messages of each user, as a shop does that has news for all: one after the other, through all users. */
async function fill(
  messages: number,
  users: number,
  digest: (text: string) => string,
  now: number,
  insert: (document: { readonly _id: string }) => boolean,
): Promise<void> {
  const database = (() => ({
    insert: (documents: readonly { readonly _id: string }[]) => Promise.resolve(documents.every(insert)),
  })) as unknown as Database;
  const lanes = new Map<string, string>();
  const remembered = (text: string) => {
    const known = lanes.get(text) ?? digest(text);
    if (text.startsWith('[')) lanes.set(text, known);
    return known;
  };
  const ports = {
    database,
    digest: remembered,
    clock: { now: () => now, remainingMs: () => Number.POSITIVE_INFINITY },
    log: () => undefined,
    sleep: () => Promise.resolve(),
    // Of which only this is read.
    settings: { historyDays: 0 } as Settings,
  };
  for (let first = 0; first < messages; first += 1000) {
    const batch = Array.from({ length: Math.min(1000, messages - first) }, (_, index) => ({
      id: `m${first + index}`,
      message: {
        touser: `oUser${(first + index) % users}`,
        msgtype: 'text' as const,
        text: { content: `${first + index}` },
      },
      account: 'miniprogram' as const,
      fallback: [],
      priority: 0,
      deadline: now + 86_400_000,
    }));
    await enqueue(batch, ports);
  }
}
