import { type Refusal, refusalFor, refuseFailure } from '../../core/answer';
import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
import {
  detectFormat,
  type MediaRule,
  type MediaType,
  mediaLifeSeconds,
  mediaTypeNames,
  mediaTypes,
  takesMedia,
  typesTaking,
} from '../../wechat/media';
import { type PictureSize, pictureSize } from '../../wechat/picture-size';

/** A file that WeChat holds. Times are in seconds since 1970, as WeChat counts them. */
export interface UploadedMedia {
  readonly mediaId: string;
  readonly type: MediaType;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export type UploadResult =
  | {
      readonly ok: true;
      readonly media: UploadedMedia;
      /** How large the picture is, where it was read for this very call. */
      readonly size?: PictureSize | undefined;
    }
  | { readonly ok: false; readonly refusal: Refusal };

type UploadPorts = Ports<'uploadTempMedia'>;

/** A remembered media id is not used in its last hour: a message may wait, and clocks differ. */
const marginSeconds = 60 * 60;

interface UploadRequest {
  readonly fileID: string;
  readonly account: Account;
  /** Left out, the file's format decides. */
  readonly type?: MediaType | undefined;
}

/**
 * The media id of a file in cloud storage: the remembered one while it lasts, else a new one.
 *
 * A database that cannot be reached costs an upload, never the message.
 */
export async function mediaFor(request: UploadRequest, ports: UploadPorts): Promise<UploadResult> {
  const remembered = await recall(request, ports);
  return remembered === undefined ? uploadAnew(request, ports) : { ok: true, media: remembered };
}

/** Uploads the file whatever is remembered of it, and remembers the new media id. */
export async function uploadAnew(request: UploadRequest, ports: UploadPorts): Promise<UploadResult> {
  const { fileID, account } = request;
  const largest = request.type === undefined ? largestFor(account) : mediaTypes[request.type].maxBytes;
  const read = await ports.files.read(fileID, largest);
  if (!read.ok) {
    // A file that is too large is the named type's fault, where one is named.
    const errCode =
      read.errCode === 45001 && request.type !== undefined ? mediaTypes[request.type].tooLarge : read.errCode;
    return { ok: false, refusal: refusalFor(errCode, read.errMsg) };
  }

  const checked = checkFile(read.bytes, request);
  if (!checked.ok) return checked;
  const reply = await ports.wechat.call(
    'uploadTempMedia',
    { type: checked.type, media: { bytes: read.bytes, contentType: checked.format } },
    account,
  );
  if (!reply.ok) return { ok: false, refusal: refuseFailure('uploadTempMedia', reply) };
  // An official account answers `thumb_media_id` for a thumb.
  const data = 'data' in reply ? reply.data : {};
  const mediaId = data['media_id'] ?? data['thumb_media_id'];
  if (typeof mediaId !== 'string' || mediaId === '') {
    return { ok: false, refusal: refusalFor(-501001, 'WeChat answered the upload without a media id') };
  }
  const createdAt = Number(data['created_at']) || Math.floor(ports.clock.now() / 1000);
  const media = { mediaId, type: checked.type, createdAt, expiresAt: createdAt + mediaLifeSeconds };
  await remember(request, media, ports);
  return { ok: true, media, size: pictureSize(read.bytes) };
}

function largestFor(account: Account): number {
  const taken = mediaTypeNames.filter((name) => takesMedia(account, name));
  return Math.max(...taken.map((name) => mediaTypes[name].maxBytes));
}

type CheckedFile =
  | {
      readonly ok: true;
      readonly type: MediaType;
      readonly format: NonNullable<ReturnType<typeof detectFormat>>;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** Holds a file against what WeChat takes, by its bytes; its name and the storage's content type prove nothing. */
export function checkFile(
  bytes: Uint8Array,
  { type, account }: Pick<UploadRequest, 'type' | 'account'>,
): CheckedFile {
  const fail = (errCode: number, errMsg: string): CheckedFile => ({
    ok: false,
    refusal: refusalFor(errCode, errMsg),
  });
  if (bytes.length === 0) return fail(44001, 'the file is empty');
  const format = detectFormat(bytes);
  const accepted = format === undefined ? undefined : (type ?? typesTaking(format, account)[0]);
  if (format === undefined || accepted === undefined) {
    const formats = type === undefined ? 'PNG, JPEG or GIF' : mediaTypes[type].formats.join(', ');
    return fail(40005, `the file is ${format ?? 'of no known format'}; WeChat takes ${formats}`);
  }
  const rule: MediaRule = mediaTypes[accepted];
  if (!rule.formats.includes(format)) {
    return fail(
      rule.wrongFormat,
      `the file is ${format}; WeChat takes ${rule.formats.join(', ')} as ${accepted}`,
    );
  }
  if (bytes.length > rule.maxBytes) {
    return fail(
      rule.tooLarge,
      `the file is ${bytes.length} bytes; WeChat takes at most ${rule.maxBytes} as ${accepted}`,
    );
  }
  return { ok: true, type: accepted, format };
}

function idFor({ fileID, account, type }: UploadRequest, ports: Ports): string {
  return idOf([account, type ?? 'any', fileID], ports);
}

function recall(request: UploadRequest, ports: Ports): Promise<UploadedMedia | undefined> {
  return careless('recall-media', ports, async () => {
    const held = await ports.database('kefu_media').get(idFor(request, ports));
    if (held === undefined) return undefined;
    const { mediaId, type, createdAt, expiresAt } = held;
    // Empty where it was not the functions that wrote it.
    const isGood = mediaId !== '' && expiresAt - marginSeconds > ports.clock.now() / 1000;
    return isGood ? { mediaId, type, createdAt, expiresAt } : undefined;
  });
}

async function remember(request: UploadRequest, media: UploadedMedia, ports: Ports): Promise<void> {
  // Under the type asked for, and under the one it turned out to be, so that a later message finds it too.
  const requests = request.type === undefined ? [request, { ...request, type: media.type }] : [request];
  await careless('remember-media', ports, () =>
    Promise.all(requests.map((each) => ports.database('kefu_media').set(idFor(each, ports), media))),
  );
}
