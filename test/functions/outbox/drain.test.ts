import { describe, expect, test } from '@jest/globals';
import type { Share } from '../../../shared/functions/outbox/drain';
import { drain } from '../../../shared/functions/outbox/drain';
import { createWorld, digest, type ProcessOptions, type World } from '../../world/world';
import { fill, put, texts } from './rows';

/** A drain: what it looks at, in which order, with whose help, and what it leaves to whom. */

const second = 1000;
const hour = 3600 * second;

const drainIn = (world: World, share?: Share, options: ProcessOptions = {}) =>
  world.time.until(world.run((ports) => drain(ports, share), { limitMs: 60 * second, ...options }));

describe('a drain', () => {
  test('answers what was sent, what was given up, and what waits now', async () => {
    const world = createWorld({ wechatMs: 0 });
    for (const lane of ['a', 'b', 'c']) fill(world, lane, 1);
    put(world, 'd.1', { dueAt: 9e14 });
    world.meet({
      wechat: [
        { kind: 'errcode', errCode: 40003 },
        { kind: 'errcode', errCode: -1 },
      ],
    });
    expect(await drainIn(world)).toEqual({ sent: 1, dead: 1, kept: 2 });
    const empty = createWorld();
    expect(await drainIn(empty)).toEqual({ sent: 0, dead: 0, kept: 0 });
    expect(empty.databaseCalls).toBe(1);
  });

  test('of a share sends that and leaves the rest of the timer’s work to the timer', async () => {
    const world = createWorld();
    const lost = { state: 'sending', holder: 'x', leaseUntil: 1 };
    put(world, '1.1');
    put(world, '2.1', lost);
    put(world, 'f.1');
    put(world, '3.1', { deadline: 1, leaseUntil: 1, dueAt: 9e14 });
    expect(await drainIn(world, { part: 1, of: 2 })).toEqual({ sent: 1, dead: 0, kept: 3 });
    expect(texts(world)).toEqual(['1.1']);
    expect(await drainIn(world)).toEqual({ sent: 1, dead: 2, kept: 0 });
  });

  test('sends what comes while it waits over a lost run', async () => {
    const world = createWorld();
    put(world, 'a.1', { state: 'sending', holder: 'x', leaseUntil: 1 });
    put(world, 'a.2', { seq: 1 });
    const draining = drainIn(world);
    expect(await draining).toEqual({ sent: 1, dead: 1, kept: 0 });
    expect(texts(world)).toEqual(['a.2']);
  });

  test('does not look at what is not due, nor at what another run has', async () => {
    const world = createWorld();
    put(world, 'a.1', { dueAt: world.time.now() + hour });
    put(world, 'b.1', { holder: 'x', leaseUntil: world.time.now() + hour });
    const before = world.databaseCalls;
    await drainIn(world);
    const looked = world.databaseCalls - before;
    put(world, 'c.1');
    await drainIn(world);
    expect(texts(world)).toEqual(['c.1']);
    expect(looked).toBeLessThan(10);
  });

  test('shares its lanes out to three takers, in groups of one size, of a hundred at most', async () => {
    for (const [lanes, groups] of [
      [2, 2],
      [3, 3],
      [7, 3],
      [300, 3],
      [301, 6],
    ] as const) {
      const world = createWorld({ databaseMs: 1, wechatMs: 1 });
      for (let index = 0; index < lanes; index += 1) fill(world, `l${index}`, 1);
      const sizes: number[] = [];
      const { ports } = world.createProcess({ limitMs: 60 * second });
      await world.time.until(
        drain({
          ...ports,
          database: (name) => {
            const collection = ports.database(name);
            if (name !== 'kefu_windows') return collection;
            return {
              ...collection,
              find: (condition, selection) => {
                const { _id: wanted } = condition as { _id?: { oneOf?: readonly string[] } };
                if (wanted?.oneOf !== undefined && wanted.oneOf.length > 0) sizes.push(wanted.oneOf.length);
                return collection.find(condition, selection);
              },
            };
          },
        }),
      );
      expect([lanes, sizes.length, Math.max(...sizes) <= 100]).toEqual([lanes, groups, true]);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(5);
      expect(world.delivered).toHaveLength(lanes);
    }
  });

  test('has nobody go on where nothing is left, where the database failed it, or where it is the last', async () => {
    for (const [share, failing, asked] of [
      [{ part: 1, of: 2 }, false, ['1/2 last']],
      [undefined, false, ['1/1 last']],
      [{ part: 1, of: 2, isLast: true }, false, []],
      [{ part: 1, of: 2 }, true, []],
    ] as const) {
      const world = createWorld({ wechatMs: 2000 });
      fill(world, '1', 60);
      if (failing) world.meet({ database: [undefined, 'before'] });
      await drainIn(world, share);
      expect(world.started.map(({ data }) => (data as { share: string }).share)).toEqual(asked);
    }
  });

  test('of one message costs three looks at what is there, three that set it right, and its turn', async () => {
    const world = createWorld();
    put(world, 'a.1');
    await drainIn(world);
    expect(world.databaseCalls).toBe(1 + 3 + 1 + 7 + 1 + 1);
  });

  test('does not come back to a lane that has to wait', async () => {
    const world = createWorld();
    put(world, 'a.1', { seq: 1, dueAt: 9e14 });
    put(world, 'a.2', { seq: 2 });
    expect(await drainIn(world)).toEqual({ sent: 0, dead: 0, kept: 2 });
    expect(world.databaseCalls).toBeLessThan(20);
  });

  test('has nobody go on where nothing is left, though its time is over', async () => {
    const world = createWorld({ wechatMs: 2000 });
    put(world, 'a.1');
    expect(await drainIn(world, undefined, { limitMs: 12.5 * second })).toMatchObject({ sent: 1, kept: 0 });
    expect(world.started).toEqual([]);
  });
});

describe('a drain of many', () => {
  /** A drain with the time for a few messages of each taker. */
  const begin = (world: World, share?: Share) =>
    world.time.until(world.run((ports) => drain(ports, share), { limitMs: 20 * second }));
  const slow = { databaseMs: 1, wechatMs: 3000 };
  const shares = ({ started }: World) =>
    started.map(({ data }) => (data as { share: string }).share).toSorted();

  test('begins with the owner’s lanes, then with those that wait longest', async () => {
    const world = createWorld(slow);
    for (let index = 0; index < 350; index += 1) put(world, `l${index}.1`, { seq: 5 });
    put(world, 'old.1', { seq: 1 });
    put(world, 'an owner’s.1', { seq: 5, rank: 1 });
    await begin(world);
    expect(texts(world)).toEqual(expect.arrayContaining(['old.1', 'an owner’s.1']));
    expect(texts(world).length).toBeLessThan(300);
  });

  test('sees those behind crowded lanes, each with more than it looks at', async () => {
    const world = createWorld(slow);
    for (const [place, lane] of ['1', '2'].entries())
      for (let seq = 0; seq < 1000; seq += 1) put(world, `${lane}.${seq}`, { seq: place * 1000 + seq });
    put(world, '3.1', { seq: 5000 });
    await begin(world);
    for (const lane of ['1', '2', '3']) expect(texts(world, `${lane}.`)).not.toEqual([]);
    const half = createWorld(slow);
    for (let seq = 0; seq < 1000; seq += 1) put(half, `1.${seq}`, { seq });
    put(half, '2.1', { seq: 5000 });
    put(half, 'f.1', { seq: 5000 });
    await begin(half, { part: 1, of: 2 });
    expect([texts(half, '2.'), texts(half, 'f.')]).toEqual([['2.1'], []]);
  });

  test.each([
    [2499, ['1/1 last']],
    [2500, ['1/1 last']],
    [2501, ['1/2 last', '2/2']],
  ])('that are %i messages has these runs asked for beside it, and after it: %j', async (count, asked) => {
    const world = createWorld(slow);
    for (let index = 0; index < count; index += 1) put(world, `${digest(String(index % 900))}.${index}`);
    await begin(world);
    expect(shares(world)).toEqual(asked);
  });

  test('goes on with the whole when its own share is done, where none of those it asked for begins', async () => {
    const world = createWorld({ databaseMs: 1, wechatMs: 1 });
    for (let index = 0; index < 2501; index += 1) put(world, `${digest(String(index))}.1`);
    expect(await drainIn(world)).toEqual({ sent: 2501, dead: 0, kept: 0 });
    expect(shares(world)).toEqual(['2/2']);
  });

  test('of a share asks for nobody beside it', async () => {
    const world = createWorld(slow);
    for (let index = 0; index < 3000; index += 1) put(world, `${digest(String(index % 900))}.${index}`);
    await begin(world, { part: 1, of: 1 });
    expect(shares(world)).toEqual(['1/1 last']);
  });
});
