import type { Account } from '../../wechat/account';
import type { Field, Fields } from '../../wechat/fields/fields';
import { spellings } from '../../wechat/fields/spellings';
import { isPlainObject, type PlainObject } from '../../wechat/fields/values';

/**
 * What years of clients send and WeChat takes, brought to what the field tables say. The gateway alone does this, before
 * a payload is parsed; `kefu-send` stays strict.
 */

interface Leniency {
  readonly applies: (value: unknown, field: Field, account: Account) => boolean;
  readonly becomes: (value: unknown) => unknown;
}

/** One row each; the first that applies to a value is taken. */
const leniencies: readonly Leniency[] = [
  // Clients in Go send every field that they know, and PHP writes an object without fields as a list.
  {
    applies: (value, field, account) => isOptional(field, account) && isEmpty(value, field),
    becomes: () => undefined,
  },
  // A number where the pages show a text, or a text in one place and a number in another: `businessid`, `msgmenu.list[].id`.
  { applies: (value, { kind }) => kind === 'text' && Number.isSafeInteger(value), becomes: String },
];

function isOptional({ need }: Field, account: Account): boolean {
  return need === 'never' || need === 'today' || (need === 'official' && account !== 'official');
}

/** Nothing, or a list or an object of nothing else; what a template's `data` holds is its caller's own. */
function isEmpty(value: unknown, { kind }: Field): boolean {
  if (typeof value !== 'object' || value === null) return isNothing(value);
  return Object.values(value).every(kind === 'data' ? () => false : isNothing);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** A payload as the table has it, where a leniency applies; all else as it came, whatever that is. */
export function lenient(fields: Fields, input: PlainObject, account: Account): PlainObject {
  const known = spellings(fields);
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => {
      const field = known.get(key)?.field;
      return [key, field === undefined ? value : lenientValue(field, value, account)];
    }),
  );
}

function lenientValue(field: Field, value: unknown, account: Account): unknown {
  const row = leniencies.find(({ applies }) => applies(value, field, account));
  if (row !== undefined) return row.becomes(value);
  if (field.kind === 'group' && isPlainObject(value)) return lenient(field.fields, value, account);
  const list = field.kind === 'group' ? field.fields[field.bareList ?? ''] : field;
  if (list?.kind !== 'list' || !Array.isArray(value)) return value;
  return value.map((entry: unknown) => (isPlainObject(entry) ? lenient(list.fields, entry, account) : entry));
}
