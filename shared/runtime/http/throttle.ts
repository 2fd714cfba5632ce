/**
 * Keeps whoever guesses from guessing on: an instance's count of wrong tries. Each instance has its own, so the limit
 * is one of a few, not of one; it is there beside secrets that cannot be guessed, not in their place.
 */
export interface Throttle {
  /** Whether this one tried so often that it is not listened to now. */
  readonly isShut: (who: string, now: number) => boolean;
  /** Counts a wrong try. */
  readonly count: (who: string, now: number) => void;
}

/** Makes a throttle: after `tries` wrong ones within `withinMs` of the first it is shut for the rest of that time. */
export function createThrottle({ tries, withinMs }: { tries: number; withinMs: number }): Throttle {
  const counted = new Map<string, { readonly since: number; times: number }>();
  const current = (who: string, now: number) => {
    const found = counted.get(who);
    return found !== undefined && now - found.since < withinMs ? found : undefined;
  };
  return {
    isShut: (who, now) => (current(who, now)?.times ?? 0) >= tries,
    count(who, now) {
      const found = current(who, now) ?? { since: now, times: 0 };
      found.times += 1;
      // Set anew, the oldest come first.
      counted.delete(who);
      counted.set(who, found);
      const [oldest] = counted.keys();
      if (counted.size > mostCounted && oldest !== undefined) counted.delete(oldest);
    },
  };
}

/** More are forgotten, so that a flood of names does not fill the instance. */
const mostCounted = 1000;
