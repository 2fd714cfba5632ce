/**
 * The length of a string in bytes of UTF-8, which is what WeChat counts.
 *
 * Counted here because a mini program has no `TextEncoder`. A lone surrogate counts 3, as the replacement character
 * that it would become.
 */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += unitsAt(text, index)) bytes += bytesAt(text, index);
  return bytes;
}

/**
 * How far a string goes from `start` in at most so many bytes of UTF-8: the index after the last code point that fits.
 * The first one always does, so that whoever cuts a text gets on.
 */
export function utf8End(text: string, start: number, maxBytes: number): number {
  let bytes = bytesAt(text, start);
  let end = start + unitsAt(text, start);
  for (; end < text.length; end += unitsAt(text, end)) {
    bytes += bytesAt(text, end);
    if (bytes > maxBytes) break;
  }
  return end;
}

function bytesAt(text: string, index: number): number {
  const codePoint = text.codePointAt(index) ?? 0;
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}

function unitsAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) < 0x10000 ? 1 : 2;
}

/**
 * Finds the first character that JSON can only write as `\uXXXX`: a lone surrogate, or a control character without
 * a short escape. WeChat refuses such text (40033) or shows the escape to the user.
 */
export function findUnsendable(text: string): string | undefined {
  return /[\u0000-\u0007\u000b\u000e-\u001f]|\p{Surrogate}/u.exec(text)?.[0];
}
