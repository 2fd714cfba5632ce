import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createEmulator, type Emulator } from '../../emulator/emulator';
import { depth } from '../depth';
import { until } from '../until';
import { countTrips } from './counting';

/** The outbox at work: many messages, many at once, killed again and again. Real SDK, built functions. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ maxInstances: 30 });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  // Success whatever WeChat's windows say: there are more messages than a window has.
  emulator.faults.put([lenient]);
});

const lenient = { api: 'customerServiceMessage.send', errcode: 0 };
const timer = { Type: 'Timer', TriggerName: 'every-minute', Time: '', Message: '' };
const minute = 60_000;

type Result = Record<string, unknown>;

async function call(name: string, data: object, source: string): Promise<Result | 'killed'> {
  const invoked = await emulator.call({ name, data, source });
  return invoked.ok ? (invoked.result as Result) : 'killed';
}
const drain = () => call('kefu-outbox', timer, 'wx_trigger');

/** A drain that waits over what a killed one left: the local WeChat's time is moved until it ends. */
async function drainAfterKill() {
  let ended = false;
  const draining = drain().finally(() => {
    ended = true;
  });
  while (!ended) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    emulator.clock.advance(5000);
  }
  return draining;
}

const userOf = (user: number) => `oStorm${user}`;
const textOf = (user: number, row: number) => `${user}.${row}`;

/** Queues messages to users in turn, a hundred a call; `from` is the row to begin with. */
async function fill(users: number, each: number, from = 0): Promise<string[]> {
  const all = Array.from({ length: users * each }, (_, index) => ({
    user: index % users,
    row: from + Math.floor(index / users),
  }));
  const calls = Array.from({ length: Math.ceil(all.length / 100) }, (_, index) =>
    all.slice(index * 100, (index + 1) * 100).map(({ user, row }) => ({
      touser: userOf(user),
      msgtype: 'text',
      text: { content: textOf(user, row) },
    })),
  );
  for (const messages of calls)
    expect(await call('kefu-send', { messages, queue: true }, 'wx_http')).toMatchObject({ errCode: 0 });
  return all.map(({ user, row }) => textOf(user, row));
}

/** What users have on their screens, in order. */
function arrived(users: number): string[][] {
  return Array.from({ length: users }, (_, user) =>
    emulator.world
      .conversation('miniprogram', userOf(user))
      .messages.filter(({ from }) => from === 'service')
      .map(({ message }) => (message['text'] as { content: string }).content),
  );
}

type Stored = { state: string; code: string };

function states(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { state, code } of (emulator.database.dump()['kefu_outbox'] ?? []) as Stored[]) {
    const name = code === '' ? state : `${state} ${code}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Every message once at most, in the order of its row; as many decided as there were. */
function check(users: number, names: readonly string[], exact: boolean): void {
  const rows = arrived(users);
  const all = rows.flat();
  expect(new Set(all).size).toBe(all.length);
  for (const row of rows) {
    const numbers = row.map((content) => Number(content.split('.')[1]));
    expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
  }
  const counts = states();
  const unknown = counts.get('dead unknown-delivery') ?? 0;
  const sent = counts.get('sent') ?? 0;
  expect(sent + unknown).toBe(names.length);
  expect(all.length).toBeGreaterThanOrEqual(sent);
  expect(all.length).toBeLessThanOrEqual(names.length);
  if (exact) expect(all.toSorted()).toEqual([...names].sort());
}

test('1,000 messages to 100 users arrive once, in order, at fewer than 0.3 round trips each', async () => {
  const names = await fill(100, 10);
  const { result, trips } = await countTrips(emulator, drain);
  expect(result).toMatchObject({ sent: 1000, kept: 0, dead: 0 });
  check(100, names, true);
  expect(trips / 1000).toBeLessThan(0.3);
}, 300_000);

test('two drains and 20 senders at once do not get in each other’s way', async () => {
  const names = await fill(40, 5);
  const drains = Array.from({ length: 2 }, async () => {
    for (let round = 0; round < 4; round += 1) await drain();
  });
  const later = Array.from({ length: 20 }, (_, user) =>
    Array.from({ length: 5 }, (_, row) => ({ user, row: row + 5 })),
  );
  const senders = later.map(async (row) => {
    for (const { user, row: number } of row) {
      names.push(textOf(user, number));
      const event = {
        touser: userOf(user),
        msgtype: 'text',
        text: { content: textOf(user, number) },
        queue: true,
      };
      await call('kefu-send', { ...event, requestId: textOf(user, number) }, 'wx_http');
      // Handed over twice, as after a lost answer.
      await call('kefu-send', { ...event, requestId: textOf(user, number) }, 'wx_http');
    }
  });
  await Promise.all([...drains, ...senders]);
  await drain();
  check(40, names, true);
}, 300_000);

/** Numbers from 0 to below 1, the same ones each time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const kills = Math.max(depth(100), 10);

test(`a drain that is killed at ${kills} random moments loses nothing and sends nothing twice`, async () => {
  const random = randomOf(20_261_121);
  const names: string[] = [];
  let cut = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    emulator.faults.put([lenient]);
    // What a kill leaves is given up, so there is always something new to be killed over.
    names.push(...(await fill(30, 1, kill)));
    emulator.faults.put([{ ...lenient, behaviour: 'slow', delayMs: 60 }]);
    const dying = drain();
    // From the first mark on, or soon after there was nothing to mark.
    await Promise.race([until(() => (states().get('sending') ?? 0) > 0), dying]);
    await new Promise((resolve) => setTimeout(resolve, random() * 120));
    emulator.runner.recycle();
    if ((await dying) === 'killed') cut += 1;
    // Its marks' time passes.
    emulator.clock.advance(3 * minute);
    emulator.faults.put([lenient]);
    await drainAfterKill();
  }
  const counts = states();
  expect(cut).toBeGreaterThan(kills * 0.3);
  expect(counts.get('dead unknown-delivery') ?? 0).toBeGreaterThan(0);
  expect([...counts.keys()].sort()).toEqual(['dead unknown-delivery', 'sent']);
  check(30, names, false);
}, 900_000);

test('a gateway that is down, slow and cut off for a while leaves each message sent once or unknown', async () => {
  const names = await fill(20, 5);
  const api = lenient.api;
  const weathers = [
    { api, errcode: -1, probability: 0.5 },
    { api, behaviour: 'cut', delivered: false, probability: 0.2 },
    { api, errcode: -604102, probability: 0.2 },
    { api: 'database.*', errcode: 1, probability: 0.1 },
    { api: 'database.modifyDocument', behaviour: 'cut', probability: 0.1 },
  ] as const;
  for (const weather of weathers) {
    emulator.faults.put([weather, lenient]);
    await Promise.all([drainAfterKill(), drainAfterKill()]);
    emulator.clock.advance(5 * minute);
  }
  emulator.faults.put([lenient]);
  for (let round = 0; round < 5; round += 1) {
    emulator.clock.advance(61 * minute);
    await drainAfterKill();
  }
  check(20, names, false);
}, 300_000);
