import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { foreignAppid } from '../../shared/wechat/messages/text-links';
import { depth } from '../depth';

/** The text link of a mini program: `data-miniprogram-appid` must be its own. */

const own = 'wx0000000000000001';
const link = (appid: string) =>
  `文本内容...<a href="http://www.qq.com" data-miniprogram-appid="${appid}" data-miniprogram-path="pages/index/index">点击跳小程序</a>`;

let emulator: Emulator;
let silent: Emulator;
beforeAll(async () => {
  [emulator, silent] = await Promise.all([
    createEmulator(),
    createEmulator({ variables: { MINIPROGRAM_APPID: '' } }),
  ]);
});
afterAll(() => Promise.all([emulator.close(), silent.close()]));

const send = async (where: Emulator, content: string, account: string) => {
  const data = { msgtype: 'text', text: { content }, account };
  const invoked = await where.call({ name: 'kefu-send', data, source: 'wx_client', openid: defaultOpenid });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as Record<string, unknown>;
};
const received = (where: Emulator) =>
  where.world.conversation('miniprogram', defaultOpenid).messages.filter(({ from }) => from === 'service')
    .length;

describe('a text with a link to a mini program', () => {
  test('goes out with the mini program’s own appid', async () => {
    expect(await send(emulator, link(own), 'miniprogram')).toMatchObject({ errCode: 0 });
  });

  test('with another’s is refused by us, before WeChat sees it', async () => {
    const before = received(emulator);
    expect(await send(emulator, link('wx00000000000000aa'), 'miniprogram')).toMatchObject({
      errCode: 40013,
      details: [
        {
          path: 'text.content',
          message: `"wx00000000000000aa" is not the mini program’s own appid; WeChat opens no other from here: ${own}`,
        },
      ],
    });
    expect(received(emulator)).toBe(before);
  });

  test('and by WeChat where the mini program’s appid is not set', async () => {
    expect(await send(silent, link('wx00000000000000aa'), 'miniprogram')).toMatchObject({ errCode: 40013 });
    expect(received(silent)).toBe(0);
  });

  test('of an official account may lead to any', async () => {
    expect(await send(emulator, link('wx00000000000000aa'), 'official')).toMatchObject({ errCode: 0 });
  });

  test('is found however it is written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('"', "'", ''),
        fc.stringMatching(/^wx[0-9a-f]{4,16}$/),
        fc.string(),
        fc.constantFrom('', ' ', '\n'),
        (quote, appid, around, gap) => {
          const plain = around.replaceAll('<', '').replaceAll('>', '');
          const text = `${plain}<a href="x"\n data-miniprogram-appid${gap}=${gap}${quote}${appid}${quote} x="1">go</a>${plain}`;
          expect(foreignAppid(text, appid)).toBeUndefined();
          expect(foreignAppid(text, 'wx')).toBe(appid);
          expect(foreignAppid(plain, 'wx')).toBeUndefined();
        },
      ),
      { numRuns: depth(2000) },
    );
  });
});
