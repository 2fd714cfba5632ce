import { type Answer, outOfTime, type Refusal, refuseFailure, success } from '../../core/answer';
import { type Ports, stepMs } from '../../core/ports';
import type { Account } from '../../wechat/account';
import { filesIn, type MessageFile, withMediaIds } from '../../wechat/messages/message-files';
import type { Message } from '../../wechat/messages/message-types';
import { mediaFor, type UploadResult, uploadAnew } from '../media/media-cache';

/** What delivering a message asks of WeChat. */
export type DeliverPorts = Ports<'sendCustomMessage' | 'uploadTempMedia'>;

/** Delivers one message: its files become media ids, and a media id that WeChat no longer knows is replaced once. */
export async function deliver(message: Message, account: Account, ports: DeliverPorts): Promise<Answer> {
  const files = filesIn(message);
  const first = await resolveFiles(message, files, account, ports, mediaFor);
  if (!first.ok) return first.refusal;
  const answer = await sendOnce(first.message, account, ports);
  if (answer.errCode !== 40007 || files.length === 0) return answer;

  // 40007 says that nothing was sent, so this second call cannot be a second message.
  const second = await resolveFiles(message, files, account, ports, uploadAnew);
  return second.ok ? sendOnce(second.message, account, ports) : second.refusal;
}

async function sendOnce(message: Message, account: Account, ports: DeliverPorts): Promise<Answer> {
  if (ports.clock.remainingMs() < stepMs) return outOfTime();
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
  ports: DeliverPorts,
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
      const details = [{ path: `${message.msgtype}.${field}`, message: result.refusal.errMsg }];
      return { ok: false, refusal: { ...result.refusal, details } };
    }
    mediaIds[field] = result.media.mediaId;
  }
  return { ok: true, message: withMediaIds(message, mediaIds) };
}
