import { toCamelKey } from './case';
import { mostEntries } from './fault';
import type { Field, Fields } from './fields';
import { remember } from './remember';
import { isPlainObject, type PlainObject } from './values';

/** A key under which a field may stand. */
export interface Spelling {
  readonly field: Field;
  /** The field's name. */
  readonly name: string;
  /** The key as HTTPS and as the cloud call has it. A file's key (`fileID`) is the same in both. */
  readonly https: string;
  readonly cloud: string;
}

/** Every key under which the fields of a table may be handed in. The HTTPS spellings come first. */
export const spellings = remember((fields: Fields): ReadonlyMap<string, Spelling> => {
  const known = new Map<string, Spelling>();
  for (const [name, field] of Object.entries(fields)) {
    const keepsName = field.kind === 'group' && field.keepsName === true;
    known.set(name, { field, name, https: name, cloud: keepsName ? name : toCamelKey(name) });
  }
  for (const spelling of [...known.values()]) {
    const { field, name } = spelling;
    known.set(toCamelKey(name), spelling);
    if (field.kind !== 'media') continue;
    for (const key of field.fileKeys) known.set(key, { field, name, https: key, cloud: key });
  }
  return known;
});

/**
 * A field's name as it is told to somebody who did not write it: in the spelling that an event is written in, or that our
 * documents have; HTTPS's where these tell nothing.
 */
export function spell(fields: Fields, name: string, event: PlainObject = {}): string {
  const isCamel = fields[name]?.documented === 'cloud' || writesCamelCase(event);
  return (isCamel ? spellings(fields).get(name)?.cloud : undefined) ?? name;
}

/**
 * Whether an event is written in camelCase: whether any key of it, two levels deep, holds a capital. Found where it is
 * first asked, once for all the faults of an event: a look at all keys for each of them would take its time.
 */
const writesCamelCase = remember((event: PlainObject): boolean => {
  const isCamel = (key: string) => /[a-z][A-Z]/.test(key);
  const keys = Object.keys(event);
  // More are refused for their number.
  return keys.slice(0, mostEntries).some((key) => {
    const value = event[key];
    return isCamel(key) || (isPlainObject(value) && Object.keys(value).some(isCamel));
  });
});
