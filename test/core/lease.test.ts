import { describe, expect, test } from '@jest/globals';
import { type LeaseRules, type Look, takeLease } from '../../shared/core/lease';
import { NotDone } from '../../shared/core/ports';
import { createWorld, type DatabaseMishap, type World } from '../world/world';

/** The lease by itself: what it costs, how long it waits, and when it gives up. */

const mine = { state: 'claimed', holder: 'mine', until: 0, begun: 0, dealt: 0, at: 0, answer: '' } as const;
const theirs = { ...mine, holder: 'theirs' };

type Push = { readonly holder: string };

interface Asked {
  readonly look?: (held: Push, world: World) => Look<string>;
  readonly rules?: Partial<LeaseRules<typeof mine, string>>;
  /** How long the call may still run, at its start. */
  readonly limitMs?: number;
  readonly failing?: () => Error;
}

/** Takes the lease `push`: what it came to, the pauses that were made, and what it cost. */
async function take(world: World, { look, rules, limitMs = 1e9, failing }: Asked = {}) {
  const { ports } = world.createProcess({ limitMs });
  const pauses: number[] = [];
  const [before, startedAt] = [world.databaseCalls, world.time.now()];
  const collection = ports.database('kefu_pushes');
  const leased = await world.time.until(
    takeLease<typeof mine, string>(
      {
        collection: (failing === undefined
          ? collection
          : { ...collection, insert: () => Promise.reject(failing()) }) as never,
        id: 'push',
        fresh: () => mine,
        look: (held) => look?.(held, world) ?? { kind: 'wait' },
        firstPauseMs: 100,
        longestPauseMs: 300,
        patienceMs: 10_000,
        closingMs: 1000,
        ...rules,
      },
      {
        ...ports,
        sleep: (ms) => {
          pauses.push(ms);
          return ports.sleep(ms);
        },
      },
    ),
  );
  return { leased, pauses, trips: world.databaseCalls - before, tookMs: world.time.now() - startedAt };
}

const held = (lagMs = 0) => {
  const world = createWorld({ lagMs, databaseMs: 0 });
  world.put('kefu_pushes', { ...theirs, _id: 'push' });
  return world;
};

describe('a lease', () => {
  test('that nobody has is made in one round trip', async () => {
    expect(await take(createWorld())).toMatchObject({ leased: { kind: 'mine' }, trips: 1, pauses: [] });
  });

  test('that is taken over says what was found, and one that is made says nothing', async () => {
    const world = held();
    const { leased } = await take(world, {
      look: () => ({ kind: 'take', take: () => Promise.resolve(1) }),
    });
    expect(leased).toEqual({ kind: 'mine', before: { ...theirs, _id: 'push' } });
    expect((await take(createWorld())).leased).toEqual({ kind: 'mine', before: undefined });
  });

  test('that somebody else was faster to take over, or to end, is looked at again', async () => {
    for (const kind of ['take', 'end'] as const) {
      const counts = [0, 0, 1];
      const write = () => Promise.resolve(counts.shift() ?? 1);
      const { leased, pauses } = await take(held(), {
        look: () => (kind === 'take' ? { kind, take: write } : { kind, end: write, result: 'lost' }),
      });
      expect(leased).toMatchObject(kind === 'take' ? { kind: 'mine' } : { kind: 'result', result: 'lost' });
      expect(pauses).toHaveLength(2);
    }
  });

  test('that cannot be read yet is no failure', async () => {
    const world = createWorld({ lagMs: 500, databaseMs: 0 });
    await world.time.pass(1000);
    world.put('kefu_pushes', { ...theirs, _id: 'push' });
    const { leased } = await take(world, { look: () => ({ kind: 'result', result: 'said' }) });
    expect(leased).toEqual({ kind: 'result', result: 'said' });
    expect(world.lines).toEqual([]);
  });

  test('is looked at soon, then less and less', async () => {
    let looks = 0;
    const { pauses } = await take(held(), {
      look: () => {
        looks += 1;
        return looks > 5 ? { kind: 'result', result: '' } : { kind: 'wait' };
      },
    });
    expect(pauses).toEqual([100, 150, 225, 300, 300]);
  });

  test('is waited for as long as patience lasts, and no longer', async () => {
    const { leased, pauses } = await take(held(), {
      rules: { firstPauseMs: 250, longestPauseMs: 250, patienceMs: 1000 },
    });
    expect(leased).toEqual({ kind: 'late' });
    expect(pauses).toEqual([250, 250, 250, 250]);
  });

  test('is waited for while a pause leaves what the call keeps for its end', async () => {
    const rules = { firstPauseMs: 250, longestPauseMs: 250, closingMs: 1000, patienceMs: 1e9 };
    const exact = await take(held(), { rules, limitMs: 1500 });
    expect(exact).toMatchObject({ leased: { kind: 'late' }, pauses: [250, 250] });
    const less = await take(held(), { rules, limitMs: 1499 });
    expect(less).toMatchObject({ leased: { kind: 'late' }, pauses: [250] });
  });

  test('of a database that fails is tried four times in a row', async () => {
    const { leased, pauses } = await take(createWorld(), { failing: () => new Error('out of reach') });
    expect(leased).toMatchObject({ kind: 'failed', isCertain: false });
    expect(pauses).toHaveLength(3);
    const world = held();
    const mishaps: (DatabaseMishap | undefined)[] = Array.from({ length: 3 }, () => 'before');
    world.meet({ database: [...mishaps, undefined, undefined, ...mishaps] });
    expect((await take(world, { rules: { patienceMs: 2000 } })).leased).toEqual({ kind: 'late' });
  });

  test('of a database that fails is given up where there is no time for another try', async () => {
    const failing = () => new Error('out of reach');
    const exact = await take(createWorld(), { failing, limitMs: 1100 });
    expect([exact.leased.kind, exact.pauses]).toEqual(['failed', [100]]);
    const less = await take(createWorld(), { failing, limitMs: 1099 });
    expect([less.leased.kind, less.pauses]).toEqual(['failed', []]);
  });

  test('is known not to have been made where each failure says so', async () => {
    const sure = await take(createWorld(), { failing: () => new NotDone('no such environment') });
    expect(sure.leased).toMatchObject({ kind: 'failed', isCertain: true });
    let failures = 0;
    const unsure = await take(createWorld(), {
      failing: () => {
        failures += 1;
        return failures === 2 ? new Error('no answer') : new NotDone('no such environment');
      },
    });
    expect(unsure.leased).toMatchObject({ kind: 'failed', isCertain: false });
  });
});
