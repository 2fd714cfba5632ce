import { createHash } from 'node:crypto';
import type { Database, Ports } from '../../shared/core/ports';
import { parseSettings } from '../../shared/core/settings';
import { kefuOutbox } from '../../shared/functions/outbox/kefu-outbox';
import { kefuReceive } from '../../shared/functions/receive/receive';
import type { ReplyRules } from '../../shared/functions/rules/reply-rules';
import { kefuSend } from '../../shared/functions/send/send';
import { answerCallback } from '../../shared/runtime/http/callback';
import { encryptReply, parseAesKey } from '../../shared/runtime/http/callback-crypto';
import type { CallName } from '../../shared/wechat/calls';
import { createWorld } from '../world/world';

/** The ways whose trips are counted, each gone twice in one instance: what is remembered is remembered by then. */

const rules: ReplyRules = {
  rules: [
    { on: { text: 'bye' }, say: [{ msgtype: 'text', text: { content: 'bye' } }] },
    { on: { text: 'hi' }, say: [{ msgtype: 'text', text: { content: 'hello' } }] },
  ],
};

const variables = {
  CALLBACK_TOKEN: 'token',
  CALLBACK_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  OFFICIAL_APPID: 'wx0000000000000001',
  MINIPROGRAM_APPID: 'wx0000000000000002',
};

/** All that the ways reach: each answers at once, and knows of nothing yet. */
function createPorts(): Ports<CallName> {
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
    settings: parsed.settings,
    database: (() => collection) as unknown as Database,
    digest: (text) => createHash('sha256').update(text).digest('hex').slice(0, 32),
    newId: () => 'name',
    clock: { now: () => 1_700_000_000_000, remainingMs: () => 20_000 },
    log: () => undefined,
    sleep: async () => undefined,
    every: () => () => undefined,
    startFunction: async () => undefined,
    files: {
      read: async () => ({ ok: false, errCode: -503003, errMsg: 'no such file' }),
      write: async () => ({ ok: false, errCode: -503001, errMsg: 'no storage' }),
      remove: async () => true,
    },
    wechat: { call: async () => ({ ok: true, data: {} }) },
  };
}

const pushOf = (number: number, ToUserName: string) => ({
  ToUserName,
  FromUserName: 'oUser',
  CreateTime: 1_700_000_000,
  MsgType: 'text',
  Content: 'hi',
  MsgId: `${number}`,
});

/** The official account's callback, encrypted. */
function requestOf(number: number) {
  const fields = Object.entries(pushOf(number, 'gh_account'));
  const xml = `<xml>${fields.map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</xml>`;
  const aesKey = parseAesKey(variables.CALLBACK_AES_KEY) ?? new Uint8Array();
  const keys = { token: variables.CALLBACK_TOKEN, aesKey, appid: variables.OFFICIAL_APPID };
  const nonce = `${number}`;
  const { Encrypt, MsgSignature, TimeStamp } = encryptReply(keys, xml, 1_700_000_000, nonce);
  return {
    method: 'POST',
    path: '/callback',
    headers: {},
    query: { timestamp: String(TimeStamp), nonce, msg_signature: MsgSignature },
    body: `<xml><Encrypt>${Encrypt}</Encrypt></xml>`,
    isBase64: false,
  };
}

const receive = kefuReceive(rules);
const text = { touser: 'oUser', msgtype: 'text', text: { content: 'hi' } };

/** Goes each way, and tells when it begins and ends: what each answered on its second go. */
export async function goAll(begin: (way: string) => void, end: () => void): Promise<unknown[]> {
  const ports = createPorts();
  const answers: unknown[] = [];
  for (const number of [1, 2]) {
    const push = pushOf(number, variables.MINIPROGRAM_APPID);
    const request = requestOf(number);
    const world = createWorld();
    const { ports: worlds } = world.createProcess();
    await world.time.until(kefuSend.handle({ ...text, queue: true }, { source: 'wx_http' }, worlds));
    const ways: { readonly [name: string]: () => Promise<unknown> } = {
      push: () => receive.handle(push, { source: 'wx_push' }, ports),
      send: () => kefuSend.handle(text, { source: 'wx_http' }, ports),
      outbox: () => world.time.until(kefuOutbox.handle({}, { source: 'wx_trigger' }, worlds)),
      callback: () => answerCallback(request, { ...ports, rules }),
    };
    for (const [name, go] of Object.entries(ways)) {
      begin(name);
      answers.push(await go().finally(end));
    }
  }
  return answers.slice(-4);
}
