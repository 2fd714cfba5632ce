import { type ErrorCodeName, errorRow } from '../../../shared/wechat/errors/errors';
import { errCodeAdviceZh, errorAdviceZh } from '../../../shared/wechat/errors/errors-zh';
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
  readonly rest: { readonly [field: string]: unknown };
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

/** Reads an answer of a function; `undefined` for a value that is none. */
export function readAnswer(value: unknown): ReadAnswer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { errCode, errMsg, code, retryable, advice, details, results, ...rest } = value as {
    readonly [field: string]: unknown;
  };
  if (typeof errCode !== 'number') return undefined;
  return {
    errCode,
    errMsg: String(errMsg ?? ''),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(typeof advice === 'string' ? { advice } : {}),
    details: list(details).flatMap((detail) => {
      const { path, message } = (detail ?? {}) as { readonly [field: string]: unknown };
      return typeof message === 'string' ? [{ path: String(path ?? ''), message }] : [];
    }),
    results: list(results).flatMap((result) => readAnswer(result) ?? []),
    rest,
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The advice of an answer. Functions answer in English; Chinese comes from the error table, by number or by word. */
export function adviceIn(language: Language, { errCode, code, advice }: ReadAnswer): string {
  if (language === 'en' || code === undefined) return advice ?? '';
  const byNumber: { readonly [errCode: number]: string } = errCodeAdviceZh;
  const byWord: { readonly [code: string]: string } = errorAdviceZh;
  // The number's own advice holds only where the function gave that too.
  const own = errorRow(errCode).advice === advice ? byNumber[errCode] : undefined;
  return own ?? byWord[code as ErrorCodeName] ?? advice ?? '';
}
