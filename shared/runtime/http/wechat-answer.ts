import type { Answer, Refusal } from '../../core/answer';
import { formatExtensions, type MediaFormat } from '../../wechat/media';
import { fileAnswer, type HttpAnswer, textAnswer } from './http-event';

/** Answers in WeChat's own form: status 200, `errcode` and `errmsg`, the same codes for the same faults. */

/** WeChat's form of a failure. */
export interface WeChatError {
  readonly errcode: number;
  readonly errmsg: string;
}

/** What a route comes to. A JSON text goes out as it is: it may hold a number that JavaScript does not. */
export type Result =
  | { readonly json: object | string; readonly statusCode?: number }
  | { readonly file: { readonly bytes: Uint8Array; readonly contentType: string } }
  | WeChatError;

export const ok = { json: { errcode: 0, errmsg: 'ok' } } as const;

export function error(errcode: number, errmsg: string): WeChatError {
  return { errcode, errmsg };
}

/** WeChat's clients renew their token for these; they are about ours, so no fault of WeChat's may look like one. */
const tokenCodes: readonly number[] = [40001, 40014, 42001];

/** "System busy": WeChat's clients take it for a reason to try again. */
export const systemBusy = -1;

export function fromAnswer(answer: Answer): Result {
  return answer.errCode === 0 ? ok : fromRefusal(answer as Refusal);
}

export function fromRefusal({ errCode, errMsg, code }: Refusal): WeChatError {
  if (code === 'wechat-busy') return error(systemBusy, `system error: ${errMsg}`);
  // Never -1: a client that then sends again could send twice.
  if (code === 'unknown-delivery')
    return error(errCode === systemBusy ? -501001 : errCode, `unknown delivery: ${errMsg}`);
  if (tokenCodes.includes(errCode))
    return error(48001, `api unauthorized: the gateway’s own account was refused: ${errMsg}`);
  return error(errCode, errMsg);
}

export function toHttp(result: Result): HttpAnswer {
  if ('errcode' in result) return textAnswer('json', JSON.stringify(result));
  if ('json' in result)
    return textAnswer(
      'json',
      typeof result.json === 'string' ? result.json : JSON.stringify(result.json),
      result.statusCode,
    );
  const { bytes, contentType } = result.file;
  const extension = Object.hasOwn(formatExtensions, contentType)
    ? formatExtensions[contentType as MediaFormat]
    : 'bin';
  return fileAnswer(bytes, contentType, `media.${extension}`);
}
