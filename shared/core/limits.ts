import { type Refusal, refusal } from './answer';
import type { Clock } from './ports';

/**
 * What one user may ask for by itself, far above what a shop's customer does: so that nobody takes the functions' time,
 * the database's room or the account's calls from the others. Operators and the owner's code have no such limits.
 */
export const userLimits = {
  /** Calls a minute, as each instance counts them for itself. */
  callsAMinute: 120,
  /** Messages that wait in the outbox. */
  waiting: 100,
} as const;

/** WeChat's number for too many calls at once. */
const tooOften = 45011;

/** Counts calls by user, a minute at a time. */
export interface Meter {
  /** Why a user's call is one too many; `undefined` where it is not. */
  refuse(openid: string, clock: Pick<Clock, 'now'>): Refusal | undefined;
}

export function createMeter(): Meter {
  let minute = 0;
  let counts = new Map<string, number>();
  return {
    refuse(openid, clock) {
      const now = Math.floor(clock.now() / 60_000);
      if (now !== minute) [minute, counts] = [now, new Map()];
      const count = (counts.get(openid) ?? 0) + 1;
      counts.set(openid, count);
      return count > userLimits.callsAMinute
        ? refusal(
            'rate-limited',
            tooOften,
            `more than ${userLimits.callsAMinute} calls of one user in a minute`,
          )
        : undefined;
    },
  };
}

/** The refusal of messages for which there is no room: a user's own, of which so many wait already. */
export function refuseWaiting(waiting: number, more: number): Refusal | undefined {
  return waiting + more > userLimits.waiting
    ? refusal(
        'rate-limited',
        tooOften,
        `${waiting} messages of this user wait already; a client may have ${userLimits.waiting} waiting`,
      )
    : undefined;
}
