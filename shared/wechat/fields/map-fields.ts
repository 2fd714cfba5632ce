import type { Field, Fields } from './fields';
import { spellings } from './spellings';
import { isPlainObject, type PlainObject } from './values';

/** What a value becomes of a field that holds no others; `at` is the path to it, `list[0].media_id` say. */
export type Change = (field: Field, value: unknown, at: string) => unknown;

/**
 * Rebuilds an object by its field table: the keys in one of the two spellings, the values as they are or as `change`
 * makes them.
 *
 * It goes by the table, not by the look of a key, so joined names stay whole, and what the table does not have is never
 * touched. The order of the keys stays.
 */
export function mapFields(
  fields: Fields,
  object: PlainObject,
  spelling: 'https' | 'cloud',
  change: Change = keep,
  at = '',
): PlainObject {
  const known = spellings(fields);
  const mapEntry = (inner: Fields, entry: unknown, place: string) =>
    isPlainObject(entry) ? mapFields(inner, entry, spelling, change, `${place}.`) : entry;
  const mapValue = (field: Field, value: unknown, place: string) => {
    if (field.kind === 'group') return mapEntry(field.fields, value, place);
    return field.kind === 'list' && Array.isArray(value)
      ? value.map((entry: unknown, index) => mapEntry(field.fields, entry, `${place}[${index}]`))
      : change(field, value, place);
  };
  const output: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const row = known.get(key);
    if (row === undefined) output[key] = object[key];
    else output[row[spelling]] = mapValue(row.field, object[key], at + row.name);
  }
  return output;
}

const keep: Change = (_field, value) => value;
