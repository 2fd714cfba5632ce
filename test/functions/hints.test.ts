import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';

/** What is legal and surely not meant: it goes out as it stands, and the answer of success says so. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const call = async (name: string, data: object, source = 'wx_client') => {
  const invoked = await emulator.call({ name, data, source, openid: defaultOpenid });
  return (invoked.ok ? invoked.result : invoked) as Record<string, unknown>;
};

/** A picture of these many pixels, as far as anybody reads it. */
const picture = (name: string, width: number, height: number): string => {
  const bytes = Buffer.from(samplePng);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return emulator.storage.put(name, bytes).fileID;
};

const card = (thumbFileID: string) => ({
  msgtype: 'miniprogrampage',
  miniprogrampage: { title: '我的订单', pagepath: 'pages/order/index', thumbFileID },
});

describe('a card whose picture is not 520×416', () => {
  test('goes out, with a hint that says what it is', async () => {
    const answer = await call('kefu-send', card(picture('square.png', 300, 300)));
    expect(answer).toEqual({
      errCode: 0,
      errMsg: 'ok',
      hints: [
        {
          path: 'miniprogrampage.thumbFileID',
          message: 'is 300×300 pixels; WeChat advises the proportions of 520×416',
        },
      ],
    });
    const shown = emulator.world.conversation('miniprogram', defaultOpenid).messages;
    expect(shown.at(-1)).toMatchObject({ msgtype: 'miniprogrampage' });
  });

  test('has it in Chinese too', async () => {
    const answer = await call('kefu-send', { ...card(picture('square.png', 300, 300)), lang: 'zh' });
    expect(answer).toMatchObject({ hints: [{ message: '为 300×300 像素，微信建议的比例为 520×416' }] });
  });

  test('has it under the id of its request as well, and in a list', async () => {
    const request = { ...card(picture('square.png', 300, 300)), requestId: 'once' };
    const first = await call('kefu-send', request);
    expect(first).toMatchObject({ hints: [{ path: 'miniprogrampage.thumbFileID' }] });
    expect(await call('kefu-send', request)).toEqual(first);
    const list = { messages: [card(picture('wide.png', 800, 400))] };
    expect(await call('kefu-send', list)).toMatchObject({
      results: [{ errCode: 0, hints: [{ path: 'messages[0].miniprogrampage.thumbFileID' }] }],
    });
  });

  test('has none where the file was not read for it: WeChat still has it', async () => {
    const file = picture('square.png', 300, 300);
    await call('kefu-send', card(file));
    expect(await call('kefu-send', card(file))).toEqual({ errCode: 0, errMsg: 'ok' });
  });
});

test.each([
  ['of that size', 520, 416],
  ['of twice that size', 1040, 832],
])('a card whose picture is %s has no hint', async (_what, width, height) => {
  expect(await call('kefu-send', card(picture('fits.png', width, height)))).toEqual({
    errCode: 0,
    errMsg: 'ok',
  });
});

test('a picture by itself may have any proportions', async () => {
  const image = { msgtype: 'image', image: { fileID: picture('long.png', 10, 900) } };
  expect(await call('kefu-send', image)).toEqual({ errCode: 0, errMsg: 'ok' });
});

test('a refused message has details, and no hints', async () => {
  emulator.clock.advance(49 * 60 * 60 * 1000);
  const answer = await call('kefu-send', card(picture('square.png', 300, 300)));
  expect(answer).toMatchObject({ errCode: 45015 });
  expect(answer).not.toHaveProperty('hints');
});

describe('a template whose url is empty', () => {
  const template = { template_id: 'TM00015', url: '', data: { withdrawMoney: { value: '1.00' } } };
  const emptyUrl = 'is empty: a tap opens a blank page on iOS; leave it out';

  test('goes out with a hint, but for one that opens a mini program', async () => {
    const send = (more: object = {}) =>
      call('kefu-template-send', { touser: defaultOpenid, ...template, ...more });
    expect(await send()).toMatchObject({ errCode: 0, hints: [{ path: 'url', message: emptyUrl }] });
    const opening = { miniprogram: { appid: 'wx0000000000000001', pagepath: 'pages/a' } };
    expect(await send(opening)).not.toHaveProperty('hints');
    expect(await send({ url: 'https://example.com' })).not.toHaveProperty('hints');
  });

  test('has it as the fallback of a message, whichever of the two was sent', async () => {
    const request = {
      touser: defaultOpenid,
      msgtype: 'text',
      text: { content: 'hi' },
      fallback: [{ template: { touser: defaultOpenid, ...template } }],
    };
    const hints = [{ path: 'fallback[0].template.url', message: emptyUrl }];
    expect(await call('kefu-send', request, 'wx_http')).toMatchObject({ sent: 'message', hints });
    emulator.clock.advance(49 * 60 * 60 * 1000);
    expect(await call('kefu-send', request, 'wx_http')).toMatchObject({ sent: 'template', hints });
  });
});
