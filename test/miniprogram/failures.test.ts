import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCustomerService, type Refusal } from '../../miniprogram/kefu-client';
import { errorCodes } from '../../shared/wechat/errors/errors';
import { depth } from '../depth';

/** What becomes of a call that never got through, or that something else answered. */

const text = { msgtype: 'text', text: { content: '你好' } } as const;

/** The service whose every call ends the same way. */
const ending = (end: () => unknown) => createCustomerService({ call: async () => end() });
const failing = (error: unknown) =>
  ending(() => {
    throw error;
  });

/** As `wx.cloud.callFunction` rejects: an error with errCode and errMsg. The texts are from users' reports. */
const rejected = (errMsg: string, errCode?: number) =>
  Object.assign(new Error(errMsg), { errMsg, ...(errCode === undefined ? {} : { errCode }) });

interface Row {
  readonly what: string;
  readonly error: unknown;
  readonly errCode: number;
  /** What it is for a call whose repeat does no harm. */
  readonly code: string;
  readonly retryable: boolean;
  /** What it is for a send; left out where that is the same. */
  readonly sends?: 'unknown-delivery';
  readonly advice: RegExp;
}

const thrown = (inner: string) =>
  `cloud.callFunction:fail Error: errCode: -504002 functions execute fail | errMsg: ${inner}`;
const wrapped = (code: number, message: string) =>
  `cloud.callFunction:fail Error: errCode: -404011 cloud function execution error | errMsg: cloud.callFunction:fail requestID db5cfa87-27b9-11e9-bf3a-52540025df0e, cloud function service error code ${code}, error message ${message}; at cloud.callFunction api;`;

const rows: readonly Row[] = [
  {
    what: 'the function is not deployed',
    error: rejected(
      'cloud.callFunction:fail Error: errCode: -501000  | errMsg: FunctionName parameter could not be found. (callId: 1694400404469-0.21911505857247282)',
      -501000,
    ),
    errCode: -501000,
    code: 'not-found',
    retryable: false,
    advice: /deploy it/,
  },
  {
    what: 'the environment is not there',
    error: rejected(
      'cloud.callFunction:fail Error: errCode: -501000  | errMsg: Environment not found',
      -501000,
    ),
    errCode: -501000,
    code: 'not-found',
    retryable: false,
    advice: /env given to wx\.cloud\.init/,
  },
  {
    what: 'the environment is not there, in the words of 2019',
    error: rejected(wrapped(-501000, '[100004] env not exists'), -404011),
    errCode: -501000,
    code: 'not-found',
    retryable: false,
    advice: /env given/,
  },
  {
    what: 'the function is not deployed, in the words of 2019',
    error: rejected(wrapped(-504002, 'Function not found: [login]'), -404011),
    errCode: -504002,
    code: 'not-found',
    retryable: false,
    advice: /deploy it/,
  },
  {
    what: 'the function threw',
    error: rejected(thrown('SyntaxError: Unexpected token'), -504002),
    errCode: -504002,
    code: 'internal-error',
    retryable: false,
    sends: 'unknown-delivery',
    advice: /function failed/,
  },
  {
    what: 'the function could not be loaded',
    error: rejected(wrapped(-504002, "Cannot find module 'wx-server-sdk'"), -404011),
    errCode: -504002,
    code: 'internal-error',
    retryable: false,
    sends: 'unknown-delivery',
    advice: /function failed/,
  },
  {
    what: 'the function let WeChat’s error through',
    error: rejected(
      thrown(
        'Error: errCode: 45015  | errMsg: openapi.customerServiceMessage.send:fail response out of time limit',
      ),
      -504002,
    ),
    errCode: 45015,
    code: 'window-closed',
    retryable: false,
    advice: /docs\/errors\.md/,
  },
  {
    what: 'the function lacks the permission',
    error: rejected(
      thrown(
        'Error: errCode: -604101 function has no permission to call this API | errMsg: system error: error code: -604101',
      ),
      -504002,
    ),
    errCode: -604101,
    code: 'permission-missing',
    retryable: false,
    advice: /config\.json/,
  },
  {
    what: 'the function took too long',
    error: rejected(
      'cloud.callFunction:fail Error: errCode: -504003  | errMsg: Invoking task timed out after 3 seconds',
      -504003,
    ),
    errCode: -504003,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /did not answer in time/,
  },
  {
    what: 'the poll for the answer ended',
    error: rejected(
      'errCode: -404012 polling exceed max timeout retry | errMsg: cloud.callFunction:fail polling exceed max timeout retry',
      -404012,
    ),
    errCode: -404012,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /did not answer in time/,
  },
  {
    what: 'the connection was lost on the way',
    error: rejected(
      'cloud.callFunction:fail Error: request:fail errcode:-101 cronet_error_code:-101 error_msg:net::ERR_CONNECTION_RESET',
    ),
    errCode: -101,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /No answer came/,
  },
  {
    what: 'the request timed out',
    error: rejected('cloud.callFunction:fail Error: request:fail timeout'),
    errCode: -1,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /in time/,
  },
  {
    what: 'the phone has a number of its own for a failure',
    error: rejected('cloud.callFunction:fail Error: request:fail errcode:600001 error_msg:reset'),
    errCode: 600001,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /No answer came/,
  },
  {
    what: 'there is no network',
    error: rejected(
      'cloud.callFunction:fail Error: request:fail errcode:-106 cronet_error_code:-106 error_msg:net::ERR_INTERNET_DISCONNECTED',
    ),
    errCode: -106,
    code: 'wechat-busy',
    retryable: true,
    advice: /No network/,
  },
  {
    what: 'there is no network, in the words of an iPhone',
    error: rejected(
      'cloud.callFunction:fail Error: request:fail The Internet connection appears to be offline.',
    ),
    errCode: -1,
    code: 'wechat-busy',
    retryable: true,
    advice: /No network/,
  },
  {
    what: 'the cloud was not started',
    error: new Error("Cloud API isn't enabled, please call wx.cloud.init first"),
    errCode: -1,
    code: 'configuration-invalid',
    retryable: false,
    advice: /wx\.cloud\.init/,
  },
  {
    what: 'the appid has no cloud development',
    error: rejected(
      'cloud.callFunction:fail Error: errCode: -601034 | errMsg: 没有权限，请先开通云开发或者云托管',
      -601034,
    ),
    errCode: -601034,
    code: 'configuration-invalid',
    retryable: false,
    advice: /cloud development/,
  },
  {
    what: 'DevTools is logged out',
    error: rejected('cloud.callFunction:fail Error: access_token missing'),
    errCode: -1,
    code: 'token-invalid',
    retryable: false,
    advice: /DevTools/,
  },
  {
    what: 'the environment has too many calls',
    error: rejected(
      'cloud.callFunction:fail Error: errCode: -501004 | errMsg: concurrent request limit exceeded',
      -501004,
    ),
    errCode: -501004,
    code: 'rate-limited',
    retryable: true,
    advice: /too many calls/,
  },
  {
    what: 'a limit was met after the function had begun',
    error: rejected(thrown('Error: errCode: -501003 | errMsg: request limit exceeded'), -504002),
    errCode: -501003,
    code: 'internal-error',
    retryable: false,
    sends: 'unknown-delivery',
    advice: /function failed/,
  },
  {
    what: 'the function itself found no network',
    error: rejected(thrown('Error: getaddrinfo: network is unreachable'), -504002),
    errCode: -504002,
    code: 'internal-error',
    retryable: false,
    sends: 'unknown-delivery',
    advice: /function failed/,
  },
  {
    what: 'the cloud says something new',
    error: rejected('cloud.callFunction:fail Error: errCode: -404999 | errMsg: quite new', -404999),
    errCode: -404999,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /No answer came/,
  },
  {
    what: 'a string is thrown',
    error: 'no',
    errCode: -1,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /No answer/,
  },
  {
    what: 'nothing is thrown',
    error: undefined,
    errCode: -1,
    code: 'wechat-busy',
    retryable: true,
    sends: 'unknown-delivery',
    advice: /No answer/,
  },
];

describe.each(rows)('where $what', ({ error, errCode, code, retryable, sends, advice }) => {
  test('a call whose repeat does no harm says so', async () => {
    const service = failing(error);
    for (const result of [
      await service.typing(),
      await service.window(),
      await service.uploadMedia('cloud://a/b'),
      await service.getMedia('m'),
    ]) {
      expect(result).toMatchObject({ ok: false, errCode, code, retryable });
      expect((result as Refusal).advice).toMatch(advice);
      expect((result as Refusal).errMsg.length).toBeLessThanOrEqual(300);
    }
  });

  test('a send may have arrived, or has not', async () => {
    const service = failing(error);
    for (const result of [
      await service.send(text),
      await service.sendAll([text]),
      await service.sendTemplate({ touser: 'o', template_id: 't', data: {} }),
      await service.sendSubscribe({ template_id: 't', data: {} }),
    ]) {
      expect(result).toMatchObject({
        ok: false,
        errCode,
        code: sends ?? code,
        retryable: sends === undefined && retryable,
      });
      if (sends !== undefined) expect((result as Refusal).advice).toMatch(/may have arrived/);
    }
  });

  test('a send with a requestId can be repeated where the function may never have begun', async () => {
    const result = await failing(error).send(text, { requestId: 'r' });
    expect(result).toMatchObject({ ok: false, errCode, code: retryable ? code : (sends ?? code), retryable });
    if (retryable && sends !== undefined) expect((result as Refusal).advice).toMatch(/same requestId/);
  });

  test('it is the same where the failure is handed back instead of thrown', async () => {
    const fields = error as { errMsg?: string; errCode?: number } | undefined;
    if (fields?.errMsg === undefined) return;
    const { errMsg, errCode: given } = fields;
    const service = ending(() => ({ errMsg, ...(given === undefined ? {} : { errCode: given }) }));
    expect(await service.send(text)).toEqual(await failing(error).send(text));
  });
});

describe('an answer that is none', () => {
  const strange: readonly unknown[] = [
    undefined,
    null,
    'success',
    '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>',
    { openid: 'o', appid: 'wx' },
    { errcode: 0, errmsg: 'ok' },
    { errCode: '0' },
    [],
    5,
  ];

  test.each(strange.map((result) => [result]))('such as %j is no success', async (result) => {
    const service = ending(() => ({ errMsg: 'cloud.callFunction:ok', result }));
    const sent = await service.send(text);
    expect(sent).toMatchObject({ ok: false, errCode: -1, code: 'unknown-delivery', retryable: false });
    expect((sent as Refusal).errMsg).toMatch(/^kefu-send answered /);
    expect(await service.send(text, { requestId: 'r' })).toMatchObject({ code: 'unknown-delivery' });
    const uploaded = await service.uploadMedia('cloud://a/b');
    expect(uploaded).toMatchObject({ ok: false, code: 'internal-error', retryable: false });
    expect((uploaded as Refusal).advice).toMatch(/Deploy it again/);
  });

  test('a success without what the method is for is none either', async () => {
    const service = ending(() => ({
      result: { errCode: 0, errMsg: 'openapi.customerServiceMessage.send:ok' },
    }));
    expect(await service.uploadMedia('cloud://a/b')).toMatchObject({ ok: false, code: 'internal-error' });
    expect(await service.getMedia('m')).toMatchObject({ ok: false });
    expect(await service.window()).toMatchObject({ ok: false, code: 'internal-error' });
    expect(await service.sendAll([text])).toMatchObject({ ok: false, code: 'unknown-delivery' });
    // A send is for nothing but having been sent.
    expect(await service.send(text)).toMatchObject({ ok: true });
  });

  test('a reply that is nothing at all is none', async () => {
    for (const reply of [undefined, null, 'x', {}]) {
      expect(await ending(() => reply).typing()).toMatchObject({ ok: false, code: 'internal-error' });
    }
  });

  test('what an older function leaves out of a refusal is filled in', async () => {
    const old = (errCode: number) =>
      ending(() => ({ result: { errCode, errMsg: 'openapi:fail' } })).send(text);
    expect(await old(45047)).toEqual({
      ok: false,
      errCode: 45047,
      errMsg: 'openapi:fail',
      code: 'quota-exceeded',
      retryable: false,
      advice: expect.stringContaining('docs/errors.md'),
    });
    expect(await old(48001)).toMatchObject({ code: 'wechat-refused', retryable: false });
    // An older kefu-send, which knows no window, names it.
    const details = [{ path: 'window', message: 'is not supported by this version' }];
    const refused = {
      errCode: 40035,
      errMsg: 'no',
      code: 'invalid-message',
      retryable: false,
      advice: 'a',
      details,
    };
    expect(await ending(() => ({ result: refused })).window()).toEqual({ ok: false, ...refused });
  });
});

test('a call that throws at once is a refusal too', async () => {
  const service = createCustomerService({
    call: () => {
      throw new Error('at once');
    },
  });
  expect(await service.send(text)).toMatchObject({ ok: false, code: 'unknown-delivery', errMsg: 'at once' });
});

test('for every reply and every error there is a result, and never a second call', async () => {
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(anything, fc.boolean(), async (value, throws) => {
      let calls = 0;
      const service = createCustomerService({
        call: async () => {
          calls += 1;
          if (throws) throw value;
          return { result: value };
        },
      });
      const result = await service.send(text);
      expect(calls).toBe(1);
      if (result.ok) return;
      expect(result.errCode).not.toBe(0);
      expect(Object.keys(errorCodes)).toContain(result.code);
      expect(result.retryable && throws && result.code === 'unknown-delivery').toBe(false);
    }),
    { numRuns: depth(2000) },
  );
});

test('requests carry what was given, and nothing that was not', async () => {
  const calls: unknown[] = [];
  const service = createCustomerService({
    account: 'official',
    call: async (request) => {
      calls.push(request);
      return { result: { errCode: 0, errMsg: 'ok' } };
    },
  });
  const message = { ...text, touser: 'o' };
  await service.send(message, { split: true, account: 'miniprogram' });
  await service.typing({ command: 'CancelTyping' });
  await service.sendSubscribe({ template_id: 't', data: {} }, { cut: true });
  expect(calls).toEqual([
    { name: 'kefu-send', data: { ...message, split: true, account: 'miniprogram' } },
    { name: 'kefu-typing', data: { command: 'CancelTyping', account: 'official' } },
    { name: 'kefu-subscribe-send', data: { template_id: 't', data: {}, cut: true } },
  ]);
  expect(message).toEqual({ ...text, touser: 'o' });
});
