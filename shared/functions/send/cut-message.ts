import type { Settings } from '../../core/settings';
import type { Account } from '../../wechat/account';
import type { Fault } from '../../wechat/fields/fault';
import type { Message } from '../../wechat/messages/message-types';
import { splitText } from '../../wechat/messages/split-text';
import { linkFaults } from '../../wechat/messages/text-links';

/** What is sent of a message; with a fault, nothing is. */
export interface CutMessage {
  readonly parts: readonly Message[];
  readonly faults: readonly Fault[];
}

/** A message as it is sent: a text in as many parts as it needs, and with no link that its account may not send. */
export function cutMessage(
  message: Message,
  { account, mostParts }: { readonly account: Account; readonly mostParts: number },
  { miniprogramAppid }: Pick<Settings, 'miniprogramAppid'>,
): CutMessage {
  const faults = linkFaults(message, account, miniprogramAppid);
  if (faults.length > 0) return { parts: [], faults };
  // Of one that is not to be cut, the length was looked at when it was read.
  if (message.msgtype !== 'text' || mostParts === 1) return { parts: [message], faults };
  const cut = splitText(message.text.content, { mostParts });
  return cut.ok
    ? { parts: cut.parts.map((content) => ({ ...message, text: { content } })), faults: [] }
    : { parts: [], faults: [{ path: 'text.content', message: cut.message, errCode: 45002 }] };
}
