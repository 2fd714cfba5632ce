import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fault } from '../../../shared/wechat/fields/fault';
import type { Fields } from '../../../shared/wechat/fields/fields';
import { parseFields } from '../../../shared/wechat/fields/parse-fields';
import type { PlainObject } from '../../../shared/wechat/fields/values';
import type { Walk } from '../../../shared/wechat/fields/walk-fields';
import { fieldsOf, leaveOutDefaults, objectOf } from '../../arbitrary/fields';
import { anyCoins, respell, tosser } from '../../arbitrary/messages';
import { depth } from '../../depth';

/** What every reader of a caller's fields does: messages, templates, the functions' own events. */

function read(fields: Fields, input: PlainObject, walk: Partial<Walk> = {}) {
  const faults: Fault[] = [];
  const values = parseFields(fields, input, '', { ...walk, faults });
  return { values, said: faults.map(({ path, errCode, message }) => `${path} ${errCode} ${message}`) };
}

test('for every table: what it describes is read, in either spelling, with what is left out by default', () => {
  const anyInput = fieldsOf().chain((fields) => objectOf(fields).map((values) => ({ fields, values })));
  fc.assert(
    fc.property(anyInput, anyCoins, ({ fields, values }, coins) => {
      const written = leaveOutDefaults(fields, values, tosser(coins));
      const input = respell(written, coins) as PlainObject;
      expect(read(fields, input, { account: 'official' })).toEqual({ values, said: [] });
    }),
    { numRuns: depth(2000) },
  );
});

const kinds = {
  name: { kind: 'openid', need: 'never' },
  id: { kind: 'id', need: 'never' },
  count: { kind: 'integer', need: 'never' },
  degree: { kind: 'number', need: 'never' },
  request_id: { kind: 'text', need: 'never', form: 'request-id' },
  level: { kind: 'choice', need: 'always', values: [0, 1], wrong: 40035, default: 0 },
  media_id: { kind: 'media', need: 'never', media: 'image', fileKeys: ['fileID'] },
  list: { kind: 'list', need: 'never', fields: { a: { kind: 'text', need: 'always' } } },
} as const satisfies Fields;

describe('a value of the wrong kind', () => {
  test.each<[PlainObject, string]>([
    [{ name: 'o user' }, 'name 40003 must be an openid, not "o user"'],
    [{ id: 5 }, 'id 47001 must be an id, not 5'],
    [{ id: 'a b' }, 'id 47001 must be an id, not "a b"'],
    [{ id: 'x'.repeat(257) }, `id 47001 must be an id, not "${'x'.repeat(40)}…"`],
    [{ count: '5' }, 'count 47001 must be a whole number, not "5"'],
    [{ count: -1 }, 'count 47001 must be a whole number, not -1'],
    [{ count: 2 ** 53 }, 'count 47001 must be a whole number, not 9007199254740992'],
    [{ degree: Number.NaN }, 'degree 47001 must be a number, not NaN'],
    [{ requestId: '' }, 'requestId 40035 must be a string of 1 to 64 printable characters'],
    [{ requestId: 'a\nb' }, 'requestId 40035 must be a string of 1 to 64 printable characters'],
    [{ requestId: 'x'.repeat(65) }, 'requestId 40035 must be a string of 1 to 64 printable characters'],
    [{ media_id: '' }, 'media_id 47001 is empty'],
    [{ fileID: 'MEDIA_ID' }, 'fileID 40035 must be a file in cloud storage: cloud://…'],
    [{ level: '0' }, 'level 40035 must be 0 or 1, not "0"'],
    [{ list: [{ a: 'b' }, 'c'] }, 'list[1] 47001 must be an object, not a string'],
  ])('is named: %j', (input, fault) => {
    expect(read(kinds, input).said).toEqual([fault]);
  });
});

test('a field with a default is never missing', () => {
  expect(read(kinds, {})).toEqual({ values: { level: 0 }, said: [] });
  expect(read(kinds, { level: null })).toEqual({ values: { level: 0 }, said: [] });
  expect(read(kinds, { level: 1 })).toEqual({ values: { level: 1 }, said: [] });
});

test("the event's other fields are suggested at its top, not inside a group", () => {
  const fields = { group: { kind: 'group', need: 'never', fields: { a: kinds.degree } } } as const;
  expect(read(fields, { prioritty: 1, group: { prioritty: 1 } }, { others: ['priority'] }).said).toEqual([
    'group.prioritty 40035 is not a field here; known: a',
    'prioritty 40035 is not a field; did you mean priority?',
  ]);
});

describe('an input of a size that nobody means', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 1]));

  test('has its first hundred faults listed', () => {
    expect(read(kinds, many(1000)).said).toHaveLength(100);
    expect(read(kinds, { list: Array(1000).fill({}) }).said).toHaveLength(100);
  });

  test('is refused by the number of its fields or entries, before they are looked at', () => {
    expect(read(kinds, many(1001)).said).toEqual([' 40035 has 1001 fields; nothing has so many']);
    expect(read(kinds, many(1001), { ignoreUnknown: true }).said).toHaveLength(1);
    expect(read(kinds, { list: Array(1001).fill({}) }).said).toEqual([
      'list 45008 has 1001 entries; nothing has so many',
    ]);
    const data = { data: { kind: 'data', need: 'always' } } as const;
    expect(read(data, { data: many(1001) }).said).toEqual([
      'data 47003 has 1001 fields; nothing has so many',
    ]);
    expect(read(data, { data: { a: { value: 'b', ...many(1001) } } }).said).toEqual([
      'data.a 47003 has 1002 fields; nothing has so many',
    ]);
  });
});
