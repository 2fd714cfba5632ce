import { type Answer, outOfTime, type Refusal, success } from '../../core/answer';
import { stepMs } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Hint } from '../../wechat/fields/fault';
import type { Message } from '../../wechat/messages/message-types';
import { type DeliverAnswer, type DeliverPorts, deliver } from './deliver';
import type { FallbackAnswer } from './fallback';

/** A message to be sent: in parts where its text was too long for one, with what is tried in its place. */
export interface Parts {
  readonly parts: readonly Message[];
  readonly account: Account;
  /** Where the window is shut or full; absent where nothing is tried then. */
  readonly instead?: ((refused: Refusal) => Promise<FallbackAnswer>) | undefined;
}

/** What a delivery answers beyond errCode and errMsg. */
export type PartsAnswer = Answer & {
  /** An answer for each part of a text that was split. */
  readonly results?: readonly Answer[];
  /** Which message was sent, where there was a fallback. */
  readonly sent?: 'message' | FallbackAnswer['sent'];
  /** What was legal and surely not meant, beside success. */
  readonly hints?: readonly Hint[];
};

/** What sending came to. */
export interface PartsSent {
  readonly answer: PartsAnswer;
  /** What WeChat made of each part that was tried. */
  readonly tried: readonly Answer[];
  /** How many customer messages WeChat took. */
  readonly accepted: number;
  readonly refusedWith?: WindowRefusal;
}

/** The two refusals that a fallback is for: the window is shut, or its count used up. */
export type WindowRefusal = 45015 | 45047;

export function isWindowRefusal(errCode: number): errCode is WindowRefusal {
  return errCode === 45015 || errCode === 45047;
}

/** How long a part of a split text usually takes. */
const usualPartMs = 500;

/** Sends the parts of a message in their order; the fallback stands in for the whole, not for a part. */
export async function sendParts({ parts, instead, account }: Parts, ports: DeliverPorts): Promise<PartsSent> {
  const results: DeliverAnswer[] = [];
  if (ports.clock.remainingMs() < stepMs + (parts.length - 1) * usualPartMs) {
    return { answer: outOfTime(), tried: results, accepted: 0 };
  }
  for (const part of parts) {
    const answer = await deliver(part, account, ports);
    results.push(answer);
    if (answer.errCode === 0) continue;
    const refused = answer as Refusal;
    const accepted = results.length - 1;
    if (!isWindowRefusal(refused.errCode))
      return { answer: listed(refused, results, parts.length), tried: results, accepted };
    const last = accepted === 0 && instead !== undefined ? await instead(refused) : refused;
    return {
      answer: listed(last, results, parts.length),
      tried: results,
      accepted,
      refusedWith: refused.errCode,
    };
  }
  const which = instead === undefined ? {} : { sent: 'message' as const };
  // Only a message that is one part has files.
  const each = parts.length > 1 ? { results } : results[0];
  return { answer: success({ ...each, ...which }), tried: results, accepted: parts.length };
}

/** A failure with what came of the parts before it. After the first it is no longer to be repeated as a whole. */
function listed(answer: PartsAnswer, results: readonly Answer[], parts: number): PartsAnswer {
  if (parts === 1 || answer.errCode === 0) return answer;
  return results.length > 1 ? { ...(answer as Refusal), retryable: false, results } : { ...answer, results };
}
