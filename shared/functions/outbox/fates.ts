import { type Refusal, refusal } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { logThrown } from '../../core/failures';
import type { Changes } from '../../core/ports';
import type { ErrorCodeName } from '../../wechat/errors/errors';
import { type FallbackPorts, insteadOf } from '../deliver/fallback';
import { isWindowRefusal, type PartsAnswer, sendParts, type WindowRefusal } from '../deliver/parts';
import { type Payload, type Reason, whenWoken } from './outbox';

/** What becomes of a message: the try, the decision what it came to, and the table of what that means. */

/** What the writes of a batch have in common. */
export interface Moment {
  readonly now: number;
  /** A share of a wait, from a half to the whole, which spreads what would come back together. */
  readonly share: number;
  readonly keepText: boolean;
}

interface FateRow {
  /** Whether the lane's next message has to wait. */
  readonly blocks: boolean;
  /** Whether it is written only where nobody has taken the message for lost meanwhile. */
  readonly stillSending: boolean;
  readonly changes: (fate: Fate, moment: Moment) => Changes<DocumentOf<'kefu_outbox'>>;
}

/** What a message came to. */
export interface Fate {
  readonly kind: FateKind;
  readonly reason: Reason;
  /** How long until it is tried again. */
  readonly delayMs: number;
  /** Whether it used up one of the user's window. */
  readonly counted: boolean;
}

const freed = { state: 'waiting', holder: '', leaseUntil: 0 } as const;
const why = ({ code, errCode }: Reason) => ({ code, errCode });
const later = ({ reason, delayMs }: Fate, { now, share }: Moment) => ({
  ...freed,
  dueAt: now + Math.round(delayMs * share),
  ...why(reason),
});
const waits = { blocks: true, stillSending: true } as const;

export const fates = {
  sent: {
    blocks: false,
    // Also where another run has taken it for lost meanwhile: this one knows better.
    stillSending: false,
    changes: (_fate, { now }) => ({ state: 'sent', decidedAt: now, payload: '', ...noReason }),
  },
  dead: {
    blocks: false,
    stillSending: true,
    changes: ({ reason }, { now, keepText }) => ({
      state: 'dead',
      decidedAt: now,
      leaseUntil: 0,
      attempts: { add: 1 },
      ...reason,
      ...(keepText ? {} : { payload: '' }),
    }),
  },
  /** A failure that may pass: tried again after a while, so many times. */
  again: { ...waits, changes: (fate, moment) => ({ ...later(fate, moment), attempts: { add: 1 } }) },
  /** Not the message's fault and nothing that passes in seconds: tried again now and then, until too late. */
  held: { ...waits, changes: later },
  /** Waits for the user's next push. */
  asleep: { ...waits, changes: ({ reason }) => ({ ...freed, dueAt: whenWoken, ...why(reason) }) },
  /** Not begun after all. */
  left: { ...waits, changes: () => freed },
} as const satisfies Record<string, FateRow>;

export type FateKind = keyof typeof fates;

/** How often a failure that may pass is met before the message is given up. */
export const mostAttempts = 10;

const firstDelayMs = 30 * 1000;
export const longestDelayMs = 60 * 60 * 1000;

/** Refusals that are the account's or the configuration's, by what mends them. */
const holding: ReadonlySet<string> = new Set<ErrorCodeName>([
  'daily-limit',
  'token-invalid',
  'permission-missing',
  'configuration-invalid',
]);
const holdingMs = 30 * 60 * 1000;

const noReason: Reason = { code: '', errCode: 0, errMsg: '' };
const fate = (kind: FateKind, reason: Reason = noReason, delayMs = 0): Fate => ({
  kind,
  reason: { code: reason.code, errCode: reason.errCode, errMsg: reason.errMsg },
  delayMs,
  counted: false,
});

export const left = fate('left');

/** Why a message that came too late was not sent. */
export const tooLate: Reason = {
  code: 'deadline-passed',
  errCode: -501002,
  errMsg: 'it could not be sent before its deadline',
};

export const deadTooLate = fate('dead', tooLate);

/** What nobody of the functions wrote, or somebody changed: it has no seal, so it reads as empty. */
export const deadForeign = fate('dead', {
  code: 'not-allowed',
  errCode: -604104,
  errMsg: 'the functions did not write this document as it is, so it is not sent',
});

/** What of a message its sending needs. */
type Tried = Pick<DocumentOf<'kefu_outbox'>, 'account' | 'attempts' | 'deadline' | 'payload'>;

/** Sends a message that was marked, where it may still be sent. Never throws. */
export async function sendHeld(held: Tried, ports: FallbackPorts): Promise<Fate> {
  if (held.deadline <= ports.clock.now()) return deadTooLate;
  if (held.payload === '') return deadForeign;
  return fateOf(await attempt(held, ports), held.attempts);
}

async function attempt({ payload, account }: Tried, ports: FallbackPorts): Promise<PartsAnswer> {
  try {
    const { message, fallback } = JSON.parse(payload) as Payload;
    const parts = { parts: [message], account, instead: insteadOf(fallback, ports) };
    return (await sendParts(parts, ports)).answer;
  } catch (error) {
    logThrown(ports, 'send-kept', error);
    return refusal('unknown-delivery', -504002, 'the function failed while it sent this message');
  }
}

/** What an answer means for the message that was tried for the time after `attempts` others. */
export function fateOf(answer: PartsAnswer, attempts: number): Fate {
  if (answer.errCode === 0)
    return { ...fate('sent'), counted: answer.sent === undefined || answer.sent === 'message' };
  const refused = answer as Refusal;
  const { code, retryable, errCode } = refused;
  if (isWindowRefusal(errCode)) return fate('asleep', refused);
  if (holding.has(code)) return fate('held', refused, holdingMs);
  if (!retryable || attempts + 1 >= mostAttempts) return fate('dead', refused);
  return fate('again', refused, Math.min(longestDelayMs, firstDelayMs * 2 ** attempts));
}

/** The refusal that put a message to sleep. */
export function refusalOf({ reason }: Fate): WindowRefusal | undefined {
  return isWindowRefusal(reason.errCode) ? reason.errCode : undefined;
}

/** Fates of one name are written in one step. */
export function nameOf({ kind, reason, delayMs }: Fate): string {
  return `${kind} ${reason.code} ${reason.errCode} ${delayMs}`;
}
