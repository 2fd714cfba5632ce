import { type Answer, type Refusal, refusalFor, refuseFaults, success } from '../../core/answer';
import { careless } from '../../core/failures';
import type { Changes } from '../../core/ports';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { keepEntries, keepNote } from '../conversations/history';
import { stopBots } from '../conversations/quiet';
import {
  type Conversation,
  isLapsed,
  type StepName,
  takeStep,
  unknownConversation,
} from '../conversations/states';
import type { DeskCall } from './desk-call';
import { idField } from './reading';
import {
  type ConversationView,
  type HeldConversation,
  type MessageView,
  nameOf,
  readNames,
  viewAll,
} from './view';

/** What the people at the desk do with a conversation. */

export const claimFields = { id: idField } as const satisfies Fields;
export const releaseFields = {
  id: idField,
  to: { kind: 'text', need: 'always', missing: 40035, maxBytes: 128 },
} as const satisfies Fields;
export const noteFields = {
  id: idField,
  text: { kind: 'text', need: 'always', missing: 44004, maxBytes: 4000 },
} as const satisfies Fields;

type ActAnswer = Answer<{ readonly conversation: ConversationView }>;

/** The refusal of what only somebody else may do, with who that is. */
export type Taken = Refusal & { readonly agent?: string; readonly agentName?: string };

/** What stands in the thread of each step. */
const events = {
  claim: 'claimed',
  'hand-on': 'handed-on',
  wait: 'released',
  release: 'released',
  close: 'closed',
} as const satisfies { readonly [S in StepName]?: string };

/** Takes a conversation. One of several who do so at once has it; the others are told who. */
export function runClaim({ id }: Shape<typeof claimFields>, call: DeskCall): Promise<ActAnswer> {
  return act('claim', id, {}, call);
}

/** Gives a conversation to the bot, to those who wait, or to a colleague. */
export async function runRelease(
  { id, to }: Shape<typeof releaseFields>,
  call: DeskCall,
): Promise<ActAnswer> {
  if (to === 'bot') return act('release', id, { to }, call);
  if (to === 'waiting') return act('wait', id, { to }, call);
  if (call.ports.settings.operators.has(to)) return act('hand-on', id, { to }, call);
  const message = 'must be bot, waiting, or the openid of an operator';
  return refuseFaults([{ path: 'to', message, errCode: 40035 }]);
}

type DeskStep = keyof typeof events;

/** Takes a step and keeps that it was taken. */
export async function act(
  name: DeskStep,
  id: string,
  { to }: { readonly to?: string },
  call: DeskCall,
): Promise<ActAnswer> {
  const { me, ports } = call;
  const [held, names] = await Promise.all([ports.database('kefu_conversations').get(id), readNames(ports)]);
  if (held === undefined) return unknownConversation();
  const taken = await attempt(name, held, to, call);
  if (!taken.ok) return taken.refusal;
  const event = { msgtype: 'event', event: events[name], ...(to === undefined ? {} : { to }) };
  // Taken again by who had it already: there is nothing to tell.
  const isNew = name !== 'claim' || held.agent !== me || isLapsed(held, ports.clock.now());
  const entries = isNew ? [{ id: ports.newId(), from: 'event', by: me, message: event } as const] : [];
  const [[conversation]] = await Promise.all([
    viewAll([{ ...held, ...(taken.changes as Partial<HeldConversation>) }], names, ports),
    keepEntries(held, entries, ports),
    name === 'claim' ? stopBots(id, ports) : undefined,
  ]);
  return conversation === undefined ? unknownConversation() : success({ conversation });
}

export type Attempt =
  | { readonly ok: true; readonly changes: Changes<Conversation> }
  | { readonly ok: false; readonly refusal: Taken };

/** Tries to take a step; where it may not be taken, who has the conversation. */
export async function attempt(
  name: StepName,
  { _id }: HeldConversation,
  to: string | undefined,
  { me, ports }: DeskCall,
): Promise<Attempt> {
  const moment = { now: ports.clock.now(), me, ...(to === undefined ? {} : { to }) };
  const taken = await careless('step', ports, async () => ({
    changes: await takeStep(name, _id, moment, ports),
  }));
  if (taken === undefined) {
    return { ok: false, refusal: refusalFor(-502001, 'the database does not say what became of it') };
  }
  const { changes } = taken;
  return changes === undefined
    ? { ok: false, refusal: await refuseTaken(_id, me, ports) }
    : { ok: true, changes };
}

/** The pauses before it is looked again who has a conversation: a read may be two seconds old. */
const pausesMs = [0, 100, 300, 800, 1000];

async function refuseTaken(id: string, me: string, ports: DeskCall['ports']): Promise<Taken> {
  for (const pauseMs of pausesMs) {
    if (pauseMs > 0) await ports.sleep(pauseMs);
    const held = await careless('who', ports, () => ports.database('kefu_conversations').get(id));
    if (held === undefined || isLapsed(held, ports.clock.now())) continue;
    const { agent } = held;
    if (agent === '' || agent === me) continue;
    const names = await careless('names', ports, () => readNames(ports));
    const agentName = nameOf(agent, names);
    return { ...refusalFor(65414, 'another person has this conversation'), agent, agentName };
  }
  return refusalFor(65414, 'the caller does not have this conversation');
}

/** Writes something that colleagues see and the user does not. */
export async function runNote(
  { id, text }: Shape<typeof noteFields>,
  { me, ports }: DeskCall,
): Promise<Answer<{ readonly message: MessageView }>> {
  const held = await ports.database('kefu_conversations').get(id);
  if (held === undefined) return unknownConversation();
  const noted = {
    id: ports.newId(),
    at: ports.clock.now(),
    from: 'note',
    by: me,
    message: { msgtype: 'text', text: { content: text } },
    status: 'received',
  } as const;
  const [isKept, names] = await Promise.all([
    keepNote(held, noted, ports),
    // Once it is kept, nobody should write it again for a name.
    careless('names', ports, () => readNames(ports)),
  ]);
  if (!isKept) return refusalFor(-502001, 'the database does not say what became of it');
  return success({ message: { ...noted, byName: nameOf(me, names) } });
}
