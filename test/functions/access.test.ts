import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';

/** Who may do what, at the built functions. `bad` is a payload that would be refused if it were looked at. */

const operator = 'oOperator';
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: { KEFU_OPERATORS: ` ${operator} , oSecond`, OFFICIAL_APPID: '' },
    maxInstances: 1,
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function call(name: string, data: object, source: string, openid?: string) {
  const invoked = await emulator.call({ name, data, source, openid });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as { errCode: number; code?: string };
}

const hi = { msgtype: 'text', text: { content: 'hi' } };
const bad = { msgtype: 'text', text: { content: 5 } };

/** How many messages from the service stand on a user's screen. */
function received(openid: string): number {
  const { messages } = emulator.world.conversation('miniprogram', openid);
  return messages.filter(({ from }) => from === 'service').length;
}

describe('kefu-send', () => {
  const cases: readonly [string, string, string | undefined, string | undefined, 'sent' | 'not-allowed'][] = [
    ['a client to itself, unnamed', 'wx_client', defaultOpenid, undefined, 'sent'],
    ['a client to itself, named', 'wx_client', defaultOpenid, defaultOpenid, 'sent'],
    ['a client to another', 'wx_client', 'oStranger', defaultOpenid, 'not-allowed'],
    ['DevTools to another', 'wx_devtools', 'oStranger', defaultOpenid, 'not-allowed'],
    ['an operator to another', 'wx_client', operator, defaultOpenid, 'sent'],
    ['a function of the owner', 'wx_client,scf', 'oStranger', defaultOpenid, 'sent'],
    ['a function behind a function', 'wx_client,scf,scf', 'oStranger', defaultOpenid, 'sent'],
    ['a timer', 'wx_trigger', undefined, defaultOpenid, 'sent'],
    ['the HTTP API', 'wx_http', undefined, defaultOpenid, 'sent'],
    ['a source no one knows, without identity', 'wx_unknown', undefined, defaultOpenid, 'not-allowed'],
    ['no source and no identity', '', undefined, defaultOpenid, 'not-allowed'],
    ['a source that only looks like the owner', 'wx_http_client', 'oStranger', defaultOpenid, 'not-allowed'],
    ['a source with scf before its end', 'scf,wx_client', 'oStranger', defaultOpenid, 'not-allowed'],
    ['a source that ends in more than scf', 'wx_client,notscf', 'oStranger', defaultOpenid, 'not-allowed'],
  ];

  test.each(cases)('from %s (%s)', async (_what, source, openid, touser, expected) => {
    const answer = await call('kefu-send', touser === undefined ? hi : { ...hi, touser }, source, openid);
    expect(answer.code ?? 'sent').toBe(expected);
    expect(answer.errCode === 0).toBe(expected === 'sent');
    expect(received(defaultOpenid)).toBe(expected === 'sent' ? 1 : 0);
  });

  test('decides before it looks at the payload', async () => {
    expect(
      await call('kefu-send', { ...bad, touser: defaultOpenid }, 'wx_client', 'oStranger'),
    ).toMatchObject({ code: 'not-allowed' });
    expect(await call('kefu-send', { ...bad, touser: defaultOpenid }, 'wx_client', operator)).toMatchObject({
      code: 'invalid-message',
    });
  });

  test.each([
    ['userInfo', { userInfo: { openId: operator, appId: 'wx' } }],
    ['a lower-case openid', { openid: operator }],
    ['OPENID', { OPENID: operator }],
    ['a context', { context: { environment: JSON.stringify({ WX_OPENID: operator }) } }],
    ['a source', { TCB_SOURCE: 'wx_trigger', source: 'wx_http' }],
    ['a touser that is a list', { touser: [defaultOpenid] }],
    ['a touser that is an object', { touser: { toString: defaultOpenid } }],
  ])('is not moved by a forged %s in the event', async (_what, forged) => {
    const answer = await call(
      'kefu-send',
      { ...hi, touser: defaultOpenid, ...forged },
      'wx_client',
      'oStranger',
    );
    expect(answer).toMatchObject({ code: 'not-allowed' });
    expect(received(defaultOpenid)).toBe(0);
  });

  test('does not take the user of the call before for the current one', async () => {
    // One instance serves both calls; the second names no user, and the variables of the first are still set.
    expect(await call('kefu-send', hi, 'wx_client', operator)).toMatchObject({ errCode: 45015 });
    expect(await call('kefu-send', { ...hi, touser: defaultOpenid }, 'wx_unknown')).toMatchObject({
      code: 'not-allowed',
    });
    expect(await call('kefu-send', hi, 'wx_trigger')).toMatchObject({ errCode: 41009 });
    expect(received(defaultOpenid)).toBe(0);
  });
});

describe('one user', () => {
  test('may call 120 times a minute, and others meanwhile as often', async () => {
    const { main } = require('../../dist/cloudfunctions/kefu-typing/index.js') as {
      main: (event: unknown, context: unknown) => Promise<{ code?: string; retryable?: boolean }>;
    };
    const write = console.log;
    console.log = () => undefined;
    try {
      const ask = (openid: string) =>
        main(
          { command: 'wrong' },
          { environment: JSON.stringify({ WX_OPENID: openid, TCB_SOURCE: 'wx_client' }) },
        );
      const codes: (string | undefined)[] = [];
      for (let call = 0; call < 250; call += 1) codes.push((await ask('oEager')).code);
      // The minute may turn in between.
      expect(codes.filter((code) => code === 'rate-limited').length).toBeGreaterThanOrEqual(10);
      expect(await ask('oOther')).toMatchObject({ code: 'invalid-message' });
      expect(await ask('oEager')).toMatchObject({ code: 'rate-limited', retryable: true });
    } finally {
      console.log = write;
    }
  });
});

describe('KEFU_CLIENT_SENDS=off', () => {
  test('leaves sending to operators and the owner’s code, and typing to everybody', async () => {
    const closed = await createEmulator({
      variables: { KEFU_OPERATORS: operator, KEFU_CLIENT_SENDS: 'off', OFFICIAL_APPID: '' },
    });
    try {
      const ask = async (name: string, data: object, source: string, openid?: string) => {
        const invoked = await closed.call({ name, data, source, openid });
        return invoked.ok ? (invoked.result as { code?: string }).code : invoked.errMsg;
      };
      const toUser = { ...hi, touser: defaultOpenid };
      expect(await ask('kefu-send', hi, 'wx_client', defaultOpenid)).toBe('not-allowed');
      expect(await ask('kefu-send', { messages: [hi] }, 'wx_client', defaultOpenid)).toBe('not-allowed');
      expect(await ask('kefu-subscribe-send', {}, 'wx_client', defaultOpenid)).toBe('not-allowed');
      expect(await ask('kefu-send', toUser, 'wx_client', operator)).toBeUndefined();
      expect(await ask('kefu-send', toUser, 'wx_client,scf', defaultOpenid)).toBeUndefined();
      expect(await ask('kefu-typing', {}, 'wx_client', defaultOpenid)).toBeUndefined();
    } finally {
      await closed.close();
    }
  });
});

describe('kefu-typing', () => {
  test('follows the same rule', async () => {
    expect(await call('kefu-typing', { touser: defaultOpenid }, 'wx_client', 'oStranger')).toMatchObject({
      code: 'not-allowed',
    });
    expect(await call('kefu-typing', { touser: defaultOpenid }, 'wx_client', operator)).toMatchObject({
      errCode: 0,
    });
    expect(await call('kefu-typing', {}, 'wx_unknown')).toMatchObject({ code: 'not-allowed' });
  });
});

describe.each(['kefu-upload-media', 'kefu-get-media'])('%s', (name) => {
  test('needs an identity, or the owner’s code', async () => {
    expect(await call(name, {}, 'wx_unknown')).toMatchObject({ code: 'not-allowed' });
    expect((await call(name, {}, 'wx_client', defaultOpenid)).code).toBe(
      name === 'kefu-get-media' ? 'invalid-message' : 'media-invalid',
    );
    expect((await call(name, {}, 'wx_trigger')).code).not.toBe('not-allowed');
  });
});

describe('a context', () => {
  const { main } = require('../../dist/cloudfunctions/kefu-typing/index.js') as {
    main: (event: unknown, context: unknown) => Promise<{ code?: string; errCode: number }>;
  };
  const wrong = { command: 'wrong' };

  test.each([
    [
      'the JSON of the newer runtime',
      { environment: '{"WX_OPENID":"oUser","TCB_SOURCE":"wx_client"}' },
      45072,
    ],
    ['the pairs of the older runtime', { environ: 'TCB_SOURCE=wx_client;WX_OPENID=oUser' }, 45072],
    [
      'a trigger and no source, as timers of the CLI are said to have',
      { environ: 'TRIGGER_SRC=timer' },
      // Known for the owner's, and asked for whom it is.
      41009,
    ],
    ['a trigger beside a user, which is no timer', { environ: 'TRIGGER_SRC=timer;WX_OPENID=oUser' }, 45072],
    ['neither', {}, -604104],
    ['broken JSON', { environment: '{' }, -604104],
    ['a list', { environment: '["WX_OPENID"]' }, -604104],
    ['nothing at all', undefined, -604104],
    ['an openid that is no text', { environment: '{"WX_OPENID":7}' }, -604104],
  ])('with %s gives %j the answer %i', async (_what, context, errCode) => {
    process.env['WX_OPENID'] = 'oLeftOver';
    process.env['TCB_SOURCE'] = 'wx_client,scf';
    const write = console.log;
    console.log = () => undefined;
    try {
      expect(await main(wrong, context)).toMatchObject({ errCode });
    } finally {
      console.log = write;
    }
  });
});
