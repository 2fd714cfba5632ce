import { logFailure } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import { remember } from '../../wechat/fields/remember';
import { filesIn } from '../../wechat/messages/message-files';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { type PushAnswer, toPassiveMessage, toTransfer } from '../../wechat/messages/passive-replies';
import { actOf, pushKey } from '../../wechat/pushes/push-meaning';
import type { Push, PushAct, UnknownPush } from '../../wechat/pushes/pushes';
import { hasDesk, keepsHistory, type Whose } from '../conversations/history';
import { satisfactionThanks, scoreOf } from '../conversations/satisfaction';
import type { ReplyMessage } from '../rules/reply';
import { type DecidedReply, decideReply, type ReplyRules } from '../rules/reply-rules';

/** The door a push came in by. */
export interface Door {
  readonly account: Account;
  /** Whether a message may be answered in the response itself. */
  readonly passive: boolean;
}

/** A push, whose it is, and what is done about it: made once at the door, the same for each of its deliveries. */
export interface Plan extends Whose {
  /** The push's own id. */
  readonly id: string;
  readonly lane: string;
  readonly push: Push | UnknownPush;
  /** What it means for its user's window. */
  readonly act: PushAct | undefined;
  /** What it counts as an answer to the question how it was. */
  readonly score: number | undefined;
  readonly decided: DecidedReply;
  /** What is sent as customer messages. */
  readonly messages: readonly Message[];
  /** The message that the answer itself is. */
  readonly passive: Message | undefined;
  /** What is answered. */
  readonly answer: PushAnswer;
  /** Whether a person of the desk is asked for. */
  readonly asksHere: boolean;
  /** Whether nothing is said: a person has the conversation, or is asked for. */
  readonly isSilent: boolean;
}

type PlanPorts = Pick<Ports, 'settings' | 'clock' | 'log' | 'digest'> & { readonly rules: ReplyRules };

/** Decides what is done about a push. */
export function planFor(push: Push | UnknownPush, { account, passive }: Door, ports: PlanPorts): Plan {
  const touser = push.FromUserName;
  const score = scoreOf(push);
  // An answer to the question how it was is thanked for, and no rule's.
  const decided: DecidedReply =
    score !== undefined && keepsHistory(ports)
      ? { say: [satisfactionThanks], typing: false, keep: false }
      : decideReply(ports.rules, push, account);
  const messages = decided.say
    .flatMap((message) => readMessage(message, account, ports))
    .map((message) => ({ ...message, touser }));
  const asksHere = decided.transfer?.wechat === false && hasDesk(ports);
  const now = ports.clock.now();
  const transfer =
    decided.transfer && !asksHere ? toTransfer(push, now, decided.transfer.kfAccount) : undefined;
  const [only] = messages;
  const mayAnswer = passive && messages.length === 1 && transfer === undefined;
  const reply =
    mayAnswer && only !== undefined && filesIn(only).length === 0
      ? toPassiveMessage(only, push, now)
      : undefined;
  return {
    id: idOf([account, ...pushKey(push)], ports),
    account,
    touser,
    lane: laneOf(account, touser, ports),
    push,
    act: actOf(push, account),
    score,
    decided,
    messages: reply === undefined ? messages : [],
    passive: reply && only,
    answer: reply ?? transfer ?? 'success',
    asksHere,
    isSilent: false,
  };
}

/** How many messages are begun with the claim itself: the first, where nothing comes before it that takes its time. */
export function begunWithClaim({ decided, messages }: Plan): number {
  return decided.keep || decided.action !== undefined ? 0 : Math.min(1, messages.length);
}

/** Whether anything is said, at once or later. */
export function isAnswered({ messages, decided, answer }: Plan): boolean {
  return messages.length > 0 || decided.action !== undefined || answer !== 'success';
}

/** The plan of which nothing is said, because a person has the conversation, or is asked for. */
export function silenced(plan: Plan): Plan {
  return { ...plan, ...unsaid(plan), answer: 'success', isSilent: true };
}

/** The hand-over in a plan's place, where a model or code asked for a person. */
export function handedOver(plan: Plan, now: number): Plan {
  const { decided, ...rest } = unsaid(plan);
  const answer = toTransfer(plan.push, now);
  return { ...plan, ...rest, decided: { ...decided, transfer: { wechat: true } }, messages: [], answer };
}

function unsaid({ decided: { keep } }: Plan): Pick<Plan, 'decided' | 'passive' | 'asksHere'> {
  return { decided: { say: [], typing: false, keep }, passive: undefined, asksHere: false };
}

/** A message of the table as an account sends it, read when it is first said: of a push only `touser` is put in. */
const readFor = (account: Account) =>
  remember((message: ReplyMessage) => parseMessage({ ...message, touser: 'openid' }, { account }));
const reading = { miniprogram: readFor('miniprogram'), official: readFor('official') };

/** The table was checked when it was built; a message that this account cannot send is left out and logged. */
function readMessage(message: ReplyMessage, account: Account, { log }: Pick<Ports, 'log'>): Message[] {
  const parsed = reading[account](message);
  if (parsed.ok) return [parsed.message];
  logFailure({ log }, 'answer', { errCode: parsed.faults[0].errCode, path: parsed.faults[0].path });
  return [];
}
