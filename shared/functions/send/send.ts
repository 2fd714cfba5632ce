import { type Caller, decideRole } from '../../core/access';
import { type Answer, type Refusal, refusal, refuseFailure, success } from '../../core/answer';
import { ownFields } from '../../core/event';
import { type Outcome, once, type RequestKey } from '../../core/once';
import { type Ports, stepMs } from '../../core/ports';
import { noteRefused, noteSent, recallWindow } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import { filesIn, type MessageFile, withMediaIds } from '../../wechat/messages/message-files';
import type { Message } from '../../wechat/messages/message-types';
import type { ReplyWindow } from '../../wechat/reply-window';
import { isWindowRefusal, tryFallback } from '../deliver/fallback';
import { mediaFor, type UploadResult, uploadAnew } from '../media/media-cache';
import { keepMessage } from './queue';
import { sendMany } from './send-many';
import { parseRequest, refuseRequest, requestKey, type SendAnswer, type SendRequest } from './send-request';

/**
 * Sends one customer-service message, or up to a hundred: `kefu-send`.
 *
 * The event is the message in either spelling. `touser` left out means the caller; a `cloud://` file may stand for a
 * media id; `split: true` cuts a text over 2048 bytes into several messages, and the answer then lists a result for
 * each in `results`. The first that fails ends the row: what comes after it is not sent.
 *
 * `requestId` sends once whatever is repeated; `window: true` tells what is left of the reply window; `fallback` lists
 * what to try when it is shut or full; `queue: true` keeps the message for `kefu-outbox`, with `priority` and
 * `deadline`. `messages` holds several, each with its own options. `docs/delivery.md` has what each promises and costs.
 */
export async function send(event: unknown, caller: Caller, ports: Ports): Promise<SendAnswer> {
  const input = ownFields(event);
  const role = decideRole(caller, ports.settings.operators);
  if (Object.hasOwn(input, 'messages')) return sendMany(input, { role, caller }, ports, carryOut);
  const refused = refuseRequest(role, caller, input);
  if (refused !== undefined) return refused;
  const parsed = parseRequest(input, { role, caller }, ports);
  return parsed.ok
    ? carryOut(parsed.request, requestKey(parsed.request, role, caller, ports), ports)
    : parsed.refusal;
}

/** Does what a request asks for: sends it, keeps it, or only tells of the window. */
async function carryOut(
  request: SendRequest,
  key: RequestKey | undefined,
  ports: Ports,
): Promise<SendAnswer> {
  if (request.parts.length === 0) return tellWindow(request, ports);
  if (request.queue) {
    const kept = await keepMessage(request, key, ports);
    if (kept.errCode !== 0 || !request.window) return kept;
    const believed = await recallWindow(request.account, request.touser, ports);
    return believed === undefined ? kept : { ...kept, window: believed };
  }
  // Read before the message leaves and counted on, so that claim and window are one wait.
  const window = request.window ? recallWindow(request.account, request.touser, ports) : undefined;
  const work = () => sendCounted(request, window, ports);
  if (key !== undefined) return once(key, ports, work);
  const { answer, alongside } = await work();
  await alongside?.();
  return answer;
}

async function tellWindow({ account, touser }: SendRequest, ports: Ports): Promise<SendAnswer> {
  const window = await recallWindow(account, touser, ports);
  return window === undefined
    ? refusal('wechat-busy', -502001, 'the database could not be asked for the window')
    : success({ window });
}

/** Sends a request, and says what the book of windows has to be told. */
async function sendCounted(
  request: SendRequest,
  believed: Promise<ReplyWindow | undefined> | undefined,
  ports: Ports,
): Promise<Outcome> {
  const { account, touser } = request;
  const { answer, accepted, refusedWith } = await sendParts(request, ports);
  const before = await believed;
  const after = before && windowAfter(before, accepted, refusedWith, ports.clock.now());
  return {
    answer: after === undefined ? answer : { ...answer, window: after },
    alongside: async () => {
      // Counting costs a round trip, which a message that asked for nothing must not pay. A refusal is rare.
      if (request.window && accepted > 0) await noteSent(account, touser, ports, accepted);
      if (refusedWith !== undefined) await noteRefused(account, touser, refusedWith, ports);
    },
  };
}

function windowAfter(
  { remaining, closesAt }: ReplyWindow,
  accepted: number,
  refusedWith: 45015 | 45047 | undefined,
  now: number,
): ReplyWindow {
  return {
    remaining: refusedWith === undefined ? Math.max(0, remaining - accepted) : 0,
    closesAt: refusedWith === 45015 ? Math.min(closesAt, now) : closesAt,
  };
}

/** What sending came to. */
export interface PartsSent {
  readonly answer: SendAnswer;
  /** How many customer messages WeChat took. */
  readonly accepted: number;
  readonly refusedWith?: 45015 | 45047;
}

/** How long a part of a split text usually takes. */
const usualPartMs = 500;

/** Sends the parts of a message in their order; the fallback stands in for the whole, not for a part. */
export async function sendParts(
  { parts, fallback, account }: Pick<SendRequest, 'parts' | 'fallback' | 'account'>,
  ports: Ports,
): Promise<PartsSent> {
  if (parts.length > 1 && ports.clock.remainingMs() < stepMs + (parts.length - 1) * usualPartMs) {
    return { answer: outOfTime(), accepted: 0 };
  }
  const results: Answer[] = [];
  for (const part of parts) {
    const answer = await deliver(part, account, ports);
    results.push(answer);
    if (answer.errCode === 0) continue;
    const refused = answer as Refusal;
    const accepted = results.length - 1;
    if (!isWindowRefusal(refused.errCode))
      return { answer: listed(refused, results, parts.length), accepted };
    const refusedWith = refused.errCode;
    const instead =
      accepted === 0 && fallback.length > 0 ? await tryFallback(fallback, refused, ports) : refused;
    return { answer: listed(instead, results, parts.length), accepted, refusedWith };
  }
  const which = fallback.length > 0 ? { sent: 'message' as const } : {};
  const each = parts.length > 1 ? { results } : {};
  return { answer: success({ ...which, ...each }), accepted: parts.length };
}

/** A failure with what came of the parts before it. After the first it is no longer to be repeated as a whole. */
function listed(answer: SendAnswer, results: readonly Answer[], parts: number): SendAnswer {
  if (parts === 1 || answer.errCode === 0) return answer;
  return results.length > 1 ? { ...(answer as Refusal), retryable: false, results } : { ...answer, results };
}

function outOfTime(): Refusal {
  return refusal('wechat-busy', -501002, 'the function ran out of time before the message was sent');
}

/** Delivers one message: its files become media ids, and a media id that WeChat no longer knows is replaced once. */
export async function deliver(message: Message, account: Account, ports: Ports): Promise<Answer> {
  const files = filesIn(message);
  const first = await resolveFiles(message, files, account, ports, mediaFor);
  if (!first.ok) return first.refusal;
  const answer = await sendOnce(first.message, account, ports);
  if (answer.errCode !== 40007 || files.length === 0) return answer;

  // 40007 says that nothing was sent, so this second call cannot be a second message.
  const second = await resolveFiles(message, files, account, ports, uploadAnew);
  return second.ok ? sendOnce(second.message, account, ports) : second.refusal;
}

async function sendOnce(message: Message, account: Account, ports: Ports): Promise<Answer> {
  if (ports.clock.remainingMs() < stepMs) {
    return outOfTime();
  }
  const reply = await ports.wechat.call('sendCustomMessage', message, account);
  return reply.ok ? success() : refuseFailure('sendCustomMessage', reply);
}

type Resolved =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly refusal: Refusal };

async function resolveFiles(
  message: Message,
  files: readonly MessageFile[],
  account: Account,
  ports: Ports,
  upload: typeof mediaFor,
): Promise<Resolved> {
  if (files.length === 0) return { ok: true, message };
  const results: UploadResult[] = await Promise.all(
    files.map(({ fileID, type }) => upload({ fileID, type, account }, ports)),
  );
  const mediaIds: Record<string, string> = {};
  for (const [index, { field }] of files.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    if (!result.ok) {
      const path = `${message.msgtype}.${field}`;
      return {
        ok: false,
        refusal: { ...result.refusal, details: [{ path, message: result.refusal.errMsg }] },
      };
    }
    mediaIds[field] = result.media.mediaId;
  }
  return { ok: true, message: withMediaIds(message, mediaIds) };
}
