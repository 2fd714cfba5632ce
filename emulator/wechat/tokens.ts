import type { Account } from '../../shared/wechat/account';
import type { EmulatorClock } from '../clock';
import type { Ids } from '../ids';

/**
 * WeChat's access tokens: two hours each. `token` ends the one before after five minutes, `stable_token` answers the
 * same one until its last five minutes, or a new one when forced.
 */
export interface Tokens {
  fresh(account: Account): { readonly token: string; readonly expiresInSeconds: number };
  stable(account: Account, force: boolean): { readonly token: string; readonly expiresInSeconds: number };
  /** Whose token it is; or WeChat's code for one that is wrong or spent. */
  read(token: string): Account | 40001 | 42001;
  /** Ends an account's tokens at once, as a new AppSecret does. */
  revoke(account: Account): void;
  /** How often WeChat was asked for a token. */
  readonly fetches: number;
  reset(): void;
}

const lifeMs = 7200 * 1000;
const graceMs = 5 * 60 * 1000;

export function createTokens(clock: EmulatorClock, ids: Ids): Tokens {
  const issued = new Map<string, { account: Account; endsAt: number }>();
  const latest = new Map<Account, string>();
  let fetches = 0;

  const make = (account: Account) => {
    const before = issued.get(latest.get(account) ?? '');
    if (before !== undefined) before.endsAt = Math.min(before.endsAt, clock.now() + graceMs);
    const token = `${ids.next('7')}_local-${account}-token`;
    issued.set(token, { account, endsAt: clock.now() + lifeMs });
    latest.set(account, token);
    return { token, expiresInSeconds: lifeMs / 1000 };
  };

  return {
    fresh(account) {
      fetches += 1;
      return make(account);
    },
    stable(account, force) {
      fetches += 1;
      const token = latest.get(account) ?? '';
      const leftMs = (issued.get(token)?.endsAt ?? 0) - clock.now();
      if (force || leftMs <= graceMs) return make(account);
      return { token, expiresInSeconds: Math.floor(leftMs / 1000) };
    },
    read(token) {
      const row = issued.get(token);
      if (row === undefined) return 40001;
      return clock.now() < row.endsAt ? row.account : 42001;
    },
    revoke(account) {
      for (const [token, row] of issued) if (row.account === account) issued.delete(token);
      latest.delete(account);
    },
    get fetches() {
      return fetches;
    },
    reset() {
      issued.clear();
      latest.clear();
      fetches = 0;
    },
  };
}
