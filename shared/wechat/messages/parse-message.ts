import type { Account } from '../account';
import { toCamelKey } from '../fields/case';
import { type Fault, isOverfull, report } from '../fields/fault';
import { parseFields } from '../fields/parse-fields';
import { nearestName } from '../fields/suggest';
import { isPlainObject, type PlainObject, show, typeName } from '../fields/values';
import type { Hints } from '../fields/walk-fields';
import { messageFields } from './message-fields';
import { type Message, type MessageTypes, messageTypes } from './message-types';

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
export function parseMessage(
  input: unknown,
  options: ParseMessageOptions = {},
  types: MessageTypes = messageTypes,
): ParsedMessage {
  const faults: Fault[] = [];
  const message = readMessage(input, options, types, faults) as unknown as Message;
  const [first, ...rest] = faults;
  return first === undefined ? { ok: true, message } : { ok: false, faults: [first, ...rest] };
}

function readMessage(
  input: unknown,
  options: ParseMessageOptions,
  types: MessageTypes,
  faults: Fault[],
): object | undefined {
  if (!isPlainObject(input))
    return report(faults, '', `a message must be an object, not ${typeName(input)}`, 47001);
  if (isOverfull(Object.keys(input).length, 'fields', '', 40035, faults)) return undefined;
  const msgtype = readMsgtype(input, options.account, types, faults);
  if (msgtype === undefined) return undefined;
  const isLong = msgtype === 'text' && options.anyLength === true;
  const fields = messageFields(msgtype, isLong ? withLongText : types);
  const whole = { ...input, touser: input['touser'] ?? options.touser };
  const walk = { ...options, faults, event: input };
  return parseFields(fields, whole, '', walk, hintsFor(msgtype, types, input));
}

/** The types with a text of any length. */
const { maxBytes: _maxBytes, ...longContent } = messageTypes.text.body.content;
const withLongText: MessageTypes = {
  text: { ...messageTypes.text, body: { content: longContent } },
};

function readMsgtype(
  input: PlainObject,
  account: Account | undefined,
  types: MessageTypes,
  faults: Fault[],
): string | undefined {
  const fail = (message: string) => report(faults, 'msgtype', message, 40008);
  const { msgtype } = input;
  if (msgtype === undefined || msgtype === null) {
    fail('is missing');
    const meant = keyMeaning('msgtype', input);
    return meant && report(faults, meant, 'is not a field; did you mean msgtype?', 40035);
  }
  const row = typeof msgtype === 'string' && Object.hasOwn(types, msgtype) ? types[msgtype] : undefined;
  if (typeof msgtype !== 'string' || row === undefined) {
    const names = Object.keys(types);
    const near = typeof msgtype === 'string' ? nearestName(msgtype, names) : undefined;
    const hint = near === undefined ? `known: ${names.join(', ')}` : `did you mean ${near}?`;
    return fail(`${show(msgtype)} is no message type; ${hint}`);
  }
  return account === undefined || row.accounts.includes(account)
    ? msgtype
    : fail(`is ${msgtype}, which the ${account} account cannot send; ${row.accounts.join(' and ')} can`);
}

/** The key that was probably meant to be a field that is missing. */
function keyMeaning(name: string, input: PlainObject): string | undefined {
  return Object.keys(input).find((key) => key !== name && nearestName(key, [name]) !== undefined);
}

/** What to say of a field that stands at the top by mistake, the body's own or another type's body, and of no `touser`. */
function hintsFor(msgtype: string, types: MessageTypes, input: PlainObject): Hints {
  const has = (table: object, key: string) =>
    Object.keys(table).some((name) => name === key || toCamelKey(name) === key);
  return {
    get(key) {
      if (key === msgtype) return undefined;
      if (has(types[msgtype]?.body ?? {}, key)) return `belongs inside ${msgtype}: ${msgtype}.${key}`;
      if (has(types, key)) return `does not go with msgtype ${show(msgtype)}`;
      const meant = key === 'touser' ? keyMeaning(key, input) : undefined;
      return meant && `is missing; ${meant} is not a field`;
    },
  };
}
