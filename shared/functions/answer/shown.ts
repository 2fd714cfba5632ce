import { logFailure } from '../../core/failures';
import type { Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
import { detectFormat, mediaTypes } from '../../wechat/media';
import type { Push, UnknownPush } from '../../wechat/pushes/pushes';
import type { ModelPicture } from './model';

/** What a user sent, as a model is shown it. */
export interface Shown {
  /** The texts, a line each; a word in brackets where there is none and no picture is shown either. */
  readonly text: string;
  readonly pictures: readonly ModelPicture[];
}

/** How large a picture may be, and how many of a turn are shown: each is sent anew in every round with the model. */
const largestBytes = 4 * 1024 * 1024;
const mostPictures = 3;

/** Shows what was sent; with `pictures`, fetches them from WeChat. One that cannot be had is a word. Never throws. */
export async function showPushes(
  pushes: readonly (Push | UnknownPush)[],
  account: Account,
  pictures: boolean,
  ports: Ports<'getTempMedia'>,
): Promise<Shown> {
  // The last ones: they are what the user speaks of.
  const images = pictures ? pushes.filter(({ MsgType }) => MsgType === 'image').slice(-mostPictures) : [];
  const fetched = new Map(
    await Promise.all(images.map(async (push) => [push, await fetchPicture(push, account, ports)] as const)),
  );
  return {
    text: pushes
      .filter((push) => fetched.get(push) === undefined)
      .map(wordsOf)
      .join('\n'),
    pictures: [...fetched.values()].filter((picture) => picture !== undefined),
  };
}

function wordsOf(push: Push | UnknownPush): string {
  const { MsgType, Content } = push as UnknownPush;
  if (MsgType === 'text' && typeof Content === 'string') return Content;
  return MsgType === 'image' ? '[图片]' : `[${MsgType}]`;
}

/** By its media id, where the account can ask for that, else by the address that WeChat gave. */
async function fetchPicture(
  push: Push | UnknownPush,
  account: Account,
  ports: Ports<'getTempMedia'>,
): Promise<ModelPicture | undefined> {
  const { MediaId, PicUrl } = push as UnknownPush;
  const reply =
    typeof MediaId === 'string'
      ? await ports.wechat.call('getTempMedia', { media_id: MediaId }, account)
      : undefined;
  if (reply?.ok === true && 'file' in reply) return pictureOf(reply.file.bytes, ports);
  if (typeof PicUrl !== 'string' || !/^https?:/.test(PicUrl)) return pictureOf(undefined, ports);
  const read = await ports.files.read(PicUrl, largestBytes);
  return pictureOf(read.ok ? read.bytes : undefined, ports);
}

/** What the bytes are is said by the bytes. */
function pictureOf(bytes: Uint8Array | undefined, { log }: Pick<Ports, 'log'>): ModelPicture | undefined {
  const contentType = detectFormat(bytes ?? new Uint8Array());
  const formats: readonly unknown[] = mediaTypes.image.formats;
  if (bytes !== undefined && contentType !== undefined && formats.includes(contentType))
    if (bytes.length <= largestBytes) return { contentType, bytes };
  logFailure({ log }, 'picture', { sizeBytes: bytes?.length, contentType });
  return undefined;
}
