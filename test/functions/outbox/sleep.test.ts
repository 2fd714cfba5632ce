import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import { unknownUser } from '../../../shared/core/reply-windows';
import { whenWoken } from '../../../shared/functions/outbox/outbox';
import { letSleep, type Refused, wake } from '../../../shared/functions/outbox/sleep';
import { wakeForgotten, wakeMissed } from '../../../shared/functions/outbox/upkeep';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, type World } from '../../world/world';

/** Sleeping and waking, step by step: what is written of whom, and what crosses it. */

const hour = 3_600_000;

/** A message that waits, under the mark of a run. */
const put = (world: World, _id: string, fields: object = {}) =>
  world.put('kefu_outbox', {
    ...{ _id, lane: 'a', state: 'waiting', holder: 'run', leaseUntil: 99, dueAt: 0, acts: 0 },
    ...fields,
  });

/** A user's window, open for an hour. */
const open = (world: World, _id: string, fields: object = {}) =>
  world.put('kefu_windows', {
    ...{ ...unknownUser, _id, remaining: 3, closesAt: world.time.now() + hour, acts: 5 },
    ...fields,
  });

const message = (world: World, id: string) => world.documents('kefu_outbox').find(({ _id }) => _id === id);
const window = (world: World, id: string) => world.documents('kefu_windows').find(({ _id }) => _id === id);

const run = <T>(world: World, work: (ports: Ports<CallName>) => Promise<T>) =>
  world.time.until(world.run(work));
const sleep = (world: World, refused: readonly Refused[], write?: () => Promise<void>) =>
  run(world, (ports) => letSleep(refused, 'run', ports, write));

const asleep = { state: 'waiting', holder: '', leaseUntil: 0, dueAt: whenWoken };
const awake = { state: 'waiting', holder: '', leaseUntil: 0, dueAt: 0 };

describe('a lane that was refused', () => {
  test.each([45015, 45047] as const)('by %i sleeps, and its window says so', async (errCode) => {
    const world = createWorld();
    put(world, '1');
    open(world, 'a');
    const closesAt = window(world, 'a')?.['closesAt'];
    await sleep(world, [{ lane: 'a', acts: 5, errCode }]);
    expect(message(world, '1')).toMatchObject({ ...asleep, acts: 5 });
    expect(window(world, 'a')).toMatchObject({ waiting: 'asleep', remaining: 0, slept: 2, acts: 5 });
    expect(window(world, 'a')?.['closesAt'] === closesAt).toBe(errCode === 45047);
  });

  test('though nothing of it was tried keeps what is believed of its window', async () => {
    const world = createWorld();
    put(world, '1');
    open(world, 'a');
    await sleep(world, [{ lane: 'a', acts: 5 }]);
    expect(message(world, '1')).toMatchObject(asleep);
    expect(window(world, 'a')).toMatchObject({ waiting: 'asleep', remaining: 3 });
  });

  test('of a user of whom nothing is known is known as asleep from then on', async () => {
    const world = createWorld();
    put(world, '1', { acts: 7 });
    await sleep(world, [{ lane: 'a', acts: undefined, errCode: 45047 }]);
    expect(window(world, 'a')).toEqual({ ...unknownUser, _id: 'a', waiting: 'asleep', slept: 1 });
    expect(message(world, '1')).toMatchObject({ ...asleep, acts: 0 });
    // Made known, let sleep, with its acts, announced again.
    expect(world.databaseCalls).toBe(4);
  });

  test('takes along what it has waiting under this run’s mark, and nothing else', async () => {
    const world = createWorld();
    open(world, 'a');
    const others = [
      ['of another lane', { lane: 'b' }],
      ['of another run', { holder: 'other' }],
      ['on its way', { state: 'sending' }],
      ['sent', { state: 'sent' }],
    ] as const;
    put(world, 'mine');
    for (const [name, fields] of others) put(world, name, fields);
    const before = world.documents('kefu_outbox').filter(({ _id }) => _id !== 'mine');
    await sleep(world, [{ lane: 'a', acts: 5, errCode: 45047 }]);
    expect(message(world, 'mine')).toMatchObject(asleep);
    expect(world.documents('kefu_outbox').filter(({ _id }) => _id !== 'mine')).toEqual(before);
  });

  test('has what was refused itself written in between', async () => {
    const world = createWorld();
    put(world, '1');
    put(world, 'itself', { state: 'sending' });
    open(world, 'a');
    const seen: unknown[] = [];
    await sleep(world, [{ lane: 'a', acts: 5, errCode: 45047 }], async () => {
      seen.push(window(world, 'a')?.['waiting'], message(world, '1')?.['dueAt']);
      put(world, 'itself', { ...asleep, acts: 2 });
    });
    expect(seen).toEqual(['asleep', 0]);
    expect(message(world, 'itself')).toMatchObject({ ...asleep, acts: 5 });
  });

  test('is awake where its user did something before that', async () => {
    const world = createWorld();
    put(world, '1');
    open(world, 'a', { acts: 6 });
    await sleep(world, [{ lane: 'a', acts: 5, errCode: 45047 }]);
    expect(message(world, '1')).toMatchObject(awake);
    expect(window(world, 'a')).toMatchObject({ waiting: 'none', remaining: 3, acts: 6 });
  });

  test('is awake where its unknown user did something meanwhile', async () => {
    const world = createWorld();
    put(world, '1');
    open(world, 'a', { acts: 1 });
    await sleep(world, [{ lane: 'a', acts: undefined, errCode: 45047 }]);
    expect(message(world, '1')).toMatchObject(awake);
    expect(window(world, 'a')).toMatchObject({ waiting: 'none', acts: 1 });
  });

  test('is awake where its user does something while it falls asleep', async () => {
    const world = createWorld();
    put(world, '1');
    put(world, '2', { lane: 'b' });
    open(world, 'a');
    open(world, 'b');
    await sleep(
      world,
      [
        { lane: 'a', acts: 5, errCode: 45047 },
        { lane: 'b', acts: 5, errCode: 45047 },
      ],
      async () => open(world, 'a', { acts: 6, waiting: 'woken' }),
    );
    expect(message(world, '1')).toMatchObject(awake);
    expect(window(world, 'a')).toMatchObject({ waiting: 'woken', acts: 6 });
    expect(message(world, '2')).toMatchObject(asleep);
    expect(window(world, 'b')).toMatchObject({ waiting: 'asleep' });
  });

  test('is awake where it cannot be announced', async () => {
    const world = createWorld();
    put(world, '1');
    open(world, 'a');
    world.meet({ database: ['before', 'before', 'before'] });
    await sleep(world, [{ lane: 'a', acts: 5, errCode: 45047 }]);
    expect(message(world, '1')).toMatchObject(awake);
  });

  test('sleeps as others of its kind do, each by its own number of acts', async () => {
    const world = createWorld();
    const lanes = ['a', 'b', 'c', 'd'];
    for (const lane of lanes) put(world, lane, { lane });
    open(world, 'a', { acts: 5 });
    open(world, 'b', { acts: 5 });
    open(world, 'c', { acts: 8 });
    await sleep(world, [
      { lane: 'a', acts: 5, errCode: 45015 },
      { lane: 'b', acts: 5, errCode: 45047 },
      { lane: 'c', acts: 8, errCode: 45047 },
      { lane: 'd', acts: undefined, errCode: 45047 },
    ]);
    expect(lanes.map((lane) => message(world, lane)?.['acts'])).toEqual([5, 5, 8, 0]);
    for (const lane of lanes) expect(message(world, lane)).toMatchObject(asleep);
    expect(lanes.map((lane) => Number(window(world, lane)?.['closesAt']) > world.time.now())).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('costs four round trips, however many others of its kind there are', async () => {
    for (const count of [1, 20]) {
      const world = createWorld();
      const lanes = Array.from({ length: count }, (_, index) => `l${index}`);
      for (const lane of lanes) {
        put(world, lane, { lane });
        open(world, lane);
      }
      await sleep(
        world,
        lanes.map((lane) => ({ lane, acts: 5, errCode: 45047 }) as const),
      );
      // Announced, let sleep, with their acts, announced again.
      expect(world.databaseCalls).toBe(4);
    }
  });

  test('sleeps though another of its kind was woken', async () => {
    const world = createWorld();
    for (const lane of ['a', 'b', 'c']) put(world, lane, { lane });
    for (const lane of ['a', 'c']) open(world, lane);
    open(world, 'b', { acts: 6 });
    await sleep(
      world,
      ['a', 'b', 'c'].map((lane) => ({ lane, acts: 5, errCode: 45047 }) as const),
    );
    expect(['a', 'b', 'c'].map((lane) => message(world, lane)?.['dueAt'])).toEqual([whenWoken, 0, whenWoken]);
    expect(['a', 'b', 'c'].map((lane) => window(world, lane)?.['waiting'])).toEqual([
      'asleep',
      'none',
      'asleep',
    ]);
  });
});

describe('a push', () => {
  const sleeper = { ...asleep, acts: 5 };

  test('wakes what sleeps in its lane, and clears its word', async () => {
    const world = createWorld();
    put(world, '1', sleeper);
    const others = [
      ['of another lane', { ...sleeper, lane: 'b' }],
      ['due later', { ...sleeper, dueAt: 500 }],
      ['dead', { ...sleeper, state: 'dead' }],
    ] as const;
    for (const [name, fields] of others) put(world, name, fields);
    open(world, 'a', { acts: 6, waiting: 'woken' });
    await run(world, (ports) => wake('a', { acts: 6 }, ports));
    expect(message(world, '1')).toMatchObject({ dueAt: 0 });
    expect(others.map(([name]) => message(world, name)?.['dueAt'])).toEqual([whenWoken, 500, whenWoken]);
    expect(window(world, 'a')).toMatchObject({ waiting: 'none' });
  });

  test.each<[string, object]>([
    ['after which the user did something else', { acts: 7, waiting: 'woken' }],
    ['after which the lane fell asleep again', { acts: 6, waiting: 'asleep' }],
  ])('%s leaves the word', async (_what, fields) => {
    const world = createWorld();
    put(world, '1', sleeper);
    open(world, 'a', fields);
    const before = window(world, 'a');
    await run(world, (ports) => wake('a', { acts: 6 }, ports));
    expect(window(world, 'a')).toEqual(before);
  });

  test('that cannot wake anything leaves its word for the next run', async () => {
    const world = createWorld();
    put(world, '1', sleeper);
    open(world, 'a', { acts: 6, waiting: 'woken' });
    world.meet({ database: ['before', 'before', 'before'] });
    await run(world, (ports) => wake('a', { acts: 6 }, ports));
    expect(window(world, 'a')).toMatchObject({ waiting: 'woken' });
    await run(world, (ports) => wakeForgotten(ports));
    expect(message(world, '1')).toMatchObject({ dueAt: 0 });
    expect(window(world, 'a')).toMatchObject({ waiting: 'none' });
  });

  test('that was not forgotten is left alone, and a database that fails costs nothing', async () => {
    const world = createWorld();
    put(world, '1', sleeper);
    open(world, 'a', { waiting: 'asleep' });
    await run(world, (ports) => wakeForgotten(ports));
    expect(message(world, '1')).toMatchObject({ dueAt: whenWoken });
    world.meet({ database: ['before'] });
    expect(await run(world, (ports) => wakeForgotten(ports))).toBeUndefined();
  });
});

describe('a message that sleeps', () => {
  test('at another number of acts than its user has is woken with its lane, and no other', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const world = createWorld({ seed });
      await world.time.pass(seed * 1000);
      // Lanes are hashes; the look begins anywhere among them.
      const lanes = ['01', '55', 'aa', 'fe'];
      for (const lane of lanes) {
        put(world, lane, { ...asleep, lane, acts: 5 });
        put(world, `${lane} too`, { ...asleep, lane, acts: 6 });
        open(world, lane, { acts: lane === 'aa' ? 5 : 6 });
      }
      put(world, 'right', { ...asleep, lane: '77', acts: 6 });
      open(world, '77', { acts: 6 });
      put(world, 'unknown', { ...asleep, lane: '78', acts: 0 });
      put(world, 'gone', { ...asleep, lane: '79', acts: 1 });
      put(world, 'due', { ...awake, dueAt: 500, lane: '80', acts: 1 });
      await run(world, (ports) => wakeMissed(ports));
      const due = world.documents('kefu_outbox').filter(({ dueAt }) => dueAt === 0);
      expect(due.map(({ _id }) => _id).toSorted()).toEqual(
        [...lanes, ...lanes.map((lane) => `${lane} too`), 'gone'].toSorted(),
      );
    }
  });

  test('at its user’s number costs no write, whatever else there is', async () => {
    const world = createWorld();
    for (let index = 0; index < 1000; index += 1) open(world, `other ${index}`);
    put(world, '1', { ...asleep, acts: 5 });
    put(world, 'sent', { state: 'sent', acts: 2 });
    open(world, 'a');
    await run(world, (ports) => wakeMissed(ports));
    expect(world.databaseCalls).toBe(3);
  });

  test('is looked at in turn where more than a thousand do', async () => {
    const world = createWorld();
    for (let index = 0; index < 1000; index += 1) put(world, `${index}`, { ...asleep, lane: `g${index}` });
    await run(world, (ports) => wakeMissed(ports));
    // Those above the place where it began are enough: the others are another time’s.
    expect(world.databaseCalls).toBe(2);
  });
});
