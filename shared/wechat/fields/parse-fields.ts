import type { Fields } from './fields';
import { strictReaders } from './strict-readers';
import type { PlainObject } from './values';
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
