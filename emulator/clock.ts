/** The time in the local WeChat. */
export interface EmulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Moves the time forward; negative amounts are refused. */
  advance(ms: number): void;
  /** Calls back after each advance. */
  onAdvance(listener: (ms: number) => void): void;
  reset(): void;
}

/**
 * A clock that runs with the real time, moved by what it was advanced; or, given a start, one that stands still
 * between advances, so that a story replays to the millisecond.
 */
export function createClock(startsAt?: number): EmulatorClock {
  let advanced = 0;
  const listeners: ((ms: number) => void)[] = [];
  return {
    now: () => (startsAt ?? Date.now()) + advanced,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new RangeError('the clock moves forward only');
      advanced += ms;
      for (const listener of listeners) listener(ms);
    },
    onAdvance: (listener) => void listeners.push(listener),
    reset() {
      advanced = 0;
    },
  };
}
