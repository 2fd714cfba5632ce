import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../shared/wechat/fields/fault';
import { readTemplateData } from '../../../shared/wechat/fields/template-data';
import { isOpenid, show } from '../../../shared/wechat/fields/values';

/** Single values: an openid, what is shown of a wrong one, and a template’s. */

test.each<[unknown, boolean]>([
  ['oUser', true],
  ['o'.repeat(128), true],
  ['o'.repeat(129), false],
  ['', false],
  ['o User', false],
  ['o用户', false],
  [['oUser'], false],
  [5, false],
  [undefined, false],
])('%j is an openid: %j', (value, is) => {
  expect(isOpenid(value)).toBe(is);
});

test.each<[unknown, string]>([
  [{ a: 1 }, 'an object'],
  [[1], 'a list'],
  [null, 'null'],
  ['x', '"x"'],
  [5, '5'],
])('of %j is shown %s', (value, shown) => {
  expect(show(value)).toBe(shown);
});

describe('a template’s data', () => {
  const read = (data: object) => {
    const faults: Fault[] = [];
    const values = readTemplateData(data as Record<string, unknown>, 'data', faults);
    return { values, faults: faults.map(({ path, message, errCode }) => `${path} ${message} ${errCode}`) };
  };

  test('is read as it stands, keys, numbers and colours', () => {
    expect(
      read({ First: { value: 'x', color: '#fff' }, thing_1: { value: 5 }, b: { value: '', color: null } }),
    ).toEqual({
      values: { First: { value: 'x', color: '#fff' }, thing_1: { value: 5 }, b: { value: '' } },
      faults: [],
    });
  });

  test.each<[object, string[]]>([
    [{}, ['data is empty 47003']],
    [{ a: 'x' }, ['data.a must be {value}, not a string 47003']],
    [{ a: {} }, ['data.a.value is missing 47003']],
    [{ a: { value: null } }, ['data.a.value is missing 47003']],
    [{ a: { value: true } }, ['data.a.value must be a string, not a boolean 47003']],
    [{ a: { value: Number.NaN } }, ['data.a.value must be a string, not a number 47003']],
    [{ a: { value: 'x', color: 5 } }, ['data.a.color must be a string, not a number 47001']],
    [{ a: { value: 'x', colour: '#fff' } }, ['data.a.colour is not a field here; known: value, color 40035']],
  ])('%j has what is wrong with it named', (data, faults) => {
    expect(read(data).faults).toEqual(faults);
  });

  test('that no JSON can hold is refused as a text is', () => {
    expect(read({ a: { value: 'x\ud800' } }).faults).toHaveLength(1);
  });
});
