import { randomBytes } from 'node:crypto';
import { idOf } from '../../core/ports';
import { type PushAnswer, type ReceivePorts, takePush } from '../../functions/receive/receive';
import { type Account, accounts } from '../../wechat/account';
import { parsePush } from '../../wechat/pushes/parse-push';
import { pushKey } from '../../wechat/pushes/push-key';
import {
  type CallbackKeys,
  decryptPush,
  encryptReply,
  isFresh,
  isSigned,
  parseAesKey,
} from './callback-crypto';
import { bodyBytes, type HttpAnswer, type HttpRequestEvent, textAnswer } from './http-event';
import type { ReadBody } from './push-body';
import { readPushJson } from './push-json';
import { readPushXml, writeReplyXml } from './push-xml';

/**
 * The callback address of an official account, or of a mini program with a server address: the part of
 * `kefu-gateway` that WeChat itself calls.
 *
 * `…/callback` is the official account's, `…/callback/miniprogram` the mini program's. A push is taken when it is
 * signed with the token, about now, under a nonce that no other push had, and encrypted where a key is set: without
 * that last rule whoever knew one signed query could send any body with it.
 */

/** Answers a request that WeChat makes to the callback address. */
export async function answerCallback(request: HttpRequestEvent, ports: ReceivePorts): Promise<HttpAnswer> {
  const { callbackToken, callbackAesKey } = ports.settings;
  if (callbackToken === '') return refuse(403, 'CALLBACK_TOKEN is not set');
  const { query, method } = request;
  if (!isFresh(query['timestamp'], ports.clock.now())) return refuse(403, 'the timestamp is not about now');
  if (method === 'GET') {
    return isSigned(query['signature'], callbackToken, query)
      ? textAnswer('txt', query['echostr'] ?? '')
      : refuse(403, 'not signed');
  }
  if (method !== 'POST') return refuse(405, 'GET or POST');

  const account: Account = /\/miniprogram\/?$/.test(request.path) ? 'miniprogram' : 'official';
  const outer = readBody(bodyBytes(request));
  if (!outer.ok) return refuse(400, outer.faults[0].message);
  const isJson = startsJson(bodyBytes(request));
  const aesKey = parseAesKey(callbackAesKey);
  if (aesKey === undefined) {
    return isSigned(query['signature'], callbackToken, query)
      ? takeBody(outer, request, account, isJson, undefined, ports)
      : refuse(403, 'not signed');
  }

  const { Encrypt: encrypt } = outer.input;
  if (typeof encrypt !== 'string' || !isSigned(query['msg_signature'], callbackToken, query, encrypt)) {
    return refuse(403, 'not signed');
  }
  const keys: CallbackKeys = { token: callbackToken, aesKey, appid: appidOf(account, ports) };
  const decrypted = decryptPush(keys, encrypt);
  if (!decrypted.ok) {
    ports.log({ step: 'decrypt', failed: true, why: decrypted.reason });
    return refuse(403, 'not encrypted for this account');
  }
  const inner = readBody(Buffer.from(decrypted.body));
  if (!inner.ok) return refuse(400, inner.faults[0].message);
  return takeBody(inner, request, account, startsJson(Buffer.from(decrypted.body)), keys, ports);
}

async function takeBody(
  body: Extract<ReadBody, { ok: true }>,
  { query }: HttpRequestEvent,
  account: Account,
  isJson: boolean,
  keys: CallbackKeys | undefined,
  ports: ReceivePorts,
): Promise<HttpAnswer> {
  const parsed = parsePush(body.input);
  if (!parsed.ok) return refuse(400, `${parsed.faults[0].path} ${parsed.faults[0].message}`.trim());
  const { push } = parsed;
  if (!(await isNewNonce(query, pushKey(push), ports))) return refuse(403, 'the nonce was used before');
  const answer = await takePush(push, { account, passive: account === 'official' }, ports);
  return reply(answer, isJson, keys, ports);
}

/**
 * Whether a nonce comes for the first time. With the push that it came with first it may come again while that is being
 * handled, because WeChat may repeat a push as it was; with any other never.
 */
async function isNewNonce(
  { timestamp = '', nonce = '' }: { readonly [name: string]: string | undefined },
  key: readonly string[],
  ports: ReceivePorts,
): Promise<boolean> {
  const { database, clock } = ports;
  const push = idOf(key, ports);
  const _id = idOf([timestamp, nonce], ports);
  if (await database('kefu_nonces').insert([{ _id, push, at: clock.now() }])) return true;
  const before = await database('kefu_nonces').get(_id);
  if (before?.push !== push) return false;
  const claims = await Promise.all(
    accounts.map((account) => database('kefu_pushes').get(idOf([account, ...key], ports))),
  );
  return claims.some((claim) => claim?.state === 'claimed');
}

function reply(
  answer: PushAnswer,
  isJson: boolean,
  keys: CallbackKeys | undefined,
  ports: ReceivePorts,
): HttpAnswer {
  if (answer === 'success') return textAnswer('txt', 'success');
  const plain = isJson ? JSON.stringify(answer) : writeReplyXml(answer);
  if (keys === undefined) return isJson ? textAnswer('json', plain) : textAnswer('xml', plain);
  const encrypted = encryptReply(
    keys,
    plain,
    Math.floor(ports.clock.now() / 1000),
    randomBytes(8).toString('hex'),
  );
  return isJson ? textAnswer('json', JSON.stringify(encrypted)) : textAnswer('xml', writeReplyXml(encrypted));
}

function appidOf(account: Account, { settings }: ReceivePorts): string {
  return account === 'official' ? settings.officialAppid : settings.miniprogramAppid;
}

function startsJson(body: Buffer): boolean {
  return /^\uFEFF?\s*\{/.test(body.subarray(0, 64).toString('utf8'));
}

function readBody(body: Buffer): ReadBody {
  return startsJson(body) ? readPushJson(body) : readPushXml(body);
}

/** A refusal tells a stranger as little as the status does; the words are for the one who sets the address up. */
function refuse(statusCode: number, why: string): HttpAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: why,
    isBase64Encoded: false,
  };
}
