import { describe, expect, test } from '@jest/globals';
import { type ClaimResult, claimMs, claimPush } from '../../../shared/functions/receive/claim';
import { createWorld, type ProcessOptions, type World } from '../../world/world';

/** The claim of a push, whoever has it and whoever takes it over. */

const claim = (world: World, id = 'push', begun = 0, options: ProcessOptions = {}) =>
  world.time.until(world.run((ports) => claimPush(id, begun, ports), options)) as Promise<ClaimResult>;

/** A claim that nobody renews any more. */
const left = (id: string, until: number) => ({
  _id: id,
  state: 'claimed',
  holder: `dead ${id}`,
  until,
  begun: 2,
  dealt: 1,
  at: 0,
  answer: '',
});

const documentOf = (world: World, id: string) => world.documents('kefu_pushes').find(({ _id }) => _id === id);

describe('a claim that has run out', () => {
  test('is taken over, with what its holder had begun and dealt with; no other is touched', async () => {
    const world = createWorld({ databaseMs: 0 });
    const other = left('other', world.time.now());
    world.put('kefu_pushes', left('push', world.time.now()));
    world.put('kefu_pushes', other);
    expect(await claim(world)).toMatchObject({
      kind: 'mine',
      claim: { begun: 2, dealt: 1, isTakenOver: true },
    });
    // At once, also at the very moment at which it ran out.
    expect(world.time.now()).toBe(other.until);
    expect(documentOf(world, 'push')).toMatchObject({ until: other.until + claimMs });
    expect(documentOf(world, 'other')).toEqual(other);
  });

  test.each([1, 2, 3, 4, 5, 6])('is taken over by one of several who find it so (%i)', async (seed) => {
    const world = createWorld({ seed, lagMs: seed % 2 === 0 ? 1000 : 0 });
    world.put('kefu_pushes', left('push', world.time.now()));
    await world.time.pass(1000);
    const results = await world.time.until(
      Promise.all(
        Array.from({ length: 4 }, () => world.run((ports) => claimPush('push', 0, ports), { limitMs: 3000 })),
      ),
    );
    expect(results.filter((result) => typeof result === 'object')).toHaveLength(1);
  });

  test('before that moment is waited for', async () => {
    const world = createWorld({ databaseMs: 0 });
    world.put('kefu_pushes', left('push', world.time.now() + 1000));
    const startedAt = world.time.now();
    expect(await claim(world)).toMatchObject({ kind: 'mine' });
    expect(world.time.now() - startedAt).toBeGreaterThanOrEqual(1000);
  });
});

describe('a claim', () => {
  test('that the database does not answer for is nobody’s', async () => {
    const world = createWorld();
    world.meet({ database: Array.from({ length: 9 }, () => 'before' as const) });
    expect(await claim(world)).toBe('failed');
    expect(world.documents('kefu_pushes')).toEqual([]);
  });

  test('that is made says how many messages are begun with it', async () => {
    const made = await claim(createWorld(), 'push', 1);
    expect(made).toMatchObject({ kind: 'mine', claim: { begun: 1, dealt: 0, isTakenOver: false } });
  });

  test('that is lost begins nothing, finishes nothing and gives nothing back', async () => {
    const world = createWorld();
    const first = await claim(world);
    if (first.kind !== 'mine') throw new Error('nobody else has it');
    const taken = { ...documentOf(world, 'push'), _id: 'push', holder: 'another' };
    world.put('kefu_pushes', taken);
    expect(await world.time.until(first.claim.begin(0))).toBe(false);
    await world.time.until(first.claim.finish('"success"'));
    first.claim.deal(2);
    await world.time.until(first.claim.giveBack());
    expect(documentOf(world, 'push')).toEqual(taken);
  });

  test('is renewed while the work goes on, and not after its end', async () => {
    const world = createWorld();
    const mine = await claim(world);
    if (mine.kind !== 'mine') throw new Error('nobody else has it');
    await world.time.pass(60_000);
    expect(Number(documentOf(world, 'push')?.['until'])).toBeGreaterThan(world.time.now() + claimMs - 3000);
    await world.time.until(mine.claim.finish('"success"'));
    const calls = world.databaseCalls;
    await world.time.pass(60_000);
    expect(world.databaseCalls).toBe(calls);
    expect(await claim(world)).toEqual({ kind: 'done', answer: '"success"' });
  });

  test('that was given back is gone on with at once, from what was dealt with', async () => {
    const world = createWorld();
    const mine = await claim(world, 'push', 1);
    if (mine.kind !== 'mine') throw new Error('nobody else has it');
    expect(await world.time.until(mine.claim.begin(1))).toBe(true);
    mine.claim.deal(0);
    await world.time.until(mine.claim.giveBack());
    const startedAt = world.time.now();
    expect(await claim(world)).toMatchObject({ claim: { begun: 2, dealt: 1, isTakenOver: true } });
    expect(world.time.now() - startedAt).toBeLessThan(100);
  });
});
