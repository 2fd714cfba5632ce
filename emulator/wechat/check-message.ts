import type { Account } from '../../shared/wechat/account';
import { errorMeaning } from '../../shared/wechat/errors/error-meanings';
import type { Field, Fields } from '../../shared/wechat/fields/fields';
import { utf8Bytes } from '../../shared/wechat/fields/utf8';
import { isOpenid, isPlainObject, type PlainObject } from '../../shared/wechat/fields/values';
import { type MessageTypeName, messageTypes } from '../../shared/wechat/messages/message-types';

/** WeChat's refusal of a payload, before it looks at the user. */
export interface Refused {
  readonly errcode: number;
  readonly errmsg: string;
}

/**
 * What today's WeChat says of a message's payload; `undefined` where it takes it.
 *
 * Written apart from the functions' parser on purpose: this is the other side. It knows the HTTPS spelling only and
 * passes over fields that it does not know, as WeChat does, so a wrong spelling shows as a missing field.
 */
export function checkMessage(payload: PlainObject, account: Account, appid: string): Refused | undefined {
  const { touser, msgtype } = payload;
  if (typeof touser !== 'string' || touser === '') return refuse(touser === undefined ? 41009 : 40003);
  if (typeof msgtype !== 'string' || !Object.hasOwn(messageTypes, msgtype)) return refuse(40008);
  const row: { accounts: readonly Account[]; body: Fields } = messageTypes[msgtype as MessageTypeName];
  if (!row.accounts.includes(account)) return refuse(40008, `${msgtype} is not for the ${account} account`);
  const body = payload[msgtype];
  if (!isPlainObject(body)) return refuse(47001, `${msgtype} is missing`);
  return checkFields(row.body, body, account, msgtype) ?? checkLinks(body['content'], account, appid);
}

/** The page says that the appid must be the mini program's own; which number refuses another it does not say. */
function checkLinks(text: unknown, account: Account, appid: string): Refused | undefined {
  if (account !== 'miniprogram' || typeof text !== 'string') return undefined;
  const linked = [...text.matchAll(/data-miniprogram-appid=["']?([^"'\s>]*)/g)].map(([, named]) => named);
  return linked.every((named) => named === appid) ? undefined : refuse(40013, 'data-miniprogram-appid');
}

export function refuse(errcode: number, hint?: string): Refused {
  const meaning = errorMeaning(errcode).en;
  return { errcode, errmsg: hint === undefined ? meaning : `${meaning}: ${hint}` };
}

/** What WeChat says of fields by their table; `at` is where they stand, for the message. */
export function checkFields(
  fields: Fields,
  value: PlainObject,
  account: Account,
  at: string,
): Refused | undefined {
  for (const [name, field] of Object.entries(fields)) {
    const refused = checkField(field, value[name], account, `${at}.${name}`);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function checkField(field: Field, value: unknown, account: Account, at: string): Refused | undefined {
  const needed =
    field.need === 'always' ||
    field.need === 'today' ||
    (field.need === 'official' && account === 'official');
  if (value === undefined || value === null || value === '') {
    return needed ? refuse(field.missing ?? 47001, `${at} is missing`) : undefined;
  }
  switch (field.kind) {
    case 'group':
      return isPlainObject(value) ? checkFields(field.fields, value, account, at) : refuse(47001, at);
    case 'choice':
      return field.values.includes(value as string) ? undefined : refuse(field.wrong, at);
    case 'data':
      return isPlainObject(value) ? undefined : refuse(47001, at);
    case 'openid':
      return isOpenid(value) ? undefined : refuse(40003, at);
    case 'media':
      return typeof value === 'string' ? undefined : refuse(40007, at);
    case 'id':
      return typeof value === 'string' ? undefined : refuse(47001, at);
    case 'integer':
    case 'number':
      return typeof value === 'number' ? undefined : refuse(47001, at);
    case 'list': {
      if (!Array.isArray(value)) return refuse(47001, at);
      if (value.length === 0) return refuse(field.missing ?? 47001, at);
      if (value.length > (field.today ?? field.max ?? value.length))
        return refuse(field.tooMany ?? 45008, at);
      for (const [index, entry] of value.entries()) {
        const refused = isPlainObject(entry)
          ? checkFields(field.fields, entry, account, `${at}[${index}]`)
          : refuse(47001, `${at}[${index}]`);
        if (refused !== undefined) return refused;
      }
      return undefined;
    }
    case 'text':
      if (typeof value !== 'string') return refuse(47001, at);
      if (field.maxBytes !== undefined && utf8Bytes(value) > field.maxBytes)
        return refuse(field.tooLong ?? 45002, at);
      if (field.today !== undefined && [...value].length > field.today.maxCharacters)
        return refuse(field.today.tooLong, at);
      if (field.form === 'pagepath' && value.startsWith('/')) return refuse(41030, at);
      return undefined;
  }
}
