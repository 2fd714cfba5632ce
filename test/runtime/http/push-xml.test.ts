import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EncryptedBody, encryptReply, parseAesKey } from '../../../shared/runtime/http/callback-crypto';
import { readPushJson } from '../../../shared/runtime/http/push-json';
import { readPushXml, writeReplyXml } from '../../../shared/runtime/http/push-xml';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import { type Message, messageTypeNames } from '../../../shared/wechat/messages/message-types';
import {
  type PassiveReply,
  passiveTypes,
  toPassiveMessage,
  toTransfer,
} from '../../../shared/wechat/messages/passive-replies';
import { parsePush } from '../../../shared/wechat/pushes/parse-push';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { depth } from '../../depth';

type Read = ReturnType<typeof readPushXml>;

function inputOf(read: Read): Record<string, unknown> {
  if (!read.ok) throw new Error(read.faults[0].message);
  return read.input;
}

function reasonOf(read: Read): string | undefined {
  return read.ok ? undefined : read.faults[0].message;
}

const xml = (inside: string) => `<xml>${inside}</xml>`;

describe('XML', () => {
  test('is read with every value as text, so that an id of 64 bits keeps its digits', () => {
    const inside =
      '<MsgId>18446744073709551615</MsgId><Zeros>007</Zeros><Hex>0x10</Hex><E>1e5</E><T>true</T>';
    expect(inputOf(readPushXml(xml(inside)))).toEqual({
      MsgId: '18446744073709551615',
      Zeros: '007',
      Hex: '0x10',
      E: '1e5',
      T: 'true',
    });
  });

  test('keeps the text in CDATA to the space, whatever it looks like', () => {
    const content = ' <!DOCTYPE x [<!ENTITY a "b">]> &a; <b c="d"/> <!-- e --> <?f?> \n';
    expect(inputOf(readPushXml(xml(`<C><![CDATA[${content}]]></C>`)))).toEqual({ C: content });
  });

  test('joins sections of CDATA, knows the five entities, leaves out attributes and the space between elements', () => {
    const inside =
      '\n <A><![CDATA[a]]]]><![CDATA[>b]]></A>\n<B x="1" y=\'2\'> &lt;&amp;&gt;&quot;&apos;amp; </B><C/>\n<D></D>\n';
    expect(inputOf(readPushXml(`<?xml version="1.0" encoding="UTF-8"?>\n${xml(inside)}\n`))).toEqual({
      A: 'a]]>b',
      B: '<&>"\'amp;',
      C: '',
      D: '',
    });
  });

  test('has a repeated element as a list and a nested one as an object', () => {
    expect(inputOf(readPushXml(xml('<L><T>1</T></L><L><T>2</T></L><O><P>3</P></O>')))).toEqual({
      L: [{ T: '1' }, { T: '2' }],
      O: { P: '3' },
    });
  });

  test('may be eight levels deep', () => {
    expect(readPushXml(xml(`${'<a>'.repeat(7)}1${'</a>'.repeat(7)}`)).ok).toBe(true);
  });

  test('is read from bytes too, with or without a byte order mark', () => {
    const body = xml('<C><![CDATA[您好👨‍💻]]></C>');
    const bytes = Buffer.from(body);
    for (const given of [
      body,
      `\ufeff${body}`,
      bytes,
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    ]) {
      expect(inputOf(readPushXml(given))).toEqual({ C: '您好👨‍💻' });
    }
  });
});

describe('hostile XML', () => {
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    '',
  );
  const megabytes = 'x'.repeat(10_000_000);
  const notUtf8 = 'the body is not UTF-8';
  const notWellFormed = 'the body is not well-formed XML';
  const declaration = 'the body has a declaration, a comment or an instruction';
  const tooLarge = 'the body is larger than 65536 bytes; no push is';
  const unusual = 'the body is XML that no push has';

  const hostile: readonly [string, string | Buffer, string][] = [
    ['a document type', `<!DOCTYPE xml>${xml('<A>1</A>')}`, declaration],
    [
      'an external entity',
      `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml('<A>&e;</A>')}`,
      declaration,
    ],
    ['a billion laughs', `<!DOCTYPE l [<!ENTITY l0 "lol">${laughs}]>${xml('<A>&l9;</A>')}`, declaration],
    ['an entity in the middle', xml('<A><!ENTITY a "b"></A>'), declaration],
    ['a comment', xml('<!-- a --><A>1</A>'), declaration],
    ['an instruction', xml('<?php exit ?><A>1</A>'), declaration],
    ['a second declaration', `<?xml version="1.0"?><?xml version="1.0"?>${xml('<A>1</A>')}`, declaration],
    ['an unknown entity', xml('<A>&nbsp;</A>'), 'the body has an entity that is not of XML itself'],
    ['a character by its number', xml('<A>&#20320;</A>'), 'the body has an entity that is not of XML itself'],
    ['a bare ampersand', xml('<A>a & b</A>'), 'the body has an entity that is not of XML itself'],
    ['a depth of 100,000', `${'<a>'.repeat(100_000)}`, tooLarge],
    ['a depth that fits', `${'<a>'.repeat(450)}${'</a>'.repeat(450)}`, unusual],
    ['a depth of nine', xml(`${'<a>'.repeat(8)}1${'</a>'.repeat(8)}`), unusual],
    ['10 MB', xml(`<A>${megabytes}</A>`), tooLarge],
    ['10 MB of bytes', Buffer.alloc(10_000_000, '<a>'), tooLarge],
    ['fewer characters than bytes', xml(`<A>${'汉'.repeat(30_000)}</A>`), tooLarge],
    ['many elements', xml('<a/>'.repeat(15_000)), 'the body has over 1000 tags; no push has so many'],
    [
      'many sections',
      xml(`<A>${'<![CDATA[]]>'.repeat(5000)}</A>`),
      'the body has over 1000 tags; no push has so many',
    ],
    ['a long tag', `<xml a="1"${' '.repeat(60_000)}b><A>1</A></xml>`, 'the body has a tag that is too long'],
    ['an element that is not closed', '<xml><A>1', notWellFormed],
    ['a tag that is not closed', '<xml><A>1</A></xml', 'the body ends within a tag'],
    ['CDATA that is not closed', '<xml><A><![CDATA[1</A></xml>', 'the body ends within a tag'],
    ['CDATA that opens again and again', xml(`<A>${'<![CDATA['.repeat(7000)}`), 'the body ends within a tag'],
    ['crossed elements', '<xml><A><B>1</A></B></xml>', notWellFormed],
    ['a closing element alone', '</xml>', notWellFormed],
    ['less-than signs', '<'.repeat(60_000), 'the body ends within a tag'],
    ['two roots', xml('<A>1</A>') + xml('<A>2</A>'), notWellFormed],
    ['text after the root', `${xml('<A>1</A>')}tail`, notWellFormed],
    [
      'CDATA after the root',
      `${xml('<A>1</A>')}<![CDATA[tail]]>`,
      'the body must be one <xml> with elements',
    ],
    ['another root', '<html><A>1</A></html>', 'the body must be one <xml> with elements'],
    ['an empty root', '<xml></xml>', 'the body must be one <xml> with elements'],
    ['a root of text', xml('text'), 'the body must be one <xml> with elements'],
    ['an element named __proto__', xml('<__proto__><polluted>1</polluted></__proto__>'), unusual],
    ['an element named constructor', xml('<constructor>1</constructor>'), unusual],
    ['nothing', '', notWellFormed],
    ['JSON', '{"MsgType":"text"}', notWellFormed],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from('<xml><A>'), Buffer.from([0xc3, 0x28]), Buffer.from('</A></xml>')]),
      notUtf8,
    ],
    ['UTF-16', Buffer.from(`\ufeff${xml('<A>1</A>')}`, 'utf16le'), notUtf8],
    [
      'GBK',
      Buffer.concat([
        Buffer.from('<xml><A>'),
        Buffer.from([0xc4, 0xfa, 0xba, 0xc3]),
        Buffer.from('</A></xml>'),
      ]),
      notUtf8,
    ],
    [
      'a surrogate in bytes',
      Buffer.concat([Buffer.from('<xml><A>'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('</A></xml>')]),
      notUtf8,
    ],
    [
      'a declared encoding that is not UTF-8',
      `<?xml version="1.0" encoding="GBK"?>${xml('<A>1</A>')}`,
      notUtf8,
    ],
  ];

  test.each(hostile)('with %s is refused at once, with the reason', (_what, body, reason) => {
    const startedAt = performance.now();
    expect(reasonOf(readPushXml(body))).toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('is refused or read in bounded time, and never throws, for every soup of its parts', () => {
    const parts = fc.constantFrom(
      '<xml>',
      '</xml>',
      '<a>',
      '</a>',
      '<a/>',
      '<a b="c">',
      '<![CDATA[',
      ']]>',
      '<!',
      '<!--',
      '-->',
      '<?xml',
      '?>',
      '&amp;',
      '&#0;',
      '&',
      '<',
      '>',
      '"',
      "'",
      '__proto__',
      'text',
      ' ',
      '\n',
      '\u0000',
      '\ud800',
      '您',
      '<FromUserName>',
      '</FromUserName>',
      '<toString>1</toString>',
      ' '.repeat(500),
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), fc.boolean(), (soup, wrapped) => {
        const body = wrapped ? xml(`<a>${soup.join('')}</a>`) : soup.join('');
        const read = readPushXml(body);
        if (read.ok) parsePush(read.input);
      }),
      { numRuns: depth(20_000), seed: 4 },
    );
  });

  // The worst that fits into the size, filled with one part: what takes long, takes long here.
  test.each([
    '<a>',
    '<a/>',
    '<a b="',
    '<a b=\'c" ',
    ' ',
    '&amp;',
    '<![CDATA[',
    ']]>',
    '<![CDATA[]]>',
    '"',
    "='",
    '\n',
  ])('of 64 KB of %j takes no long time', (part) => {
    for (const body of [
      part.repeat(65_000 / part.length),
      xml(`<A>${part.repeat(64_000 / part.length)}</A>`),
    ]) {
      const startedAt = performance.now();
      readPushXml(body);
      expect(performance.now() - startedAt).toBeLessThan(1000);
    }
  });
});

describe('JSON', () => {
  test('is read with an id of 64 bits as its digits, and nothing else touched', () => {
    const json =
      '{"MsgId":6574261948839470964,"N":[-12345678901234567],"D":1.2345678901234567,"E":1234567890123456e2,"C":"\\"MsgId\\":6574261948839470964 \\\\"}';
    expect(inputOf(readPushJson(json))).toEqual({
      MsgId: '6574261948839470964',
      N: ['-12345678901234567'],
      D: 1.2345678901234567,
      E: 1234567890123456e2,
      C: '"MsgId":6574261948839470964 \\',
    });
    expect(inputOf(readPushJson(Buffer.from('\ufeff{"a":"您"}')))).toEqual({ a: '您' });
  });

  test('is what JSON.parse makes of it, for every value without long numbers', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(json));
        expect(readPushJson(json)).toEqual({ ok: true, input: JSON.parse(json) });
      }),
      { numRuns: depth(2000) },
    );
  });

  test.each([
    ['a list', '[]', 'the body must be an object, not a list'],
    ['a text', '"a"', 'the body must be an object, not a string'],
    ['what is none', '{', 'the body is not JSON'],
    ['quotes', `{${'"\\"'.repeat(15_000)}`, 'the body is not JSON'],
    [
      '10 MB',
      JSON.stringify({ a: 'x'.repeat(10_000_000) }),
      'the body is larger than 65536 bytes; no push is',
    ],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'the body is not UTF-8'],
  ])('of %s is refused', (_what, body, reason) => {
    const startedAt = performance.now();
    expect(reasonOf(readPushJson(body))).toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test('of a depth that fits is read, and refused as a push', () => {
    const read = readPushJson(`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
    if (read.ok) expect(parsePush(read.input).ok).toBe(false);
  });
});

const push: UnknownPush = { ToUserName: 'gh_1', FromUserName: 'oUser', CreateTime: 1, MsgType: 'text' };
const now = 1763712000_999;
const header = { ToUserName: 'oUser', FromUserName: 'gh_1', CreateTime: 1763712000 };

describe('a passive reply', () => {
  const example = (msgtype: keyof typeof messageExamples) =>
    ({ touser: 'oUser', msgtype, [msgtype]: messageExamples[msgtype] }) as unknown as Message;

  test.each(messageTypeNames)('of a message of type %s is made where WeChat has it', (msgtype) => {
    const reply = toPassiveMessage(example(msgtype), push, now);
    const has = (passiveTypes as readonly string[]).includes(msgtype);
    expect(reply === undefined).toBe(!has);
    if (has) expect(reply).toMatchObject({ ...header, MsgType: msgtype });
  });

  const written: readonly [string, PassiveReply | undefined, string][] = [
    [
      'text',
      toPassiveMessage({ touser: 'o', msgtype: 'text', text: { content: '您好 <a> & ]]>' } }, push, now),
      '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[您好 <a> & ]]]]><![CDATA[>]]></Content>',
    ],
    [
      'image',
      toPassiveMessage(example('image'), push, now),
      '<MsgType><![CDATA[image]]></MsgType><Image><MediaId><![CDATA[MEDIA_ID]]></MediaId></Image>',
    ],
    [
      'voice',
      toPassiveMessage(example('voice'), push, now),
      '<MsgType><![CDATA[voice]]></MsgType><Voice><MediaId><![CDATA[MEDIA_ID]]></MediaId></Voice>',
    ],
    [
      'video',
      toPassiveMessage(
        { touser: 'o', msgtype: 'video', video: { media_id: 'M', thumb_media_id: 'T', title: 't' } },
        push,
        now,
      ),
      '<MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[M]]></MediaId><Title><![CDATA[t]]></Title></Video>',
    ],
    [
      'music',
      toPassiveMessage(
        { touser: 'o', msgtype: 'music', music: { musicurl: 'u', hqmusicurl: 'h', thumb_media_id: 'T' } },
        push,
        now,
      ),
      '<MsgType><![CDATA[music]]></MsgType><Music><MusicUrl><![CDATA[u]]></MusicUrl><HQMusicUrl><![CDATA[h]]></HQMusicUrl><ThumbMediaId><![CDATA[T]]></ThumbMediaId></Music>',
    ],
    [
      'news',
      toPassiveMessage(
        {
          touser: 'o',
          msgtype: 'news',
          news: { articles: [{ title: 't', description: 'd', url: 'u', picurl: 'p' }] },
        },
        push,
        now,
      ),
      '<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[t]]></Title><Description><![CDATA[d]]></Description><PicUrl><![CDATA[p]]></PicUrl><Url><![CDATA[u]]></Url></item></Articles>',
    ],
    ['hand-over', toTransfer(push, now), '<MsgType><![CDATA[transfer_customer_service]]></MsgType>'],
    [
      'hand-over to one',
      toTransfer(push, now, 'test1@kftest'),
      '<MsgType><![CDATA[transfer_customer_service]]></MsgType><TransInfo><KfAccount><![CDATA[test1@kftest]]></KfAccount></TransInfo>',
    ],
  ];

  test.each(written)('is written: %s', (_what, reply, expected) => {
    if (reply === undefined) throw new Error('no passive form');
    expect(writeReplyXml(reply)).toBe(
      xml(
        `<ToUserName><![CDATA[oUser]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName><CreateTime>1763712000</CreateTime>${expected}`,
      ),
    );
  });

  test('as JSON is its own form', () => {
    expect(JSON.parse(JSON.stringify(toPassiveMessage(example('image'), push, now)))).toEqual({
      ...header,
      MsgType: 'image',
      Image: { MediaId: 'MEDIA_ID' },
    });
  });

  test('comes back as it was, for every text that XML can hold', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc
        .array(fc.constantFrom(']', ']]', '>', ']]>', '<![CDATA[', '&amp;', '<', '\n', '\t', '👨‍💻', 'x'), {
          maxLength: 20,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (content) => {
        fc.pre(!/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(content));
        const reply = toPassiveMessage({ touser: 'o', msgtype: 'text', text: { content } }, push, now);
        if (reply === undefined) throw new Error('no passive form');
        expect(inputOf(readPushXml(writeReplyXml(reply)))).toEqual({
          ...header,
          CreateTime: '1763712000',
          MsgType: 'text',
          Content: content,
        });
      }),
      { numRuns: depth(3000) },
    );
  });

  test('leaves out what XML cannot hold', () => {
    const reply = toPassiveMessage(
      { touser: 'o', msgtype: 'text', text: { content: 'a\u0000b\ud800c\b\ufffed' } },
      push,
      now,
    );
    expect(writeReplyXml(reply as PassiveReply)).toContain('<![CDATA[abcd]]>');
  });

  test('encrypted is written with its signature', () => {
    const keys = { token: 't', aesKey: parseAesKey('A'.repeat(43)) as Uint8Array, appid: 'wx1' };
    const body: EncryptedBody = encryptReply(keys, 'x', 1763712000, 'n');
    expect(inputOf(readPushXml(writeReplyXml(body)))).toEqual({ ...body, TimeStamp: '1763712000' });
  });
});
