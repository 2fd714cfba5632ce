import { describe, expect, test } from '@jest/globals';
import { foreignAppid, linkFaults } from '../../../shared/wechat/messages/text-links';

/** Links in texts that open a mini program: only the one that sends them. */

const own = 'wxOwn';
const link = (attribute: string) => `您好 <a href="#" ${attribute} data-miniprogram-path="p">看看</a>`;

test.each([
  'data-miniprogram-appid="wxOther"',
  "data-miniprogram-appid='wxOther'",
  'data-miniprogram-appid=wxOther',
  'data-miniprogram-appid = "wxOther"',
  'data-miniprogram-appid  =  wxOther',
  'DATA-MINIPROGRAM-APPID="wxOther"',
  'class="x" data-miniprogram-appid=" wxOther "',
])('%s names another mini program', (attribute) => {
  expect(foreignAppid(link(attribute), own)).toBe('wxOther');
});

test.each([
  link('data-miniprogram-appid="wxOwn"'),
  link("data-miniprogram-appid=' wxOwn '"),
  link('data-miniprogram-appid=wxOwn'),
  link('xdata-miniprogram-appid="wxOther"'),
  '<a href="https://x">data-miniprogram-appid="wxOther"</a>',
  '<abbr data-miniprogram-appid="wxOther">',
  'data-miniprogram-appid="wxOther"',
  '',
])('%s names none', (text) => {
  expect(foreignAppid(text, own)).toBeUndefined();
});

test('the first that is another’s counts, wherever it stands', () => {
  const [mine, other] = ['wxOwn', 'wxOther'].map((appid) => link(`data-miniprogram-appid="${appid}"`));
  expect(foreignAppid(`${mine}${other}`, own)).toBe('wxOther');
  expect(foreignAppid(link('data-miniprogram-appid=""'), own)).toBe('');
});

describe('a message', () => {
  const content = link('data-miniprogram-appid="wxOther"');
  const message = { touser: 'oUser', msgtype: 'text', text: { content } } as const;

  test('with such a link is refused, with both appids in the words', () => {
    expect(linkFaults(message, 'miniprogram', own)).toEqual([
      {
        path: 'text.content',
        message: '"wxOther" is not the mini program’s own appid; WeChat opens no other from here: wxOwn',
        errCode: 40013,
      },
    ]);
  });

  test('is not looked at where the own appid is not known, or it is no text', () => {
    expect(linkFaults(message, 'miniprogram', '')).toEqual([]);
    expect(
      linkFaults({ touser: 'oUser', msgtype: 'image', image: { media_id: content } }, 'miniprogram', own),
    ).toEqual([]);
    expect(linkFaults({ ...message, text: { content: '您好' } }, 'miniprogram', own)).toEqual([]);
  });

  test('of an official account may lead to any', () => {
    expect(linkFaults(message, 'official', own)).toEqual([]);
  });
});
