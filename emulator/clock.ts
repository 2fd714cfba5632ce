/** The time in the local WeChat, and what is to be done at a time of it. */
export interface EmulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Moves the time forward; negative amounts are refused. */
  advance(ms: number): void;
  /** Calls back after each advance. */
  onAdvance(listener: (ms: number) => void): void;
  /** Does something later, whether the time runs until then or is moved. */
  after(delayMs: number, run: () => void): void;
  reset(): void;
  close(): void;
}

/** How often a running clock is looked at. */
const lookMs = 50;

/**
 * A clock that runs with the real time, moved by what it was advanced; or, given a start, one that stands still
 * between advances, so that a story replays to the millisecond.
 */
export function createClock(startsAt?: number): EmulatorClock {
  let advanced = 0;
  let tasks: { readonly at: number; readonly run: () => void }[] = [];
  const listeners: ((ms: number) => void)[] = [];
  const now = () => (startsAt ?? Date.now()) + advanced;
  const runDue = () => {
    const until = now();
    const due = tasks.filter(({ at }) => at <= until);
    if (due.length === 0) return;
    tasks = tasks.filter(({ at }) => at > until);
    for (const { run } of due) run();
  };
  const timer = setInterval(runDue, lookMs);
  timer.unref();
  return {
    now,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new RangeError('the clock moves forward only');
      advanced += ms;
      runDue();
      for (const listener of listeners) listener(ms);
    },
    onAdvance: (listener) => void listeners.push(listener),
    after: (delayMs, run) => void tasks.push({ at: now() + delayMs, run }),
    reset() {
      advanced = 0;
      tasks = [];
    },
    close: () => clearInterval(timer),
  };
}
