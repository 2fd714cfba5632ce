import { type Answer, refusal, refusalFor, success } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { defineFunction } from '../../core/define-function';
import { asked } from '../../core/failures';
import type { Ports } from '../../core/ports';
import { keepOutcome } from '../conversations/history';
import { keepHouse } from '../conversations/upkeep';
import type { FallbackPorts } from '../deliver/fallback';
import { type DrainResult, drain, mostRuns, readShare } from './drain';
import { dueNow, longestWaitMs, nextSeq, type Payload } from './outbox';

type Stored = DocumentOf<'kefu_outbox'> & { readonly _id: string };

/** A message of the outbox, as an operator sees it. Times in milliseconds since 1970. */
export interface OutboxEntry
  extends Pick<
    Stored,
    'state' | 'account' | 'hash' | 'keptAt' | 'decidedAt' | 'attempts' | 'code' | 'errCode' | 'errMsg'
  > {
  readonly id: string;
  /** Who it is for and what it is; absent where only a hash is left of it. */
  readonly touser?: string;
  readonly msgtype?: string;
  readonly message?: object;
}

/** What `kefu-outbox` answers beyond errCode and errMsg, by action. */
export type OutboxAnswer = Answer<Partial<DrainResult>> & {
  readonly messages?: readonly OutboxEntry[];
  /** Where the next page of `messages` begins; absent where there is none. */
  readonly before?: string;
  readonly message?: OutboxEntry;
};

interface Asked {
  readonly id: string;
  readonly before: string;
  readonly share?: string | undefined;
}

/** What sending asks of WeChat, and the copying of what users sent. */
type OutboxPorts = FallbackPorts & Ports<'getTempMedia'>;

/** What an operator can ask for, one row each. */
const actions = {
  drain: {
    needsId: false,
    run: async ({ share }, ports) => {
      // What the timer does besides is done by the run that has all, beside its sending.
      const [result] = await Promise.all([
        drain(ports, readShare(share ?? '')),
        share === undefined ? keepHouse(ports) : undefined,
      ]);
      return success(result);
    },
  },
  list: { needsId: false, run: listDead },
  show: { needsId: true, run: showOne },
  retry: { needsId: true, run: putBack },
} as const satisfies Record<
  string,
  { needsId: boolean; run: (asked: Asked, ports: OutboxPorts) => Promise<OutboxAnswer> }
>;

const actionNames = Object.keys(actions) as readonly (keyof typeof actions)[];

/** The most dead letters that a page lists. */
const mostListed = 100;

/**
 * Sends what the outbox has due: `kefu-outbox`, for the timer and for operators. With a `share` (`3/8`) it sends that
 * part of the users' messages: a run that finds much due asks so for others, and with `3/8 last` for one that goes on.
 *
 * An operator may also `list` the messages that were given up, the last ones first (`before` of one page begins the
 * next), `show` one by its `id`, and `retry` one: it goes to the end of its user's lane. One of unknown delivery may
 * arrive twice then, which is the operator's decision.
 */
export const kefuOutbox = defineFunction({
  name: 'kefu-outbox',
  access: 'operators-and-shares',
  fields: {
    action: { kind: 'choice', need: 'never', values: actionNames, wrong: 40035, default: 'drain' },
    id: { kind: 'text', need: 'never' },
    before: { kind: 'text', need: 'never' },
    share: { kind: 'text', need: 'never' },
  },
  calls: [
    'sendCustomMessage',
    'uploadTempMedia',
    'getTempMedia',
    'sendTemplateMessage',
    'sendSubscribeMessage',
  ],
  timeoutSeconds: 60,
  // What a push wakes does not wait for it; docs/platform.md has what a rarer one would delay, and what one costs.
  timers: [{ name: 'every-two-minutes', type: 'timer', config: '0 */2 * * * * *' }],
  check({ action, id, before, share }) {
    if (share !== undefined && (action !== 'drain' || readShare(share) === undefined))
      return [
        { path: 'share', message: `goes with drain, from 1/1 to ${mostRuns}/${mostRuns}`, errCode: 40035 },
      ];
    if (actions[action].needsId && id === undefined)
      return [{ path: 'id', message: 'is missing', errCode: 40035 }];
    return before === undefined || readCursor(before) !== undefined
      ? []
      : [{ path: 'before', message: 'must be the before of another answer', errCode: 40035 }];
  },
  run: ({ action, id = '', before = '', share }, { ports }) =>
    asked('outbox', ports, () => actions[action].run({ id, before, share }, ports)),
});

/** The dead letters of a page: those that were given up at the cursor's moment and after its id, then older ones. */
async function listDead({ before }: Asked, ports: Ports): Promise<OutboxAnswer> {
  const outbox = ports.database('kefu_outbox');
  const cursor = readCursor(before);
  const order = [
    ['decidedAt', 'desc'],
    ['_id', 'asc'],
  ] as const;
  const limit = mostListed + 1;
  const same =
    cursor === undefined
      ? []
      : await outbox.find(
          { state: 'dead', decidedAt: cursor.at, _id: { above: cursor.id } },
          { order, limit },
        );
  const older = await outbox.find(
    { state: 'dead', ...(cursor === undefined ? {} : { decidedAt: { atMost: cursor.at - 1 } }) },
    { order, limit },
  );
  const found = [...same, ...older];
  const messages = found.slice(0, mostListed).map((document) => viewOf(document, false));
  const last = messages.at(-1);
  return success({
    messages,
    ...(found.length > mostListed && last !== undefined ? { before: `${last.decidedAt} ${last.id}` } : {}),
  });
}

function readCursor(before: string): { readonly at: number; readonly id: string } | undefined {
  const [, at, id] = /^(\d{1,16}) (\S{1,128})$/.exec(before) ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at), id };
}

async function showOne({ id }: Asked, ports: Ports): Promise<OutboxAnswer> {
  const found = await ports.database('kefu_outbox').get(id);
  return found === undefined ? unknownId() : success({ message: viewOf(found, true) });
}

async function putBack({ id }: Asked, ports: Ports): Promise<OutboxAnswer> {
  const outbox = ports.database('kefu_outbox');
  const now = ports.clock.now();
  const found = await outbox.get(id);
  if (found?.state !== 'dead') return unknownId();
  if (found.payload === '')
    return refusalFor(44002, 'only a hash of this message was kept, so it cannot be sent again');
  // Its deadline has passed or was forgiven; its place is after all that waits now.
  const changed = await outbox.update(
    { _id: id, state: 'dead' },
    {
      state: 'waiting',
      holder: '',
      leaseUntil: 0,
      endedBy: '',
      attempts: 0,
      dueAt: dueNow,
      deadline: now + longestWaitMs,
      seq: nextSeq(now),
      decidedAt: 0,
      code: '',
      errCode: 0,
      errMsg: '',
    },
  );
  if (changed !== 1) return unknownId();
  await keepOutcome([id], { status: 'waiting', errCode: 0, errMsg: '' }, ports);
  return success();
}

function unknownId(): OutboxAnswer {
  return refusal('not-found', 40035, 'the outbox has no such message that was given up');
}

function viewOf(document: Stored, whole: boolean): OutboxEntry {
  const { payload } = document;
  const { message } = (payload === '' ? {} : JSON.parse(payload)) as Partial<Payload>;
  return {
    id: document._id,
    state: document.state,
    account: document.account,
    ...(message === undefined ? {} : { touser: message.touser, msgtype: message.msgtype }),
    ...(whole && message !== undefined ? { message } : {}),
    hash: document.hash,
    keptAt: document.keptAt,
    decidedAt: document.decidedAt,
    attempts: document.attempts,
    code: document.code,
    errCode: document.errCode,
    errMsg: document.errMsg,
  };
}
