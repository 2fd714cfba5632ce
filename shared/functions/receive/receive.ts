import type { Caller } from '../../core/access';
import { type Refusal, refusal, refuseFaults } from '../../core/answer';
import { type Claim, claimPush } from '../../core/claim';
import type { Ports } from '../../core/ports';
import { noteAct, noteRefused, noteSent } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import { filesIn } from '../../wechat/messages/message-files';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { type PassiveReply, toPassiveMessage, toTransfer } from '../../wechat/messages/passive-replies';
import { parsePush } from '../../wechat/pushes/parse-push';
import { pushKey } from '../../wechat/pushes/push-key';
import { actOf, type Push, pushName, type UnknownPush } from '../../wechat/pushes/pushes';
import { getMedia } from '../media/get-media';
import { keep, longestWaitMs, wakeOutbox } from '../outbox/outbox';
import { deliver } from '../send/send';
import { noteResults } from '../templates/results';
import { type DecidedReply, decideReply, type ReplyRules } from './reply-rules';

/**
 * Receiving: each push taken once, answered by the table of rules, handed to a person where the table says so.
 *
 * WeChat wants an answer within five seconds and delivers a push up to three times. A mini program cannot answer in
 * the response, so its answers go out as customer messages before the function returns; an official account's callback
 * can, and does where the answer is one message that has such a form.
 */

/** What receiving needs beside the usual ports. */
export interface ReceivePorts extends Ports {
  readonly rules: ReplyRules;
  readonly sleep: (ms: number) => Promise<void>;
  /** A name that no other call has. */
  readonly holder: string;
}

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

/** Sources from which no push comes: any client could forge one. */
const clientSources: readonly string[] = ['wx_client', 'wx_devtools'];

const illegalSource = -604104;

/**
 * Takes a push that the platform hands to a function: `kefu-receive`.
 *
 * Answers `'success'` or a `transfer_customer_service` object, as WeChat wants it; a forged or malformed push is
 * refused in the shape of all refusals.
 */
export async function receive(
  event: unknown,
  caller: Caller,
  ports: ReceivePorts,
): Promise<PushAnswer | Refusal> {
  if (caller.source.split(',').some((source) => clientSources.includes(source.trim()))) {
    return refusal('not-allowed', illegalSource, 'a client cannot push');
  }
  const parsed = parsePush(event);
  if (!parsed.ok) return refuseFaults(parsed.faults);
  const { push } = parsed;
  if (caller.openid !== undefined && caller.openid !== push.FromUserName) {
    return refusal('not-allowed', illegalSource, 'the push is not of the user who calls');
  }
  const account: Account = push.ToUserName === ports.settings.officialAppid ? 'official' : 'miniprogram';
  return takePush(push, { account, passive: false }, ports);
}

/** Handles a push once, and gives a repeat the first one's answer. */
export async function takePush(
  push: Push | UnknownPush,
  door: Door,
  ports: ReceivePorts,
): Promise<PushAnswer> {
  const key = [door.account, ...pushKey(push)];
  const claimed = await claimPush(key, ports.holder, ports, ports.sleep);
  if (claimed.kind === 'done') return JSON.parse(claimed.answer) as PushAnswer;
  const { claim } = claimed;
  // From here, not from the call's beginning: whoever took over a dead claim has waited, and WeChat has not.
  const startedAt = ports.clock.now();

  await Promise.all([book(push, door.account, ports), noteResults(push, door.account, ports)]);
  const decided = decideReply(ports.rules, push, door.account);
  const answer = await carryOut(decided, push, { ...door, claim, key, startedAt }, ports);
  await claim.finish(JSON.stringify(answer));
  ports.log({
    push: pushName(push),
    rule: decided.rule,
    said: decided.say.length,
    transfer: decided.transfer !== undefined,
  });
  return answer;
}

/** What the push means for the reply window, and for messages that wait for it. */
async function book(push: Push | UnknownPush, account: Account, ports: ReceivePorts): Promise<void> {
  const openid = push.FromUserName;
  const act = actOf(push, account);
  if (act === undefined) return;
  await noteAct(account, openid, act, push.CreateTime * 1000, ports);
  if (act !== 'unfollow') await wakeOutbox(account, openid, ports);
}

/** A push that is being handled. */
interface Handling extends Door {
  readonly claim: Claim;
  readonly key: readonly string[];
  readonly startedAt: number;
}

async function carryOut(
  decided: DecidedReply,
  push: Push | UnknownPush,
  handling: Handling,
  ports: ReceivePorts,
): Promise<PushAnswer> {
  const { account, claim, passive } = handling;
  const messages = decided.say.flatMap((message) => readMessage(message, push.FromUserName, account, ports));
  const transfer = decided.transfer && toTransfer(push, ports.clock.now(), decided.transfer.kfAccount);

  const [only] = messages;
  if (
    passive &&
    only !== undefined &&
    messages.length === 1 &&
    transfer === undefined &&
    filesIn(only).length === 0
  ) {
    const reply = toPassiveMessage(only, push, ports.clock.now());
    if (reply !== undefined) return reply;
  }

  if (decided.keep) await keepMedia(push, account, ports);
  if (decided.typing && messages.length > 0 && claim.begun === 0) {
    await ports.wechat.call('setTyping', { touser: push.FromUserName, command: 'Typing' }, account);
  }
  for (const [number, message] of messages.entries()) {
    // A message that somebody began to send and did not finish may have arrived: it is left at that.
    if (number < claim.begun) continue;
    const late = ports.clock.now() - handling.startedAt > answerWithinMs - usualSendMs;
    if (late) await keepForLater(message, number, handling, ports);
    // The claim has gone to a repeat, which goes on from here.
    if (!(await claim.begin(number))) return 'success';
    if (!late) await say(message, number, handling, ports);
  }
  return transfer ?? 'success';
}

/** Sends one message of an answer; one that only the moment forbids is kept for later. */
async function say(message: Message, number: number, handling: Handling, ports: ReceivePorts): Promise<void> {
  const { account } = handling;
  const answer = await deliver(message, account, ports);
  if (answer.errCode === 0) return noteSent(account, message.touser, ports);
  if (answer.errCode === 45015 || answer.errCode === 45047) {
    await noteRefused(account, message.touser, answer.errCode, ports);
  }
  const { code, retryable } = answer as Refusal;
  ports.log({ step: 'answer', failed: true, errCode: answer.errCode, code });
  if (retryable) await keepForLater(message, number, handling, ports);
}

/** Puts a message into the outbox, under an id that a repeat of the push would give it again. */
async function keepForLater(
  message: Message,
  number: number,
  { account, key }: Handling,
  ports: ReceivePorts,
): Promise<void> {
  const id = ports.digest(JSON.stringify([...key, number]));
  const deadline = ports.clock.now() + longestWaitMs;
  await keep([{ id, message, account, fallback: [], priority: 0, deadline }], ports);
}

/** The table was checked when it was built; a message that this account cannot send is left out and logged. */
function readMessage(message: object, touser: string, account: Account, ports: ReceivePorts): Message[] {
  const parsed = parseMessage({ ...message, touser }, { account });
  if (parsed.ok) return [parsed.message];
  ports.log({ step: 'answer', failed: true, errCode: parsed.faults[0].errCode, path: parsed.faults[0].path });
  return [];
}

/** Saves the picture, sound or film that the user sent in cloud storage. */
async function keepMedia(push: Push | UnknownPush, account: Account, ports: ReceivePorts): Promise<void> {
  const mediaId = (push as UnknownPush)['MediaId'];
  if (typeof mediaId !== 'string') return;
  const answer = await getMedia({ media_id: mediaId, account }, { source: 'wx_trigger' }, ports);
  if (answer.errCode !== 0) ports.log({ step: 'keep-media', failed: true, errCode: answer.errCode });
}
