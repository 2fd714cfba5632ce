import type { Account } from '../../wechat/account';
import type { Fault } from '../../wechat/fields/fault';
import type { Message } from '../../wechat/messages/message-types';
import { messageTypeNames, messageTypes } from '../../wechat/messages/message-types';

/** Help for whoever writes an event of `kefu-send` by hand: the next step beside a fault, and what is legal and surely not meant. */

/** Names that people try first. */
const meant: { readonly [name: string]: string } = {
  openid: 'touser',
  openId: 'touser',
  open_id: 'touser',
  to: 'touser',
  user: 'touser',
  type: 'msgtype',
  msg_type: 'msgtype',
};

/** A fault with what to write instead, where only this function knows it: its options, its files, its accounts. */
export function helpWith(fault: Fault, account: Account, options: readonly string[]): Fault {
  const { path, message } = fault;
  const say = (better: string) => ({ ...fault, message: better });
  if (path === 'msgtype' && message === 'is missing')
    return say(`is missing; it is one of ${typesOf(account)}`);
  if (path === 'msgtype' && message.endsWith('; official can')) return say(`${message}: account: 'official'`);
  if (message.startsWith('is not a field here; known: ')) {
    const option = options.find((name) => path.length >= 3 && name.startsWith(path));
    const name = meant[path] ?? option;
    if (name !== undefined) return say(`is not a field; did you mean ${name}?`);
    const media = message.replace(/\b(media_?id)\b/i, '$1, fileID');
    return say(path.includes('.') ? media : message.replace('known: ', 'known: touser, msgtype, '));
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

/** Something legal that is surely not meant. The message goes out as it stands. */
export interface Hint {
  readonly path: string;
  readonly message: string;
}

/** What in these messages is legal and surely not meant. */
export function hintsFor([message]: readonly Message[]): readonly Hint[] {
  if (message?.msgtype !== 'text') return [];
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
