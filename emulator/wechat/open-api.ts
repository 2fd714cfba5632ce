import type { Account } from '../../shared/wechat/account';
import type { CallName } from '../../shared/wechat/calls';
import type { TemplateData } from '../../shared/wechat/fields/fields';
import { isPlainObject, type PlainObject } from '../../shared/wechat/fields/values';
import { detectFormat, formatExtensions, type MediaType, mediaTypes } from '../../shared/wechat/media';
import { subscribeFields } from '../../shared/wechat/messages/template-messages';
import { checkValues } from '../../shared/wechat/messages/template-values';
import { decideSend, decideTyping } from '../../shared/wechat/reply-window';
import { type Fault, isDelivered } from '../faults';
import { checkFields, checkMessage, refuse } from './check-message';
import type { World } from './world';

/** A call as it reaches WeChat, whichever way it came. */
export interface OpenApiCall {
  readonly account: Account;
  /** The payload in the HTTPS spelling. */
  readonly payload: PlainObject;
  /** Files that came with it, by field. */
  readonly files: { readonly [field: string]: { readonly bytes: Uint8Array; readonly filename: string } };
  /** Leaves out the rules of window, count and media: a fault with errcode 0 asks for that. */
  readonly lenient: boolean;
}

/** WeChat's answer: JSON, or a file. */
export type OpenApiAnswer =
  | { readonly json: PlainObject }
  | {
      readonly file: { readonly contentType: string; readonly filename: string; readonly bytes: Uint8Array };
    };

/** What a subscribe message may say beside its values. */
const { page, miniprogram_state, lang } = subscribeFields;
const subscribeOptions = { page, miniprogram_state, lang };

const ok: OpenApiAnswer = { json: { errcode: 0, errmsg: 'ok' } };

/** WeChat's refusal as an answer. */
export function refusal(errcode: number): OpenApiAnswer {
  return { json: { ...refuse(errcode) } };
}

/** What WeChat does for each call. */
export const openApis: {
  readonly [name in CallName]: (call: OpenApiCall, world: World) => OpenApiAnswer;
} = {
  sendCustomMessage({ account, payload, lenient }, world) {
    if (!lenient) {
      const refused =
        checkMessage(payload, account, world.appids[account]) ??
        checkUser(payload, account, world) ??
        checkMedia(payload, account, world);
      if (refused !== undefined) return { json: { ...refused } };
    }
    world.deliver(account, String(payload['touser']), payload);
    return ok;
  },

  setTyping({ account, payload }, world) {
    const { touser, command } = payload;
    if (command !== 'Typing' && command !== 'CancelTyping') return refusal(45072);
    if (typeof touser !== 'string' || !world.knows(account, touser)) return refusal(40003);
    const errcode = decideTyping(command, world.happenings(account, touser), world.now());
    if (errcode !== 0) return refusal(errcode);
    world.setTyping(account, touser, command === 'Typing');
    return ok;
  },

  uploadTempMedia({ account, payload, files }, world) {
    const { type } = payload;
    const file = files['media'];
    if (typeof type !== 'string' || !Object.hasOwn(mediaTypes, type)) return refusal(40004);
    const rule: {
      accounts: readonly Account[];
      formats: readonly string[];
      maxBytes: number;
      tooLarge: number;
      wrongFormat: number;
    } = mediaTypes[type as MediaType];
    if (!rule.accounts.includes(account)) return refusal(40004);
    if (file === undefined) return refusal(41005);
    if (file.bytes.length === 0) return refusal(44001);
    if (file.bytes.length > rule.maxBytes) return refusal(rule.tooLarge);
    const format = detectFormat(file.bytes);
    if (format === undefined || !rule.formats.includes(format)) return refusal(rule.wrongFormat);
    const held = world.keepMedia({ account, type, contentType: format, bytes: file.bytes });
    const idField = account === 'official' && type === 'thumb' ? 'thumb_media_id' : 'media_id';
    return { json: { type, [idField]: held.mediaId, created_at: held.createdAt } };
  },

  getTempMedia({ account, payload }, world) {
    const { media_id: mediaId } = payload;
    if (typeof mediaId !== 'string' || mediaId === '') return refusal(41006);
    const held = world.media(account, mediaId);
    if (held === undefined) return refusal(40007);
    // Of a film WeChat gives the address, not the bytes.
    if (held.type === 'video') return { json: { video_url: world.mediaUrl(account, mediaId) } };
    const format = detectFormat(held.bytes);
    const extension = format === undefined ? 'bin' : formatExtensions[format];
    return {
      file: { contentType: held.contentType, filename: `${mediaId}.${extension}`, bytes: held.bytes },
    };
  },

  sendTemplateMessage({ payload, lenient }, world) {
    const { touser, template_id: templateId, data, client_msg_id: clientMessageId } = payload;
    if (!lenient) {
      if (typeof touser !== 'string' || !world.knows('official', touser)) return refusal(40003);
      if (world.templates.find('official', templateId) === undefined) return refusal(40037);
      if (!isData(data)) return refusal(47003);
      if (typeof clientMessageId === 'string' && world.usedClientMessageId('official', clientMessageId)) {
        return refusal(45065);
      }
    }
    const { msgid } = world.notify('official', String(touser), payload);
    return { json: { errcode: 0, errmsg: 'ok', msgid: BigInt(msgid) } };
  },

  sendSubscribeMessage({ payload, lenient }, world) {
    const { touser, template_id: templateId, data } = payload;
    if (!lenient) {
      if (typeof touser !== 'string' || !world.knows('miniprogram', touser)) return refusal(40003);
      const template = world.templates.find('miniprogram', templateId);
      if (template === undefined) return refusal(40037);
      const refused = checkFields(subscribeOptions, payload, 'miniprogram', 'subscribe');
      if (refused !== undefined) return { json: { ...refused } };
      if (!isData(data)) return refusal(47003);
      const missing = template.fields.find((key) => !Object.hasOwn(data, key));
      const wrong = missing === undefined ? checkValues(data)[0]?.path : `data.${missing}.value`;
      if (wrong !== undefined)
        return { json: { errcode: 47003, errmsg: `argument invalid! ${wrong} invalid` } };
      if (!world.useSubscription(touser, String(templateId))) return refusal(43101);
    }
    const { msgid } = world.notify('miniprogram', String(touser), payload);
    return { json: { errcode: 0, errmsg: 'ok', msgid: BigInt(msgid) } };
  },

  msgSecCheck({ payload }, world) {
    const { content, openid, version, scene } = payload;
    if (typeof content !== 'string' || content === '' || version !== 2) return refusal(47001);
    if ([...content].length > 2500) return refusal(45002);
    if (typeof openid !== 'string' || !world.knows('miniprogram', openid)) return refusal(40003);
    if (![1, 2, 3, 4].includes(Number(scene))) return refusal(47001);
    const [, result] = suspicions.find(([word]) => content.includes(word)) ?? suspicions[2];
    return { json: { errcode: 0, errmsg: 'ok', result, detail: [], trace_id: 'local' } };
  },
};

/** What the local content check says at which words. */
const suspicions = [
  ['违规内容', { suggest: 'risky', label: 20001 }],
  ['可疑内容', { suggest: 'review', label: 20001 }],
  ['', { suggest: 'pass', label: 100 }],
] as const;

function isData(data: unknown): data is TemplateData {
  return (
    isPlainObject(data) && Object.values(data).every((datum) => isPlainObject(datum) && 'value' in datum)
  );
}

/** Whether JSON writes a character as \\uXXXX, which WeChat refuses. */
export function holdsEscapes(json: string): boolean {
  return /(?<!\\)(?:\\\\)*\\u[0-9a-f]{4}/i.test(json);
}

/** What is answered where a fault keeps a call from being carried out; `undefined` where none does. */
export function answerOfFault(
  fault: Fault | undefined,
  errmsgOf: (errcode: number) => string,
): OpenApiAnswer | undefined {
  const { errcode, errmsg } = fault ?? {};
  if (fault === undefined || errcode === 0) return undefined;
  if (errcode !== undefined) return { json: { errcode, errmsg: errmsg ?? errmsgOf(errcode) } };
  return isDelivered(fault) ? undefined : { json: {} };
}

export function isRefusal(answer: OpenApiAnswer): boolean {
  return 'json' in answer && Number(answer.json['errcode'] ?? 0) !== 0;
}

/** An answer for the log: a long id as a text, of a file how large it is. */
export function shown(answer: OpenApiAnswer): PlainObject {
  if ('file' in answer) return { contentType: answer.file.contentType, sizeBytes: answer.file.bytes.length };
  return Object.fromEntries(
    Object.entries(answer.json).map(([key, value]) => [key, typeof value === 'bigint' ? `${value}` : value]),
  );
}

/** Writes WeChat's JSON, in which a message id is a number however long. */
export function writeJson(json: PlainObject): string {
  const text = JSON.stringify(json, (_key, value: unknown) =>
    typeof value === 'bigint' ? `bigint:${value}` : value,
  );
  return text.replace(/"bigint:(\d+)"/g, '$1');
}

/** Whether WeChat lets a message through to this user now. */
function checkUser(payload: OpenApiCall['payload'], account: Account, world: World) {
  const touser = String(payload['touser']);
  if (!world.knows(account, touser)) return refuse(40003);
  const errcode = decideSend(world.window(account, touser), world.now());
  return errcode === 0 ? undefined : refuse(errcode);
}

/** Every media id in the body must be one that WeChat holds for this account. */
function checkMedia(payload: OpenApiCall['payload'], account: Account, world: World) {
  const body = payload[String(payload['msgtype'])] as PlainObject;
  const { media_id: mediaId, thumb_media_id: thumbMediaId } = body;
  const missing = [mediaId, thumbMediaId].find(
    (id) => typeof id === 'string' && world.media(account, id) === undefined,
  );
  return missing === undefined ? undefined : refuse(40007);
}
