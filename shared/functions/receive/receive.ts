import { type Refusal, refuseFaults } from '../../core/answer';
import { defineFunction } from '../../core/define-function';
import type { Ports } from '../../core/ports';
import { noteAct, noteRefused, readBook } from '../../core/reply-windows';
import type { PushAnswer } from '../../wechat/messages/passive-replies';
import { parsePush } from '../../wechat/pushes/parse-push';
import { pushName } from '../../wechat/pushes/push-meaning';
import type { Push, UnknownPush } from '../../wechat/pushes/pushes';
import { maySpeak } from '../conversations/history';
import type { FallbackPorts } from '../deliver/fallback';
import { sendWoken } from '../outbox/woken';
import type { ReplyRules } from '../rules/reply-rules';
import { noteResults } from '../templates/results';
import { type Claim, claimPush } from './claim';
import { keepHeard, keepPush } from './keep-push';
import { begunWithClaim, type Door, handedOver, isAnswered, type Plan, planFor, silenced } from './plan';
import { sayAll } from './say';

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
      const account = push.ToUserName === ports.settings.officialAppid ? 'official' : 'miniprogram';
      return takePush(push, { account, passive: false }, { ...ports, rules });
    },
  });
}

type Book = ReturnType<typeof readBook> | undefined;

/** Handles a push once, and gives a repeat the first one's answer. */
export async function takePush(
  push: Push | UnknownPush,
  door: Door,
  ports: ReceivePorts,
): Promise<PushAnswer> {
  const plan = planFor(push, door, ports);
  // Both are asked beside the claim, so that all is one wait; a repeat has asked in vain.
  const book = plan.act === undefined ? undefined : readBook(plan.lane, ports);
  book?.catch(() => undefined);
  const may = plan.act !== undefined || isAnswered(plan) ? maySpeak(plan, ports) : Promise.resolve(true);
  may.catch(() => undefined);
  const claimed = await claimPush(plan.id, begunWithClaim(plan), ports);
  if (claimed.kind === 'done') {
    await keepHeard({ ...plan, at: ports.clock.now() }, true, ports);
    return JSON.parse(claimed.answer) as PushAnswer;
  }
  const { claim } = claimed;
  // Whose answer it is when nobody can say who speaks: a repeat's.
  const isBots = await may.catch(async (error) => {
    await claim.giveBack(claim.isTakenOver ? claim.begun : 0);
    throw error;
  });
  return carryOut(isBots ? await heedAsked(plan, book, ports) : silenced(plan), claim, book, ports);
}

/** How long a request for a person waits for the user's next message, which alone can be handed over. */
const askedForMs = 30 * 60 * 1000;

/** The hand-over, where a model or code asked for a person: only what the user writes after that can be handed over. */
async function heedAsked(plan: Plan, book: Book, { clock }: ReceivePorts): Promise<Plan> {
  const now = clock.now();
  const held = await book?.catch(() => undefined);
  const isAsked = held !== undefined && now - held.askedAt < askedForMs && plan.push.MsgType !== 'event';
  return isAsked ? handedOver(plan, now) : plan;
}

/** Opens the window, says what there is to say, and keeps both; then sends what waited for the push. */
async function carryOut(plan: Plan, claim: Claim, book: Book, ports: ReceivePorts): Promise<PushAnswer> {
  const { account, lane, push, act, decided, answer } = plan;
  const heard = { ...plan, at: ports.clock.now() };
  const left = plan.messages.length - (claim.isTakenOver ? claim.begun : 0);
  const happened = act && {
    account,
    lane,
    handsOver: decided.transfer !== undefined,
    kind: act,
    atMs: push.CreateTime * 1000,
    said: plan.isSilent ? 0 : Math.max(0, left),
  };
  const [noted, told] = await Promise.allSettled([
    happened && noteAct(happened, ports, book),
    sayAll(plan, claim, ports),
    noteResults(push, account, ports),
  ]);
  if (told.status === 'rejected' || noted.status === 'rejected') {
    const { reason } = (told.status === 'rejected' ? told : noted) as PromiseRejectedResult;
    await Promise.all([claim.giveBack(), keepHeard(heard, false, ports)]);
    throw reason;
  }
  const { refusedWith, said } = told.value;
  await Promise.all([
    claim.finish(JSON.stringify(answer)),
    keepPush({ ...heard, said }, ports),
    refusedWith === undefined ? undefined : noteRefused(lane, refusedWith, ports),
    // It is kept by now; should this start be lost, the timer finds it.
    decided.action === undefined ? undefined : ports.startFunction('kefu-answer', { lane }),
  ]);
  const { rule, say, transfer } = decided;
  ports.log({ push: pushName(push), rule, said: say.length, transfer: transfer !== undefined });
  if (noted.value?.wakes) await sendWoken(lane, noted.value, ports);
  return answer;
}
