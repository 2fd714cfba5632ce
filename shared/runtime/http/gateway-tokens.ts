import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import type { GatewayClient } from '../../core/settings';

/**
 * The tokens that `kefu-gateway` issues: signed, so that no instance has to remember them. Each client's tokens are
 * signed with a key made from the secret that it came with and from `KEFU_SECRET`, so a new one of either ends the old
 * one's tokens.
 *
 * Tokens stand in addresses and so in other people's logs: whoever finds one can try keys against it. Of its two parts
 * the one is never seen outside the function, and the other has 32 characters or more.
 */

/** How long a token of ours lasts, in seconds. */
export const tokenSeconds = 7200;

const algorithm = 'HS256';

function keyOf({ id, secret }: GatewayClient, kefuSecret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, kefuSecret, `kefu-cloud kefu-gateway\n${id}`, 32));
}

/** A token for a client, good for two hours. */
export function issueToken(client: GatewayClient, kefuSecret: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm })
    .setSubject(client.id)
    .setIssuedAt(now)
    .setExpirationTime(now + tokenSeconds)
    .sign(keyOf(client, kefuSecret));
}

/** Whose token this is, by which of its secrets; `spent` for one that was good once, `undefined` for one that never was. */
export async function readToken(
  token: string,
  clients: readonly GatewayClient[],
  kefuSecret: string,
): Promise<GatewayClient | 'spent' | undefined> {
  for (const client of clients.filter(({ id }) => id === subjectOf(token))) {
    try {
      await jwtVerify(token, keyOf(client, kefuSecret), { algorithms: [algorithm] });
      return client;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'spent';
    }
  }
  return undefined;
}

function subjectOf(token: string): unknown {
  try {
    return decodeJwt(token).sub;
  } catch {
    return undefined;
  }
}

/** Compares two texts in a time that tells nothing of where they differ, nor of their lengths. */
export function isSame(left: string, right: string): boolean {
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(left), digestOf(right));
}
