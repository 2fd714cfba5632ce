import type { Fault } from '../../wechat/fields/fault';
import type { PlainObject } from '../../wechat/fields/values';

/** A body that cannot be read. */
export interface Unreadable {
  readonly ok: false;
  readonly faults: readonly [Fault];
}

/** What the body of a callback comes to before `parsePush` reads it. */
export type ReadBody = { readonly ok: true; readonly input: PlainObject } | Unreadable;

/**
 * The largest body that is read, in bytes. A push is small; in the compatible mode, which sends each message plain and
 * encrypted, one with the longest text takes a third of this. CloudBase's own limit for a text body is 100 KB.
 */
export const largestBodyBytes = 65_536;

/** Says in a sentence why a body cannot be read. */
export function unreadable(message: string): Unreadable {
  return { ok: false, faults: [{ path: '', message, errCode: 47001 }] };
}

/** The text of a body: of at most {@link largestBodyBytes}, UTF-8, without its byte order mark. */
export function readText(
  body: string | Uint8Array,
): { readonly ok: true; readonly text: string } | Unreadable {
  // A string is never shorter in bytes than in characters, so a huge one need not be counted.
  const sizeBytes =
    typeof body === 'string' && body.length <= largestBodyBytes ? Buffer.byteLength(body) : body.length;
  if (sizeBytes > largestBodyBytes) {
    return unreadable(`the body is larger than ${largestBodyBytes} bytes; no push is`);
  }
  if (typeof body === 'string') return { ok: true, text: body.replace(/^\ufeff/, '') };
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(body) };
  } catch {
    return unreadable('the body is not UTF-8');
  }
}
