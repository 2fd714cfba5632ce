import type { Account } from '../account';
import type { Fault } from '../fields/fault';
import { show } from '../fields/values';
import type { Message } from './message-types';

/**
 * Links in a text that open a mini program: `<a href="…" data-miniprogram-appid="…" data-miniprogram-path="…">…</a>`.
 *
 * Source: the page of customerServiceMessage.send: where a mini program sends it, the appid must be that mini program's.
 */

const miniProgramLink = /<a\s[^>]*?\bdata-miniprogram-appid\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

/**
 * What is wrong with the links of a message that an account sends. An official account’s may lead to any mini program;
 * where the mini program’s own appid is empty, it is not known, and nothing is wrong.
 */
export function linkFaults(message: Message, account: Account, own: string): readonly Fault[] {
  if (message.msgtype !== 'text' || account !== 'miniprogram' || own === '') return [];
  const foreign = foreignAppid(message.text.content, own);
  if (foreign === undefined) return [];
  const text = `${show(foreign)} is not the mini program’s own appid; WeChat opens no other from here: ${own}`;
  return [{ path: 'text.content', message: text, errCode: 40013 }];
}

/** The first appid in a text's links that is another than this; `undefined` where all are this one. */
export function foreignAppid(text: string, own: string): string | undefined {
  for (const [, double, single, bare] of text.matchAll(miniProgramLink)) {
    const appid = (double ?? single ?? bare ?? '').trim();
    if (appid !== own) return appid;
  }
  return undefined;
}
