/** Days and times as people in China read them: UTC+8, all year. */

const offsetMs = 8 * 60 * 60 * 1000;

/** A moment as a template has it: `2026年11月21日 17:05`. */
export function chinaTime(at: number): string {
  const [date = '', time = ''] = new Date(at + offsetMs).toISOString().split('T');
  const [year, month, day] = date.split('-').map(Number);
  return `${year}年${month}月${day}日 ${time.slice(0, 5)}`;
}

/** The day that a moment is in: `2026-11-21`. */
export function chinaDay(at: number): string {
  return new Date(at + offsetMs).toISOString().slice(0, 10);
}

/** When a day begins, in milliseconds; `undefined` where the text is no day. */
export function beginOfDay(day: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) ? undefined : at - offsetMs;
}
