import { type Caller, decideRole, refuseNobody } from '../../core/access';
import { type Answer, refusalFor, refuseFailure, refuseFaults, success } from '../../core/answer';
import { accountField, hasFaults, ownFields, parseEvent, readAccount } from '../../core/event';
import type { FileFailure, Ports, WeChatReply } from '../../core/ports';
import type { Fields } from '../../wechat/fields/fields';
import { detectFormat, formatExtensions, mediaTypes } from '../../wechat/media';

const getFields = {
  media_id: { kind: 'text', need: 'always', missing: 41006 },
  account: accountField,
} as const satisfies Fields;

export interface SavedMedia {
  readonly fileID: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/**
 * Fetches a temporary media file from WeChat and saves it in cloud storage: `kefu-get-media`.
 *
 * The file's path follows from the media id, so a second call writes the same file again rather than another one.
 */
export async function getMedia(event: unknown, caller: Caller, ports: Ports): Promise<Answer<SavedMedia>> {
  const input = ownFields(event);
  const refused = refuseNobody(decideRole(caller, ports.settings.operators));
  if (refused !== undefined) return refused;

  const { values, faults } = parseEvent(getFields, input);
  const account = readAccount(values['account'], ports.settings, faults);
  if (hasFaults(faults)) return refuseFaults(faults);

  const mediaId = String(values['media_id']);
  const reply = await ports.wechat.call('getTempMedia', { media_id: mediaId }, account);
  if (!reply.ok) return refuseFailure('getTempMedia', reply);
  const file = await fileOf(reply, ports);
  if (!file.ok) return refusalFor(file.errCode, file.errMsg);

  const { bytes } = file;
  const format = detectFormat(bytes);
  const extension = format === undefined ? 'bin' : formatExtensions[format];
  const saved = await ports.files.write(
    `kefu-media/${ports.digest(`${account} ${mediaId}`)}.${extension}`,
    bytes,
  );
  if (!saved.ok) return refusalFor(saved.errCode, saved.errMsg);
  return success({ fileID: saved.fileID, contentType: format ?? file.contentType, sizeBytes: bytes.length });
}

type Fetched = { readonly ok: true; readonly bytes: Uint8Array; readonly contentType: string } | FileFailure;

/** The file of an answer: its bytes, or for a film the address that WeChat gives in their place. */
async function fileOf(reply: Extract<WeChatReply, { ok: true }>, ports: Ports): Promise<Fetched> {
  if ('file' in reply) return { ok: true, ...reply.file };
  const { video_url: address } = reply.data;
  if (typeof address !== 'string' || !/^https?:/.test(address)) {
    return { ok: false, errCode: -501001, errMsg: 'WeChat answered without a file' };
  }
  const read = await ports.files.read(address, mediaTypes.video.maxBytes);
  return read.ok ? { ...read, contentType: 'video/mp4' } : read;
}
