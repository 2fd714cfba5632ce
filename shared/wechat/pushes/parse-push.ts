import { type Fault, isOverfull, report } from '../fields/fault';
import type { Fields } from '../fields/fields';
import { isOpenid, isPlainObject, type PlainObject, show, typeName } from '../fields/values';
import { readField, walkFields } from '../fields/walk-fields';
import { pushLimits } from './push-limits';
import { pushReaders } from './push-readers';
import { eventPushes, messageFields, messagePushes, type Push, type UnknownPush } from './pushes';

export type ParsedPush =
  | { readonly ok: true; readonly push: Push | UnknownPush }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

/** What the platform adds to the event of a cloud function; no push has it. */
const platformFields: ReadonlySet<string> = new Set(['userInfo', 'tcbContext']);

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
  const push = readPush(input, faults) as Push | UnknownPush;
  const [first, ...rest] = faults;
  return first === undefined ? { ok: true, push } : { ok: false, faults: [first, ...rest] };
}

function readPush(input: unknown, faults: Fault[]): object | undefined {
  const refuse = (message: string) => report(faults, '', message, 47001);
  if (!isPlainObject(input)) return refuse(`a push must be an object, not ${typeName(input)}`);
  if (isOverfull(Object.keys(input).length, 'fields', '', 47001, faults)) return undefined;
  const given = new Map(
    Object.entries(input).filter(
      ([key, value]) => value !== undefined && value !== null && !platformFields.has(key),
    ),
  );
  if (given.size > pushLimits.fields) return refuse(`has ${given.size} fields; no push has so many`);
  const header = readHeader(given, faults);
  const row = findRow(header);
  if (row?.wrapper !== undefined) unwrap(given, row.wrapper);
  for (const key of Object.keys(header)) given.delete(key);
  // Of a push without a row only the id is brought to its form: the key of a push needs it.
  const fields = row?.fields ?? { MsgId: messageFields.MsgId };
  return { ...header, ...readFields(fields, Object.fromEntries(given), faults) };
}

function readFields(fields: Fields, given: PlainObject, faults: Fault[]): PlainObject {
  return walkFields(fields, given, '', { faults, readers: pushReaders });
}

type Given = Map<string, unknown>;

interface Header {
  readonly ToUserName: string;
  readonly FromUserName: string;
  readonly CreateTime: number;
  readonly MsgType: string;
  readonly Event?: string;
}

const timeField = { kind: 'integer', need: 'always' } as const;

function readHeader(given: Given, faults: Fault[]): Header {
  const name = (path: string, errCode: number, isName = isOpenid) => {
    const value = given.get(path);
    if (isName(value)) return value;
    const asks = isName === isOpenid ? 'a name without spaces' : 'a name';
    const message = value === undefined ? 'is missing' : `must be ${asks}, not ${show(value)}`;
    report(faults, path, message, errCode);
    return '';
  };
  const time = (path: string) => {
    const value = given.get(path);
    if (value === undefined) return report(faults, path, 'is missing', 47001);
    return readField(timeField, value, path, { faults, readers: pushReaders });
  };
  const header = {
    ToUserName: name('ToUserName', 47001),
    FromUserName: name('FromUserName', given.has('FromUserName') ? 40003 : 41009),
    CreateTime: time('CreateTime') as number,
    MsgType: documented(messageNames, name('MsgType', 40008)),
  };
  return header.MsgType === 'event'
    ? { ...header, Event: documented(eventNames, name('Event', 47001, isEventName)) }
    : header;
}

/** An event's name may have spaces within, as `complaint callback` has. */
function isEventName(value: unknown): value is string {
  return typeof value === 'string' && isOpenid(value.replaceAll(' ', '_')) && value.trim() === value;
}

const byLowerCase = (names: readonly string[]) => new Map(names.map((name) => [name.toLowerCase(), name]));
const messageNames = byLowerCase([...Object.keys(messagePushes), 'event']);
const eventNames = byLowerCase(Object.keys(eventPushes));

/** A name as the table spells it: `click` is `CLICK`. An unknown one stays. */
function documented(names: ReadonlyMap<string, string>, name: string): string {
  return names.get(name.toLowerCase()) ?? name;
}

interface Row {
  readonly fields: Fields;
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
