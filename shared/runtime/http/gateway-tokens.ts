import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';
import type { GatewayClient } from '../../core/settings';

/**
 * The tokens that `kefu-gateway` issues: signed, so that no instance has to remember them. Each client's tokens are
 * signed with a key made from its own secret, so a new secret ends the old one's tokens.
 */

/** How long a token of ours lasts, in seconds. */
export const tokenSeconds = 7200;

const algorithm = 'HS256';

function keyOf({ id, secret }: GatewayClient): Uint8Array {
  return createHash('sha256').update(`kefu-cloud kefu-gateway\n${id}\n${secret}`).digest();
}

/** A token for a client, good for two hours. */
export function issueToken(client: GatewayClient): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm })
    .setSubject(client.id)
    .setIssuedAt(now)
    .setExpirationTime(now + tokenSeconds)
    .sign(keyOf(client));
}

/** Whose token this is; `spent` for one that was good once, `undefined` for one that never was. */
export async function readToken(
  token: string,
  clients: readonly GatewayClient[],
): Promise<GatewayClient | 'spent' | undefined> {
  try {
    const { sub } = decodeJwt(token);
    const client = clients.find(({ id }) => id === sub);
    if (client === undefined) return undefined;
    await jwtVerify(token, keyOf(client), { algorithms: [algorithm] });
    return client;
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'spent' : undefined;
  }
}

/** Compares two texts in a time that tells nothing of where they differ, nor of their lengths. */
export function isSame(left: string, right: string): boolean {
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(left), digestOf(right));
}
