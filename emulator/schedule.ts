import type { EmulatorClock } from './clock';

/** Things to be done at a time of the local WeChat's clock, whether it runs or is moved. */
export interface Schedule {
  after(delayMs: number, run: () => void): void;
  reset(): void;
  close(): void;
}

/** How often a running clock is looked at. */
const lookMs = 50;

export function createSchedule(clock: EmulatorClock): Schedule {
  let tasks: { readonly at: number; readonly run: () => void }[] = [];
  const runDue = () => {
    const now = clock.now();
    const due = tasks.filter(({ at }) => at <= now);
    if (due.length === 0) return;
    tasks = tasks.filter(({ at }) => at > now);
    for (const { run } of due) run();
  };
  clock.onAdvance(runDue);
  const timer = setInterval(runDue, lookMs);
  timer.unref();
  return {
    after: (delayMs, run) => void tasks.push({ at: clock.now() + delayMs, run }),
    reset() {
      tasks = [];
    },
    close: () => clearInterval(timer),
  };
}
