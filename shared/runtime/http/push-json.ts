import { isPlainObject, typeName } from '../../wechat/fields/values';
import { type ReadBody, readText, unreadable } from './push-body';

/** The strings of a JSON text, which are passed over whole, and its numbers. */
const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A whole number of sixteen digits and more, which JavaScript cannot be trusted with. */
const longNumber = /^-?\d{16,}$/;

/**
 * Reads a callback's JSON body into an object for `parsePush`, with 64-bit ids whole: a number of sixteen digits or more
 * becomes a string of its digits. Never throws.
 */
export function readPushJson(body: string | Uint8Array): ReadBody {
  const read = readText(body);
  if (!read.ok) return read;
  try {
    // Once to see that it is JSON: only of JSON can the expression tell a string's digits from a number's.
    JSON.parse(read.text);
    const whole = read.text.replace(stringsAndNumbers, (token) =>
      longNumber.test(token) ? `"${token}"` : token,
    );
    const input: unknown = JSON.parse(whole);
    return isPlainObject(input)
      ? { ok: true, input }
      : unreadable(`the body must be an object, not ${typeName(input)}`);
  } catch {
    return unreadable('the body is not JSON');
  }
}
