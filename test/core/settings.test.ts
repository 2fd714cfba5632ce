import { describe, expect, test } from '@jest/globals';
import { parseSettings, type Settings, variableNames, variablesOf } from '../../shared/core/settings';

/** What the variables come to. */

const secret = 'x'.repeat(32);

const read = (environment: { readonly [name: string]: string }): Settings => {
  const parsed = parseSettings(environment);
  if (!parsed.ok) throw new Error(`${parsed.variable} ${parsed.message}`);
  return parsed.settings;
};

test('without any variable everything is as it is documented', () => {
  expect(read({})).toEqual({
    operators: new Set(),
    secret: '',
    clientSends: true,
    clientFiles: [],
    miniprogramAppid: '',
    officialAppid: '',
    officialSecret: '',
    officialChannel: 'cloud',
    apiUrl: 'https://api.weixin.qq.com',
    historyDays: 0,
    outboxKeep: 'text',
    gatewayClients: [],
    modelUrl: '',
    modelKey: '',
    modelName: '',
    callbackToken: '',
    callbackAesKey: '',
  });
});

test.each<[string, string, keyof Settings, unknown]>([
  ['KEFU_OPERATORS', ' oA, oB ,,', 'operators', new Set(['oA', 'oB'])],
  ['KEFU_SECRET', secret, 'secret', secret],
  ['KEFU_SECRET', `${secret},x`, 'secret', `${secret},x`],
  ['KEFU_CLIENT_SENDS', 'off', 'clientSends', false],
  ['KEFU_CLIENT_SENDS', ' on ', 'clientSends', true],
  ['KEFU_CLIENT_FILES', 'a/b.c, d', 'clientFiles', ['a/b.c', 'd']],
  ['KEFU_CLIENT_FILES', '*', 'clientFiles', ['*']],
  ['OFFICIAL_CHANNEL', 'cloud', 'officialChannel', 'cloud'],
  ['WECHAT_API_URL', 'http://x:1/y//', 'apiUrl', 'http://x:1/y'],
  ['KEFU_HISTORY_DAYS', '30', 'historyDays', 30],
  ['KEFU_OUTBOX_KEEP', 'hashes', 'outboxKeep', 'hashes'],
  ['MODEL_URL', 'https://m/v1/', 'modelUrl', 'https://m/v1'],
  ['MINIPROGRAM_APPID', 'wx1', 'miniprogramAppid', 'wx1'],
])('%s of %j is read', (name, text, as, value) => {
  expect(read({ [name]: text })[as]).toEqual(value);
});

test.each([
  ['KEFU_OPERATORS', 'oA, o B'],
  ['KEFU_OPERATORS', 'x'.repeat(129)],
  ['KEFU_SECRET', 'x'.repeat(31)],
  ['KEFU_SECRET', `${secret} x`],
  ['KEFU_CLIENT_SENDS', 'no'],
  ['KEFU_CLIENT_SENDS', 'offf'],
  ['KEFU_CLIENT_FILES', '../x'],
  ['KEFU_CLIENT_FILES', '/x'],
  ['KEFU_CLIENT_FILES', 'x/'],
  ['KEFU_CLIENT_FILES', 'x, **'],
  ['MINIPROGRAM_APPID', 'gh_1'],
  ['OFFICIAL_APPID', 'xwx1'],
  ['OFFICIAL_CHANNEL', 'http'],
  ['WECHAT_API_URL', 'ftp://x'],
  ['WECHAT_API_URL', 'https://x?y'],
  ['KEFU_HISTORY_DAYS', '-1'],
  ['KEFU_HISTORY_DAYS', '12345'],
  ['KEFU_OUTBOX_KEEP', 'texts'],
  ['CALLBACK_TOKEN', 'ab'],
  ['CALLBACK_TOKEN', 'a b c'],
  ['CALLBACK_AES_KEY', 'x'.repeat(42)],
  ['GATEWAY_CLIENTS', `shop:${'x'.repeat(31)}`],
  ['GATEWAY_CLIENTS', `shop:${secret}:nowhere`],
  ['GATEWAY_CLIENTS', `shop:${secret}:official:all`],
  ['GATEWAY_CLIENTS', `shop:${secret}, other`],
])('%s of %j is refused by its name', (name, text) => {
  // Nothing of what stands in it is said: it may be a secret.
  expect(parseSettings({ [name]: text })).toEqual({
    ok: false,
    variable: name,
    message: expect.stringMatching(/^must be /),
  });
});

test('the channel https needs the official account’s secret, and nothing where there is no account', () => {
  const https = { OFFICIAL_CHANNEL: 'https', OFFICIAL_APPID: 'wx2' };
  expect(parseSettings(https)).toEqual({
    ok: false,
    variable: 'OFFICIAL_SECRET',
    message: 'is not set; the channel https needs it',
  });
  expect(read({ ...https, OFFICIAL_SECRET: 's' }).officialChannel).toBe('https');
  expect(read({ OFFICIAL_CHANNEL: 'https' }).officialChannel).toBe('https');
  expect(read({ OFFICIAL_APPID: 'wx2' }).officialChannel).toBe('cloud');
});

describe('a client of the gateway', () => {
  const clients = (text: string, appid = ' wx2 ') =>
    read({ GATEWAY_CLIENTS: text, OFFICIAL_APPID: appid }).gatewayClients;

  test('sends from the account that it names, else from the one whose appid it bears', () => {
    const account = (text: string) => clients(text)[0]?.account;
    expect(account(`shop:${secret}`)).toBe('miniprogram');
    expect(account(`wx2:${secret}`)).toBe('official');
    expect(account(`wx2:${secret}:miniprogram`)).toBe('miniprogram');
    expect(account(`shop:${secret}:official`)).toBe('official');
  });

  test('may do what it names, else everything', () => {
    const scopes = (text: string) => clients(text)[0]?.scopes;
    expect(scopes(`shop:${secret}:official:media+send`)).toEqual(['send', 'media']);
    expect(scopes(`shop:${secret}:official:template`)).toEqual(['template']);
    expect(scopes(`shop:${secret}:official`)).toEqual(['send', 'template', 'media']);
  });

  test('is one of several', () => {
    expect(clients(`a:${secret}, b:${secret}:official`)).toMatchObject([
      { id: 'a', secret },
      { id: 'b', secret },
    ]);
  });
});

describe('a function', () => {
  test('is given the variables that it needs, and no others', () => {
    const every = ['KEFU_OPERATORS', 'KEFU_SECRET'];
    expect(variablesOf({ name: 'kefu-typing', calls: ['setTyping'] })).toEqual(expect.arrayContaining(every));
    expect(variablesOf({ name: 'kefu-none', calls: [] })).toEqual(every);
    expect(variablesOf({ name: 'kefu-subscribe', calls: ['sendSubscribeMessage'] })).toEqual([
      ...every,
      'KEFU_CLIENT_SENDS',
      'KEFU_HISTORY_DAYS',
    ]);
    const official = ['OFFICIAL_APPID', 'OFFICIAL_SECRET', 'OFFICIAL_CHANNEL', 'WECHAT_API_URL'];
    expect(variablesOf({ name: 'kefu-x', calls: ['sendSubscribeMessage', 'sendTemplateMessage'] })).toEqual(
      variableNames.filter((name) =>
        [...every, ...official, 'KEFU_CLIENT_SENDS', 'KEFU_HISTORY_DAYS'].includes(name),
      ),
    );
    for (const [name, own] of [
      ['kefu-upload-media', ['KEFU_CLIENT_FILES']],
      ['kefu-outbox', ['KEFU_OUTBOX_KEEP']],
      ['kefu-desk', ['MINIPROGRAM_APPID', 'KEFU_OUTBOX_KEEP']],
      ['kefu-answer', ['KEFU_OUTBOX_KEEP', 'MODEL_URL', 'MODEL_KEY', 'MODEL_NAME']],
      [
        'kefu-gateway',
        ['MINIPROGRAM_APPID', 'KEFU_OUTBOX_KEEP', 'GATEWAY_CLIENTS', 'CALLBACK_TOKEN', 'CALLBACK_AES_KEY'],
      ],
    ] as const)
      expect(variablesOf({ name, calls: [] })).toEqual([...every, ...own]);
  });
});
