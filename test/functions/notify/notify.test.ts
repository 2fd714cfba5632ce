import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Caller } from '../../../shared/core/access';
import { exampleNotices } from '../../../shared/functions/notify/example-notices';
import { type Notices, notice } from '../../../shared/functions/notify/notice';
import { kefuNotify } from '../../../shared/functions/notify/notify';
import { type CallName, callNames } from '../../../shared/wechat/calls';
import { depth } from '../../depth';
import { createWorld, type World } from '../../world/world';

/** Notices by business type, each user's own switch, and what is tried instead. */

const user = 'oUser';
const self: Caller = { openid: user, source: 'wx_client' };
const owner: Caller = { openid: user, source: 'wx_client,scf' };

const sent = { order: 'KF20260001', goods: '一件商品', amount: '26.00', sentAt: '2026年11月21日 15:01' };
const paid = { order: 'KF20260001', goods: '一件商品', amount: 26, paidAt: '2026年11月21日 15:01' };

type Result = Record<string, unknown>;

const ask = (world: World, event: object, caller = owner, table: Notices = exampleNotices) =>
  world.time.until(world.run((ports) => kefuNotify(table).handle(event, caller, ports)) as Promise<Result>);

const names = (world: World) => world.calls.map(({ name }) => name);

describe('sending a notice', () => {
  test('fills the first message of the type, and says which it was', async () => {
    const world = createWorld();
    const answer = await ask(world, { type: 'order-sent', touser: user, data: sent });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok', sent: 'subscribe', on: true });
    expect(world.calls).toEqual([
      {
        name: 'sendSubscribeMessage',
        payload: {
          template_id: 'ORDER_TEMPLATE',
          page: 'pages/contact/index?order=KF20260001',
          data: {
            thing1: { value: '一件商品' },
            time2: { value: '2026年11月21日 15:01' },
            amount3: { value: '¥26.00' },
            character_string4: { value: 'KF20260001' },
          },
          touser: user,
        },
      },
    ]);
  });

  test('tries them in the order of the row, the template first where the row says so', async () => {
    const world = createWorld();
    const data = { ...paid, follower: 'oFollower' };
    expect(await ask(world, { type: 'order-paid', data })).toMatchObject({
      errCode: 0,
      sent: 'template',
      msgid: '',
    });
    expect(world.calls).toMatchObject([
      {
        name: 'sendTemplateMessage',
        payload: {
          touser: 'oFollower',
          url: 'https://example.com/orders/KF20260001',
          data: {
            keyword2: { value: '2026年11月21日 15:01', color: '#173177' },
            remark: { value: '金额 26 元' },
          },
        },
      },
    ]);
  });

  test('falls back to the other where WeChat refuses the first', async () => {
    const world = createWorld();
    world.meet({ wechat: [{ kind: 'errcode', errCode: 43101 }] });
    const answer = await ask(world, { type: 'order-sent', data: { ...sent, follower: 'oFollower' } });
    expect(answer).toMatchObject({ errCode: 0, sent: 'template' });
    expect(names(world)).toEqual(['sendSubscribeMessage', 'sendTemplateMessage']);
  });

  test('ends with what may have arrived: a second could be the same notice twice', async () => {
    const world = createWorld();
    world.meet({ wechat: [{ kind: 'silence', carriedOut: true }] });
    const answer = await ask(world, { type: 'order-sent', data: { ...sent, follower: 'oFollower' } });
    expect(answer).toMatchObject({ code: 'unknown-delivery', retryable: false, sent: 'subscribe' });
    expect(names(world)).toEqual(['sendSubscribeMessage']);
  });

  test('refuses with the first refusal where none gets through, and lists what became of each', async () => {
    const world = createWorld();
    world.meet({
      wechat: [
        { kind: 'errcode', errCode: 43101 },
        { kind: 'errcode', errCode: 43004 },
      ],
    });
    const answer = await ask(world, { type: 'order-sent', data: { ...sent, follower: 'oFollower' } });
    expect(answer).toMatchObject({
      errCode: 43101,
      code: 'not-subscribed',
      details: [{ path: 'order-sent.subscribe' }, { path: 'order-sent.template' }],
    });
  });

  test('passes the template message over where the user’s openid of the official account is not known', async () => {
    const world = createWorld();
    expect(await ask(world, { type: 'order-paid', data: paid })).toMatchObject({ sent: 'subscribe' });
    expect(names(world)).toEqual(['sendSubscribeMessage']);
  });

  test('sends once under an id, however often it is asked', async () => {
    const world = createWorld();
    const event = { type: 'order-sent', data: sent, requestId: 'order KF20260001' };
    const first = await ask(world, event);
    expect(await ask(world, event)).toEqual(first);
    expect(names(world)).toEqual(['sendSubscribeMessage']);
    expect(await ask(world, { ...event, data: { ...sent, order: 'KF20260002' } })).toMatchObject({
      code: 'invalid-message',
    });
  });

  test('says what is wrong with what was handed in, and where the table makes something of it that WeChat refuses', async () => {
    const world = createWorld();
    const problems = async (event: object, table?: Notices) =>
      (await ask(world, event, owner, table))['details'];
    expect(await problems({ type: 'order-payed', data: {} })).toEqual([
      { path: 'type', message: '"order-payed" is no notice; did you mean order-paid?' },
    ]);
    expect(await problems({ type: 'x', data: {} }, {})).toEqual([
      { path: 'type', message: '"x" is no notice; shared/notices.ts has none yet' },
    ]);
    expect(await problems({ type: 'order-sent' })).toEqual([
      { path: 'data', message: 'is missing; it holds order, goods, amount, sentAt, follower' },
    ]);
    const { goods, ...without } = sent;
    expect(await problems({ type: 'order-sent', data: { ...without, good: goods } })).toEqual([
      { path: 'data.goods', message: 'is missing' },
      { path: 'data.good', message: 'is not a field here; did you mean goods?' },
    ]);
    expect(await problems({ type: 'order-sent', data: { ...sent, amount: 'viel' } })).toEqual([
      {
        path: 'order-sent.subscribe.data.amount3.value',
        message: 'must be an amount: one currency sign and at most 10 digits',
      },
    ]);
    expect(names(world)).toEqual([]);
  });

  test('cuts what is too long where the row says so', async () => {
    const world = createWorld();
    await ask(world, { type: 'order-sent', data: { ...sent, goods: '货'.repeat(40) } });
    expect(world.calls[0]?.payload).toMatchObject({ data: { thing1: { value: `${'货'.repeat(19)}…` } } });
  });

  test('with no way left says what each lacks', async () => {
    const onlyTemplate = {
      paid: notice({
        title: '付款',
        takes: [],
        mayTake: ['follower'],
        send: [{ template: { template_id: 'T', touser: 'follower', data: { first: () => '好' } } }],
      }),
    };
    const world = createWorld();
    expect(await ask(world, { type: 'paid', data: {} }, owner, onlyTemplate)).toMatchObject({
      errCode: 41009,
      details: [
        { path: 'paid.template.touser', message: 'is missing: the user’s openid of the official account' },
      ],
    });
  });
});

describe('a user’s switch', () => {
  test('is on at first; off, nothing is sent; on again, it is', async () => {
    const world = createWorld();
    expect(await ask(world, {}, self)).toMatchObject({
      notices: [
        { type: 'order-sent', title: '发货提醒', on: true },
        { type: 'order-paid', title: '付款成功', on: true },
      ],
    });
    expect(await ask(world, { type: 'order-sent', on: false }, self)).toEqual({
      errCode: 0,
      errMsg: 'ok',
      on: false,
    });
    expect(await ask(world, { type: 'order-sent', data: sent })).toEqual({
      errCode: 0,
      errMsg: 'ok',
      sent: 'none',
      on: false,
    });
    expect(await ask(world, {}, self)).toMatchObject({
      notices: [
        { type: 'order-sent', on: false },
        { type: 'order-paid', on: true },
      ],
    });
    expect(names(world)).toEqual([]);
    // The other type, and another user, are as they were.
    await ask(world, { type: 'order-paid', data: paid });
    await ask(world, { type: 'order-sent', touser: 'oOther', data: sent });
    await ask(world, { type: 'order-sent', on: true }, self);
    await ask(world, { type: 'order-sent', data: sent });
    expect(names(world)).toHaveLength(3);
  });

  test('holds no openid in the database', async () => {
    const world = createWorld();
    await ask(world, { type: 'order-sent', on: false }, self);
    expect(JSON.stringify(world.documents('kefu_switches'))).not.toContain(user);
  });

  test('that cannot be asked stops the notice, and that cannot be set is not said to be', async () => {
    const world = createWorld();
    world.meet({ database: ['before'] });
    expect(await ask(world, { type: 'order-sent', data: sent })).toMatchObject({
      code: 'wechat-busy',
      retryable: true,
    });
    world.meet({ database: ['before'] });
    expect(await ask(world, { type: 'order-sent', on: false }, self)).toMatchObject({ code: 'wechat-busy' });
    expect(names(world)).toEqual([]);
  });

  test('is set alone: data, and an id, have no place beside it', async () => {
    const world = createWorld();
    const { details } = await ask(world, { type: 'order-sent', on: false, data: sent, requestId: 'a' });
    expect(details).toMatchObject([{ path: 'data' }, { path: 'requestId' }]);
    expect((await ask(world, { on: false }))['details']).toMatchObject([
      { path: 'on', message: 'goes with a type' },
    ]);
  });

  test('for every event, a user sets its own and sends nothing', async () => {
    const world = createWorld();
    const value = fc.constantFrom<unknown>(
      undefined,
      null,
      'order-sent',
      'x',
      true,
      false,
      sent,
      {},
      'oOther',
      [],
      1,
    );
    const event = fc.record(
      { type: value, on: value, data: value, touser: value, requestId: value },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(event, async (given) => {
        const answer = await ask(world, given, self);
        const isSending = (given.data ?? undefined) !== undefined;
        const isForAnother = (given.touser ?? undefined) !== undefined;
        if (isSending || isForAnother) expect(answer).toMatchObject({ code: 'not-allowed' });
      }),
      { numRuns: depth(2000) },
    );
    expect(names(world)).toEqual([]);
    // Its own switch for its own type is all that it could reach.
    expect(world.documents('kefu_switches').length).toBeLessThanOrEqual(1);
  });
});

test('a notice asks for the two calls that it makes', () => {
  const { calls } = kefuNotify({});
  expect(callNames.filter((name) => (calls as readonly CallName[]).includes(name))).toEqual([
    'sendTemplateMessage',
    'sendSubscribeMessage',
  ]);
});

describe('a row of the table', () => {
  const table: Notices = {
    tea: notice({
      title: '茶',
      takes: ['goods'],
      mayTake: ['follower'],
      send: [
        {
          template: {
            template_id: 'T',
            touser: 'follower',
            url: '',
            data: { first: 'goods' },
          },
        },
        { subscribe: { template_id: 'S', data: { thing1: 'goods' } } },
      ],
    }),
    shop: notice({
      title: '店',
      takes: ['goods', 'follower'],
      send: [
        {
          template: {
            template_id: 'T',
            touser: 'follower',
            miniprogram: { appid: 'wx1', pagepath: ({ goods }) => `pages/${goods}` },
            data: { first: 'goods' },
          },
        },
      ],
    }),
  };
  const data = { goods: '茶', follower: 'oFollower' };

  test('whose template opens a blank page is told so where that was sent, and not where it was passed over', async () => {
    const path = 'tea.template.url';
    expect(await ask(createWorld(), { type: 'tea', data }, owner, table)).toMatchObject({
      sent: 'template',
      hints: [{ path }],
    });
    const subscribed = await ask(createWorld(), { type: 'tea', data: { goods: '茶' } }, owner, table);
    expect(subscribed).toMatchObject({ sent: 'subscribe' });
    expect(subscribed).not.toHaveProperty('hints');
  });

  test('opens the page that is made of what is handed in', async () => {
    const world = createWorld();
    const answer = await ask(world, { type: 'shop', data }, owner, table);
    expect(answer).not.toHaveProperty('hints');
    expect(world.calls).toMatchObject([{ payload: { miniprogram: { appid: 'wx1', pagepath: 'pages/茶' } } }]);
  });

  test('sends no template where there is no official account, and cuts nothing unasked', async () => {
    const world = createWorld();
    const event = { type: 'tea', data };
    const without = await world.time.until(
      world.run((ports) =>
        kefuNotify(table).handle(event, owner, {
          ...ports,
          settings: { ...ports.settings, officialAppid: '' },
        }),
      ),
    );
    expect(without).toMatchObject({ sent: 'subscribe' });
    expect(names(world)).toEqual(['sendSubscribeMessage']);
    const long = { type: 'tea', data: { goods: '茶'.repeat(30) } };
    expect(await ask(createWorld(), long, owner, table)).toMatchObject({
      details: [{ path: 'tea.subscribe.data.thing1.value' }],
    });
  });
});

describe('under an id', () => {
  test('a notice is sent once, and another id or another caller is another notice', async () => {
    const world = createWorld();
    const event = { type: 'order-sent', touser: user, data: sent };
    for (const requestId of ['a', 'a', 'b'])
      expect(await ask(world, { ...event, requestId })).toMatchObject({ errCode: 0, sent: 'subscribe' });
    expect(world.calls).toHaveLength(2);
    const other = { source: 'wx_http' };
    expect(await ask(world, { ...event, requestId: 'a' }, other)).toMatchObject({ errCode: 0 });
    expect(await ask(world, { ...event, data: { ...sent, order: 'other' }, requestId: 'a' })).toMatchObject({
      errCode: 40035,
      details: [{ path: 'requestId' }],
    });
  });
});

describe('what is no notice', () => {
  test('has a name that every object has, or data that is none', async () => {
    const world = createWorld();
    for (const type of ['toString', '__proto__', 'constructor', 'order-sen'])
      expect(await ask(world, { type, touser: user, data: {} })).toMatchObject({
        errCode: 40035,
        details: [{ path: 'type' }],
      });
    for (const [data, errCode, path] of [
      [null, 47001, 'data'],
      [undefined, 47001, 'data'],
      ['x', 47001, 'data'],
      [[], 47001, 'data'],
      [{ ...sent, goods: {} }, 47003, 'data.goods'],
      [{ ...sent, goods: true }, 47003, 'data.goods'],
      [{ ...sent, goods: '' }, 47003, 'data.goods'],
      [{ ...sent, frobnicate: 'x' }, 40035, 'data.frobnicate'],
    ] as const)
      expect(await ask(world, { type: 'order-sent', touser: user, data })).toMatchObject({
        errCode,
        details: [{ path }],
      });
    expect(world.calls).toEqual([]);
  });

  test('lists nothing where it is one with on, and sets nothing where the database does not answer', async () => {
    const world = createWorld();
    expect(await ask(world, { on: true })).toMatchObject({ details: [{ path: 'on' }] });
    expect(await ask(world, { data: sent })).toMatchObject({ details: [{ path: 'data' }] });
    world.meet({ database: ['before', 'before', 'before', 'before'] });
    const unasked = { errCode: -502001, retryable: true };
    expect(await ask(world, { type: 'order-sent', on: false })).toMatchObject(unasked);
    world.meet({ database: ['before'] });
    expect(await ask(world, {})).toMatchObject(unasked);
  });
});

test('a user’s switch is nobody else’s, and of one type', async () => {
  const world = createWorld();
  const [one, other]: Caller[] = ['oOne', 'oOther'].map((openid) => ({ openid, source: 'wx_client' }));
  await ask(world, { type: 'order-sent', on: false }, one);
  await ask(world, { type: 'order-paid', on: false }, other);
  const off = async (caller?: Caller) => {
    const answer = await ask(world, {}, caller);
    const rows = answer['notices'] as readonly { readonly type: string; readonly on: boolean }[];
    return rows.filter(({ on }) => !on).map(({ type }) => type);
  };
  expect([await off(one), await off(other)]).toEqual([['order-sent'], ['order-paid']]);
  const notice = { type: 'order-sent', data: sent };
  expect(await ask(world, { ...notice, touser: 'oOther' })).toMatchObject({ sent: 'subscribe' });
  expect(await ask(world, { ...notice, touser: 'oOne' })).toMatchObject({ sent: 'none', on: false });
});
