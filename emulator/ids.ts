/** Names and chances that come out the same for the same seed. */
export interface Ids {
  /** A fresh name: the prefix and a running number. */
  next(prefix: string): string;
  /** A number from 0 up to 1. */
  random(): number;
  reset(): void;
}

/** Makes ids from a seed. The generator is mulberry32, which is enough for faults by chance. */
export function createIds(seed = 1): Ids {
  let counter = 0;
  let state = seed;
  return {
    next(prefix) {
      counter += 1;
      return `${prefix}${counter.toString(36).padStart(6, '0')}`;
    },
    random() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    reset() {
      counter = 0;
      state = seed;
    },
  };
}
