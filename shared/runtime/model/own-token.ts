import { sign } from '@cloudbase/signature-nodejs';
import { ModelFailure } from '../../functions/answer/model';
import { readBody } from './read-body';

/**
 * CloudBase's own models ask for no key of yours where a function runs: its own credentials are exchanged for a token
 * of the environment, as `cloud.ai()` of wx-server-sdk does it, which is too large for a function.
 *
 * Source: `auth/v1/token/clientCredential` of CloudBase's HTTP API, with the signature TC3-HMAC-SHA256.
 */

/** What the platform gives a function to sign with. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: string;
  readonly sessionToken: string;
}

/** What MODEL_KEY says where the function's own credentials are to be used. */
export const ownKey = 'cloudbase';

/** Where credentials may go: to CloudBase, or nowhere beyond this machine. */
const trusted =
  /^https:\/\/[\w.-]+\.tcloudbasegateway\.com$|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

interface Held {
  readonly token: string;
  readonly until: number;
}

/** The tokens of this instance, by where they are good. */
const tokens = new Map<string, Held>();

/** A token for a model at this address: the one that is there for half its life, then a new one. */
export async function ownToken(
  address: string,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { origin, host } = new URL(address);
  if (!trusted.test(origin) || credentials === undefined) throw new ModelFailure('NotSetUp');
  const held = tokens.get(origin);
  if (held !== undefined && Date.now() < held.until) return held.token;
  const { sessionToken, ...keys } = credentials;
  const url = `${origin}/auth/v1/token/clientCredential`;
  const params = { grant_type: 'client_credentials' };
  const headers = { 'content-type': 'application/json', host };
  const { authorization, timestamp } = sign({
    ...keys,
    method: 'POST',
    url,
    params,
    headers,
    timestamp: Math.floor(Date.now() / 1000) - 1,
    isCloudApi: true,
  });
  const session = sessionToken === '' ? '' : `, Token=${sessionToken}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: `${authorization}, Timestamp=${timestamp}${session}` },
    body: JSON.stringify(params),
    signal,
    redirect: 'error',
  });
  if (!response.ok) throw failureOf(response.status);
  let text = '';
  for await (const part of readBody(response, signal)) text += part;
  const { access_token: token, expires_in: seconds } = JSON.parse(text) as {
    access_token?: unknown;
    expires_in?: unknown;
  };
  if (typeof token !== 'string' || token === '') throw new ModelFailure('Nonsense');
  tokens.set(origin, { token, until: Date.now() + (Number(seconds) || 0) * 500 });
  return token;
}

/** Forgets the token for an address: it was refused. */
export function forgetToken(address: string): void {
  tokens.delete(new URL(address).origin);
}

/** What an HTTP status says of a request that was refused. */
export function failureOf(status: number): ModelFailure {
  const isBusy = status === 429 || status >= 500;
  return new ModelFailure(isBusy ? 'Busy' : 'Refused', isBusy);
}
