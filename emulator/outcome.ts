import type { Entry } from './entries';

/** What came of something: the functions' answers, and what reached WeChat. */
export interface Outcome {
  readonly answers: readonly { readonly [functionName: string]: unknown }[];
  readonly wechat: readonly { readonly api: string; readonly payload: unknown; readonly ok: boolean }[];
}

/**
 * What came of something, as far as it comes out the same when it is done again: of an answer its numbers and words, of
 * a payload all but the names that WeChat makes up.
 */
export function outcomeOf(entries: readonly Entry[]): Outcome {
  return {
    answers: entries.flatMap((entry) =>
      entry.kind === 'call' ? [{ [entry.name]: firm(entry.answer) }] : [],
    ),
    wechat: entries.flatMap((entry) =>
      entry.kind === 'wire' ? [{ api: entry.api, payload: unnamed(entry.https), ok: entry.ok }] : [],
    ),
  };
}

const firmFields = ['errCode', 'code', 'sent', 'statusCode', 'MsgType'];

function firm(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).filter(([name]) => firmFields.includes(name)));
}

function unnamed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\bmedia-[0-9a-z]{6}\b/g, 'media-…');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unnamed);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unnamed(part)]));
}
