import type { Documents, Ports, StoredDocument } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Message } from '../../wechat/messages/message-types';
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

export const outboxCollection = 'kefu_outbox';

/** A message to be kept. */
export interface Outgoing {
  readonly id: string;
  readonly message: Message;
  readonly account: Account;
  readonly fallback: readonly Fallback[];
  /** From 0 to 9; the higher leaves first, among the messages of its lane. */
  readonly priority: number;
  /** From 0 to 9; a lane with a higher one is looked at first. Default: 0. */
  readonly rank?: number;
  /** After this moment it is not sent, in milliseconds since 1970. */
  readonly deadline: number;
  /** Its place in the order of time, from {@link nextSeq}. Default: after all before it. */
  readonly seq?: number;
}

/** What of a message its document holds as text, until its delivery is decided. */
export interface Payload {
  readonly message: Message;
  readonly fallback: readonly Fallback[];
}

/** The moment of what waits for the user's next push. */
export const whenWoken = 8.64e15;

/** What nobody asked to be too late is so after a week. */
export const longestWaitMs = 7 * 24 * 60 * 60 * 1000;

/** The name of a lane: of a user and account. */
export function laneOf(account: Account, openid: string, ports: Pick<Ports, 'digest'>): string {
  return ports.digest(JSON.stringify([account, openid]));
}

/** What keeping needs of the ports. */
export type KeepPorts = Pick<Ports, 'documents' | 'digest' | 'clock'>;

/** Keeps messages, in the order given. Keeping the same id again changes nothing. Throws where the database does. */
export async function keep(messages: readonly Outgoing[], ports: KeepPorts): Promise<void> {
  const documents = messages.map((outgoing) => documentOf(outgoing, ports));
  for (let begin = 0; begin < documents.length; begin += insertAtOnce) {
    await insertEach(ports.documents, documents.slice(begin, begin + insertAtOnce));
  }
}

/** A hundred messages of 2 KB stay well below what one request may carry. */
const insertAtOnce = 100;

async function insertEach(
  documents: Documents,
  batch: readonly (StoredDocument & { readonly _id: string })[],
): Promise<void> {
  if (await documents.insert(outboxCollection, batch)) return;
  // One was there, and those after it were not made: it is a repeat, so each is tried by itself.
  for (const document of batch) await documents.insert(outboxCollection, [document]);
}

function documentOf(outgoing: Outgoing, ports: KeepPorts) {
  const { id, message, account, fallback, priority, rank = 0, deadline, seq } = outgoing;
  const now = ports.clock.now();
  const payload: Payload = { message, fallback };
  const text = JSON.stringify(payload);
  return {
    _id: id,
    lane: laneOf(account, message.touser, ports),
    account,
    state: 'waiting',
    seq: seq ?? nextSeq(now),
    priority,
    rank,
    dueAt: now,
    deadline,
    attempts: 0,
    holder: '',
    leaseUntil: 0,
    keptAt: now,
    decidedAt: 0,
    code: '',
    errCode: 0,
    hash: ports.digest(text),
    payload: text,
  };
}

let lastSeq = 0;

/** A place in the order of time; within an instance each is after the one before, whatever its clock does. */
export function nextSeq(now: number): number {
  lastSeq = Math.max(lastSeq + 1, now * 1000);
  return lastSeq;
}

/** Makes what waits for this user's next push due. Never throws; one round trip. */
export async function wakeOutbox(account: Account, openid: string, ports: Ports): Promise<void> {
  try {
    await ports.documents.update(
      outboxCollection,
      { lane: laneOf(account, openid, ports), state: 'waiting', dueAt: whenWoken },
      { dueAt: ports.clock.now() },
    );
  } catch (error) {
    ports.log({ step: 'wake-outbox', failed: true, why: error instanceof Error ? error.name : 'unknown' });
  }
}
