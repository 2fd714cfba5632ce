import { type Answer, type Refusal, success } from '../../core/answer';
import { careless, logFailure } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
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
  const { messages, decided, passive, account, touser } = plan;
  let refusedWith: WindowRefusal | undefined;
  const said: Entry[] =
    passive === undefined ? [] : [saidEntry(outgoingOf(passive, 0, plan, ports), success())];
  // From here, not from the call's beginning: whoever took over a dead claim has waited, and WeChat has not.
  const startedAt = ports.clock.now();
  const isLate = () => ports.clock.now() - startedAt > answerWithinMs - usualSendMs;
  if (decided.action !== undefined) await keepJob(plan, ports);
  if (decided.keep) await keepMedia(plan, ports);
  if (decided.typing && messages.length > 0 && !claim.isTakenOver)
    await ports.wechat.call('setTyping', { touser, command: 'Typing' }, account);
  for (const [number, message] of messages.entries()) {
    const outgoing = outgoingOf(message, number, plan, ports);
    const isBegun = number < claim.begun;
    if (isBegun && claim.isTakenOver) {
      // Whoever began it did not come to the end, so it may have arrived: that is put down, and left at that.
      if (number >= claim.dealt) await enqueueDead(outgoing, unknownAnswer, ports);
      continue;
    }
    if (plan.isSilent) break;
    // The claim has gone to a repeat, which goes on from here; should that die, WeChat must not think it done.
    if (!isBegun && !(await claim.begin(number)))
      throw new Error('another instance has taken this push over');
    const told = isLate() && number > 0 ? undefined : await say(message, account, ports);
    if (told !== undefined) said.push(saidEntry(outgoing, told));
    if (told !== undefined && isWindowRefusal(told.errCode)) refusedWith = told.errCode;
    // What only the moment forbids, or what there is no time for, is kept for later.
    if (told === undefined || isRetryable(told)) {
      await enqueue([outgoing], ports);
      await heedClaim(plan, ports);
    }
    claim.deal(number);
  }
  return { refusedWith, said };
}

const unknownAnswer = {
  code: 'unknown-delivery',
  errCode: -501002,
  errMsg: 'the call that was answering with it did not come to its end, so it may have arrived',
};

/** A message as it waits in the outbox, should it have to: under an id that a repeat of the push gives it again. */
function outgoingOf(message: Message, number: number, { id, account }: Plan, ports: Ports): Outgoing {
  const deadline = ports.clock.now() + longestWaitMs;
  return { id: idOf([id, number], ports), message, account, fallback: [], priority: 0, deadline, by: 'rule' };
}

function saidEntry({ id, message }: Outgoing, answer: Answer): Entry {
  return { id, from: 'rule', message, ...outcomeOf(answer) };
}

async function say(message: Message, account: Account, ports: SayPorts): Promise<Answer> {
  const answer = await deliver(message, account, ports);
  if (answer.errCode === 0) return answer;
  const { code, errCode } = answer as Refusal;
  logFailure(ports, 'answer', { errCode, code });
  return answer;
}

function isRetryable(answer: Answer): boolean {
  return answer.errCode !== 0 && (answer as Refusal).retryable;
}

/** Saves the picture, sound or film that the user sent in cloud storage. */
async function keepMedia({ push, account }: Plan, ports: SayPorts): Promise<void> {
  const mediaId = mediaIdOf(push);
  if (mediaId === undefined) return;
  const answer = await careless('keep-media', ports, () => saveMedia(mediaId, account, ports));
  if (answer !== undefined && answer.errCode !== 0)
    logFailure(ports, 'keep-media', { errCode: answer.errCode });
}
