import type { Answer, Refusal } from '../../core/answer';
import { groupBy } from '../../core/groups';
import { type Outcome, once, type RequestKey } from '../../core/once';
import { idOf, type Ports } from '../../core/ports';
import { laneOf, noteRefused, noteSent, recallWindow } from '../../core/reply-windows';
import type { ReplyWindow } from '../../wechat/reply-window';
import { type Entry, keepEntries, keepOutcome, keepsHistory, outcomeOf } from '../conversations/history';
import type { DeliverPorts } from '../deliver/deliver';
import { type Parts, type PartsAnswer, type PartsSent, sendParts } from '../deliver/parts';

/** A message that is to be sent now: counted in the window, once under its id, and kept with what became of it. */
export interface Counted extends Parts {
  readonly touser: string;
  /** Whether to tell what is left of the reply window. */
  readonly window: boolean;
  /** Under what it is remembered; absent where it asked for nothing of the kind. */
  readonly key?: RequestKey;
  /** The person at the desk who says it; absent where it is the owner's code or a client. */
  readonly by?: string;
  /** The caller's own id, for the person's page. */
  readonly requestId?: string;
}

export type CountedAnswer = PartsAnswer & {
  /** What is believed to be left of the reply window; `closesAt` in milliseconds since 1970. */
  readonly window?: ReplyWindow;
};

/** Sends a message, once where it has an id. */
export async function sendOnceCounted(request: Counted, ports: DeliverPorts): Promise<CountedAnswer> {
  // Read before the message leaves and counted on, so that claim and window are one wait.
  const window = request.window ? recallWindow(request.account, request.touser, ports) : undefined;
  let isRepeat = true;
  const work = () => {
    isRepeat = false;
    return sendCounted(request, window, ports);
  };
  if (request.key === undefined) {
    const { answer, alongside } = await work();
    await alongside?.();
    return answer;
  }
  const answer: CountedAnswer = await once(request.key, ports, work);
  // Whoever sent it may have died before it kept what became of it.
  if (isRepeat && answer.errCode === 0) await keepOutcome(idsOf(request, ports), outcomeOf(answer), ports);
  return answer;
}

/** The names under which the parts are kept. */
function idsOf({ parts, key }: Counted, ports: Ports): string[] {
  return parts.map((_part, index) => (key === undefined ? ports.newId() : idOf([...key.key, index], ports)));
}

/** Sends a request, and says what has to be noted of the window. */
async function sendCounted(
  request: Counted,
  believed: Promise<ReplyWindow | undefined> | undefined,
  ports: DeliverPorts,
): Promise<Outcome> {
  const history = keepsHistory(ports) ? keepParts(request, ports) : undefined;
  const sent = await sendParts(request, ports);
  const { accepted, refusedWith, tried } = sent;
  const answer: CountedAnswer = sent.answer;
  const before = await believed;
  const window = before && windowAfter(before, sent, ports.clock.now());
  const counted: CountedAnswer = window === undefined ? answer : { ...answer, window };
  return {
    answer: counted,
    alongside: async () => {
      const keeping = history?.(tried);
      const lane = () => laneOf(request.account, request.touser, ports);
      // Counting costs a round trip, which a message that asked for nothing must not pay. A refusal is rare.
      if (request.window && accepted > 0) await noteSent(new Map([[lane(), accepted]]), ports);
      if (refusedWith !== undefined) await noteRefused(lane(), refusedWith, ports);
      await keeping;
    },
  };
}

/**
 * Keeps the parts of a message while they are sent; what it answers then keeps what became of them.
 *
 * Under an id, which costs a write after the send anyway, they are of unknown outcome until that is written. Without one
 * they count as sent from the start, and only another outcome costs a second write.
 */
function keepParts(request: Counted, ports: Ports): (tried: readonly Answer[]) => Promise<void> {
  const { parts, key, by, requestId = '' } = request;
  const status = key === undefined ? 'sent' : 'unknown';
  const ids = idsOf(request, ports);
  const entries = parts.map(
    (message, index): Entry => ({
      id: ids[index] ?? '',
      from: by === undefined ? 'service' : 'person',
      by: by ?? '',
      message,
      status,
      requestId,
    }),
  );
  const begun = keepEntries(request, entries, ports);
  return async (tried) => {
    await begun;
    const ended = entries.map(({ id }, index) => ({
      id,
      outcome: outcomeOf(tried[index] ?? notTried(tried)),
    }));
    const groups = groupBy(ended, ({ outcome }) => JSON.stringify(outcome)).values();
    await Promise.all(
      Array.from(groups, (alike) => {
        const [{ outcome }] = alike;
        const named = alike.map(({ id }) => id);
        return outcome.status === status ? undefined : keepOutcome(named, outcome, ports);
      }),
    );
  };
}

/** A part that was not tried, because one before it failed. */
function notTried(tried: readonly Answer[]): Answer {
  const last = tried.at(-1) as Refusal | undefined;
  return { ...last, code: 'wechat-busy', errCode: last?.errCode ?? -501002 } as Refusal;
}

function windowAfter(
  { remaining, closesAt }: ReplyWindow,
  { accepted, refusedWith }: PartsSent,
  now: number,
) {
  return {
    remaining: refusedWith === undefined ? Math.max(0, remaining - accepted) : 0,
    closesAt: refusedWith === 45015 ? Math.min(closesAt, now) : closesAt,
  };
}
