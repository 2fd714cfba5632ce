import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLayout, toLastSentence } from '../../../shared/functions/answer/messages';
import { plainBlocks, wholeLength } from '../../../shared/functions/answer/plain';
import { utf8Bytes } from '../../../shared/wechat/fields/utf8';
import { depth } from '../../depth';

/** Markdown made plain, and laid out in the messages that the window has. */

function layOut(blocks: readonly string[], most: number): string[] {
  const layout = createLayout(most);
  return [...blocks.flatMap((block) => layout.put(block)), ...layout.flush()];
}

describe('Markdown', () => {
  test.each([
    ['# 标题\n\n正文', ['标题', '正文']],
    ['**粗** *斜* ~~删~~ `码`', ['粗 斜 删 码']],
    ['- 一\n- 二\n  - 三', ['• 一\n• 二\n  • 三']],
    ['3. 三\n4. 四', ['3. 三\n4. 四']],
    ['见[说明](https://a.cn/x_y_z?q=1&r=*2*)。', ['见说明 https://a.cn/x_y_z?q=1&r=*2* 。']],
    ['https://a.cn/x_y_z', ['https://a.cn/x_y_z']],
    ['```js\nif (a < b) {}\n\nx **y**\n```', ['if (a < b) {}\n\nx **y**']],
    ['> 引\n> 用', ['引\n用']],
    ['| 甲 | 乙 |\n|---|---|\n| 1 | 2 |', ['甲 | 乙\n1 | 2']],
    ['<b>粗</b><script>x</script>', ['粗x']],
    ['---\n\n3 < 4 & 5', ['3 < 4 & 5']],
    ['3*4=12,5*6=30,*重要*', ['3*4=12,5*6=30,重要']],
    ['**注意：**请看**“说明”**一节', ['注意：请看“说明”一节']],
    ['**见[说明](https://a.cn)。**再看`a ** b`', ['见说明 https://a.cn 。再看a ** b']],
    ['`3*4` https://a.cn/3*4*5', ['3*4 https://a.cn/3*4*5']],
    ['2 ** 10,2**10', ['2 ** 10,2**10']],
    ['一行  \n二行', ['一行\n二行']],
    ['a &lt; b &amp; c &quot;d&quot; &#39;e&#39;&nbsp;f', ['a < b & c "d" \'e\' f']],
    ['\\*不是\\* 重点', ['*不是* 重点']],
    ['![图](http://a.cn/p.png)', ['图 http://a.cn/p.png']],
    ['<a@b.cn>', ['a@b.cn']],
    ['<https://a.cn>', ['https://a.cn']],
    ['[**粗** 的](https://a.cn)', ['粗 的 https://a.cn']],
    ['> 引\n>\n> - 一\n> - 二', ['引\n\n• 一\n• 二']],
    ['- 一\n\n  二\n- 三', ['• 一\n  二\n• 三']],
    ['- [ ] 一', ['• 一']],
    ['[a]: https://a.cn\n\n见 [a]', ['见 a https://a.cn']],
    ['一<br>二<br />三', ['一\n二\n三']],
    ['| 甲 |\n|---|\n| 1<br>2 |', ['甲\n1 2']],
    ['见<a class="x" href="https://a.cn/x_y">**说明**</a>。', ['见说明 https://a.cn/x_y 。']],
    ["<A HREF='https://a.cn'>一</A>,<a href=https://b.cn>二</a>", ['一 https://a.cn ,二 https://b.cn']],
    ['<a name="x">一</a>', ['一']],
    ['`<a href="u">x</a>`', ['<a href="u">x</a>']],
    ['```html\n<a href="https://a.cn">3*4</a>\n```', ['<a href="https://a.cn">3*4</a>']],
    ['<div>块</div>', ['块']],
    ['~~~\n3*4\n~~~', ['3*4']],
    ['```\n3*4*5', ['3*4*5']],
  ])('%j becomes plain', (markdown, blocks) => {
    expect(plainBlocks(markdown)).toEqual(blocks);
  });

  test.each(['<a ', '<a href=', '<a href="', 'href=', '<a href=x>'])(
    'with thousands of %j and no end is read all the same',
    (piece) => {
      expect(plainBlocks(`<a ${piece.repeat(10_000)}`)).toBeDefined();
    },
  );

  test.each([
    ['一段', 0],
    ['一段\n\n二', 4],
    ['```\na\n\nb', 0],
    ['- 一\n\n', 0],
    ['一\n\n二\n\n三', 6],
    ['\n\n', 2],
    ['~~~\na\n\nb', 0],
    ['```\na\n```\n\nb', 11],
    ['a ``` b\n\nc', 9],
    ['一\n\n```\nc', 3],
    ['1. 一\n\n', 0],
    ['12) 一\n\n', 0],
    ['* 一\n\n  二\n\n', 0],
    ['- 一\n\n完\n\n', 8],
    ['2026年。\n\n- 一', 8],
    ['一 - 二\n\n', 7],
  ])('%j is whole up to %d', (markdown, end) => {
    expect(wholeLength(markdown)).toBe(end);
  });
});

describe('a layout', () => {
  test('puts what fits into one message, paragraph by paragraph', () => {
    expect(layOut(['一', '二'], 4)).toEqual(['一\n\n二']);
  });

  test('cuts between paragraphs, then sentences, and shows what was left off', () => {
    const paragraph = '这是一句话。'.repeat(100);
    const messages = layOut([paragraph, paragraph, paragraph], 2);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toBe(paragraph);
    expect(messages[1]).toBe(`${paragraph}\n……`);
    const long = layOut(['这是一句话。'.repeat(500)], 4);
    for (const message of long) expect(message).toMatch(/^(?:这是一句话。)+(?:\n……)?$/);
  });

  // Of 2048 bytes, less those of the sign that something was left off: 2041, so 680 signs of three bytes.
  const room = 2041;

  test('fills a message to the last byte, and begins another with the next', () => {
    const full = 'x'.repeat(room);
    expect(layOut([full], 4)).toEqual([full]);
    expect(layOut([full], 1)).toEqual([full]);
    expect(layOut([`${full}y`], 4)).toEqual([full, 'y']);
    expect(layOut(['x'.repeat(room - 3), 'y'], 4)).toEqual([`${'x'.repeat(room - 3)}\n\ny`]);
    expect(layOut(['x'.repeat(room - 2), 'y'], 4)).toEqual(['x'.repeat(room - 2), 'y']);
  });

  test('leaves a paragraph whole that fits into a message of its own, and fills up the last one', () => {
    const [short, long] = ['一句话。'.repeat(40), '又一句话。\n'.repeat(110).trim()];
    expect(layOut([short, long], 4)).toEqual([short, long]);
    const [only = ''] = layOut([short, long], 1);
    expect(only.startsWith(`${short}\n\n又一句话。\n又`)).toBe(true);
    expect(only.endsWith('。\n……')).toBe(true);
    expect(utf8Bytes(only)).toBeGreaterThan(room - 30);
  });

  test('says nothing more once it has left something off, and nothing of blanks', () => {
    const layout = createLayout(1);
    expect(layout.put('x'.repeat(3000))).toEqual([expect.stringMatching(/^x+\n……$/)]);
    expect(layout.isFull()).toBe(true);
    expect([layout.put('y'), layout.flush()]).toEqual([[], []]);
    const one = createLayout(1);
    expect([one.isFull(), one.put('x'), one.flush(), one.isFull()]).toEqual([false, [], ['x'], false]);
    expect([one.put('y'), one.flush(), one.isFull()]).toEqual([[], [], true]);
    expect(layOut(['  \n ', ' '], 4)).toEqual([]);
    expect(layOut(['  x  '], 4)).toEqual(['x']);
    const lines = `${'  一行。\n'.repeat(400)}`;
    for (const message of layOut([lines], 4)) expect(message).toBe(message.trim());
  });

  test('cuts a long line at its sentences, with what closes them, else at its characters, and loses nothing', () => {
    const cuts = (line: string) => layOut([line], 9);
    const filler = 'a'.repeat(2000);
    expect(cuts(`${filler}。」${'b'.repeat(100)}`)).toEqual([`${filler}。」`, 'b'.repeat(100)]);
    expect(cuts(`${filler}！！！${'b'.repeat(100)}`)).toEqual([`${filler}！！！`, 'b'.repeat(100)]);
    expect(cuts(`${filler}?! ${'b'.repeat(100)}`)).toEqual([`${filler}?!`, 'b'.repeat(100)]);
    expect(cuts(`${filler}; ${'b'.repeat(100)}!`)).toEqual([`${filler};`, `${'b'.repeat(100)}!`]);
    expect(cuts(`${filler}\n${'b'.repeat(100)}`)).toEqual([filler, 'b'.repeat(100)]);
    expect(cuts('字'.repeat(1500)).join('')).toBe('字'.repeat(1500));
    expect(cuts(`${'字'.repeat(1500)}。完`).join('')).toBe(`${'字'.repeat(1500)}。完`);
  });

  test('never cuts an address, be it a link’s, nor loses one that is too long for any message', () => {
    const links = [
      'https://a.cn/x?y;z!w&longer=1234567890',
      'http://a.cn/x?y;z!w&longer=12345678901',
      '<a href="https://a.cn/?x;y">订单；详情</a>',
      '<a href="/?x;y">a</a>',
      '<a href="/?x;y">订单；详情，很长的</a>',
    ];
    for (const link of links) {
      // One byte too many for the message that is being filled.
      const filler = 'a'.repeat(room - 2 - utf8Bytes(link));
      const end = `${link}。后面${'b'.repeat(60)}`;
      expect(layOut([`${filler}。${end}`], 4).join('')).toBe(`${filler}。${end}`);
      expect(layOut([`${filler}。${end}`], 4)[1]?.startsWith(link)).toBe(true);
    }
    const address = `https://a.cn/${'x'.repeat(3000)}`;
    expect(layOut([`见 ${address} 。`], 4).join('')).toContain(address.slice(0, 1500));
    expect(layOut([address], 4).join('')).toBe(address);
    for (const message of layOut([address, `见 ${address}`], 9))
      expect(utf8Bytes(message)).toBeLessThanOrEqual(room);
    const fits = `https://a.cn/?a;${'x'.repeat(room - 16)}`;
    expect(layOut([`${'y'.repeat(10)}。${fits}`], 4)).toEqual([`${'y'.repeat(10)}。`, fits]);
  });

  test('of any text has at most so many messages, none too large, no link cut', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '一句话。',
        'A sentence. ',
        '👨‍👩‍👧',
        '\n',
        '- 点\n',
        'x'.repeat(300),
        '字'.repeat(400),
      ),
      fc.webUrl({ withQueryParameters: true }).map((url) => ` ${encodeURI(decodeURI(url))} `),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
    );
    const known = fc.integer({ min: 0, max: 999 }).map((n) => ` https://a.cn/p?x=${n}&y=a.b!c;d#end${n}. `);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.oneof(piece, known), { maxLength: 30 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (blocks, most) => {
          const messages = layOut(
            blocks.map((pieces) => pieces.join('')),
            most,
          );
          expect(messages.length).toBeLessThanOrEqual(most);
          for (const message of messages) {
            expect(utf8Bytes(message)).toBeLessThanOrEqual(2048);
            for (const [, from, to] of message.matchAll(/https:\/\/a\.cn\/p\?x=(\d*)(\S*)/g))
              expect(to).toContain(`&y=a.b!c;d#end${from}`);
          }
        },
      ),
      { numRuns: depth(3000) },
    );
  }, 600_000);
});

test.each([
  ['一句。二句', '一句。\n……'],
  ['一句。见[说明](https://a.cn/x?', '一句。\n……'],
  ['见 https://a.cn/x', '见 \n……'],
  ['One ends. Two **', 'One ends.\n……'],
  ['1. 没有句号的**', '1. 没有句号的\n……'],
  ['**重要。后面的', '重要。\n……'],
  ['**一**与**二。三', '**一**与二。\n……'],
  ['一句。见[说明', '一句。\n……'],
  ['一句。见[说明]', '一句。\n……'],
  ['一句。见[说明](', '一句。\n……'],
  ['一句。图![图片](http://a.cn', '一句。\n……'],
  ['没有句号，见[说明](https://a.cn', '没有句号，见\n……'],
  ['没有句号，见 http://a.cn/x', '没有句号，见 \n……'],
  ['没有句号，**重', '没有句号，重\n……'],
  ['没有*句号* `码`，完~~', '没有*句号* `码`，完\n……'],
  ['**一**。二', '**一**。\n……'],
  ['3.14 和', '3.14 和\n……'],
  ['见[说明](https://a.cn/x)。然后', '见[说明](https://a.cn/x)。\n……'],
])('%j that broke off ends at a sentence', (text, whole) => {
  expect(toLastSentence(text)).toBe(whole);
});
