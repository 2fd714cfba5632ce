import { type MediaUpload, stepMs, type WeChat, type WeChatFailure, type WeChatReply } from '../core/ports';
import type { Settings } from '../core/settings';
import type { Account } from '../wechat/account';
import { type CallName, callRow } from '../wechat/calls';
import { toSnakeKey } from '../wechat/fields/case';
import { toCloudCall } from '../wechat/messages/cloud-call';
import type { Message } from '../wechat/messages/message-types';
import { callOpenApi, hasCredentials } from './sdk';
import { TookTooLong, within } from './within';

/** How each call's HTTPS payload is laid out for `cloud.openapi`. */
const toCloudPayload = {
  sendCustomMessage: (payload) => toCloudCall(payload as Message),
  setTyping: (payload) => payload,
  uploadTempMedia: (payload) => {
    const { type, media } = payload as { type: string; media: MediaUpload };
    return { type, media: { contentType: media.contentType, value: Buffer.from(media.bytes) } };
  },
  getTempMedia: (payload) => ({ mediaId: (payload as { media_id: string }).media_id }),
  // Their keys are the template's, so they go as they are, in the HTTPS spelling.
  sendTemplateMessage: (payload) => payload,
  sendSubscribeMessage: (payload) => payload,
} as const satisfies Record<CallName, (payload: object) => object>;

/** The way to WeChat through the cloud: `cloud.openapi`, with no access token of ours. */
export function createCloudWeChat(settings: Settings): WeChat {
  return {
    async call(name, payload, account): Promise<WeChatReply> {
      const row = callRow(name);
      const api = row.cloud[account];
      if (api === undefined) {
        return {
          ok: false,
          errCode: -604100,
          errMsg: `the cloud offers no ${name} to a ${account} account${account === 'official' ? '; set OFFICIAL_CHANNEL=https' : ''}`,
          outcome: 'none',
        };
      }
      if (!hasCredentials()) {
        return {
          ok: false,
          errCode: -501009,
          errMsg: 'no cloud credentials in the environment',
          outcome: 'none',
        };
      }
      const options = { convertCase: row.convertCase, ...appidOf(account, settings) };
      try {
        const reply = await within(stepMs, callOpenApi(api, toCloudPayload[name](payload), options));
        return readReply(reply, row.binary === 'response');
      } catch (error) {
        return readError(error, api);
      }
    },
  };
}

function appidOf(account: Account, settings: Settings): { appid?: string } {
  return account === 'official' ? { appid: settings.officialAppid } : {};
}

/**
 * Tells an answer from what the SDK merely takes for one. An empty body, a body without a content type and a plain
 * text all come back as success with errCode 0; none of them says that anything was done.
 */
function readReply(reply: { readonly [key: string]: unknown }, expectsFile: boolean): WeChatReply {
  const { buffer, contentType, errMsg: _errMsg, errCode: _errCode, ...data } = reply;
  if (buffer !== undefined) {
    return expectsFile && Buffer.isBuffer(buffer) && buffer.length > 0
      ? { ok: true, file: { contentType: String(contentType), bytes: buffer } }
      : { ok: false, errCode: -501001, errMsg: 'WeChat answered without words', outcome: 'unknown' };
  }
  if ('result' in data || '0' in data) {
    return { ok: false, errCode: -501001, errMsg: 'WeChat answered in no known form', outcome: 'unknown' };
  }
  return {
    ok: true,
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [toSnakeKey(key), value])),
  };
}

/** Texts of network errors that come before a request can have left. */
const neverLeft =
  /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|connect timeout|getaddrinfo)\b/;

/** A network failure, however it is worded; its text holds the gateway's address and goes no further. */
const networkFailure = -501001;

/**
 * Reads an error of the SDK. WeChat's and the gateway's own numbers are taken as they are; anything else came from the
 * network, and all that can be told then is whether the request had left.
 */
function readError(error: unknown, api: string): WeChatFailure {
  if (error instanceof TookTooLong)
    return { ok: false, errCode: -501002, errMsg: error.message, outcome: 'unknown' };
  const { errCode, errMsg } = error as { errCode?: unknown; errMsg?: unknown };
  const text = typeof errMsg === 'string' ? errMsg : String((error as Error).message);
  // A programming error inside the SDK (a JSON null for an answer) borrows -1, which is WeChat's "busy".
  const foreign =
    typeof errCode !== 'number' || errCode === 0 || (errCode === -1 && error instanceof TypeError);
  if (foreign || errCode === networkFailure) {
    return neverLeft.test(text)
      ? { ok: false, errCode: networkFailure, errMsg: 'WeChat could not be reached', outcome: 'none' }
      : { ok: false, errCode: networkFailure, errMsg: 'no answer from WeChat', outcome: 'unknown' };
  }
  return { ok: false, errCode, errMsg: text.replace(`openapi.${api}:fail `, '') };
}
