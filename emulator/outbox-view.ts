import type { Account } from '../shared/wechat/account';
import type { PlainObject } from '../shared/wechat/fields/values';
import type { Database } from './cloudbase/database/database';

/** A message of the outbox, for the page. Times in milliseconds since 1970. */
export interface OutboxEntry {
  readonly id: string;
  readonly account: Account;
  /** Who it is for and what it is, while the outbox has its text. */
  readonly touser?: string;
  readonly message?: PlainObject;
  readonly priority: number;
  readonly keptAt: number;
  /** When it is tried next; `null` where it waits for the user's next push. */
  readonly dueAt: number | null;
  readonly deadline: number;
  readonly decidedAt: number;
  readonly attempts: number;
  /** Why it waits, or was given up: a word, WeChat's number, and its text. */
  readonly code: string;
  readonly errCode: number;
  readonly errMsg: string;
}

const states = ['waiting', 'sending', 'sent', 'dead'] as const;

/** What has become of a message: `state` of its document. */
export type OutboxState = (typeof states)[number];

/** The outbox by what has become of its messages, the newest first. */
export type OutboxView = { readonly [S in OutboxState]: readonly OutboxEntry[] } & {
  /** How many there are of each: the lists are cut. */
  readonly counts: { readonly [S in OutboxState]: number };
};

const collection = 'kefu_outbox';
const mostShown = 100;

/** No moment is later: what is due then waits for a push. */
const never = 8.64e15;

/** Reads what the functions have written into the database. */
export function readOutbox(database: Database): OutboxView {
  const documents = database.documents(collection);
  const groups = states.map((state) => {
    const found = documents.filter((document) => document['state'] === state);
    const shown = found.toSorted((one, other) => newest(other) - newest(one)).slice(0, mostShown);
    return { state, count: found.length, entries: shown.map(toOutboxEntry) };
  });
  return {
    ...byState(groups.map(({ state, entries }) => [state, entries])),
    counts: byState(groups.map(({ state, count }) => [state, count])),
  };
}

function byState<T>(pairs: readonly (readonly [OutboxState, T])[]): { readonly [S in OutboxState]: T } {
  return Object.fromEntries(pairs) as { [S in OutboxState]: T };
}

function newest({ keptAt, decidedAt }: PlainObject): number {
  return Math.max(Number(keptAt), Number(decidedAt));
}

function toOutboxEntry(document: PlainObject): OutboxEntry {
  const { payload } = document;
  const { message } = JSON.parse(typeof payload === 'string' && payload !== '' ? payload : '{}') as {
    message?: PlainObject;
  };
  const dueAt = Number(document['dueAt']);
  return {
    id: String(document['_id']),
    account: document['account'] as Account,
    ...(message === undefined ? {} : { touser: String(message['touser']), message }),
    priority: Number(document['priority']),
    keptAt: Number(document['keptAt']),
    // What is due at once was so when it was kept.
    dueAt: dueAt >= never ? null : Math.max(dueAt, Number(document['keptAt'])),
    deadline: Number(document['deadline']),
    decidedAt: Number(document['decidedAt']),
    attempts: Number(document['attempts']),
    code: String(document['code'] ?? ''),
    errCode: Number(document['errCode'] ?? 0),
    errMsg: String(document['errMsg'] ?? ''),
  };
}
