import type { Refusal } from '../../core/answer';
import { logFailure } from '../../core/failures';
import { inParallel } from '../../core/parallel';
import type { Ports } from '../../core/ports';
import { saveMedia } from '../media/get-media';
import { keepOutcome, type StoredMessage } from './history';

/** Pictures and voice that users sent: WeChat keeps them for three days, so they are copied to cloud storage. */

export type FilePorts = Ports<'getTempMedia'>;

type Held = StoredMessage & { readonly _id: string };

/** How long WeChat keeps a file. */
const wechatKeepsMs = 3 * 24 * 60 * 60 * 1000;

/** How many files are copied at a time. */
const atOnce = 3;

/** Copies the files of messages that want it. The messages, with `fileID` beside `media_id` where there is a copy now. */
export async function withFiles(messages: readonly Held[], ports: FilePorts): Promise<Held[]> {
  const done = new Map<string, Held>();
  await inParallel(
    atOnce,
    messages.filter(({ media }) => media === 'wanted'),
    async (held) => {
      done.set(held._id, await withFile(held, ports));
    },
  );
  return messages.map((held) => done.get(held._id) ?? held);
}

async function withFile(held: Held, ports: FilePorts): Promise<Held> {
  const { payload, body } = readBody(held.message);
  const saved = await saveMedia(String(body.media_id ?? ''), held.account, ports);
  if (saved.errCode === 0) {
    const { fileID } = saved as { readonly fileID: string };
    const message = JSON.stringify({ ...payload, [payload.msgtype]: { ...body, fileID } });
    await keepOutcome([held._id], { message, media: 'kept' }, ports);
    return { ...held, message, media: 'kept' };
  }
  const { code, errCode } = saved as Refusal;
  logFailure(ports, 'copy-file', { errCode });
  const isGone = code === 'media-expired' || ports.clock.now() - held.at > wechatKeepsMs;
  if (isGone) await keepOutcome([held._id], { media: 'gone' }, ports);
  return isGone ? { ...held, media: 'gone' } : held;
}

/** Deletes the copies that messages have. Whether none of them is left. */
export async function removeFiles(messages: readonly Held[], ports: Pick<Ports, 'files'>): Promise<boolean> {
  const fileIDs = messages.flatMap(({ message }) => {
    const { fileID } = readBody(message).body;
    return typeof fileID === 'string' ? [fileID] : [];
  });
  return fileIDs.length === 0 || ports.files.remove(fileIDs);
}

/** A user's message: what it is, and the files of it, at WeChat and in cloud storage. */
function readBody(message: string) {
  const payload = JSON.parse(message) as { readonly msgtype: string; readonly [type: string]: unknown };
  const body = (payload[payload.msgtype] ?? {}) as { readonly media_id?: unknown; readonly fileID?: unknown };
  return { payload, body };
}
