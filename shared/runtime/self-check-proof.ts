import { createHmac, timingSafeEqual } from 'node:crypto';
import { variables } from '../core/settings';

/**
 * How somebody without an identity of WeChat's proves to be the owner: `tcb fn invoke` calls with cloud credentials,
 * and the function sees neither an openid nor a source. But only those credentials read a function's variables, so
 * who knows them all is the owner. The proof itself gives none of them away.
 */

type Environment = { readonly [name: string]: string | undefined };

/** The proof for these variables; `undefined` where KEFU_OPERATORS is not set, for then there is nothing to know. */
export function proofOf(environment: Environment): string | undefined {
  if (!environment['KEFU_OPERATORS']) return undefined;
  // Those that are set: a table with one more row proves the same.
  const known = Object.keys(variables)
    .filter((name) => environment[name])
    .sort()
    .map((name) => [name, environment[name]]);
  return createHmac('sha256', JSON.stringify(known)).update('kefuSelfCheck').digest('hex');
}

export function isProof(offered: unknown, environment: Environment): boolean {
  const proof = proofOf(environment);
  if (proof === undefined || typeof offered !== 'string' || offered.length !== proof.length) return false;
  return timingSafeEqual(Buffer.from(offered, 'latin1'), Buffer.from(proof, 'latin1'));
}
