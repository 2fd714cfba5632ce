import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { ConversationMessage, Entry } from '../../emulator/entries';
import { until } from '../until';

/** What users write comes in, is answered once, and goes to a person where the rules say so. */

const user = defaultOpenid;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: { CALLBACK_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' },
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function rest(method: string, path: string, body: unknown = {}) {
  const response = await fetch(`${emulator.url}/_emulator${path}`, { method, body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

/** Pushes fields in the user's name, and waits for the first attempt. */
const push = (fields: object, account = 'miniprogram') =>
  rest('POST', `/users/${user}/push?account=${account}`, fields);

function answers(account: 'miniprogram' | 'official' = 'miniprogram'): ConversationMessage[] {
  return emulator.world.conversation(account, user).messages.filter(({ from }) => from === 'service');
}

const textOf = ({ message }: ConversationMessage) =>
  (message['text'] as { content: string } | undefined)?.content;

function pushes(): Extract<Entry, { kind: 'push' }>[] {
  return emulator.log
    .since(0)
    .filter((entry): entry is Extract<Entry, { kind: 'push' }> => entry.kind === 'push');
}

describe('a reset', () => {
  test('ends what was on its way: nothing of it arrives in the next story', async () => {
    const data = { ToUserName: 'gh_0', FromUserName: user, MsgType: 'text', Content: '你好' };
    for (let round = 0; round < 16; round += 1) {
      const called = emulator.call({
        name: 'kefu-receive',
        data: { ...data, CreateTime: 1_700_000_000 + round, MsgId: `${round}` },
        source: 'wx_push',
        openid: user,
      });
      await new Promise((resolve) => setTimeout(resolve, round * 12));
      emulator.reset();
      await called;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(answers()).toEqual([]);
      expect(emulator.log.since(0).filter(({ kind }) => kind === 'wire')).toEqual([]);
    }
  });

  test('refuses what a call of the story before still sends', async () => {
    const fresh = await createEmulator();
    try {
      const ask = async () => {
        const body = JSON.stringify({ action: 'database.addCollection', collectionName: 'late' });
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(`${fresh.url}/admin/call000001.0`, { method: 'POST', headers, body });
        return response.json();
      };
      expect(await ask()).not.toHaveProperty('code');
      fresh.reset();
      expect(await ask()).toMatchObject({ code: 'SYS_ERR', message: expect.stringContaining('reset') });
      expect(fresh.database.dump()).toEqual({});
    } finally {
      await fresh.close();
    }
  });
});

describe('a mini program’s push', () => {
  test('of entering is answered with a welcome', async () => {
    await push({ MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: 'order' });
    expect(answers().map(textOf)).toEqual([expect.stringContaining('欢迎光临')]);
    expect(pushes()).toMatchObject([{ to: 'kefu-receive', attempt: 1, ok: true, answer: 'success' }]);
  });

  test('of a keyword is answered by its rule, of anything else by the default', async () => {
    await push({ MsgType: 'text', Content: '我的快递到哪了?' });
    await push({ MsgType: 'text', Content: 'xyz' });
    expect(answers().map(textOf)).toEqual([
      expect.stringContaining('订单号'),
      expect.stringContaining('没有理解'),
    ]);
  });

  test('shows a typing sign before a slow answer', async () => {
    await rest('POST', `/users/${user}/say`, { MsgType: 'text', Content: 'KF20260001' });
    await until(() => answers().length === 1);
    const signs = emulator.log.since(0).filter((entry) => entry.kind === 'typing');
    expect(signs).toMatchObject([{ on: true }, { on: false }]);
  });

  test('that asks for a person is handed over', async () => {
    await push({ MsgType: 'text', Content: '转人工' });
    expect(answers()).toEqual([]);
    expect(emulator.world.conversation('miniprogram', user).person).toBe('');
    expect(pushes()[0]?.answer).toMatchObject({
      MsgType: 'transfer_customer_service',
      ToUserName: user,
      FromUserName: 'wx0000000000000001',
      CreateTime: expect.any(Number),
    });
  });

  test('that is unknown passes; one that is malformed is a clear error', async () => {
    await push({ MsgType: 'event', Event: 'something_new', Anything: { at: ['all'] } });
    expect(pushes()[0]).toMatchObject({ ok: true, answer: 'success' });
    const broken = await emulator.call({
      name: 'kefu-receive',
      source: 'wx_push',
      data: { MsgType: 'text', Content: 'x' },
      openid: user,
    });
    expect(broken).toMatchObject({
      result: {
        code: 'invalid-message',
        details: expect.arrayContaining([{ path: 'FromUserName', message: 'is missing' }]),
      },
    });
  });
});

describe('a forged push', () => {
  const text = {
    ToUserName: 'wx0000000000000001',
    FromUserName: user,
    CreateTime: 1_700_000_000,
    MsgType: 'text',
    Content: '菜单',
    MsgId: '1',
  };

  test.each([
    ['a client in the user’s own name', 'wx_client', user],
    ['a client in another’s name', 'wx_client', 'oStranger'],
    ['DevTools', 'wx_devtools', user],
    ['a client behind a function', 'wx_client,scf', user],
    ['a source unknown, in another’s name', 'wx_push', 'oStranger'],
  ])('from %s is refused', async (_what, source, openid) => {
    expect(await emulator.call({ name: 'kefu-receive', data: text, source, openid })).toMatchObject({
      result: { code: 'not-allowed' },
    });
    expect(answers()).toEqual([]);
    expect(emulator.database.dump()).toEqual({});
  });
});

describe('a push that comes again', () => {
  const text = {
    ToUserName: 'wx0000000000000001',
    FromUserName: user,
    CreateTime: 1_700_000_000,
    MsgType: 'text',
    Content: '退货',
    MsgId: 'h_1',
  };
  const deliver = (data: object = text) =>
    emulator.call({ name: 'kefu-receive', data, source: 'wx_push', openid: user });

  test('50 times at once is answered once, and each delivery gets the first one’s answer', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => deliver()));
    expect(results.every((answer) => answer.ok && answer.result === 'success')).toBe(true);
    expect(answers()).toHaveLength(1);
  });

  test('with the answer of a hand-over gets that again', async () => {
    const person = { ...text, Content: '人工' };
    const [first, second] = [await deliver(person), await deliver(person)];
    expect(first).toMatchObject({ result: { MsgType: 'transfer_customer_service' } });
    expect(second).toMatchObject({ result: (first as { result: unknown }).result });
  });

  test('is another when user, time or id is another: an id alone is not unique', async () => {
    emulator.world.say('miniprogram', 'oAnn', { MsgType: 'text', Content: 'hi' });
    await deliver();
    await deliver({ ...text, MsgId: 'h_2' });
    await deliver({ ...text, CreateTime: text.CreateTime + 1 });
    expect(answers()).toHaveLength(3);
    await emulator.call({
      name: 'kefu-receive',
      data: { ...text, FromUserName: 'oAnn' },
      source: 'wx_push',
      openid: 'oAnn',
    });
    expect(
      emulator.world.conversation('miniprogram', 'oAnn').messages.filter(({ from }) => from === 'service'),
    ).toHaveLength(1);
  });

  test('after its instance was killed before the answer left is not answered by a guess, and that is put down', async () => {
    // The first handler has begun to send, and nothing tells whether it did; then its instance dies.
    emulator.faults.put([
      { api: 'customerServiceMessage.send', behaviour: 'timeout', delivered: false, times: 1 },
    ]);
    const first = deliver();
    await until(() => emulator.log.since(0).some(({ kind }) => kind === 'wire'));
    emulator.runner.recycle();
    expect(await first).toMatchObject({ ok: false });

    // The repeat waits until the dead claim has run out.
    expect(await deliver()).toMatchObject({ ok: true, result: 'success' });
    expect(answers()).toEqual([]);
    expect(emulator.database.dump()['kefu_outbox']).toMatchObject([
      { state: 'dead', code: 'unknown-delivery' },
    ]);
  });

  test('after its instance was killed while the message was on its way does not send it again', async () => {
    emulator.faults.put([
      { api: 'customerServiceMessage.send', behaviour: 'timeout', delivered: true, times: 1 },
    ]);
    const first = deliver();
    await until(() => answers().length === 1);
    emulator.runner.recycle();
    await first;
    // The repeat waits until the dead claim has run out.
    expect(await deliver()).toMatchObject({ ok: true, result: 'success' });
    expect(answers()).toHaveLength(1);
  });

  test('is delivered by WeChat after 5 s, up to 3 times, where the function fails', async () => {
    emulator.faults.put([{ api: 'database.insertDocument', errcode: -1 }]);
    await push({ MsgType: 'text', Content: '退货' });
    expect(pushes()).toMatchObject([{ attempt: 1, ok: false }]);
    emulator.clock.advance(5000);
    await until(() => pushes().length === 2);
    emulator.faults.put([]);
    emulator.clock.advance(5000);
    await until(() => pushes().length === 3);
    expect(pushes()[2]).toMatchObject({ attempt: 3, ok: true });
    emulator.clock.advance(60_000);
    expect(pushes()).toHaveLength(3);
    expect(answers()).toHaveLength(1);
  });
});

describe.each([
  ['plain XML', { encrypted: false, format: 'xml' }],
  ['plain JSON', { encrypted: false, format: 'json' }],
  ['encrypted XML', { encrypted: true, format: 'xml' }],
  ['encrypted JSON', { encrypted: true, format: 'json' }],
] as const)('the official account’s callback in %s', (_what, mode) => {
  let callback: Emulator;
  const variables = mode.encrypted ? { CALLBACK_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' } : {};
  beforeAll(async () => {
    callback = await createEmulator({ variables });
  });
  afterAll(() => callback.close());
  beforeEach(async () => {
    callback.reset();
    if (callback.pusher !== undefined) callback.pusher.mode = mode;
  });

  const pushTo = (fields: object) =>
    callback.pusher?.push('official', user, fields as Record<string, unknown>);
  const said = () =>
    callback.world.conversation('official', user).messages.filter(({ from }) => from === 'service');
  const lastPush = () => callback.log.since(0).findLast((entry) => entry.kind === 'push');

  test('answers one message passively, in the same form as the push', async () => {
    await pushTo({ MsgType: 'text', Content: '退货 <&> ]]> 👨‍💻' });
    expect(lastPush()).toMatchObject({
      ok: true,
      to: '/gateway/callback',
      answer: { MsgType: 'text', ToUserName: user, FromUserName: 'gh_0000000000ff' },
    });
    expect(said().map(textOf)).toEqual([expect.stringContaining('7 天内可退换')]);
    // It came in the response: nothing was sent through the interface.
    expect(callback.log.since(0).filter((entry) => entry.kind === 'wire')).toEqual([]);
  });

  test('answers several by the customer message, and hands over', async () => {
    await pushTo({ MsgType: 'event', Event: 'subscribe', EventKey: '' });
    expect(said().map(({ msgtype }) => msgtype)).toEqual(['text', 'msgmenu']);
    await pushTo({ MsgType: 'text', Content: '人工客服', bizmsgmenuid: 'person' });
    expect(callback.world.conversation('official', user).person).toBe('');
  });
});

describe('a stranger at the callback', () => {
  const sign = async (parts: string[]) => {
    const bytes = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(parts.sort().join('')));
    return Buffer.from(bytes).toString('hex');
  };
  const xml = (content: string, id = '1') =>
    `<xml><ToUserName>gh_1</ToUserName><FromUserName>${user}</FromUserName><CreateTime>1700000000</CreateTime><MsgType>text</MsgType><Content>${content}</Content><MsgId>${id}</MsgId></xml>`;
  let plain: Emulator;
  /** One second for all requests, so that the same query can be sent again. */
  let now = '';
  beforeAll(async () => {
    plain = await createEmulator();
    now = String(Math.floor(plain.clock.now() / 1000));
  });
  afterAll(() => plain.close());
  beforeEach(() => plain.reset());

  async function post(body: string, change: Record<string, string> = {}, at: Emulator = plain) {
    const query: Record<string, string> = {
      timestamp: now,
      nonce: 'n1',
      ...change,
    };
    query['signature'] ??= await sign(['localtoken', query['timestamp'] ?? '', query['nonce'] ?? '']);
    const response = await fetch(`${at.url}/gateway/callback?${new URLSearchParams(query)}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/xml' },
    });
    return { status: response.status, text: await response.text() };
  }
  const said = () =>
    plain.world.conversation('official', user).messages.filter(({ from }) => from === 'service');

  test('may ask for an echo only with a signature', async () => {
    const timestamp = String(Math.floor(plain.clock.now() / 1000));
    const ask = async (signature: string) => {
      const query = new URLSearchParams({ signature, timestamp, nonce: 'n', echostr: 'hello-123' });
      const response = await fetch(`${plain.url}/gateway/callback?${query}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await ask(await sign(['localtoken', timestamp, 'n']))).toEqual({ status: 200, text: 'hello-123' });
    expect((await ask('0'.repeat(40))).status).toBe(403);
  });

  test.each([
    ['a wrong signature', { signature: '0'.repeat(40) }],
    ['an old timestamp', { timestamp: '1600000000' }],
    ['a timestamp of the future', { timestamp: '4000000000' }],
    ['a timestamp that is none', { timestamp: 'now' }],
  ])('with %s is refused', async (_what, change) => {
    expect((await post(xml('退货'), change)).status).toBe(403);
    expect(plain.database.dump()).toEqual({});
  });

  test('cannot use a query that was seen: neither with the same push nor with another', async () => {
    expect((await post(xml('退货'))).status).toBe(200);
    expect((await post(xml('退货'))).status).toBe(403);
    expect((await post(xml('物流', '2'))).status).toBe(403);
    expect((await post(xml('物流', '2'), { nonce: 'n2' })).status).toBe(200);
  });

  test('cannot go around the encryption that is set', async () => {
    expect((await post(xml('退货'), {}, emulator)).status).toBe(403);
  });

  test.each([
    ['entities', '<!DOCTYPE x [<!ENTITY a "b">]><xml><FromUserName>&a;</FromUserName></xml>'],
    ['depth', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`],
    ['size', xml('x'.repeat(90_000))],
    ['nothing', ''],
    ['no XML', 'hello'],
    ['half a document', xml('x').slice(0, 60)],
    ['JSON of the prototype', '{"__proto__":{"MsgType":"text"}}'],
  ])('with hostile %s gets a refusal, soon', async (_what, body) => {
    const startedAt = performance.now();
    expect((await post(body)).status).toBe(400);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(said()).toEqual([]);
  });
});

describe('the result of a template', () => {
  test('is joined to the record of the message that was sent', async () => {
    const sent = await emulator.call({
      name: 'kefu-template-send',
      data: { template_id: 'TM00015', data: { withdrawMoney: { value: '1' } } },
      source: 'wx_client',
      openid: user,
    });
    expect(sent).toMatchObject({ result: { msgid: '2400000000000000001' } });
    if (emulator.pusher !== undefined) emulator.pusher.mode = { encrypted: true, format: 'xml' };
    emulator.clock.advance(1000);
    await until(() => pushes().length === 1);
    expect(pushes()[0]).toMatchObject({
      ok: true,
      push: { Event: 'TEMPLATESENDJOBFINISH', MsgID: '2400000000000000001' },
    });
    expect(emulator.database.dump()['kefu_notices']).toMatchObject([
      { templateId: 'TM00015', status: 'success', sentAt: expect.any(Number) },
    ]);
  });

  test.each(['success', 'failed:user block', 'failed: system failed'])(
    '%s that comes before its record is not lost',
    async (Status) => {
      if (emulator.pusher !== undefined) emulator.pusher.mode = { encrypted: true, format: 'json' };
      await emulator.pusher?.push('official', user, {
        MsgType: 'event',
        Event: 'TEMPLATESENDJOBFINISH',
        MsgID: '2400000000000000001',
        Status,
      });
      await emulator.call({
        name: 'kefu-template-send',
        data: { template_id: 'TEMPLATE_ID', data: { a: { value: 'b' } } },
        source: 'wx_client',
        openid: user,
      });
      expect(emulator.database.dump()['kefu_notices']).toMatchObject([
        { status: Status, templateId: 'TEMPLATE_ID' },
      ]);
    },
  );

  test('of a subscribe message comes to kefu-receive', async () => {
    const order = {
      thing1: { value: '商品' },
      time2: { value: '15:01' },
      amount3: { value: '1元' },
      character_string4: { value: 'A' },
    };
    await emulator.call({
      name: 'kefu-subscribe-send',
      data: { template_id: 'ORDER_TEMPLATE', data: order },
      source: 'wx_client',
      openid: user,
    });
    emulator.clock.advance(1000);
    await until(() => pushes().length === 1);
    expect(pushes()[0]).toMatchObject({
      to: 'kefu-receive',
      ok: true,
      push: { Event: 'subscribe_msg_sent_event' },
    });
    expect(emulator.database.dump()['kefu_notices']).toMatchObject([
      { templateId: 'ORDER_TEMPLATE', status: 'success' },
    ]);
  });
});
