import { describe, expect, test } from '@jest/globals';
import { sendLanes, sendWoken } from '../../../shared/functions/outbox/lanes';
import { whenWoken } from '../../../shared/functions/outbox/outbox';
import { createRun, type Run } from '../../../shared/functions/outbox/run';
import { createWorld, type ProcessOptions, type World } from '../../world/world';
import { fill, message, open, put, texts, window } from './rows';

/** A turn of some lanes step by step: what is taken, what of it may leave, and what is let go. */

const second = 1000;
const hour = 3600 * second;

const runIn = (world: World, options: ProcessOptions = {}): Run =>
  createRun(world.createProcess(options).ports);
const send = async (
  world: World,
  lanes: readonly string[],
  run = runIn(world),
  known?: Map<string, number>,
) => {
  await world.time.until(sendLanes(lanes, run, known));
  return run;
};

describe('a turn', () => {
  test('sends what is due in its lanes by priority, then by time, then by name, and nothing of others', async () => {
    const world = createWorld();
    put(world, 'a.3', { seq: 3 });
    put(world, 'a.2', { seq: 2 });
    put(world, 'a.5', { seq: 4 });
    put(world, 'a.4', { seq: 4 });
    put(world, 'a.1', { seq: 9, priority: 1 });
    put(world, 'b.1');
    const run = await send(world, ['a']);
    expect(texts(world)).toEqual(['a.1', 'a.2', 'a.3', 'a.4', 'a.5']);
    expect(message(world, 'b.1')).toMatchObject({ state: 'waiting', holder: '' });
    expect(run.tally).toEqual({ sent: 5, dead: 0 });
    expect(world.databaseCalls).toBe(9);
    // More may have come to it by now.
    expect([...run.done]).toEqual([]);
  });

  test('takes what it sends under a name of its own, for 20 seconds', async () => {
    const world = createWorld({ databaseMs: 0 });
    put(world, 'a.1');
    put(world, 'a.2', { dueAt: world.time.now() + hour });
    const now = world.time.now();
    const run = runIn(world);
    let taken: unknown;
    const { ports } = run;
    const watched: Run = {
      ...run,
      ports: {
        ...ports,
        wechat: {
          ...ports.wechat,
          call: ((...given: Parameters<typeof ports.wechat.call>) => {
            taken = message(world, 'a.2');
            return ports.wechat.call(...given);
          }) as typeof ports.wechat.call,
        },
      },
    };
    await send(world, ['a'], watched);
    expect(taken).toMatchObject({
      holder: expect.stringMatching(`^${run.name}-.`),
      leaseUntil: now + 20 * second,
    });
    expect(message(world, 'a.2')).toMatchObject({ state: 'waiting', holder: '', leaseUntil: 0 });
  });

  test.each<[string, object, readonly string[]]>([
    ['is another run’s', { holder: 'other', leaseUntil: 9e15 }, []],
    ['was another run’s, whose time is over', { holder: 'other', leaseUntil: 1 }, ['a.1', 'a.2']],
    ['is being sent', { state: 'sending', holder: 'other', leaseUntil: 9e15 }, []],
    ['is not due', { dueAt: 9e14 }, []],
    ['was given up', { state: 'dead' }, ['a.2']],
    ['was sent', { state: 'sent' }, ['a.2']],
  ])('of a lane whose first message %s sends what may leave, and no more', async (_what, fields, left) => {
    const world = createWorld();
    put(world, 'a.1', { seq: 1, ...fields });
    put(world, 'a.2', { seq: 2 });
    put(world, 'b.1');
    const run = await send(world, ['a', 'b']);
    expect(texts(world, 'a')).toEqual(left);
    expect(texts(world, 'b')).toEqual(['b.1']);
    // It is not looked at again in this run, where it would only be left alone again.
    expect([...run.done]).toEqual(left.length === 0 ? ['a'] : []);
    expect(message(world, 'a.2')).toMatchObject({ holder: left.length === 0 ? '' : expect.anything() });
  });

  test('leaves alone what is behind one that is not due, and does not look at the lane again', async () => {
    const world = createWorld();
    for (const [seq, dueAt] of [0, 0, 9e14, 0].entries()) put(world, `a.${seq}`, { seq, dueAt });
    const run = await send(world, ['a']);
    expect(texts(world)).toEqual(['a.0', 'a.1']);
    expect([...run.done]).toEqual(['a']);
  });

  test('knows what it decided itself, though a read still shows it as it was', async () => {
    const world = createWorld();
    fill(world, 'a', 2);
    const run = runIn(world);
    run.decided.add('a.1');
    await send(world, ['a'], run);
    expect(texts(world)).toEqual(['a.2']);
    expect([run.decided.has('a.2'), run.decided.has('a.3')]).toEqual([true, false]);
  });

  test('leaves a lane that was refused behind the refused message, and others go on', async () => {
    for (const errCode of [-1, 45009]) {
      const world = createWorld({ wechatMs: 0 });
      fill(world, 'a', 5);
      fill(world, 'b', 5);
      world.meet({ wechat: [{ kind: 'errcode', errCode }] });
      const run = await send(world, ['a', 'b']);
      expect(texts(world)).toEqual(['b.1', 'b.2', 'b.3', 'b.4', 'b.5']);
      expect([...run.done]).toEqual(['a']);
      for (const id of ['a.2', 'a.5'])
        expect(message(world, id)).toMatchObject({ state: 'waiting', holder: '', attempts: 0 });
      expect(run.decided.has('a.1')).toBe(false);
    }
  });

  test('counts what WeChat took in each window, and no message that was given up', async () => {
    const world = createWorld({ wechatMs: 0 });
    fill(world, 'a', 3);
    fill(world, 'b', 2);
    for (const lane of ['a', 'b']) open(world, lane);
    world.meet({ wechat: [{ kind: 'errcode', errCode: 40003 }] });
    const run = await send(world, ['a', 'b']);
    expect(['a', 'b'].map((lane) => window(world, lane)?.['remaining'])).toEqual([3, 3]);
    expect(run.tally).toEqual({ sent: 4, dead: 1 });
  });

  test('goes on with a lane of which a message was given up', async () => {
    const world = createWorld();
    fill(world, 'a', 1);
    world.meet({ wechat: [{ kind: 'errcode', errCode: 40003 }] });
    expect([...(await send(world, ['a'])).done]).toEqual([]);
  });

  test('ends the run after as many refusals for too many calls as are under way at a time', async () => {
    for (const [count, hasTime] of [
      [29, true],
      [30, false],
    ] as const) {
      const world = createWorld();
      const lanes = Array.from({ length: count }, (_, index) => `l${index}`);
      for (const lane of lanes) fill(world, lane, 1);
      world.meet({ wechat: lanes.map(() => ({ kind: 'errcode', errCode: 45011 })) });
      expect((await send(world, lanes)).hasTime()).toBe(hasTime);
    }
  });

  test('lets go of what it took, and ends the run, where the database fails it', async () => {
    for (const place of [0, 1, 2]) {
      const world = createWorld();
      fill(world, 'a', 2);
      world.meet({ database: [...Array.from({ length: place }, () => undefined), 'after'] });
      const run = await send(world, ['a']);
      expect(texts(world)).toEqual([]);
      expect([run.hasTime(), ...run.done]).toEqual([false, 'a']);
      expect(message(world, 'a.1')).toMatchObject({ state: 'waiting', holder: '', leaseUntil: 0 });
      expect(world.lines.join()).toContain('"step":"drain"');
    }
  });

  test.each([
    // Taken and asked, read, counted and let go; and a mark and a record for each batch of ten, three of a lane.
    [10, 1, 1],
    [11, 1, 2],
    [30, 1, 3],
    [1, 3, 1],
    [1, 4, 2],
    [1, 9, 3],
    [2, 5, 2],
    [4, 2, 1],
    [4, 3, 2],
  ])('of %i lanes with %i messages each takes %i batches', async (lanes, each, batches) => {
    const world = createWorld();
    const names = Array.from({ length: lanes }, (_, index) => `l${index}`);
    for (const name of names) fill(world, name, each);
    await send(world, names);
    expect(world.delivered).toHaveLength(lanes * each);
    expect(world.databaseCalls).toBe(5 + 2 * batches);
  });

  test('begins with one of each lane where there are as many as places in a batch', async () => {
    const world = createWorld();
    for (let index = 0; index < 12; index += 1) fill(world, `l${index}`, 3);
    await send(
      world,
      Array.from({ length: 12 }, (_, index) => `l${index}`),
    );
    const lanes = texts(world).map((text) => text.split('.')[0]);
    for (const begin of [0, 12, 24]) expect(new Set(lanes.slice(begin, begin + 12)).size).toBeGreaterThan(9);
  });

  test('marks the next batch while it writes one down', async () => {
    const world = createWorld({ databaseMs: 100, wechatMs: 0 });
    const names = Array.from({ length: 50 }, (_, index) => `l${index}`);
    for (const name of names) fill(world, name, 1);
    const startedAt = world.time.now();
    await send(world, names);
    // Take, read, mark, four times both at once, record, let go: each 150 ms at most.
    expect(world.time.now() - startedAt).toBeLessThanOrEqual(9 * 150);
    expect(world.delivered).toHaveLength(50);
  });

  test('sends twenty of a lane where others wait, and more where there are few', async () => {
    const world = createWorld({ databaseMs: 0, wechatMs: 0 });
    const names = Array.from({ length: 100 }, (_, index) => `l${index}`);
    for (const name of names) fill(world, name, 1);
    fill(world, 'l0', 25);
    const run = await send(world, names);
    expect(texts(world, 'l0.')).toHaveLength(20);
    expect([...run.done]).toEqual([]);
    const few = createWorld({ databaseMs: 0, wechatMs: 0 });
    fill(few, 'a', 60);
    fill(few, 'b', 2);
    await send(few, ['a', 'b', ...Array.from({ length: 8 }, (_, index) => `none${index}`)]);
    expect(texts(few, 'a')).toHaveLength(50);
  });

  test('begins messages for ten seconds, and leaves the rest to be looked at again', async () => {
    const world = createWorld({ wechatMs: 1000, databaseMs: 0 });
    fill(world, 'a', 60);
    const startedAt = world.time.now();
    const run = await send(world, ['a']);
    const lasted = world.time.now() - startedAt;
    expect(lasted).toBeGreaterThan(10 * second);
    expect(lasted).toBeLessThan(16 * second);
    expect([...run.done]).toEqual([]);
    expect(
      world.documents('kefu_outbox').filter(({ holder, state }) => state !== 'sent' && holder !== ''),
    ).toEqual([]);
  });

  test('begins nothing where the run is over', async () => {
    const world = createWorld();
    fill(world, 'a', 2);
    const run = runIn(world);
    run.stop();
    await send(world, ['a'], run);
    expect([texts(world), message(world, 'a.1')?.['holder']]).toEqual([[], '']);
  });
});

describe('a lane that sleeps', () => {
  test('is left asleep where its user has done nothing since, and its window says so', async () => {
    const world = createWorld();
    put(world, 'a.1', { dueAt: whenWoken, acts: 4 });
    put(world, 'a.2', { seq: 1 });
    open(world, 'a', { acts: 4 });
    const run = await send(world, ['a']);
    expect(texts(world)).toEqual([]);
    expect(message(world, 'a.2')).toMatchObject({ dueAt: whenWoken, acts: 4, holder: '' });
    expect(window(world, 'a')).toMatchObject({ waiting: 'asleep', remaining: 5 });
    expect([...run.done]).toEqual(['a']);
  });

  test('is awake where its user has, with all that sleeps in it', async () => {
    for (const known of [undefined, new Map([['a', 5]])]) {
      const world = createWorld();
      for (const seq of [1, 2, 3]) put(world, `a.${seq}`, { seq, dueAt: whenWoken, acts: 4 });
      open(world, 'a', { acts: known === undefined ? 5 : 4 });
      await send(world, ['a'], undefined, known);
      expect(texts(world)).toEqual(['a.1', 'a.2', 'a.3']);
    }
  });

  test('of a user of whom nothing is known sleeps on', async () => {
    const world = createWorld();
    put(world, 'a.1', { dueAt: whenWoken });
    await send(world, ['a']);
    expect(texts(world)).toEqual([]);
    expect(window(world, 'a')).toMatchObject({ waiting: 'asleep' });
  });

  test('goes along behind one that is due', async () => {
    const world = createWorld();
    put(world, 'a.1', { seq: 1 });
    put(world, 'a.2', { seq: 2, dueAt: whenWoken, acts: 4 });
    open(world, 'a', { acts: 4 });
    await send(world, ['a']);
    expect(texts(world)).toEqual(['a.1', 'a.2']);
  });

  test('is not let sleep again where its user wrote, though what is behind the first is not due', async () => {
    const world = createWorld();
    put(world, 'a.1', { seq: 1, dueAt: whenWoken, acts: 4 });
    put(world, 'a.2', { seq: 2, dueAt: 9e14 });
    open(world, 'a', { acts: 5 });
    await send(world, ['a']);
    expect(texts(world)).toEqual(['a.1']);
    expect([message(world, 'a.2')?.['dueAt'], window(world, 'a')?.['waiting']]).toEqual([9e14, 'none']);
  });

  test('is not let sleep behind one that only is not due', async () => {
    const world = createWorld();
    put(world, 'a.1', { seq: 1, dueAt: 9e14 });
    put(world, 'a.2', { seq: 2, dueAt: 0 });
    put(world, 'b.1', { seq: 1, state: 'sending', holder: 'x', leaseUntil: 9e15, dueAt: whenWoken });
    put(world, 'b.2', { seq: 2 });
    put(world, 'c.1', { seq: 1 });
    put(world, 'c.2', { seq: 2, dueAt: 9e14 });
    put(world, 'c.3', { seq: 3 });
    await send(world, ['a', 'b', 'c']);
    for (const id of ['a.2', 'b.2', 'c.3'])
      expect(message(world, id)).toMatchObject({ dueAt: 0, holder: '' });
    expect(world.documents('kefu_windows')).toEqual([]);
  });

  test.each([45015, 45047] as const)(
    'falls asleep by %i, its first and those behind it, till its user writes',
    async (errCode) => {
      const world = createWorld();
      fill(world, 'a', 5);
      fill(world, 'b', 2);
      for (const lane of ['a', 'b']) open(world, lane, { acts: 3 });
      world.shut('user a', errCode);
      const run = await send(world, ['a', 'b']);
      expect(texts(world)).toEqual(['b.1', 'b.2']);
      // Those that were marked with the first are let go, and fall asleep at the next look.
      expect(message(world, 'a.2')).toMatchObject({ state: 'waiting', dueAt: 0, holder: '' });
      for (const id of ['a.1', 'a.4', 'a.5'])
        expect(message(world, id)).toMatchObject({ state: 'waiting', dueAt: whenWoken, acts: 3, holder: '' });
      expect(window(world, 'a')).toMatchObject({ waiting: 'asleep', remaining: 0 });
      expect(window(world, 'b')).toMatchObject({ waiting: 'none', remaining: 3 });
      expect([...run.done]).toEqual(['a']);
    },
  );
});

describe('a push', () => {
  test('sends what waited for it though its waking fails at first', async () => {
    const world = createWorld();
    put(world, 'a.1', { dueAt: whenWoken });
    open(world, 'a', { acts: 1, waiting: 'woken' });
    world.meet({ database: ['before'] });
    await world.time.until(world.run((ports) => sendWoken('a', { acts: 1 }, ports)));
    expect(texts(world)).toEqual(['a.1']);
  });

  test('sends what waited for it at once, though its waking is not written yet, for two and a half seconds', async () => {
    const world = createWorld({ wechatMs: 1000, databaseMs: 0 });
    for (let seq = 1; seq <= 9; seq += 1) put(world, `a.${seq}`, { seq, dueAt: whenWoken, acts: 1 });
    open(world, 'a', { acts: 2, waiting: 'woken' });
    await world.time.until(world.run((ports) => sendWoken('a', { acts: 2 }, ports)));
    expect(texts(world).length).toBeGreaterThanOrEqual(2);
    expect(texts(world).length).toBeLessThanOrEqual(5);
    expect(window(world, 'a')).toMatchObject({ waiting: 'none' });
    expect(message(world, 'a.9')).toMatchObject({ state: 'waiting', dueAt: 0, holder: '' });
  });
});
