import { type MediaUpload, stepMs, type WeChat, type WeChatFailure, type WeChatReply } from '../core/ports';
import type { Settings } from '../core/settings';
import type { Account } from '../wechat/account';
import { type CallName, callRow } from '../wechat/calls';
import { toSnakeKey } from '../wechat/fields/case';
import { toCloudCall } from '../wechat/messages/cloud-call';
import type { Message } from '../wechat/messages/message-types';
import { hasCredentials, type OpenApi, openApiCloud, type SdkObject } from './sdk';
import { networkFailure, neverLeft, unanswered } from './wechat-failures';
import { TookTooLong, within } from './within';

/** A call as it is written in WeChat's documents, with the HTTPS payload laid out for the cloud. */
type Row<Payload extends object> = (
  cloud: { readonly openapi: OpenApi },
  payload: Payload,
  account: Account,
) => Promise<SdkObject>;

interface Upload {
  readonly type: string;
  readonly media: MediaUpload;
}

/** Every call, one row each. */
const rows = {
  sendCustomMessage: (cloud, message: Message) =>
    cloud.openapi.customerServiceMessage.send(toCloudCall(message)),
  setTyping: (cloud, typing: object) => cloud.openapi.customerServiceMessage.setTyping(typing),
  uploadTempMedia: (cloud, { type, media }: Upload, account) => {
    const file = { type, media: { contentType: media.contentType, value: Buffer.from(media.bytes) } };
    return account === 'official'
      ? cloud.openapi.officialAccount.media.upload(file)
      : cloud.openapi.customerServiceMessage.uploadTempMedia(file);
  },
  getTempMedia: (cloud, { media_id: mediaId }: { media_id: string }) =>
    cloud.openapi.customerServiceMessage.getTempMedia({ mediaId }),
  // Their keys are the template's, so they go as they are, in the HTTPS spelling.
  sendTemplateMessage: (cloud, message: object) =>
    cloud.openapi.officialAccount.messageTemplate.send(message),
  sendSubscribeMessage: (cloud, message: object) => cloud.openapi.subscribeMessage.send(message),
  msgSecCheck: (cloud, text: object) => cloud.openapi.security.msgSecCheck(text),
} as const satisfies { readonly [C in CallName]: Row<never> };

/** The way to WeChat through the cloud: `cloud.openapi`, with no access token of ours. */
export function createCloudWeChat(settings: Settings): WeChat {
  return {
    async call(name, payload, account): Promise<WeChatReply> {
      const row = callRow(name);
      const api = row.cloud[account];
      if (api === undefined) {
        const hint = account === 'official' ? '; set OFFICIAL_SECRET, and it goes over HTTPS' : '';
        return neverLeft(-604100, `the cloud offers no ${name} to the ${account} account${hint}`);
      }
      if (!hasCredentials()) return neverLeft(-501009, 'no cloud credentials in the environment');
      const appid = account === 'official' ? { appid: settings.officialAppid } : {};
      const cloud = openApiCloud({ convertCase: row.convertCase, ...appid });
      const write: Row<never> = rows[name];
      try {
        // The payload is the one that the call's row of the table describes.
        const reply = await within(stepMs, write(cloud, payload as never, account));
        return readReply(reply, row.binary === 'response');
      } catch (error) {
        return readError(error, api);
      }
    },
  };
}

/**
 * Tells an answer from what the SDK merely takes for one. An empty body, a body without a content type and a plain
 * text all come back as success with errCode 0; none of them says that anything was done.
 */
function readReply(reply: SdkObject, expectsFile: boolean): WeChatReply {
  const { buffer, contentType, errMsg: _errMsg, errCode: _errCode, ...data } = reply;
  if (buffer !== undefined) {
    return expectsFile && Buffer.isBuffer(buffer) && buffer.length > 0
      ? { ok: true, file: { contentType: String(contentType), bytes: buffer } }
      : unanswered('WeChat answered without words');
  }
  // A text that is no JSON comes as `result`, and a text spread as an object by its places.
  if (typeof data['result'] === 'string' || '0' in data)
    return unanswered('WeChat answered in no known form');
  return {
    ok: true,
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [toSnakeKey(key), value])),
  };
}

/** Texts of network errors that come before a request can have left. */
const neverLeftWords =
  /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|connect timeout|getaddrinfo)\b/;

/**
 * Reads an error of the SDK. WeChat's and the gateway's own numbers are taken as they are; anything else came from the
 * network, and all that can be told then is whether the request had left.
 */
function readError(error: unknown, api: string): WeChatFailure {
  if (error instanceof TookTooLong) return unanswered(error.message, -501002);
  const { errCode, errMsg } = error as { errCode?: unknown; errMsg?: unknown };
  const text = typeof errMsg === 'string' ? errMsg : String((error as Error).message);
  // A programming error inside the SDK (a JSON null for an answer) borrows -1, which is WeChat's "busy".
  const foreign =
    typeof errCode !== 'number' || errCode === 0 || (errCode === -1 && error instanceof TypeError);
  // However the SDK words a network failure: its text holds the gateway's address and goes no further.
  if (foreign || errCode === -501001) return networkFailure(neverLeftWords.test(text) ? 'none' : 'unknown');
  return { ok: false, errCode, errMsg: text.replace(`openapi.${api}:fail `, '') };
}
