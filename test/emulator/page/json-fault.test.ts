import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from '../../../emulator/page/composer/json-fault';
import { depth } from '../../depth';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ['', 0],
  ['{', 1],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{"a": x}', 6],
  ['[1 2]', 3],
  ['"open', 5],
  ['"a\nb"', 2],
  ['"\\x"', 1],
  ['01', 1],
  ['-', 0],
  ['{} {}', 3],
  ['nul', 0],
])('%j stops being JSON at %i', (text, offset) => {
  expect(findJsonFault(text)).toBe(offset);
});

test('for every JSON text, finds nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      expect(findJsonFault(JSON.stringify(value, null, indent))).toBeUndefined();
    }),
  );
});

test('for every text near JSON, agrees with the parser', () => {
  const marks = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    "'",
    '\\',
    '\n',
    ' ',
    '1',
    '-',
    '.',
    'e',
    'true',
    '，',
    '\u007f',
  );
  fc.assert(
    fc.property(fc.array(marks, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      expect(findJsonFault(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: depth(3000) },
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), marks, (json, place, mark) => {
      const at = place % (json.length + 1);
      const text = json.slice(0, at) + mark + json.slice(at);
      expect(findJsonFault(text) === undefined).toBe(isJson(text));
    }),
  );
});

test('ends, however deep the nesting', () => {
  expect(findJsonFault('['.repeat(100_000))).toBeGreaterThan(0);
});
