import { createHash, createHmac } from 'node:crypto';
import type { PlainObject } from '../../../shared/wechat/fields/values';
import type { Environment } from '../command-line';
import { noAnswer, parseObject, request } from '../request';

/**
 * Calls of the Tencent Cloud API with what somebody logged in by; signed as
 * https://cloud.tencent.com/document/api/876/34814 has it (TC3-HMAC-SHA256). Each takes a tenth of a second where
 * @cloudbase/cli, which makes the same calls, needs some seconds to start.
 */

/** The services that are asked, with the versions of their interfaces. */
const versions = { tcb: '2018-06-08', flexdb: '2018-11-27', scf: '2018-04-16' } as const;

/** Another address in place of all services’, for tests. */
const addressVariable = 'TENCENTCLOUD_API_URL';

const usualLimitMs = 20_000;

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const keyed = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** What calls of the cloud are signed with; `token` is empty where the keys are lasting ones. */
export interface Login {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token: string;
}

/** Whom a call is made for, and where. */
export interface CloudApi {
  readonly login: Login;
  readonly region: string;
  readonly environment: Environment;
}

/** An answer, or why there is none: the code of a refusal, never its words, which may quote what was sent. */
export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/**
 * One call.
 *
 * @param limitMs after how long it is given up; a third of a minute by default
 */
export async function callCloud(
  service: keyof typeof versions,
  action: string,
  body: object,
  { login, region, environment }: CloudApi,
  limitMs: number = usualLimitMs,
): Promise<Asked<PlainObject>> {
  const url = new URL(environment[addressVariable] || `https://${service}.tencentcloudapi.com`);
  const text = JSON.stringify(body);
  const now = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': signedType,
    'x-tc-action': action,
    'x-tc-region': region,
    'x-tc-version': versions[service],
    'x-tc-timestamp': String(now),
    ...(login.token === '' ? {} : { 'x-tc-token': login.token }),
    authorization: sign({ service, host: url.host, text, now }, login),
  };
  try {
    const { status, said } = await request(url, { headers, text, environment, limitMs });
    const { Response: answer } = (parseObject(said) ?? {}) as { Response?: { Error?: { Code?: unknown } } };
    if (answer === undefined) return { ok: false, why: `status ${status}` };
    return answer.Error === undefined
      ? { ok: true, value: { ...answer } }
      : { ok: false, why: String(answer.Error.Code) };
  } catch (error) {
    return { ok: false, why: noAnswer(error, limitMs) };
  }
}

/** The content type of every request. It is signed along with the host. */
const signedType = 'application/json';

/** What of a request is signed. */
export interface Signed {
  readonly service: string;
  readonly host: string;
  readonly text: string;
  /** When, in seconds since 1970. */
  readonly now: number;
}

/** The header by which the cloud knows whose a request is. */
export function sign({ service, host, text, now }: Signed, { secretId, secretKey }: Login): string {
  const names = 'content-type;host';
  const signed = `content-type:${signedType}\nhost:${host}\n`;
  const request = ['POST', '/', '', signed, names, hash(text)].join('\n');
  const date = new Date(now * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const key = [date, service, 'tc3_request'].reduce<string | Buffer>(keyed, `TC3${secretKey}`);
  const signature = keyed(key, ['TC3-HMAC-SHA256', now, scope, hash(request)].join('\n')).toString('hex');
  return `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
