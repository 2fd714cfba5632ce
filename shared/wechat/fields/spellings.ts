import { toCamelKey } from './case';
import type { Field, Fields } from './fields';
import { remember } from './remember';

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

/** A field's name as it is told to a caller who did not write it: in the caller's spelling, or the documents'. */
export function spell(fields: Fields, name: string, camel: boolean): string {
  const isCamel = camel || fields[name]?.documented === 'cloud';
  return (isCamel ? spellings(fields).get(name)?.cloud : undefined) ?? name;
}
