import { type Answer, refusalFor, refuseFailure, success } from '../../core/answer';
import { accountField, defineFunction } from '../../core/define-function';
import { type FileFailure, idOf, type Ports, type WeChatReply } from '../../core/ports';
import type { Account } from '../../wechat/account';
import { detectFormat, formatExtensions, mediaTypes } from '../../wechat/media';

export interface SavedMedia {
  readonly fileID: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** Fetches a temporary media file from WeChat and saves it in cloud storage: `kefu-get-media`. */
export const kefuGetMedia = defineFunction({
  name: 'kefu-get-media',
  access: 'any-user',
  fields: {
    media_id: { kind: 'text', need: 'always', missing: 41006, documented: 'cloud' },
    account: accountField,
  },
  calls: ['getTempMedia'],
  timeoutSeconds: 30,
  run: ({ media_id: mediaId, account }, { ports }) => saveMedia(mediaId, account, ports),
});

/** Saves a media file. Its path follows from the media id, so a second call writes the same file again, not another. */
export async function saveMedia(
  mediaId: string,
  account: Account,
  ports: Ports<'getTempMedia'>,
): Promise<Answer<SavedMedia>> {
  const reply = await ports.wechat.call('getTempMedia', { media_id: mediaId }, account);
  if (!reply.ok) return refuseFailure('getTempMedia', reply);
  const file = await fileOf(reply, ports);
  if (!file.ok) return refusalFor(file.errCode, file.errMsg);

  const { bytes } = file;
  const format = detectFormat(bytes);
  const extension = format === undefined ? 'bin' : formatExtensions[format];
  const saved = await ports.files.write(`kefu-media/${idOf([account, mediaId], ports)}.${extension}`, bytes);
  if (!saved.ok) return refusalFor(saved.errCode, saved.errMsg);
  return success({ fileID: saved.fileID, contentType: format ?? file.contentType, sizeBytes: bytes.length });
}

type Fetched = { readonly ok: true; readonly bytes: Uint8Array; readonly contentType: string } | FileFailure;

/** The file of an answer: its bytes, or for a film the address that WeChat gives in their place. */
async function fileOf(reply: Extract<WeChatReply, { ok: true }>, { files }: Ports): Promise<Fetched> {
  if ('file' in reply) return { ok: true, ...reply.file };
  const { video_url: address } = reply.data;
  if (typeof address !== 'string' || !/^https?:/.test(address)) {
    return { ok: false, errCode: -501001, errMsg: 'WeChat answered without a file' };
  }
  const read = await files.read(address, mediaTypes.video.maxBytes);
  return read.ok ? { ...read, contentType: 'video/mp4' } : read;
}
