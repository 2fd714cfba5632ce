import type { PlannedFunction } from './plan';

/** What timers come to: how often a month they run, and which of them have nothing to do. */

const daysAMonth = 30;

/** How many values of a field of a timer apply; `undefined` where it is written in another way than is counted here. */
function valuesIn(field: string, range: number): number | undefined {
  if (field === '*') return range;
  const step = /^\*\/([1-9]\d*)$/.exec(field)?.[1];
  if (step !== undefined) return Math.ceil(range / Number(step));
  return /^\d+(?:,\d+)*$/.test(field) ? field.split(',').length : undefined;
}

/**
 * How often a timer of seven fields runs in a month of thirty days; `undefined` where it names days, or is written with
 * ranges.
 */
export function runsAMonth(config: string): number | undefined {
  const [second = '', minute = '', hour = '', ...days] = config.trim().split(/\s+/);
  if (days.some((field) => field !== '*')) return undefined;
  const counts = [valuesIn(second, 60), valuesIn(minute, 60), valuesIn(hour, 24)];
  return counts.reduce<number | undefined>(
    (runs, count) => (runs === undefined || count === undefined ? undefined : runs * count),
    daysAMonth,
  );
}

const answerer = 'kefu-answer';

/** The functions with the timers that have something to do: that of `kefu-answer` only where a rule leaves it an answer. */
export function withNeededTimers(
  functions: readonly PlannedFunction[],
  leavesAnswers: boolean,
): readonly PlannedFunction[] {
  return functions.map((planned) => {
    if (planned.name !== answerer || leavesAnswers) return planned;
    const { triggers: _triggers, ...entry } = planned.entry;
    return { ...planned, entry, triggers: [] };
  });
}
