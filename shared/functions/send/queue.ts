import { type Answer, refusal, refusalFor, success } from '../../core/answer';
import { differentRequest, type RequestKey, requestCollection } from '../../core/once';
import type { Ports } from '../../core/ports';
import { keep, nextSeq, type Outgoing, outboxCollection } from '../outbox/outbox';
import type { SendRequest } from './send-request';

/** The answer to `queue: true`. */
export type KeptAnswer = Answer<{ readonly id: string; readonly ids?: readonly string[] }>;

/** The messages of a request, under names that follow from its id: each part is a message of its own. */
export function outgoingOf(request: SendRequest, id: string, ports: Ports): Outgoing[] {
  const { parts, account, fallback, priority, rank, deadline } = request;
  return parts.map((message, index) => ({
    id: index === 0 ? id : `${id}-${index + 1}`,
    message,
    account,
    // It stands in for the whole message, so only for the one that finds the window shut.
    fallback: index === 0 ? fallback : [],
    priority,
    rank,
    deadline,
    seq: nextSeq(ports.clock.now()),
  }));
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
 * there or completes it. One round trip without an id, two with one.
 */
export async function keepMessage(
  request: SendRequest,
  key: RequestKey | undefined,
  ports: Ports,
): Promise<KeptAnswer> {
  const id = key === undefined ? ports.newId() : ports.digest(JSON.stringify(key.key));
  const outgoing = outgoingOf(request, id, ports);
  try {
    if (key !== undefined) {
      const known = await claimKept(key, id, ports);
      if (known === 'different') return differentRequest();
      if (known === 'kept') return keptAnswer(outgoing);
      if (known === 'gone') {
        return refusal(
          'unknown-delivery',
          -501002,
          'this requestId is old, and its message is no longer known',
        );
      }
    }
    await keep(outgoing, ports);
    return keptAnswer(outgoing);
  } catch (error) {
    ports.log({ step: 'keep', failed: true, why: error instanceof Error ? error.name : 'unknown' });
    return notKept(key !== undefined);
  }
}

/** How long after its first call a repeat may still complete it. What has been sent is known for much longer. */
const completeWithinMs = 24 * 60 * 60 * 1000;

async function claimKept(
  { key, hash }: RequestKey,
  id: string,
  { store, documents, clock }: Ports,
): Promise<'new' | 'kept' | 'gone' | 'different'> {
  const record = { state: 'kept', hash, holder: '', at: clock.now(), answer: '' };
  if (await store.create(requestCollection, key, record)) return 'new';
  const held = await store.get(requestCollection, key);
  if (held === undefined) return 'new';
  if (held['hash'] !== hash) return 'different';
  const age = clock.now() - Number(held['at']);
  // Keeping again what is there changes nothing, and completes a call that died in between.
  if (age < completeWithinMs) return 'new';
  return (await documents.count(outboxCollection, { _id: id })) > 0 ? 'kept' : 'gone';
}
