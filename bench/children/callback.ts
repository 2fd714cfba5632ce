import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Database } from '../../shared/core/ports';
import { parseSettings } from '../../shared/core/settings';
import type { ReceivePorts } from '../../shared/functions/receive/receive';
import { exampleRules } from '../../shared/functions/rules/example-rules';
import { decideReply } from '../../shared/functions/rules/reply-rules';
import { answerCallback } from '../../shared/runtime/http/callback';
import { decryptPush, encryptReply, isSigned, parseAesKey } from '../../shared/runtime/http/callback-crypto';
import { readPushXml, writeReplyXml } from '../../shared/runtime/http/push-xml';
import { parseMessage } from '../../shared/wechat/messages/parse-message';
import { toPassiveMessage } from '../../shared/wechat/messages/passive-replies';
import { parsePush } from '../../shared/wechat/pushes/parse-push';

/** What an encrypted push costs of the processor, in microseconds: signature, decryption, XML, the answer by rules, encryption. */
export interface CallbackResult {
  readonly ownUs: number;
  /** With all that has a push taken once: digests, claims, windows. The database answers at once. */
  readonly wholeUs: number;
  readonly theirUs: number;
}

const appid = 'wxbench0000000001';
const variables = {
  OFFICIAL_APPID: appid,
  CALLBACK_TOKEN: 'benchtoken',
  CALLBACK_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};
const words = '请发送您的订单号';

interface Sent {
  readonly query: { readonly [name: string]: string };
  readonly body: string;
}

/** A push as WeChat sends it to an address with encryption. */
function sentPush(id: number): Sent {
  const now = Math.floor(Date.now() / 1000);
  const xml = `<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[oUser${id}]]></FromUserName><CreateTime>${now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[1]]></Content><MsgId>${10_000_000_000 + id}</MsgId></xml>`;
  const nonce = String(100_000 + id);
  const { Encrypt, MsgSignature } = encryptReply(keys, xml, now, nonce);
  return {
    query: {
      timestamp: String(now),
      nonce,
      encrypt_type: 'aes',
      msg_signature: MsgSignature,
    },
    body: `<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><Encrypt><![CDATA[${Encrypt}]]></Encrypt></xml>`,
  };
}

const keys = {
  token: variables.CALLBACK_TOKEN,
  aesKey: parseAesKey(variables.CALLBACK_AES_KEY) ?? new Uint8Array(),
  appid,
};

/** All that the callback reaches, each answering at once. */
function portsOfBench(): ReceivePorts {
  const parsed = parseSettings(variables);
  if (!parsed.ok) throw new Error(parsed.message);
  const collection = {
    get: async () => undefined,
    set: async () => undefined,
    insert: async () => true,
    find: async () => [],
    update: async () => 1,
    remove: async () => 0,
    count: async () => 0,
  };
  return {
    rules: exampleRules,
    settings: parsed.settings,
    database: (() => collection) as unknown as Database,
    digest: (text) => createHash('sha256').update(text).digest('hex').slice(0, 32),
    newId: () => randomBytes(12).toString('hex'),
    clock: { now: Date.now, remainingMs: () => 20_000 },
    log: () => undefined,
    sleep: () => Promise.resolve(),
    every: () => () => undefined,
    startFunction: () => Promise.resolve(),
    files: {
      read: async () => ({ ok: false, errCode: -503003, errMsg: '' }),
      write: async () => ({ ok: false, errCode: -503001, errMsg: '' }),
      remove: () => Promise.resolve(true),
    },
    wechat: { call: async () => ({ ok: true, data: {} }) },
  };
}

/** The part of Koa's context that co-wechat uses. */
interface Context {
  readonly method: 'POST';
  readonly query: Sent['query'];
  readonly request: { readonly body: string };
  body?: string;
}

// CommonJS, and without types.
const wechat = require('co-wechat') as (config: object) => {
  middleware(
    handle: (message: { readonly Content: string }) => Promise<string>,
  ): (context: Context) => Promise<void>;
};
const middleware = wechat({
  token: variables.CALLBACK_TOKEN,
  appid,
  encodingAESKey: variables.CALLBACK_AES_KEY,
}).middleware(async ({ Content }) => (Content === '1' ? words : ''));

const ports = portsOfBench();
const ways = {
  async own({ query, body }: Sent): Promise<string> {
    const encrypt = /<Encrypt><!\[CDATA\[([\w+/=]+)/.exec(body)?.[1];
    if (!isSigned(query['msg_signature'], keys.token, query, encrypt)) return '';
    const decrypted = decryptPush(keys, encrypt);
    const read = readPushXml(decrypted.ok ? decrypted.body : '');
    const parsed = parsePush(read.ok ? read.input : {});
    if (!parsed.ok) return '';
    const [said] = decideReply(exampleRules, parsed.push, 'official').say;
    const message = parseMessage({ ...said, touser: parsed.push.FromUserName }, { account: 'official' });
    const reply = message.ok ? toPassiveMessage(message.message, parsed.push, Date.now()) : undefined;
    if (reply === undefined) return '';
    const nonce = randomBytes(8).toString('hex');
    return writeReplyXml(encryptReply(keys, writeReplyXml(reply), Math.floor(Date.now() / 1000), nonce));
  },
  async whole({ query, body }: Sent): Promise<string> {
    const request = { method: 'POST', path: '/callback', query, headers: {}, body, isBase64: false };
    return (await answerCallback(request, ports)).body;
  },
  async theirs({ query, body }: Sent): Promise<string> {
    const context: Context = { method: 'POST', query, request: { body } };
    await middleware(context);
    return context.body ?? '';
  },
};

/** Whether a push was answered, encrypted, with what is said to it. */
function isAnswered(answer: string): boolean {
  const decrypted = decryptPush(keys, /<Encrypt><!\[CDATA\[([^\]]+)/.exec(answer)?.[1]);
  return decrypted.ok && Buffer.from(decrypted.body).toString().includes(words);
}

const names = ['own', 'whole', 'theirs'] as const;
const [count, batches] = [200, 40];

async function run(): Promise<void> {
  const sent = Array.from({ length: count }, (_, id) => sentPush(id));
  const timesUs = { own: [] as number[], whole: [] as number[], theirs: [] as number[] };
  for (let batch = 0; batch < batches; batch += 1)
    for (const name of names) {
      const before = process.cpuUsage();
      let answer = '';
      for (const each of sent) answer = await ways[name](each);
      const { user, system } = process.cpuUsage(before);
      timesUs[name].push((user + system) / count);
      if (!isAnswered(answer)) throw new Error(`${name} did not answer`);
    }
  // What is compiled on the way is not what is measured.
  const median = (times: number[]) =>
    times.slice(batches / 2).sort((one, other) => one - other)[batches / 4] ?? 0;
  const result: CallbackResult = {
    ownUs: median(timesUs.own),
    wholeUs: median(timesUs.whole),
    theirUs: median(timesUs.theirs),
  };
  writeSync(3, JSON.stringify(result));
}
void run();
