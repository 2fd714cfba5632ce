import { type Answer, refuseFailure, success } from '../../core/answer';
import type { Ports, WeChatReply } from '../../core/ports';
import { type Hint, join } from '../../wechat/fields/fault';
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
  if (!reply.ok) return refuseFailure('sendTemplateMessage', reply);
  const msgid = msgidOf(reply);
  await noteNotice('official', msgid, payload, ports);
  return success({ msgid });
}

/** Sends a subscribe message that has been parsed, and keeps a record that its result is joined to. */
export async function deliverSubscribe(
  payload: Payload,
  ports: Ports<'sendSubscribeMessage'>,
): Promise<Answer> {
  const reply = await ports.wechat.call('sendSubscribeMessage', payload, 'miniprogram');
  if (!reply.ok) return refuseFailure('sendSubscribeMessage', reply);
  await noteNotice('miniprogram', msgidOf(reply), payload, ports);
  return success();
}

/** A message's id as a string: it outgrows what a number holds. */
function msgidOf(reply: WeChatReply): string {
  return reply.ok && 'data' in reply ? String(reply.data['msgid'] ?? '') : '';
}
