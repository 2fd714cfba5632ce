import { join, mostFaults, report } from '../fields/fault';
import type { Field, Fields } from '../fields/fields';
import { strictReaders } from '../fields/parse-fields';
import { isPlainObject, shorten, typeName } from '../fields/values';
import { type Reader, type Readers, type ReadingWalk, walkFields } from '../fields/walk-fields';
import { findExcess, forbiddenKeys, pushLimits, tooLong } from './push-limits';

/**
 * How WeChat's values are read, which differ from door to door: an id or a number may be text and text a number, a
 * list's only entry stands alone, an XML element without content is an empty text. What no table has is kept.
 */
export const pushReaders: Readers = {
  ...strictReaders,

  text: (_field, value, at, { faults }) => {
    // JSON has numbers in places where XML, like the pages, has text.
    if (Number.isFinite(value)) return String(value);
    if (typeof value !== 'string') return report(faults, at, `must be text, not ${typeName(value)}`, 47001);
    return value.length > pushLimits.characters ? report(faults, at, tooLong(value), 47001) : value;
  },

  id: widened(strictReaders.id, toId),
  integer: widened(strictReaders.integer, toNumber),
  number: widened(strictReaders.number, toNumber),

  group: ({ fields }, value, at, walk) => readObject(fields, value, at, walk),

  list: ({ fields }, value, at, walk) => {
    const entries: readonly unknown[] = Array.isArray(value) ? value : value === '' ? [] : [value];
    if (entries.length > pushLimits.entries)
      return report(walk.faults, at, `has ${entries.length} entries; no push has so many`, 47001);
    return entries.map((entry, index) =>
      readObject(fields, entry, Array.isArray(value) ? `${at}[${index}]` : at, walk),
    );
  },

  unknown: (key, value, { at, walk: { faults } }) => {
    if (value === null || faults.length >= mostFaults) return undefined;
    const reason = forbiddenKeys.has(key) ? 'is no name of a field' : findExcess(value);
    return reason === undefined ? value : report(faults, join(at, shorten(key)), reason, 47001);
  },
};

/** A strict reader for what a value is brought to. An empty text counts as absent where the field may be. */
function widened<F extends Field>(read: Reader<F>, bring: (value: unknown) => unknown): Reader<F> {
  return (field, value, at, walk) =>
    value === '' && field.need === 'never' ? undefined : read(field, bring(value), at, walk);
}

function readObject(fields: Fields, value: unknown, at: string, walk: ReadingWalk): unknown {
  if (!isPlainObject(value))
    return report(walk.faults, at, `must be an object, not ${typeName(value)}`, 47001);
  const reason = findExcess(value);
  return reason === undefined ? walkFields(fields, value, at, walk) : report(walk.faults, at, reason, 47001);
}

/** One past the largest number of 64 bits. */
const idLimit = 2 ** 64;

/** A number of at most 64 bits as text. One past 2^53 lost its last digits before it came here; what is left still tells pushes apart. */
function toId(value: unknown): unknown {
  const isNumber = typeof value === 'bigint' || Number.isInteger(value);
  return isNumber && (value as number) >= 0 && (value as number) < idLimit
    ? BigInt(value as number).toString()
    : value;
}

/** Digits, with a point where there are decimals, as a number. */
function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : value;
}
