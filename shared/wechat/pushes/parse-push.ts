import { type Fault, isOpenid, isPlainObject, show, typeName } from '../fields/parse-fields';

import { findExcess, forbiddenKeys, pushLimits, tooLong } from './push-limits';
import {
  eventPushes,
  messageFields,
  messagePushes,
  type Push,
  type PushField,
  type PushFields,
  type UnknownPush,
} from './pushes';

export type ParsedPush =
  | { readonly ok: true; readonly push: Push | UnknownPush }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

/** What the platform adds to the event of a cloud function; no push has it. */
const platformFields: ReadonlySet<string> = new Set(['userInfo', 'tcbContext']);

/** WeChat's number for what cannot be read. */
const malformed = 47001;

/**
 * Reads a push into its one form, whichever way it came: as a cloud function's event, or as the callback's JSON or XML
 * once that is an object.
 *
 * `MsgId` is a string or absent, `CreateTime` a number of seconds, `List` a list also where XML wraps it or a single
 * entry stands alone; names have the case of the table. Fields that the table does not have are kept, and so is a push
 * that has no row. What no push can be (no sender, no type, a time that is no number, a list) is a fault, with its path
 * and WeChat's number. Null and undefined count as absent. Never throws, however deep or large the input.
 */
export function parsePush(input: unknown): ParsedPush {
  const faults: Fault[] = [];
  const push = readPush(input, faults);
  const [first, ...rest] = faults;
  return first === undefined ? { ok: true, push } : { ok: false, faults: [first, ...rest] };
}

/** An object's fields; null and undefined count as absent. */
type Given = Map<string, unknown>;

function readPush(input: unknown, faults: Fault[]): Push | UnknownPush {
  const nothing = {} as UnknownPush;
  if (!isPlainObject(input)) {
    faults.push({
      path: '',
      message: `a push must be an object, not ${typeName(input)}`,
      errCode: malformed,
    });
    return nothing;
  }
  const given = readGiven(input);
  for (const key of platformFields) given.delete(key);
  if (given.size > pushLimits.fields) {
    faults.push({ path: '', message: `has ${given.size} fields; no push has so many`, errCode: malformed });
    return nothing;
  }
  const header = readHeader(given, faults);
  const row = findRow(header);
  if (row?.wrapper !== undefined) unwrap(given, row.wrapper);
  for (const key of Object.keys(header)) given.delete(key);
  // Of a push without a row only the id is brought to its form: the key of a push needs it.
  const table = row?.fields ?? { MsgId: messageFields.MsgId };
  return { ...header, ...readObject(table, given, '', faults) } as unknown as Push | UnknownPush;
}

function readGiven(input: object): Given {
  return new Map(Object.entries(input).filter(([, value]) => value !== undefined && value !== null));
}

interface Header {
  readonly ToUserName: string;
  readonly FromUserName: string;
  readonly CreateTime: number;
  readonly MsgType: string;
  readonly Event?: string;
}

function readHeader(given: Given, faults: Fault[]): Header {
  const name = (path: string, errCode: number) => {
    const value = given.get(path);
    if (isOpenid(value)) return value;
    const message = value === undefined ? 'is missing' : `must be a name without spaces, not ${show(value)}`;
    faults.push({ path, message, errCode });
    return '';
  };
  const header = {
    ToUserName: name('ToUserName', malformed),
    FromUserName: name('FromUserName', given.has('FromUserName') ? 40003 : 41009),
    CreateTime: readFields(timeFields, given, '', faults)['CreateTime'] as number,
    MsgType: documented(messageNames, name('MsgType', 40008)),
  };
  return header.MsgType === 'event'
    ? { ...header, Event: documented(eventNames, name('Event', malformed)) }
    : header;
}

const byLowerCase = (names: readonly string[]) => new Map(names.map((name) => [name.toLowerCase(), name]));
const messageNames = byLowerCase([...Object.keys(messagePushes), 'event']);
const eventNames = byLowerCase(Object.keys(eventPushes));

/** A name as the table spells it: `click` is `CLICK`. An unknown one stays. */
function documented(names: ReadonlyMap<string, string>, name: string): string {
  return names.get(name.toLowerCase()) ?? name;
}

interface Row {
  readonly fields: PushFields;
  readonly wrapper?: string;
}

function findRow({ MsgType, Event }: Header): Row | undefined {
  const rows: { readonly [name: string]: Row } = Event === undefined ? messageRows : eventPushes;
  const name = Event ?? MsgType;
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
}

const messageRows = Object.fromEntries(
  Object.entries(messagePushes).map(([name, { fields }]) => [
    name,
    { fields: { ...fields, ...messageFields } },
  ]),
);

/** XML has `<SubscribeMsgPopupEvent><List>…`, and JSON at times the same; the list comes up to where JSON has it. */
function unwrap(given: Given, wrapper: string): void {
  const inner = given.get(wrapper);
  if (given.has('List') || !isPlainObject(inner) || !Object.hasOwn(inner, 'List')) return;
  given.set('List', inner['List']);
  given.delete(wrapper);
}

const timeFields = { CreateTime: { kind: 'integer', need: 'always' } } as const satisfies PushFields;

/** Reads the fields of a table, in its order. */
function readFields(table: PushFields, given: Given, at: string, faults: Fault[]): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(table)) {
    const value = given.get(name);
    // An XML element without content is an empty text, which is no number and no id.
    const isAbsent = value === undefined || (value === '' && field.need === 'never' && field.kind !== 'text');
    if (!isAbsent) output[name] = readField(field, value, join(at, name), faults);
    else if (field.need === 'always') {
      faults.push({ path: join(at, name), message: 'is missing', errCode: malformed });
    }
  }
  return output;
}

/** Keeps the fields that a table does not have, in the order in which they came. */
function keepOthers(table: PushFields, given: Given, at: string, faults: Fault[]): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const [key, value] of given) {
    if (Object.hasOwn(table, key)) continue;
    const reason = forbiddenKeys.has(key) ? 'is no name of a field' : findExcess(value);
    if (reason === undefined) output[key] = value;
    else faults.push({ path: join(at, shorten(key)), message: reason, errCode: malformed });
  }
  return output;
}

function readObject(table: PushFields, given: Given, at: string, faults: Fault[]): Record<string, unknown> {
  return { ...readFields(table, given, at, faults), ...keepOthers(table, given, at, faults) };
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}

function readField(field: PushField, value: unknown, path: string, faults: Fault[]): unknown {
  const fail = (message: string) => {
    faults.push({ path, message, errCode: malformed });
    return undefined;
  };

  switch (field.kind) {
    case 'text':
      // JSON has numbers in places where XML, like the pages, has text.
      if (Number.isFinite(value)) return String(value);
      if (typeof value !== 'string') return fail(`must be text, not ${typeName(value)}`);
      return value.length > pushLimits.characters ? fail(tooLong(value)) : value;

    case 'id':
      return toId(value) ?? fail(`must be an id, not ${show(value)}`);

    case 'integer':
      return toWholeNumber(value) ?? fail(`must be a whole number, not ${show(value)}`);

    case 'number':
      return toNumber(value) ?? fail(`must be a number, not ${show(value)}`);

    case 'group':
      return readGroup(field.fields, value, path, faults);

    case 'list': {
      const entries = Array.isArray(value) ? value : value === '' ? [] : [value];
      if (entries.length > pushLimits.entries)
        return fail(`has ${entries.length} entries; no push has so many`);
      return entries.map((entry: unknown, index) =>
        readGroup(field.fields, entry, Array.isArray(value) ? `${path}[${index}]` : path, faults),
      );
    }
  }
}

function readGroup(table: PushFields, value: unknown, path: string, faults: Fault[]): unknown {
  const reason = isPlainObject(value) ? findExcess(value) : `must be an object, not ${typeName(value)}`;
  if (reason === undefined) return readObject(table, readGiven(value as object), path, faults);
  faults.push({ path, message: reason, errCode: malformed });
  return undefined;
}

/** One past the largest number of 64 bits. */
const idLimit = 2 ** 64;

function toId(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= 256 && /^[!-~]+$/.test(value) ? value : undefined;
  const isNumber = typeof value === 'bigint' || Number.isInteger(value);
  // A number past 2^53 lost its last digits before it came here; what is left still tells pushes apart.
  return isNumber && (value as number) >= 0 && (value as number) < idLimit
    ? BigInt(value as number).toString()
    : undefined;
}

function toWholeNumber(value: unknown): number | undefined {
  const number = toNumber(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Numbers come as text too: digits, with a point where there are decimals. */
function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : undefined;
}

function shorten(key: string): string {
  return key.length > 40 ? `${key.slice(0, 40)}…` : key;
}
