import type { Account } from '../../wechat/account';
import type { Fault, Hint } from '../../wechat/fields/fault';
import type { Message } from '../../wechat/messages/message-types';
import { messageTypeNames, messageTypes } from '../../wechat/messages/message-types';
import type { Fallback } from '../deliver/fallback';
import type { Parts } from '../deliver/parts';
import { templateHints } from '../templates/deliver-notice';

/** Help for whoever writes an event of `kefu-send` by hand: the next step beside a fault, and what is legal and surely not meant. */

/** A fault with what to write instead, where only this function knows it: its options, its files, its accounts. */
export function helpWith(fault: Fault, account: Account): Fault {
  const { path, message } = fault;
  const say = (better: string) => ({ ...fault, message: better });
  if (path === 'msgtype' && message === 'is missing')
    return say(`is missing; it is one of ${typesOf(account)}`);
  if (path === 'msgtype' && message.endsWith('; official can')) return say(`${message}: account: 'official'`);
  if (message.startsWith('is not a field here; known: ')) {
    return say(message.replace(/\b(media_?id)\b/i, '$1, fileID'));
  }
  const missing = message === 'is missing' ? /(?:^|\.)(thumb_?)?(media_?id)$/i.exec(path) : null;
  if (missing === null) return fault;
  const file = missing[1] === undefined ? 'fileID' : 'thumbFileID';
  return say(`is missing; give ${path.split('.').at(-1)}, or ${file} with a file in cloud storage`);
}

function typesOf(account: Account): string {
  return messageTypeNames
    .filter((name) => (messageTypes[name].accounts as readonly Account[]).includes(account))
    .join(', ');
}

type Hinted = Pick<Parts, 'parts'> & { readonly fallback: readonly Fallback[] };

/** What in a message and its fallbacks is legal and surely not meant. */
export function hintsFor({ parts, fallback }: Hinted): readonly Hint[] {
  return [
    ...parts.slice(0, 1).flatMap(textHints),
    ...fallback.flatMap(({ kind, payload }, index) => templateHints(payload, `fallback[${index}].${kind}`)),
  ];
}

function textHints(message: Message): readonly Hint[] {
  if (message.msgtype !== 'text') return [];
  const decoded = decodeText(message.text.content);
  return decoded === undefined
    ? []
    : [
        {
          path: 'text.content',
          message: `looks url-encoded, and the user sees it as it stands; meant: ${[...decoded].slice(0, 20).join('')}`,
        },
      ];
}

/** A text that is url-encoded as a whole and holds more than ASCII, decoded: WE7's own example sends such a one. */
function decodeText(text: string): string | undefined {
  if (!/^(?:[\w.~!*'()+-]|%[0-9A-Fa-f]{2})+$/.test(text) || !/%[89A-Fa-f][0-9A-Fa-f]/.test(text))
    return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
