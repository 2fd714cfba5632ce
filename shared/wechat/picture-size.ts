import { detectFormat, type MediaFormat } from './media';

/** How large a picture is, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Where each picture format has its size: by its first bytes alone, so that no picture is decoded. */
const sizes: { readonly [F in MediaFormat]?: (file: DataView) => PictureSize | undefined } = {
  'image/png': (file) => ({ width: file.getUint32(16), height: file.getUint32(20) }),
  'image/gif': (file) => ({ width: file.getUint16(6, true), height: file.getUint16(8, true) }),
  'image/jpeg': jpegSize,
};

/** A picture's size; `undefined` where its first bytes do not tell. A turn that a JPEG asks for in its EXIF is not made. */
export function pictureSize(file: Uint8Array): PictureSize | undefined {
  const read = sizes[detectFormat(file) ?? 'video/mp4'];
  try {
    const size = read?.(new DataView(file.buffer, file.byteOffset, file.byteLength));
    return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
  } catch {
    // The file ends before its size.
    return undefined;
  }
}

/** Walks from segment to segment to the frame's header: SOF0 to SOF15, but for three numbers that mean something else. */
function jpegSize(file: DataView): PictureSize | undefined {
  for (let at = 2; file.getUint8(at) === 0xff; ) {
    const marker = file.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: file.getUint16(at + 7), height: file.getUint16(at + 5) };
    // A marker may have any number of bytes of ones before it.
    at += marker === 0xff ? 1 : 2 + file.getUint16(at + 2);
  }
  return undefined;
}

/** How far proportions may be off before anybody sees it. */
const tolerance = 0.02;

/** Whether a picture has the proportions of another size. */
export function hasProportions({ width, height }: PictureSize, of: PictureSize): boolean {
  return Math.abs((width * of.height) / (height * of.width) - 1) <= tolerance;
}
