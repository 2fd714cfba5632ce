import fc from 'fast-check';
import type { Account } from '../../shared/wechat/account';
import { toCamelKey } from '../../shared/wechat/fields/case';
import {
  type Message,
  type MessageTypes,
  messageOptions,
  messageTypes,
} from '../../shared/wechat/messages/message-types';
import { fieldName, fieldsOf, identifier, leaveOutDefaults, objectOf } from './fields';

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

/** Coins for what may be written one way or another. */
export const anyCoins = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });

/** Tosses one coin after the other, over and over. */
export function tosser(coins: readonly boolean[]): () => boolean {
  let toss = 0;
  return () => {
    toss += 1;
    return coins[toss % coins.length] === true;
  };
}

/** The message as a caller may write it: where the coins say so, without what is the default anyway. */
export function leaveOut({ types, message }: Typed, coins: readonly boolean[]): object {
  const { msgtype } = message;
  const body = (message as unknown as Record<string, object>)[msgtype] ?? {};
  return { ...message, [msgtype]: leaveOutDefaults(types[msgtype]?.body ?? {}, body, tosser(coins)) };
}

/**
 * An object in a mixture of spellings: each key of each object in camelCase or snake_case, by the given coins. Written
 * without the project's own map, so that it can judge it.
 */
export function respell(object: unknown, coins: readonly boolean[]): unknown {
  const toss = tosser(coins);
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [toss() ? toCamelKey(key) : key, walk(inner)]),
    );
  };
  return walk(object);
}
