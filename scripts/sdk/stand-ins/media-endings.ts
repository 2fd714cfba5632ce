import type { MediaFormat } from '../../../shared/wechat/media';
import { leftOut } from './left-out';

/** What mime-db has for the formats that WeChat takes: the file name of an upload ends with the first one. */
const known = {
  'image/png': { extensions: ['png'] },
  'image/jpeg': { extensions: ['jpeg', 'jpg', 'jpe'] },
  'image/gif': { extensions: ['gif'] },
  'audio/amr': { extensions: ['amr'] },
  'audio/mpeg': { extensions: ['mpga', 'mp2', 'mp2a', 'mp3', 'm2a', 'm3a'] },
  'video/mp4': { extensions: ['mp4', 'mp4v', 'mpg4'] },
} as const satisfies Record<MediaFormat, { readonly extensions: readonly string[] }>;

/** Takes the place of mime-db, which is 137 KB; a type that is not among WeChat's is an error that says so. */
export const mediaEndings: object = new Proxy(known, {
  get: (types, type) =>
    Reflect.get(types, type) ?? Reflect.get(leftOut(`mime-db['${String(type)}']`) as object, type),
});
