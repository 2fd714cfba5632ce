/** Files that only this document has, by the path that the mini program knows them by. */
const held = new Map<string, { readonly url: string; readonly file: Blob }>();

let count = 0;

/** Where a mini program may write. */
export const userPath = 'wxfile://usr';

/** Takes a file in, as one that was chosen or downloaded; answers its path. */
export function holdFile(file: Blob, name = ''): string {
  count += 1;
  const extension = /\.\w+$/.exec(name)?.[0] ?? `.${file.type.split('/')[1] ?? 'bin'}`;
  const path = `wxfile://tmp_${Date.now()}_${count}${extension}`;
  keepFile(path, file);
  return path;
}

/** Writes a file under a path of its own. */
export function keepFile(path: string, file: Blob): void {
  const before = held.get(path);
  if (before !== undefined) URL.revokeObjectURL(before.url);
  held.set(path, { file, url: URL.createObjectURL(file) });
}

export function heldFile(path: string): Blob | undefined {
  return held.get(path)?.file;
}

export function forgetFile(path: string): boolean {
  return held.delete(path);
}

/**
 * Where the browser finds what a mini program names: a file of cloud storage, one of this phone, one that came with the
 * mini program (from its root, or beside the page), or anything on the web.
 */
export function addressOf(source: string, folder = ''): string {
  if (source === '' || /^(https?:|data:|blob:)/.test(source)) return source;
  const stored = /^cloud:\/\/[^/]+\/(.+)$/.exec(source);
  if (stored !== null) return `/_storage/${(stored[1] ?? '').split('/').map(encodeURIComponent).join('/')}`;
  if (/^\w+:\/\//.test(source)) return held.get(source)?.url ?? '';
  return `/phone/files/${source.startsWith('/') ? source.slice(1) : `${folder}${source}`}`;
}
