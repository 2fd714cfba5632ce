import { refuseFailure, refuseFaults } from '../../core/answer';
import { hasFaults } from '../../core/define-function';
import type { Ports } from '../../core/ports';
import type { GatewayClient, GatewayScope } from '../../core/settings';
import { deliver } from '../../functions/deliver/deliver';
import { checkFile } from '../../functions/media/media-cache';
import { deliverSubscribe, deliverTemplate } from '../../functions/templates/deliver-notice';
import { typingFields } from '../../functions/typing/typing';
import type { Account } from '../../wechat/account';
import { type CallName, calls } from '../../wechat/calls';
import type { Fault } from '../../wechat/fields/fault';
import type { Fields, TemplateData } from '../../wechat/fields/fields';
import { parseFields } from '../../wechat/fields/parse-fields';
import { isPlainObject, type PlainObject } from '../../wechat/fields/values';
import { type MediaType, mediaTypes } from '../../wechat/media';
import { messageFields } from '../../wechat/messages/message-fields';
import { filesIn } from '../../wechat/messages/message-files';
import { parseMessage } from '../../wechat/messages/parse-message';
import { subscribeFields, templateFields } from '../../wechat/messages/template-messages';
import { checkValues } from '../../wechat/messages/template-values';
import { bodyBytes, type HttpRequestEvent } from './http-event';
import { lenient } from './leniency';
import {
  error,
  fromAnswer,
  fromRefusal,
  ok,
  type Result,
  systemBusy,
  type WeChatError,
} from './wechat-answer';

/** The paths of WeChat's server that the gateway has behind a token, one row each. */

/** What a server may have WeChat do: all that there is a path for below. */
export type GatewayCall = Exclude<CallName, 'msgSecCheck'>;
export type GatewayPorts = Ports<GatewayCall>;

/** What CloudBase lets through: text of 100 KB, anything else of 6 MB. */
const maxTextBytes = 100 * 1024;
const maxBodyBytes = 6 * 1024 * 1024;

/** A request that got past the door. */
interface Admitted {
  readonly request: HttpRequestEvent;
  /** The body's, where that is JSON. */
  readonly fields: PlainObject;
  readonly client: GatewayClient;
  readonly ports: GatewayPorts;
}

interface Route {
  readonly method: 'GET' | 'POST';
  /** What a client must be let do. */
  readonly scope: GatewayScope;
  readonly answer: (admitted: Admitted) => Promise<Result>;
}

export const routes: { readonly [path: string]: Route } = {
  [calls.sendCustomMessage.path]: { method: 'POST', scope: 'send', answer: sendMessage },
  [calls.setTyping.path]: { method: 'POST', scope: 'send', answer: setTyping },
  // The mini program's own pages name these two.
  '/cgi-bin/message/custom/business/send': { method: 'POST', scope: 'send', answer: sendMessage },
  '/cgi-bin/message/custom/business/typing': { method: 'POST', scope: 'send', answer: setTyping },
  [calls.uploadTempMedia.path]: { method: 'POST', scope: 'media', answer: uploadMedia },
  [calls.getTempMedia.path]: { method: 'GET', scope: 'media', answer: getMedia },
  [calls.sendTemplateMessage.path]: { method: 'POST', scope: 'template', answer: sendTemplate },
  [calls.sendSubscribeMessage.path]: { method: 'POST', scope: 'template', answer: sendSubscribe },
};

async function sendMessage({ fields, client, ports }: Admitted): Promise<Result> {
  const { account } = client;
  const given = lenient(messageFields(String(fields['msgtype'])), fields, account);
  const parsed = parseMessage(given, { account, ignoreUnknown: true });
  if (!parsed.ok) return fromRefusal(refuseFaults(parsed.faults));
  // The function may read every file of the environment; a server that only sends may not.
  if (filesIn(parsed.message).length > 0)
    return error(
      40007,
      'invalid media_id: no cloud:// file is taken here; upload it with /cgi-bin/media/upload',
    );
  return fromAnswer(await deliver(parsed.message, account, ports));
}

async function setTyping({ fields: sent, client, ports }: Admitted): Promise<Result> {
  const { account: _account, command, ...fields } = typingFields;
  // WeChat itself has no usual command.
  const { default: _usual, ...required } = command;
  const table: Fields = { ...fields, command: { ...required, need: 'always', missing: 45072 } };
  const body = readPayload(sent, client, table);
  if ('errcode' in body) return body;
  const reply = await ports.wechat.call('setTyping', body.fields, client.account);
  return reply.ok ? ok : fromRefusal(refuseFailure('setTyping', reply));
}

async function sendTemplate({ fields, client, ports }: Admitted): Promise<Result> {
  if (client.account !== 'official')
    return error(48001, 'api unauthorized: template messages are the official account’s');
  // A template may have nothing to fill in; whether this one does WeChat knows.
  const body = readPayload(fields, client, {
    ...templateFields,
    data: { ...templateFields.data, need: 'never' },
  });
  if ('errcode' in body) return body;
  const answer = await deliverTemplate({ data: {}, ...body.fields }, ports);
  if (answer.errCode !== 0) return fromAnswer(answer);
  const { msgid } = answer as Extract<typeof answer, { msgid: string }>;
  // A number in JSON, as WeChat has it, however long.
  return { json: `{"errcode":0,"errmsg":"ok","msgid":${/^\d+$/.test(msgid) ? msgid : 0}}` };
}

async function sendSubscribe({ fields, client, ports }: Admitted): Promise<Result> {
  if (client.account !== 'miniprogram')
    return error(48001, 'api unauthorized: subscribe messages are the mini program’s');
  const body = readPayload(fields, client, subscribeFields);
  if ('errcode' in body) return body;
  const faults = checkValues(body.fields['data'] as TemplateData);
  if (hasFaults(faults)) return fromRefusal(refuseFaults(faults));
  return fromAnswer(await deliverSubscribe(body.fields, ports));
}

async function uploadMedia({ request, client, ports }: Admitted): Promise<Result> {
  const { type } = request.query;
  if (type === undefined || !Object.hasOwn(mediaTypes, type)) return error(40004, 'invalid media type');
  const known = type as MediaType;
  if (!(mediaTypes[known].accounts as readonly Account[]).includes(client.account))
    return error(40004, 'invalid media type');
  if (request.body.length > (maxBodyBytes * 4) / 3) return error(45001, 'media size out of limit');
  // Loaded when a form comes.
  const { readMedia } = await import('./multipart');
  const bytes = await readMedia(request.headers['content-type'] ?? '', bodyBytes(request));
  if (bytes === undefined) return error(41005, 'media data missing');
  const checked = checkFile(bytes, { type: known, account: client.account });
  if (!checked.ok) return fromRefusal(checked.refusal);
  const reply = await ports.wechat.call(
    'uploadTempMedia',
    { type: known, media: { bytes, contentType: checked.format } },
    client.account,
  );
  if (!reply.ok) return fromRefusal(refuseFailure('uploadTempMedia', reply));
  return { json: 'data' in reply ? reply.data : {} };
}

async function getMedia({ request, client, ports }: Admitted): Promise<Result> {
  const mediaId = request.query['media_id'] ?? '';
  if (mediaId === '') return error(41006, 'media_id missing');
  const reply = await ports.wechat.call('getTempMedia', { media_id: mediaId }, client.account);
  if (!reply.ok) {
    const refused = fromRefusal(refuseFailure('getTempMedia', reply));
    // Clients know WeChat's own codes in place of a file, and save any other JSON as one.
    return refused.errcode < systemBusy ? { json: refused, statusCode: 502 } : refused;
  }
  return 'file' in reply ? { file: reply.file } : { json: reply.data };
}

/** A JSON object out of the body, or WeChat's word for what is wrong with it. */
export function readBody(request: HttpRequestEvent): { readonly fields: PlainObject } | WeChatError {
  if (request.body === '') return error(44002, 'empty post data');
  // Characters are at most four bytes, and a longer text need not be counted to be too long.
  if (request.body.length > maxTextBytes * (request.isBase64 ? 4 / 3 : 1))
    return error(45002, 'content size out of limit');
  try {
    const parsed: unknown = JSON.parse(bodyBytes(request).toString('utf8'));
    return isPlainObject(parsed)
      ? { fields: parsed }
      : error(47001, 'data format error: the body must be an object');
  } catch {
    return error(47001, 'data format error: the body is no JSON');
  }
}

function readPayload(
  sent: PlainObject,
  { account }: GatewayClient,
  fields: Fields,
): { readonly fields: Record<string, unknown> } | WeChatError {
  const faults: Fault[] = [];
  // Clients send more than the documents name; WeChat passes over it.
  const given = lenient(fields, sent, account);
  const values = parseFields(fields, given, '', { faults, ignoreUnknown: true });
  return hasFaults(faults) ? fromRefusal(refuseFaults(faults)) : { fields: values };
}
