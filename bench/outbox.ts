import { createHash } from 'node:crypto';
import path from 'node:path';
import { createEmulator, type Emulator } from '../emulator/emulator';
import type { Database } from '../shared/core/ports';
import type { Settings } from '../shared/core/settings';
import { enqueue } from '../shared/functions/outbox/outbox';
import { sendsAtOnce } from '../shared/functions/outbox/run';
import type { OutboxResult } from './children/outbox';
import { ratiosOf, type Section, spreadOf } from './statistics';
import type { Workplace } from './workplace';

/** How many messages are queued, to how many users. */
const sizes = [1000, 10_000, 100_000] as const;
const users = 1000;

/** With fewer messages, loading and compiling the function's database part is much of the time. */
const leastJudged = 10_000;

interface Measured {
  readonly bareMs: number;
  readonly drainMs: number;
  readonly trips: number;
  readonly peakMb: number;
  readonly barePeakMb: number;
}

/**
 * Draining the outbox against the bare SDK: the same number of messages, as many under way at a time, on the same
 * local WeChat and database, each in a process of its own.
 */
export async function measureOutbox(workplace: Workplace): Promise<Section> {
  const results = new Map<number, Measured[]>();
  for (const size of workplace.quick ? sizes.slice(0, 2) : sizes) {
    const rounds = size > 10_000 ? 1 : workplace.quick ? 1 : 3;
    for (let round = 0; round < rounds; round += 1) {
      workplace.progress(`outbox: ${size} messages, round ${round + 1} of ${rounds}`);
      results.set(size, [...(results.get(size) ?? []), await measureSize(size, workplace)]);
    }
  }
  return sectionOf(results);
}

async function measureSize(size: number, workplace: Workplace): Promise<Measured> {
  const emulator = await openWithout(workplace);
  try {
    // WeChat takes everything, whatever the windows say.
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 0 }]);
    const context = JSON.stringify({
      environment: JSON.stringify({ TCB_SOURCE: 'wx_trigger' }),
      time_limit_in_ms: 900_000,
    });
    const bareArgs = ['bare', workplace.fileOf('bare SDK call'), '{}', String(size), String(sendsAtOnce)];
    const drainArgs = ['drain', workplace.fileOf('kefu-outbox'), context];
    const { url: origin } = emulator;
    const { result: bare } = await workplace.run<OutboxResult>('outbox', bareArgs, { origin });
    await fillOutbox(emulator, size, users);
    const trips = countTrips(emulator);
    const { result: drained } = await workplace.run<OutboxResult>('outbox', drainArgs, { origin });
    if (drained.sent !== size) throw new Error(`${drained.sent} of ${size} messages were sent`);
    return {
      bareMs: bare.wallMs / size,
      drainMs: drained.wallMs / size,
      trips: trips() / size,
      peakMb: drained.peakBytes / 2 ** 20,
      barePeakMb: bare.peakBytes / 2 ** 20,
    };
  } finally {
    await emulator.close();
  }
}

/** A local WeChat without functions of its own: those that are measured run beside it. */
export function openWithout({ fileOf }: Workplace): Promise<Emulator> {
  return createEmulator({ functions: path.dirname(fileOf('empty')), variables: {}, pushes: false });
}

/** Counts the calls of a local WeChat's database from now on. */
export function countTrips({ database }: Emulator): () => number {
  let trips = 0;
  const { handle } = database;
  Object.assign(database, {
    handle: (...args: Parameters<typeof handle>) => {
      trips += 1;
      return handle(...args);
    },
  });
  return () => trips;
}

/** Queues the messages past the SDK: how they come in is not what is measured. */
export async function fillOutbox(
  emulator: Emulator,
  size: number,
  users: number,
  content = 'Hello World',
): Promise<void> {
  const { database, clock } = emulator;
  // The one of the indexes in docs/delivery.md that matters to the local database, which reads through a collection.
  database.createIndex('kefu_outbox', 'lane');
  const insert = (documents: readonly object[]) => {
    const data = documents.map((document) => JSON.stringify(document));
    database.handle('database.insertDocument', { collectionName: 'kefu_outbox', data });
    return Promise.resolve(true);
  };
  const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
  const ports = {
    // Only insert is used here.
    database: (() => ({ insert })) as unknown as Database,
    digest,
    clock: { now: clock.now, remainingMs: () => Number.POSITIVE_INFINITY },
    log: () => undefined,
    sleep: () => Promise.resolve(),
    // Of which only this is read.
    settings: { historyDays: 0 } as Settings,
  };
  const deadline = clock.now() + 86_400_000;
  for (let first = 0; first < size; first += 1000) {
    const batch = Array.from({ length: Math.min(1000, size - first) }, (_, index) => ({
      id: `message-${first + index}`,
      message: {
        touser: `oUser${(first + index) % users}`,
        msgtype: 'text' as const,
        text: { content: `${content} ${first + index}` },
      },
      account: 'miniprogram' as const,
      fallback: [],
      priority: 0,
      deadline,
    }));
    await enqueue(batch, ports);
  }
}

function sectionOf(results: ReadonlyMap<number, readonly Measured[]>): Section {
  const of = (size: number, field: keyof Measured) => (results.get(size) ?? []).map((each) => each[field]);
  const measured = [...results.keys()];
  const [smallest = 0, largest = 0] = [measured[0], measured.at(-1)];
  const flat = (name: string, field: keyof Measured, limit: number) => ({
    name: `${name}: ${largest.toLocaleString('en')} against ${smallest.toLocaleString('en')}`,
    cells: { ratio: spreadOf(of(largest, field)).median / spreadOf(of(smallest, field)).median },
    atMost: { column: 'ratio', limit },
  });
  return {
    title: 'Outbox',
    about: `Draining messages to ${users} users, against as many bare SDK calls, ${sendsAtOnce} under way at a time in both. A throughput of 0.8 is a time of 1.25.`,
    rows: [
      ...measured.map((size) => ({
        name: `${size.toLocaleString('en')} messages`,
        cells: {
          'bare ms each': spreadOf(of(size, 'bareMs')).median,
          'drain ms each': spreadOf(of(size, 'drainMs')).median,
          ratio: ratiosOf(of(size, 'drainMs'), of(size, 'bareMs')),
          'bare MB': spreadOf(of(size, 'barePeakMb')).median,
          'drain MB': spreadOf(of(size, 'peakMb')).median,
        },
        ...(size < leastJudged ? {} : { atMost: { column: 'ratio', limit: 1.25 } }),
      })),
      ...measured.map((size) => ({
        name: `database round trips a message, ${size.toLocaleString('en')}`,
        cells: { ratio: spreadOf(of(size, 'trips')).median },
        atMost: { column: 'ratio', limit: 0.3 },
      })),
      flat('memory', 'peakMb', 1.5),
      flat('time a message', 'drainMs', 1.3),
    ],
  };
}
