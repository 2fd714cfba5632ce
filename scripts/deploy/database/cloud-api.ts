import { createHash, createHmac } from 'node:crypto';
import type { Asked, Login } from '../cloudbase-cli';
import type { Environment } from '../variables';

/**
 * Calls of the Tencent Cloud API that @cloudbase/cli has no command for, with what somebody logged in by; signed as
 * https://cloud.tencent.com/document/api/876/34814 has it (TC3-HMAC-SHA256).
 */

/** The services that are asked, with the versions of their interfaces. */
const versions = { tcb: '2018-06-08', flexdb: '2018-11-27' } as const;

/** Another address in place of all services’, for tests. */
const addressVariable = 'TENCENTCLOUD_API_URL';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const keyed = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Whom a call is made for. */
export interface CloudApi {
  readonly login: Login;
  readonly environment: Environment;
}

/** One call: what it answers, or the code of its refusal, never its words, which may quote what was sent. */
export async function callCloud(
  service: keyof typeof versions,
  action: string,
  body: object,
  { login, environment }: CloudApi,
): Promise<Asked<{ readonly [field: string]: unknown }>> {
  const url = new URL(environment[addressVariable] || `https://${service}.tencentcloudapi.com`);
  const text = JSON.stringify(body);
  const now = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-tc-action': action,
    'x-tc-version': versions[service],
    'x-tc-timestamp': String(now),
    ...(login.token === '' ? {} : { 'x-tc-token': login.token }),
  };
  const authorization = sign({ service, host: url.host, type: headers['content-type'], text, now }, login);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, authorization },
      body: text,
      signal: AbortSignal.timeout(20_000),
    });
    const { Response: answer } = (await response.json()) as { Response?: { Error?: { Code?: unknown } } };
    if (answer === undefined) return { ok: false, why: `status ${response.status}` };
    return answer.Error === undefined
      ? { ok: true, value: { ...answer } }
      : { ok: false, why: String(answer.Error.Code) };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? `no answer (${error.name})` : 'no answer' };
  }
}

/** What of a request is signed. */
export interface Signed {
  readonly service: string;
  readonly host: string;
  /** Its content type. */
  readonly type: string;
  readonly text: string;
  /** When, in seconds since 1970. */
  readonly now: number;
}

/** The header by which the cloud knows whose a request is. */
export function sign({ service, host, type, text, now }: Signed, { secretId, secretKey }: Login): string {
  const names = 'content-type;host';
  const request = ['POST', '/', '', `content-type:${type}\nhost:${host}\n`, names, hash(text)].join('\n');
  const date = new Date(now * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const key = [date, service, 'tc3_request'].reduce<string | Buffer>(keyed, `TC3${secretKey}`);
  const signature = keyed(key, ['TC3-HMAC-SHA256', now, scope, hash(request)].join('\n')).toString('hex');
  return `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
