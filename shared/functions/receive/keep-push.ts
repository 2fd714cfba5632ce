import { persist } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { callPeople, wordsOf } from '../conversations/call-people';
import { type Along, type Entry, keepEntries, keepMissing, keepsHistory } from '../conversations/history';
import { mediaIdOf, payloadOf } from '../conversations/payloads';
import type { Plan } from './plan';
import type { Said } from './say';

/** A push as it was heard. */
type Heard = Pick<Plan, 'id' | 'push' | 'account' | 'touser'> & {
  /** When it came, in milliseconds. */
  readonly at: number;
};

/** A push that was taken, and what was done about it. */
type Taken = Plan & Heard & Pick<Said, 'said'>;

/** Keeps a push with what was said to it; where it asks for a person, those of the desk who are away are told. */
export async function keepPush(taken: Taken, ports: Ports): Promise<void> {
  if (!keepsHistory(ports)) return;
  const { id, push, act, score, isSilent, asksHere, said } = taken;
  const isMessage = push.MsgType !== 'event';
  if (!isMessage && said.length === 0 && act === undefined) return;
  const heard = heardEntry(taken);
  const asked = asksHere ? [eventOf(idOf([id, 'asked'], ports), { event: 'asked' })] : [];
  const scored =
    score === undefined ? [] : [eventOf(idOf([id, 'satisfaction'], ports), { event: 'satisfaction', score })];
  const [isAsked] = await Promise.all([
    keepEntries(taken, [heard, ...said, ...asked, ...scored], ports, alongOf(taken)),
    isMessage && isSilent ? noteWaiting(taken, ports) : undefined,
  ]);
  if (asksHere && isAsked) await callPeople(taken, wordsOf(heard.message), ports);
}

/** Keeps what a user sent, alone, where it is not kept: whoever handled it came to no end, or to one that nobody wrote down. */
export async function keepHeard(heard: Heard, isHandled: boolean, ports: Ports): Promise<void> {
  if (heard.push.MsgType === 'event') return;
  const changes = isHandled ? { unread: { add: 1 } } : {};
  await keepMissing(heard, heardEntry(heard), ports, changes);
}

function heardEntry({ id, push, at }: Heard): Entry {
  const media = mediaIdOf(push) === undefined ? 'none' : 'wanted';
  const from = push.MsgType === 'event' ? 'event' : 'user';
  return { id, at, from, message: payloadOf(push), status: 'received', media };
}

function eventOf(id: string, fields: object): Entry {
  return { id, from: 'event', message: { msgtype: 'event', ...fields }, status: 'received' };
}

/** What becomes of the conversation: an answer to the question how it was opens nothing anew. */
function alongOf({ push, score, isSilent, asksHere }: Taken): Along {
  if (push.MsgType === 'event' || score !== undefined) return {};
  const changes = { unread: { add: 1 } };
  if (asksHere) return { changes, step: 'ask' };
  return isSilent ? { changes } : { changes, step: 'answer' };
}

/** Notes since when the user waits for a person's answer. */
async function noteWaiting({ lane }: Plan, ports: Ports): Promise<void> {
  await persist('note-waiting', ports, () =>
    ports
      .database('kefu_conversations')
      .update({ _id: lane, waitingSince: 0 }, { waitingSince: ports.clock.now() }),
  );
}
