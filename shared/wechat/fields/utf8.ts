/**
 * The length of a string in bytes of UTF-8, which is what WeChat counts.
 *
 * Counted here because a mini program has no `TextEncoder`. A lone surrogate counts 3, as the replacement character
 * that it would become.
 */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/**
 * Finds the first character that JSON can only write as `\uXXXX`: a lone surrogate, or a control character without
 * a short escape. WeChat refuses such text (40033) or shows the escape to the user.
 */
export function findUnsendable(text: string): string | undefined {
  return /[\u0000-\u0007\u000b\u000e-\u001f]|\p{Surrogate}/u.exec(text)?.[0];
}
