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
  ])('%j becomes plain', (markdown, blocks) => {
    expect(plainBlocks(markdown)).toEqual(blocks);
  });

  test.each([
    ['一段', 0],
    ['一段\n\n二', 4],
    ['```\na\n\nb', 0],
    ['- 一\n\n', 0],
    ['一\n\n二\n\n三', 6],
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
  }, 120_000);
});

test.each([
  ['一句。二句', '一句。\n……'],
  ['一句。见[说明](https://a.cn/x?', '一句。\n……'],
  ['见 https://a.cn/x', '见 \n……'],
  ['One ends. Two **', 'One ends.\n……'],
  ['1. 没有句号的**', '1. 没有句号的\n……'],
  ['**重要。后面的', '重要。\n……'],
  ['**一**与**二。三', '**一**与二。\n……'],
  ['见[说明](https://a.cn/x)。然后', '见[说明](https://a.cn/x)。\n……'],
])('%j that broke off ends at a sentence', (text, whole) => {
  expect(toLastSentence(text)).toBe(whole);
});
