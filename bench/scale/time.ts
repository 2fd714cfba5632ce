/** Virtual time for very many waits: nothing happens but what is due, the earliest first. */

interface Due {
  readonly at: number;
  readonly go: () => void;
}

export interface Time {
  now(): number;
  wait(ms: number): Promise<void>;
  /** Lets time pass until nothing waits any more, or as long as is said. */
  pass(ms?: number): Promise<void>;
}

export function createTime(start: number): Time {
  let now = start;
  const heap: Due[] = [];
  const at = (place: number) => heap[place]?.at ?? Number.POSITIVE_INFINITY;
  const swap = (one: number, other: number) => {
    const [a, b] = [heap[one], heap[other]];
    if (a === undefined || b === undefined) return;
    [heap[one], heap[other]] = [b, a];
  };
  const put = (due: Due) => {
    for (let place = heap.push(due) - 1; place > 0 && at((place - 1) >> 1) > due.at; place = (place - 1) >> 1)
      swap(place, (place - 1) >> 1);
  };
  const takeFirst = () => {
    swap(0, heap.length - 1);
    heap.pop()?.go();
    for (let place = 0; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const least = at(right) < at(left) ? right : left;
      if (at(least) >= at(place)) return;
      swap(place, least);
      place = least;
    }
  };
  /** Lets everything run that waits for nothing. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    now: () => now,
    wait: (ms) => new Promise((resolve) => put({ at: now + ms, go: resolve })),
    async pass(ms = Number.POSITIVE_INFINITY) {
      const end = now + ms;
      await settle();
      while (at(0) <= end && heap.length > 0) {
        now = Math.max(now, at(0));
        takeFirst();
        await settle();
      }
      if (ms !== Number.POSITIVE_INFINITY) now = end;
    },
  };
}
