import { type Answer, refuseFailure, success } from '../../core/answer';
import type { Ports, WeChatReply } from '../../core/ports';
import type { Account } from '../../wechat/account';
import { type Hint, join } from '../../wechat/fields/fault';
import { keepNotice, outcomeOf } from '../conversations/history';
import { noteNotice } from './results';

/** A payload that has been parsed, in the HTTPS spelling. */
export type Payload = { readonly [field: string]: unknown };

/** What of a template message is legal and surely not meant; `at` is the path of the payload. */
export function templateHints({ url, miniprogram }: Payload, at = ''): readonly Hint[] {
  if (url !== '' || miniprogram !== undefined) return [];
  return [{ path: join(at, 'url'), message: 'is empty: a tap opens a blank page on iOS; leave it out' }];
}

/** Sends a template message that has been parsed, and keeps a record that its result is joined to. */
export async function deliverTemplate(
  payload: Payload,
  ports: Ports<'sendTemplateMessage'>,
): Promise<Answer<{ msgid: string }>> {
  const reply = await ports.wechat.call('sendTemplateMessage', payload, 'official');
  const msgid = msgidOf(reply);
  const answer = reply.ok ? success({ msgid }) : refuseFailure('sendTemplateMessage', reply);
  await keep({ msgtype: 'template', account: 'official', msgid, answer }, payload, ports);
  return answer;
}

/** Sends a subscribe message that has been parsed, and keeps a record that its result is joined to. */
export async function deliverSubscribe(
  payload: Payload,
  ports: Ports<'sendSubscribeMessage'>,
): Promise<Answer> {
  const reply = await ports.wechat.call('sendSubscribeMessage', payload, 'miniprogram');
  const answer = reply.ok ? success() : refuseFailure('sendSubscribeMessage', reply);
  await keep({ msgtype: 'subscribe', account: 'miniprogram', msgid: msgidOf(reply), answer }, payload, ports);
  return answer;
}

/** What became of a message. */
interface Told {
  readonly msgtype: 'template' | 'subscribe';
  readonly account: Account;
  readonly msgid: string;
  readonly answer: object;
}

/** Keeps the record of a message, and the message in its user's conversation. */
async function keep(
  { msgtype, account, msgid, answer }: Told,
  payload: Payload,
  ports: Ports,
): Promise<void> {
  const { touser, ...body } = payload;
  const message = { msgtype, [msgtype]: body };
  const entry = { from: 'service', message, ...outcomeOf(answer) } as const;
  await Promise.all([
    noteNotice(account, msgid, payload, ports),
    keepNotice({ account, touser: String(touser) }, entry, ports),
  ]);
}

/** A message's id as a string, for it outgrows what a number holds; empty where WeChat gave none. */
function msgidOf(reply: WeChatReply): string {
  return reply.ok && 'data' in reply ? String(reply.data['msgid'] ?? '') : '';
}
