import fc from 'fast-check';
import type { Account } from '../../shared/wechat/account';
import {
  type Message,
  type MessageTypes,
  messageOptions,
  messageTypes,
} from '../../shared/wechat/messages/message-types';
import { fieldName, fieldsOf, identifier, leaveOutDefaults, objectOf, tosser } from './fields';

/** Every message of a type, in the HTTPS form, with keys in the order of the table. */
function messageOf(
  msgtype: string,
  touser: fc.Arbitrary<string>,
  types: MessageTypes,
): fc.Arbitrary<Message> {
  return fc
    .tuple(touser, objectOf(types[msgtype]?.body ?? {}), objectOf(messageOptions))
    .map(
      ([user, body, options]) =>
        ({ touser: user, msgtype, [msgtype]: body, ...options }) as unknown as Message,
    );
}

/** Every message of every type that an account may send. */
export function anyMessage(
  account?: Account,
  touser: fc.Arbitrary<string> = identifier,
  types: MessageTypes = messageTypes,
): fc.Arbitrary<Message> {
  const names = Object.entries(types).filter(
    ([, { accounts }]) => account === undefined || accounts.includes(account),
  );
  return fc.oneof(...names.map(([name]) => messageOf(name, touser, types)));
}

/** A table of message types with a message of one of them. */
export interface Typed {
  readonly types: MessageTypes;
  readonly message: Message;
}

/** Every message of a table. */
export function messageIn(types: MessageTypes): fc.Arbitrary<Typed> {
  return anyMessage(undefined, undefined, types).map((message) => ({ types, message }));
}

/** Names that the message itself has, beside its body's. */
const taken: readonly string[] = ['touser', 'msgtype', ...Object.keys(messageOptions)];

/** Every message of every type that WeChat might come to have, whatever its name and its fields. */
export const messageToCome: fc.Arbitrary<Typed> = fc
  .tuple(
    fieldName.filter((name) => !taken.includes(name)),
    fieldsOf(),
  )
  .chain(([msgtype, body]) => {
    const name = { zh: '将来', en: 'To come' };
    return messageIn({ [msgtype]: { name, accounts: ['miniprogram', 'official'], body } });
  });

/** The message as a caller may write it: where the coins say so, without what is the default anyway. */
export function leaveOut({ types, message }: Typed, coins: readonly boolean[]): object {
  const { msgtype } = message;
  const body = (message as unknown as Record<string, object>)[msgtype] ?? {};
  return { ...message, [msgtype]: leaveOutDefaults(types[msgtype]?.body ?? {}, body, tosser(coins)) };
}
