import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import fc from 'fast-check';
import {
  type CallbackKeys,
  decryptPush,
  encryptReply,
  isFresh,
  isSigned,
  parseAesKey,
  signCallback,
} from '../../../shared/runtime/http/callback-crypto';
import { readPushJson } from '../../../shared/runtime/http/push-json';
import { parsePush } from '../../../shared/wechat/pushes/parse-push';
import { depth } from '../../depth';

function keysOf(encodingAesKey: string, token: string, appid: string): CallbackKeys {
  const aesKey = parseAesKey(encodingAesKey);
  if (aesKey === undefined) throw new Error('no key');
  return { token, aesKey, appid };
}

/** The text of a ciphertext, or the reason why there is none. */
function textOf(keys: CallbackKeys, ciphertext: unknown): string {
  const decrypted = decryptPush(keys, ciphertext);
  return decrypted.ok ? Buffer.from(decrypted.body).toString() : `refused: ${decrypted.reason}`;
}

/** The example on WeChat's page on the encryption of pushes, whose key is 43 times A. */
const page = {
  keys: keysOf('A'.repeat(43), 'AAAAA', 'wxba5fad812f8e6fb9'),
  query: { timestamp: '1714112445', nonce: '415670741' },
  signature: '046e02f8204d34f8ba5fa3b1db94908f3df2e9b3',
  encrypt:
    '+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=',
  reply: {
    Encrypt: 'ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==',
    MsgSignature: '1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1',
    TimeStamp: 1713424427,
    Nonce: '415670741',
  },
} as const;

describe("the example on WeChat's page", () => {
  test('is signed, plain and with the echo', () => {
    const plain = { timestamp: '1714037059', nonce: '486452656' };
    expect(isSigned('899cf89e464efb63f54ddac96b0a0a235f53aa78', 'AAAAA', plain)).toBe(true);
    const echo = { timestamp: '1714036504', nonce: '1514711492' };
    expect(isSigned('f464b24fc39322e44b38aa78f5edd27bd1441696', 'AAAAA', echo)).toBe(true);
  });

  test('encrypted is signed and comes to its push', () => {
    expect(isSigned(page.signature, 'AAAAA', page.query, page.encrypt)).toBe(true);
    const decrypted = decryptPush(page.keys, page.encrypt);
    if (!decrypted.ok) throw new Error(decrypted.reason);
    const read = readPushJson(decrypted.body);
    if (!read.ok) throw new Error('unreadable');
    expect(parsePush(read.input)).toEqual({
      ok: true,
      push: {
        ToUserName: 'gh_97417a04a28d',
        FromUserName: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY',
        CreateTime: 1714112445,
        MsgType: 'event',
        Event: 'debug_demo',
        debug_str: 'hello world',
      },
    });
  });

  test('of a reply is made to the byte', () => {
    const random = Buffer.from('707722b803182950');
    expect(encryptReply(page.keys, '{"demo_resp":"good luck"}', 1713424427, '415670741', random)).toEqual(
      page.reply,
    );
  });
});

const aesKeys = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64').slice(0, 43));
const tokens = fc.stringMatching(/^[A-Za-z0-9]{3,32}$/);
const appids = fc.stringMatching(/^wx[0-9a-f]{16}$/);
const nonces = fc.stringMatching(/^[0-9a-zA-Z]{1,20}$/);
const bodies = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom('', '<xml><A><![CDATA[您好👨‍💻]]></A></xml>', 'x'.repeat(5000)),
  // Every length of padding, 1 to 32.
  fc.nat(70).map((length) => 'x'.repeat(length)),
);

describe('against @wecom/crypto, an implementation that is not ours', () => {
  test('what it encrypts is decrypted, and what is encrypted it decrypts, for every body', () => {
    fc.assert(
      fc.property(aesKeys, tokens, appids, bodies, nonces, (aesKey, token, appid, body, nonce) => {
        const keys = keysOf(aesKey, token, appid);
        expect(textOf(keys, encrypt(aesKey, body, appid))).toBe(body);

        const reply = encryptReply(keys, body, 1763712000, nonce);
        const { message, id } = decrypt(aesKey, reply.Encrypt);
        expect([message, id]).toEqual([body, appid]);
        expect(reply.MsgSignature).toBe(getSignature(token, 1763712000, nonce, reply.Encrypt));
        expect(textOf(keys, reply.Encrypt)).toBe(body);
      }),
      { numRuns: depth(3000) },
    );
  });

  test('the signatures are equal, for every text', () => {
    fc.assert(
      fc.property(
        tokens,
        fc.nat().map(String),
        nonces,
        fc.base64String(),
        (token, timestamp, nonce, ciphertext) => {
          const signature = getSignature(token, timestamp, nonce, ciphertext);
          expect(signCallback(token, timestamp, nonce, ciphertext)).toBe(signature);
          expect(isSigned(signature, token, { timestamp, nonce }, ciphertext)).toBe(true);
          expect(isSigned(signature, `${token}x`, { timestamp, nonce }, ciphertext)).toBe(false);
          expect(isSigned(signature, token, { timestamp, nonce }, `${ciphertext}A`)).toBe(false);
        },
      ),
      { numRuns: depth(2000) },
    );
  });
});

describe('a signature', () => {
  const query = { timestamp: '1714037059', nonce: '486452656' };
  const right = signCallback('AAAAA', query.timestamp, query.nonce);

  test.each([
    ['absent', undefined, query],
    ['empty', '', query],
    ['a list, as a repeated parameter comes', [right], query],
    ['in capitals', right.toUpperCase(), query],
    ['too long', `${right}0`, query],
    ['of no ASCII', '您'.repeat(40), query],
    ['huge', 'a'.repeat(1_000_000), query],
    ['of another token', signCallback('AAAAB', query.timestamp, query.nonce), query],
    ['of another time', right, { ...query, timestamp: '1714037060' }],
    ['of another nonce', right, { ...query, nonce: '486452657' }],
    ['without a time', right, { nonce: query.nonce }],
    ['with a time in a list', right, { ...query, timestamp: [query.timestamp] }],
    ['without a nonce', right, { timestamp: query.timestamp }],
  ])('that is %s is none', (_what, signature, signed) => {
    expect(isSigned(signature, 'AAAAA', signed)).toBe(false);
  });

  test('is of the ciphertext too where there is one', () => {
    expect(isSigned(right, 'AAAAA', query)).toBe(true);
    expect(isSigned(right, 'AAAAA', query, page.encrypt)).toBe(false);
  });
});

test.each([
  ['now', '1763712000', true],
  ['five minutes ago', '1763711700', true],
  ['five minutes ahead', '1763712300', true],
  ['longer ago', '1763711699', false],
  ['further ahead', '1763712301', false],
  ['in milliseconds', '1763712000000', false],
  ['no number', '17637x', false],
  ['with a zero before it, which could be a nonce’s last', '01763712000', false],
  ['negative', '-1763712000', false],
  ['empty', '', false],
  ['a number', 1763712000, false],
  ['absent', undefined, false],
])('a timestamp %s is fresh or not', (_what, timestamp, fresh) => {
  expect(isFresh(timestamp, 1763712000_000)).toBe(fresh);
});

test('how fresh is fresh can be chosen', () => {
  expect(isFresh('1763711999', 1763712000_000, 500)).toBe(false);
  expect(isFresh('1763711999', 1763712000_000, 1000)).toBe(true);
});

test.each([
  ['of 43 characters is one', 'A'.repeat(43), true],
  ['of 42 is none', 'A'.repeat(42), false],
  ['of 44 is none', `${'A'.repeat(43)}=`, false],
  ['with a space is none', `${'A'.repeat(42)} `, false],
  ['that is empty is none', '', false],
])('an EncodingAESKey %s', (_what, key, valid) => {
  expect(parseAesKey(key) !== undefined).toBe(valid);
  if (valid) expect(parseAesKey(key)).toHaveLength(32);
});

describe('a ciphertext', () => {
  const { keys } = page;
  /** Encrypts a frame as it is. The frame must fill its blocks. */
  const seal = (frame: Buffer) => {
    const cipher = createCipheriv('aes-256-cbc', keys.aesKey, keys.aesKey.subarray(0, 16));
    cipher.setAutoPadding(false);
    return Buffer.concat([cipher.update(frame), cipher.final()]).toString('base64');
  };
  const frame = (length: number, rest: string, pad: readonly number[]) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(length);
    return Buffer.concat([Buffer.alloc(16, 'r'), size, Buffer.from(rest), Buffer.from(pad)]);
  };
  const appid = keys.appid;
  const pad = (count: number, value = count) => Array<number>(count).fill(value);

  test.each<[string, unknown, string]>([
    ['absent', undefined, 'not-base64'],
    ['an object', {}, 'not-base64'],
    ['empty', '', 'not-base64'],
    ['no base64', '您好', 'not-base64'],
    ['base64 for addresses', page.encrypt.replaceAll('+', '-'), 'not-base64'],
    ['one block', Buffer.alloc(16).toString('base64'), 'wrong-size'],
    ['not of whole blocks', Buffer.alloc(65).toString('base64'), 'wrong-size'],
    ['cut by a block', Buffer.from(page.encrypt, 'base64').subarray(0, -16).toString('base64'), 'wrong-key'],
    ['of zeros', Buffer.alloc(64).toString('base64'), 'wrong-key'],
    ['padded by nothing', seal(frame(8, `12345678${appid}`, [...pad(17, 1), 0])), 'wrong-key'],
    ['padded by 33', seal(frame(8, `12345678${appid}`, pad(18, 33))), 'wrong-key'],
    ['padded unevenly', seal(frame(8, `12345678${appid}`, [...pad(17, 17), 18])), 'wrong-key'],
    ['longer than it is', seal(frame(0xffffffff, `12345678${appid}`, pad(18))), 'wrong-key'],
    ['longer by one than it is', seal(frame(8 + 18 + 1, `12345678${appid}`, pad(18))), 'wrong-key'],
    ['all padding', seal(Buffer.from(pad(32))), 'wrong-key'],
    ['of another appid', seal(frame(8, '12345678wxba5fad812f8e6fb8', pad(18))), 'wrong-appid'],
    ['of no appid', seal(frame(26, `12345678${appid}`, pad(18))), 'wrong-appid'],
    ['of an appid with more behind', seal(frame(7, `12345678${appid}`, pad(18))), 'wrong-appid'],
  ])('that is %s is refused', (_what, ciphertext, reason) => {
    expect(textOf(keys, ciphertext)).toBe(`refused: ${reason}`);
  });

  test('that is right is read, as these frames are but for one thing each', () => {
    expect(textOf(keys, seal(frame(8, `12345678${appid}`, pad(18))))).toBe('12345678');
  });

  test('of another key, or with a bit turned, is refused or at least not the body', () => {
    fc.assert(
      fc.property(aesKeys, bodies, fc.nat(), (aesKey, body, bit) => {
        const { Encrypt } = encryptReply(keys, body, 1, 'n');
        const other = decryptPush({ ...keys, aesKey: keysOf(aesKey, '', '').aesKey }, Encrypt);
        expect(other.ok).toBe(aesKey === 'A'.repeat(43));

        const bytes = Buffer.from(Encrypt, 'base64');
        const at = bit % (bytes.length * 8);
        bytes.writeUInt8(bytes.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
        const turned = decryptPush(keys, bytes.toString('base64'));
        // A bit turned in the random bytes or in the body itself cannot be seen here: that is what the signature is for.
        expect(turned.ok ? 'signature' : turned.reason).toMatch(/signature|wrong-key|wrong-appid/);
      }),
      { numRuns: depth(2000) },
    );
  });

  test('of anything at all does not throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.base64String(),
          fc
            .uint8Array({ minLength: 32, maxLength: 256 })
            .map((bytes) => Buffer.from(bytes.subarray(0, bytes.length & ~15)).toString('base64')),
          fc.anything(),
        ),
        (input) => {
          expect(decryptPush(keys, input).ok).toBe(false);
        },
      ),
      { numRuns: depth(5000) },
    );
  });
});
