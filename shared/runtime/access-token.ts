import { type Refusal, refusalFor } from '../core/answer';
import type { Clock, Log, Store, StoredDocument } from '../core/ports';

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
  readonly store: Store;
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

const collection = 'kefu_tokens';

/** A token is renewed this long before its end: WeChat keeps the old one for five minutes after a renewal. */
const marginMs = 4 * 60 * 1000;

/** How long a fetch may hold the lock. Longer than a fetch takes; a holder that died is overtaken then. */
export const lockMs = 8000;

/** How often those who wait look, and how long at most. */
const pollMs = 150;
const waitMs = lockMs + 2000;

interface Held {
  readonly token: string;
  readonly expiresAt: number;
  readonly lockedUntil: number;
}

export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { appid, store, now, fetchToken, sleep, holder } = options;
  const key = [appid];
  let memory: { readonly token: string; readonly expiresAt: number } | undefined;

  const isFresh = (held: { token: string; expiresAt: number } | undefined, refused: string | undefined) =>
    held !== undefined && held.token !== '' && held.token !== refused && now() < held.expiresAt - marginMs;

  /** A token near its end, or whose renewal failed, is better than none while it lasts. */
  const stillLasts = (held: Held | undefined, refused: string | undefined): held is Held =>
    held !== undefined && held.token !== '' && held.token !== refused && now() < held.expiresAt;

  const keep = (held: { token: string; expiresAt: number }): TokenResult => {
    memory = { token: held.token, expiresAt: held.expiresAt };
    return { ok: true, token: held.token };
  };

  const read = async (): Promise<Held | undefined> => readHeld(await store.get(collection, key));

  const lock = (held: Held | undefined): Promise<boolean> => {
    const until = { lockedUntil: now() + lockMs, holder };
    if (held === undefined) return store.create(collection, key, { token: '', expiresAt: 0, ...until });
    if (now() < held.lockedUntil) return Promise.resolve(false);
    return store.change(collection, key, { lockedUntil: held.lockedUntil }, until);
  };

  /** Fetches, as the holder of the lock, and gives it back. */
  const renew = async (held: Held | undefined, { refused, log }: TokenCall): Promise<TokenResult> => {
    let fetched = await fetchToken(false);
    // Not the latest after all: WeChat still thinks it good, so a new one has to be forced.
    if (fetched.ok && fetched.token === refused) fetched = await fetchToken(true);
    if (!fetched.ok) {
      await store.change(collection, key, { holder }, { lockedUntil: 0 });
      log({ step: 'renew-token', failed: true, errCode: fetched.errCode });
      return stillLasts(held, refused)
        ? keep(held)
        : { ok: false, refusal: refusalFor(fetched.errCode, fetched.errMsg) };
    }
    const expiresAt = now() + fetched.expiresInSeconds * 1000;
    await store.set(collection, key, { token: fetched.token, expiresAt, lockedUntil: 0, holder: '' });
    return keep({ token: fetched.token, expiresAt });
  };

  /** The database is out of reach: each instance for itself, which `stable_token` bears. */
  const renewAlone = async (refused: string | undefined): Promise<TokenResult> => {
    const fetched = await fetchToken(false);
    if (!fetched.ok) return { ok: false, refusal: refusalFor(fetched.errCode, fetched.errMsg) };
    if (fetched.token === refused)
      return { ok: false, refusal: refusalFor(40001, 'WeChat refuses its own token') };
    return keep({ token: fetched.token, expiresAt: now() + fetched.expiresInSeconds * 1000 });
  };

  const share = async (call: TokenCall): Promise<TokenResult> => {
    const { refused, clock } = call;
    const startedAt = now();
    for (;;) {
      const held = await read();
      if (held !== undefined && isFresh(held, refused)) return keep(held);
      if (await lock(held)) return renew(held, call);
      // Somebody else renews. The old token serves meanwhile, if it lasts.
      if (stillLasts(held, refused)) return keep(held);
      if (now() - startedAt > waitMs || clock.remainingMs() < pollMs * 2) {
        return { ok: false, refusal: refusalFor(-501002, 'another instance is renewing the access token') };
      }
      await sleep(pollMs);
    }
  };

  let underWay: Promise<TokenResult> | undefined;

  return {
    async get(call) {
      const { refused, log } = call;
      if (memory !== undefined && isFresh(memory, refused)) return { ok: true, token: memory.token };
      // Calls of one instance at a time share what is under way.
      underWay ??= share(call)
        .catch((error: unknown) => {
          log({ step: 'share-token', failed: true, why: error instanceof Error ? error.name : 'unknown' });
          return renewAlone(refused);
        })
        .finally(() => {
          underWay = undefined;
        });
      return underWay;
    },
  };
}

function readHeld(document: StoredDocument | undefined): Held | undefined {
  if (document === undefined) return undefined;
  const { token, expiresAt, lockedUntil } = document;
  return {
    token: typeof token === 'string' ? token : '',
    expiresAt: typeof expiresAt === 'number' ? expiresAt : 0,
    lockedUntil: typeof lockedUntil === 'number' ? lockedUntil : 0,
  };
}
