import { persist } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import { actOf, type Push, type UnknownPush } from '../../wechat/pushes/pushes';
import { callPeople, wordsOf } from '../conversations/call-people';
import {
  type Along,
  type Entry,
  keepEntries,
  keepMissing,
  keepsHistory,
  type Whose,
} from '../conversations/history';
import { mediaIdOf, payloadOf } from '../conversations/payloads';
import { scoreOf } from '../conversations/satisfaction';

/** A push that was taken, and what was done about it. */
export interface Taken {
  /** The push's own id. */
  readonly id: string;
  readonly push: Push | UnknownPush;
  readonly whose: Whose;
  /** When it came, in milliseconds. */
  readonly at: number;
  /** Whether the bot had no say: somebody waits for a person, or a person has the conversation. */
  readonly isSilent: boolean;
  /** Whether a person of the desk is asked for. */
  readonly asksHere: boolean;
  /** What was said, and what became of it. */
  readonly said: readonly Entry[];
}

/** Keeps a push with what was said to it; where it asks for a person, those of the desk who are away are told. */
export async function keepPush(taken: Taken, ports: Ports): Promise<void> {
  if (!keepsHistory(ports)) return;
  const { id, push, whose, at, isSilent, asksHere, said } = taken;
  const isMessage = push.MsgType !== 'event';
  if (!isMessage && said.length === 0 && actOf(push, whose.account) === undefined) return;
  const score = scoreOf(push);
  const asked = asksHere ? [eventOf(idOf([id, 'asked'], ports), { event: 'asked' })] : [];
  const scored =
    score === undefined ? [] : [eventOf(idOf([id, 'satisfaction'], ports), { event: 'satisfaction', score })];
  const entries = [heardEntry(id, push, at), ...said, ...asked, ...scored];
  const [isAsked] = await Promise.all([
    keepEntries(whose, entries, ports, alongOf(taken)),
    isMessage && isSilent ? noteWaiting(whose, ports) : undefined,
  ]);
  if (asksHere && isAsked) await callPeople(whose, wordsOf(payloadOf(push)), ports);
}

/** Keeps what a user sent, alone, where it is not kept: whoever handled it came to no end, or to one that nobody wrote down. */
export async function keepHeard(
  { id, push, whose, at }: Pick<Taken, 'id' | 'push' | 'whose' | 'at'>,
  isHandled: boolean,
  ports: Ports,
): Promise<void> {
  if (push.MsgType === 'event') return;
  const changes = isHandled ? { unread: { add: 1 } } : {};
  await keepMissing(whose, heardEntry(id, push, at), ports, changes);
}

function heardEntry(id: string, push: Push | UnknownPush, at: number): Entry {
  const media = mediaIdOf(push) === undefined ? 'none' : 'wanted';
  const from = push.MsgType === 'event' ? 'event' : 'user';
  return { id, at, from, message: payloadOf(push), status: 'received', media };
}

function eventOf(id: string, fields: object): Entry {
  return { id, from: 'event', message: { msgtype: 'event', ...fields }, status: 'received' };
}

/** What becomes of the conversation: an answer to the question how it was opens nothing anew. */
function alongOf({ push, isSilent, asksHere }: Taken): Along {
  if (push.MsgType === 'event' || scoreOf(push) !== undefined) return {};
  const changes = { unread: { add: 1 } };
  if (asksHere) return { changes, step: 'ask' };
  return isSilent ? { changes } : { changes, step: 'answer' };
}

/** Notes since when the user waits for a person's answer. */
async function noteWaiting({ account, touser }: Whose, ports: Ports): Promise<void> {
  const _id = laneOf(account, touser, ports);
  await persist('note-waiting', ports, () =>
    ports
      .database('kefu_conversations')
      .update({ _id, waitingSince: 0 }, { waitingSince: ports.clock.now() }),
  );
}
