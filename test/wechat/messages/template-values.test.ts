import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkValues,
  cutValues,
  kindOfKey,
  type ValueKind,
  valueRules,
} from '../../../shared/wechat/messages/template-values';
import { depth } from '../../depth';

/** For each kind, what WeChat's table takes and what it does not. */
const examples: {
  readonly [K in ValueKind]: { readonly good: readonly string[]; readonly bad: readonly string[] };
} = {
  thing: { good: ['一件商品', 'x'.repeat(20), '😀'.repeat(20)], bad: ['', 'x'.repeat(21)] },
  const: { good: ['已发货'], bad: ['x'.repeat(21)] },
  number: { good: ['1', '-2.5', '9'.repeat(32)], bad: ['', '1,000', '一', '9'.repeat(33)] },
  letter: { good: ['abcXYZ'], bad: ['a1', '', 'a'.repeat(33)] },
  symbol: { good: ['#$%', '★'], bad: ['a', '123', '######'] },
  character_string: { good: ['SF-686539', 'a b_c'], bad: ['中文', 'x'.repeat(33)] },
  time: {
    good: [
      '15:01',
      '2019年10月1日 15:01',
      '2019-10-01',
      '15:01~16:02',
      '2019年10月1日 15:01~2019年10月1日 16:02',
      '24:00',
    ],
    bad: ['soon', '25:00', '15:61'],
  },
  date: {
    good: ['2019年10月1日', '2019-10-01 15:01', '2019/10/1', '2019年10月1日~2019年10月2日'],
    bad: ['15:01', '明天'],
  },
  amount: { good: ['100元', '¥12.5', '12345', '$1', '12.34元'], bad: ['', '12345678901', '¥¥1', '一百'] },
  phone_number: { good: ['13800138000', '+86-0766-66888866'.slice(0, 17)], bad: ['电话', '1'.repeat(18)] },
  car_number: { good: ['粤A8Z888挂', '粤A12345'], bad: ['粤A·12345', '粤A12345678'] },
  name: {
    good: ['张三', '阿卜杜·热合曼', 'John Smith', '张'.repeat(10), 'x'.repeat(20)],
    bad: ['张'.repeat(11), 'x'.repeat(21), '张3', ''],
  },
  phrase: { good: ['已发货', '完成'], bad: ['已经发货了呀', 'ok', ''] },
};

describe.each(Object.entries(examples))('a value of kind %s', (kind, { good, bad }) => {
  const data = (value: string) => ({ [`${kind}1`]: { value } });
  test.each(good)('may be %j', (value) => expect(checkValues(data(value))).toEqual([]));
  test.each(bad)('may not be %j', (value) =>
    expect(checkValues(data(value))).toEqual([
      {
        path: `data.${kind}1.value`,
        message: `must be ${valueRules[kind as ValueKind].asks}`,
        errCode: 47003,
      },
    ]),
  );
});

test('a key of no known kind has no rule here: WeChat judges it', () => {
  expect(kindOfKey('enum1')).toBeUndefined();
  expect(kindOfKey('keyword1')).toBeUndefined();
  expect(kindOfKey('constructor')).toBeUndefined();
  expect(checkValues({ enum1: { value: 'anything' }, toString1: { value: '' } })).toEqual([]);
});

test('a key of a megabyte is of no kind, and is told so at once', () => {
  expect(kindOfKey(`thing${'1'.repeat(1_000_000)}x`)).toBeUndefined();
});

test('a kind is what stands before the number at the end', () => {
  expect(kindOfKey('thing1')).toBe('thing');
  expect(kindOfKey('thing12')).toBe('thing');
  expect(kindOfKey('character_string3')).toBe('character_string');
  for (const key of ['th1ing', 'th1ing2', '1thing', 'thing1a']) expect(kindOfKey(key)).toBeUndefined();
});

describe('a value that is too long', () => {
  test.each([
    ['thing1', 'x'.repeat(21), `${'x'.repeat(19)}…`],
    ['thing1', '😀'.repeat(25), `${'😀'.repeat(19)}…`],
    ['const1', '一'.repeat(40), `${'一'.repeat(19)}…`],
    ['symbol1', '######', '####…'],
    // Kinds in which an ellipsis has no place.
    ['letter1', 'a'.repeat(33), 'a'.repeat(32)],
    ['character_string1', 'x'.repeat(40), 'x'.repeat(32)],
    ['phrase1', '已经发货了呀', '已经发货了'],
    ['name1', '张'.repeat(11), '张'.repeat(10)],
  ])('of %s is cut: %s', (key, value, cut) => {
    expect(cutValues({ [key]: { value, color: '#173177' } })).toEqual({
      [key]: { value: cut, color: '#173177' },
    });
  });

  test.each([
    ['thing1', 'x'.repeat(20)],
    ['thing1', ''],
    ['thing1', 5],
    ['amount1', '12345678901'],
    ['time1', '2019年10月1日 15:01 and longer than any time'],
    ['phone_number1', '1'.repeat(18)],
    ['phrase1', 'ok'],
    ['name1', '张3'],
    ['symbol1', '####a'],
    ['name1', 'x'.repeat(20)],
    ['enum1', 'x'.repeat(100)],
  ])('or fits, or would be falsified, or has no rule: %s stays %j', (key, value) => {
    const data = { [key]: { value } };
    expect(cutValues(data)).toEqual(data);
  });

  test('and wrong in another way is cut, and stays wrong', () => {
    const cut = cutValues({ letter1: { value: 'a1'.repeat(20) }, thing2: { value: 'ok' } });
    expect(cut).toEqual({ letter1: { value: 'a1'.repeat(16) }, thing2: { value: 'ok' } });
    expect(checkValues(cut)).toMatchObject([{ path: 'data.letter1.value' }]);
  });
});

test('for every value: what is cut keeps its rule where a cut can keep it, and what is good stays as it is', () => {
  const kinds = Object.keys(valueRules) as ValueKind[];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string({ unit: 'grapheme', maxLength: 60 }), (kind, value) => {
      const data = { [`${kind}1`]: { value } };
      const cut = cutValues(data);
      if (checkValues(data).length === 0) expect(cut).toEqual(data);
      if ((kind === 'thing' || kind === 'const') && value !== '') expect(checkValues(cut)).toEqual([]);
      expect([...String(cut[`${kind}1`]?.value)].length).toBeLessThanOrEqual([...value].length);
    }),
    { numRuns: depth(3000) },
  );
});
