import type { ReplyRules } from '../../shared/functions/rules/reply-rules';
import { isKnownPush } from '../../shared/wechat/pushes/push-meaning';
import type { Push, UnknownPush } from '../../shared/wechat/pushes/pushes';

/**
 * What an editor says of a push and of the owner's rules. Checked by the compiler: each line under an
 * `@ts-expect-error` must be an error, every other line must not. `types.test.ts` runs it.
 */

/** The union is told apart by MsgType, and by Event where that is `event`. */
export function describe(push: Push | UnknownPush): string | number | undefined {
  if (!isKnownPush(push)) return push['trace_id'] === undefined ? push.Event : push.MsgId;
  switch (push.MsgType) {
    case 'text':
      return push.bizmsgmenuid ?? push.Content;
    case 'location':
      return push.Location_X + push.Scale;
    case 'event':
      if (push.Event === 'subscribe_msg_sent_event') return push.List[0]?.MsgID;
      if (push.Event === 'scancode_push') return push.ScanCodeInfo.ScanResult;
      // @ts-expect-error not every event has a key
      return push.EventKey;
    default:
      // @ts-expect-error only a text has content
      return push.Content;
  }
}

export const sent: Push = {
  ToUserName: 'gh_1',
  FromUserName: 'o',
  CreateTime: 1,
  MsgType: 'event',
  Event: 'TEMPLATESENDJOBFINISH',
  // @ts-expect-error an id is a string, so that no digit is lost
  MsgID: 1,
  Status: 'success',
};

export const rules: ReplyRules = {
  rules: [
    { on: { text: ['a', 'b'] }, say: [{ msgtype: 'text', text: { content: 'c' } }], typing: true },
    { on: { event: 'SCAN', key: '1' }, say: [{ msgtype: 'image', image: { fileID: 'cloud://a/b' } }] },
    { on: { click: '1' }, account: 'official', transfer: { kf_account: 'a@b' } },
    { on: { message: 'any' } },
    // @ts-expect-error no such event
    { on: { event: 'scan' } },
    // @ts-expect-error a message goes to whoever wrote
    { on: { text: 'a' }, say: [{ touser: 'o', msgtype: 'text', text: { content: 'c' } }] },
    // @ts-expect-error an empty list says nothing
    { on: { text: 'a' }, say: [] },
    // @ts-expect-error a pattern is a regular expression
    { on: { pattern: 'a+' } },
  ],
};
