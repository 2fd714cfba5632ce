import { type CallName, callRow } from '../wechat/calls';
import { type ErrorCodeName, errorCodes, errorRow } from '../wechat/errors/errors';
import type { Fault, Hint } from '../wechat/fields/fault';
import type { WeChatFailure } from './ports';

/** What every function answers when it did what was asked. */
export interface Success {
  readonly errCode: 0;
  readonly errMsg: 'ok';
}

/**
 * What every function answers when it did not. A function never throws at its caller, and nothing secret is in any of
 * these: no token, no secret, no address of the gateway.
 */
export interface Refusal {
  /** WeChat's number, also where the fault was found before WeChat could. Never 0. */
  readonly errCode: number;
  readonly errMsg: string;
  /** One word of a closed set, for a `switch`. */
  readonly code: ErrorCodeName;
  /** Whether the same call can be made again after a wait. */
  readonly retryable: boolean;
  readonly advice: string;
  /** What is wrong with which field, with the path as the caller spelled it. */
  readonly details?: readonly { readonly path: string; readonly message: string }[];
}

export type Answer<Extra extends object = object> = (Success & Extra) | Refusal;

export function success(): Success;
export function success<Extra extends object>(extra: Extra): Success & Extra;
export function success(extra: object = {}): Success {
  return { errCode: 0, errMsg: 'ok', ...extra };
}

/** An answer with what is legal and surely not meant; a refusal has its details and takes none. */
export function withHints<A extends Answer<{ readonly hints?: readonly Hint[] }>>(
  answer: A,
  hints: readonly Hint[],
): A {
  if (answer.errCode !== 0 || hints.length === 0) return answer;
  const { hints: earlier = [] } = answer as { readonly hints?: readonly Hint[] };
  return { ...answer, hints: [...hints, ...earlier] };
}

/** An answer with the paths of its details and hints spelled anew. */
export function withPaths<A extends Answer<{ readonly hints?: readonly Hint[] }>>(
  answer: A,
  spell: (path: string) => string,
): A {
  const { details, hints } = answer as {
    readonly details?: readonly Hint[];
    readonly hints?: readonly Hint[];
  };
  const anew = (told: readonly Hint[]) => told.map(({ path, message }) => ({ path: spell(path), message }));
  return {
    ...answer,
    ...(details === undefined ? {} : { details: anew(details) }),
    ...(hints === undefined ? {} : { hints: anew(hints) }),
  };
}

/** A refusal under a word of its own, with that word's advice. */
export function refusal(code: ErrorCodeName, errCode: number, errMsg: string): Refusal {
  return { errCode, errMsg, code, retryable: errorCodes[code].retryable, advice: errorCodes[code].advice };
}

/** A refusal whose word and advice the error table gives. */
export function refusalFor(errCode: number, errMsg: string): Refusal {
  const row = errorRow(errCode);
  const { retryable, advice } = errorCodes[row.code];
  return { errCode, errMsg, code: row.code, retryable, advice: row.advice ?? advice };
}

/** What the advice of an answer can be, for its translation. */
export const englishAdvice = {
  ofCode: (code: ErrorCodeName) => errorCodes[code].advice,
  ofNumber: (errCode: number) => errorRow(errCode).advice,
};

/** The refusal of a call whose time ran out before anything left. */
export function outOfTime(): Refusal {
  return refusal('wechat-busy', -501002, 'the function ran out of time before the message was sent');
}

/** No caller reads more faults than this at once, and the answer has to stay small. */
const mostDetails = 20;

/** The refusal of an input: the first fault gives the number, the first twenty are listed. */
export function refuseFaults(faults: readonly [Fault, ...Fault[]]): Refusal {
  const [first] = faults;
  const details = faults.slice(0, mostDetails).map(({ path, message }) => ({ path, message }));
  const left = faults.length - details.length;
  if (left > 0) details.push({ path: '', message: `and ${left} more` });
  return { ...refusalFor(first.errCode, describe(first)), details };
}

function describe({ path, message }: Fault): string {
  return path === '' ? message : `${path} ${message}`;
}

/**
 * What a failed call to WeChat means to the caller. A failure that does not tell whether the call was carried out is
 * `unknown-delivery` where a repeat could do harm, and an ordinary "try again" where it could not.
 */
export function refuseFailure(call: CallName, failure: WeChatFailure): Refusal {
  const errMsg = redact(failure.errMsg);
  const unknown =
    failure.outcome === 'unknown' || (failure.outcome === undefined && errorRow(failure.errCode).ambiguous);
  if (unknown && !callRow(call).repeatable) return refusal('unknown-delivery', failure.errCode, errMsg);
  return refusalFor(failure.errCode, errMsg);
}

/** The longest text of WeChat's that is passed on. Its own are below 200 characters. */
const longestErrMsg = 300;

/** Takes out of a text what no caller may see: addresses, and anything that is named a token, secret or signature. */
export function redact(text: string): string {
  return text
    .slice(0, longestErrMsg)
    .replace(/\bhttps?:\/\/\S+/gi, '(address)')
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '(address)')
    .replace(
      /\b([\w-]*(?:token|secret|ticket|signature|authorization))(["']?\s*[=:]\s*["']?)[^\s"'&,}]+/gi,
      '$1$2(hidden)',
    );
}
