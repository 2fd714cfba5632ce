import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from '../../../shared/wechat/fields/utf8';
import { maxTextBytes, splitText } from '../../../shared/wechat/messages/split-text';

function partsOf(text: string, maxBytes?: number): readonly string[] {
  const split = splitText(text, maxBytes);
  if (!split.ok) throw new Error(`a link of ${split.linkBytes} bytes`);
  return split.parts;
}

const family = '👨‍👩‍👧‍👦';
const link = '<a href="https://example.com">订单</a>';

/** Text with what is hard to cut: emoji sequences, flags, accents, links. */
const hardText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom(family, '🇨🇳', 'é', 'க்ஷி', '汉', link, '\r\n', 'x'.repeat(50)),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

describe('the length in UTF-8', () => {
  test('is what Node counts, for every string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Bytes(text)).toBe(Buffer.byteLength(text, 'utf8'));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a long text', () => {
  test('that fits is left whole', () => {
    expect(partsOf('a'.repeat(maxTextBytes))).toEqual(['a'.repeat(2048)]);
    expect(partsOf('a'.repeat(2049))).toEqual(['a'.repeat(2048), 'a']);
  });

  test('is never cut inside an emoji sequence, a flag or an accented letter', () => {
    expect(partsOf(family.repeat(3), 30)).toEqual([family, family, family]);
    expect(partsOf('🇨🇳🇫🇷', 10)).toEqual(['🇨🇳', '🇫🇷']);
    expect(partsOf('e\u0301e\u0301', 4)).toEqual(['e\u0301', 'e\u0301']);
    expect(partsOf('\r\n\r\n', 3)).toEqual(['\r\n', '\r\n']);
  });

  test('is never cut inside a link', () => {
    expect(partsOf(`${'x'.repeat(30)}${link}`, 50)).toEqual(['x'.repeat(30), link]);
    // A link whose words alone fill a part: its tags stay whole.
    const long = `<a href="u">${'y'.repeat(60)}</a>`;
    expect(partsOf(long, 40)).toEqual([`<a href="u">${'y'.repeat(28)}`, `${'y'.repeat(32)}</a>`]);
  });

  test('with a link tag longer than a message is refused', () => {
    const tag = `<a href="${'u'.repeat(2048)}">`;
    expect(splitText(`hi ${tag}x</a>`)).toEqual({ ok: false, linkBytes: utf8Bytes(tag) });
  });

  test('of one monstrous character is cut between code points, because nothing else is left', () => {
    const zalgo = `a${'\u0301'.repeat(40)}`;
    expect(partsOf(zalgo, 20).join('')).toBe(zalgo);
  });

  test('for every text: the parts join to it, each fits, and none could take the next one’s beginning', () => {
    const segmenter = new Intl.Segmenter();
    fc.assert(
      fc.property(hardText, fc.integer({ min: 60, max: 300 }), (text, maxBytes) => {
        const parts = partsOf(text, maxBytes);
        expect(parts.join('')).toBe(text);
        for (const part of parts) {
          expect(part).not.toBe('');
          expect(utf8Bytes(part)).toBeLessThanOrEqual(maxBytes);
          // No part ends inside a link.
          expect(part.lastIndexOf('<a ') <= part.lastIndexOf('</a>') || !part.includes('<a ')).toBe(true);
        }
        const borders = new Set<number>([...segmenter.segment(text)].map(({ index }) => index));
        let at = 0;
        for (const part of parts.slice(0, -1)) {
          at += part.length;
          const beside = text.slice(at - 1, at + 1);
          // Links are cut off first, so a mark that follows one directly may begin a part.
          if (!beside.startsWith('>')) expect(borders.has(at)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
