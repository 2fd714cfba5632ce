import type { Account } from '../shared/wechat/account';
import type { Database } from './cloudbase/database';

/** A message of the outbox, for the page. Times in milliseconds since 1970. */
export interface OutboxEntry {
  readonly id: string;
  readonly account: Account;
  /** Who it is for and what it is, while the outbox has its text. */
  readonly touser?: string;
  readonly message?: { readonly [field: string]: unknown };
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

/** What has become of a message: `state` of its document. */
export type OutboxState = 'waiting' | 'sending' | 'sent' | 'dead';

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
  const documents = database.dump()[collection] ?? [];
  const of = (state: OutboxState) => documents.filter((document) => document['state'] === state);
  const shown = (state: OutboxState) =>
    of(state)
      .sort((one, other) => newest(other) - newest(one))
      .slice(0, mostShown)
      .map(entryOf);
  return {
    waiting: shown('waiting'),
    sending: shown('sending'),
    sent: shown('sent'),
    dead: shown('dead'),
    counts: {
      waiting: of('waiting').length,
      sending: of('sending').length,
      sent: of('sent').length,
      dead: of('dead').length,
    },
  };
}

type Document = Record<string, unknown>;

function newest({ keptAt, decidedAt }: Document): number {
  return Math.max(Number(keptAt), Number(decidedAt));
}

function entryOf(document: Document): OutboxEntry {
  const { payload } = document;
  const { message } = JSON.parse(typeof payload === 'string' && payload !== '' ? payload : '{}') as {
    message?: { readonly [field: string]: unknown };
  };
  const dueAt = Number(document['dueAt']);
  return {
    id: String(document['_id']),
    account: document['account'] as Account,
    ...(message === undefined ? {} : { touser: String(message['touser']), message }),
    priority: Number(document['priority']),
    keptAt: Number(document['keptAt']),
    dueAt: dueAt >= never ? null : dueAt,
    deadline: Number(document['deadline']),
    decidedAt: Number(document['decidedAt']),
    attempts: Number(document['attempts']),
    code: String(document['code'] ?? ''),
    errCode: Number(document['errCode'] ?? 0),
    errMsg: String(document['errMsg'] ?? ''),
  };
}
