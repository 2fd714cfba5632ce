import { type Answer, outOfTime, type Refusal, success } from '../../core/answer';
import { stepMs } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Hint } from '../../wechat/fields/fault';
import type { Message } from '../../wechat/messages/message-types';
import { type DeliverAnswer, deliver } from './deliver';
import { type Fallback, type FallbackAnswer, type FallbackPorts, tryFallback } from './fallback';

/** A message to be sent: in parts where its text was too long for one, with what is tried in its place. */
export interface Parts {
  readonly parts: readonly Message[];
  readonly fallback: readonly Fallback[];
  readonly account: Account;
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
export async function sendParts(
  { parts, fallback, account }: Parts,
  ports: FallbackPorts,
): Promise<PartsSent> {
  if (parts.length > 1 && ports.clock.remainingMs() < stepMs + (parts.length - 1) * usualPartMs) {
    return { answer: outOfTime(), accepted: 0 };
  }
  const results: DeliverAnswer[] = [];
  for (const part of parts) {
    const answer = await deliver(part, account, ports);
    results.push(answer);
    if (answer.errCode === 0) continue;
    const refused = answer as Refusal;
    const accepted = results.length - 1;
    if (!isWindowRefusal(refused.errCode))
      return { answer: listed(refused, results, parts.length), accepted };
    const instead =
      accepted === 0 && fallback.length > 0 ? await tryFallback(fallback, refused, ports) : refused;
    return { answer: listed(instead, results, parts.length), accepted, refusedWith: refused.errCode };
  }
  const which = fallback.length > 0 ? { sent: 'message' as const } : {};
  // Only a message that is one part has files.
  const each = parts.length > 1 ? { results } : results[0];
  return { answer: success({ ...each, ...which }), accepted: parts.length };
}

/** A failure with what came of the parts before it. After the first it is no longer to be repeated as a whole. */
function listed(answer: PartsAnswer, results: readonly Answer[], parts: number): PartsAnswer {
  if (parts === 1 || answer.errCode === 0) return answer;
  return results.length > 1 ? { ...(answer as Refusal), retryable: false, results } : { ...answer, results };
}
