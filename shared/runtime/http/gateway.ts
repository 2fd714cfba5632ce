import { type Answer, refuseFailure, refuseFaults } from '../../core/answer';
import { hasFaults } from '../../core/event';
import type { Ports } from '../../core/ports';
import type { GatewayClient } from '../../core/settings';
import { checkFile } from '../../functions/media/media-cache';
import { deliver } from '../../functions/send/send';
import { deliverSubscribe, deliverTemplate } from '../../functions/templates/template';
import { typingFields } from '../../functions/typing/typing';
import type { Account } from '../../wechat/account';
import { type CallName, calls } from '../../wechat/calls';
import type { Fault } from '../../wechat/fields/fault';
import type { Fields, TemplateData } from '../../wechat/fields/fields';
import { parseFields } from '../../wechat/fields/parse-fields';
import { isPlainObject, type PlainObject } from '../../wechat/fields/values';
import { formatExtensions, type MediaFormat, type MediaType, mediaTypes } from '../../wechat/media';
import { parseMessage } from '../../wechat/messages/parse-message';
import { subscribeFields, templateFields } from '../../wechat/messages/template-messages';
import { checkValues } from '../../wechat/messages/template-values';
import { type HttpAnswer, type HttpRequestEvent, jsonAnswer } from './http-event';

/**
 * A WeChat server of one's own: `kefu-gateway`.
 *
 * A server that today posts to `api.weixin.qq.com` posts here instead, with its own WeChat client and without
 * AppSecret or address list. It gets tokens of ours for the id and secret that `GATEWAY_CLIENTS` gives it, and answers
 * in WeChat's own form: status 200, `errcode` and `errmsg`, the same codes for the same faults.
 */

/** What the gateway needs beside the usual ports. */
export interface GatewayPorts extends Ports {
  /** A token of ours for a client, good for two hours. */
  readonly issueToken: (client: GatewayClient) => Promise<string>;
  /** Whose token this is; `spent` for one that was good once. */
  readonly readToken: (token: string) => Promise<GatewayClient | 'spent' | undefined>;
  /** Compares two texts in a time that tells nothing of where they differ. */
  readonly isSame: (left: string, right: string) => boolean;
  /** The file of a multipart form, under the name `media`. */
  readonly readMedia: (contentType: string, body: Uint8Array) => Promise<Uint8Array | undefined>;
}

/** How long a token of ours lasts, in seconds. */
export const tokenSeconds = 7200;

/** What CloudBase lets through: text of 100 KB, anything else of 6 MB. */
const maxTextBytes = 100 * 1024;
const maxBodyBytes = 6 * 1024 * 1024;

/** A request that got past the door. */
interface Admitted {
  readonly request: HttpRequestEvent;
  readonly client: GatewayClient;
  readonly ports: GatewayPorts;
}

/** WeChat's form of a failure. */
interface WeChatError {
  readonly errcode: number;
  readonly errmsg: string;
}

type Result =
  | { readonly json: object | string }
  | { readonly file: { readonly bytes: Uint8Array; readonly contentType: string } }
  | WeChatError;

const ok = { json: { errcode: 0, errmsg: 'ok' } } as const;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly answer: (admitted: Admitted) => Promise<Result>;
}

/** The paths behind a token. */
const routes: { readonly [path: string]: Route } = {
  [calls.sendCustomMessage.path]: { method: 'POST', answer: sendMessage },
  [calls.setTyping.path]: { method: 'POST', answer: setTyping },
  // The mini program's own page names this one.
  '/cgi-bin/message/custom/business/typing': { method: 'POST', answer: setTyping },
  [calls.uploadTempMedia.path]: { method: 'POST', answer: uploadMedia },
  [calls.getTempMedia.path]: { method: 'GET', answer: getMedia },
  [calls.sendTemplateMessage.path]: { method: 'POST', answer: sendTemplate },
  [calls.sendSubscribeMessage.path]: { method: 'POST', answer: sendSubscribe },
};

/** Answers one HTTP request as WeChat's server would. */
export async function answerGateway(request: HttpRequestEvent, ports: GatewayPorts): Promise<HttpAnswer> {
  return toHttp(await route(request, ports));
}

async function route(request: HttpRequestEvent, ports: GatewayPorts): Promise<Result> {
  if (request.path === '/cgi-bin/token') {
    return request.method === 'GET' ? giveToken(request.query, ports) : error(43001, 'require GET method');
  }
  if (request.path === '/cgi-bin/stable_token') {
    if (request.method !== 'POST') return error(43002, 'require POST method');
    const body = readBody(request);
    return 'errcode' in body ? body : giveToken(body.fields, ports);
  }
  const found = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
  if (found === undefined) return error(40066, 'invalid url');
  if (found.method !== request.method) {
    return found.method === 'POST' ? error(43002, 'require POST method') : error(43001, 'require GET method');
  }
  const token = request.query['access_token'] ?? '';
  if (token === '') return error(41001, 'access_token missing');
  const client = await ports.readToken(token);
  if (client === 'spent') return error(42001, 'access_token expired');
  if (client === undefined) return error(40001, 'invalid credential, access_token is invalid or not latest');
  return found.answer({ request, client, ports });
}

async function giveToken(fields: PlainObject, ports: GatewayPorts): Promise<Result> {
  const { grant_type: grantType, appid, secret } = fields;
  if (grantType !== 'client_credential') return error(40002, 'invalid grant_type');
  if (typeof appid !== 'string' || appid === '') return error(41002, 'appid missing');
  if (typeof secret !== 'string' || secret === '') return error(41004, 'appsecret missing');
  // Every client is compared, whatever its id, so that the time tells neither id nor secret.
  let admitted: GatewayClient | undefined;
  let known = false;
  for (const client of ports.settings.gatewayClients) {
    const sameId = ports.isSame(client.id, appid);
    const sameSecret = ports.isSame(client.secret, secret);
    known ||= sameId;
    if (sameId && sameSecret) admitted = client;
  }
  if (!known) return error(40013, 'invalid appid');
  if (admitted === undefined) return error(40001, 'invalid credential, AppSecret is invalid');
  return { json: { access_token: await ports.issueToken(admitted), expires_in: tokenSeconds } };
}

async function sendMessage({ request, client, ports }: Admitted): Promise<Result> {
  const body = readBody(request);
  if ('errcode' in body) return body;
  const parsed = parseMessage(body.fields, { account: client.account, ignoreUnknown: true });
  if (!parsed.ok) return fromAnswer(refuseFaults(parsed.faults));
  return fromAnswer(await deliver(parsed.message, client.account, ports));
}

async function setTyping({ request, client, ports }: Admitted): Promise<Result> {
  const { account: _account, ...fields } = typingFields;
  const body = readPayload(request, {
    ...fields,
    touser: { ...fields.touser, need: 'always', missing: 41009 },
    command: { ...fields.command, need: 'always', missing: 45072 },
  });
  if ('errcode' in body) return body;
  return callWeChat('setTyping', body.fields, client.account, ports);
}

async function sendTemplate({ request, client, ports }: Admitted): Promise<Result> {
  if (client.account !== 'official')
    return error(48001, 'api unauthorized: template messages are the official account’s');
  const body = readPayload(request, templateFields);
  if ('errcode' in body) return body;
  const answer = await deliverTemplate(body.fields, ports);
  if (answer.errCode !== 0) return fromAnswer(answer);
  const { msgid } = answer as Extract<typeof answer, { msgid: string }>;
  // A number in JSON, as WeChat has it, however long.
  return { json: `{"errcode":0,"errmsg":"ok","msgid":${/^\d+$/.test(msgid) ? msgid : 0}}` };
}

async function sendSubscribe({ request, client, ports }: Admitted): Promise<Result> {
  if (client.account !== 'miniprogram')
    return error(48001, 'api unauthorized: subscribe messages are the mini program’s');
  const body = readPayload(request, subscribeFields);
  if ('errcode' in body) return body;
  const faults = checkValues(body.fields['data'] as TemplateData);
  if (hasFaults(faults)) return fromAnswer(refuseFaults(faults));
  return fromAnswer(await deliverSubscribe(body.fields, ports));
}

async function uploadMedia({ request, client, ports }: Admitted): Promise<Result> {
  const { type } = request.query;
  if (type === undefined || !Object.hasOwn(mediaTypes, type)) return error(40004, 'invalid media type');
  const known = type as MediaType;
  if (!(mediaTypes[known].accounts as readonly Account[]).includes(client.account))
    return error(40004, 'invalid media type');
  if (request.body.length > (maxBodyBytes * 4) / 3) return error(45001, 'media size out of limit');
  const bytes = await ports.readMedia(request.headers['content-type'] ?? '', bodyBytes(request));
  if (bytes === undefined) return error(41005, 'media data missing');
  const checked = checkFile(bytes, { type: known, account: client.account });
  if (!checked.ok) return fromAnswer(checked.refusal);
  const reply = await ports.wechat.call(
    'uploadTempMedia',
    { type: known, media: { bytes, contentType: checked.format } },
    client.account,
  );
  if (!reply.ok) return fromAnswer(refuseFailure('uploadTempMedia', reply));
  return { json: 'data' in reply ? reply.data : {} };
}

async function getMedia({ request, client, ports }: Admitted): Promise<Result> {
  const mediaId = request.query['media_id'] ?? '';
  if (mediaId === '') return error(41006, 'media_id missing');
  const reply = await ports.wechat.call('getTempMedia', { media_id: mediaId }, client.account);
  if (!reply.ok) return fromAnswer(refuseFailure('getTempMedia', reply));
  return 'file' in reply ? { file: reply.file } : { json: reply.data };
}

async function callWeChat(name: CallName, payload: object, account: Account, ports: Ports): Promise<Result> {
  const reply = await ports.wechat.call(name, payload, account);
  return reply.ok ? ok : fromAnswer(refuseFailure(name, reply));
}

/** The bytes of a request's body, however the platform handed them over; none where they cannot be read. */
function bodyBytes({ body, isBase64 }: HttpRequestEvent): Uint8Array {
  try {
    return Uint8Array.from(isBase64 ? atob(body) : body, (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

function bodyText(request: HttpRequestEvent): string {
  return request.isBase64 ? new TextDecoder().decode(bodyBytes(request)) : request.body;
}

/** A JSON object out of the body, or WeChat's word for what is wrong with it. */
function readBody(request: HttpRequestEvent): { readonly fields: PlainObject } | WeChatError {
  if (request.body === '') return error(44002, 'empty post data');
  // Characters are at most four bytes, and a longer text need not be counted to be too long.
  if (request.body.length > maxTextBytes * (request.isBase64 ? 4 / 3 : 1))
    return error(45002, 'content size out of limit');
  try {
    const parsed: unknown = JSON.parse(bodyText(request));
    return isPlainObject(parsed)
      ? { fields: parsed }
      : error(47001, 'data format error: the body must be an object');
  } catch {
    return error(47001, 'data format error: the body is no JSON');
  }
}

function readPayload(
  request: HttpRequestEvent,
  fields: Fields,
): { readonly fields: Record<string, unknown> } | WeChatError {
  const body = readBody(request);
  if ('errcode' in body) return body;
  const faults: Fault[] = [];
  // Clients send more than the documents name; WeChat passes over it.
  const values = parseFields(fields, body.fields, '', { faults, camel: false, ignoreUnknown: true });
  return hasFaults(faults) ? fromRefusal(refuseFaults(faults)) : { fields: values };
}

function error(errcode: number, errmsg: string): WeChatError {
  return { errcode, errmsg };
}

/** WeChat's clients renew their token for these; they are about ours, so no fault of WeChat's may look like one. */
const tokenCodes: readonly number[] = [40001, 40014, 42001];

/** "System busy": WeChat's clients take it for a reason to try again. */
const systemBusy = -1;

function fromAnswer(answer: Answer): Result {
  return answer.errCode === 0 ? ok : fromRefusal(answer);
}

function fromRefusal(answer: Answer): WeChatError {
  if (answer.errCode === 0) return error(0, 'ok');
  const { errCode, errMsg, code } = answer as Extract<Answer, { code: string }>;
  if (code === 'wechat-busy') return error(systemBusy, `system error: ${errMsg}`);
  // Never -1: a client that then sends again could send twice.
  if (code === 'unknown-delivery')
    return error(errCode === systemBusy ? -501001 : errCode, `unknown delivery: ${errMsg}`);
  if (tokenCodes.includes(errCode))
    return error(48001, `api unauthorized: the gateway’s own account was refused: ${errMsg}`);
  return error(errCode, errMsg);
}

function toHttp(result: Result): HttpAnswer {
  if ('errcode' in result)
    return jsonAnswer(JSON.stringify({ errcode: result.errcode, errmsg: result.errmsg }));
  if ('json' in result)
    return jsonAnswer(typeof result.json === 'string' ? result.json : JSON.stringify(result.json));
  const { bytes, contentType } = result.file;
  const extension = Object.hasOwn(formatExtensions, contentType)
    ? formatExtensions[contentType as MediaFormat]
    : 'bin';
  return {
    statusCode: 200,
    headers: {
      'content-type': contentType,
      'content-disposition': `attachment; filename="media.${extension}"`,
    },
    body: toBase64(bytes),
    isBase64Encoded: true,
  };
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  const step = 0x8000;
  for (let index = 0; index < bytes.length; index += step)
    text += String.fromCharCode(...bytes.subarray(index, index + step));
  return btoa(text);
}
