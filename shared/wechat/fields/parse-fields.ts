import { mostEntries } from './fault';
import type { Fields } from './fields';
import { strictReaders } from './strict-readers';
import { isPlainObject, type PlainObject } from './values';
import { type Hints, type Walk, walkFields } from './walk-fields';

/**
 * Reads a caller's object by its field table, in either spelling, field by field, into the HTTPS spelling.
 *
 * Every fault is collected in `walk.faults`; the result is whole only where none was added. Keys come out in the
 * order of the table, so that equal messages have equal bytes. `undefined` and `null` count as absent.
 *
 * @param at the path of `input` as the caller spelled it; empty for the top
 * @param hints what to say, by name, of a field that is missing, or unknown here because it belongs elsewhere
 */
export function parseFields(
  fields: Fields,
  input: PlainObject,
  at: string,
  walk: Walk,
  hints?: Hints,
): Record<string, unknown> {
  return walkFields(fields, input, at, { ...walk, readers: strictReaders }, hints);
}

/** Tells whether the caller writes camelCase: whether any key of the object, two levels deep, holds a capital. */
export function writesCamelCase(input: PlainObject): boolean {
  const isCamel = (key: string) => /[a-z][A-Z]/.test(key);
  const keys = Object.keys(input);
  // More are refused for their number.
  return keys.slice(0, mostEntries).some((key) => {
    const value = input[key];
    return isCamel(key) || (isPlainObject(value) && Object.keys(value).some(isCamel));
  });
}
