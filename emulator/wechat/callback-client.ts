import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import { XMLParser } from 'fast-xml-parser';
import type { PlainObject } from '../../shared/wechat/fields/values';

/**
 * WeChat's side of a callback address: signs, encrypts where asked, posts XML or JSON, reads the answer. Its encryption
 * is a library's, so that it can judge the functions' own.
 */

export interface CallbackMode {
  readonly encrypted: boolean;
  readonly format: 'xml' | 'json';
}

export interface CallbackTarget {
  readonly url: string;
  readonly token: string;
  readonly aesKey: string;
  readonly appid: string;
  readonly mode: CallbackMode;
}

/** What came back: `success` or nothing, a reply's fields, or why it is neither. */
export type CallbackAnswer =
  | { readonly ok: true; readonly reply: PlainObject | undefined }
  | { readonly ok: false; readonly why: string };

/** The header by which the local WeChat finds its own push in the call of `kefu-gateway`; no function sees it. */
export const pushHeader = 'x-local-push';

/** Posts a push to a callback address, and waits at most five seconds as WeChat does. */
export async function postPush(
  target: CallbackTarget,
  push: PlainObject,
  timestamp: number,
  { id, nonce }: { readonly id: string; readonly nonce: string },
): Promise<CallbackAnswer> {
  const { mode, token, aesKey, appid } = target;
  const body = mode.format === 'json' ? JSON.stringify(push) : toXml(push);
  const query = new URLSearchParams({
    // The same as of an encrypted push, of nothing.
    signature: getSignature(token, String(timestamp), nonce, ''),
    timestamp: String(timestamp),
    nonce,
    openid: String(push['FromUserName'] ?? ''),
  });
  let sent = body;
  if (mode.encrypted) {
    const encrypted = encrypt(aesKey, body, appid);
    query.set('encrypt_type', 'aes');
    query.set('msg_signature', getSignature(token, String(timestamp), nonce, encrypted));
    const outer = { ToUserName: push['ToUserName'], Encrypt: encrypted };
    sent = mode.format === 'json' ? JSON.stringify(outer) : toXml(outer);
  }
  try {
    const response = await fetch(`${target.url}?${query}`, {
      method: 'POST',
      headers: { 'content-type': mode.format === 'json' ? 'application/json' : 'text/xml', [pushHeader]: id },
      body: sent,
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    if (response.status !== 200)
      return { ok: false, why: `status ${response.status}: ${text.slice(0, 100)}` };
    return readAnswer(text, target);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.name : 'no answer' };
  }
}

function readAnswer(text: string, { mode, token, aesKey, appid }: CallbackTarget): CallbackAnswer {
  if (text === '' || text === 'success') return { ok: true, reply: undefined };
  const outer = readBody(text);
  if (outer === undefined) return { ok: false, why: `an answer in no known form: ${text.slice(0, 60)}` };
  if (!mode.encrypted) return { ok: true, reply: outer };
  const { Encrypt: encrypted, MsgSignature: signature, TimeStamp: timestamp, Nonce: nonce } = outer;
  if (getSignature(token, String(timestamp), String(nonce), String(encrypted)) !== signature) {
    return { ok: false, why: 'an answer that is not signed' };
  }
  const { message, id } = decrypt(aesKey, String(encrypted));
  const reply = id === appid ? readBody(message) : undefined;
  return reply === undefined ? { ok: false, why: 'an answer encrypted for another' } : { ok: true, reply };
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: false });

function readBody(text: string): PlainObject | undefined {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text) as PlainObject;
    const { xml } = parser.parse(text) as { xml?: PlainObject };
    return xml;
  } catch {
    return undefined;
  }
}

/** A push as WeChat's XML: numbers bare, texts as CDATA, lists as `item`s. */
function toXml(fields: PlainObject): string {
  return `<xml>${elements(fields)}</xml>`;
}

function elements(fields: PlainObject): string {
  return Object.entries(fields)
    .map(([name, value]) => {
      if (value === undefined) return '';
      if (Array.isArray(value))
        return value.map((entry: unknown) => `<${name}>${elements(entry as PlainObject)}</${name}>`).join('');
      if (typeof value === 'object' && value !== null)
        return `<${name}>${elements(value as PlainObject)}</${name}>`;
      return typeof value === 'string'
        ? `<${name}><![CDATA[${value}]]></${name}>`
        : `<${name}>${String(value)}</${name}>`;
    })
    .join('');
}
