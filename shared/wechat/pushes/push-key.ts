import { eventPushes, isKnownPush, messagePushes, type Push, pushName, type UnknownPush } from './pushes';

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
