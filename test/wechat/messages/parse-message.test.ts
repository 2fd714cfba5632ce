import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../shared/wechat/fields/fault';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import {
  type MessageTypeName,
  messageTypeNames,
  messageTypes,
} from '../../../shared/wechat/messages/message-types';
import { parseMessage } from '../../../shared/wechat/messages/parse-message';

const touser = 'oUser';

function faultsOf(input: unknown, options = {}): readonly Fault[] {
  const parsed = parseMessage(input, options);
  return parsed.ok ? [] : parsed.faults;
}

/** What a test says of a fault: `path errcode message`. */
function said(input: unknown, options = {}): string[] {
  return faultsOf(input, options).map(({ path, errCode, message }) => `${path} ${errCode} ${message}`);
}

function text(content: unknown) {
  return { touser, msgtype: 'text', text: { content } };
}

describe('a message', () => {
  test.each(messageTypeNames)('of type %s is read as its example has it', (msgtype) => {
    const message = { touser, msgtype, [msgtype]: messageExamples[msgtype] };
    expect(parseMessage(message)).toEqual({ ok: true, message });
  });

  test.each(messageTypeNames)('of type %s takes customservice, aimsgcontext and businessid', (msgtype) => {
    const message = {
      touser,
      msgtype,
      [msgtype]: messageExamples[msgtype],
      customservice: { kf_account: 'test1@kftest' },
      aimsgcontext: { is_ai_msg: 1 },
      businessid: '1',
    };
    expect(parseMessage(message)).toEqual({ ok: true, message });
  });

  test('has its keys in the order of the table, whatever the order of the caller', () => {
    const parsed = parseMessage({
      link: { thumb_url: 't', url: 'u', description: 'd', title: 'n' },
      businessid: 'b',
      msgtype: 'link',
      touser,
    });
    expect(JSON.stringify(parsed)).toBe(
      '{"ok":true,"message":{"touser":"oUser","msgtype":"link","link":{"title":"n","description":"d","url":"u","thumb_url":"t"},"businessid":"b"}}',
    );
  });

  test('without touser goes to the caller', () => {
    expect(parseMessage({ msgtype: 'text', text: { content: 'hi' } }, { touser })).toEqual({
      ok: true,
      message: text('hi'),
    });
    expect(said({ msgtype: 'text', text: { content: 'hi' } })).toEqual(['touser 41009 is missing']);
  });

  test('with the two spellings of a field is read when they agree and refused when they differ', () => {
    const both = (mediaId: string) => ({ touser, msgtype: 'image', image: { media_id: 'A', mediaId } });
    expect(parseMessage(both('A'))).toEqual({
      ok: true,
      message: { touser, msgtype: 'image', image: { media_id: 'A' } },
    });
    expect(said(both('B'))).toEqual([
      'image.mediaId 40035 media_id and mediaId are the same field with different values; give one',
    ]);
  });

  test('counts undefined and null as absent', () => {
    expect(parseMessage({ ...text('hi'), businessid: null, customservice: undefined })).toEqual({
      ok: true,
      message: text('hi'),
    });
    expect(said(text(null))).toEqual(['text.content 44004 is missing']);
  });
});

describe("WE7's bare list of articles", () => {
  const article = messageExamples.news.articles[0];

  test('is brought to news.articles', () => {
    expect(parseMessage({ touser, msgtype: 'news', news: [article, article] })).toEqual({
      ok: true,
      message: { touser, msgtype: 'news', news: { articles: [article, article] } },
    });
  });

  test('is named in faults as the caller wrote it', () => {
    expect(said({ touser, msgtype: 'news', news: [{ ...article, url: 7 }] })).toEqual([
      'news[0].url 47001 must be a string, not a number',
    ]);
  });

  test('may hold 8 articles, as WeChat once allowed, and not 9', () => {
    const news = (count: number) => ({ touser, msgtype: 'news', news: Array(count).fill(article) });
    expect(faultsOf(news(8))).toEqual([]);
    expect(said(news(9))).toEqual([
      'news.articles 45008 has 9 entries; WeChat takes at most 8'.replace('news.articles', 'news'),
    ]);
    expect(said(news(0))).toEqual(['news 44003 is empty']);
  });
});

describe('a fault', () => {
  const faults: readonly [string, unknown, string[]][] = [
    [
      'an unknown msgtype',
      { touser, msgtype: 'txt', text: {} },
      ['msgtype 40008 "txt" is no message type; did you mean text?'],
    ],
    [
      'a numeric msgtype',
      { touser, msgtype: 1 },
      [expect.stringMatching(/^msgtype 40008 1 is no message type; known: text, image/) as unknown as string],
    ],
    [
      'a misspelt msgtype',
      { touser, msgType: 'text', text: { content: 'a' } },
      ['msgtype 40008 is missing', 'msgType 40035 is not a field; did you mean msgtype?'],
    ],
    [
      'a type of the prototype',
      { touser, msgtype: 'constructor' },
      [expect.stringMatching(/^msgtype 40008 "constructor" is no message type/) as unknown as string],
    ],
    ['an empty text', text(''), ['text.content 44004 is empty']],
    ['a missing media id', { touser, msgtype: 'image', image: {} }, ['image.media_id 41006 is missing']],
    [
      'a media id misspelt',
      { touser, msgtype: 'image', image: { mediaID: 'M' } },
      ['image.mediaId 41006 is missing', 'image.mediaID 40035 is not a field; did you mean mediaId?'],
    ],
    ['a missing body', { touser, msgtype: 'image' }, ['image 47001 is missing']],
    [
      'a body that is text',
      { touser, msgtype: 'text', text: 'hi' },
      ['text 47001 must be an object, not a string'],
    ],
    [
      'a field at the wrong level',
      { touser, msgtype: 'text', text: {}, content: 'hi' },
      ['text.content 44004 is missing', 'content 40035 belongs inside text: text.content'],
    ],
    [
      "another type's body",
      { ...text('a'), image: { media_id: 'M' } },
      ['image 40035 does not go with msgtype "text"'],
    ],
    [
      'a misspelt touser',
      { toUser: touser, msgtype: 'text', text: { content: 'a' } },
      ['touser 41009 is missing; toUser is not a field', 'toUser 40035 is not a field; did you mean touser?'],
    ],
    [
      'an openid that is none',
      { ...text('a'), touser: 'o user' },
      ['touser 40003 must be an openid, not "o user"'],
    ],
    ['an openid that is a number', { ...text('a'), touser: 5 }, ['touser 40003 must be an openid, not 5']],
    [
      'a leading slash',
      {
        touser,
        msgtype: 'miniprogrampage',
        miniprogrampage: { title: 't', pagepath: '/pages/a', thumb_media_id: 'M' },
      },
      ['miniprogrampage.pagepath 41030 must not begin with "/": write pages/index/index'],
    ],
    [
      'a lone surrogate',
      text('a\ud800'),
      ['text.content 40033 holds U+D800, which JSON can only write as an escape; WeChat refuses those'],
    ],
    [
      'a control character',
      text('a\u0001'),
      ['text.content 40033 holds U+0001, which JSON can only write as an escape; WeChat refuses those'],
    ],
    [
      'a card_ext that is no JSON',
      { touser, msgtype: 'wxcard', wxcard: { card_id: 'c', card_ext: '{' } },
      ['wxcard.card_ext 47001 must be a string of JSON'],
    ],
    [
      'is_ai_msg as a boolean',
      { ...text('a'), aimsgcontext: { isAiMsg: true } },
      ['aimsgcontext.isAiMsg 40035 must be 0 or 1, not true'],
    ],
    ['an empty menu', { touser, msgtype: 'msgmenu', msgmenu: { list: [] } }, ['msgmenu.list 47001 is empty']],
    [
      'an own __proto__',
      JSON.parse('{"touser":"o","msgtype":"text","text":{"content":"a"},"__proto__":{}}'),
      [expect.stringMatching(/^__proto__ 40035 is not a field/) as unknown as string],
    ],
    ['a list', [], [' 47001 a message must be an object, not a list']],
    ['nothing', null, [' 47001 a message must be an object, not null']],
  ];

  test.each(faults)('in %s is named with its path, number and reason', (_what, input, expected) => {
    expect(said(input)).toEqual(expected);
  });

  test('is named in the spelling of the caller', () => {
    const link = { title: 't', description: 'd', url: 'u' };
    expect(said({ touser, msgtype: 'link', link: { ...link, thumb_url: 1 } })).toEqual([
      'link.thumb_url 47001 must be a string, not a number',
    ]);
    expect(said({ touser, msgtype: 'link', link: { ...link, thumbUrl: 1 } })).toEqual([
      'link.thumbUrl 47001 must be a string, not a number',
    ]);
    expect(said({ touser, msgtype: 'video', video: { thumbMediaId: 'M' } })).toEqual([
      'video.mediaId 41006 is missing',
    ]);
  });

  test('never comes alone: all are listed', () => {
    expect(said({ touser, msgtype: 'link', link: {} }).map((line) => line.split(' ')[0])).toEqual([
      'link.title',
      'link.description',
      'link.url',
      'link.thumb_url',
    ]);
  });
});

describe('the length of a text', () => {
  test('is counted in bytes of UTF-8: 2048 pass, 2049 do not', () => {
    expect(faultsOf(text('a'.repeat(2048)))).toEqual([]);
    expect(said(text('a'.repeat(2049)))).toEqual([
      'text.content 45002 is 2049 bytes of UTF-8; WeChat takes at most 2048',
    ]);
    expect(faultsOf(text('汉'.repeat(682)))).toEqual([]);
    expect(said(text('汉'.repeat(683)))[0]).toMatch('is 2049 bytes');
    expect(said(text('😀'.repeat(513)))[0]).toMatch('is 2052 bytes');
  });

  test('is left unchecked for a text that will be split', () => {
    expect(faultsOf(text('a'.repeat(9000)), { anyLength: true })).toEqual([]);
    expect(faultsOf(text(''), { anyLength: true })).toHaveLength(1);
  });
});

describe('an account', () => {
  const both = messageTypeNames.flatMap((name) =>
    (['miniprogram', 'official'] as const).map((account) => [account, name] as const),
  );

  test.each(both)('%s takes %s or names who does', (account, msgtype) => {
    const [first] = faultsOf({ touser, msgtype, [msgtype]: messageExamples[msgtype] }, { account });
    const takes = (messageTypes[msgtype].accounts as readonly string[]).includes(account);
    expect(first?.errCode).toBe(takes ? undefined : 40008);
    if (!takes)
      expect(first?.message).toMatch(new RegExp(`is ${msgtype}, which the ${account} account cannot send`));
  });

  test('official needs the appid of a mini-program card', () => {
    const { appid: _appid, ...card } = messageExamples.miniprogrampage;
    const message = { touser, msgtype: 'miniprogrampage', miniprogrampage: card };
    expect(faultsOf(message, { account: 'miniprogram' })).toEqual([]);
    expect(said(message, { account: 'official' })).toEqual(['miniprogrampage.appid 41002 is missing']);
  });
});

describe('a file in cloud storage', () => {
  const file = 'cloud://env.bucket/a.png';
  const places: readonly [MessageTypeName, object, string][] = [
    ['image', { fileID: file }, 'media_id'],
    ['image', { media_id: file }, 'media_id'],
    ['image', { mediaId: file }, 'media_id'],
    ['voice', { fileID: file }, 'media_id'],
    ['video', { fileID: file, thumbFileID: file }, 'thumb_media_id'],
    ['music', { musicurl: 'u', thumbFileID: file }, 'thumb_media_id'],
    ['music', { musicurl: 'u', fileID: file }, 'thumb_media_id'],
    ['miniprogrampage', { title: 't', pagepath: 'p', fileID: file }, 'thumb_media_id'],
    ['miniprogrampage', { title: 't', pagepath: 'p', thumbMediaId: file }, 'thumb_media_id'],
  ];

  test.each(places)('may stand in %s as %j, in place of %s', (msgtype, body, field) => {
    const parsed = parseMessage({ touser, msgtype, [msgtype]: body });
    expect(parsed).toMatchObject({ ok: true, message: { [msgtype]: { [field]: file } } });
  });

  test('must be one: a fileID is no media id', () => {
    expect(said({ touser, msgtype: 'image', image: { fileID: 'MEDIA_ID' } })).toEqual([
      'image.fileID 40035 must be a file in cloud storage: cloud://…',
    ]);
  });
});

describe('what is no message', () => {
  const image = (fields: object) => ({ touser, msgtype: 'image', image: fields });
  const link = { title: 't', description: 'd', url: 'http://a.cn', thumb_url: 'http://a.cn/p' };

  test('has no type, and not a word of one that was meant where none is', () => {
    for (const msgtype of [undefined, null])
      expect(said({ touser, msgtype })).toEqual(['msgtype 40008 is missing']);
    expect(said({ touser, msgtype: ['text'], text: { content: 'x' } })).toEqual([
      expect.stringMatching(/^msgtype 40008 .* is no message type; known: text/),
    ]);
  });

  test('has more fields than anything', () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, number) => [`x${number}`, 1]));
    expect(said({ ...text('x'), ...many })).toEqual([' 40035 has 1004 fields; nothing has so many']);
  });

  test('has a field of its body at the top, in either spelling, or one like another that is none either', () => {
    const { thumb_url: _thumb, title: _title, ...rest } = link;
    const message = { touser, msgtype: 'link', link: rest, title: 't', thumbUrl: 'http://a.cn/p' };
    expect(said(message).filter((fault) => fault.includes('belongs'))).toEqual([
      'title 40035 belongs inside link: link.title',
      'thumbUrl 40035 belongs inside link: link.thumbUrl',
    ]);
    expect(said({ ...message, thumbUrl: undefined, thumb_url: 'x' })).toContain(
      'thumb_url 40035 belongs inside link: link.thumb_url',
    );
    for (const fault of said({ ...text('x'), frobnicate: 1, frobnicated: 2 }))
      expect(fault).toMatch(/is not a field here; known/);
  });

  test('has a file that is none of cloud storage, a media id that is none, a list that is none', () => {
    const wrong = 'must be a file in cloud storage: cloud://…';
    expect(said(image({ fileID: 'x' }))).toEqual([`image.fileID 40035 ${wrong}`]);
    expect(said(image({ fileID: 5 }))).toEqual(['image.fileID 47001 must be a string, not a number']);
    expect(said(image({ media_id: '' }))).toEqual(['image.media_id 41006 is empty']);
    for (const fileKey of ['fileID', 'thumbFileID'])
      expect(
        said({
          touser,
          msgtype: 'miniprogrampage',
          miniprogrampage: { title: 't', pagepath: 'p', [fileKey]: 'x' },
        }),
      ).toEqual([`miniprogrampage.${fileKey} 40035 ${wrong}`]);
    for (const articles of [{}, 'x', 5])
      expect(said({ touser, msgtype: 'news', news: { articles } })).toEqual([
        expect.stringMatching(/^news.articles 47001 must be a list, not/),
      ]);
  });

  test('lacks a choice that must be made', () => {
    expect(said({ ...text('x'), aimsgcontext: {} })).toEqual(['aimsgcontext.is_ai_msg 47001 is missing']);
  });

  test('is one all the same where what is not known is passed over, and nothing of it is kept', () => {
    const message = { ...text('x'), foo: 1 };
    expect(parseMessage(message, { ignoreUnknown: true })).toEqual({ ok: true, message: text('x') });
    expect(parseMessage(message, { ignoreUnknown: false })).toMatchObject({ ok: false });
  });
});

test('only a text may be of any length', () => {
  const image = { touser, msgtype: 'image', image: { media_id: 'm' } };
  expect(parseMessage(image, { anyLength: true })).toEqual({ ok: true, message: image });
  const long = text('x'.repeat(3000));
  expect(parseMessage(long, { anyLength: true })).toEqual({ ok: true, message: long });
  expect(said(long)).toHaveLength(1);
});
