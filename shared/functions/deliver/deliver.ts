import { type Answer, outOfTime, type Refusal, refuseFailure, success } from '../../core/answer';
import { type Ports, stepMs } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Hint } from '../../wechat/fields/fault';
import { filesIn, type MessageFile, withMediaIds } from '../../wechat/messages/message-files';
import type { Message } from '../../wechat/messages/message-types';
import { hasProportions, type PictureSize } from '../../wechat/picture-size';
import { mediaFor, type UploadResult, uploadAnew } from '../media/media-cache';

/** What delivering a message asks of WeChat. */
export type DeliverPorts = Ports<'sendCustomMessage' | 'uploadTempMedia'>;

/** What a delivery answers: beside success, what is surely not meant of the pictures that were read for it. */
export type DeliverAnswer = Answer<{ readonly hints?: readonly Hint[] }>;

/** Delivers one message: its files become media ids, and a media id that WeChat no longer knows is replaced once. */
export async function deliver(
  message: Message,
  account: Account,
  ports: DeliverPorts,
): Promise<DeliverAnswer> {
  const files = filesIn(message);
  const first = await resolveFiles(message, files, account, ports, mediaFor);
  if (!first.ok) return first.refusal;
  const answer = await sendOnce(first, account, ports);
  if (answer.errCode !== 40007 || files.length === 0) return answer;

  // 40007 says that nothing was sent, so this second call cannot be a second message.
  const second = await resolveFiles(message, files, account, ports, uploadAnew);
  return second.ok ? sendOnce(second, account, ports) : second.refusal;
}

async function sendOnce(
  { message, hints }: Whole,
  account: Account,
  ports: DeliverPorts,
): Promise<DeliverAnswer> {
  if (ports.clock.remainingMs() < stepMs) return outOfTime();
  const reply = await ports.wechat.call('sendCustomMessage', message, account);
  if (!reply.ok) return refuseFailure('sendCustomMessage', reply);
  return success(hints.length === 0 ? {} : { hints });
}

/** A message with a media id for each of its files. */
interface Whole {
  readonly message: Message;
  readonly hints: readonly Hint[];
}

type Resolved = ({ readonly ok: true } & Whole) | { readonly ok: false; readonly refusal: Refusal };

async function resolveFiles(
  message: Message,
  files: readonly MessageFile[],
  account: Account,
  ports: DeliverPorts,
  upload: typeof mediaFor,
): Promise<Resolved> {
  if (files.length === 0) return { ok: true, message, hints: [] };
  const results: UploadResult[] = await Promise.all(
    files.map(({ fileID, type }) => upload({ fileID, type, account }, ports)),
  );
  const mediaIds: Record<string, string> = {};
  const hints: Hint[] = [];
  for (const [index, { field, advised }] of files.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    const path = `${message.msgtype}.${field}`;
    if (!result.ok) {
      const details = [{ path, message: result.refusal.errMsg }];
      return { ok: false, refusal: { ...result.refusal, details } };
    }
    mediaIds[field] = result.media.mediaId;
    const { size } = result;
    if (size !== undefined && advised !== undefined && !hasProportions(size, advised))
      hints.push({
        path,
        message: `is ${show(size)} pixels; WeChat advises the proportions of ${show(advised)}`,
      });
  }
  return { ok: true, message: withMediaIds(message, mediaIds), hints };
}

function show({ width, height }: PictureSize): string {
  return `${width}×${height}`;
}
