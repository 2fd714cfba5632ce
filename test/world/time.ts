/** Virtual time: nothing happens but what is due, in the order in which it is due, and a story replays exactly. */

interface Due {
  readonly at: number;
  readonly order: number;
  readonly go: () => void;
}

export interface Time {
  now(): number;
  /** Resolves that much later. */
  wait(ms: number): Promise<void>;
  /** Lets time pass until a promise settles, and for nothing else. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Lets time pass, with all that is due in it. */
  pass(ms: number): Promise<void>;
}

/** Lets everything run that waits for nothing. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createTime(start = 1_700_000_000_000): Time {
  let now = start;
  let order = 0;
  const queue: Due[] = [];

  const put = (due: Due) => {
    const place = queue.findIndex(({ at }) => at > due.at);
    queue.splice(place === -1 ? queue.length : place, 0, due);
  };
  const step = async (last: number): Promise<boolean> => {
    await settle();
    const [next] = queue;
    if (next === undefined || next.at > last) return false;
    queue.shift();
    now = Math.max(now, next.at);
    next.go();
    return true;
  };

  return {
    now: () => now,
    wait: (ms) =>
      new Promise((resolve) => {
        order += 1;
        put({ at: now + Math.max(0, ms), order, go: resolve });
      }),
    async until(promise) {
      let done = false;
      const mark = () => {
        done = true;
      };
      promise.then(mark, mark);
      for (;;) {
        await settle();
        if (done) return promise;
        if (!(await step(Number.POSITIVE_INFINITY))) {
          await settle();
          if (done) return promise;
          throw new Error('nothing more happens, and it has not come to an end');
        }
      }
    },
    async pass(ms) {
      const end = now + ms;
      while (await step(end));
      now = end;
    },
  };
}

/** Numbers from 0 to below 1, the same ones for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}
