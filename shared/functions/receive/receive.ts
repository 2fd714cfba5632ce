import { type Answer, type Refusal, refuseFaults, success } from '../../core/answer';
import { defineFunction } from '../../core/define-function';
import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { laneOf, noteAct, noteRefused, readBook } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import { filesIn } from '../../wechat/messages/message-files';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { type PassiveReply, toPassiveMessage, toTransfer } from '../../wechat/messages/passive-replies';
import { parsePush } from '../../wechat/pushes/parse-push';
import { pushKey } from '../../wechat/pushes/push-key';
import { actOf, type Push, pushName, type UnknownPush } from '../../wechat/pushes/pushes';
import { keepJob } from '../answer/jobs';
import { type Entry, hasDesk, keepsHistory, maySpeak, outcomeOf } from '../conversations/history';
import { heedClaim } from '../conversations/quiet';
import { satisfactionThanks, scoreOf } from '../conversations/satisfaction';
import { deliver } from '../deliver/deliver';
import type { FallbackPorts } from '../deliver/fallback';
import { isWindowRefusal, type WindowRefusal } from '../deliver/parts';
import { saveMedia } from '../media/get-media';
import { enqueue, enqueueDead, longestWaitMs, type Outgoing } from '../outbox/outbox';
import { sendWoken } from '../outbox/woken';
import { type DecidedReply, decideReply, type ReplyRules } from '../rules/reply-rules';
import { noteResults } from '../templates/results';
import { type Claim, claimPush } from './claim';
import { keepHeard, keepPush } from './keep-push';

/**
 * Receiving: each push taken once, answered by the table of rules, handed to a person where the table says so.
 *
 * WeChat wants an answer within five seconds and delivers a push up to three times. A mini program cannot answer in
 * the response, so its answers go out as customer messages before the function returns; an official account's callback
 * can, and does where the answer is one message that has such a form.
 */

/** What receiving asks of WeChat, and the owner's table. */
export type ReceivePorts = FallbackPorts &
  Ports<'setTyping' | 'getTempMedia'> & { readonly rules: ReplyRules };

/** The calls of a function that takes pushes. */
export const receiveCalls = [
  'sendCustomMessage',
  'setTyping',
  'uploadTempMedia',
  'getTempMedia',
  // For messages of the outbox that waited for the push.
  'sendTemplateMessage',
  'sendSubscribeMessage',
] as const;

/** The door a push came in by. */
export interface Door {
  readonly account: Account;
  /** Whether a message may be answered in the response itself. */
  readonly passive: boolean;
}

/** What goes back to WeChat: nothing to say, a message, or the hand-over. */
export type PushAnswer = 'success' | PassiveReply;

/** By when WeChat must have its answer, in milliseconds from the claim. What comes later waits in the outbox. */
const answerWithinMs = 4500;

/** How long sending one message usually takes at most; one that would not fit is kept for later. */
const usualSendMs = 1500;

/**
 * Takes a push that the platform hands to a function: `kefu-receive`.
 *
 * Answers `'success'` or a `transfer_customer_service` object, as WeChat wants it; a forged or malformed push is
 * refused in the shape of all refusals.
 */
export function kefuReceive(rules: ReplyRules) {
  return defineFunction({
    name: 'kefu-receive',
    access: 'push',
    fields: 'own',
    calls: receiveCalls,
    timeoutSeconds: 20,
    async run(event, { ports }): Promise<PushAnswer | Refusal> {
      const parsed = parsePush(event);
      if (!parsed.ok) return refuseFaults(parsed.faults);
      const { push } = parsed;
      const account: Account = push.ToUserName === ports.settings.officialAppid ? 'official' : 'miniprogram';
      return takePush(push, { account, passive: false }, { ...ports, rules });
    },
  });
}

/** Handles a push once, and gives a repeat the first one's answer. */
export async function takePush(
  push: Push | UnknownPush,
  door: Door,
  ports: ReceivePorts,
): Promise<PushAnswer> {
  const plan = planFor(push, door, ports);
  const act = actOf(push, door.account);
  const lane = laneOf(door.account, push.FromUserName, ports);
  // Read beside the claim, so that both are one wait; a repeat has read in vain.
  const book = act === undefined ? undefined : readBook(lane, ports);
  book?.catch(() => undefined);
  const isAnswered =
    plan.messages.length > 0 || plan.decided.action !== undefined || plan.answer !== 'success';
  const whose = { account: door.account, touser: push.FromUserName };
  const may = act !== undefined || isAnswered ? maySpeak(whose, ports) : Promise.resolve(true);
  may.catch(() => undefined);
  const claimed = await claimPush(plan.id, plan.begun, ports);
  if (claimed.kind === 'done') {
    await keepHeard({ id: plan.id, push, whose, at: ports.clock.now() }, true, ports);
    return JSON.parse(claimed.answer) as PushAnswer;
  }
  const { claim } = claimed;
  const acting = { act, lane, book };
  // Whose answer it is when nobody can say who speaks: a repeat's.
  const isSilent = !(await may.catch((error) => giveUp(error, claim, claim.dealt)));
  const heeded = isSilent ? silenced(plan) : await heedAsked(plan, push, book, ports);
  return settlePush(heeded, push, claim, acting, ports);
}

async function giveUp(error: unknown, claim: Claim, dealt: number): Promise<never> {
  await claim.giveBack(dealt);
  throw error;
}

/** A plan of which nothing is carried out: a person has the conversation, or is asked for. */
function silenced(plan: Plan): Plan {
  const decided: DecidedReply = { say: [], typing: false, keep: plan.decided.keep };
  return { ...plan, decided, answer: 'success', asksHere: false, isSilent: true };
}

/** How long a request for a person waits for the user's next message, which alone can be handed over. */
const askedForMs = 30 * 60 * 1000;

/** The hand-over, where a model or code asked for a person: only what the user writes after that can be handed over. */
async function heedAsked(
  plan: Plan,
  push: Push | UnknownPush,
  book: ReturnType<typeof readBook> | undefined,
  ports: ReceivePorts,
): Promise<Plan> {
  const now = ports.clock.now();
  const held = await book?.catch(() => undefined);
  const isAsked = held !== undefined && now - held.askedAt < askedForMs && push.MsgType !== 'event';
  if (!isAsked) return plan;
  const transfer = { wechat: true };
  const decided: DecidedReply = { say: [], typing: false, keep: plan.decided.keep, transfer };
  return { ...plan, decided, messages: [], begun: 0, answer: toTransfer(push, now), asksHere: false };
}

async function settlePush(
  plan: Plan,
  push: Push | UnknownPush,
  claim: Claim,
  { act, lane, book }: Acting,
  ports: ReceivePorts,
): Promise<PushAnswer> {
  const noting =
    act === undefined
      ? undefined
      : noteAct(
          {
            account: plan.account,
            lane,
            handsOver: plan.decided.transfer !== undefined,
            kind: act,
            atMs: push.CreateTime * 1000,
            said: plan.isSilent
              ? 0
              : Math.max(0, plan.messages.length - (claim.isTakenOver ? claim.begun : 0)),
          },
          ports,
          book,
        );
  const progress = { dealt: claim.dealt };
  const whose = { account: plan.account, touser: push.FromUserName };
  const kept = { id: plan.id, push, whose, at: ports.clock.now() };
  const [noted, answered] = await Promise.allSettled([
    noting,
    sayAll(plan, push, claim, progress, ports),
    noteResults(push, plan.account, ports),
  ]);
  if (answered.status === 'rejected' || noted.status === 'rejected') {
    const { reason } = (answered.status === 'rejected' ? answered : noted) as PromiseRejectedResult;
    await Promise.all([claim.giveBack(progress.dealt), keepHeard(kept, false, ports)]);
    throw reason;
  }
  const { answer, refusedWith, said } = answered.value;
  const { isSilent, asksHere } = plan;
  await Promise.all([
    claim.finish(JSON.stringify(answer)),
    keepPush({ ...kept, isSilent, asksHere, said }, ports),
    refusedWith === undefined ? undefined : noteRefused(lane, refusedWith, ports),
    // It is kept by now; should this start be lost, the timer finds it.
    plan.decided.action === undefined ? undefined : ports.startFunction('kefu-answer', { lane }),
  ]);
  const { rule, say, transfer } = plan.decided;
  ports.log({ push: pushName(push), rule, said: say.length, transfer: transfer !== undefined });
  if (noted.value?.wakes) await sendWoken(lane, noted.value, ports);
  return answer;
}

/** What a push means for its user's window. */
interface Acting {
  readonly act: ReturnType<typeof actOf>;
  readonly lane: string;
  readonly book: ReturnType<typeof readBook> | undefined;
}

/** What is done about a push: the same for each of its deliveries. */
interface Plan {
  readonly id: string;
  readonly account: Account;
  readonly decided: DecidedReply;
  /** What is sent as customer messages. */
  readonly messages: readonly Message[];
  /** How many messages are begun with the claim itself: the first, where nothing comes before it that takes its time. */
  readonly begun: number;
  /** What is answered. */
  readonly answer: PushAnswer;
  /** Whether a person of the desk is asked for. */
  readonly asksHere: boolean;
  /** The message that the answer itself is. */
  readonly passive?: Message;
  /** Whether nothing is said: a person has the conversation, or is asked for. */
  readonly isSilent: boolean;
}

function planFor(push: Push | UnknownPush, { account, passive }: Door, ports: ReceivePorts): Plan {
  const decided = decide(push, account, ports);
  const messages = decided.say.flatMap((message) => readMessage(message, push.FromUserName, account, ports));
  const asksHere = decided.transfer?.wechat === false && hasDesk(ports);
  const transfer = asksHere
    ? undefined
    : decided.transfer && toTransfer(push, ports.clock.now(), decided.transfer.kfAccount);
  const begun = decided.keep || decided.action !== undefined ? 0 : Math.min(1, messages.length);
  const id = idOf([account, ...pushKey(push)], ports);
  const plan = { id, account, decided, messages, begun, asksHere, isSilent: false };
  const [only] = messages;
  const mayAnswer = passive && messages.length === 1 && transfer === undefined;
  if (mayAnswer && only !== undefined && filesIn(only).length === 0) {
    const reply = toPassiveMessage(only, push, ports.clock.now());
    if (reply !== undefined) return { ...plan, messages: [], begun: 0, answer: reply, passive: only };
  }
  return { ...plan, answer: transfer ?? 'success' };
}

/** What the table says; an answer to the question how it was is thanked for, and no rule's. */
function decide(push: Push | UnknownPush, account: Account, ports: ReceivePorts): DecidedReply {
  const isScore = keepsHistory(ports) && scoreOf(push) !== undefined;
  return isScore
    ? { say: [satisfactionThanks], typing: false, keep: false }
    : decideReply(ports.rules, push, account);
}

/** The table was checked when it was built; a message that this account cannot send is left out and logged. */
function readMessage(message: object, touser: string, account: Account, ports: ReceivePorts): Message[] {
  const parsed = parseMessage({ ...message, touser }, { account });
  if (parsed.ok) return [parsed.message];
  ports.log({ step: 'answer', failed: true, errCode: parsed.faults[0].errCode, path: parsed.faults[0].path });
  return [];
}

/** What is answered, and the last refusal for the window's sake. */
interface Said {
  readonly answer: PushAnswer;
  readonly refusedWith: WindowRefusal | undefined;
  /** What was said; what waits in the outbox is kept by that. */
  readonly said: readonly Entry[];
}

async function sayAll(
  plan: Plan,
  push: Push | UnknownPush,
  claim: Claim,
  progress: { dealt: number },
  ports: ReceivePorts,
): Promise<Said> {
  const { messages, decided, account, answer } = plan;
  let refusedWith: WindowRefusal | undefined;
  const said: Entry[] = plan.passive === undefined ? [] : [entryOf(plan.passive, 0, plan, success(), ports)];
  // From here, not from the call's beginning: whoever took over a dead claim has waited, and WeChat has not.
  const startedAt = ports.clock.now();
  const isLate = () => ports.clock.now() - startedAt > answerWithinMs - usualSendMs;
  if (decided.action !== undefined) await keepJob(plan.id, push, account, ports);
  if (decided.keep) await keepMedia(push, account, ports);
  if (decided.typing && messages.length > 0 && !claim.isTakenOver)
    await ports.wechat.call('setTyping', { touser: push.FromUserName, command: 'Typing' }, account);
  if (claim.isTakenOver) await recordLost(plan, claim, ports);
  if (plan.isSilent) return { answer, refusedWith, said };
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
    progress.dealt = number + 1;
  }
  return { answer, refusedWith, said };
}

function entryOf(message: Message, number: number, { id }: Plan, answer: Answer, ports: ReceivePorts): Entry {
  return { id: idOf([id, number], ports), from: 'rule', message, ...outcomeOf(answer) };
}

/** A message that was begun by somebody who did not come to the end may have arrived: that is put down, and left at that. */
async function recordLost(plan: Plan, { begun, dealt }: Claim, ports: ReceivePorts): Promise<void> {
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
async function say(message: Message, number: number, plan: Plan, ports: ReceivePorts): Promise<Answer> {
  const answer = await deliver(message, plan.account, ports);
  if (answer.errCode === 0) return answer;
  const { code, retryable, errCode } = answer as Refusal;
  ports.log({ step: 'answer', failed: true, errCode, code });
  if (retryable) await leaveToOutbox(message, number, plan, ports);
  return answer;
}

/** Puts a message into the outbox, under an id that a repeat of the push would give it again. */
async function leaveToOutbox(
  message: Message,
  number: number,
  plan: Plan,
  ports: ReceivePorts,
): Promise<void> {
  await enqueue([outgoingOf(message, number, plan, ports)], ports);
  await heedClaim({ account: plan.account, touser: message.touser }, ports);
}

function outgoingOf(message: Message, number: number, { id, account }: Plan, ports: ReceivePorts): Outgoing {
  const deadline = ports.clock.now() + longestWaitMs;
  return { id: idOf([id, number], ports), message, account, fallback: [], priority: 0, deadline, by: 'rule' };
}

/** Saves the picture, sound or film that the user sent in cloud storage. */
async function keepMedia(push: Push | UnknownPush, account: Account, ports: ReceivePorts): Promise<void> {
  const mediaId = (push as UnknownPush)['MediaId'];
  if (typeof mediaId !== 'string') return;
  const answer = await careless('keep-media', ports, () => saveMedia(mediaId, account, ports));
  if (answer !== undefined && answer.errCode !== 0)
    ports.log({ step: 'keep-media', failed: true, errCode: answer.errCode });
}
