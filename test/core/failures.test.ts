import { describe, expect, test } from '@jest/globals';
import { careless, logThrown, persist } from '../../shared/core/failures';
import { createSlots, inParallel } from '../../shared/core/parallel';
import { createWorld } from '../world/world';

/** What is done about an effect that fails, and how many are under way at a time. */

class Odd extends Error {
  override readonly name = 'Odd';
}

test('a failure is logged by its step and its kind, and never by its text', () => {
  const lines: object[] = [];
  const log = (line: object) => void lines.push(line);
  logThrown({ log }, 'keep', new Odd('a user wrote this'));
  logThrown({ log }, 'keep', 'a user wrote this');
  expect(lines).toEqual([
    { step: 'keep', failed: true, why: 'Odd' },
    { step: 'keep', failed: true, why: 'unknown' },
  ]);
});

test('what is not worth a failure comes to nothing, and to a line', async () => {
  const lines: object[] = [];
  const log = (line: object) => void lines.push(line);
  expect(await careless('look', { log }, () => Promise.resolve(5))).toBe(5);
  expect(await careless('look', { log }, () => Promise.reject(new Odd('no')))).toBeUndefined();
  expect(lines).toEqual([{ step: 'look', failed: true, why: 'Odd' }]);
});

describe('a write that must not be lost', () => {
  /** Writes, failing so many times first: what it came to, and the pauses. */
  async function write(failures: number, limitMs: number) {
    const world = createWorld();
    const { ports } = world.createProcess({ limitMs });
    const pauses: number[] = [];
    let tries = 0;
    const came = await world.time.until(
      persist(
        'write',
        {
          ...ports,
          sleep: (ms) => {
            pauses.push(ms);
            return ports.sleep(ms);
          },
        },
        async () => {
          tries += 1;
          if (tries <= failures) throw new Error('out of reach');
          return undefined;
        },
      ).then((value) => ({ value })),
    );
    return { came, tries, pauses };
  }

  test.each([
    [0, 1, []],
    [1, 2, [200]],
    [2, 3, [200, 400]],
    [9, 3, [200, 400]],
  ])('and fails %i times is tried %i times', async (failures, tries, pauses) => {
    expect(await write(failures, 60_000)).toMatchObject({ tries, pauses });
  });

  test('is not tried again where there is no time for one more step', async () => {
    expect(await write(1, 5000)).toMatchObject({ tries: 2 });
    expect(await write(1, 4999)).toMatchObject({ tries: 1, pauses: [] });
  });
});

/** Works on so many, each as long as it says: the most at a time, and the order of their beginnings. */
async function atATime(work: (one: (name: number) => Promise<void>) => Promise<unknown>) {
  const begun: number[] = [];
  let now = 0;
  let most = 0;
  await work(async (name) => {
    begun.push(name);
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
  });
  return { most, begun };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

test.each([
  [3, 8, 3],
  [8, 3, 3],
  [1, 4, 1],
  [5, 0, 0],
])('at most %i of %i are worked on at a time, begun in their order', async (limit, count, most) => {
  const came = await atATime((one) => inParallel(limit, numbers(count), one));
  expect(came).toEqual({ most, begun: numbers(count) });
});

test.each([
  [1, 5, 1],
  [2, 5, 2],
  [5, 2, 2],
])(
  '%i slots let at most so many of %i run, whoever brings them, also after failures',
  async (limit, count, most) => {
    const slot = createSlots(limit);
    await Promise.allSettled(numbers(limit).map(() => slot(() => Promise.reject(new Error('no')))));
    for (const _round of [1, 2]) {
      const came = await atATime((one) => Promise.all(numbers(count).map((name) => slot(() => one(name)))));
      expect(came).toEqual({ most, begun: numbers(count) });
    }
    expect(await slot(async () => 'done')).toBe('done');
  },
);
