import { describe, expect, test } from '@jest/globals';
import { whenWoken } from '../../../shared/functions/outbox/outbox';
import { createRun, type Run } from '../../../shared/functions/outbox/run';
import { setRight, tidyIdle } from '../../../shared/functions/outbox/upkeep';
import { createWorld, type ProcessOptions, type World } from '../../world/world';

/** What a run of the timer sets right beside its sending. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;
const desk = { desk: ['oLin'] };

/** A world at such a minute of the hour, in which no time passes by itself. */
const worldAt = async (atMinute: number) => {
  const world = createWorld({ databaseMs: 0 });
  await world.time.pass(hour - (world.time.now() % hour) + atMinute * minute);
  return world;
};

const put = (world: World, _id: string, fields: object = {}) => {
  const usual = { lane: 'a', state: 'waiting', holder: '', leaseUntil: 0, dueAt: 0, acts: 0, deadline: 9e15 };
  world.put('kefu_outbox', { ...usual, payload: 'text', decidedAt: 0, _id, ...fields });
};
const message = (world: World, id: string) => world.documents('kefu_outbox').find(({ _id }) => _id === id);
const runIn = (world: World, options: ProcessOptions = {}): Run =>
  createRun(world.createProcess(options).ports);

/** Sets right what can be at once, and what becomes known after a wait. */
const right = (world: World, run: Run, meanwhile: () => void = () => undefined) =>
  world.time.until(
    setRight(run).then(async ({ givingUp }) => {
      meanwhile();
      await givingUp;
      return givingUp !== undefined;
    }),
  );

describe('what a lost run was sending', () => {
  const lost = (world: World, id: string, fields: object = {}) =>
    put(world, id, { state: 'sending', holder: 'lost', leaseUntil: world.time.now(), ...fields });

  test('is given up after 35 seconds, and its lane is left alone till then', async () => {
    const world = await worldAt(5);
    lost(world, '1');
    lost(world, '2', { lane: 'b' });
    const run = runIn(world);
    const startedAt = world.time.now();
    let seen: unknown;
    expect(
      await right(world, run, () => {
        seen = [message(world, '1')?.['state'], [...run.done]];
      }),
    ).toBe(true);
    expect(seen).toEqual(['sending', ['a', 'b']]);
    expect(world.time.now() - startedAt).toBe(35 * second);
    expect([...run.done]).toEqual([]);
    expect(run.tally).toEqual({ sent: 0, dead: 2 });
    expect(message(world, '1')).toMatchObject({
      state: 'dead',
      code: 'unknown-delivery',
      errCode: -501002,
      decidedAt: world.time.now(),
      endedBy: run.name,
      holder: 'lost',
      payload: 'text',
    });
  });

  test('is nothing where its mark is young, and none waits for it', async () => {
    const world = await worldAt(5);
    lost(world, '1', { leaseUntil: world.time.now() + 1 });
    const run = runIn(world);
    expect(await right(world, run)).toBe(false);
    expect([message(world, '1')?.['state'], [...run.done]]).toEqual(['sending', []]);
  });

  test('is not what came to its end meanwhile, nor what bears another mark by then; the desk sees it so', async () => {
    for (const fields of [{ state: 'sent' }, { holder: 'other', leaseUntil: 9e15 }, { state: 'waiting' }]) {
      const world = await worldAt(5);
      for (const id of ['1', '2']) {
        lost(world, id, { lane: id });
        world.put('kefu_messages', { _id: id, status: 'waiting', errCode: 0 });
      }
      put(world, 'late', { deadline: 1 });
      world.put('kefu_messages', { _id: 'late', status: 'waiting', errCode: 0 });
      const run = runIn(world, desk);
      await right(world, run, () =>
        put(world, '1', { lane: '1', holder: 'lost', state: 'sending', ...fields }),
      );
      expect(message(world, '1')).toMatchObject(fields);
      expect(message(world, '2')).toMatchObject({ state: 'dead' });
      expect(run.tally.dead).toBe(2);
      expect(world.documents('kefu_messages').map(({ status, errCode }) => [status, errCode])).toEqual([
        ['waiting', 0],
        ['unknown', -501002],
        ['failed', -501002],
      ]);
    }
  });

  test('costs one question more where one of it came to its end, and none where none did', async () => {
    for (const [state, calls] of [
      ['sending', 2],
      ['sent', 3],
    ] as const) {
      const world = await worldAt(5);
      for (const id of ['1', '2']) lost(world, id);
      const run = runIn(world);
      let before = 0;
      await right(world, run, () => {
        before = world.databaseCalls;
        put(world, '1', { state, holder: 'lost' });
      });
      expect(world.databaseCalls - before).toBe(calls - 1);
    }
  });

  test('stays where the database fails, and its lane goes on in the next run’s look', async () => {
    const world = await worldAt(5);
    lost(world, '1');
    const run = runIn(world);
    await right(world, run, () => world.meet({ database: ['before'] }));
    expect(message(world, '1')).toMatchObject({ state: 'sending' });
    expect([...run.done]).toEqual([]);
    expect(world.lines.join()).toContain('"step":"give-up"');
  });

  test('loses its text where only hashes are kept', async () => {
    const world = await worldAt(5);
    lost(world, '1');
    await right(world, runIn(world, { keep: 'hashes' }));
    expect(message(world, '1')).toMatchObject({ state: 'dead', payload: '' });
  });
});

test('what can no longer be sent in time is given up, but for what another run has', async () => {
  for (const options of [{}, desk]) {
    const world = await worldAt(5);
    const now = world.time.now();
    put(world, 'late', { deadline: now });
    put(world, 'let go', { deadline: now, leaseUntil: now });
    put(world, 'taken', { deadline: now, leaseUntil: now + 1 });
    put(world, 'in time', { deadline: now + 1 });
    put(world, 'sent', { deadline: now, state: 'sent' });
    for (const { _id } of world.documents('kefu_outbox'))
      world.put('kefu_messages', { _id, status: 'waiting', errCode: 0 });
    const run = runIn(world, options);
    await right(world, run);
    const dead = world.documents('kefu_outbox').filter(({ state }) => state === 'dead');
    expect(dead.map(({ _id }) => _id)).toEqual(['late', 'let go']);
    expect(dead[0]).toMatchObject({ code: 'deadline-passed', decidedAt: now, endedBy: run.name });
    expect(run.tally).toEqual({ sent: 0, dead: 2 });
    const failed = world.documents('kefu_messages').filter(({ status }) => status === 'failed');
    expect(failed.map(({ _id, errCode }) => [_id, errCode])).toEqual(
      options === desk ? dead.map(({ _id }) => [_id, -501002]) : [],
    );
  }
});

describe('what is old', () => {
  const fill = async (atMinute: number) => {
    const world = await worldAt(atMinute);
    const now = world.time.now();
    for (const [collection, ageMs] of [
      ['kefu_requests', week],
      ['kefu_pushes', day],
      ['kefu_nonces', day],
    ] as const) {
      world.put(collection, { _id: `old ${collection}`, at: now - ageMs });
      world.put(collection, { _id: `young ${collection}`, at: now - ageMs + 1 });
    }
    for (const state of ['sent', 'dead', 'waiting', 'sending'])
      for (const [age, decidedAt] of [
        ['old', now - week],
        ['young', now - week + 1],
      ] as const)
        put(world, `${age} ${state}`, { state, decidedAt, leaseUntil: now + 1 });
    return world;
  };
  const left = (world: World) =>
    (['kefu_requests', 'kefu_pushes', 'kefu_nonces', 'kefu_outbox'] as const)
      .flatMap((name) => world.documents(name))
      .flatMap(({ _id }) => (_id.startsWith('old') ? [_id] : []));
  const young = (world: World) =>
    (['kefu_requests', 'kefu_pushes', 'kefu_nonces', 'kefu_outbox'] as const)
      .flatMap((name) => world.documents(name))
      .filter(({ _id }) => _id.startsWith('young')).length;

  test('is cleared away every ten minutes, each in its time, and never what still waits', async () => {
    for (const atMinute of [0, 10, 50]) {
      const world = await fill(atMinute);
      await right(world, runIn(world));
      expect(left(world)).toEqual(['old waiting', 'old sending']);
      expect(young(world)).toBe(7);
    }
    for (const atMinute of [1, 9, 59]) {
      const world = await fill(atMinute);
      await right(world, runIn(world));
      expect(left(world)).toHaveLength(7);
    }
  });

  test('is cleared away every hour where nothing waits', async () => {
    for (const [atMinute, count] of [
      [0, 2],
      [10, 7],
    ] as const) {
      const world = await fill(atMinute);
      await world.time.until(tidyIdle(runIn(world)));
      expect(left(world)).toHaveLength(count);
    }
  });
});

test('what a wrong clock left in the future is due, or free, in time', async () => {
  const world = await worldAt(10);
  const now = world.time.now();
  const far = now + 90 * second;
  put(world, 'taken', { holder: 'x', leaseUntil: far });
  put(world, 'taken far', { holder: 'x', leaseUntil: far + 1 });
  put(world, 'marked', { state: 'sending', holder: 'x', leaseUntil: far });
  put(world, 'marked far', { state: 'sending', holder: 'x', leaseUntil: far + 1 });
  put(world, 'later', { dueAt: now + 2 * hour });
  put(world, 'far later', { dueAt: now + 2 * hour + 1 });
  put(world, 'asleep', { dueAt: whenWoken });
  put(world, 'dead far', { state: 'dead', dueAt: now + day, leaseUntil: far + 1, decidedAt: now });
  await right(world, runIn(world));
  expect(
    world
      .documents('kefu_outbox')
      .map(({ _id, state, holder, leaseUntil, dueAt }) => [
        _id,
        state,
        holder,
        Number(leaseUntil) === 0 ? 0 : Number(leaseUntil) - now,
        Number(dueAt) > now ? Number(dueAt) - now : dueAt,
      ]),
  ).toEqual([
    ['taken', 'waiting', 'x', 90 * second, 0],
    ['taken far', 'waiting', '', 0, 0],
    ['marked', 'sending', 'x', 90 * second, 0],
    ['marked far', 'sending', 'x', 45 * second, 0],
    ['later', 'waiting', '', 0, 2 * hour],
    ['far later', 'waiting', '', 0, 0],
    ['asleep', 'waiting', '', 0, whenWoken - now],
    ['dead far', 'dead', '', 90 * second + 1, day],
  ]);
});

test('what a push or a drain that died left asleep is woken', async () => {
  const world = await worldAt(10);
  put(world, 'missed', { lane: 'b', dueAt: whenWoken, acts: 1 });
  put(world, 'forgotten', { lane: 'c', dueAt: whenWoken, acts: 2 });
  world.put('kefu_windows', { _id: 'c', acts: 2, waiting: 'woken' });
  await right(world, runIn(world));
  expect(world.documents('kefu_outbox').map(({ dueAt }) => dueAt)).toEqual([0, 0]);
});
