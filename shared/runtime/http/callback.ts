import { randomBytes } from 'node:crypto';
import { logFailure } from '../../core/failures';
import { idOf, shown } from '../../core/ports';
import { type ReceivePorts, takePush } from '../../functions/receive/receive';
import { type Account, accounts } from '../../wechat/account';
import type { PushAnswer } from '../../wechat/messages/passive-replies';
import { parsePush } from '../../wechat/pushes/parse-push';
import { pushKey } from '../../wechat/pushes/push-meaning';
import {
  type CallbackKeys,
  decryptPush,
  encryptReply,
  isFresh,
  isSigned,
  parseAesKey,
} from './callback-crypto';
import { bodyBytes, type HttpAnswer, type HttpRequestEvent, textAnswer } from './http-event';
import { largestBodyBytes } from './push-body';
import { readPushJson } from './push-json';
import { readPushXml, writeReplyXml } from './push-xml';

/**
 * The callback address of an official account, or of a mini program with a server address: the part of
 * `kefu-gateway` that WeChat itself calls.
 *
 * `…/callback` is the official account's, `…/callback/miniprogram` the mini program's. A push is taken when it is
 * signed with the token, about now, under a nonce that no other push had, and encrypted where a key is set. A plain
 * push's signature says nothing of its body; so that nobody sends another with it, its nonce is good for one method and
 * one body. Nothing is parsed before its signature is found right.
 */

/** Answers a request that WeChat makes to the callback address. One that is refused leaves a line in the log. */
export async function answerCallback(request: HttpRequestEvent, ports: ReceivePorts): Promise<HttpAnswer> {
  const answer = await answerRequest(request, ports);
  const { statusCode: status, body } = answer;
  // What cannot be read may be quoted in the words.
  const why = status === 400 ? 'no push' : body;
  if (status >= 400) logFailure(ports, 'callback', { status, why });
  return answer;
}

async function answerRequest(request: HttpRequestEvent, ports: ReceivePorts): Promise<HttpAnswer> {
  const { callbackToken, callbackAesKey } = ports.settings;
  if (callbackToken === '') return refuse(403, 'CALLBACK_TOKEN is not set');
  const { query, method } = request;
  if (!isFresh(query['timestamp'], ports.clock.now())) return refuse(403, 'the timestamp is not about now');
  if (method !== 'GET' && method !== 'POST') return refuse(405, 'GET or POST');
  const aesKey = parseAesKey(callbackAesKey);
  const signed = () => isSigned(query['signature'], callbackToken, query);
  if (method === 'GET') {
    if (!signed()) return refuse(403, 'not signed');
    // Where bodies are encrypted a push is signed with its body, and this query is good for none.
    const isNew = aesKey !== undefined || (await isNewNonce(query, probeKey, ports));
    return isNew ? textAnswer('txt', query['echostr'] ?? '') : refuse(403, usedBefore);
  }

  const account: Account = /\/miniprogram\/?$/.test(request.path) ? 'miniprogram' : 'official';
  const body = bodyBytes(request);
  if (aesKey === undefined) {
    return signed() ? takeBody(body, query, account, undefined, ports) : refuse(403, 'not signed');
  }
  const encrypt = ciphertextsIn(body).find((text) =>
    isSigned(query['msg_signature'], callbackToken, query, text),
  );
  if (encrypt === undefined) return refuse(403, 'not signed');
  const keys: CallbackKeys = { token: callbackToken, aesKey, appid: appidOf(account, ports) };
  if (keys.appid === '') return refuse(500, `the variable ${appidVariables[account]} is not set`);
  const decrypted = decryptPush(keys, encrypt);
  if (!decrypted.ok) {
    logFailure(ports, 'decrypt', { why: decrypted.reason });
    return refuse(403, 'not encrypted for this account');
  }
  return takeBody(Buffer.from(decrypted.body), query, account, keys, ports);
}

/** An element or a member `Encrypt`. */
const ciphertext = /<Encrypt>\s*(?:<!\[CDATA\[)?([\w+/=]+)|"Encrypt"\s*:\s*"([\w+/=\\]+)"/g;

/** What may be the ciphertext of a body, without parsing that: where it has a plain side, a user's text may look like one. */
function ciphertextsIn(body: Buffer): string[] {
  if (body.length > largestBodyBytes) return [];
  return [...body.toString('latin1').matchAll(ciphertext)].map(
    ([, inXml, inJson = '']) => inXml ?? inJson.replaceAll('\\/', '/'),
  );
}

async function takeBody(
  bytes: Buffer,
  query: HttpRequestEvent['query'],
  account: Account,
  keys: CallbackKeys | undefined,
  ports: ReceivePorts,
): Promise<HttpAnswer> {
  const isJson = startsJson(bytes);
  const body = isJson ? readPushJson(bytes) : readPushXml(bytes);
  if (!body.ok) return refuse(400, body.faults[0].message);
  const parsed = parsePush(body.input);
  if (!parsed.ok) return refuse(400, `${parsed.faults[0].path} ${parsed.faults[0].message}`.trim());
  const { push } = parsed;
  if (!(await isNewNonce(query, pushKey(push), ports))) return refuse(403, usedBefore);
  ports.log({ step: 'callback', account, caller: shown(push.FromUserName, ports) });
  const answer = await takePush(push, { account, passive: account === 'official' }, ports);
  return reply(answer, isJson, keys, ports);
}

const usedBefore = 'the nonce was used before';

/** What stands for the push where WeChat asks for the address only; a push's own key is longer. */
const probeKey = ['GET'] as const;

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
  if (key === probeKey) return true;
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

const appidVariables = { official: 'OFFICIAL_APPID', miniprogram: 'MINIPROGRAM_APPID' } as const;

function appidOf(account: Account, { settings }: ReceivePorts): string {
  return account === 'official' ? settings.officialAppid : settings.miniprogramAppid;
}

function startsJson(body: Buffer): boolean {
  return /^\uFEFF?\s*\{/.test(body.subarray(0, 64).toString('utf8'));
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
