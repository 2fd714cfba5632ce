import { errorCodes, errorRow } from '../../../shared/wechat/errors/errors';
import { errCodeAdviceZh, errorAdviceZh } from '../../../shared/wechat/errors/errors-zh';
import { asFields, type Fields, parsedJson } from '../fields';
import type { CallOutcome } from '../local-wechat/api';
import type { Language } from '../strings';

/** A function's answer, as far as it could be read. */
export interface ReadAnswer {
  /** 0 is success. */
  readonly errCode: number;
  readonly errMsg: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly advice?: string;
  readonly details: readonly { readonly path: string; readonly message: string }[];
  /** The answers of the single messages, where there were several. */
  readonly results: readonly ReadAnswer[];
  /** What else the answer says: a media id, a file id. */
  readonly rest: Fields;
}

/** What came of a call: the function's answer; another value that it returned; or the platform's failure. */
export type ReadOutcome =
  | { readonly kind: 'answer'; readonly answer: ReadAnswer }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly errCode: number; readonly errMsg: string };

export function readOutcome({ errCode, errMsg, result }: CallOutcome): ReadOutcome {
  if (errCode !== undefined) return { kind: 'failed', errCode, errMsg };
  const answer = readAnswer(result);
  return answer === undefined ? { kind: 'value', value: result } : { kind: 'answer', answer };
}

/**
 * Reads an answer of a function, of an HTTP function (`kefu-gateway`), or of WeChat (`errcode`); `undefined` for a value
 * that is none.
 */
export function readAnswer(value: unknown): ReadAnswer | undefined {
  const { errcode, errmsg, statusCode, ...fields } = asFields(value);
  if (typeof statusCode === 'number') return readHttpAnswer(statusCode, fields);
  if (typeof errcode === 'number' && fields['errCode'] === undefined)
    return readAnswer({ ...fields, errCode: errcode, errMsg: errmsg });
  const { errCode, errMsg, code, retryable, advice, details, results, ...rest } = fields;
  if (typeof errCode !== 'number') return undefined;
  return {
    errCode,
    errMsg: String(errMsg ?? ''),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(typeof advice === 'string' ? { advice } : {}),
    details: list(details).flatMap((detail) => {
      const { path, message } = asFields(detail);
      return typeof message === 'string' ? [{ path: String(path ?? ''), message }] : [];
    }),
    results: list(results).flatMap((result) => readAnswer(result) ?? []),
    rest,
  };
}

/** What an HTTP function's answer comes to: WeChat's number in its body, else its status where that is no success. */
function readHttpAnswer(statusCode: number, { body: written, ...rest }: Fields): ReadAnswer {
  const body = parsedJson(written);
  const read = readAnswer(body);
  const failed = statusCode >= 400 && (read?.errCode ?? 0) === 0;
  return {
    errCode: failed ? statusCode : (read?.errCode ?? 0),
    errMsg: read?.errMsg ?? `HTTP ${statusCode}`,
    details: [],
    results: [],
    rest: { statusCode, ...rest, body },
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The advice of an answer in the page's language, whichever the function was asked in: where it gave that of a table, in
 * either language, the table has it in both.
 */
export function adviceIn(language: Language, { errCode, code, advice = '' }: ReadAnswer): string {
  const zhByNumber: { readonly [errCode: number]: string } = errCodeAdviceZh;
  const zhByWord: { readonly [code: string]: string } = errorAdviceZh;
  const enByWord: { readonly [code: string]: { readonly advice: string } } = errorCodes;
  const rows = [
    { en: errorRow(errCode).advice, zh: zhByNumber[errCode] },
    { en: enByWord[code ?? '']?.advice, zh: zhByWord[code ?? ''] },
  ];
  const row = rows.find(({ en, zh }) => en !== undefined && zh !== undefined && [en, zh].includes(advice));
  return row?.[language] ?? advice;
}
