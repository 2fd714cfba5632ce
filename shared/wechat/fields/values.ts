/** What a value is, and how it is shown to a person. */

export type PlainObject = { readonly [key: string]: unknown };

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** No openid is longer; the real ones have 28 characters. */
const longestOpenid = 128;

/** Tells whether a value could be an openid: a string of printable ASCII, not longer than any openid is. */
export function isOpenid(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestOpenid && /^[!-~]+$/.test(value);
}

/** How a value's type is called in a message to a person. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Puts a value into text for a person: quoted and shortened; of an object only that it is one. */
export function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return typeName(value);
  return typeof value === 'string' ? JSON.stringify(shorten(value)) : String(value);
}

/** Text of a caller's that stands in a message is cut to this length. */
const shownLength = 40;

export function shorten(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
