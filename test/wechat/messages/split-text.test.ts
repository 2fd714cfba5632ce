import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from '../../../shared/wechat/fields/utf8';
import { maxTextBytes, splitText } from '../../../shared/wechat/messages/split-text';
import { depth } from '../../depth';

function partsOf(text: string, maxBytes?: number): readonly string[] {
  const split = splitText(text, maxBytes === undefined ? {} : { maxBytes });
  if (!split.ok) throw new Error(split.message);
  return split.parts;
}

const family = '👨‍👩‍👧‍👦';
const link = '<a href="https://example.com">订单</a>';

/** Text with what is hard to cut: emoji sequences, flags, accents, links. */
const hardText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom(
        family,
        '🇨🇳',
        'é',
        'க்ஷி',
        '汉',
        link,
        `${link}\u0301`,
        '\u0600',
        '\r\n',
        'x'.repeat(50),
      ),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

/** Any code point; half a pair as well. fast-check's own `binary` lists all of them first, which takes a second. */
const anyPoint = fc.nat(0x10ffff).map((point) => String.fromCodePoint(point));

describe('the length in UTF-8', () => {
  test('is what Node counts, for every string', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyPoint }), (text) => {
        expect(utf8Bytes(text)).toBe(Buffer.byteLength(text, 'utf8'));
      }),
      { numRuns: depth(3000) },
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

  test('is never cut inside a tag that stands alone, nor in a link that fills a part', () => {
    for (const tag of ['<a>', '</a>', '</a >', '<a href="u">', '<A\thref="u">'])
      expect(partsOf(`${'x'.repeat(38)}${tag}y`, 40)).toEqual(['x'.repeat(38), `${tag}y`]);
    for (const tag of ['<ab>', '<aside x>', '<b>'])
      expect(partsOf(`${'x'.repeat(38)}${tag}y`, 40)[0]).toHaveLength(40);
    const full = `<a href="u">${'y'.repeat(24)}</a>`;
    expect(partsOf(`x${full}`, 40)).toEqual(['x', full]);
    expect(splitText(`<a href="${'u'.repeat(29)}">`, { maxBytes: 40 })).toMatchObject({ ok: true });
    // A link that does not fit is cut in its words; its tags stay whole wherever it stands.
    const long = `<a href="u">${'y'.repeat(27)}</a>`;
    expect(partsOf(long, 40)).toEqual([long.slice(0, -4), '</a>']);
    expect(partsOf(`${'x'.repeat(35)}${long}`, 40)).toEqual(['x'.repeat(35), long.slice(0, -4), '</a>']);
    expect(partsOf(`${long}${'z'.repeat(30)}${long}`, 40).join('')).toBe(`${long}${'z'.repeat(30)}${long}`);
  });

  test('is not cut inside a character that fills a part', () => {
    expect(partsOf(`x${family}`, utf8Bytes(family))).toEqual(['x', family]);
  });

  test('with a link tag longer than a message is refused', () => {
    const tag = `<a href="${'u'.repeat(2048)}">`;
    expect(splitText(`hi ${tag}x</a>`)).toEqual({
      ok: false,
      message: `has a link of ${utf8Bytes(tag)} bytes, which cannot be cut`,
    });
  });

  test('of more parts than may be is refused, by its length or by what the cuts come to', () => {
    const refused = (text: string) => ({
      ok: false,
      message: `is ${utf8Bytes(text)} bytes of UTF-8, more than 2 messages hold`,
    });
    const whole = 'x'.repeat(80);
    expect(splitText(whole, { maxBytes: 40, mostParts: 2 })).toMatchObject({ ok: true });
    expect(splitText(`${whole}x`, { maxBytes: 40, mostParts: 2 })).toEqual(refused(`${whole}x`));
    // 75 bytes: three characters to a part of 40, and so three parts.
    expect(splitText(family.repeat(3), { maxBytes: 40, mostParts: 2 })).toEqual(refused(family.repeat(3)));
  });

  test('of one monstrous character is cut between code points, because nothing else is left', () => {
    const zalgo = `a${'\u0301'.repeat(40)}`;
    expect(partsOf(zalgo, 20).join('')).toBe(zalgo);
    expect(partsOf(zalgo, 20).map(utf8Bytes)).toEqual([19, 20, 20, 20, 2]);
    expect(partsOf(`x${zalgo}`, 20).join('')).toBe(`x${zalgo}`);
  });

  test('for every text: each part is as long as it can be, as is found by looking at every character', () => {
    fc.assert(
      fc.property(hardText, fc.integer({ min: 45, max: 300 }), (text, maxBytes) => {
        const parts = partsOf(text, maxBytes);
        expect(parts).toEqual(partsByCharacter(text, maxBytes));
        expect(parts.join('')).toBe(text);
        for (const part of parts) {
          expect(part).not.toBe('');
          expect(utf8Bytes(part)).toBeLessThanOrEqual(maxBytes);
        }
      }),
      { numRuns: depth(3000) },
    );
  });

  test('for every text, however small the parts: they join to it, and only one code point is ever too long', () => {
    fc.assert(
      fc.property(
        hardText.map((text) => text.replace(/<[^>]*>/g, '')),
        fc.integer({ min: 1, max: 30 }),
        (text, maxBytes) => {
          const parts = partsOf(text, maxBytes);
          expect(parts.join('')).toBe(text);
          const long = parts.filter((part) => utf8Bytes(part) > maxBytes);
          expect(long.filter((part) => [...part].length > 1)).toEqual([]);
        },
      ),
      { numRuns: depth(3000) },
    );
  });

  test.each([
    ['Chinese', '这是一段很长的文字，没有尽头。'],
    ['emoji', `${family}🇨🇳`],
    ['accents', 'e\u0301'],
    ['one character', '\u0301'],
    ['flags', '🇨'],
    ['links', `汉${link}😀`],
    ['opening tags', '<a '],
  ])('of a megabyte of %s is looked at near its cuts only', (_what, unit) => {
    const text = unit.repeat(Math.ceil(1_000_000 / utf8Bytes(unit)));
    const segment = jest.spyOn(Intl.Segmenter.prototype, 'segment');
    try {
      const parts = partsOf(text);
      const looked = segment.mock.calls.reduce((sum, [near]) => sum + near.length, 0);
      expect(parts.join('')).toBe(text);
      expect(segment.mock.calls.length).toBeLessThanOrEqual(parts.length);
      expect(looked).toBeLessThanOrEqual(parts.length * (2 * maxTextBytes + 1));
    } finally {
      segment.mockRestore();
    }
  });
});

/** The parts as they are found by going through all links and characters: slow, and plainly right. */
function partsByCharacter(text: string, maxBytes: number): string[] {
  const segmenter = new Intl.Segmenter();
  const parts: string[] = [];
  for (const [i, piece] of text.split(/(<a\s[^<>]*>[^<]*<\/a>|<\/?a(?:\s[^<>]*)?>)/i).entries()) {
    // What is split at comes at every second place.
    const isLink = i % 2 === 1;
    for (const character of isLink
      ? [piece]
      : Array.from(segmenter.segment(piece), ({ segment }) => segment)) {
      const last = parts.at(-1);
      if (last === undefined || utf8Bytes(last + character) > maxBytes) parts.push(character);
      else parts[parts.length - 1] = last + character;
    }
  }
  return parts;
}
