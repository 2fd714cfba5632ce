import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';
import { lenient } from '../../shared/runtime/http/leniency';
import type { Account } from '../../shared/wechat/account';
import { messageFields } from '../../shared/wechat/messages/message-fields';
import { parseMessage } from '../../shared/wechat/messages/parse-message';
import { anyMessage } from '../arbitrary/messages';
import { depth } from '../depth';

/** What years of clients send, and the gateway takes: what then reaches WeChat, byte for byte. `kefu-send` takes none of it. */

const touser = defaultOpenid;
const secret = 'a-secret-'.repeat(4);
const template = { touser, template_id: 'TM00015', data: { withdrawMoney: { value: '1.00' } } };
const subscribe = {
  touser,
  template_id: 'ORDER_TEMPLATE',
  data: {
    thing1: { value: '一件商品' },
    time2: { value: '15:01' },
    amount3: { value: '¥12.5' },
    character_string4: { value: 'A-1' },
  },
};
const card = { title: 't', pagepath: 'pages/a', thumb_media_id: 'THUMB_MEDIA_ID' };
const article = { title: 't', url: 'http://u' };
const message = (msgtype: string, body: unknown) => ({ touser, msgtype, [msgtype]: body });

const customSend = '/cgi-bin/message/custom/send';

let emulator: Emulator;
let tokens: { readonly [account: string]: string };

async function ask(method: string, route: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${emulator.url}/gateway${route}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: body instanceof Buffer ? body : JSON.stringify(body) }),
  });
  const type = response.headers.get('content-type');
  const bytes = Buffer.from(await response.arrayBuffer());
  const json = type?.startsWith('application/json') ? JSON.parse(bytes.toString()) : undefined;
  return { status: response.status, body: json as Record<string, unknown>, bytes };
}

/** What reached WeChat, in the HTTPS spelling. */
function arrived(): unknown[] {
  return emulator.log
    .since(0)
    .flatMap((entry) => (entry.kind === 'wire' && !entry.api.includes('token') ? [entry.https] : []));
}

async function start(variables: Record<string, string> = {}) {
  emulator = await createEmulator({
    variables: {
      OFFICIAL_CHANNEL: 'https',
      GATEWAY_CLIENTS: `mini:${secret}:miniprogram,oa:${secret}:official`,
      ...variables,
    },
  });
  const tokenOf = async (id: string) =>
    String(
      (await ask('GET', `/cgi-bin/token?grant_type=client_credential&appid=${id}&secret=${secret}`)).body[
        'access_token'
      ],
    );
  tokens = { miniprogram: await tokenOf('mini'), official: await tokenOf('oa') };
}

describe('the gateway', () => {
  beforeAll(() => start());
  afterAll(() => emulator.close());
  beforeEach(() => emulator.reset());

  const taken: readonly [string, 'miniprogram' | 'official', string, object, object][] = [
    [
      'a template whose mini program is empty',
      'official',
      '/cgi-bin/message/template/send',
      { ...template, url: '', miniprogram: { appid: '', pagepath: '' }, client_msg_id: '' },
      template,
    ],
    [
      'a template whose mini program is PHP’s empty list',
      'official',
      '/cgi-bin/message/template/send',
      { ...template, miniprogram: [] },
      template,
    ],
    [
      'a template without values, as PHP writes it',
      'official',
      '/cgi-bin/message/template/send',
      { ...template, data: [] },
      { ...template, data: {} },
    ],
    [
      'a template whose one value is empty',
      'official',
      '/cgi-bin/message/template/send',
      { ...template, data: { withdrawMoney: { value: '', color: '' } } },
      { ...template, data: { withdrawMoney: { value: '', color: '' } } },
    ],
    [
      'a subscribe message with empty options',
      'miniprogram',
      '/cgi-bin/message/subscribe/send',
      { ...subscribe, page: '', miniprogram_state: '', lang: '' },
      subscribe,
    ],
    [
      'a card with an empty appid',
      'miniprogram',
      customSend,
      message('miniprogrampage', { ...card, appid: '' }),
      message('miniprogrampage', card),
    ],
    [
      'a video without a thumb',
      'official',
      customSend,
      message('video', { media_id: 'MEDIA_ID', title: 't', description: '' }),
      message('video', { media_id: 'MEDIA_ID', title: 't' }),
    ],
    [
      'music without a thumb',
      'official',
      customSend,
      message('music', { title: 't', description: 'd', musicurl: 'u', hqmusicurl: 'h', thumb_media_id: '' }),
      message('music', { title: 't', description: 'd', musicurl: 'u', hqmusicurl: 'h' }),
    ],
    [
      'news with an empty description and picture',
      'official',
      customSend,
      message('news', { articles: [{ ...article, description: '', picurl: '' }] }),
      message('news', { articles: [article] }),
    ],
    [
      'the same as a bare list',
      'official',
      customSend,
      message('news', [{ ...article, description: '', picurl: '' }]),
      message('news', { articles: [article] }),
    ],
    [
      'a menu whose ids are numbers',
      'official',
      customSend,
      message('msgmenu', { head_content: 'h', list: [{ id: 101, content: 'yes' }], tail_content: '' }),
      message('msgmenu', { head_content: 'h', list: [{ id: '101', content: 'yes' }] }),
    ],
    [
      'an empty customer-service account',
      'miniprogram',
      customSend,
      { ...message('text', { content: 'hi' }), customservice: { kf_account: '' } },
      message('text', { content: 'hi' }),
    ],
    [
      'a business id that is a number, on the path of businesses',
      'miniprogram',
      '/cgi-bin/message/custom/business/send',
      { ...message('text', { content: 'hi' }), businessid: 1 },
      { ...message('text', { content: 'hi' }), businessid: '1' },
    ],
    [
      'the typing sign of a business',
      'miniprogram',
      '/cgi-bin/message/custom/business/typing',
      { touser, command: 'Typing', businessid: 1 },
      { touser, command: 'Typing', businessid: '1' },
    ],
  ];

  test.each(taken)('takes %s', async (_what, account, route, sent, expected) => {
    // WeChat's own rules of today are another's; here it takes what comes.
    const apis = [customSend, 'customerServiceMessage.send', '/cgi-bin/message/template/send'];
    emulator.faults.put(apis.map((api) => ({ api, errcode: 0 })));
    const { body } = await ask('POST', `${route}?access_token=${tokens[account]}`, sent);
    expect(body).toMatchObject({ errcode: 0, errmsg: 'ok' });
    expect(arrived()).toEqual([expected]);
  });

  test.each([
    [
      'an official account’s card without an appid',
      message('miniprogrampage', { ...card, appid: '' }),
      41002,
    ],
    ['an empty text', message('text', { content: '' }), 44004],
    ['an empty media id', message('image', { media_id: '' }), 41006],
    ['no body', { touser, msgtype: 'text' }, 47001],
    ['an empty business with nothing in the body', message('text', { content: [] }), 47001],
  ])('still refuses %s', async (_what, sent, errcode) => {
    const { body } = await ask('POST', `${customSend}?access_token=${tokens['official']}`, sent);
    expect(body).toMatchObject({ errcode });
    expect(arrived()).toEqual([]);
  });

  test.each([
    ['media_id', message('image', { media_id: 'cloud://env.bucket/private.png' })],
    ['mediaId', message('image', { mediaId: 'cloud://env.bucket/private.png' })],
    ['fileID', message('image', { fileID: 'cloud://env.bucket/private.png' })],
    [
      'thumb_media_id',
      message('miniprogrampage', { ...card, thumb_media_id: 'cloud://env.bucket/private.png' }),
    ],
  ])('sends no file of cloud storage, by %s: it is the function that may read those', async (_key, sent) => {
    const { body } = await ask('POST', `${customSend}?access_token=${tokens['miniprogram']}`, sent);
    expect(body).toEqual({ errcode: 40007, errmsg: expect.stringContaining('/cgi-bin/media/upload') });
    expect(arrived()).toEqual([]);
  });

  test('reads a form whose content type does not name its boundary', async () => {
    const form = Buffer.concat([
      Buffer.from('--xyz\r\nContent-Disposition: form-data; name="media"; filename="a.png"\r\n\r\n'),
      samplePng,
      Buffer.from('\r\n--xyz--\r\n'),
    ]);
    const { body } = await ask(
      'POST',
      `/cgi-bin/media/upload?type=image&access_token=${tokens['miniprogram']}`,
      form,
      { 'content-type': 'multipart/form-data' },
    );
    expect(body).toMatchObject({ type: 'image', media_id: expect.any(String) });
  });
});

describe('an official account on the channel cloud', () => {
  const typing = { touser, command: 'Typing' };

  test('has typing signs and media over HTTPS, where there is its AppSecret', async () => {
    await start({ OFFICIAL_CHANNEL: 'cloud' });
    try {
      const token = `access_token=${tokens['official']}`;
      expect((await ask('POST', `/cgi-bin/message/custom/typing?${token}`, typing)).body).toMatchObject({
        errcode: 0,
      });
      expect((await ask('GET', `/cgi-bin/media/get?media_id=MEDIA_ID&${token}`)).bytes).toEqual(samplePng);
      expect((await ask('GET', `/cgi-bin/media/get?media_id=GONE&${token}`)).status).toBe(200);
    } finally {
      await emulator.close();
    }
  });

  test('without it gets an error that no client saves as a file', async () => {
    await start({ OFFICIAL_CHANNEL: 'cloud', OFFICIAL_SECRET: '' });
    try {
      const token = `access_token=${tokens['official']}`;
      expect(await ask('POST', `/cgi-bin/message/custom/typing?${token}`, typing)).toMatchObject({
        status: 200,
        body: { errcode: -604100, errmsg: expect.stringContaining('OFFICIAL_SECRET') },
      });
      expect(await ask('GET', `/cgi-bin/media/get?media_id=MEDIA_ID&${token}`)).toMatchObject({
        status: 502,
        body: { errcode: -604100, errmsg: expect.stringContaining('OFFICIAL_SECRET') },
      });
    } finally {
      await emulator.close();
    }
  });
});

describe('leniency', () => {
  const lenientMessage = (input: { readonly [key: string]: unknown }, account: Account) =>
    lenient(messageFields(String(input['msgtype'])), input, account);

  test.each(['miniprogram', 'official'] as const)(
    'leaves every good message of %s as it is, but for what is empty',
    (account) => {
      fc.assert(
        fc.property(anyMessage(account), (good) => {
          const parsed = parseMessage(lenientMessage(good as never, account), { account });
          const full = JSON.stringify(good)
            .replace(/,?"\w+":""/g, '')
            .replaceAll('{,', '{');
          expect(
            parsed.ok &&
              JSON.stringify(parsed.message)
                .replace(/,?"\w+":""/g, '')
                .replaceAll('{,', '{'),
          ).toBe(full);
        }),
        { numRuns: depth(10_000) },
      );
    },
  );

  test('gives back whatever it is given, however deep, and never throws', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 4 }),
        fc.constantFrom('text', 'news', 'msgmenu', '__proto__', 7),
        (body, msgtype) => {
          const input = { msgtype, text: body, news: body, msgmenu: { list: [body] }, businessid: body };
          expect(typeof lenientMessage(input, 'official')).toBe('object');
        },
      ),
      { numRuns: depth(10_000) },
    );
    const deep: unknown = JSON.parse(`${'['.repeat(40_000)}${']'.repeat(40_000)}`);
    expect(lenientMessage({ msgtype: 'news', news: deep, businessid: deep }, 'official')).toBeDefined();
  });

  test('is the gateway’s alone: kefu-send says what is wrong', async () => {
    await start();
    try {
      for (const data of [
        message('miniprogrampage', { ...card, appid: '' }),
        { ...message('text', { content: 'hi' }), businessid: 1 },
        {
          ...message('news', { articles: [{ ...article, description: '', picurl: '' }] }),
          account: 'official',
        },
        { ...message('msgmenu', { list: [{ id: 1, content: 'a' }] }), account: 'official' },
      ]) {
        const invoked = await emulator.call({ name: 'kefu-send', data, source: 'wx_client', openid: touser });
        expect(invoked).toMatchObject({ result: { code: 'invalid-message' } });
      }
      expect(arrived()).toEqual([]);
    } finally {
      await emulator.close();
    }
  });
});
