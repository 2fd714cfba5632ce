/** How often the desk asks what is new. */

/** While something happens; what is new is on the screen in this time and a call. */
const usualMs = 2000;
const quietMs = 5000;
const longestMs = 10_000;

/** Until when it asks as usual, and from when it asks seldom, after the last that was new or touched. */
const busyForMs = 60_000;
const calmForMs = 180_000;

/** After this time without an answer a question counts as lost: a phone that slept may never hear of it. */
export const patienceMs = 15_000;

/**
 * The pause before the next question.
 *
 * @param sinceMs how long ago anything was new, or somebody touched the screen
 * @param failures how many questions in a row got no answer
 */
export function pauseMs(sinceMs: number, failures: number): number {
  if (failures > 0) return Math.min(longestMs, 1000 * 2 ** Math.min(failures - 1, 10));
  if (sinceMs < busyForMs) return usualMs;
  return sinceMs < calmForMs ? quietMs : longestMs;
}
