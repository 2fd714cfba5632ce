import { type Refusal, refusalFor } from '../core/answer';
import type { DocumentOf } from '../core/collections';
import { logFailure, logThrown } from '../core/failures';
import { type Look, takeLease } from '../core/lease';
import type { Clock, Database, Log } from '../core/ports';

/**
 * The official account's access token, shared by all instances through the cloud database.
 *
 * WeChat allows few fetches a day, and a fetch of the older interface ends the token before; so however many instances
 * start at once, one fetches (it holds a lock with an end, so that a dead holder is overtaken) and the others wait for
 * it. The interface is `cgi-bin/stable_token`, which answers the same token until shortly before its end.
 */

/** What fetching a token came to. */
export type TokenFetch =
  | { readonly ok: true; readonly token: string; readonly expiresInSeconds: number }
  | { readonly ok: false; readonly errCode: number; readonly errMsg: string };

export interface AccessTokenOptions {
  readonly appid: string;
  readonly database: Database;
  readonly now: () => number;
  /** Asks WeChat. `force` makes a new token although the old one lasts. */
  readonly fetchToken: (force: boolean) => Promise<TokenFetch>;
  readonly sleep: (ms: number) => Promise<void>;
  /** A name that no other instance has. */
  readonly holder: string;
}

export type TokenResult =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly refusal: Refusal };

/** The call that needs a token. */
export interface TokenCall {
  readonly clock: Clock;
  readonly log: Log;
  /** A token that WeChat has just refused to this call. */
  readonly refused?: string;
}

export interface AccessTokens {
  /** A token that should work. Never throws. */
  get(call: TokenCall): Promise<TokenResult>;
}

/** A token is renewed this long before its end: WeChat keeps the old one for five minutes after a renewal. */
const marginMs = 4 * 60 * 1000;

/** How long a fetch may hold the lock. Longer than a fetch takes; a holder that died is overtaken then. */
export const lockMs = 8000;

/** How often those who wait look, and how long at most. */
const pollMs = 150;
const waitMs = lockMs + 2000;

type Held = DocumentOf<'kefu_tokens'>;

export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  let memory: Held | undefined;
  let underWay: Promise<TokenResult> | undefined;
  return {
    async get(call) {
      if (memory !== undefined && isFresh(memory, call, options)) return { ok: true, token: memory.token };
      // Calls of one instance at a time share what is under way.
      underWay ??= share(call, options)
        .catch((error: unknown) => {
          logThrown(call, 'share-token', error);
          return renewAlone(call, options);
        })
        .then((got) => {
          if (got.ok) memory = got.held;
          return got.ok ? { ok: true as const, token: got.held.token } : got;
        })
        .finally(() => {
          underWay = undefined;
        });
      return underWay;
    },
  };
}

type Got = { readonly ok: true; readonly held: Held } | { readonly ok: false; readonly refusal: Refusal };

function isFresh(held: Held, call: TokenCall, options: AccessTokenOptions): boolean {
  return lasts(held, call, options, marginMs);
}

/** Whether a token is good for so long. Near its end, or where its renewal failed, it is better than none while it lasts. */
function lasts(
  { token, expiresAt }: Held,
  { refused }: TokenCall,
  { now }: AccessTokenOptions,
  forMs = 0,
): boolean {
  return token !== '' && token !== refused && now() < expiresAt - forMs;
}

/** The token that all instances share: one of them renews it, under a lease. */
async function share(call: TokenCall, options: AccessTokenOptions): Promise<Got> {
  const { database, appid, now, sleep, holder } = options;
  const tokens = database('kefu_tokens');
  const _id = appid;
  const known = await tokens.get(_id);
  if (known !== undefined && isFresh(known, call, options)) return { ok: true, held: known };
  const look = (held: Held): Look<Held> => {
    if (isFresh(held, call, options)) return { kind: 'result', result: held };
    const { lockedUntil, holder: other } = held;
    if (now() >= lockedUntil) {
      const mine = { lockedUntil: now() + lockMs, holder };
      return { kind: 'take', take: () => tokens.update({ _id, lockedUntil, holder: other }, mine) };
    }
    // Somebody else renews. The old token serves meanwhile, if it lasts.
    return lasts(held, call, options) ? { kind: 'result', result: held } : { kind: 'wait' };
  };
  const leased = await takeLease(
    {
      collection: tokens,
      id: _id,
      fresh: () => ({ token: '', expiresAt: 0, lockedUntil: now() + lockMs, holder }),
      look,
      firstPauseMs: pollMs,
      longestPauseMs: pollMs,
      patienceMs: waitMs,
      closingMs: pollMs,
    },
    { ...call, sleep },
  );
  if (leased.kind === 'result') return { ok: true, held: leased.result };
  if (leased.kind === 'failed') throw leased.error;
  if (leased.kind === 'mine') return renew(leased.before ?? known, call, options);
  return { ok: false, refusal: refusalFor(-501002, 'another instance is renewing the access token') };
}

/** Fetches, as the holder of the lease, and gives it back. */
async function renew(before: Held | undefined, call: TokenCall, options: AccessTokenOptions): Promise<Got> {
  const { database, appid, holder } = options;
  const tokens = database('kefu_tokens');
  const fetched = await fetchNew(call, options);
  if (fetched.ok) {
    await tokens.set(appid, fetched.held);
    return fetched;
  }
  await tokens.update({ _id: appid, holder }, { lockedUntil: 0, holder: '' });
  logFailure(call, 'renew-token', { errCode: fetched.refusal.errCode });
  return before !== undefined && lasts(before, call, options) ? { ok: true, held: before } : fetched;
}

/** The database is out of reach: each instance for itself, which `stable_token` bears. */
async function renewAlone(call: TokenCall, options: AccessTokenOptions): Promise<Got> {
  const fetched = await fetchNew({ ...call, force: false }, options);
  return fetched.ok && fetched.held.token === call.refused
    ? { ok: false, refusal: refusalFor(40001, 'WeChat refuses its own token') }
    : fetched;
}

async function fetchNew(
  { refused, force = true }: TokenCall & { readonly force?: boolean },
  { fetchToken, now }: AccessTokenOptions,
): Promise<Got> {
  let fetched = await fetchToken(false);
  // Not the latest after all: WeChat still thinks it good, so a new one has to be forced.
  if (force && fetched.ok && fetched.token === refused) fetched = await fetchToken(true);
  if (!fetched.ok) return { ok: false, refusal: refusalFor(fetched.errCode, fetched.errMsg) };
  const expiresAt = now() + fetched.expiresInSeconds * 1000;
  return { ok: true, held: { token: fetched.token, expiresAt, lockedUntil: 0, holder: '' } };
}
