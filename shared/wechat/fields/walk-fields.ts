import type { Account } from '../account';
import { type Fault, isOverfull, join, report } from './fault';
import type { Field, Fields } from './fields';
import { spell, spellings } from './spellings';
import type { PlainObject } from './values';

/** What a walk through an input knows besides the field at hand. */
export interface Walk {
  /** Collects every fault, in the order of the table; the first hundred. */
  readonly faults: Fault[];
  /** The event as it came: a missing field is named in its spelling. */
  readonly event?: PlainObject | undefined;
  /** Decides fields that only one account kind needs. */
  readonly account?: Account | undefined;
  /** Names that are fields of the event though not of the table, for suggestions. */
  readonly others?: readonly string[] | undefined;
  /** Passes over fields that are not in the table, as WeChat's own server does, instead of refusing them. */
  readonly ignoreUnknown?: boolean | undefined;
}

/** What to say, by name, of a field that is missing, or unknown in its place because it belongs elsewhere. */
export type Hints = Pick<ReadonlyMap<string, string>, 'get'>;

/** Reads a value as a field of one kind. `undefined` leaves the field out: what is wrong with it was reported. */
export type Reader<F> = (field: F, value: unknown, at: string, walk: ReadingWalk) => unknown;

/** How each kind of field is read, and a field that is not in the table. */
export type Readers = { readonly [K in Field['kind']]: Reader<Extract<Field, { kind: K }>> } & {
  readonly unknown: (key: string, value: unknown, place: Place) => unknown;
};

export interface ReadingWalk extends Walk {
  readonly readers: Readers;
}

/** Where an unknown field stands. */
export interface Place {
  readonly fields: Fields;
  readonly at: string;
  readonly walk: ReadingWalk;
  readonly hints: Hints;
}

const noHints: Hints = new Map();

function isNeeded({ need }: Field, { account }: Walk): boolean {
  return need === 'always' || (need === 'official' && account === 'official');
}

/**
 * Walks through an object by its field table, in either spelling, field by field, into the HTTPS spelling; what the
 * values come to is up to `walk.readers`.
 *
 * Keys come out in the order of the table, so that equal messages have equal bytes. `undefined` and `null` count as
 * absent. The result is whole only where no fault was added.
 */
export function walkFields(
  fields: Fields,
  input: PlainObject,
  at: string,
  walk: ReadingWalk,
  hints: Hints = noHints,
): Record<string, unknown> {
  const keys = Object.keys(input);
  const output: Record<string, unknown> = {};
  if (isOverfull(keys.length, 'fields', at, 40035, walk.faults)) return output;
  const { found, unknown } = sortKeys(fields, input, keys, at, walk.faults);
  for (const [name, field] of Object.entries(fields)) {
    const given = found.get(name);
    if (given !== undefined) {
      const value = readField(field, given.value, join(at, given.key), walk);
      if (value !== undefined) output[name] = value;
    } else if (field.kind === 'choice' && field.default !== undefined) {
      output[name] = field.default;
    } else if (isNeeded(field, walk) && !found.has(field.unless ?? '')) {
      const path = join(at, spell(fields, name, walk.event));
      report(walk.faults, path, hints.get(name) ?? 'is missing', field.missing ?? 47001);
    }
  }
  for (const key of unknown) {
    const value = walk.readers.unknown(key, input[key], { fields, at, walk, hints });
    if (value !== undefined) output[key] = value;
  }
  return output;
}

/** Reads a value as what its field says. */
export function readField(field: Field, value: unknown, at: string, walk: ReadingWalk): unknown {
  // The reader and the field go together by kind, which the compiler cannot see of two unions.
  const read = walk.readers[field.kind] as Reader<Field>;
  return read(field, value, at, walk);
}

interface SortedKeys {
  /** What was given for each field of the table, and under which key. */
  readonly found: ReadonlyMap<string, { readonly key: string; readonly value: unknown }>;
  readonly unknown: readonly string[];
}

function sortKeys(
  fields: Fields,
  input: PlainObject,
  keys: readonly string[],
  at: string,
  faults: Fault[],
): SortedKeys {
  const known = spellings(fields);
  const found = new Map<string, { key: string; value: unknown }>();
  const unknown: string[] = [];
  for (const key of keys) {
    const value = input[key];
    const name = known.get(key)?.name;
    const earlier = name === undefined ? undefined : found.get(name);
    if (name === undefined) unknown.push(key);
    else if (value === undefined || value === null) continue;
    else if (earlier === undefined) found.set(name, { key, value });
    else if (earlier.value !== value) {
      const message = `${earlier.key} and ${key} are the same field with different values; give one`;
      report(faults, join(at, key), message, 40035);
    }
  }
  return { found, unknown };
}
