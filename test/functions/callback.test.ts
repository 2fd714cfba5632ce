import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encrypt, getSignature } from '@wecom/crypto';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';

/** The callback address as WeChat uses it, and as whoever saw one of its queries would. */

const user = defaultOpenid;
const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const officialAppid = 'wx00000000000000ff';

let emulator: Emulator;

type Query = Record<string, string>;

function signed(nonce: string): Query {
  const timestamp = String(Math.floor(emulator.clock.now() / 1000));
  const signature = createHash('sha1').update(['localtoken', timestamp, nonce].sort().join('')).digest('hex');
  return { timestamp, nonce, signature };
}

async function ask(method: 'GET' | 'POST', query: Query, body?: string, path = 'callback') {
  const response = await fetch(`${emulator.url}/gateway/${path}?${new URLSearchParams(query)}`, {
    method,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'text/xml' } }),
  });
  return { status: response.status, text: await response.text() };
}

const xmlOf = (fields: Record<string, string>) =>
  `<xml>${Object.entries({ ToUserName: 'gh_1', FromUserName: user, CreateTime: '1700000000', ...fields })
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`;

const said = () =>
  emulator.world.conversation('official', user).messages.filter(({ from }) => from === 'service');

/** What the function wrote to its log about the callback. */
const lines = () =>
  emulator.log
    .since(0)
    .flatMap((entry) => (entry.kind === 'log' ? [entry.line] : []))
    .filter((line) => line.includes('"step":"callback"'));

describe('in plain mode', () => {
  beforeAll(async () => {
    emulator = await createEmulator();
  });
  afterAll(() => emulator.close());
  beforeEach(() => emulator.reset());

  const text = xmlOf({ MsgType: 'text', Content: '退货', MsgId: '1' });

  test('the query of WeChat’s GET is good for that GET, as often as it comes, and for no push', async () => {
    const query = { ...signed('n1'), echostr: 'echo-1' };
    expect(await ask('GET', query)).toEqual({ status: 200, text: 'echo-1' });
    expect(await ask('POST', query, text)).toMatchObject({ status: 403 });
    expect(await ask('GET', query)).toEqual({ status: 200, text: 'echo-1' });
    expect(said()).toEqual([]);
    expect(await ask('POST', signed('n2'), text)).toMatchObject({ status: 200 });
  });

  test('the log says whose push was taken, by a hash, and which was refused and why, without its words', async () => {
    await ask('POST', signed('n1'), text);
    await ask('POST', { ...signed('n2'), signature: '0'.repeat(40) }, text);
    await ask('POST', signed('n3'), '<xml><退货>');
    const caller = createHash('sha256').update(user).digest('hex').slice(0, 12);
    expect(lines().map((line) => JSON.parse(line))).toMatchObject([
      { account: 'official', caller },
      { failed: true, status: 403, why: 'not signed' },
      { failed: true, status: 400, why: 'no push' },
    ]);
    expect(lines().join()).not.toMatch(/退货|oKefu/);
  });

  test('the query of a push is good for no GET', async () => {
    const query = signed('n1');
    expect(await ask('POST', query, text)).toMatchObject({ status: 200 });
    expect(await ask('GET', { ...query, echostr: 'x' })).toMatchObject({ status: 403 });
  });

  test.each(['hello', '', '<xml>', '<!DOCTYPE x><xml/>', 'x'.repeat(90_000)])(
    'a body that is not signed is not even read: %#',
    async (body) => {
      const query = { ...signed('n1'), signature: '0'.repeat(40) };
      expect(await ask('POST', query, body)).toEqual({ status: 403, text: 'not signed' });
    },
  );

  test.each([
    ['an event whose name has a space', { MsgType: 'event', Event: 'complaint callback', Anything: '1' }],
    ['a picture of 2013, without a media id', { MsgType: 'image', PicUrl: 'http://p', MsgId: '2' }],
    ['a film of 2013, without media ids', { MsgType: 'video', MsgId: '3' }],
  ])('%s is taken', async (_what, fields) => {
    expect(await ask('POST', signed('n1'), xmlOf(fields))).toMatchObject({ status: 200 });
  });
});

describe('in encrypted mode', () => {
  beforeAll(async () => {
    emulator = await createEmulator({ variables: { CALLBACK_AES_KEY: aesKey } });
  });
  afterAll(() => emulator.close());
  beforeEach(() => emulator.reset());

  let nonces = 0;
  /** A push as WeChat sends it, and what of it is made otherwise. */
  async function push(form: (ciphertext: string) => string, appid = officialAppid) {
    nonces += 1;
    const { timestamp = '', nonce = '' } = signed(`m${nonces}`);
    const inner = xmlOf({ MsgType: 'text', Content: '退货', MsgId: String(nonces) });
    const ciphertext = encrypt(aesKey, inner, appid);
    const query = {
      timestamp,
      nonce,
      msg_signature: getSignature('localtoken', timestamp, nonce, ciphertext),
    };
    return ask('POST', query, form(ciphertext));
  }

  test.each<[string, (ciphertext: string) => string]>([
    ['XML', (text) => `<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[${text}]]></Encrypt></xml>`],
    ['XML without CDATA', (text) => `<xml>\n<Encrypt>${text}</Encrypt>\n</xml>`],
    ['JSON', (text) => JSON.stringify({ ToUserName: 'gh_1', Encrypt: text })],
    ['JSON with slashes escaped', (text) => `{"Encrypt" : "${text.replaceAll('/', '\\/')}"}`],
    [
      'XML with a plain side, in which a user writes what looks like a ciphertext',
      (text) =>
        `<xml><Content><![CDATA[<Encrypt>AAAA</Encrypt>]]></Content><Encrypt><![CDATA[${text}]]></Encrypt></xml>`,
    ],
    ['JSON with such a plain side', (text) => JSON.stringify({ Content: '"Encrypt":"AAAA"', Encrypt: text })],
  ])('a push in %s is found and answered', async (_form, form) => {
    expect(await push(form)).toMatchObject({ status: 200, text: expect.stringMatching(/Encrypt/) });
  });

  test('nothing but the ciphertext that is signed is taken', async () => {
    expect(await push((text) => `<xml><Encrypt>${text.replace(/^./, '_')}</Encrypt></xml>`)).toMatchObject({
      status: 403,
    });
    expect(await push(() => `<xml>${'<Encrypt>AA</Encrypt>'.repeat(2000)}</xml>`)).toMatchObject({
      status: 403,
    });
    expect(await push((text) => `<xml><Encrypt>${text}</Encrypt></xml>`, 'wx1')).toMatchObject({
      status: 403,
    });
    const plain = xmlOf({ MsgType: 'text', Content: '退货', MsgId: '1' });
    expect(await ask('POST', signed('n1'), plain)).toMatchObject({ status: 403 });
    expect(said()).toEqual([]);
  });
});

describe('a wrong configuration', () => {
  test.each([
    ['OFFICIAL_APPID', { OFFICIAL_APPID: 'not-an-appid' }],
    ['GATEWAY_CLIENTS', { GATEWAY_CLIENTS: 'shop:short' }],
  ])(
    'of %s is no 200 at the callback, and names the variable; servers get WeChat’s form',
    async (name, variables) => {
      emulator = await createEmulator({ variables });
      try {
        const query = { ...signed('n1'), echostr: 'x' };
        for (const path of ['callback', 'callback/miniprogram'])
          expect(await ask('GET', query, undefined, path)).toEqual({
            status: 500,
            text: expect.stringMatching(`^the variable ${name} must be `),
          });
        const answer = await ask('GET', {}, undefined, 'cgi-bin/token');
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.text)).toMatchObject({ errcode: -501009 });
      } finally {
        await emulator.close();
      }
    },
  );

  test('of an encrypted callback without the appid is a 500 that names it, for signed pushes only', async () => {
    emulator = await createEmulator({ variables: { CALLBACK_AES_KEY: aesKey, MINIPROGRAM_APPID: '' } });
    try {
      const { timestamp = '', nonce = '' } = signed('n1');
      const ciphertext = encrypt(aesKey, xmlOf({ MsgType: 'text' }), 'wx1');
      const query = {
        timestamp,
        nonce,
        msg_signature: getSignature('localtoken', timestamp, nonce, ciphertext),
      };
      const post = (change: Query) =>
        ask(
          'POST',
          { ...query, ...change },
          `<xml><Encrypt>${ciphertext}</Encrypt></xml>`,
          'callback/miniprogram',
        );
      expect(await post({})).toEqual({ status: 500, text: 'the variable MINIPROGRAM_APPID is not set' });
      expect(await post({ msg_signature: '0'.repeat(40) })).toMatchObject({ status: 403 });
    } finally {
      await emulator.close();
    }
  });
});
