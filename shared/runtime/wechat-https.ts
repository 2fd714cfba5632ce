import { randomBytes } from 'node:crypto';
import {
  type Clock,
  type Database,
  type Log,
  type MediaUpload,
  stepMs,
  type WeChat,
  type WeChatReply,
} from '../core/ports';
import type { Settings } from '../core/settings';
import { callRow } from '../wechat/calls';
import { formatExtensions } from '../wechat/media';
import { type AccessTokens, createAccessTokens, type TokenFetch } from './access-token';
import { type HttpReply, type HttpRequest, sendHttp } from './send-http';
import { networkFailure, neverLeft, unanswered } from './wechat-failures';

/** Codes with which WeChat refuses an access token. Each renews it once and repeats the call once. */
const tokenRefusals: ReadonlySet<unknown> = new Set([40001, 40014, 42001]);

/**
 * How often a call takes a new token: the one that all instances share may be as old as this instance's own, where
 * somebody else has made a newer one.
 */
const mostRenewals = 2;

/** The largest answer that is loaded: a media file. */
const maxAnswerBytes = 12 * 1024 * 1024;

interface HttpsOptions {
  readonly settings: Settings;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** The tokens of an instance outlive its calls. */
let remembered: { readonly appid: string; readonly tokens: AccessTokens } | undefined;

/** The official account's way to WeChat over HTTPS, with an access token that all instances share. */
export function createHttpsWeChat(options: HttpsOptions): WeChat {
  const { settings, clock, log } = options;
  const tokens = tokensFor(options);
  return {
    async call(name, payload, account): Promise<WeChatReply> {
      if (account !== 'official') return neverLeft(-604100, 'a mini program is reached through the cloud');
      if (name === 'sendSubscribeMessage')
        return neverLeft(-604100, 'subscribe messages are the mini program’s');
      const row = callRow(name);
      const attempt = async (token: string) => {
        const reply = await sendHttp({
          ...requestFor(row, payload, settings.apiUrl, token),
          timeoutMs: stepMs,
          maxBytes: maxAnswerBytes,
        });
        return readReply(reply, row.binary === 'response');
      };
      let got = await tokens.get({ clock, log });
      if (!got.ok) return neverLeft(got.refusal.errCode, got.refusal.errMsg);
      let reply = await attempt(got.token);
      for (let renewed = 0; renewed < mostRenewals; renewed += 1) {
        if (reply.ok || !tokenRefusals.has(reply.errCode)) break;
        // Refused for the token, so nothing was done: the one case in which a send may be repeated.
        got = await tokens.get({ clock, log, refused: got.token });
        if (!got.ok) break;
        reply = await attempt(got.token);
      }
      return reply;
    },
  };
}

/** Gets the token as a call would, and 0; or the errCode for which there is none. */
export async function checkToken(options: HttpsOptions): Promise<number> {
  const { clock, log } = options;
  const got = await tokensFor(options).get({ clock, log });
  return got.ok ? 0 : got.refusal.errCode;
}

function tokensFor({ settings, database }: HttpsOptions): AccessTokens {
  if (remembered?.appid !== settings.officialAppid) {
    remembered = {
      appid: settings.officialAppid,
      tokens: createAccessTokens({
        appid: settings.officialAppid,
        database,
        now: () => Date.now(),
        fetchToken: (force) => fetchToken(settings, force),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        holder: randomBytes(8).toString('hex'),
      }),
    };
  }
  return remembered.tokens;
}

async function fetchToken(
  { apiUrl, officialAppid, officialSecret }: Settings,
  force: boolean,
): Promise<TokenFetch> {
  const reply = await sendHttp({
    url: `${apiUrl}/cgi-bin/stable_token`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credential',
      appid: officialAppid,
      secret: officialSecret,
      force_refresh: force,
    }),
    timeoutMs: stepMs,
    maxBytes: 64 * 1024,
  });
  const answer = readReply(reply, false);
  if (!answer.ok) return { ok: false, errCode: answer.errCode, errMsg: answer.errMsg };
  const { access_token: token, expires_in: expiresIn } = 'data' in answer ? answer.data : {};
  if (typeof token !== 'string' || token === '')
    return { ok: false, errCode: -1, errMsg: 'WeChat answered without a token' };
  return { ok: true, token, expiresInSeconds: Number(expiresIn) || 0 };
}

/** A call as a request: all of it in the address, or with JSON as UTF-8 without escapes, or a form with the file. */
function requestFor(
  { method, path }: ReturnType<typeof callRow>,
  payload: object,
  apiUrl: string,
  token: string,
): Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'> {
  const { media, ...words } = payload as { readonly media?: MediaUpload };
  const hasJson = method === 'POST' && media === undefined;
  const query = new URLSearchParams({ access_token: token, ...(hasJson ? {} : words) });
  const url = `${apiUrl}${path}?${query}`;
  if (hasJson)
    return {
      url,
      method,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(payload),
    };
  if (media === undefined) return { url, method };
  const { bytes, contentType } = media;
  const boundary = `kefu${randomBytes(12).toString('hex')}`;
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="media"; filename="media.${formatExtensions[contentType]}"\r\n` +
    `Content-Type: ${contentType}\r\n\r\n`;
  return {
    url,
    method,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

function readReply(reply: HttpReply, expectsFile: boolean): WeChatReply {
  if (!reply.ok) {
    if (reply.why === 'too-large') return { ok: false, errCode: 45001, errMsg: 'the answer is too large' };
    return networkFailure(reply.outcome);
  }
  const contentType = reply.headers['content-type'] ?? '';
  if (reply.status !== 200) return unanswered(`WeChat answered with status ${reply.status}`);
  const isText = /json|text/.test(contentType);
  if (expectsFile && !isText && reply.body.length > 0) {
    return { ok: true, file: { contentType, bytes: reply.body } };
  }
  const data = readJson(reply.body.toString('utf8'));
  if (data === undefined) return unanswered('WeChat answered in no known form');
  const { errcode, errmsg, ...rest } = data;
  if (errcode !== undefined && errcode !== 0) {
    return { ok: false, errCode: Number(errcode), errMsg: String(errmsg ?? '') };
  }
  return { ok: true, data: rest };
}

/** Reads an answer with its long ids kept whole: JSON's own numbers lose digits beyond 2^53. */
function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text.replace(/("msg_?id"\s*:\s*)(\d+)/gi, '$1"$2"'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
