import { randomBytes } from 'node:crypto';
import { signCallback } from '../../shared/runtime/http/callback-crypto';

/** What came of asking a callback address. */
export type CallbackProbe =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly address: string; readonly why: string };

const timeoutMs = 10_000;

/**
 * Asks a callback address as WeChat does when it is entered in the account's settings: a signed GET, whose `echostr`
 * must come back as it is. Nothing is sent to anyone. The token shows nowhere.
 *
 * @param address without a query, `https://…/wechat/callback` say
 */
export async function probeCallback(address: string, token: string, now: number): Promise<CallbackProbe> {
  const [timestamp, nonce] = [String(Math.floor(now / 1000)), randomBytes(6).toString('hex')];
  const echostr = randomBytes(12).toString('hex');
  const signature = signCallback(token, timestamp, nonce);
  try {
    const query = new URLSearchParams({ signature, timestamp, nonce, echostr });
    const response = await fetch(`${address}?${query}`, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'manual',
    });
    const body = await response.text();
    if (response.status === 200 && body === echostr) return { ok: true, address };
    const why =
      response.status === 200 ? 'answered something else' : `answered with status ${response.status}`;
    return { ok: false, address, why };
  } catch {
    return { ok: false, address, why: 'does not answer' };
  }
}
