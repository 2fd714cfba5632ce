import fc from 'fast-check';
import { toCamelKey } from '../../shared/wechat/fields/case';
import type { Field, Fields } from '../../shared/wechat/fields/fields';

/** Strings as people write them: any script, emoji with joiners, markup, quotes, line breaks; nothing unsendable. */
const words = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      '您好',
      '👨‍💻👩‍👩‍👧',
      '"quoted" \\back\\',
      'a\nb\tc',
      '<a href="https://example.com?a=1&b=2">x</a>',
      '\u00ad\u200b\ufeff',
      'null',
      '0',
    ),
  )
  .filter(isSendable);

function isSendable(text: string): boolean {
  return !/[\u0000-\u0007\u000b\u000e-\u001f]|\p{Surrogate}/u.test(text);
}

/** Openids, media ids, ids. */
export const identifier = fc.stringMatching(/^[A-Za-z0-9_-]{1,28}$/);

const json = fc
  .jsonValue({ maxDepth: 1 })
  .map((value) => JSON.stringify(value))
  .filter((text) => text !== '' && isSendable(text) && !/\\u/.test(text));

const textOfForm = {
  json,
  pagepath: words.map((text) => `pages/${text}`),
  'request-id': identifier,
} as const;

type Kinds = { readonly [K in Field['kind']]: (field: Extract<Field, { kind: K }>) => fc.Arbitrary<unknown> };

/** The values of each kind of field, in the form that they have inside. */
const valuesOf: Kinds = {
  text: ({ form }) => (form === undefined ? words : textOfForm[form]),
  openid: () => identifier,
  media: () => identifier,
  id: () => identifier,
  choice: ({ values }) => fc.constantFrom(...values),
  integer: () => fc.nat(),
  number: () => fc.double({ noNaN: true, noDefaultInfinity: true }),
  group: ({ fields }) => objectOf(fields),
  list: ({ fields, max = 8 }) => fc.array(objectOf(fields), { minLength: 1, maxLength: Math.min(max, 8) }),
  data: () => fc.dictionary(identifier, fc.record({ value: words }), { minKeys: 1, maxKeys: 4 }),
};

/** Every object with these fields as it comes out of the parser: keys in the table's order, defaults filled in. */
export function objectOf(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(fields);
  const isThere = (field: Field) =>
    field.need === 'always' ||
    field.need === 'official' ||
    (field.kind === 'choice' && field.default !== undefined);
  return fc.record(
    Object.fromEntries(
      entries.map(([name, field]) => {
        // The two go together by kind, which the compiler cannot see of two unions.
        const values = valuesOf[field.kind] as (field: Field) => fc.Arbitrary<unknown>;
        return [name, values(field)];
      }),
    ),
    { requiredKeys: entries.filter(([, field]) => isThere(field)).map(([name]) => name) },
  );
}

/** The object as a caller may write it: where the coin says so, without what is the default anyway. */
export function leaveOutDefaults(fields: Fields, object: object, toss: () => boolean): object {
  const inner = (field: Field, value: unknown): unknown => {
    if (field.kind === 'group') return leaveOutDefaults(field.fields, value as object, toss);
    if (field.kind === 'list')
      return (value as object[]).map((entry) => leaveOutDefaults(field.fields, entry, toss));
    return field.kind === 'choice' && field.default === value && toss() ? undefined : value;
  };
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const field = fields[name];
      return [name, field === undefined ? value : inner(field, value)];
    }),
  );
}

/** Every name that WeChat could give a field: small letters and digits, joined by underscores. */
export const fieldName = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(?:_[a-z0-9]{1,4}){0,3}$/);

const need = fc.constantFrom('always', 'official', 'today', 'never' as const);

/** Every field that a message could have, of every kind. */
function fieldNamed(name: string, depth: number): fc.Arbitrary<Field> {
  const plain = fc.oneof(
    fc.constantFrom('text', 'openid', 'id', 'integer', 'number' as const).map((kind) => ({ kind })),
    fc
      .constantFrom('json', 'pagepath', 'request-id' as const)
      .map((form) => ({ kind: 'text' as const, form })),
    fc.constantFrom('image', 'voice', 'video', 'thumb' as const).map((media) => ({
      kind: 'media' as const,
      media,
      fileKeys: [`${toCamelKey(name)}FileID`],
    })),
    fc.constantFrom({}, { default: 'a' }, { default: false }).map((given) => ({
      kind: 'choice' as const,
      values: ['a', 1, false],
      wrong: 40035,
      ...given,
    })),
  );
  if (depth === 0) return fc.tuple(plain, need).map(([field, needed]) => ({ ...field, need: needed }));
  const nested = fc
    .tuple(fc.constantFrom('group', 'list' as const), fieldsOf(depth - 1))
    .map(([kind, fields]) => ({ kind, fields }));
  return fc
    .tuple(fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: nested, weight: 1 }), need)
    .map(([field, needed]) => ({ ...field, need: needed }));
}

/** Every table of fields. */
export function fieldsOf(depth = 2): fc.Arbitrary<Fields> {
  return fc
    .uniqueArray(fieldName, { minLength: 1, maxLength: 4 })
    .chain((names) =>
      fc.tuple(...names.map((name) => fieldNamed(name, depth).map((field) => [name, field] as const))),
    )
    .map((entries) => Object.fromEntries(entries));
}
