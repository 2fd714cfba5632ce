import type { Account } from './account';

/**
 * Temporary media: what WeChat takes, in which formats, up to which size, and for how long it keeps it.
 *
 * Source: the pages of `media/upload` and `uploadTempMedia`, copies of 2019 to 2026. The page of 2026 names both
 * 2 MB and 10 MB for an image; the wider one holds here.
 */

export interface MediaRule {
  /** Content types by what the bytes say, never by the file's name. */
  readonly formats: readonly MediaFormat[];
  readonly maxBytes: number;
  /** The errcodes for a wrong format and for a file over `maxBytes`. */
  readonly wrongFormat: number;
  readonly tooLarge: number;
  readonly accounts: readonly Account[];
}

/** The formats that {@link detectFormat} can tell apart. */
export type MediaFormat = 'image/png' | 'image/jpeg' | 'image/gif' | 'audio/amr' | 'audio/mpeg' | 'video/mp4';

/** WeChat's upload types (`media/upload?type=`). A mini program uploads images only. */
export const mediaTypes = {
  image: {
    formats: ['image/png', 'image/jpeg', 'image/gif'],
    maxBytes: 10 * 1024 * 1024,
    wrongFormat: 40005,
    tooLarge: 40009,
    accounts: ['miniprogram', 'official'],
  },
  voice: {
    formats: ['audio/amr', 'audio/mpeg'],
    maxBytes: 2 * 1024 * 1024,
    wrongFormat: 40005,
    tooLarge: 40010,
    accounts: ['official'],
  },
  video: {
    formats: ['video/mp4'],
    maxBytes: 10 * 1024 * 1024,
    wrongFormat: 40005,
    tooLarge: 40011,
    accounts: ['official'],
  },
  thumb: {
    formats: ['image/jpeg'],
    maxBytes: 64 * 1024,
    wrongFormat: 40005,
    tooLarge: 40012,
    accounts: ['official'],
  },
} as const satisfies Record<string, MediaRule>;

export type MediaType = keyof typeof mediaTypes;

/** The names of {@link mediaTypes}, for a check or a list. */
export const mediaTypeNames = Object.keys(mediaTypes) as readonly MediaType[];

/** How long WeChat keeps a temporary media file, in seconds: three days. */
export const mediaLifeSeconds = 3 * 24 * 60 * 60;

/** The file name's ending for each format; WeChat goes by it. */
export const formatExtensions = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
} as const satisfies Record<MediaFormat, string>;

/** How a file of each format begins: the offset, and the bytes there (`null` stands for any). */
const signatures: readonly { format: MediaFormat; offset: number; bytes: readonly (number | null)[] }[] = [
  { format: 'image/png', offset: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { format: 'image/jpeg', offset: 0, bytes: [0xff, 0xd8, 0xff] },
  { format: 'image/gif', offset: 0, bytes: [0x47, 0x49, 0x46, 0x38, null, 0x61] },
  { format: 'audio/amr', offset: 0, bytes: [0x23, 0x21, 0x41, 0x4d, 0x52] },
  { format: 'audio/mpeg', offset: 0, bytes: [0x49, 0x44, 0x33] },
  { format: 'audio/mpeg', offset: 0, bytes: [0xff, 0xfb] },
  { format: 'audio/mpeg', offset: 0, bytes: [0xff, 0xf3] },
  { format: 'audio/mpeg', offset: 0, bytes: [0xff, 0xf2] },
  { format: 'video/mp4', offset: 4, bytes: [0x66, 0x74, 0x79, 0x70] },
];

/** Tells a file's format from its first bytes; `undefined` where WeChat takes none such. */
export function detectFormat(file: Uint8Array): MediaFormat | undefined {
  return signatures.find(({ offset, bytes }) =>
    bytes.every((byte, index) => byte === null || file[offset + index] === byte),
  )?.format;
}

/** Whether an account kind may upload this type. */
export function takesMedia(account: Account, type: MediaType): boolean {
  return (mediaTypes[type].accounts as readonly Account[]).includes(account);
}

/** The upload types whose formats include this one, in table order, for an account kind. */
export function typesTaking(format: MediaFormat, account: Account): MediaType[] {
  return mediaTypeNames.filter((name) => {
    const rule: MediaRule = mediaTypes[name];
    return rule.formats.includes(format) && rule.accounts.includes(account);
  });
}
