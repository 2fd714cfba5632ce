import { type Caller, decideRole } from '../../core/access';
import { type Answer, refusal, refusalFor, refuseFaults, success } from '../../core/answer';
import { hasFaults, ownFields, parseEvent } from '../../core/event';
import type { Ports, StoredDocument } from '../../core/ports';
import type { Fields } from '../../wechat/fields/fields';
import { type DrainResult, drain } from './drain';
import { longestWaitMs, nextSeq, outboxCollection, type Payload } from './outbox';

/** A message of the outbox, as an operator sees it. Times in milliseconds since 1970. */
export interface OutboxEntry {
  readonly id: string;
  readonly state: string;
  readonly account: string;
  /** Who it is for and what it is; absent where only a hash is left of it. */
  readonly touser?: string;
  readonly msgtype?: string;
  readonly message?: object;
  readonly hash: string;
  readonly keptAt: number;
  /** When it was sent or given up; 0 where neither. */
  readonly decidedAt: number;
  readonly attempts: number;
  /** Why it was given up, or why it waits. */
  readonly code: string;
  readonly errCode: number;
  readonly errMsg: string;
}

/** What `kefu-outbox` answers beyond errCode and errMsg, by action. */
export type DrainAnswer = Answer<Partial<DrainResult>> & {
  readonly messages?: readonly OutboxEntry[];
  readonly message?: OutboxEntry;
};

type Action = (id: string, ports: Ports) => Promise<DrainAnswer>;

/** What an operator can ask for, one row each. */
const actions = {
  drain: { needsId: false, run: async (_id, ports) => success(await drain(ports)) },
  list: { needsId: false, run: listDead },
  show: { needsId: true, run: showOne },
  retry: { needsId: true, run: putBack },
} as const satisfies Record<string, { needsId: boolean; run: Action }>;

const deskFields = {
  action: { kind: 'choice', need: 'never', values: Object.keys(actions), wrong: 40035 },
  id: { kind: 'text', need: 'never' },
} as const satisfies Fields;

/** The most dead letters that are listed: the last ones. */
const mostListed = 100;

/**
 * Sends what the outbox has due: `kefu-outbox`, for the timer and for operators.
 *
 * An operator may also `list` the messages that were given up, `show` one by its `id`, and `retry` one: it goes to the
 * end of its user's row. One of unknown delivery may arrive twice then, which is the operator's decision.
 */
export async function kefuOutbox(event: unknown, caller: Caller, ports: Ports): Promise<DrainAnswer> {
  const timer = caller.source.trim() === 'wx_trigger';
  if (!timer && decideRole(caller, ports.settings.operators) !== 'operator') {
    return refusal('not-allowed', -604104, 'the outbox is for the timer and for operators');
  }
  // A timer's event says when and by which trigger; it asks for one thing only.
  const { values, faults } = parseEvent(deskFields, timer ? {} : ownFields(event));
  const { needsId, run } = actions[(values['action'] ?? 'drain') as keyof typeof actions] ?? actions.drain;
  const id = values['id'];
  if (needsId && id === undefined) faults.push({ path: 'id', message: 'is missing', errCode: 40035 });
  if (hasFaults(faults)) return refuseFaults(faults);
  return run(String(id ?? ''), ports);
}

async function listDead(_id: string, ports: Ports): Promise<DrainAnswer> {
  const found = await ports.documents.find(
    outboxCollection,
    { state: 'dead' },
    { order: [['decidedAt', 'desc']], limit: mostListed },
  );
  return success({ messages: found.map((document) => entryOf(document, false)) });
}

async function showOne(id: string, ports: Ports): Promise<DrainAnswer> {
  const [document] = await ports.documents.find(outboxCollection, { _id: id }, { limit: 1 });
  return document === undefined ? unknownId() : success({ message: entryOf(document, true) });
}

async function putBack(id: string, ports: Ports): Promise<DrainAnswer> {
  const now = ports.clock.now();
  const [document] = await ports.documents.find(outboxCollection, { _id: id, state: 'dead' }, { limit: 1 });
  if (document === undefined) return unknownId();
  if (document['payload'] === '') {
    return refusalFor(44002, 'only a hash of this message was kept, so it cannot be sent again');
  }
  // Its deadline has passed or was forgiven; its place is after all that waits now.
  const changed = await ports.documents.update(
    outboxCollection,
    { _id: id, state: 'dead' },
    {
      state: 'waiting',
      holder: '',
      leaseUntil: 0,
      endedBy: '',
      attempts: 0,
      dueAt: now,
      deadline: now + longestWaitMs,
      seq: nextSeq(now),
      decidedAt: 0,
      code: '',
      errCode: 0,
      errMsg: '',
    },
  );
  return changed === 1 ? success() : unknownId();
}

function unknownId(): DrainAnswer {
  return refusal('not-found', 40035, 'the outbox has no such message that was given up');
}

function entryOf(document: StoredDocument, whole: boolean): OutboxEntry {
  const { payload } = document;
  const { message } = (
    typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : {}
  ) as Partial<Payload>;
  return {
    id: String(document['_id']),
    state: String(document['state']),
    account: String(document['account']),
    ...(message === undefined ? {} : { touser: message.touser, msgtype: message.msgtype }),
    ...(whole && message !== undefined ? { message } : {}),
    hash: String(document['hash']),
    keptAt: Number(document['keptAt']),
    decidedAt: Number(document['decidedAt']),
    attempts: Number(document['attempts']),
    code: String(document['code']),
    errCode: Number(document['errCode']),
    errMsg: String(document['errMsg'] ?? ''),
  };
}
