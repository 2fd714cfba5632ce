import { randomBytes } from 'node:crypto';
import { signCallback } from '../../shared/runtime/http/callback-crypto';
import type { Environment } from './command-line';
import { request } from './request';

/** What came of asking a callback address. */
export type CallbackProbe =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly address: string; readonly why: string };

const limitMs = 10_000;

/**
 * Asks a callback address as WeChat does when it is entered in the account's settings: a signed GET, whose `echostr`
 * must come back as it is. Nothing is sent to anyone. The token shows nowhere.
 *
 * @param address without a query, `https://…/wechat/callback` say
 */
export async function probeCallback(
  address: string,
  token: string,
  now: number,
  environment: Environment,
): Promise<CallbackProbe> {
  const [timestamp, nonce] = [String(Math.floor(now / 1000)), randomBytes(6).toString('hex')];
  const echostr = randomBytes(12).toString('hex');
  const signature = signCallback(token, timestamp, nonce);
  try {
    const query = new URLSearchParams({ signature, timestamp, nonce, echostr });
    const { status, said } = await request(new URL(`${address}?${query}`), { environment, limitMs });
    if (status === 200 && said === echostr) return { ok: true, address };
    const why = status === 200 ? 'answered something else' : `answered with status ${status}`;
    return { ok: false, address, why };
  } catch {
    return { ok: false, address, why: 'does not answer' };
  }
}
