import type { Account } from './account';

/**
 * WeChat's reply window: how many messages may be sent to a user, and until when, after what the user did.
 *
 * Pure rules over a list of what happened. The local WeChat enforces them; the functions use them to tell what is
 * left. WeChat's own answer (45015, 45047, 45080, 45081) always wins over this count.
 *
 * Sources: `framework/open-ability/customer-message/send.html` (mini program, 2025–26), the page of
 * `message/custom/send` (official account, since 2023-06-12), `service/guide/product/kf/intro` (a payment; the other two
 * pages do not name it), `typing.md`.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

interface Grant {
  readonly messages: number;
  readonly forMs: number;
}

/** A count that nobody comes to the end of, where WeChat's page says 无限制. */
export const unlimited = 1_000_000;

/** What each act of a user opens, by account kind. */
export const windowRules = {
  miniprogram: {
    message: { messages: 5, forMs: 48 * hour },
    enter: { messages: 2, forMs: minute },
  },
  official: {
    message: { messages: 5, forMs: 48 * hour },
    'menu-click': { messages: 3, forMs: minute },
    follow: { messages: 3, forMs: minute },
    scan: { messages: 3, forMs: minute },
    // A service account's. WeChat pushes no payment, so the functions do not know of one.
    payment: { messages: unlimited, forMs: 48 * hour },
  },
} as const satisfies Record<Account, Record<string, Grant>>;

/** An act of a user that opens the window. */
export type UserAct = { [A in Account]: keyof (typeof windowRules)[A] }[Account];

/** Something that bears on the window, with its time in milliseconds. */
export interface Happening {
  readonly kind: UserAct | 'sent' | 'typing' | 'cancel-typing' | 'unfollow';
  readonly at: number;
}

export interface ReplyWindow {
  /** How many messages may still be sent. */
  readonly remaining: number;
  /** When the window shuts, in milliseconds; 0 where it never was open. */
  readonly closesAt: number;
}

export const noWindow: ReplyWindow = { remaining: 0, closesAt: 0 };

/**
 * The window after one more happening. An act raises count and time to the larger value, it does not add; once the
 * window has shut, what was left of it is gone.
 */
export function afterHappening(account: Account, before: ReplyWindow, happening: Happening): ReplyWindow {
  const { kind, at } = happening;
  const open = at < before.closesAt ? before : { remaining: 0, closesAt: before.closesAt };
  if (kind === 'sent') return { ...open, remaining: Math.max(0, open.remaining - 1) };
  if (kind === 'unfollow') return noWindow;
  const rules: { readonly [act: string]: Grant } = windowRules[account];
  const grant = rules[kind];
  if (grant === undefined) return open;
  return {
    remaining: Math.max(open.remaining, grant.messages),
    closesAt: Math.max(open.closesAt, at + grant.forMs),
  };
}

/** The window at a moment, from all that happened, in order of time. */
export function windowAt(account: Account, happenings: readonly Happening[], now: number): ReplyWindow {
  let window = noWindow;
  for (const happening of happenings) window = afterHappening(account, window, happening);
  return leftAt(window, now);
}

/** What is left of a window at a moment: nothing once it has shut, and never less than nothing. */
export function leftAt({ remaining, closesAt }: ReplyWindow, now: number): ReplyWindow {
  return { remaining: now < closesAt ? Math.max(0, remaining) : 0, closesAt };
}

/** What WeChat answers to a send at this moment: 0, 45015 (the window is shut) or 45047 (its count is used up). */
export function decideSend(window: ReplyWindow, now: number): 0 | 45015 | 45047 {
  if (now >= window.closesAt) return 45015;
  return window.remaining > 0 ? 0 : 45047;
}

/** How recent an exchange with the user must be for a typing sign, and how long the sign lasts. */
export const typingRules = { exchangeWithinMs: 30 * second, lastsMs: 15 * second } as const;

/** Whether the typing sign shows at a moment: until 15 s have passed, a message was sent, or it was cancelled. */
export function isTypingAt(happenings: readonly Happening[], now: number): boolean {
  const last = happenings.findLast(
    ({ kind }) => kind === 'typing' || kind === 'cancel-typing' || kind === 'sent',
  );
  return last?.kind === 'typing' && now - last.at < typingRules.lastsMs;
}

/**
 * What WeChat answers to a typing command at this moment: 0, 45080 (no exchange within 30 s) or 45081 (it shows
 * already). To cancel is always allowed.
 */
export function decideTyping(
  command: 'Typing' | 'CancelTyping',
  happenings: readonly Happening[],
  now: number,
): 0 | 45080 | 45081 {
  if (command === 'CancelTyping') return 0;
  if (isTypingAt(happenings, now)) return 45081;
  const exchanged = happenings.some(
    ({ kind, at }) => (kind === 'message' || kind === 'sent') && now - at <= typingRules.exchangeWithinMs,
  );
  return exchanged ? 0 : 45080;
}
