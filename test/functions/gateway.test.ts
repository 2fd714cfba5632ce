import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { depth } from '../depth';

/** `kefu-gateway` as a server sees it: WeChat's own answers, tokens of ours. */

const touser = defaultOpenid;
const secretOne = 'one-'.repeat(8);
const secretTwo = 'two-'.repeat(8);
const secretThree = 'three-'.repeat(6);
const hi = { touser, msgtype: 'text', text: { content: 'hi' } };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: {
      OFFICIAL_CHANNEL: 'https',
      GATEWAY_CLIENTS: `mini-server:${secretOne}:miniprogram,oa-server:${secretTwo}:official,wx00000000000000ff:${secretThree}`,
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
      `/cgi-bin/token?grant_type=client_credential&appid=mini-server&secret=${secretOne}`,
    );
    expect(plain).toEqual({ status: 200, body: { access_token: expect.any(String), expires_in: 7200 } });
    expect(String(plain.body['access_token']).length).toBeLessThan(512);
    const stable = await ask('POST', '/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: 'mini-server',
      secret: secretOne,
    });
    expect(stable.body).toMatchObject({ expires_in: 7200 });
  });

  test.each([
    [`grant_type=other&appid=mini-server&secret=${secretOne}`, 40002],
    [`grant_type=client_credential&secret=${secretOne}`, 41002],
    ['grant_type=client_credential&appid=mini-server', 41004],
    [`grant_type=client_credential&appid=nobody&secret=${secretOne}`, 40013],
    [`grant_type=client_credential&appid=mini-server&secret=${secretTwo}`, 40001],
    [`grant_type=client_credential&appid=__proto__&secret=${secretOne}`, 40013],
  ])('is not given for %s: %i', async (query, errcode) => {
    expect(await ask('GET', `/cgi-bin/token?${query}`)).toMatchObject({ status: 200, body: { errcode } });
  });

  test('works until it is spent (42001), and no other does (40001)', async () => {
    const token = await tokenOf('mini-server', secretOne);
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
    const token = await tokenOf('mini-server', secretOne);
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
    await send('mini-server', secretOne);
    expect([received('miniprogram').length, received('official').length]).toEqual([1, 0]);
    await send('oa-server', secretTwo);
    await send('wx00000000000000ff', secretThree);
    expect([received('miniprogram').length, received('official').length]).toEqual([1, 2]);
  });

  test('has the interfaces of its account only', async () => {
    const mini = await tokenOf('mini-server', secretOne);
    const official = await tokenOf('oa-server', secretTwo);
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
    const token = await tokenOf('mini-server', secretOne);
    const joined = `${route}${route.includes('?') ? '&' : '?'}access_token=${token}`;
    expect(await ask(method, joined, body)).toEqual({
      status: 200,
      body: { errcode, errmsg: expect.any(String) },
    });
    expect(received()).toEqual([]);
  });

  test('with fields that no document names is taken, as WeChat takes it', async () => {
    const token = await tokenOf('mini-server', secretOne);
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
    const token = await tokenOf('mini-server', secretOne);
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode }]);
    expect((await send(token)).body).toMatchObject({ errcode: expected });
  });

  test('about the token of our own do not make a client renew its token', async () => {
    const token = await tokenOf('oa-server', secretTwo);
    emulator.faults.put([{ api: '/cgi-bin/message/custom/send', errcode: 40001 }]);
    expect((await send(token)).body).toMatchObject({ errcode: 48001 });
  });

  test('of unknown delivery are no "busy", at which clients send again', async () => {
    const token = await tokenOf('mini-server', secretOne);
    emulator.faults.put([{ api: 'customerServiceMessage.send', behaviour: 'cut' }]);
    const { body } = await send(token);
    expect(body).toMatchObject({ errcode: -501001, errmsg: expect.stringContaining('unknown delivery') });
    expect(received()).toHaveLength(1);
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
    process.env['GATEWAY_CLIENTS'] = `mini-server:${secretOne}`;
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
