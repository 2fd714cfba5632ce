import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createThrottle } from '../../../shared/runtime/http/throttle';
import { depth } from '../../depth';

describe('a throttle', () => {
  test('is shut after its tries for the rest of the time since the first', () => {
    const throttle = createThrottle({ tries: 3, withinMs: 1000 });
    for (const now of [0, 400, 800]) {
      expect(throttle.isShut('a', now)).toBe(false);
      throttle.count('a', now);
    }
    expect(throttle.isShut('a', 999)).toBe(true);
    expect(throttle.isShut('b', 999)).toBe(false);
    expect(throttle.isShut('a', 1000)).toBe(false);
  });

  test('for every row of tries: never lets more than its number through within the time', () => {
    const tries = fc.array(fc.record({ who: fc.constantFrom('a', 'b'), pauseMs: fc.nat(300) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(tries, (row) => {
        const throttle = createThrottle({ tries: 5, withinMs: 1000 });
        const passed: { who: string; now: number }[] = [];
        let now = 0;
        for (const { who, pauseMs } of row) {
          now += pauseMs;
          if (throttle.isShut(who, now)) continue;
          throttle.count(who, now);
          passed.push({ who, now });
        }
        // Two windows may meet in a second, no more.
        for (const { who, now: at } of passed) {
          const near = passed.filter(
            (other) => other.who === who && other.now >= at && other.now < at + 1000,
          );
          expect(near.length).toBeLessThanOrEqual(10);
        }
      }),
      { numRuns: depth(20_000) },
    );
  });

  test('forgets the oldest of a flood, and holds no more than a thousand', () => {
    const throttle = createThrottle({ tries: 1, withinMs: 1000 });
    for (let name = 0; name < 1500; name += 1) throttle.count(String(name), 0);
    const shut = Array.from({ length: 1500 }, (_, name) => throttle.isShut(String(name), 1));
    expect(shut.indexOf(true)).toBe(500);
  });
});
