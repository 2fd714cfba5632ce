import { type Answer, type Refusal, success } from '../../core/answer';
import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import type { Message } from '../../wechat/messages/message-types';
import { keepJob } from '../answer/jobs';
import { type Entry, outcomeOf } from '../conversations/history';
import { mediaIdOf } from '../conversations/payloads';
import { heedClaim } from '../conversations/quiet';
import { type DeliverPorts, deliver } from '../deliver/deliver';
import { isWindowRefusal, type WindowRefusal } from '../deliver/parts';
import { saveMedia } from '../media/get-media';
import { enqueue, enqueueDead, longestWaitMs, type Outgoing } from '../outbox/outbox';
import type { Claim } from './claim';
import type { Plan } from './plan';

/** By when WeChat must have its answer, in milliseconds from the claim. What comes later waits in the outbox. */
const answerWithinMs = 4500;

/** How long sending one message usually takes at most; one that would not fit is kept for later. */
const usualSendMs = 1500;

/** What was said, and the last refusal for the window's sake. */
export interface Said {
  readonly refusedWith: WindowRefusal | undefined;
  /** What waits in the outbox is kept by that. */
  readonly said: readonly Entry[];
}

type SayPorts = DeliverPorts & Ports<'setTyping' | 'getTempMedia'>;

/** Carries out a plan, from where the claim says that it was left. */
export async function sayAll(plan: Plan, claim: Claim, ports: SayPorts): Promise<Said> {
  const { messages, decided, passive } = plan;
  let refusedWith: WindowRefusal | undefined;
  const said: Entry[] = passive === undefined ? [] : [entryOf(passive, 0, plan, success(), ports)];
  // From here, not from the call's beginning: whoever took over a dead claim has waited, and WeChat has not.
  const startedAt = ports.clock.now();
  const isLate = () => ports.clock.now() - startedAt > answerWithinMs - usualSendMs;
  if (decided.action !== undefined) await keepJob(plan, ports);
  if (decided.keep) await keepMedia(plan, ports);
  if (decided.typing && messages.length > 0 && !claim.isTakenOver)
    await ports.wechat.call('setTyping', { touser: plan.touser, command: 'Typing' }, plan.account);
  if (claim.isTakenOver) await recordLost(plan, claim, ports);
  if (plan.isSilent) return { refusedWith, said };
  for (const [number, message] of messages.entries()) {
    const isBegun = number < claim.begun;
    // What somebody else began is not sent again; the first is begun with the claim.
    if (isBegun && claim.isTakenOver) continue;
    // The claim has gone to a repeat, which goes on from here; should that die, WeChat must not think it done.
    if (!isBegun && !(await claim.begin(number)))
      throw new Error('another instance has taken this push over');
    if (isLate() && number > 0) await leaveToOutbox(message, number, plan, ports);
    else {
      const told = await say(message, number, plan, ports);
      said.push(entryOf(message, number, plan, told, ports));
      if (isWindowRefusal(told.errCode)) refusedWith = told.errCode;
    }
    claim.deal(number);
  }
  return { refusedWith, said };
}

function entryOf(message: Message, number: number, { id }: Plan, answer: Answer, ports: Ports): Entry {
  return { id: idOf([id, number], ports), from: 'rule', message, ...outcomeOf(answer) };
}

/** A message that was begun by somebody who did not come to the end may have arrived: that is put down, and left at that. */
async function recordLost(plan: Plan, { begun, dealt }: Claim, ports: Ports): Promise<void> {
  const message = plan.messages[begun - 1];
  if (begun <= dealt || message === undefined) return;
  await enqueueDead(outgoingOf(message, begun - 1, plan, ports), unknownAnswer, ports);
}

const unknownAnswer = {
  code: 'unknown-delivery',
  errCode: -501002,
  errMsg: 'the call that was answering with it did not come to its end, so it may have arrived',
};

/** Sends one message of an answer; one that only the moment forbids is kept for later. */
async function say(message: Message, number: number, plan: Plan, ports: SayPorts): Promise<Answer> {
  const answer = await deliver(message, plan.account, ports);
  if (answer.errCode === 0) return answer;
  const { code, retryable, errCode } = answer as Refusal;
  ports.log({ step: 'answer', failed: true, errCode, code });
  if (retryable) await leaveToOutbox(message, number, plan, ports);
  return answer;
}

/** Puts a message into the outbox, under an id that a repeat of the push would give it again. */
async function leaveToOutbox(message: Message, number: number, plan: Plan, ports: Ports): Promise<void> {
  await enqueue([outgoingOf(message, number, plan, ports)], ports);
  await heedClaim(plan, ports);
}

function outgoingOf(message: Message, number: number, { id, account }: Plan, ports: Ports): Outgoing {
  const deadline = ports.clock.now() + longestWaitMs;
  return { id: idOf([id, number], ports), message, account, fallback: [], priority: 0, deadline, by: 'rule' };
}

/** Saves the picture, sound or film that the user sent in cloud storage. */
async function keepMedia({ push, account }: Plan, ports: SayPorts): Promise<void> {
  const mediaId = mediaIdOf(push);
  if (mediaId === undefined) return;
  const answer = await careless('keep-media', ports, () => saveMedia(mediaId, account, ports));
  if (answer !== undefined && answer.errCode !== 0)
    ports.log({ step: 'keep-media', failed: true, errCode: answer.errCode });
}
