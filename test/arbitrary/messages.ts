import fc from 'fast-check';
import type { Account } from '../../shared/wechat/account';
import { toCamelKey } from '../../shared/wechat/fields/case';
import type { Field, Fields } from '../../shared/wechat/fields/fields';
import {
  type Message,
  type MessageTypeName,
  messageOptions,
  messageTypeNames,
  messageTypes,
} from '../../shared/wechat/messages/message-types';

/** Strings as people write them: any script, emoji with joiners, markup, quotes, line breaks; nothing unsendable. */
const words = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    '您好',
    '👨‍💻👩‍👩‍👧',
    '"quoted" \\back\\',
    'a\nb\tc',
    '<a href="https://example.com?a=1&b=2">x</a>',
    '\u00ad\u200b\ufeff',
    'null',
    '0',
  ),
);
const sendable = words.filter((text) => !/[\u0000-\u0007\u000b\u000e-\u001f]|\p{Surrogate}/u.test(text));

const identifier = fc.stringMatching(/^[A-Za-z0-9_-]{1,28}$/);

function anyValueOf(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      if (field.form === 'json')
        return fc
          .jsonValue({ maxDepth: 1 })
          .map((value) => JSON.stringify(value))
          .filter(isSendable);
      if (field.form === 'pagepath') return sendable.map((text) => `pages/${text}`);
      return sendable;
    case 'openid':
    case 'media':
      return identifier;
    case 'choice':
      return fc.constantFrom(...field.values);
    case 'data':
      return fc.dictionary(identifier, fc.record({ value: sendable }), { minKeys: 1, maxKeys: 4 });
    case 'group':
      return objectOf(field.fields);
    case 'list':
      return fc.array(objectOf(field.fields), { minLength: 1, maxLength: Math.min(field.max, 8) });
  }
}

function isSendable(text: string): boolean {
  return text !== '' && !/[\u0000-\u0007\u000b\u000e-\u001f]|\p{Surrogate}|\\u/u.test(text);
}

function objectOf(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, anyValueOf(field)])),
    {
      requiredKeys: Object.entries(fields)
        .filter(([, { need }]) => need === 'always' || need === 'official')
        .map(([name]) => name),
    },
  );
}

/** Every message of a type, in the HTTPS form, with keys in the order of the table. */
export function messageOf(
  msgtype: MessageTypeName,
  touser: fc.Arbitrary<string> = identifier,
): fc.Arbitrary<Message> {
  return fc
    .tuple(touser, objectOf(messageTypes[msgtype].body), objectOf(messageOptions))
    .map(
      ([user, body, options]) =>
        ({ touser: user, msgtype, [msgtype]: body, ...options }) as unknown as Message,
    );
}

/** Every message of every type that an account may send. */
export function anyMessage(account?: Account, touser?: fc.Arbitrary<string>): fc.Arbitrary<Message> {
  const names = messageTypeNames.filter(
    (name) => account === undefined || (messageTypes[name].accounts as readonly Account[]).includes(account),
  );
  return fc.oneof(...names.map((name) => messageOf(name, touser)));
}

/**
 * A message in a mixture of spellings: each key of each object in camelCase or snake_case, by the given coins. Written
 * without the project's own map, so that it can judge it.
 */
export function respell(message: unknown, coins: readonly boolean[]): unknown {
  let toss = 0;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        toss += 1;
        return [coins[toss % Math.max(coins.length, 1)] ? toCamelKey(key) : key, walk(inner)];
      }),
    );
  };
  return walk(message);
}

/** Coins for {@link respell}. */
export const anyCoins = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
