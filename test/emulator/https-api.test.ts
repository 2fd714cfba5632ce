import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';

/** The local WeChat's HTTPS side, as `api.weixin.qq.com` behaves. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const account = {
  grant_type: 'client_credential',
  appid: 'wx00000000000000ff',
  secret: 'local-official-secret',
};
const hi = { touser: defaultOpenid, msgtype: 'text', text: { content: 'hi' } };

async function ask(method: string, route: string, body?: unknown) {
  const response = await fetch(`${emulator.url}${route}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

const fresh = async () =>
  String((await ask('GET', `/cgi-bin/token?${new URLSearchParams(account)}`))['access_token']);
const stable = async (force = false) =>
  String((await ask('POST', '/cgi-bin/stable_token', { ...account, force_refresh: force }))['access_token']);
const send = (token: string, body: unknown = hi) =>
  ask('POST', `/cgi-bin/message/custom/send?access_token=${token}`, body);

describe('tokens', () => {
  test('of the plain interface are new each time, and end the one before after five minutes', async () => {
    const [first, second] = [await fresh(), await fresh()];
    expect(second).not.toBe(first);
    expect(await send(first)).toMatchObject({ errcode: 0 });
    emulator.clock.advance(5 * 60 * 1000);
    expect(await send(first)).toMatchObject({ errcode: 42001 });
    expect(await send(second)).toMatchObject({ errcode: 0 });
  });

  test('of the stable interface stay the same until their last five minutes, or until forced', async () => {
    const first = await stable();
    emulator.clock.advance(110 * 60 * 1000);
    expect(await stable()).toBe(first);
    emulator.clock.advance(6 * 60 * 1000);
    const second = await stable();
    expect(second).not.toBe(first);
    expect(await stable(true)).not.toBe(second);
  });

  test.each([
    [{ grant_type: 'x' }, 40002],
    [{ appid: '' }, 41002],
    [{ appid: 'wx0' }, 40013],
    [{ secret: '' }, 41004],
    [{ secret: 'wrong' }, 40001],
  ])('are refused for %j with %i', async (wrong, errcode) => {
    expect(await ask('POST', '/cgi-bin/stable_token', { ...account, ...wrong })).toMatchObject({ errcode });
  });
});

describe('a call', () => {
  test.each([
    ['GET', '', undefined, 43002],
    ['POST', 'x', hi, 40001],
    ['POST', '', hi, 41001],
  ])('by %s with the token %j is answered %i', async (method, token, body, errcode) => {
    expect(await ask(method, `/cgi-bin/message/custom/send?access_token=${token}`, body)).toMatchObject({
      errcode,
    });
  });

  test.each([
    ['', 44002],
    ['{', 47001],
    ['[]', 47001],
    ['{"touser":"o","msgtype":"text","text":{"content":"\\u200d"}}', 40033],
  ])('with the body %j is answered %i', async (body, errcode) => {
    expect(await send(await fresh(), body)).toMatchObject({ errcode });
  });

  test('knows the HTTPS spelling only: any other is a field that is missing', async () => {
    const token = await fresh();
    expect(
      await send(token, { touser: defaultOpenid, msgtype: 'image', image: { mediaId: 'MEDIA_ID' } }),
    ).toMatchObject({ errcode: 41006 });
    expect(
      await send(token, { touser: defaultOpenid, msgType: 'text', text: { content: 'x' } }),
    ).toMatchObject({ errcode: 40008 });
  });

  test('holds a message to what WeChat demands today: one article, a title of 64 characters', async () => {
    const token = await fresh();
    const article = { title: 't', description: 'd', url: 'u', picurl: 'p' };
    const news = (articles: object[]) =>
      send(token, { touser: defaultOpenid, msgtype: 'news', news: { articles } });
    expect(await news([article])).toMatchObject({ errcode: 0 });
    expect(await news([article, article])).toMatchObject({ errcode: 45008 });
    expect(await news([{ ...article, title: '长'.repeat(65) }])).toMatchObject({ errcode: 45003 });
    const music = { musicurl: 'u', hqmusicurl: 'h', thumb_media_id: 'THUMB_MEDIA_ID' };
    expect(await send(token, { touser: defaultOpenid, msgtype: 'music', music })).toMatchObject({
      errcode: 47001,
    });
  });

  test('uploads a file and gives it back', async () => {
    const token = await fresh();
    const form = new FormData();
    form.append('media', new Blob([samplePng], { type: 'image/png' }), 'a.png');
    const uploaded = (await (
      await fetch(`${emulator.url}/cgi-bin/media/upload?access_token=${token}&type=image`, {
        method: 'POST',
        body: form,
      })
    ).json()) as Record<string, unknown>;
    expect(uploaded).toMatchObject({
      type: 'image',
      media_id: expect.any(String),
      created_at: expect.any(Number),
    });
    const back = await fetch(
      `${emulator.url}/cgi-bin/media/get?access_token=${token}&media_id=${uploaded['media_id']}`,
    );
    expect(back.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await back.arrayBuffer())).toEqual(samplePng);
    emulator.clock.advance(3 * 24 * 60 * 60 * 1000);
    expect(
      await ask('GET', `/cgi-bin/media/get?access_token=${await fresh()}&media_id=${uploaded['media_id']}`),
    ).toMatchObject({ errcode: 40007 });
  });

  test('of a template answers a message id that no number holds', async () => {
    const response = await fetch(
      `${emulator.url}/cgi-bin/message/template/send?access_token=${await fresh()}`,
      {
        method: 'POST',
        body: JSON.stringify({
          touser: defaultOpenid,
          template_id: 'TM00015',
          data: { withdrawMoney: { value: '1' } },
        }),
      },
    );
    expect(await response.text()).toBe('{"errcode":0,"errmsg":"ok","msgid":2400000000000000001}');
  });
});
