import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { callingIn, type Result } from './calling';
import { countTrips } from './counting';

/** The outbox with the built functions, the real SDK and the local database. */

const operator = 'oOperator';
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ variables: { KEFU_OPERATORS: operator }, maxInstances: 30 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const call = callingIn(() => emulator);
const timer = { Type: 'Timer', TriggerName: 'every-minute', Time: '2026-11-21T00:00:00Z', Message: '' };
const send = (data: object, openid = defaultOpenid) => call('kefu-send', data, 'wx_client', openid);
const sendAsOwner = (data: object) => call('kefu-send', data, 'wx_client,scf');
const drain = () => call('kefu-outbox', timer, 'wx_trigger');
const desk = (data: object) => call('kefu-outbox', data, 'wx_client', operator);
const text = (content: string) => ({ msgtype: 'text', text: { content } });

/** What a user has on the screen from the service, in order. */
function received(openid = defaultOpenid): string[] {
  return emulator.world
    .conversation('miniprogram', openid)
    .messages.filter(({ from }) => from === 'service')
    .map(({ message }) => (message['text'] as { content: string }).content);
}

const outbox = () => emulator.database.dump()['kefu_outbox'] ?? [];

describe('queue: true', () => {
  test('answers at once with an id; the timer sends, and nothing of the text stays', async () => {
    const kept = await send({ ...text('later'), queue: true });
    expect(kept).toEqual({ errCode: 0, errMsg: 'ok', id: expect.stringMatching(/^\w{8,}$/) });
    expect(received()).toEqual([]);
    expect(await drain()).toEqual({ errCode: 0, errMsg: 'ok', sent: 1, kept: 0, dead: 0 });
    expect(received()).toEqual(['later']);
    expect(JSON.stringify(emulator.database.dump())).not.toContain('later');
    expect(await drain()).toMatchObject({ sent: 0 });
  });

  test('keeps a user’s order, the urgent first', async () => {
    for (const content of ['a', 'b', 'c']) await send({ ...text(content), queue: true });
    await send({ ...text('urgent'), queue: true, priority: 9 });
    await drain();
    expect(received()).toEqual(['urgent', 'a', 'b', 'c']);
  });

  test('lets a client order its own messages and nobody else’s', async () => {
    const event = { ...text('me first'), queue: true, priority: 9 };
    await send(event);
    await send({ ...event, touser: defaultOpenid }, operator);
    await sendAsOwner({ ...event, touser: defaultOpenid });
    expect(outbox().map(({ priority, rank }) => [priority, rank])).toEqual([
      [9, 0],
      [9, 19],
      [9, 19],
    ]);
  });

  test('keeps a long text in parts, in order', async () => {
    const content = `${'x'.repeat(2048)}${'y'.repeat(2048)}z`;
    const kept = await send({ ...text(content), split: true, queue: true });
    expect(kept['ids']).toHaveLength(3);
    await drain();
    expect(received().join('')).toBe(content);
  });

  test('under a requestId keeps once', async () => {
    const event = { ...text('once'), queue: true, requestId: 'order 1' };
    const answers = await Promise.all([send(event), send(event), send(event)]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await drain();
    expect(await send(event)).toEqual(answers[0]);
    await drain();
    expect(received()).toEqual(['once']);
    expect(await send({ ...text('other'), queue: true, requestId: 'order 1' })).toMatchObject({
      errCode: 40035,
      details: [{ path: 'requestId' }],
    });
  });

  test('takes one round trip to the database, and two more for a client', async () => {
    await send({ ...text('first'), queue: true });
    expect((await countTrips(emulator, () => send({ ...text('second'), queue: true }))).trips).toBe(3);
    const messages = Array.from({ length: 100 }, (_, index) => text(String(index)));
    const many = { messages, touser: defaultOpenid, queue: true };
    expect((await countTrips(emulator, () => sendAsOwner(many))).trips).toBe(1);
  });

  test('has room for a hundred messages of a client, and for any number of the owner’s', async () => {
    const messages = Array.from({ length: 99 }, (_, index) => text(String(index)));
    const all = { messages, queue: true };
    expect(await send(all)).toMatchObject({ errCode: 0 });
    expect(await send({ ...text('the hundredth'), queue: true })).toMatchObject({ errCode: 0 });
    expect(await send({ ...text('one too many'), queue: true })).toMatchObject({
      code: 'rate-limited',
      retryable: true,
      errMsg: expect.stringContaining('100'),
    });
    const { results } = (await send({ messages: [text('a'), text('b')], queue: true })) as {
      results: Result[];
    };
    expect(results).toMatchObject([{ code: 'rate-limited' }, { code: 'rate-limited' }]);
    expect(await sendAsOwner({ ...text('paid'), touser: defaultOpenid, queue: true })).toMatchObject({
      errCode: 0,
    });
    expect(outbox()).toHaveLength(101);
  });

  test('is not sent after its deadline', async () => {
    await send({ ...text('too late'), queue: true, deadline: Date.now() + 60_000 });
    emulator.clock.advance(61_000);
    expect(await drain()).toMatchObject({ sent: 0, dead: 1 });
    expect(await desk({ action: 'list' })).toMatchObject({ messages: [{ code: 'deadline-passed' }] });
    expect(received()).toEqual([]);
  });

  test.each([
    [{ deadline: 5, queue: true }, 'deadline'],
    [{ deadline: Date.now() + 1e6 }, 'deadline'],
    [{ priority: 10, queue: true }, 'priority'],
    [{ priority: 1 }, 'priority'],
    [{ queue: 'yes' }, 'queue'],
    [{ requestId: '' }, 'requestId'],
    [{ requestId: 'x'.repeat(65) }, 'requestId'],
    [{ requestId: 'a\nb' }, 'requestId'],
  ])('%j is refused by name', async (options, path) => {
    expect(await send({ ...text('hi'), ...options })).toMatchObject({
      code: 'invalid-message',
      details: expect.arrayContaining([expect.objectContaining({ path })]),
    });
    expect(received()).toEqual([]);
    expect(outbox()).toEqual([]);
  });
});

describe('kefu-outbox', () => {
  test.each([
    ['a client', 'wx_client', 'oStranger'],
    ['a function', 'wx_client,scf', defaultOpenid],
    ['the HTTP API', 'wx_http', undefined],
    ['nobody', '', undefined],
  ])('is not for %s', async (_who, source, openid) => {
    expect(await call('kefu-outbox', {}, source, openid)).toMatchObject({ code: 'not-allowed' });
  });

  test('is for operators', async () => {
    await send({ ...text('hi'), queue: true });
    expect(await desk({})).toMatchObject({ sent: 1 });
  });

  test('backs off from what may pass, and gives up after ten attempts', async () => {
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: -1 }]);
    await send({ ...text('hi'), queue: true });
    expect(await drain()).toMatchObject({ sent: 0, kept: 1, dead: 0 });
    expect(await drain()).toMatchObject({ sent: 0, kept: 1, dead: 0 });
    const tries = () => emulator.log.since(0).filter(({ kind }) => kind === 'wire').length;
    expect(tries()).toBe(1);
    for (let round = 0; round < 9; round += 1) {
      emulator.clock.advance(61 * 60_000);
      await drain();
    }
    expect(tries()).toBe(10);
    expect(outbox()).toMatchObject([{ state: 'dead', code: 'wechat-busy', errCode: -1 }]);
  });

  test('never sends again what may have arrived', async () => {
    emulator.faults.put([{ api: 'customerServiceMessage.send', behaviour: 'cut', times: 1 }]);
    await send({ ...text('hi'), queue: true });
    await send({ ...text('next'), queue: true });
    expect(await drain()).toMatchObject({ sent: 1, dead: 1 });
    emulator.clock.advance(24 * 60 * 60_000);
    expect(await drain()).toMatchObject({ sent: 0, dead: 0 });
    expect(received()).toEqual(['hi', 'next']);
    expect(outbox()).toMatchObject([{ code: 'unknown-delivery' }, { state: 'sent' }]);
  });

  test('lets a shut window be, until the user writes', async () => {
    const user = 'oQuiet';
    emulator.world.meet('miniprogram', user);
    await sendAsOwner({ ...text('one'), touser: user, queue: true });
    await sendAsOwner({ ...text('two'), touser: user, queue: true });
    expect(await drain()).toMatchObject({ sent: 0, kept: 2 });
    expect(await drain()).toMatchObject({ sent: 0, kept: 2 });
    expect(emulator.log.since(0).filter(({ kind }) => kind === 'wire')).toHaveLength(1);
    emulator.world.act('miniprogram', user, 'message');
    const push = {
      ToUserName: 'gh_1',
      FromUserName: user,
      CreateTime: Math.floor(Date.now() / 1000),
      MsgType: 'text',
      Content: 'back again',
      MsgId: 1,
    };
    await call('kefu-receive', push, 'wx_openapi', user);
    // At once, in order, after the push's own answer; the timer has nothing left to do.
    expect(received(user).slice(-2)).toEqual(['one', 'two']);
    expect(await drain()).toMatchObject({ sent: 0, kept: 0 });
  });

  test('shows what was given up, and puts it back', async () => {
    emulator.faults.put([
      { api: 'customerServiceMessage.send', errcode: 45168, errmsg: 'bad word rid: 1', times: 1 },
    ]);
    const { id } = await send({ ...text('a word'), queue: true });
    expect(await drain()).toMatchObject({ sent: 0, dead: 1 });
    const entry = {
      id,
      state: 'dead',
      touser: defaultOpenid,
      msgtype: 'text',
      code: 'content-rejected',
      errCode: 45168,
      errMsg: 'bad word rid: 1',
    };
    expect(await desk({ action: 'list' })).toMatchObject({ messages: [entry] });
    expect(await desk({ action: 'show', id })).toMatchObject({
      message: { ...entry, message: { text: { content: 'a word' } } },
    });
    expect(await desk({ action: 'retry', id })).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(await desk({ action: 'retry', id })).toMatchObject({ code: 'not-found' });
    expect(await drain()).toMatchObject({ sent: 1, dead: 0 });
    expect(received()).toEqual(['a word']);
    expect(await desk({ action: 'show' })).toMatchObject({ details: [{ path: 'id' }] });
    expect(await desk({ action: 'burn' })).toMatchObject({ details: [{ path: 'action' }] });
  });
});

test('a drain, and a look at what was given up, that the database does not answer may be asked again', async () => {
  emulator.faults.put([{ api: 'database.*', behaviour: 'cut' }]);
  for (const event of [{}, { action: 'list' }, { action: 'show', id: 'x' }, { action: 'retry', id: 'x' }])
    expect(await desk(event)).toMatchObject({ errCode: -502001, code: 'wechat-busy', retryable: true });
});

describe('KEFU_OUTBOX_KEEP=hashes', () => {
  test('keeps no text of what could not be sent', async () => {
    const hashing = await createEmulator({
      variables: { KEFU_OPERATORS: operator, KEFU_OUTBOX_KEEP: 'hashes' },
    });
    try {
      const ask = async (name: string, data: object, source: string, openid?: string) => {
        const invoked = await hashing.call({ name, data, source, openid });
        return invoked.ok ? (invoked.result as Result) : {};
      };
      hashing.faults.put([{ api: 'customerServiceMessage.send', errcode: 45168 }]);
      const { id } = await ask('kefu-send', { ...text('secret'), queue: true }, 'wx_client', defaultOpenid);
      await ask('kefu-outbox', timer, 'wx_trigger');
      expect(JSON.stringify(hashing.database.dump())).not.toMatch(/secret|oKefuCloudUser/);
      expect(await ask('kefu-outbox', { action: 'retry', id }, 'wx_client', operator)).toMatchObject({
        errCode: 44002,
      });
    } finally {
      await hashing.close();
    }
  });
});

describe('GET /_emulator/outbox', () => {
  test('shows what waits, what was sent and what was given up, and why', async () => {
    const quiet = 'oQuiet';
    emulator.world.meet('miniprogram', quiet);
    await sendAsOwner({ ...text('waits'), touser: quiet, queue: true });
    await send({ ...text('goes'), queue: true });
    await drain();
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 45168, times: 1 }]);
    await send({ ...text('refused'), queue: true });
    await drain();
    const view = await (await fetch(`${emulator.url}/_emulator/outbox`)).json();
    expect(view).toMatchObject({
      counts: { waiting: 1, sending: 0, sent: 1, dead: 1 },
      waiting: [{ touser: quiet, dueAt: null, code: 'window-closed', errCode: 45015 }],
      sent: [{ code: '' }],
      dead: [{ code: 'content-rejected', errCode: 45168, message: { text: { content: 'refused' } } }],
    });
  });
});
