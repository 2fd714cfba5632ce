import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { templates } from '../../emulator/wechat/templates';
import { callingIn } from './calling';
import { countTrips } from './counting';

/** `requestId`: the same id gives the same answer and sends nothing again. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ variables: { KEFU_OPERATORS: 'oOperator' }, maxInstances: 25 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const call = callingIn(() => emulator);
const send = (data: object, openid = defaultOpenid) => call('kefu-send', data, 'wx_client', openid);
const text = (content: string) => ({ msgtype: 'text', text: { content } });
const ok = { errCode: 0, errMsg: 'ok' };
const api = 'customerServiceMessage.send';

/** How many calls have reached WeChat. */
const wires = () => emulator.log.since(0).filter(({ kind }) => kind === 'wire').length;

const order = {
  thing1: { value: 'tea' },
  amount3: { value: '¥12' },
  time2: { value: '2026-11-21 10:00' },
  character_string4: { value: 'A1' },
};
const [officialTemplate = ''] = Object.keys(templates.official);

describe('the same id', () => {
  test('sends once, however often and from wherever it comes', async () => {
    const event = { ...text('hi'), requestId: 'order-1' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(event)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify(ok)]));
    expect(await send(event)).toEqual(ok);
    emulator.runner.recycle();
    expect(await send(event)).toEqual(ok);
    expect(wires()).toBe(1);
  });

  test('is the same id in either spelling of the message', async () => {
    const image = (body: object) => ({ msgtype: 'image', image: body, requestId: 'picture' });
    expect(await send(image({ media_id: 'MEDIA_ID' }))).toEqual(ok);
    expect(await send(image({ mediaId: 'MEDIA_ID' }))).toEqual(ok);
    expect(wires()).toBe(1);
  });

  test('for another message is refused, and names requestId', async () => {
    await send({ ...text('hi'), requestId: 'order-1' });
    const { answer } = { answer: await send({ ...text('ho'), requestId: 'order-1' }) };
    expect(answer).toMatchObject({
      errCode: 40035,
      code: 'invalid-message',
      details: [{ path: 'requestId' }],
    });
    expect(wires()).toBe(1);
  });

  test.each([
    ['kefu-send', text('hi'), ok],
    ['kefu-subscribe-send', { template_id: 'ORDER_TEMPLATE', data: order }, ok],
  ])('serves %s', async (name, data, expected) => {
    const event = { ...data, requestId: 'same' };
    expect(await call(name, event, 'wx_client', defaultOpenid)).toEqual(expected);
    expect(await call(name, event, 'wx_client', defaultOpenid)).toEqual(expected);
    expect(wires()).toBe(1);
  });

  test('serves kefu-template-send, and gives the same msgid', async () => {
    const data = { first: { value: 'a' }, keyword1: { value: 'b' } };
    const event = { touser: defaultOpenid, template_id: officialTemplate, data, requestId: 'same' };
    const first = await call('kefu-template-send', event, 'wx_client,scf');
    expect(first).toMatchObject({ errCode: 0, msgid: expect.stringMatching(/^\d+$/) });
    expect(await call('kefu-template-send', event, 'wx_client,scf')).toEqual(first);
    expect(wires()).toBe(1);
  });
});

describe('whose ids are whose', () => {
  test('a stranger neither reads another’s answer nor blocks an id', async () => {
    emulator.world.act('miniprogram', 'oStranger', 'message');
    expect(await send({ ...text('mine'), requestId: 'guess' }, 'oStranger')).toEqual(ok);
    expect(await send({ ...text('mine'), requestId: 'guess' })).toEqual(ok);
    expect(
      await call('kefu-send', { ...text('mine'), touser: defaultOpenid, requestId: 'guess' }, 'wx_http'),
    ).toEqual(ok);
    expect(wires()).toBe(3);
  });

  test('the owner’s functions share theirs, whoever the user at the other end is', async () => {
    const event = { ...text('paid'), touser: defaultOpenid, requestId: 'order-9' };
    expect(await call('kefu-send', event, 'wx_client,scf', 'oOne')).toEqual(ok);
    expect(await call('kefu-send', event, 'wx_trigger')).toEqual(ok);
    expect(wires()).toBe(1);
  });

  test('one function’s ids are not another’s', async () => {
    await send({ ...text('hi'), requestId: 'same' });
    const event = { template_id: 'ORDER_TEMPLATE', data: order, requestId: 'same' };
    expect(await call('kefu-subscribe-send', event, 'wx_client', defaultOpenid)).toEqual(ok);
    expect(wires()).toBe(2);
  });
});

describe('a failure', () => {
  test('that may pass leaves the id free', async () => {
    const event = { ...text('hi'), requestId: 'busy' };
    emulator.faults.put([{ api, errcode: -1, times: 1 }]);
    expect(await send(event)).toMatchObject({ code: 'wechat-busy', retryable: true });
    expect(await send(event)).toEqual(ok);
  });

  test('before anything left is not remembered', async () => {
    expect(await send({ ...text(''), requestId: 'typo' })).toMatchObject({ code: 'invalid-message' });
    expect(await send({ ...text('hi'), touser: 'oOther', requestId: 'typo' })).toMatchObject({
      code: 'not-allowed',
    });
    expect(emulator.database.dump()['kefu_requests'] ?? []).toEqual([]);
    expect(await send({ ...text('hi'), requestId: 'typo' })).toEqual(ok);
  });

  test('of WeChat’s for good is the answer for good', async () => {
    const event = { ...text('hi'), requestId: 'shut' };
    emulator.faults.put([{ api, errcode: 45015, times: 1 }]);
    const first = await send(event);
    expect(first).toMatchObject({ code: 'window-closed' });
    expect(await send(event)).toEqual(first);
    expect(wires()).toBe(1);
  });

  test.each(['cut', 'timeout', 'empty'] as const)(
    'by %s is of unknown delivery for good',
    async (behaviour) => {
      const event = { ...text('hi'), requestId: 'unknown' };
      emulator.faults.put([{ api, behaviour, times: 1 }]);
      const first = await send(event);
      expect(first).toMatchObject({ code: 'unknown-delivery', retryable: false });
      expect(await send(event)).toEqual(first);
      expect(wires()).toBe(1);
    },
  );

  test('of the function between send and record is of unknown delivery, and not sent again', async () => {
    const event = { ...text('hi'), requestId: 'killed' };
    emulator.faults.put([{ api, behaviour: 'slow', delayMs: 2000, times: 1 }]);
    const dying = send(event).catch(() => 'died');
    while (wires() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    emulator.runner.recycle();
    expect(await dying).toBe('died');
    expect(await send(event)).toMatchObject({ code: 'unknown-delivery', retryable: false });
    emulator.clock.advance(3_600_000);
    expect(await send(event)).toMatchObject({ code: 'unknown-delivery' });
    expect(wires()).toBe(1);
  });

  test('of the database refuses the send, and sends nothing', async () => {
    const event = { ...text('hi'), requestId: 'no-db' };
    emulator.faults.put([{ api: 'database.insertDocument', errcode: 1, errmsg: 'DATABASE_REQUEST_FAILED' }]);
    expect(await send(event)).toMatchObject({ code: 'wechat-busy', retryable: true });
    expect(wires()).toBe(0);
    emulator.faults.put([]);
    expect(await send(event)).toEqual(ok);
  });

  test('of the database that leaves open what it did is not said to leave the id free', async () => {
    emulator.faults.put([{ api: 'database.insertDocument', errcode: 1, errmsg: 'SYS_ERR' }]);
    expect(await send({ ...text('hi'), requestId: 'no-db' })).toMatchObject({
      code: 'wechat-busy',
      retryable: false,
      advice: expect.stringContaining('another'),
    });
    expect(wires()).toBe(0);
  });

  test('of the database after the send does not deny that it was sent', async () => {
    const event = { ...text('hi'), requestId: 'late' };
    await send({ ...text('warm'), requestId: 'warm' });
    emulator.faults.put([{ api: 'database.modifyDocument', errcode: 1 }]);
    expect(await send(event)).toEqual(ok);
    emulator.faults.put([]);
    emulator.clock.advance(3_600_000);
    expect(await send(event)).toMatchObject({ code: 'unknown-delivery' });
  });
});

describe('what it costs', () => {
  test('is nothing without, and two round trips with a requestId', async () => {
    await send({ ...text('warm'), requestId: 'warm', window: true });
    expect((await countTrips(emulator, () => send(text('plain')))).trips).toBe(0);
    expect((await countTrips(emulator, () => send({ ...text('a'), requestId: 'a' }))).trips).toBe(2);
    expect((await countTrips(emulator, () => send({ ...text('a'), requestId: 'a' }))).trips).toBe(2);
    expect(
      (await countTrips(emulator, () => send({ ...text('b'), window: true }))).trips,
    ).toBeLessThanOrEqual(2);
  });

  test('is no text: the record holds a hash and the answer', async () => {
    await send({ ...text('a very private sentence'), requestId: 'private' });
    const dump = JSON.stringify(emulator.database.dump());
    expect(dump).not.toMatch(/private sentence|oKefuCloudUser/);
  });
});
