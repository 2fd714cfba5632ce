import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JsonEdit, putIn, takeOut, valueAt } from '../../scripts/project/json-edits';
import { depth } from '../depth';

/** What is put into a JSON file of somebody else's, and taken out again. */

const settings: JsonEdit = {
  path: ['packOptions', 'ignore'],
  value: { type: 'folder', value: 'kefu' },
  append: true,
};
const dependency: JsonEdit = { path: ['devDependencies', 'kefu-cloud'], value: '^0.1.0' };

const key = fc.constantFrom('name', 'setting', 'scripts', 'devDependencies', 'packOptions', '小程序', 'a b');
const file = fc
  .record({
    value: fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.dictionary(key, fc.string()))),
    indent: fc.constantFrom('  ', '    ', '\t'),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\uFEFF'),
    end: fc.constantFrom('', '\n'),
  })
  .map(({ value, indent, lineEnd, mark, end }) => {
    const { devDependencies, packOptions, ...rest } = value;
    const isObject = typeof devDependencies === 'object';
    const whole = {
      ...rest,
      ...(isObject ? { devDependencies } : {}),
      packOptions: { ignore: [packOptions ?? 'docs'] },
    };
    return { whole, text: `${mark}${JSON.stringify(whole, null, indent)}${end}`.replaceAll('\n', lineEnd) };
  });

const read = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ''));

describe('for every file', () => {
  test('what is put in is there, and every line of before is, as it was', () => {
    fc.assert(
      fc.property(file, ({ whole, text }) => {
        const after = putIn(text, [dependency, settings]);
        const lists = { packOptions: { ignore: [...whole.packOptions.ignore, settings.value] } };
        const { devDependencies } = whole as { devDependencies?: object };
        expect(read(after)).toEqual({
          ...whole,
          ...lists,
          devDependencies: { ...devDependencies, 'kefu-cloud': '^0.1.0' },
        });
        const lines = after.split(/,?\r?\n/);
        // An empty object that something is put into opens.
        for (const line of text.split(/,?\r?\n/))
          if (line.trim() !== '')
            expect([line, lines.includes(line) || lines.includes(line.replace(/\}$/, ''))]).toEqual([
              line,
              true,
            ]);
        if (text.includes('\r\n')) expect(after).not.toMatch(/[^\r]\n/);
      }),
      { numRuns: depth(2000) },
    );
  });

  test('what is taken out again leaves what was there, and what was put beside it since', () => {
    fc.assert(
      fc.property(file, ({ whole, text }) => {
        const later = putIn(putIn(text, [dependency, settings]), [{ path: ['later'], value: 1 }]);
        const without = takeOut(later, [dependency, settings]);
        expect(read(without)).toEqual({ devDependencies: {}, ...whole, later: 1 });
        expect(takeOut(without, [dependency, settings])).toBe(without);
      }),
      { numRuns: depth(2000) },
    );
  });
});

test('a value that the owner has changed since is the owner’s', () => {
  const text = putIn('{\n  "name": "shop"\n}\n', [dependency]).replace('^0.1.0', '^0.2.0');
  expect(takeOut(text, [dependency])).toBe(text);
  expect(valueAt(text, dependency.path)).toBe('^0.2.0');
});
