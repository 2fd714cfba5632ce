import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { errorCodes } from '../../shared/wechat/errors/errors';

/** What the functions make of a WeChat that fails or misbehaves. Each row was first seen with the SDK itself. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const hi = { msgtype: 'text', text: { content: 'hi' } };
const send = 'customerServiceMessage.send';

async function call(name: string, data: object) {
  const invoked = await emulator.call({ name, data, source: 'wx_client', openid: defaultOpenid });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as Record<string, unknown>;
}

function received(): number {
  return emulator.world
    .conversation('miniprogram', defaultOpenid)
    .messages.filter(({ from }) => from === 'service').length;
}

describe('a send', () => {
  test.each([
    ['an empty body, which the SDK takes for success', { behaviour: 'empty' }, -501001],
    ['garbage', { behaviour: 'garbage' }, -501001],
    ['a cut connection', { behaviour: 'cut' }, -501001],
    ['silence', { behaviour: 'timeout' }, -501001],
    ['a timeout between gateway and WeChat', { errcode: -604102 }, -604102],
    ['a system error of the gateway', { errcode: -604103 }, -604103],
  ] as const)(
    'answered with %s is of unknown delivery, and never repeated',
    async (_what, fault, errCode) => {
      emulator.faults.put([{ api: send, ...fault }]);
      const answer = await call('kefu-send', hi);
      expect(answer).toMatchObject({
        code: 'unknown-delivery',
        retryable: false,
        advice: errorCodes['unknown-delivery'].advice,
      });
      expect(answer['errCode']).toBe(errCode === -501001 ? answer['errCode'] : errCode);
      expect(answer['errCode']).not.toBe(0);
      expect(emulator.log.since(0).filter((entry) => entry.kind === 'wire')).toHaveLength(1);
      expect(received()).toBeLessThanOrEqual(1);
    },
  );

  test('that WeChat carried out before it fell silent has arrived, and the answer does not deny it', async () => {
    emulator.faults.put([{ api: send, behaviour: 'cut', delivered: true }]);
    expect(await call('kefu-send', hi)).toMatchObject({ code: 'unknown-delivery' });
    expect(received()).toBe(1);
  });

  test('answered late, but in time, is sent', async () => {
    emulator.faults.put([{ api: send, behaviour: 'slow', delayMs: 1500 }]);
    expect(await call('kefu-send', hi)).toEqual({ errCode: 0, errMsg: 'ok' });
  });

  test.each([
    [-1, 'wechat-busy', true],
    [40001, 'token-invalid', false],
    [40003, 'user-unreachable', false],
    [45009, 'daily-limit', false],
    [45011, 'rate-limited', true],
    [45015, 'window-closed', false],
    [45047, 'quota-exceeded', false],
    [48001, 'account-unauthorized', false],
    [45168, 'content-rejected', false],
    [-604100, 'configuration-invalid', false],
    [-604101, 'permission-missing', false],
    [99999, 'wechat-refused', false],
  ])('refused with %i is %s', async (errcode, code, retryable) => {
    emulator.faults.put([{ api: send, errcode, errmsg: 'reason of WeChat rid: 1234-abcd' }]);
    const answer = await call('kefu-send', hi);
    expect(answer).toMatchObject({ errCode: errcode, code, retryable });
    if (errcode > -2) expect(answer['errMsg']).toBe('reason of WeChat rid: 1234-abcd');
    expect(received()).toBe(0);
  });

  test('tells nothing secret: no address, no token', async () => {
    emulator.faults.put([
      {
        api: send,
        errcode: 40001,
        errmsg: `invalid access_token=72_secretvalue at ${emulator.url}/admin from 10.1.2.3`,
      },
    ]);
    const refused = JSON.stringify(await call('kefu-send', hi));
    expect(refused).not.toMatch(/72_secretvalue|127\.0\.0\.1|10\.1\.2\.3/);
    emulator.faults.put([{ api: send, behaviour: 'cut' }]);
    expect(JSON.stringify(await call('kefu-send', hi))).not.toMatch(/127\.0\.0\.1|admin|http/);
  });
});

describe('a call that may be repeated', () => {
  test.each(['empty', 'garbage', 'cut', 'timeout'] as const)(
    'answered with %s can be tried again',
    async (behaviour) => {
      emulator.faults.put([{ api: 'customerServiceMessage.setTyping', behaviour, delivered: false }]);
      expect(await call('kefu-typing', {})).toMatchObject({ code: 'wechat-busy', retryable: true });
      emulator.faults.put([]);
      expect(await call('kefu-typing', {})).toEqual({ errCode: 0, errMsg: 'ok' });
    },
  );
});

describe('a log line', () => {
  test('says who did what to whom by hashes, the same in each line of the same', async () => {
    const lines = async (data: object) => {
      emulator.reset();
      await call('kefu-send', data);
      const [line] = emulator.log.since(0).flatMap((entry) => (entry.kind === 'log' ? [entry.line] : []));
      return JSON.parse(line ?? '{}') as Record<string, unknown>;
    };
    const first = await lines(hi);
    const hash = expect.stringMatching(/^[0-9a-f]{12}$/);
    expect(first).toMatchObject({ caller: hash, receiver: hash, event: hash, errCode: 0 });
    expect(first['receiver']).toBe(first['caller']);
    expect(await lines(hi)).toMatchObject({ caller: first['caller'], event: first['event'] });
    expect((await lines({ msgtype: 'text', text: { content: 'ho' } }))['event']).not.toBe(first['event']);
    expect(await lines({ ...hi, touser: 'oOther' })).toMatchObject({ code: 'not-allowed', receiver: hash });
  });

  test('names each receiver of a list once', async () => {
    const line = async (event: object) => {
      emulator.reset();
      await emulator.call({ name: 'kefu-send', data: event, source: 'wx_http' });
      const [text] = emulator.log.since(0).flatMap((entry) => (entry.kind === 'log' ? [entry.line] : []));
      return JSON.parse(text ?? '{}') as Record<string, unknown>;
    };
    const to = async (touser: string) => (await line({ ...hi, touser }))['receiver'];
    const names = [await to('oOne'), await to('oTwo'), await to('oThree')];
    const messages = [{ ...hi, touser: 'oOne' }, { ...hi, touser: 'oTwo' }, hi, hi, 7];
    expect((await line({ messages, touser: 'oThree' }))['receiver']).toBe(names.join(' '));
    expect(new Set(names).size).toBe(3);
  });

  test('holds neither the text nor the openid', async () => {
    await call('kefu-send', { msgtype: 'text', text: { content: 'a very private sentence' } });
    await call('kefu-send', { msgtype: 'text', text: { contents: 'a very private sentence' } });
    const lines = emulator.log.since(0).flatMap((entry) => (entry.kind === 'log' ? [entry.line] : []));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.join('\n')).not.toMatch(new RegExp(`private|${defaultOpenid}`));
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ function: 'kefu-send', role: 'self', errCode: 0 });
  });
});

describe('a wrong environment', () => {
  test.each([
    [{ KEFU_OPERATORS: 'good,not good' }, 'KEFU_OPERATORS'],
    [{ OFFICIAL_APPID: 'my-appid' }, 'OFFICIAL_APPID'],
  ])('%j is an error that names the variable %s and not its value', async (variables, name) => {
    const broken = await createEmulator({ variables });
    try {
      const invoked = await broken.call({
        name: 'kefu-send',
        data: hi,
        source: 'wx_client',
        openid: defaultOpenid,
      });
      expect(invoked).toMatchObject({ ok: true, result: { code: 'configuration-invalid' } });
      const text = JSON.stringify(invoked);
      expect(text).toContain(name);
      for (const value of Object.values(variables)) expect(text).not.toContain(value);
    } finally {
      await broken.close();
    }
  });

  test('without an official account refuses account: official by name', async () => {
    const none = await createEmulator({ variables: { OFFICIAL_APPID: '' } });
    try {
      const invoked = await none.call({
        name: 'kefu-send',
        data: { ...hi, account: 'official' },
        source: 'wx_client',
        openid: defaultOpenid,
      });
      expect(invoked).toMatchObject({ result: { errCode: 40013, details: [{ path: 'account' }] } });
    } finally {
      await none.close();
    }
  });
});
