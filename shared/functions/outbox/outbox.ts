import type { DocumentOf } from '../../core/collections';
import { groupBy, inChunks } from '../../core/groups';
import { inParallel } from '../../core/parallel';
import type { Collection, Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import type { Message } from '../../wechat/messages/message-types';
import { type Entry, keepEntries, keepsHistory } from '../conversations/history';
import type { Fallback } from '../deliver/fallback';

/**
 * Messages that wait to be sent: kept here by `queue: true`, sent by `kefu-outbox`.
 *
 * One document for each message. Those of one user and account are a lane, and leave in the order of their priority
 * and then of their time. A document's life:
 *
 *     waiting -> sending -> sent
 *        ^          |-----> dead      (refused, too late, too often tried, or of unknown delivery)
 *        |----------|                 (WeChat did not take it now: later, or when the user writes)
 *
 * `sending` is written before the message leaves, under a lease; whoever finds it after the lease knows that the
 * message may have arrived, and never sends it again.
 */

/** A message to be kept. */
export interface Outgoing {
  readonly id: string;
  readonly message: Message;
  readonly account: Account;
  readonly fallback: readonly Fallback[];
  /** From 0 to 9; the higher leaves first, among the messages of its lane. */
  readonly priority: number;
  /** A lane with a higher one is looked at first. Default: 0. */
  readonly rank?: number;
  /** After this moment it is not sent, in milliseconds since 1970. */
  readonly deadline: number;
  /** Its place in the order of time, from {@link nextSeq}. Default: after all before it. */
  readonly seq?: number;
  /** Who says it. Default: the owner's code or a client. */
  readonly by?: DocumentOf<'kefu_outbox'>['by'];
}

/** What of a message its document holds as text, until its delivery is decided. */
export interface Payload {
  readonly message: Message;
  readonly fallback: readonly Fallback[];
}

/** The moment of what is due whatever the clock. */
export const dueNow = 0;

/** The moment of what waits for the user's next push. */
export const whenWoken = 8.64e15;

/** What nobody asked to be too late is so after a week. */
export const longestWaitMs = 7 * 24 * 60 * 60 * 1000;

/** Why a message was not sent. */
export interface Reason {
  readonly code: string;
  readonly errCode: number;
  readonly errMsg: string;
}

/** What keeping needs of the ports. */
export type EnqueuePorts = Pick<Ports, 'database' | 'digest' | 'clock' | 'log' | 'sleep' | 'settings'>;

type Kept = DocumentOf<'kefu_outbox'> & { readonly _id: string };

/** Keeps messages, in the order given. Keeping the same id again changes nothing. Throws where the database does. */
export async function enqueue(messages: readonly Outgoing[], ports: EnqueuePorts): Promise<void> {
  const documents = messages.map((outgoing) => documentOf(outgoing, ports));
  const kept = keepWaiting(messages, ports);
  for (const batch of inChunks(documents, insertAtOnce))
    await insertEach(ports.database('kefu_outbox'), batch);
  await kept;
}

/** Keeps in the users' conversations what waits for them, under the names that it has in the outbox. */
async function keepWaiting(messages: readonly Outgoing[], ports: EnqueuePorts): Promise<void> {
  if (!keepsHistory(ports)) return;
  const users = groupBy(messages, ({ account, message }) => `${account} ${message.touser}`);
  await inParallel(usersAtOnce, [...users.values()], async (own) => {
    const [{ account, message }] = own;
    const whose = { account, touser: message.touser };
    const entries = own.map((outgoing) => keptEntry(outgoing, { status: 'waiting' }));
    await keepEntries(whose, entries, ports);
  });
}

/** For how many users a conversation is written at a time. */
const usersAtOnce = 10;

function keptEntry({ id, message, by = 'service' }: Outgoing, outcome: Partial<Entry>): Entry {
  return { id, from: by, message, ...outcome };
}

/** A hundred messages of 2 KB stay well below what one request may carry. */
const insertAtOnce = 100;

async function insertEach(
  outbox: Collection<DocumentOf<'kefu_outbox'>>,
  batch: readonly Kept[],
): Promise<void> {
  if (await outbox.insert(batch)) return;
  // One was there, and those after it were not made: it is a repeat, so each is tried by itself.
  for (const document of batch) await outbox.insert([document]);
}

function documentOf(outgoing: Outgoing, ports: EnqueuePorts): Kept {
  const { id, message, account, fallback, priority, rank = 0, deadline, seq, by = 'service' } = outgoing;
  const now = ports.clock.now();
  const payload = JSON.stringify({ message, fallback } satisfies Payload);
  return {
    _id: id,
    lane: laneOf(account, message.touser, ports),
    account,
    state: 'waiting',
    seq: seq ?? nextSeq(now),
    priority,
    rank,
    dueAt: dueNow,
    deadline,
    attempts: 0,
    acts: 0,
    holder: '',
    leaseUntil: 0,
    endedBy: '',
    keptAt: now,
    decidedAt: 0,
    code: '',
    errCode: 0,
    errMsg: '',
    hash: ports.digest(payload),
    payload,
    by,
  };
}

/** Keeps a message that nobody will send, with the reason: so that it is seen that it was not. */
export async function enqueueDead(outgoing: Outgoing, reason: Reason, ports: Ports): Promise<void> {
  const document = documentOf(outgoing, ports);
  const payload = ports.settings.outboxKeep === 'text' ? document.payload : '';
  const { account, message } = outgoing;
  const { errCode, errMsg } = reason;
  const status = reason.code === 'unknown-delivery' ? 'unknown' : 'failed';
  await Promise.all([
    ports
      .database('kefu_outbox')
      .insert([{ ...document, ...reason, state: 'dead', decidedAt: ports.clock.now(), payload }]),
    keepEntries(
      { account, touser: message.touser },
      [keptEntry(outgoing, { status, errCode, errMsg })],
      ports,
    ),
  ]);
}

let lastSeq = 0;

/**
 * The first of `count` places in the order of time; within an instance each is after those before, whatever its clock
 * does.
 */
export function nextSeq(now: number, count = 1): number {
  const first = Math.max(lastSeq + 1, now * 1000);
  lastSeq = first + count - 1;
  return first;
}
