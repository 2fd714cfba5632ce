import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { callAsWeChat } from '../../emulator/phone/mini-program';
import { samplePng } from '../../emulator/wechat/samples';
import type * as Client from '../../miniprogram/kefu-client';
import { clientRoot } from '../../scripts/build-client';
import { toCamelKey } from '../../shared/wechat/fields/case';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import { messageTypeNames, messageTypes } from '../../shared/wechat/messages/message-types';
import { loadBuiltClient } from './built-client';

/** Every method of the built client, against the built functions and the local WeChat. */

const customer = 'oCustomer0000000000000000001';

let emulator: Emulator;
let client: typeof Client;
let service: Client.CustomerService;
let operator: Client.CustomerService;

const as = (openid: string, options: Client.CustomerServiceOptions = {}) =>
  client.createCustomerService({
    ...options,
    call: ({ name, data }) => callAsWeChat(emulator, name, data, openid),
  });

beforeAll(async () => {
  emulator = await createEmulator({ variables: { KEFU_OPERATORS: 'oOperator0000000000000000001' } });
  client = loadBuiltClient(clientRoot);
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  service = as(defaultOpenid);
  operator = as('oOperator0000000000000000001');
});

const received = (openid: string = defaultOpenid) =>
  emulator.world
    .conversation('miniprogram', openid)
    .messages.flatMap(({ from, message }) => (from === 'service' ? [message] : []));

/** A picture in cloud storage. */
function sampleFile(): Client.CloudFile {
  const { sampleFileID } = emulator;
  if (!client.isCloudFile(sampleFileID)) throw new Error('no cloud file');
  return sampleFileID;
}

/** The user writes, and the push reaches `kefu-receive`, which keeps what the window needs. */
async function say(openid: string): Promise<void> {
  await fetch(`${emulator.url}/_emulator/users/${openid}/say`, {
    method: 'POST',
    body: JSON.stringify({ MsgType: 'text', Content: '在吗' }),
  });
  // Until the push has been handled whole: its answer counts in the window too.
  for (let tries = 0; tries < 400; tries += 1) {
    if (emulator.log.since(0).some((entry) => entry.kind === 'push' && entry.openid === openid)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the push was not received');
}

describe('send', () => {
  test('sends to the caller itself, in either spelling', async () => {
    expect(await service.send({ msgtype: 'text', text: { content: '你好' } })).toEqual({
      ok: true,
      errCode: 0,
      errMsg: 'ok',
    });
    await service.send({ msgtype: 'image', image: { mediaId: 'MEDIA_ID' } });
    await service.send({ msgtype: 'image', image: { media_id: 'MEDIA_ID' } });
    expect(received()).toEqual([
      { touser: defaultOpenid, msgtype: 'text', text: { content: '你好' } },
      { touser: defaultOpenid, msgtype: 'image', image: { media_id: 'MEDIA_ID' } },
      { touser: defaultOpenid, msgtype: 'image', image: { media_id: 'MEDIA_ID' } },
    ]);
  });

  test('sends every message type of both accounts', async () => {
    for (const account of ['miniprogram', 'official'] as const) {
      const named = as(defaultOpenid, { account });
      for (const msgtype of messageTypeNames) {
        if (!(messageTypes[msgtype].accounts as readonly string[]).includes(account)) continue;
        emulator.world.say(account, defaultOpenid, { MsgType: 'text', Content: '你好' });
        const message = {
          msgtype,
          [msgtype]: messageExamples[msgtype],
        } as unknown as Client.MessageFor<Client.Account>;
        expect([msgtype, await named.send(message)]).toEqual([
          msgtype,
          expect.objectContaining({ ok: true }),
        ]);
      }
    }
  });

  test('takes a file of cloud storage', async () => {
    expect(await service.send({ msgtype: 'image', image: { fileID: sampleFile() } })).toMatchObject({
      ok: true,
    });
    expect(client.isCloudFile('https://example.com/a.png')).toBe(false);
  });

  test('answers a refusal with all that is known, and throws nothing', async () => {
    const result = await service.send({ msgtype: 'text', text: { content: '' } });
    expect(result).toMatchObject({
      ok: false,
      errCode: 44004,
      code: 'invalid-message',
      retryable: false,
      details: [{ path: 'text.content', message: expect.any(String) }],
    });
    expect(await service.send({ touser: customer, msgtype: 'text', text: { content: 'x' } })).toMatchObject({
      ok: false,
      code: 'not-allowed',
    });
    // What no compiler lets through is the function's to refuse.
    expect(await service.send(null as unknown as Client.MessageFor)).toMatchObject({
      ok: false,
      errCode: 40008,
    });
  });

  test('splits a long text, with a result for each part', async () => {
    const result = await service.send(
      { msgtype: 'text', text: { content: '好'.repeat(1500) } },
      { split: true },
    );
    expect(result).toMatchObject({ ok: true, results: [{ ok: true }, { ok: true }, { ok: true }] });
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 45047 }]);
    const full = await service.send(
      { msgtype: 'text', text: { content: '好'.repeat(1500) } },
      { split: true },
    );
    expect(full).toMatchObject({
      ok: false,
      code: 'quota-exceeded',
      results: [{ ok: false, code: 'quota-exceeded', advice: expect.any(String) }],
    });
  });

  test('sends once under one requestId: at once, and later', async () => {
    const requestId = client.newRequestId();
    const hello = { msgtype: 'text', text: { content: '只发一次' } } as const;
    const [first, second] = await Promise.all([
      service.send(hello, { requestId }),
      service.send(hello, { requestId }),
    ]);
    expect(second).toBe(first);
    expect(await service.send(hello, { requestId })).toMatchObject({ ok: true });
    expect(received()).toHaveLength(1);
    expect(await service.send(hello, { requestId: client.newRequestId() })).toMatchObject({ ok: true });
    expect(received()).toHaveLength(2);
  });

  test('says what is left of the window after the message', async () => {
    await say(defaultOpenid);
    const before = await service.window();
    const result = await service.send({ msgtype: 'text', text: { content: '1' } }, { window: true });
    expect(before.ok && result.ok && before.remaining - (result.window?.remaining ?? 0)).toBe(1);
  });

  test('keeps a message for the outbox, and says under which name', async () => {
    const result = await service.send(
      { msgtype: 'text', text: { content: '稍后' } },
      { queue: true, priority: 5 },
    );
    expect(result).toMatchObject({ ok: true, id: expect.any(String) });
    expect(received()).toEqual([]);
  });

  test('falls back to a subscribe message where the window is shut, and says so', async () => {
    emulator.clock.advance(49 * 60 * 60 * 1000);
    const result = await service.send(
      { msgtype: 'text', text: { content: '太迟' } },
      { fallback: [{ subscribe: { templateId: 'TEMPLATE_ID', data: { thing1: { value: '有新的回复' } } } }] },
    );
    expect(result).toMatchObject({ ok: true, sent: 'subscribe' });
  });
});

describe('a method by type', () => {
  const methods = messageTypeNames.map((msgtype) => [toCamelKey(`send_${msgtype}`), msgtype] as const);
  type ByType = (body: unknown, options?: object) => Promise<Client.Result<Client.Sent>>;
  const method = (name: string) => (service as unknown as { readonly [name: string]: ByType })[name];

  test.each(methods)('%s sends what send does', async (name, msgtype) => {
    const [account] = messageTypes[msgtype].accounts;
    emulator.world.say(account, defaultOpenid, { MsgType: 'text', Content: '你好' });
    expect(await method(name)?.(messageExamples[msgtype], { account })).toMatchObject({ ok: true });
    const { messages } = emulator.world.conversation(account, defaultOpenid);
    expect(messages.at(-1)?.message).toEqual({
      touser: defaultOpenid,
      msgtype,
      [msgtype]: messageExamples[msgtype],
    });
  });

  test('takes one text where that makes a message', async () => {
    await service.sendText('您好');
    await service.sendImage('MEDIA_ID');
    await service.sendImage(sampleFile());
    expect(received().map(({ touser, msgtype, ...body }) => body)).toEqual([
      { text: { content: '您好' } },
      { image: { media_id: 'MEDIA_ID' } },
      { image: { media_id: expect.stringMatching(/^(?!cloud)/) } },
    ]);
    expect(await method('sendLink')?.('https://example.com')).toMatchObject({
      ok: false,
      details: [{ path: 'link' }],
    });
  });

  test('takes the account of the one who answers, and every option of send', async () => {
    emulator.world.say('miniprogram', customer, { MsgType: 'text', Content: '?' });
    const requestId = client.newRequestId();
    const options = { touser: customer, kf_account: 'test1@kftest', requestId, window: true };
    const result = await operator.sendText('cloud://不是文件', options);
    expect(result).toMatchObject({ ok: true, window: { remaining: expect.any(Number) } });
    expect(await operator.sendText('cloud://不是文件', options)).toEqual(result);
    expect(received(customer)).toEqual([
      {
        touser: customer,
        msgtype: 'text',
        text: { content: 'cloud://不是文件' },
        customservice: { kf_account: 'test1@kftest' },
      },
    ]);
  });
});

describe('sendAll', () => {
  test('has a result for each message, and one that is wrong spoils no other', async () => {
    emulator.world.say('miniprogram', customer, { MsgType: 'text', Content: '?' });
    const result = await operator.sendAll(
      [
        { msgtype: 'text', text: { content: '一' } },
        { msgtype: 'text', text: { content: '' } },
        { touser: defaultOpenid, msgtype: 'text', text: { content: '三' } },
      ],
      { touser: customer },
    );
    expect(result).toMatchObject({
      ok: true,
      results: [{ ok: true }, { ok: false, errCode: 44004, code: 'invalid-message' }, { ok: true }],
    });
    expect(received(customer)).toHaveLength(1);
  });
});

describe('window', () => {
  test('says what is left, and sends nothing', async () => {
    expect(await service.window()).toMatchObject({ ok: true, remaining: 0, closesAt: 0 });
    await say(defaultOpenid);
    const shown = received().length;
    const window = await service.window();
    expect(window).toMatchObject({ ok: true, remaining: expect.any(Number), closesAt: expect.any(Number) });
    expect(window.ok && window.closesAt - Date.now()).toBeGreaterThan(47 * 60 * 60 * 1000);
    expect(received()).toHaveLength(shown);
  });

  test('of another user is for operators', async () => {
    expect(await service.window({ touser: customer })).toMatchObject({ ok: false, code: 'not-allowed' });
    expect(await operator.window({ touser: customer })).toMatchObject({ ok: true });
  });
});

describe('typing', () => {
  const shows = () => emulator.world.conversation('miniprogram', defaultOpenid).typing;

  test('shows the sign, and ends it', async () => {
    expect(await service.typing()).toMatchObject({ ok: true });
    expect(shows()).toBe(true);
    expect(await service.typing()).toMatchObject({ ok: false, code: 'already-typing', errCode: 45081 });
    expect(await service.typing({ command: 'CancelTyping' })).toMatchObject({ ok: true });
    expect(shows()).toBe(false);
  });

  test('lasts as long as the work, and gives what the work gives', async () => {
    const given = await service.withTyping(async () => {
      for (let tries = 0; !shows() && tries < 500; tries += 1)
        await new Promise((done) => setTimeout(done, 10));
      return shows();
    });
    expect(given).toBe(true);
    // The next call waits for the sign to have ended.
    await service.typing({ command: 'CancelTyping' });
    expect(shows()).toBe(false);
  });
});

describe('media', () => {
  test('goes up and comes back', async () => {
    const uploaded = await service.uploadMedia(sampleFile());
    if (!uploaded.ok) throw new Error(uploaded.errMsg);
    expect(uploaded).toMatchObject({ type: 'image', mediaId: expect.any(String) });
    expect(uploaded.expiresAt - uploaded.createdAt).toBe(3 * 24 * 60 * 60);
    const saved = await service.getMedia(uploaded.mediaId);
    if (!saved.ok) throw new Error(saved.errMsg);
    expect(saved).toMatchObject({ contentType: 'image/png', sizeBytes: samplePng.length });
    expect(emulator.storage.list().some(({ fileID }) => fileID === saved.fileID)).toBe(true);
  });

  test('is refused in the same form', async () => {
    expect(await service.uploadMedia('cloud://local.local-bucket/gone.png')).toMatchObject({
      ok: false,
      code: 'file-unavailable',
    });
    expect(await service.uploadMedia(sampleFile(), { type: 'voice' })).toMatchObject({
      errCode: 40004,
    });
    expect(await service.getMedia('gone')).toMatchObject({
      ok: false,
      code: 'media-expired',
      errCode: 40007,
    });
  });
});

describe('templates', () => {
  const data = { keyword1: { value: '39.8 元' }, CardNumber: { value: '0426' } };

  test('an official account’s is sent, its keys untouched', async () => {
    const result = await service.sendTemplate({ touser: defaultOpenid, template_id: 'TEMPLATE_ID', data });
    expect(result).toMatchObject({ ok: true, msgid: expect.stringMatching(/^\d{19}$/) });
    const { messages } = emulator.world.conversation('official', defaultOpenid);
    expect(messages.at(-1)?.message).toMatchObject({ template_id: 'TEMPLATE_ID', data });
  });

  test('is sent whatever account the client names', async () => {
    const official = as(defaultOpenid, { account: 'official' });
    const value = { value: '已发货' };
    expect(
      await official.sendSubscribe({ templateId: 'TEMPLATE_ID', data: { thing1: value } }),
    ).toMatchObject({
      ok: true,
    });
    const mini = as(defaultOpenid, { account: 'miniprogram' });
    expect(await mini.sendTemplate({ touser: defaultOpenid, templateId: 'TEMPLATE_ID', data })).toMatchObject(
      { ok: true },
    );
  });

  test('a subscribe message is cut where that is asked for', async () => {
    const message = { template_id: 'TEMPLATE_ID', data: { thing1: { value: '长'.repeat(30) } } };
    expect(await service.sendSubscribe(message)).toMatchObject({ ok: false, errCode: 47003 });
    expect(await service.sendSubscribe(message, { cut: true })).toMatchObject({ ok: true });
  });

  test('is sent once under one requestId', async () => {
    const requestId = client.newRequestId();
    const message = { touser: defaultOpenid, template_id: 'TEMPLATE_ID', data };
    const first = await service.sendTemplate(message, { requestId });
    expect(await service.sendTemplate(message, { requestId })).toEqual(first);
    expect(emulator.world.notices).toHaveLength(1);
  });
});

test('runs over the local WeChat’s REST, as the chat page calls', async () => {
  const overRest = client.createCustomerService({
    call: async (request) => {
      const response = await fetch(`${emulator.url}/_emulator/call`, {
        method: 'POST',
        body: JSON.stringify(request),
      });
      return response.json();
    },
  });
  expect(await overRest.send({ msgtype: 'text', text: { content: '你好' } })).toMatchObject({ ok: true });
  expect(received()).toHaveLength(1);
});

test('calls wx.cloud where nothing else is given, once it is there', async () => {
  const wx: { cloud?: object } = {};
  const { createCustomerService } = loadBuiltClient(clientRoot, wx);
  const usual = createCustomerService();
  expect(await usual.send({ msgtype: 'text', text: { content: 'x' } })).toMatchObject({
    ok: false,
    code: 'configuration-invalid',
    retryable: false,
  });
  wx.cloud = {
    callFunction: ({ name, data }: Client.FunctionCall) => callAsWeChat(emulator, name, data, defaultOpenid),
  };
  expect(await usual.send({ msgtype: 'text', text: { content: 'x' } })).toMatchObject({ ok: true });
});
