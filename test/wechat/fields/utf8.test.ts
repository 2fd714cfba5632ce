import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findUnsendable, utf8Bytes } from '../../../shared/wechat/fields/utf8';
import { depth } from '../../depth';

describe('the length in bytes of UTF-8', () => {
  test.each([
    ['', 0],
    ['\u007f', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\ud7ff', 3],
    ['\ue000', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
    ['\u{10ffff}', 4],
    // Lone surrogates become the replacement character.
    ['\ud800', 3],
    ['\udbff', 3],
    ['\udc00', 3],
    ['\udfff', 3],
    ['\ud800\ud800\udc00', 7],
    ['\udbff\udfff', 4],
    ['\udc00\ud800', 6],
    ['\udc00\udc00', 6],
    ['\ud800\ue000', 6],
    ['\ud800a', 4],
  ])('of %j is %i', (text, bytes) => {
    expect(utf8Bytes(text)).toBe(bytes);
    expect(Buffer.byteLength(text, 'utf8')).toBe(bytes);
  });

  test('is what Node counts, for every string of any units', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd700, max: 0xe100 }),
      fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
        const text = String.fromCharCode(...units);
        expect(utf8Bytes(text)).toBe(Buffer.byteLength(text, 'utf8'));
      }),
      { numRuns: depth(3000) },
    );
  });
});

describe('a character that WeChat cannot be sent', () => {
  test.each(['\u0000', '\u0007', '\u000b', '\u000e', '\u001f', '\ud800', '\udfff'])(
    '%j is found',
    (character) => {
      expect(findUnsendable(character)).toBe(character);
      expect(findUnsendable(`好a${character}\u0001b`)).toBe(character);
    },
  );

  test.each(['\b', '\t', '\n', '\f', '\r', ' ', '\u007f', '😀', '\ue000', '', '您好'])(
    '%j is none',
    (text) => {
      expect(findUnsendable(text)).toBeUndefined();
    },
  );

  test('is one that JSON can only write as an escape, for every unit', () => {
    const characters = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));
    const escaped = (character: string) => /^"\\u/.test(JSON.stringify(character));
    expect(characters.filter((character) => findUnsendable(character) !== undefined)).toEqual(
      characters.filter(escaped),
    );
  });
});
