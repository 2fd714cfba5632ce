import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How somebody without an identity of WeChat's proves to be the owner: `tcb fn invoke` calls with cloud credentials,
 * and the function sees neither an openid nor a source. But only those credentials read a function's variables, so
 * who knows them all is the owner. The proof itself gives none of them away.
 */

type Environment = { readonly [name: string]: string | undefined };

/** The proof by `KEFU_SECRET`; `undefined` where it is not set, for nothing else is sure to be known to nobody. */
export function proofOf(environment: Environment): string | undefined {
  const secret = environment['KEFU_SECRET'];
  return secret ? createHmac('sha256', secret).update('kefuSelfCheck').digest('hex') : undefined;
}

export function isProof(offered: unknown, environment: Environment): boolean {
  const proof = proofOf(environment);
  if (proof === undefined || typeof offered !== 'string' || offered.length !== proof.length) return false;
  return timingSafeEqual(Buffer.from(offered, 'latin1'), Buffer.from(proof, 'latin1'));
}
