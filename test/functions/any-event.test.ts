import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errorCodes } from '../../shared/wechat/errors/errors';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import { messageTypeNames } from '../../shared/wechat/messages/message-types';
import { depth } from '../depth';

/** Whatever comes in at the door of a built function, an answer of the one shape comes out, and nothing is sent. */

const runs = depth(100_000);
const names = [
  'kefu-send',
  'kefu-typing',
  'kefu-upload-media',
  'kefu-get-media',
  'kefu-template-send',
  'kefu-subscribe-send',
  'kefu-notify',
  'kefu-receive',
] as const;

/** A gateway that counts the messages that reach it. */
let gateway: Server;
let messages = 0;
const write = console.log;

beforeAll(async () => {
  gateway = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (Buffer.concat(chunks).includes('customerServiceMessage.send')) messages += 1;
      response.end();
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  Object.assign(process.env, {
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    SCF_NAMESPACE: 'local',
    TENCENTCLOUD_SECRETID: 'local',
    TENCENTCLOUD_SECRETKEY: 'local',
    OFFICIAL_APPID: 'wx00000000000000ff',
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: `http://127.0.0.1:${port}/admin` }),
  });
  console.log = () => undefined;
});
afterAll(() => {
  console.log = write;
  gateway.close();
});

const deep = (levels: number): unknown => {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? { inner: value } : [value];
  return value;
};
const deepest = deep(5000);
const deepInside = deep(300);
const huge = 'x'.repeat(1_000_000);

/** No field takes any of these. Not among them: `null`, which counts as absent, and '', which an optional text may be. */
const junk = fc.oneof(
  {
    arbitrary: fc.constantFrom<unknown>(
      0,
      -1,
      Number.NaN,
      1e308,
      false,
      [],
      [[]],
      {},
      { toString: 1 },
      deepInside,
      '\ud800',
      'a\u0000b',
    ),
    weight: 60,
  },
  // Seldom, for its writing as JSON alone takes ten milliseconds.
  { arbitrary: fc.constant<unknown>(deepest), weight: 1 },
);

/** Own keys that could reach into the prototype, and names that are none of ours. */
const strangeKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'msgType',
  'toUser',
  'media',
  '',
  ' ',
  huge.slice(0, 5000),
);

const validSend = fc
  .constantFrom(...messageTypeNames)
  .map((msgtype) => ({ msgtype, [msgtype]: messageExamples[msgtype], account: 'official' }));
const validOthers = fc.constantFrom<Record<string, unknown>>(
  { touser: 'oUser', command: 'Typing' },
  { fileID: 'cloud://a/b', type: 'image' },
  { mediaId: 'MEDIA_ID' },
  { template_id: 'T', page: 'p', lang: 'zh_CN', data: { thing1: { value: 'x' } } },
);

function withOwn(object: object, key: string, value: unknown): object {
  const copy = { ...object };
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** A good event with one leaf turned to junk. */
const spoilt = fc.tuple(fc.oneof(validSend, validOthers), junk, fc.nat()).map(([event, value, pick]) => {
  const leaves: (() => object)[] = [];
  const visit = (object: object, rebuild: (inner: unknown) => object) => {
    for (const [key, inner] of Object.entries(object)) {
      const here = (replacement: unknown) => rebuild(withOwn(object, key, replacement));
      if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) visit(inner, here);
      else leaves.push(() => here(value));
    }
  };
  visit(event, (inner) => inner as object);
  return leaves[pick % leaves.length]?.() ?? {};
});

const strange = fc
  .tuple(fc.oneof(validSend, validOthers), strangeKey, junk)
  .map(([event, key, value]) => withOwn(event, key, value));

const anyEvent = fc.oneof(
  { arbitrary: spoilt, weight: 6 },
  { arbitrary: strange, weight: 4 },
  { arbitrary: junk, weight: 1 },
  {
    arbitrary: fc.dictionary(
      fc.oneof(
        strangeKey,
        fc.constantFrom(
          'touser',
          'msgtype',
          'text',
          'fileID',
          'type',
          'command',
          'split',
          'requestId',
          'queue',
          'window',
          'fallback',
          'messages',
          'deadline',
          'priority',
        ),
      ),
      junk,
      { maxKeys: 6 },
    ),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom<unknown>(
      null,
      undefined,
      huge,
      { text: huge },
      { msgtype: huge },
      { msgtype: 'text', text: { content: huge } },
      deepest,
    ),
    weight: 1,
  },
  { arbitrary: fc.object({ maxDepth: 2, maxKeys: 3 }), weight: 1 },
);

/** Whether an answer, or one of several, is a refusal in the shape of all refusals. */
function isRefusal({ errCode, errMsg, code, retryable, advice }: Record<string, unknown>): boolean {
  return (
    Number.isInteger(errCode) &&
    errCode !== 0 &&
    typeof errMsg === 'string' &&
    errMsg.length < 6000 &&
    typeof code === 'string' &&
    Object.hasOwn(errorCodes, code) &&
    code !== 'internal-error' &&
    typeof retryable === 'boolean' &&
    typeof advice === 'string'
  );
}

/** Many users, each of whom may call so often a minute. */
const users = fc.nat(100_000).map((number) => ({
  environment: JSON.stringify({ WX_OPENID: `oUser${number}`, TCB_SOURCE: 'wx_client' }),
}));
const owner = { environment: JSON.stringify({ WX_OPENID: 'oUser', TCB_SOURCE: 'wx_client,scf' }) };

const context = fc.oneof(users, fc.constantFrom<object>(owner, {}));

describe.each(names)('%s', (name) => {
  const { main } = require(path.resolve('dist/cloudfunctions', name, 'index.js')) as {
    main: (event: unknown, context: unknown) => Promise<Record<string, unknown>>;
  };

  test(`answers each of ${runs} generated events in the one shape, and sends no message`, async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, context, async (event, context) => {
        const answer = await main(event, context);
        // The typing sign for oneself needs no field, so an event of nothing is a good one there.
        const shaped = Array.isArray(answer['results'])
          ? answer['results'].every(isRefusal)
          : isRefusal(answer);
        if (!shaped) throw new Error(JSON.stringify(answer).slice(0, 500));
      }),
      { numRuns: runs, seed: 20261121 },
    );
    expect(messages).toBe(0);
    expect(Object.keys(Object.prototype)).toEqual([]);
  }, 300_000);
});
