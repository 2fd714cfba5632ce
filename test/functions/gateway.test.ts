import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';
import { depth } from '../depth';

/** `kefu-gateway` as a server sees it: WeChat's own answers, tokens of ours. */

const touser = defaultOpenid;
const hi = { touser, msgtype: 'text', text: { content: 'hi' } };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: {
      OFFICIAL_CHANNEL: 'https',
      GATEWAY_CLIENTS:
        'mini-server:secret-one:miniprogram,oa-server:secret-two:official,wx00000000000000ff:secret-three',
    },
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function ask(method: string, route: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${emulator.url}/gateway${route}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function tokenOf(id: string, secret: string): Promise<string> {
  const { body } = await ask(
    'GET',
    `/cgi-bin/token?grant_type=client_credential&appid=${id}&secret=${secret}`,
  );
  return String(body['access_token']);
}

function received(account: 'miniprogram' | 'official' = 'miniprogram'): unknown[] {
  return emulator.world
    .conversation(account, touser)
    .messages.filter(({ from }) => from === 'service')
    .map(({ message }) => message);
}

describe('a token', () => {
  test('is given for id and secret, by either interface, for two hours', async () => {
    const plain = await ask(
      'GET',
      '/cgi-bin/token?grant_type=client_credential&appid=mini-server&secret=secret-one',
    );
    expect(plain).toEqual({ status: 200, body: { access_token: expect.any(String), expires_in: 7200 } });
    expect(String(plain.body['access_token']).length).toBeLessThan(512);
    const stable = await ask('POST', '/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: 'mini-server',
      secret: 'secret-one',
    });
    expect(stable.body).toMatchObject({ expires_in: 7200 });
  });

  test.each([
    ['grant_type=other&appid=mini-server&secret=secret-one', 40002],
    ['grant_type=client_credential&secret=secret-one', 41002],
    ['grant_type=client_credential&appid=mini-server', 41004],
    ['grant_type=client_credential&appid=nobody&secret=secret-one', 40013],
    ['grant_type=client_credential&appid=mini-server&secret=secret-two', 40001],
    ['grant_type=client_credential&appid=__proto__&secret=secret-one', 40013],
  ])('is not given for %s: %i', async (query, errcode) => {
    expect(await ask('GET', `/cgi-bin/token?${query}`)).toMatchObject({ status: 200, body: { errcode } });
  });

  test('works until it is spent (42001), and no other does (40001)', async () => {
    const token = await tokenOf('mini-server', 'secret-one');
    const send = (access: string) => ask('POST', `/cgi-bin/message/custom/send?access_token=${access}`, hi);
    expect((await send(token)).body).toEqual({ errcode: 0, errmsg: 'ok' });
    emulator.clock.advance(2 * 60 * 60 * 1000 + 1000);
    expect((await send(token)).body).toMatchObject({ errcode: 42001 });
    expect((await send(`${token}x`)).body).toMatchObject({ errcode: 40001 });
    expect((await send('')).body).toMatchObject({ errcode: 41001 });
    expect(received()).toHaveLength(1);
  });

  test.each([
    ['signed with nothing', { alg: 'none' }],
    ['signed with another key', { alg: 'HS256' }],
  ])('%s is refused', async (_what, header) => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = `${encode(header)}.${encode({ sub: 'mini-server', exp: 9999999999 })}.${header.alg === 'none' ? '' : 'AAAA'}`;
    expect((await ask('POST', `/cgi-bin/message/custom/send?access_token=${forged}`, hi)).body).toMatchObject(
      { errcode: 40001 },
    );
    expect(received()).toEqual([]);
  });

  test('of one client does not become another’s by a change of its name', async () => {
    const token = await tokenOf('mini-server', 'secret-one');
    const [head = '', , signature = ''] = token.split('.');
    const body = Buffer.from(JSON.stringify({ sub: 'oa-server', exp: 9999999999 })).toString('base64url');
    expect(
      (await ask('POST', `/cgi-bin/message/custom/send?access_token=${head}.${body}.${signature}`, hi)).body,
    ).toMatchObject({ errcode: 40001 });
  });
});

describe('a client', () => {
  test('sends from the account of its entry; one that bears the official account’s appid from that', async () => {
    const send = async (id: string, secret: string) =>
      ask('POST', `/cgi-bin/message/custom/send?access_token=${await tokenOf(id, secret)}`, hi);
    await send('mini-server', 'secret-one');
    expect([received('miniprogram').length, received('official').length]).toEqual([1, 0]);
    await send('oa-server', 'secret-two');
    await send('wx00000000000000ff', 'secret-three');
    expect([received('miniprogram').length, received('official').length]).toEqual([1, 2]);
  });

  test('has the interfaces of its account only', async () => {
    const mini = await tokenOf('mini-server', 'secret-one');
    const official = await tokenOf('oa-server', 'secret-two');
    const template = { touser, template_id: 'TEMPLATE_ID', data: { a: { value: 'b' } } };
    expect(
      (await ask('POST', `/cgi-bin/message/template/send?access_token=${mini}`, template)).body,
    ).toMatchObject({ errcode: 48001 });
    expect(
      (await ask('POST', `/cgi-bin/message/subscribe/send?access_token=${official}`, template)).body,
    ).toMatchObject({ errcode: 48001 });
    expect(
      (
        await ask('POST', `/cgi-bin/message/custom/send?access_token=${mini}`, {
          touser,
          msgtype: 'voice',
          voice: { media_id: 'MEDIA_ID' },
        })
      ).body,
    ).toMatchObject({ errcode: 40008 });
  });
});

describe('a request', () => {
  const cases: readonly [string, string, string, unknown, number][] = [
    ['GET for POST', 'GET', '/cgi-bin/message/custom/send', undefined, 43002],
    ['POST for GET', 'POST', '/cgi-bin/media/get', {}, 43001],
    ['no body', 'POST', '/cgi-bin/message/custom/send', '', 44002],
    ['no JSON', 'POST', '/cgi-bin/message/custom/send', '{"touser":', 47001],
    ['a list', 'POST', '/cgi-bin/message/custom/send', '[]', 47001],
    ['no touser', 'POST', '/cgi-bin/message/custom/send', { msgtype: 'text', text: { content: 'x' } }, 41009],
    ['a stranger', 'POST', '/cgi-bin/message/custom/send', { ...hi, touser: 'oNobody' }, 40003],
    ['no media id', 'POST', '/cgi-bin/message/custom/send', { touser, msgtype: 'image', image: {} }, 41006],
    [
      'an empty text',
      'POST',
      '/cgi-bin/message/custom/send',
      { touser, msgtype: 'text', text: { content: '' } },
      44004,
    ],
    [
      'a long text',
      'POST',
      '/cgi-bin/message/custom/send',
      { touser, msgtype: 'text', text: { content: '汉'.repeat(700) } },
      45002,
    ],
    ['another command', 'POST', '/cgi-bin/message/custom/typing', { touser, command: 'Sleep' }, 45072],
    ['no command', 'POST', '/cgi-bin/message/custom/business/typing', { touser }, 45072],
    ['an unknown media id', 'GET', '/cgi-bin/media/get?media_id=GONE', undefined, 40007],
    ['no media type', 'POST', '/cgi-bin/media/upload', {}, 40004],
    ['a media type of the other account', 'POST', '/cgi-bin/media/upload?type=voice', {}, 40004],
    ['no file', 'POST', '/cgi-bin/media/upload?type=image', {}, 41005],
    ['a path that is none', 'POST', '/cgi-bin/message/mass/send', {}, 40066],
    ['a path of the prototype', 'POST', '/cgi-bin/../__proto__', {}, 40066],
  ];

  test.each(cases)('with %s is answered as WeChat would', async (_what, method, route, body, errcode) => {
    const token = await tokenOf('mini-server', 'secret-one');
    const joined = `${route}${route.includes('?') ? '&' : '?'}access_token=${token}`;
    expect(await ask(method, joined, body)).toEqual({
      status: 200,
      body: { errcode, errmsg: expect.any(String) },
    });
    expect(received()).toEqual([]);
  });

  test('with fields that no document names is taken, as WeChat takes it', async () => {
    const token = await tokenOf('mini-server', 'secret-one');
    const more = { ...hi, agentid: 1, text: { content: 'hi', colour: 'red' } };
    expect(
      (await ask('POST', `/cgi-bin/message/custom/send?access_token=${token}`, more)).body,
    ).toMatchObject({ errcode: 0 });
    expect(received()).toEqual([hi]);
  });

  test('behind any access path is found', async () => {
    const invoked = await emulator.call({
      name: 'kefu-gateway',
      source: 'http',
      data: {
        path: '/some/where/cgi-bin/token',
        httpMethod: 'get',
        queryStringParameters: { grant_type: 'x' },
      },
    });
    expect(invoked).toMatchObject({ result: { statusCode: 200, body: expect.stringContaining('40002') } });
  });
});

describe('WeChat’s own failures', () => {
  const send = async (token: string) => ask('POST', `/cgi-bin/message/custom/send?access_token=${token}`, hi);

  test.each([
    [45015, 45015],
    [45047, 45047],
    [48001, 48001],
    [-1, -1],
    [-604103, -604103],
  ])('%i reaches the client as %i', async (errcode, expected) => {
    const token = await tokenOf('mini-server', 'secret-one');
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode }]);
    expect((await send(token)).body).toMatchObject({ errcode: expected });
  });

  test('about the token of our own do not make a client renew its token', async () => {
    const token = await tokenOf('oa-server', 'secret-two');
    emulator.faults.put([{ api: '/cgi-bin/message/custom/send', errcode: 40001 }]);
    expect((await send(token)).body).toMatchObject({ errcode: 48001 });
  });

  test('of unknown delivery are no "busy", at which clients send again', async () => {
    const token = await tokenOf('mini-server', 'secret-one');
    emulator.faults.put([{ api: 'customerServiceMessage.send', behaviour: 'cut' }]);
    const { body } = await send(token);
    expect(body).toMatchObject({ errcode: -501001, errmsg: expect.stringContaining('unknown delivery') });
    expect(received()).toHaveLength(1);
  });
});

describe('co-wechat-api, unmodified but for its address', () => {
  interface CoWeChatApi {
    prefix: string;
    sendText(openid: string, text: string): Promise<unknown>;
    sendImage(openid: string, mediaId: string): Promise<unknown>;
    sendCard(openid: string, cardId: string): Promise<unknown>;
    sendVoice(openid: string, mediaId: string): Promise<unknown>;
    sendVideo(openid: string, mediaId: string, thumbMediaId: string): Promise<unknown>;
    sendMusic(openid: string, music: object): Promise<unknown>;
    sendNews(openid: string, articles: object[]): Promise<unknown>;
    sendMpNews(openid: string, mediaId: string): Promise<unknown>;
    sendMiniProgram(openid: string, page: object): Promise<unknown>;
    sendTemplate(
      openid: string,
      id: string,
      url: string,
      color: string,
      data: object,
    ): Promise<{ msgid: unknown }>;
    sendSubscribeMessage(openid: string, id: string, page: string, data: object): Promise<unknown>;
    uploadMedia(file: Buffer, type: string, name: string, mime: string): Promise<{ media_id: string }>;
    getMedia(mediaId: string): Promise<Buffer>;
  }
  const API = require('co-wechat-api') as new (appid: string, secret: string) => CoWeChatApi;
  const client = (id: string, secret: string) => {
    const api = new API(id, secret);
    api.prefix = `${emulator.url}/gateway/cgi-bin/`;
    return api;
  };
  const say = () => emulator.world.say('official', touser, { MsgType: 'text', Content: 'more' });

  test('sends each type it has', async () => {
    const api = client('oa-server', 'secret-two');
    const article = { title: 't', description: 'd', url: 'u', picurl: 'p' };
    const sends = [
      () => api.sendText(touser, 'hello 👨‍💻'),
      () => api.sendImage(touser, 'MEDIA_ID'),
      () => api.sendCard(touser, 'CARD'),
      () => api.sendVoice(touser, 'MEDIA_ID'),
      () => api.sendVideo(touser, 'MEDIA_ID', 'THUMB_MEDIA_ID'),
      () =>
        api.sendMusic(touser, {
          title: 't',
          description: 'd',
          musicurl: 'u',
          hqmusicurl: 'h',
          thumb_media_id: 'THUMB_MEDIA_ID',
        }),
      () => api.sendNews(touser, [article]),
      () => api.sendMpNews(touser, 'MEDIA_ID'),
      () =>
        api.sendMiniProgram(touser, {
          title: 't',
          appid: 'wx1',
          pagepath: 'pages/a',
          thumb_media_id: 'THUMB_MEDIA_ID',
        }),
    ];
    for (const send of sends) {
      say();
      expect(await send()).toMatchObject({ errcode: 0 });
    }
    expect(received('official').map((message) => (message as { msgtype: string }).msgtype)).toEqual([
      'text',
      'image',
      'wxcard',
      'voice',
      'video',
      'music',
      'news',
      'mpnews',
      'miniprogrampage',
    ]);
  });

  test('uploads media and gets it back, sends templates and subscribe messages, and renews a spent token by itself', async () => {
    const api = client('oa-server', 'secret-two');
    const { media_id: mediaId } = await api.uploadMedia(samplePng, 'image', 'a.png', 'image/png');
    expect(await api.getMedia(mediaId)).toEqual(samplePng);
    const data = { User: { value: '黄先生', color: '#173177' }, CardNumber: { value: '0426' } };
    const { msgid } = await api.sendTemplate(
      touser,
      'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
      'http://u',
      '#FF0000',
      data,
    );
    expect(String(msgid)).toBe('2400000000000000001');
    emulator.clock.advance(2 * 60 * 60 * 1000 + 1000);
    expect(await api.sendText(touser, 'still here')).toMatchObject({ errcode: 0 });

    const mini = client('mini-server', 'secret-one');
    const values = {
      thing1: { value: '一件商品' },
      time2: { value: '15:01' },
      amount3: { value: '¥12.5' },
      character_string4: { value: 'A-1' },
    };
    expect(await mini.sendSubscribeMessage(touser, 'ORDER_TEMPLATE', 'pages/a', values)).toMatchObject({
      errcode: 0,
    });
  });

  test('throws what WeChat would have it throw', async () => {
    const api = client('mini-server', 'secret-one');
    emulator.clock.advance(48 * 60 * 60 * 1000);
    await expect(api.sendText(touser, 'late')).rejects.toMatchObject({ code: 45015 });
  });
});

describe('node-easywechat, unmodified but for its address', () => {
  interface EasyClient {
    postJson(url: string, data: object): Promise<{ toObject(): Record<string, unknown> }>;
    get(
      url: string,
      options: object,
    ): Promise<{ toObject(): Record<string, unknown>; getContent?(): unknown }>;
  }
  const { OfficialAccount } = require('node-easywechat') as {
    OfficialAccount: new (
      config: object,
    ) => {
      getClient(): EasyClient;
      getAccessToken(): { getToken(): Promise<string> };
      setCache(cache: { [step: string]: (key: string, value?: unknown) => Promise<unknown> }): void;
    };
  };

  test('fetches a token and sends messages, typing signs and templates', async () => {
    const app = new OfficialAccount({
      app_id: 'oa-server',
      secret: 'secret-two',
      use_stable_access_token: true,
      http: { baseURL: `${emulator.url}/gateway/`, throw: false },
    });
    // Its own cache would leave a file behind.
    const cached = new Map<string, unknown>();
    app.setCache({
      get: async (key) => cached.get(key),
      set: async (key, value) => cached.set(key, value) instanceof Map,
      has: async (key) => cached.has(key),
      delete: async (key) => cached.delete(key),
    });
    const client = app.getClient();
    const post = async (url: string, data: object) => (await client.postJson(url, data)).toObject();
    const menu = { head_content: '满意吗?', list: [{ id: '1', content: '满意' }], tail_content: '谢谢' };
    expect(
      await post('cgi-bin/message/custom/send', { touser, msgtype: 'msgmenu', msgmenu: menu }),
    ).toMatchObject({ errcode: 0 });
    expect(await post('cgi-bin/message/custom/typing', { touser, command: 'Typing' })).toMatchObject({
      errcode: 0,
    });
    expect(await post('cgi-bin/message/custom/send', { ...hi, text: { content: '您好 🎉' } })).toMatchObject({
      errcode: 0,
    });
    expect(
      await post('cgi-bin/message/custom/send', {
        touser,
        msgtype: 'mpnewsarticle',
        mpnewsarticle: { article_id: 'A' },
      }),
    ).toMatchObject({ errcode: 0 });
    expect(
      await post('cgi-bin/message/template/send', {
        touser,
        template_id: 'TM00015',
        data: { withdrawMoney: { value: '1.00' } },
      }),
    ).toMatchObject({ errcode: 0, errmsg: 'ok' });
    expect(await post('cgi-bin/message/custom/send', { touser, msgtype: 'text', text: {} })).toMatchObject({
      errcode: 44004,
    });
    expect(received('official')).toHaveLength(4);
  });
});

describe('any request', () => {
  const { main } = require(path.resolve('dist/cloudfunctions/kefu-gateway/index.js')) as {
    main: (
      event: unknown,
      context: unknown,
    ) => Promise<{ statusCode: number; body: string; headers: Record<string, string> }>;
  };
  const write = console.log;
  beforeAll(() => {
    process.env['GATEWAY_CLIENTS'] = 'mini-server:secret-one';
    console.log = () => undefined;
  });
  afterAll(() => {
    console.log = write;
  });

  const routes = [
    '/cgi-bin/token',
    '/cgi-bin/stable_token',
    '/cgi-bin/message/custom/send',
    '/cgi-bin/message/custom/typing',
    '/cgi-bin/media/upload',
    '/cgi-bin/media/get',
    '/cgi-bin/message/template/send',
    '/cgi-bin/message/subscribe/send',
    '/',
    '/cgi-bin/',
    '//cgi-bin/token',
  ];
  const junk = fc.oneof(
    fc.constantFrom<unknown>(
      undefined,
      null,
      0,
      true,
      '',
      [],
      {},
      '{}',
      '[]',
      '{"touser":1}',
      'x'.repeat(200_000),
      '\u0000',
      '{"__proto__":{"a":1}}',
    ),
    fc.string({ maxLength: 30 }),
    fc.object({ maxDepth: 2, maxKeys: 3 }),
  );
  const anyToken = fc.constantFrom(
    undefined,
    '',
    'x',
    'a.b.c',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaW5pLXNlcnZlciJ9.',
    `${'e'.repeat(3000)}.e.e`,
  );
  const anyEvent = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        path: fc.oneof(fc.constantFrom<unknown>(...routes), junk),
        httpMethod: fc.constantFrom<unknown>('GET', 'POST', 'post', 'PUT', '', null, 7),
        headers: fc.oneof(
          fc.constantFrom<unknown>(
            { 'content-type': 'application/json' },
            { 'Content-Type': 'multipart/form-data; boundary=b' },
            null,
          ),
          junk,
        ),
        queryStringParameters: fc.oneof(
          anyToken.map((token) => ({
            access_token: token,
            grant_type: 'client_credential',
            appid: 'mini-server',
            secret: 'wrong-secret',
          })),
          junk,
        ),
        body: junk,
        isBase64Encoded: fc.constantFrom<unknown>(true, false, 'yes', undefined),
      }),
    },
    { weight: 1, arbitrary: junk },
  );

  const runs = depth(100_000);
  test(`of ${runs} that are generated, without a valid token, is answered with status 200 and an errcode; none sends`, async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, async (event) => {
        const answer = await main(event, {});
        const { errcode, errmsg } = JSON.parse(answer.body) as { errcode?: unknown; errmsg?: unknown };
        if (
          answer.statusCode !== 200 ||
          !Number.isInteger(errcode) ||
          errcode === 0 ||
          typeof errmsg !== 'string' ||
          errcode === -504002
        ) {
          throw new Error(JSON.stringify(answer).slice(0, 300));
        }
      }),
      { numRuns: runs, seed: 20261121 },
    );
  }, 300_000);
});
