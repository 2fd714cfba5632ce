import type { StoredMessage } from './history';

/** How it runs, day by day, from what is kept. */

/** What of a message counts. */
export interface Counted extends Pick<StoredMessage, 'lane' | 'at' | 'from' | 'status'> {
  /** What a user answered to the question how it was. */
  readonly score?: number;
}

export interface DayStats {
  /** In China's time: `2026-11-21`. */
  readonly day: string;
  /** Users who wrote. */
  readonly conversations: number;
  /** From a user's first message of the day to the first answer: the median, in milliseconds; 0 where there was none. */
  readonly firstAnswerMs: number;
  /** What users wrote, messages in a row counted once, by who answered. */
  readonly answeredByRule: number;
  readonly answeredByCode: number;
  readonly answeredByModel: number;
  readonly answeredByPerson: number;
  readonly satisfaction: { readonly good: number; readonly fair: number; readonly bad: number };
  /** Messages that WeChat refused. */
  readonly refused: number;
}

const answerers = ['rule', 'code', 'model', 'person'] as const;

/** Counts a day. */
export function countDay(day: string, messages: readonly Counted[]): DayStats {
  const answered = { rule: 0, code: 0, model: 0, person: 0 };
  const scores = [0, 0, 0, 0];
  let refused = 0;
  /** Since when each user waits for an answer, and who had one already. */
  const waiting = new Map<string, number>();
  const users = new Set<string>();
  const first = new Map<string, number>();
  for (const { lane, at, from, status, score } of [...messages].sort((one, other) => one.at - other.at)) {
    if (score !== undefined) scores[score] = (scores[score] ?? 0) + 1;
    if (status === 'failed') refused += 1;
    if (from === 'user') {
      users.add(lane);
      if (!waiting.has(lane)) waiting.set(lane, at);
    }
    const since = waiting.get(lane);
    const answerer = answerers.find((each) => each === from);
    if (since === undefined || status === 'failed' || (answerer === undefined && from !== 'service'))
      continue;
    if (answerer !== undefined) answered[answerer] += 1;
    if (!first.has(lane)) first.set(lane, at - since);
    waiting.delete(lane);
  }
  const [, bad = 0, fair = 0, good = 0] = scores;
  return {
    day,
    conversations: users.size,
    firstAnswerMs: medianOf([...first.values()]),
    answeredByRule: answered.rule,
    answeredByCode: answered.code,
    answeredByModel: answered.model,
    answeredByPerson: answered.person,
    satisfaction: { good, fair, bad },
    refused,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
