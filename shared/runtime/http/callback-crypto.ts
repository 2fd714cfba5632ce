import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Signatures and encryption of an official account's callback, or of a mini program's with a server address.
 *
 * Source: `/doc/oplatform/developers/dev/push/encryption.md`, whose example the tests take.
 *
 * Nothing here throws at input from outside, and every refusal of a ciphertext takes a signature first: without the
 * token nobody can try ciphertexts against {@link decryptPush}, so what it says of them tells nobody anything.
 */

/** The account's side of the callback. */
export interface CallbackKeys {
  /** `CALLBACK_TOKEN`. */
  readonly token: string;
  /** {@link parseAesKey} of `CALLBACK_AES_KEY`. */
  readonly aesKey: Uint8Array;
  /** The appid that an encrypted push must be for. */
  readonly appid: string;
}

/** The query parameters that a signature covers. As they come from outside: anything. */
export interface SignedQuery {
  readonly timestamp?: unknown;
  readonly nonce?: unknown;
}

/** The key in a 43-character EncodingAESKey, or `undefined` where it is none. */
export function parseAesKey(encodingAesKey: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]{43}$/.test(encodingAesKey) ? Buffer.from(`${encodingAesKey}=`, 'base64') : undefined;
}

/**
 * The signature of a callback, in hexadecimal: over token, timestamp and nonce it is the query's `signature`, over these
 * and the ciphertext its `msg_signature` and a reply's `MsgSignature`.
 */
export function signCallback(token: string, timestamp: string, nonce: string, encrypt?: string): string {
  const parts = encrypt === undefined ? [token, timestamp, nonce] : [token, timestamp, nonce, encrypt];
  return createHash('sha1').update(parts.sort().join('')).digest('hex');
}

/** Whether a signature is the token's own, compared in constant time. Whatever is no text is not signed. */
export function isSigned(signature: unknown, token: string, query: SignedQuery, encrypt?: string): boolean {
  const { timestamp, nonce } = query;
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || typeof nonce !== 'string')
    return false;
  if (!/^[0-9a-f]{40}$/.test(signature)) return false;
  const right = signCallback(token, timestamp, nonce, encrypt);
  return timingSafeEqual(Buffer.from(signature), Buffer.from(right));
}

/** How far a timestamp may be off, in milliseconds. WeChat gives up after 15 s; the rest is for clocks. */
const freshForMs = 5 * 60 * 1000;

/** Whether a query's timestamp, in seconds, is about now; by default within five minutes either way. */
export function isFresh(timestamp: unknown, nowMs: number, withinMs: number = freshForMs): boolean {
  if (typeof timestamp !== 'string' || !/^[1-9]\d{0,11}$/.test(timestamp)) return false;
  return Math.abs(Number(timestamp) * 1000 - nowMs) <= withinMs;
}

export type DecryptedPush =
  | { readonly ok: true; readonly body: Uint8Array }
  /** Why not, for the log. */
  | { readonly ok: false; readonly reason: 'not-base64' | 'wrong-size' | 'wrong-key' | 'wrong-appid' };

const blockBytes = 16;
/** WeChat pads to this, and not to a block. */
const padTo = 32;
const randomLength = 16;
const headerBytes = randomLength + 4;

/**
 * Decrypts the `Encrypt` of a push whose `msg_signature` {@link isSigned}: 16 random bytes, the length of the body in
 * four bytes, the body, the appid. The body is XML or JSON as the account has chosen.
 */
export function decryptPush(keys: CallbackKeys, encrypt: unknown): DecryptedPush {
  if (typeof encrypt !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(encrypt)) {
    return { ok: false, reason: 'not-base64' };
  }
  const ciphertext = Buffer.from(encrypt, 'base64');
  if (ciphertext.length < padTo || ciphertext.length % blockBytes !== 0) {
    return { ok: false, reason: 'wrong-size' };
  }
  const decipher = createDecipheriv('aes-256-cbc', keys.aesKey, keys.aesKey.subarray(0, blockBytes));
  decipher.setAutoPadding(false);
  const frame = unpad(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  if (frame === undefined || frame.length < headerBytes) return { ok: false, reason: 'wrong-key' };
  const end = headerBytes + frame.readUInt32BE(randomLength);
  if (end > frame.length) return { ok: false, reason: 'wrong-key' };
  if (!frame.subarray(end).equals(Buffer.from(keys.appid))) return { ok: false, reason: 'wrong-appid' };
  return { ok: true, body: frame.subarray(headerBytes, end) };
}

/** Takes the padding off: as many bytes of the same value as that value says, 1 to 32. */
function unpad(padded: Buffer): Buffer | undefined {
  const length = padded.at(-1) ?? 0;
  const end = padded.length - length;
  const isPadding = length >= 1 && length <= padTo && padded.subarray(end).every((byte) => byte === length);
  return isPadding ? padded.subarray(0, end) : undefined;
}

/** An encrypted body. As JSON it goes out as it is; `writeReplyXml` writes it as XML. */
export interface EncryptedBody {
  readonly Encrypt: string;
  readonly MsgSignature: string;
  /** In seconds since 1970. */
  readonly TimeStamp: number;
  readonly Nonce: string;
}

/**
 * Encrypts and signs the answer to a push that came encrypted.
 *
 * @param random 16 bytes; by default the system's, tests hand in their own
 */
export function encryptReply(
  keys: CallbackKeys,
  body: string,
  timestamp: number,
  nonce: string,
  random: Uint8Array = randomBytes(randomLength),
): EncryptedBody {
  const text = Buffer.from(body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const frame = Buffer.concat([random, length, text, Buffer.from(keys.appid)]);
  const padding = padTo - (frame.length % padTo);
  const cipher = createCipheriv('aes-256-cbc', keys.aesKey, keys.aesKey.subarray(0, blockBytes));
  cipher.setAutoPadding(false);
  const ciphertext = [cipher.update(frame), cipher.update(Buffer.alloc(padding, padding)), cipher.final()];
  const Encrypt = Buffer.concat(ciphertext).toString('base64');
  return {
    Encrypt,
    MsgSignature: signCallback(keys.token, String(timestamp), nonce, Encrypt),
    TimeStamp: timestamp,
    Nonce: nonce,
  };
}
