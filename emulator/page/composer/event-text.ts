import type { Account } from '../../../shared/wechat/account';
import { toCamelKey } from '../../../shared/wechat/fields/case';
import type { Field, Fields } from '../../../shared/wechat/fields/fields';
import { fromCloudCall, toCloudCall } from '../../../shared/wechat/messages/cloud-call';
import {
  type CloudMessage,
  type Message,
  type MessageTypeName,
  messageTypes,
} from '../../../shared/wechat/messages/message-types';
import { strings, type Text } from '../strings';
import { findJsonFault } from './json-fault';

/** A function's event as the composer writes it. */
export type EventObject = { readonly [field: string]: unknown };

/** WeChat's two spellings of a message. */
export const spellings = ['https', 'cloud'] as const;
export type Spelling = (typeof spellings)[number];

/** What is wrong with the composer's text. */
export interface TextProblem {
  readonly text: Text;
  readonly at?: { readonly line: number; readonly column: number };
  readonly hint?: Text;
}

export type ParsedText =
  | { readonly ok: true; readonly event: EventObject }
  | { readonly ok: false; readonly problem: TextProblem };

/** Reads the composer's text; where it is no JSON object, says where and, if it shows, why. */
export function parseEventText(text: string): ParsedText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: problemIn(text) };
  }
  return isObject(value) ? { ok: true, event: value } : { ok: false, problem: { text: strings.notObject } };
}

/** What a character at the fault's place tells. */
const hints: readonly { readonly pattern: RegExp; readonly hint: Text }[] = [
  { pattern: /^[，：；“”‘’｛｝［］「」]/, hint: strings.hintFullWidth },
  { pattern: /^'/, hint: strings.hintQuotes },
  { pattern: /^[\n\r]/, hint: strings.hintNewline },
  { pattern: /^[A-Za-z_$][\w$]*\s*:/, hint: strings.hintKey },
];

function problemIn(text: string): TextProblem {
  const offset = findJsonFault(text) ?? text.length;
  const before = text.slice(0, offset);
  const lines = before.split('\n');
  const hint = hintBetween(before, text.slice(offset));
  return {
    text: strings.wrongJsonAt,
    at: { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 },
    ...(hint === undefined ? {} : { hint }),
  };
}

function hintBetween(before: string, rest: string): Text | undefined {
  if (/,\s*$/.test(before) && /^[\]},]/.test(rest)) return strings.hintComma;
  return hints.find(({ pattern }) => pattern.test(rest))?.hint;
}

/** The order in which the composer writes the fields that it knows; all others stand where the blank is. */
const fieldOrder: readonly string[] = ['account', 'touser', 'msgtype', 'command', '', 'split', 'queue'];

/** The event as indented JSON, its best-known fields first. */
export function formatEvent(event: EventObject): string {
  const place = (key: string) => fieldOrder.indexOf(fieldOrder.includes(key) ? key : '');
  const entries = Object.entries(event).sort(([one], [other]) => place(one) - place(other));
  return JSON.stringify(Object.fromEntries(entries), null, 2);
}

/** The account that an event is for. */
export function accountOf(event: EventObject): Account {
  return event['account'] === 'official' ? 'official' : 'miniprogram';
}

/** The event for another account; the mini program, the usual one, is left out. */
export function withAccount(event: EventObject, account: Account): EventObject {
  const { account: _, ...rest } = event;
  return account === 'miniprogram' ? rest : { account, ...rest };
}

/** The event with `touser`, or without where the caller itself is meant. */
export function withTouser(event: EventObject, touser: string | undefined): EventObject {
  const { touser: _, ...rest } = event;
  return touser === undefined ? rest : { touser, ...rest };
}

/** What can be asked for at a click: `true`, or not there. */
export type Wish = 'split' | 'queue';

export function withWish(event: EventObject, wish: Wish, wanted: boolean): EventObject {
  const { [wish]: _, ...rest } = event;
  return wanted ? { ...rest, [wish]: true } : rest;
}

/** A message in the other spelling. Fields that no table knows stay as they are. */
export function withSpelling(event: EventObject, spelling: Spelling): EventObject {
  return (spelling === 'cloud'
    ? toCloudCall(event as unknown as Message)
    : fromCloudCall(event as unknown as CloudMessage)) as unknown as EventObject;
}

/** The event with a cloud file in the place that takes it best; `undefined` where it has none. */
export function withFile(event: EventObject, fileID: string): EventObject | undefined {
  if (typeof event['fileID'] === 'string') return { ...event, fileID };
  const msgtype = typeof event['msgtype'] === 'string' ? event['msgtype'] : '';
  const body = event[msgtype];
  if (!Object.hasOwn(messageTypes, msgtype) || !isObject(body)) return undefined;
  const place = fileFieldOf(messageTypes[msgtype as MessageTypeName].body, fileID);
  if (place === undefined) return undefined;
  const taken = new Set([place.name, toCamelKey(place.name), ...place.fileKeys]);
  const rest = Object.entries(body).filter(([key]) => !taken.has(key));
  return { ...event, [msgtype]: { ...Object.fromEntries(rest), [place.fileKeys[0] ?? 'fileID']: fileID } };
}

const endings = {
  image: /\.(png|jpe?g|gif)$/i,
  thumb: /\.(png|jpe?g|gif)$/i,
  voice: /\.(amr|mp3)$/i,
  video: /\.mp4$/i,
} as const;

function fileFieldOf(fields: Fields, fileID: string) {
  const places = Object.entries(fields).flatMap(([name, field]: [string, Field]) =>
    field.kind === 'media' ? [{ name, media: field.media, fileKeys: field.fileKeys }] : [],
  );
  return places.find(({ media }) => endings[media].test(fileID)) ?? places[0];
}

function isObject(value: unknown): value is EventObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
