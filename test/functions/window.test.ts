import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, type Emulator } from '../../emulator/emulator';
import { callingIn } from './calling';

/** `window` and `fallback` of kefu-send, and `messages`. */

const user = 'oWriter';
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ maxInstances: 5 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const call = callingIn(() => emulator);
const send = (data: object, openid = user) => call('kefu-send', data, 'wx_client', openid);
const asOwner = (data: object) => call('kefu-send', data, 'wx_client,scf');
const text = (content: string) => ({ msgtype: 'text', text: { content } });
const hour = 3_600_000;
const api = 'customerServiceMessage.send';

/** The user does something: WeChat opens its window, and kefu-receive is told. */
async function act(kind: 'message' | 'enter', openid = user): Promise<void> {
  emulator.world.act('miniprogram', openid, kind);
  const common = {
    ToUserName: 'gh_1',
    FromUserName: openid,
    CreateTime: Math.floor(emulator.clock.now() / 1000),
  };
  const push =
    kind === 'enter'
      ? { ...common, MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: 'x' }
      : {
          ...common,
          MsgType: 'image',
          MediaId: 'MEDIA_ID',
          PicUrl: 'http://a/b',
          MsgId: String(emulator.clock.now()),
        };
  await call('kefu-receive', push, 'wx_push', openid);
}

async function window(openid = user): Promise<{ remaining: number; closesAt: number }> {
  return (await send({ window: true }, openid))['window'] as { remaining: number; closesAt: number };
}

describe('{window: true}', () => {
  test('alone tells what is left and sends nothing', async () => {
    expect(await send({ window: true })).toEqual({
      errCode: 0,
      errMsg: 'ok',
      window: { remaining: 0, closesAt: 0 },
    });
    await act('message');
    const { closesAt, remaining } = await window();
    expect(Math.abs(closesAt - (emulator.clock.now() + 48 * hour))).toBeLessThan(5000);
    expect(remaining).toBeGreaterThanOrEqual(4);
  });

  test('with a message counts it', async () => {
    await act('message');
    const before = await window();
    expect(await send({ ...text('hi'), window: true })).toMatchObject({
      errCode: 0,
      window: { remaining: before.remaining - 1, closesAt: before.closesAt },
    });
    expect(await window()).toEqual({ remaining: before.remaining - 1, closesAt: before.closesAt });
  });

  test.each([
    [45047, { remaining: 0 }],
    [45015, { remaining: 0 }],
  ])('is set right by WeChat’s %i', async (errcode, left) => {
    await act('message');
    const { closesAt } = await window();
    emulator.faults.put([{ api, errcode, times: 1 }]);
    expect(await send({ ...text('hi'), window: true })).toMatchObject({ errCode: errcode, window: left });
    const after = await window();
    expect(after.remaining).toBe(0);
    expect(after.closesAt < closesAt).toBe(errcode === 45015);
  });

  test('with a message that is kept comes along, and its failure does not undo the keeping', async () => {
    await act('message');
    expect(await send({ ...text('later'), queue: true, window: true })).toMatchObject({
      errCode: 0,
      id: expect.any(String),
      window: { remaining: expect.any(Number) },
    });
    emulator.faults.put([{ api: 'database.getDocument', errcode: 1 }]);
    expect(await send({ ...text('later'), queue: true, window: true })).toEqual({
      errCode: 0,
      errMsg: 'ok',
      id: expect.any(String),
    });
  });

  test('of another user is not told to a client', async () => {
    expect(await send({ window: true, touser: 'oOther' })).toMatchObject({ code: 'not-allowed' });
    expect(await asOwner({ window: true, touser: 'oOther' })).toMatchObject({ errCode: 0 });
    expect(await asOwner({ window: true })).toMatchObject({ errCode: 41009 });
  });

  test('costs the message nothing when the database is out of reach', async () => {
    await act('message');
    emulator.faults.put([{ api: 'database.*', errcode: 1 }]);
    expect(await send({ ...text('hi'), window: true })).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(await send({ window: true })).toMatchObject({ code: 'wechat-busy', retryable: true });
  });
});

describe('fallback', () => {
  const data = {
    thing1: { value: 'tea' },
    amount3: { value: '¥12' },
    time2: { value: '2026-11-21 10:00' },
    character_string4: { value: 'A1' },
  };
  const subscribe = { subscribe: { template_id: 'ORDER_TEMPLATE', data } };
  const template = {
    template: { touser: user, template_id: 'any', data: { first: { value: 'a' } } },
  };

  const kinds = () =>
    emulator.log.since(0).flatMap((entry) => (entry.kind === 'wire' ? [entry.api.split('.')[0]] : []));

  test('is not used where the message gets through', async () => {
    await act('message');
    expect(await asOwner({ ...text('hi'), touser: user, fallback: [subscribe, template] })).toMatchObject({
      errCode: 0,
      sent: 'message',
    });
  });

  test.each([45015, 45047])(
    'is tried in its order after %i, and the answer says which was sent',
    async (errcode) => {
      emulator.world.meet('miniprogram', user);
      emulator.faults.put([{ api, errcode }]);
      emulator.world.subscribe(user, 'ORDER_TEMPLATE', 1);
      const event = { ...text('hi'), touser: user, fallback: [subscribe, template] };
      expect(await asOwner(event)).toMatchObject({ errCode: 0, sent: 'subscribe' });
      emulator.faults.put([
        { api, errcode },
        { api: 'officialAccount.messageTemplate.send', errcode: 0 },
      ]);
      expect(await asOwner(event)).toMatchObject({ errCode: 0, sent: 'template' });
      expect(kinds()).toEqual([
        'customerServiceMessage',
        'subscribeMessage',
        'customerServiceMessage',
        'subscribeMessage',
        'officialAccount',
      ]);
    },
  );

  test('that fails throughout leaves the window’s refusal, with what became of each', async () => {
    emulator.world.meet('miniprogram', user);
    expect(await asOwner({ ...text('hi'), touser: user, fallback: [subscribe] })).toMatchObject({
      errCode: 45015,
      code: 'window-closed',
      details: [{ path: 'fallback[0].subscribe' }],
    });
  });

  test('is not tried after any other refusal, nor past one that may have arrived', async () => {
    await act('message');
    emulator.faults.put([{ api, errcode: 45168, times: 1 }]);
    expect(await asOwner({ ...text('hi'), touser: user, fallback: [subscribe] })).toMatchObject({
      errCode: 45168,
    });
    emulator.faults.put([
      { api, errcode: 45015 },
      { api: 'subscribeMessage.send', behaviour: 'cut' },
    ]);
    expect(await asOwner({ ...text('hi'), touser: user, fallback: [subscribe, template] })).toMatchObject({
      code: 'unknown-delivery',
      sent: 'subscribe',
    });
  });

  test.each([
    ['no list', {}, 'fallback'],
    ['an empty list', [], 'fallback'],
    ['an unknown kind', [{ uniform: {} }], 'fallback[0]'],
    ['two kinds in one', [{ ...subscribe, ...template }], 'fallback[0]'],
    [
      'a value against its rule',
      [{ subscribe: { template_id: 'x', data: { thing1: { value: 'x'.repeat(21) } } } }],
      'fallback[0].subscribe.data.thing1.value',
    ],
    [
      'a field that is none',
      [{ subscribe: { template_id: 'x', data, pages: 'a' } }],
      'fallback[0].subscribe.pages',
    ],
    [
      'a template without its user',
      [{ template: { template_id: 'x', data } }],
      'fallback[0].template.touser',
    ],
  ])('with %s is refused before anything is sent', async (_what, fallback, path) => {
    await act('message');
    expect(await asOwner({ ...text('hi'), touser: user, fallback })).toMatchObject({
      code: expect.stringMatching(/-invalid|invalid-/),
      details: expect.arrayContaining([expect.objectContaining({ path })]),
    });
    expect(kinds()).not.toContain('subscribeMessage');
  });

  test('does not let a client reach somebody else', async () => {
    expect(
      await send({ ...text('hi'), fallback: [{ template: { ...template.template, touser: 'oOther' } }] }),
    ).toMatchObject({
      code: 'not-allowed',
    });
  });
});

describe('messages', () => {
  test('each has its result, in its place, and one bad one spoils none', async () => {
    await act('message');
    const answer = await send({
      messages: [
        text('one'),
        text(''),
        { ...text('two'), touser: 'oOther' },
        7,
        { ...text('three'), requestId: 'r' },
      ],
    });
    expect(answer).toMatchObject({
      errCode: 0,
      results: [
        { errCode: 0 },
        { errCode: 44004, details: [{ path: 'messages[1].text.content' }] },
        { code: 'not-allowed' },
        { errCode: 47001 },
        { errCode: 0 },
      ],
    });
  });

  test('of one user keep their order, those of many go side by side', async () => {
    emulator.faults.put([{ api, errcode: 0 }]);
    const users = Array.from({ length: 10 }, (_, index) => `oUser${index}`);
    const messages = Array.from({ length: 10 }, (_, row) =>
      users.map((touser) => ({ ...text(String(row)), touser })),
    ).flat();
    const { results } = (await asOwner({ messages })) as { results: { errCode: number }[] };
    expect(results.map(({ errCode }) => errCode)).toEqual(messages.map(() => 0));
    for (const openid of users) {
      const shown = emulator.world.conversation('miniprogram', openid).messages;
      expect(shown.map(({ message }) => (message['text'] as { content: string }).content)).toEqual(
        Array.from({ length: 10 }, (_, row) => String(row)),
      );
    }
  });

  test('that do not fit into the function’s time are answered as not sent', async () => {
    emulator.faults.put([{ api, behaviour: 'slow', delayMs: 2600 }]);
    const messages = Array.from({ length: 8 }, (_, index) => ({ ...text(String(index)), touser: user }));
    await act('message');
    emulator.faults.put([{ api, errcode: 0, behaviour: 'slow', delayMs: 2600 }]);
    const { results } = (await asOwner({ messages })) as { results: { errCode: number; code?: string }[] };
    const sent = results.filter(({ errCode }) => errCode === 0).length;
    expect(sent).toBeGreaterThan(3);
    expect(sent).toBeLessThan(8);
    expect(results.slice(sent)).toEqual(
      results.slice(sent).map(() => expect.objectContaining({ code: 'wechat-busy', retryable: true })),
    );
    const wire = emulator.log.since(0).filter((entry) => entry.kind === 'wire' && entry.api === api);
    expect(wire.length).toBeGreaterThanOrEqual(sent);
  });

  test('under one requestId are sent once, each in its place', async () => {
    await act('message');
    const event = { messages: [text('one'), text('two')], requestId: 'both' };
    const first = await send(event);
    expect(await send(event)).toEqual(first);
    expect(
      emulator.log.since(0).filter((entry) => entry.kind === 'wire' && entry.api === api).length,
    ).toBeLessThanOrEqual(3);
  });

  test.each([
    [[], 47001],
    ['one', 47001],
    [Array.from({ length: 101 }, () => text('x')), 47001],
  ])('must be a list of 1 to 100: %#', async (messages, errCode) => {
    expect(await send({ messages })).toMatchObject({ errCode, details: [{ path: 'messages' }] });
  });

  test('stand with options only', async () => {
    expect(await send({ messages: [text('x')], msgtype: 'text' })).toMatchObject({
      details: [{ path: 'msgtype' }],
    });
  });
});
