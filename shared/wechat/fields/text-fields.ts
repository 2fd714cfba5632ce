import type { TextField } from './fields';
import { findUnsendable, utf8Bytes } from './utf8';

/** What is wrong with a text, and WeChat's number for it. */
export interface WrongText {
  readonly message: string;
  readonly errCode: number;
}

/** A rule for a text beyond its length. */
interface Form extends WrongText {
  readonly fits: (text: string) => boolean;
}

const forms = {
  pagepath: {
    fits: (text) => !text.startsWith('/'),
    message: 'must not begin with "/": write pages/index/index',
    errCode: 41030,
  },
  'request-id': {
    fits: (text) => /^[^\p{C}]{1,64}$/u.test(text),
    message: 'must be a string of 1 to 64 printable characters',
    errCode: 40035,
  },
  json: { fits: isJson, message: 'must be a string of JSON', errCode: 47001 },
} as const satisfies Record<NonNullable<TextField['form']>, Form>;

/** What is wrong with a text as the value of a field; `undefined` where nothing is. */
export function checkText(
  { maxBytes = Number.POSITIVE_INFINITY, tooLong = 45002, form }: Omit<TextField, 'kind' | 'need'>,
  text: string,
): WrongText | undefined {
  const bad = findUnsendable(text);
  if (bad !== undefined) {
    const code = bad.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    const message = `holds U+${code}, which JSON can only write as an escape; WeChat refuses those`;
    return { message, errCode: 40033 };
  }
  const bytes = maxBytes === Number.POSITIVE_INFINITY ? 0 : utf8Bytes(text);
  if (bytes > maxBytes) {
    return { message: `is ${bytes} bytes of UTF-8; WeChat takes at most ${maxBytes}`, errCode: tooLong };
  }
  return form === undefined || forms[form].fits(text) ? undefined : forms[form];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
