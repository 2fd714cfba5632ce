import type { Account } from '../account';
import {
  eventPushes,
  messagePushes,
  type Push,
  type PushAct,
  type PushRow,
  type UnknownPush,
} from './pushes';

/** What a push is: its row and its name, what it means for the reply window, and the key by which it is known again. */

/** Tells the pushes of the table from those that passed as they were. */
export function isKnownPush(push: Push | UnknownPush): push is Push {
  return rowOf(push) !== undefined;
}

/** The row that describes a push, or `undefined` where none does. */
export function rowOf(push: Push | UnknownPush): PushRow | undefined {
  const rows: { readonly [name: string]: PushRow } = push.MsgType === 'event' ? eventPushes : messagePushes;
  const name = pushName(push);
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
}

/** The name under which a push is known: its `Event`, or its `MsgType` where it is a message. */
export function pushName(push: Push | UnknownPush): string {
  return push.MsgType === 'event' && typeof push.Event === 'string' ? push.Event : push.MsgType;
}

/**
 * What a push means for the account's reply window; `undefined` where nothing. A message of a type that the table does
 * not have is still a message.
 */
export function actOf(push: Push | UnknownPush, account: Account): PushAct | undefined {
  const row = rowOf(push);
  if (row === undefined) return push.MsgType === 'event' ? undefined : 'message';
  const click = row.clicked;
  const isClick = click !== undefined && Boolean((push as UnknownPush)[click.field]);
  return (isClick ? click.acts[account] : undefined) ?? row.acts[account];
}

/** Which fields tell two pushes of one user, one second and one name apart, by the name of the push. */
export type KeyFields = { readonly [name: string]: readonly string[] };

/**
 * What makes a push the same push when WeChat delivers it again: the key under which it is claimed.
 *
 * `FromUserName`, `CreateTime`, the name of the push, and for a message its `MsgId`. The `MsgId` alone does not do: when
 * fifteen people wrote at once some of their messages had equal ids, and some of them got no answer (WxJava#333).
 *
 * An event has no `MsgId`, and user and second alone do not do either: locations are reported by themselves and fall
 * into the second of another event (weixin-java-tools#66), two template results or two choices of a subscription can.
 * So an event's key also holds every field that the table gives it: `EventKey`, `MsgID`, the `List` with its
 * `ErrorCode`s. A repeat has all of them again, since WeChat sends the same body. A message without `MsgId` is treated
 * alike. Of a push that has no row every field counts: two results of a media check differ in their `trace_id` alone,
 * and keys without it dropped the second (WxJava#2231, #2705).
 *
 * @param others fields to take instead for pushes that these rules tell apart wrongly, such as
 * `{ wxa_media_check: ['trace_id'] }`; a field that a push does not have counts as empty
 */
export function pushKey(push: Push | UnknownPush, others: KeyFields = {}): readonly string[] {
  const name = pushName(push);
  const values = push as UnknownPush;
  const fields = Object.hasOwn(others, name) ? others[name] : undefined;
  const telling = (fields ?? tellingFields(push)).map((field) => toText(values[field]));
  return [push.FromUserName, String(push.CreateTime), name, ...telling];
}

const headerFields: readonly string[] = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Event'];

function tellingFields(push: Push | UnknownPush): readonly string[] {
  if (!isKnownPush(push)) {
    return Object.keys(push)
      .filter((field) => !headerFields.includes(field))
      .sort();
  }
  if (push.MsgType === 'event') return Object.keys(eventPushes[push.Event].fields);
  return push.MsgId === undefined ? Object.keys(messagePushes[push.MsgType].fields) : ['MsgId'];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
