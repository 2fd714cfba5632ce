import { type Answer, type Refusal, refusal, refusalFor, success } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { careless, logThrown } from '../../core/failures';
import { refuseWaiting } from '../../core/limits';
import { differentRequest, type RequestKey } from '../../core/once';
import { type Condition, idOf, type Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import { keepOutcome } from '../conversations/history';
import { enqueue, nextSeq, type Outgoing } from '../outbox/outbox';
import type { SendRequest } from './send-request';

/** The answer to `queue: true`. */
export type KeptAnswer = Answer<{ readonly id: string; readonly ids?: readonly string[] }>;

/**
 * The messages of a request, under names that follow from its id: each part is a message of its own, in the places that
 * begin with `seq`.
 */
export function outgoingOf(
  { parts, account, fallback, priority, rank, deadline }: SendRequest,
  id: string,
  seq: number,
) {
  return parts.map(
    (message, index): Outgoing => ({
      id: index === 0 ? id : `${id}-${index + 1}`,
      message,
      account,
      // It stands in for the whole message, so only for the one that finds the window shut.
      fallback: index === 0 ? fallback : [],
      priority,
      rank,
      deadline,
      seq: seq + index,
    }),
  );
}

/** The answer for messages that were kept. */
export function keptAnswer(outgoing: readonly Outgoing[]): KeptAnswer {
  const ids = outgoing.map(({ id }) => id);
  return success({ id: ids[0] ?? '', ...(ids.length > 1 ? { ids } : {}) });
}

/** The refusal where the database could not be asked: whether the message was kept is not known without an id. */
export function notKept(repeatable: boolean): Answer<never> {
  return repeatable
    ? refusalFor(-502001, 'the database did not answer; the same requestId keeps the message once')
    : refusal('unknown-delivery', -502001, 'the database did not answer, so the message may have been kept');
}

/**
 * Keeps a message for `kefu-outbox`.
 *
 * Under a requestId it is kept once: its name in the outbox follows from the id, so a repeat after a crash finds it
 * there or completes it. One round trip without an id, two with one; two more for a client, whose waiting messages are
 * counted before and after.
 */
export async function queueMessage(request: SendRequest, ports: Ports): Promise<KeptAnswer> {
  const { key, parts } = request;
  const full = await refuseNoRoom([request], ports);
  if (full !== undefined) return full;
  const id = key === undefined ? ports.newId() : idOf(key.key, ports);
  const seq = nextSeq(ports.clock.now(), parts.length);
  try {
    const claimed: Claimed = key === undefined ? { kind: 'keep', seq } : await claimKept(key, id, seq, ports);
    if (claimed.kind === 'refused') return claimed.refusal;
    const outgoing = outgoingOf(request, id, claimed.seq);
    const over = claimed.kind === 'keep' ? await keepWithin(outgoing, request.isClients, ports) : undefined;
    return over ?? keptAnswer(outgoing);
  } catch (error) {
    logThrown(ports, 'keep', error);
    return notKept(key !== undefined);
  }
}

/** Refuses a client's messages where too many of its own wait already; all of them are to itself. */
export async function refuseNoRoom(
  requests: readonly SendRequest[],
  ports: Ports,
): Promise<Refusal | undefined> {
  const clients = requests.filter(({ isClients }) => isClients);
  const [first] = clients;
  if (first === undefined) return undefined;
  const more = clients.reduce((sum, { parts }) => sum + parts.length, 0);
  return refuseOver({ lane: laneOf(first.account, first.touser, ports) }, more, ports);
}

/** Refuses `more` messages beside those that wait; where that cannot be asked, keeping fails by itself. */
async function refuseOver(
  those: Pick<Condition<DocumentOf<'kefu_outbox'>>, 'lane' | 'seq'>,
  more: number,
  ports: Ports,
): Promise<Refusal | undefined> {
  const waiting = await careless('count-waiting', ports, () =>
    ports.database('kefu_outbox').count({ ...those, state: 'waiting' }),
  );
  return refuseWaiting(waiting ?? 0, more);
}

/**
 * Keeps messages. A client's are counted once more: calls side by side each find room before any of them has kept its
 * own. Those that come last are taken out again, unless something of them is on its way already.
 */
export async function keepWithin(
  outgoing: readonly Outgoing[],
  isClients: boolean,
  ports: Ports,
): Promise<Refusal | undefined> {
  await enqueue(outgoing, ports);
  const last = outgoing.at(-1);
  if (!isClients || last === undefined) return undefined;
  const lane = laneOf(last.account, last.message.touser, ports);
  const full = await refuseOver({ lane, seq: { atMost: last.seq ?? 0 } }, 0, ports);
  if (full === undefined) return undefined;
  const ids = outgoing.map(({ id }) => id);
  const mine = { _id: { oneOf: ids }, state: 'waiting', holder: '' } as const;
  if ((await ports.database('kefu_outbox').remove(mine)) < ids.length) {
    await enqueue(outgoing, ports);
    return undefined;
  }
  await keepOutcome(ids, { status: 'failed', errCode: full.errCode, errMsg: full.errMsg }, ports);
  return full;
}

/** How long after its first call a repeat may still complete it. What has been sent is known for much longer. */
const completeWithinMs = 24 * 60 * 60 * 1000;

type Claimed =
  /** Keeping again what is there changes nothing, and completes a call that died in between. */
  | { readonly kind: 'keep' | 'kept'; readonly seq: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Finds out what an id was used for. A repeat takes the places of the first call, whatever its own clock says. */
async function claimKept(
  { hash }: RequestKey,
  id: string,
  seq: number,
  { database, clock }: Ports,
): Promise<Claimed> {
  const requests = database('kefu_requests');
  const now = clock.now();
  if (await requests.insert([{ _id: id, state: 'kept', hash, holder: '', at: now, answer: '', seq }]))
    return { kind: 'keep', seq };
  const held = await requests.get(id);
  // It was there a moment ago, and may not be read yet.
  if (held === undefined) throw new Error('the request cannot be read yet');
  if (held.hash !== hash) return { kind: 'refused', refusal: differentRequest() };
  if (now - held.at < completeWithinMs) return { kind: 'keep', seq: held.seq };
  if ((await database('kefu_outbox').count({ _id: id })) > 0) return { kind: 'kept', seq: held.seq };
  const gone = 'this requestId is old, and its message is no longer known';
  return { kind: 'refused', refusal: refusal('unknown-delivery', -501002, gone) };
}
