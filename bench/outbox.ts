import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
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
  const folder = await mkdtemp(path.join(tmpdir(), 'kefu-outbox-'));
  try {
    await mkdir(path.join(folder, 'cloudfunctions'));
    const child = path.join(folder, 'outbox.js');
    await build({
      entryPoints: ['bench/children/outbox.ts'],
      outfile: child,
      bundle: true,
      platform: 'node',
      target: 'node18',
      logLevel: 'warning',
      logOverride: { 'unsupported-require-call': 'silent' },
    });
    const results = new Map<number, Measured[]>();
    for (const size of workplace.quick ? sizes.slice(0, 2) : sizes) {
      const rounds = size > 10_000 ? 1 : workplace.quick ? 1 : 3;
      for (let round = 0; round < rounds; round += 1) {
        workplace.progress(`outbox: ${size} messages, round ${round + 1} of ${rounds}`);
        results.set(size, [...(results.get(size) ?? []), await measureSize(size, folder, child, workplace)]);
      }
    }
    return sectionOf(results);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureSize(
  size: number,
  folder: string,
  child: string,
  workplace: Workplace,
): Promise<Measured> {
  const emulator = await createEmulator({ dist: folder, variables: {}, pushes: false });
  try {
    // WeChat takes everything, whatever the windows say.
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 0 }]);
    const context = JSON.stringify({
      environment: JSON.stringify({ TCB_SOURCE: 'wx_trigger' }),
      time_limit_in_ms: 900_000,
    });
    const bareArgs = ['bare', workplace.fileOf('bare SDK call'), '{}', String(size), String(sendsAtOnce)];
    const drainArgs = ['drain', workplace.fileOf('kefu-outbox'), context];
    const bare = await runChild<OutboxResult>(child, bareArgs, emulator.url);
    await fillOutbox(emulator, size, users);
    const { handle } = emulator.database;
    let trips = 0;
    Object.assign(emulator.database, {
      handle: (...args: Parameters<typeof handle>) => {
        trips += 1;
        return handle(...args);
      },
    });
    const drained = await runChild<OutboxResult>(child, drainArgs, emulator.url);
    if (drained.sent !== size) throw new Error(`${drained.sent} of ${size} messages were sent`);
    return {
      bareMs: bare.wallMs / size,
      drainMs: drained.wallMs / size,
      trips: trips / size,
      peakMb: drained.peakBytes / 2 ** 20,
      barePeakMb: bare.peakBytes / 2 ** 20,
    };
  } finally {
    await emulator.close();
  }
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

/** Runs one of the bench's programs against a local WeChat; it answers with one JSON text on descriptor 3. */
export function runChild<Result>(file: string, args: readonly string[], origin: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        TENCENTCLOUD_RUNENV: 'SCF',
        TENCENTCLOUD_REGION: 'ap-shanghai',
        TENCENTCLOUD_SECRETID: 'bench',
        TENCENTCLOUD_SECRETKEY: 'bench',
        TENCENTCLOUD_SESSIONTOKEN: 'bench',
        SCF_NAMESPACE: 'bench',
        TCB_CONTEXT_KEYS: 'TCB_ENV,TCB_SOURCE',
        TCB_ENV: 'bench',
        TCB_SOURCE: 'wx_trigger',
        WX_CONTEXT_KEYS: 'WX_API_TOKEN',
        WX_API_TOKEN: 'bench',
        TCB_CONTEXT_CNFG: JSON.stringify({ URL: `${origin}/admin` }),
      },
    });
    let text = '';
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && text !== '') resolve(JSON.parse(text) as Result);
      else reject(new Error(`the ${args[0]} run ended with ${code}`));
    });
  });
}
