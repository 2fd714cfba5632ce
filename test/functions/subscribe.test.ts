import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Entry } from '../../emulator/entries';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const order = {
  thing1: { value: '一件商品' },
  time2: { value: '2019年10月1日 15:01' },
  amount3: { value: '¥12.50' },
  character_string4: { value: 'SF-686539' },
};

async function send(event: object, openid = defaultOpenid) {
  const before = emulator.log.since(0).at(-1)?.seq ?? 0;
  const invoked = await emulator.call({
    name: 'kefu-subscribe-send',
    data: event,
    source: 'wx_client',
    openid,
  });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  const wire = emulator.log
    .since(before)
    .filter((entry): entry is Extract<Entry, { kind: 'wire' }> => entry.kind === 'wire');
  return { answer: invoked.result as Record<string, unknown>, wire };
}

describe('kefu-subscribe-send', () => {
  test('reaches the user who subscribed, in either spelling, with its keys as they were given', async () => {
    const https = {
      template_id: 'ORDER_TEMPLATE',
      page: 'pages/order?id=1',
      miniprogram_state: 'trial',
      lang: 'en_US',
      data: order,
    };
    const { answer, wire } = await send(https);
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(wire).toMatchObject([
      { api: 'subscribeMessage.send', https: { touser: defaultOpenid, ...https } },
    ]);
    const { template_id: templateId, miniprogram_state: miniprogramState, ...same } = https;
    const cloud = await send({ templateId, miniprogramState, ...same });
    expect(cloud.wire[0]?.https).toEqual({ touser: defaultOpenid, ...https });
    expect(emulator.world.conversation('miniprogram', defaultOpenid).messages.at(-1)).toMatchObject({
      msgtype: 'subscribe',
    });
  });

  test('does not use up the reply window', async () => {
    await send({ template_id: 'ORDER_TEMPLATE', data: order });
    expect(emulator.world.conversation('miniprogram', defaultOpenid).window.remaining).toBe(5);
  });

  test.each([
    [43101, 'not-subscribed', false],
    [43108, 'rate-limited', true],
    [47003, 'template-invalid', false],
    [43107, 'account-unauthorized', false],
  ])('explains %i', async (errcode, code, retryable) => {
    emulator.faults.put([{ api: 'subscribeMessage.send', errcode }]);
    expect((await send({ template_id: 'ORDER_TEMPLATE', data: order })).answer).toMatchObject({
      errCode: errcode,
      code,
      retryable,
      advice: expect.stringMatching(/.{20}/),
    });
  });

  test('is refused by WeChat once the subscriptions are used up', async () => {
    const codes: unknown[] = [];
    for (let sent = 0; sent < 4; sent += 1)
      codes.push((await send({ template_id: 'ORDER_TEMPLATE', data: order })).answer['errCode']);
    expect(codes).toEqual([0, 0, 0, 43101]);
  });

  test('passes on which field WeChat found wrong', async () => {
    const { thing1: _thing1, ...incomplete } = order;
    expect((await send({ template_id: 'ORDER_TEMPLATE', data: incomplete })).answer).toMatchObject({
      errCode: 47003,
      errMsg: 'argument invalid! data.thing1.value invalid',
    });
  });

  test('goes to oneself only, for a client', async () => {
    expect(
      (await send({ touser: defaultOpenid, template_id: 'ORDER_TEMPLATE', data: order }, 'oStranger')).answer,
    ).toMatchObject({ code: 'not-allowed' });
  });

  test('cuts on request what is too long and can be cut, and nothing else', async () => {
    const long = { ...order, thing1: { value: '一件名字很长很长很长很长很长很长很长的商品' } };
    const event = { template_id: 'ORDER_TEMPLATE', data: long };
    expect((await send(event)).answer).toMatchObject({
      errCode: 47003,
      details: [{ path: 'data.thing1.value', message: 'must be at most 20 characters' }],
    });
    const { answer, wire } = await send({ ...event, cut: true });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(wire[0]?.https).toEqual({
      touser: defaultOpenid,
      template_id: 'ORDER_TEMPLATE',
      data: { ...order, thing1: { value: '一件名字很长很长很长很长很长很长很长的…' } },
    });
    const amount = { ...order, amount3: { value: '¥12345678901234' } };
    expect((await send({ template_id: 'ORDER_TEMPLATE', data: amount, cut: true })).answer).toMatchObject({
      errCode: 47003,
    });
  });
});
