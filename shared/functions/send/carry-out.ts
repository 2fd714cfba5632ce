import { refusal, success, withHints } from '../../core/answer';
import { type Outcome, once } from '../../core/once';
import { laneOf, noteRefused, noteSent, recallWindow } from '../../core/reply-windows';
import type { ReplyWindow } from '../../wechat/reply-window';
import type { FallbackPorts } from '../deliver/fallback';
import { type PartsSent, sendParts } from '../deliver/parts';
import { hintsFor } from './help';
import { queueMessage } from './queue';
import type { SendAnswer, SendRequest } from './send-request';

/** Does what a request asks for: sends it, keeps it, or only tells of the window. With success come {@link hintsFor}. */
export async function carryOut(request: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  return withHints(await act(request, ports), hintsFor(request));
}

async function act(request: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  if (request.parts.length === 0) return tellWindow(request, ports);
  if (request.queue) {
    const kept = await queueMessage(request, ports);
    if (kept.errCode !== 0 || !request.window) return kept;
    const believed = await recallWindow(request.account, request.touser, ports);
    return believed === undefined ? kept : { ...kept, window: believed };
  }
  // Read before the message leaves and counted on, so that claim and window are one wait.
  const window = request.window ? recallWindow(request.account, request.touser, ports) : undefined;
  const work = () => sendCounted(request, window, ports);
  if (request.key !== undefined) return once(request.key, ports, work);
  const { answer, alongside } = await work();
  await alongside?.();
  return answer;
}

async function tellWindow({ account, touser }: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  const window = await recallWindow(account, touser, ports);
  return window === undefined
    ? refusal('wechat-busy', -502001, 'the database could not be asked for the window')
    : success({ window });
}

/** Sends a request, and says what has to be noted of the window. */
async function sendCounted(
  request: SendRequest,
  believed: Promise<ReplyWindow | undefined> | undefined,
  ports: FallbackPorts,
): Promise<Outcome> {
  const sent = await sendParts(request, ports);
  const { accepted, refusedWith } = sent;
  const answer: SendAnswer = sent.answer;
  const before = await believed;
  const window = before && windowAfter(before, sent, ports.clock.now());
  const counted: SendAnswer = window === undefined ? answer : { ...answer, window };
  return {
    answer: counted,
    alongside: async () => {
      const lane = laneOf(request.account, request.touser, ports);
      // Counting costs a round trip, which a message that asked for nothing must not pay. A refusal is rare.
      if (request.window && accepted > 0) await noteSent(new Map([[lane, accepted]]), ports);
      if (refusedWith !== undefined) await noteRefused(lane, refusedWith, ports);
    },
  };
}

function windowAfter(
  { remaining, closesAt }: ReplyWindow,
  { accepted, refusedWith }: PartsSent,
  now: number,
) {
  return {
    remaining: refusedWith === undefined ? Math.max(0, remaining - accepted) : 0,
    closesAt: refusedWith === 45015 ? Math.min(closesAt, now) : closesAt,
  };
}
