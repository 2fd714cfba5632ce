import type { Account } from '../account';
import { toCamelKey } from '../fields/case';
import type { Fields } from '../fields/fields';
import {
  type Fault,
  isOpenid,
  isPlainObject,
  type PlainObject,
  parseFields,
  show,
  typeName,
  writesCamelCase,
} from '../fields/parse-fields';
import { nearestName } from '../fields/suggest';
import {
  type Message,
  type MessageTypeName,
  messageOptions,
  messageTypeNames,
  messageTypes,
} from './message-types';

export type ParsedMessage =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

export interface ParseMessageOptions {
  /** The account that is to send it: decides which types and fields it takes. Left out, any account's will do. */
  readonly account?: Account;
  /** Who receives a message that names no `touser`. */
  readonly touser?: string;
  /** Leaves the length of a text unchecked, for a text that is to be split. */
  readonly anyLength?: boolean;
  /** Passes over fields that are no message's, as WeChat's own server does. */
  readonly ignoreUnknown?: boolean;
  /** Other names that the event knows, for suggestions. */
  readonly others?: readonly string[];
}

/**
 * Reads a customer-service message in either spelling, field by field, into WeChat's HTTPS form.
 *
 * Nothing is guessed: an unknown field is a fault that names it and the field probably meant, the two spellings of
 * one field with different values are a fault, and all faults are listed. Each carries WeChat's own errcode: an
 * unknown `msgtype` 40008, an empty text 44004, a text over 2048 bytes 45002, a missing media id 41006.
 */
export function parseMessage(input: unknown, options: ParseMessageOptions = {}): ParsedMessage {
  const faults: Fault[] = [];
  const message = readMessage(input, options, faults);
  const [first, ...rest] = faults;
  return first === undefined ? { ok: true, message } : { ok: false, faults: [first, ...rest] };
}

function readMessage(input: unknown, options: ParseMessageOptions, faults: Fault[]): Message {
  if (!isPlainObject(input)) {
    faults.push({ path: '', message: `a message must be an object, not ${typeName(input)}`, errCode: 47001 });
    return {} as Message;
  }
  const msgtype = readMsgtype(input, options.account, faults);
  if (msgtype === undefined) return {} as Message;

  const touser = readTouser(input, options.touser, faults);
  const walk = {
    faults,
    camel: writesCamelCase(input),
    account: options.account,
    ignoreUnknown: options.ignoreUnknown,
  };
  const body = readBody(msgtype, input[msgtype], options, walk);
  const { touser: _touser, msgtype: _msgtype, [msgtype]: _body, ...rest } = input;
  const others = ['touser', 'msgtype', ...(options.others ?? [])];
  const extras = parseFields(messageOptions, rest, '', { ...walk, others }, hintsFor(msgtype));
  return { touser, msgtype, [msgtype]: body, ...extras } as unknown as Message;
}

function readMsgtype(
  input: PlainObject,
  account: Account | undefined,
  faults: Fault[],
): MessageTypeName | undefined {
  const { msgtype } = input;
  if (msgtype === undefined || msgtype === null) {
    faults.push({ path: 'msgtype', message: 'is missing', errCode: 40008 });
    const meant = Object.keys(input).find((key) => nearestName(key, ['msgtype']) !== undefined);
    if (meant !== undefined) {
      faults.push({ path: meant, message: 'is not a field; did you mean msgtype?', errCode: 40035 });
    }
    return undefined;
  }
  if (typeof msgtype !== 'string' || !Object.hasOwn(messageTypes, msgtype)) {
    const near = typeof msgtype === 'string' ? nearestName(msgtype, messageTypeNames) : undefined;
    faults.push({
      path: 'msgtype',
      message: `${show(msgtype)} is no message type; ${near === undefined ? `known: ${messageTypeNames.join(', ')}` : `did you mean ${near}?`}`,
      errCode: 40008,
    });
    return undefined;
  }
  const name = msgtype as MessageTypeName;
  const kinds: readonly Account[] = messageTypes[name].accounts;
  if (account !== undefined && !kinds.includes(account)) {
    faults.push({
      path: 'msgtype',
      message: `a ${account} account cannot send ${name}; ${kinds.join(' and ')} can`,
      errCode: 40008,
    });
    return undefined;
  }
  return name;
}

function readTouser(input: PlainObject, fallback: string | undefined, faults: Fault[]): string {
  const touser = input['touser'] ?? fallback;
  if (touser === undefined) {
    const meant = Object.keys(input).find(
      (key) => key !== 'touser' && nearestName(key, ['touser']) !== undefined,
    );
    faults.push({
      path: 'touser',
      message: meant === undefined ? 'is missing' : `is missing; ${meant} is not a field`,
      errCode: 41009,
    });
    return '';
  }
  if (!isOpenid(touser)) {
    faults.push({ path: 'touser', message: `must be an openid, not ${show(touser)}`, errCode: 40003 });
    return '';
  }
  return touser;
}

function readBody(
  msgtype: MessageTypeName,
  given: unknown,
  options: ParseMessageOptions,
  walk: Parameters<typeof parseFields>[3],
): unknown {
  const row: { body: Fields; bareList?: string } = messageTypes[msgtype];
  if (given === undefined || given === null) {
    walk.faults.push({ path: msgtype, message: 'is missing', errCode: 47001 });
    return undefined;
  }
  if (Array.isArray(given) && row.bareList !== undefined)
    return readBareList(row.body, row.bareList, given, msgtype, walk);
  if (!isPlainObject(given)) {
    walk.faults.push({ path: msgtype, message: `must be an object, not ${typeName(given)}`, errCode: 47001 });
    return undefined;
  }
  if (msgtype === 'text' && options.anyLength === true) {
    return parseFields(longText, given, msgtype, walk);
  }
  return parseFields(row.body, given, msgtype, walk);
}

const longText = {
  content: { kind: 'text', need: 'always', missing: 44004 },
} as const satisfies Fields;

/** WE7 writes `news: [article, …]`; the faults keep that spelling (`news[0].title`). */
function readBareList(
  fields: Fields,
  listName: string,
  given: readonly unknown[],
  msgtype: MessageTypeName,
  walk: Parameters<typeof parseFields>[3],
): unknown {
  const inner = { ...walk, faults: [] as Fault[] };
  const body = parseFields(fields, { [listName]: given }, msgtype, inner);
  const long = `${msgtype}.${listName}`;
  walk.faults.push(...inner.faults.map((fault) => ({ ...fault, path: fault.path.replace(long, msgtype) })));
  return body;
}

/** What to say of a field that stands at the top by mistake: the body's own, or another type's body. */
function hintsFor(msgtype: MessageTypeName): ReadonlyMap<string, string> {
  const hints = new Map<string, string>();
  for (const name of messageTypeNames) hints.set(name, `does not go with msgtype ${show(msgtype)}`);
  for (const name of Object.keys(messageTypes[msgtype].body)) {
    hints.set(name, `belongs inside ${msgtype}: ${msgtype}.${name}`);
    hints.set(toCamelKey(name), `belongs inside ${msgtype}: ${msgtype}.${toCamelKey(name)}`);
  }
  return hints;
}
