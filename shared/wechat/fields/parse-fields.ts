import { isOverfull, join, mostFaults, report } from './fault';
import type { Fields, TextField } from './fields';
import { spell, spellings } from './spellings';
import { nearestName } from './suggest';
import { readTemplateData } from './template-data';
import { checkText } from './text-fields';
import { isOpenid, isPlainObject, type PlainObject, shorten, show, typeName } from './values';
import { type Hints, type Readers, type ReadingWalk, readField, type Walk, walkFields } from './walk-fields';

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

/** How a caller's values are read: as they are or not at all, and each fault has WeChat's number for it. */
export const strictReaders: Readers = {
  text: readText,

  openid: (_field, value, at, { faults }) =>
    isOpenid(value) ? value : report(faults, at, `must be an openid, not ${show(value)}`, 40003),

  media: ({ fileKeys, ...field }, value, at, walk) => {
    const isFile = fileKeys.some((key) => at === key || at.endsWith(`.${key}`));
    return isFile && typeof value === 'string' && !value.startsWith('cloud://')
      ? report(walk.faults, at, 'must be a file in cloud storage: cloud://…', 40035)
      : readText({ ...field, kind: 'text', need: 'always' }, value, at, walk);
  },

  choice: ({ values, wrong }, value, at, { faults }) =>
    values.includes(value as string)
      ? value
      : report(faults, at, `must be ${values.map(show).join(' or ')}, not ${show(value)}`, wrong),

  id: (_field, value, at, { faults }) =>
    typeof value === 'string' && /^[!-~]{1,256}$/.test(value)
      ? value
      : report(faults, at, `must be an id, not ${show(value)}`, 47001),

  integer: (_field, value, at, { faults }) =>
    Number.isSafeInteger(value) && Number(value) >= 0
      ? value
      : report(faults, at, `must be a whole number, not ${show(value)}`, 47001),

  number: (_field, value, at, { faults }) =>
    Number.isFinite(value) ? value : report(faults, at, `must be a number, not ${show(value)}`, 47001),

  group: ({ fields, bareList = '' }, value, at, walk) => {
    const list = Array.isArray(value) ? fields[bareList] : undefined;
    // The faults of a bare list keep the caller's spelling: `news[0].title`.
    return list === undefined
      ? readObject(fields, value, at, walk)
      : { [bareList]: readField(list, value, at, walk) };
  },

  list: ({ fields, max = Number.POSITIVE_INFINITY, missing = 47001, tooMany = 45008 }, value, at, walk) => {
    const fail = (message: string, errCode: number) => report(walk.faults, at, message, errCode);
    if (!Array.isArray(value)) return fail(`must be a list, not ${typeName(value)}`, 47001);
    if (value.length === 0) return fail('is empty', missing);
    if (value.length > max) return fail(`has ${value.length} entries; WeChat takes at most ${max}`, tooMany);
    if (isOverfull(value.length, 'entries', at, tooMany, walk.faults)) return;
    return value.map((entry: unknown, index) => readObject(fields, entry, `${at}[${index}]`, walk));
  },

  data: (_field, value, at, { faults }) =>
    isPlainObject(value)
      ? readTemplateData(value, at, faults)
      : report(faults, at, `must be an object, not ${typeName(value)}`, 47001),

  unknown: (key, _value, { fields, at, walk, hints }) => {
    if (walk.ignoreUnknown === true || walk.faults.length >= mostFaults) return;
    // The event's other fields stand at its top.
    const others = at === '' ? walk.others : undefined;
    const message = hints.get(key) ?? unknownField(fields, key, walk.event, others);
    report(walk.faults, join(at, shorten(key)), message, 40035);
  },
};

function readText(field: TextField, value: unknown, at: string, { faults }: ReadingWalk): string | undefined {
  if (typeof value !== 'string') return report(faults, at, `must be a string, not ${typeName(value)}`, 47001);
  if (value === '' && field.need !== 'never') return report(faults, at, 'is empty', field.missing ?? 47001);
  const wrong = checkText(field, value);
  return wrong === undefined ? value : report(faults, at, wrong.message, wrong.errCode);
}

function readObject(fields: Fields, value: unknown, at: string, walk: ReadingWalk): object | undefined {
  return isPlainObject(value)
    ? walkFields(fields, value, at, walk)
    : report(walk.faults, at, `must be an object, not ${typeName(value)}`, 47001);
}

function unknownField(
  fields: Fields,
  key: string,
  event?: PlainObject,
  others: readonly string[] = [],
): string {
  const near = nearestName(key, [...spellings(fields).keys(), ...others]);
  if (near !== undefined) return `is not a field; did you mean ${spell(fields, near, event)}?`;
  const known = [...Object.keys(fields).map((name) => spell(fields, name, event)), ...others];
  return `is not a field here; known: ${known.join(', ')}`;
}
