import { describe, expect, test } from '@jest/globals';
import type { CloudFunction } from '../../../shared/core/define-function';
import { idOf, type Ports, type WeChatReply } from '../../../shared/core/ports';
import { laneOf } from '../../../shared/core/reply-windows';
import { noteResults } from '../../../shared/functions/templates/results';
import { kefuSubscribeSend } from '../../../shared/functions/templates/subscribe-send';
import { kefuTemplateSend } from '../../../shared/functions/templates/template-send';
import { kefuTyping } from '../../../shared/functions/typing/typing';
import type { Account } from '../../../shared/wechat/account';
import type { CallName } from '../../../shared/wechat/calls';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { createWorld, digest, type ProcessOptions, type World } from '../../world/world';

/** Template and subscribe messages, from the event to the wire, and what WeChat says later of what became of them. */

const openid = 'oUser';
const owner = { source: 'wx_client,scf' };
const template = {
  touser: openid,
  template_id: 'T',
  url: 'https://a.cn',
  data: { first: { value: 'x' }, keyword1: { value: 'y' } },
};
const subscribe = { touser: openid, template_id: 'S', page: 'index', data: { thing1: { value: 'x' } } };

const run = (
  world: World,
  { handle }: CloudFunction,
  event: object,
  reply?: WeChatReply,
  options: ProcessOptions = {},
) => {
  const portsOf = (ports: Ports<CallName>): Ports<CallName> => ({
    ...ports,
    wechat: {
      call: async (...call) => {
        const usual = await ports.wechat.call(...call);
        return usual.ok ? (reply ?? usual) : usual;
      },
    },
  });
  const work = (ports: Ports<CallName>) => handle(event, owner, portsOf(ports));
  return world.time.until(world.run(work, { limitMs: 10_000, ...options }));
};
const answered = (msgid: string | number): WeChatReply => ({ ok: true, data: { msgid } });
const notices = (world: World) => world.documents('kefu_notices');
const push = (Event: string, fields: object): UnknownPush => ({
  ...{ ToUserName: 'wx1', FromUserName: openid, CreateTime: 1, MsgType: 'event', Event },
  ...fields,
});
const note = (world: World, of: UnknownPush, account: Account) =>
  world.time.until(world.run((ports) => noteResults(of, account, ports)));

describe('a template message', () => {
  test('goes out as it is, its id comes back as a string, and it is on record', async () => {
    const world = createWorld();
    const answer = await run(world, kefuTemplateSend, template, answered('123456789012345678901'));
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok', msgid: '123456789012345678901' });
    expect(world.calls).toEqual([{ name: 'sendTemplateMessage', payload: template }]);
    expect(notices(world)).toMatchObject([
      {
        _id: idOf(['official', '123456789012345678901'], { digest }),
        templateId: 'T',
        touser: digest(openid),
        sentAt: expect.any(Number),
        status: '',
        resultAt: 0,
      },
    ]);
  });

  test('says that an empty address opens a blank page, where it opens no mini program', async () => {
    const hints = async (fields: object) =>
      ((await run(createWorld(), kefuTemplateSend, { ...template, ...fields })) as { hints?: unknown }).hints;
    expect(await hints({ url: '' })).toMatchObject([
      { path: 'url', message: expect.stringContaining('blank') },
    ]);
    expect(await hints({ url: '', miniprogram: { appid: 'wx1', pagepath: 'index' } })).toBeUndefined();
    expect(await hints({ url: undefined })).toBeUndefined();
    expect(await hints({})).toBeUndefined();
  });
});

describe('a subscribe message', () => {
  test('goes out as it is, and is on record where WeChat gives it an id', async () => {
    const world = createWorld();
    expect(await run(world, kefuSubscribeSend, subscribe, answered(77))).toEqual({
      errCode: 0,
      errMsg: 'ok',
    });
    expect(world.calls).toEqual([{ name: 'sendSubscribeMessage', payload: subscribe }]);
    expect(notices(world)).toMatchObject([{ _id: idOf(['miniprogram', '77'], { digest }), templateId: 'S' }]);
    const silent = createWorld();
    for (const reply of [
      undefined,
      { ok: true, file: { contentType: 'x', bytes: new Uint8Array() } } as const,
    ])
      await run(silent, kefuSubscribeSend, subscribe, reply);
    expect(notices(silent)).toEqual([]);
  });

  test('with a value that is too long is refused, or cut where that is asked for', async () => {
    const long = { ...subscribe, data: { thing1: { value: '字'.repeat(30) } } };
    const world = createWorld();
    expect(await run(world, kefuSubscribeSend, long)).toMatchObject({ errCode: 47003 });
    expect(world.calls).toEqual([]);
    expect(await run(world, kefuSubscribeSend, { ...long, cut: true })).toMatchObject({ errCode: 0 });
    const payload = world.calls.map((call) => call.payload).at(-1) as typeof subscribe;
    expect([...payload.data.thing1.value].length).toBeLessThanOrEqual(20);
    expect(payload).not.toHaveProperty('cut');
  });
});

describe.each([
  ['kefu-template-send', kefuTemplateSend, template, 'official', 'template'],
  ['kefu-subscribe-send', kefuSubscribeSend, subscribe, 'miniprogram', 'subscribe'],
] as const)('%s', (...[, sends, event, account, msgtype]) => {
  test('sends once under an id, and leaves the id and the account out of what it sends', async () => {
    const world = createWorld();
    for (let again = 0; again < 3; again += 1)
      expect(await run(world, sends, { ...event, requestId: 'r', account })).toMatchObject({ errCode: 0 });
    expect(world.calls.map(({ payload }) => payload)).toEqual([event]);
    await run(world, sends, { ...event, requestId: 's' });
    expect(world.calls).toHaveLength(2);
  });

  test('sends nothing where no time is left for it', async () => {
    const world = createWorld();
    expect(await run(world, sends, event, undefined, { limitMs: 4999 })).toMatchObject({ retryable: true });
    expect(world.calls).toEqual([]);
  });

  test('stands in the user’s conversation with what WeChat said, and what was refused is on no record', async () => {
    const world = createWorld();
    const lane = laneOf(account, openid, { digest });
    world.put('kefu_conversations', { _id: lane, touser: openid, account, state: 'bot', changedAt: 1 });
    world.meet({ wechat: [{ kind: 'errcode', errCode: 43101 }] });
    const kept = { desk: ['oLin'] };
    expect(await run(world, sends, event, undefined, kept)).toMatchObject({ errCode: 43101 });
    expect(notices(world)).toEqual([]);
    await run(world, sends, event, answered('1'), kept);
    expect(notices(world)).toHaveLength(1);
    const { touser: _touser, ...payload } = event;
    const message = JSON.stringify({ msgtype, [msgtype]: payload });
    expect(world.documents('kefu_messages')).toMatchObject([
      { lane, account, from: 'service', status: 'failed', errCode: 43101, message },
      { lane, account, from: 'service', status: 'sent', message },
    ]);
  });
});

describe('a result', () => {
  const finished = (MsgID: unknown, Status: unknown = 'success') =>
    push('TEMPLATESENDJOBFINISH', { MsgID, Status });

  test('meets the record of its message, whichever comes first', async () => {
    for (const isFirst of [true, false]) {
      const world = createWorld();
      if (isFirst) await note(world, finished(1), 'official');
      await run(world, kefuTemplateSend, template, answered('1'));
      if (!isFirst) await note(world, finished(1), 'official');
      expect(notices(world)).toMatchObject([
        { templateId: 'T', touser: digest(openid), status: 'success', resultAt: expect.any(Number) },
      ]);
      for (const field of ['sentAt', 'resultAt']) expect(notices(world)[0]?.[field]).toBeGreaterThan(0);
    }
  });

  test('is that account’s whose message it was, and no other message’s', async () => {
    const world = createWorld();
    await note(world, finished('1', 'failed:user block'), 'official');
    await note(world, finished('1'), 'miniprogram');
    await note(world, finished('2'), 'official');
    expect(notices(world).map(({ status }) => status)).toEqual(['failed:user block', 'success', 'success']);
  });

  test('of subscribe messages comes as a list, with a reason where it failed', async () => {
    const world = createWorld();
    const List = [
      { MsgID: '1', ErrorCode: '0', ErrorStatus: 'success' },
      { MsgID: '2', ErrorCode: 0 },
      { MsgID: '3', ErrorCode: '43101', ErrorStatus: 'refuse' },
      { MsgID: '4', ErrorCode: 5 },
      { MsgID: '5' },
      { ErrorCode: '0' },
    ];
    await note(world, push('subscribe_msg_sent_event', { List }), 'miniprogram');
    expect(notices(world).map(({ status, reason }) => [status, reason])).toEqual([
      ['success', ''],
      ['success', ''],
      ['failed', 'refuse'],
      ['failed', '5'],
      ['success', ''],
    ]);
    expect(notices(world).map(({ _id }) => _id)).toEqual(
      ['1', '2', '3', '4', '5'].map((id) => idOf(['miniprogram', id], { digest })),
    );
  });

  test('is in no other push, nor in one without an id', async () => {
    const world = createWorld();
    const none = [
      finished(''),
      finished(undefined),
      push('subscribe_msg_sent_event', {}),
      push('subscribe_msg_sent_event', { List: 'x' }),
      push('CLICK', { MsgID: '1', Status: 'success', List: [{ MsgID: '1' }] }),
      { ...finished('1'), MsgType: 'text' },
    ];
    for (const of of none) await note(world, of, 'official');
    expect([notices(world), world.databaseCalls]).toEqual([[], 0]);
  });

  test('that cannot be written costs no push', async () => {
    const world = createWorld();
    world.meet({ database: ['before'] });
    expect(await note(world, finished('1'), 'official')).toBeUndefined();
    expect(world.lines).toEqual(['{"step":"note-notice","failed":true,"why":"Error"}']);
  });
});

describe('a typing sign', () => {
  test('is shown and ended, and WeChat’s refusal is told', async () => {
    const world = createWorld();
    expect(await run(world, kefuTyping, { touser: openid })).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(await run(world, kefuTyping, { touser: openid, command: 'CancelTyping' })).toMatchObject({
      errCode: 0,
    });
    expect(world.calls.map(({ payload }) => payload)).toEqual([
      { touser: openid, command: 'Typing' },
      { touser: openid, command: 'CancelTyping' },
    ]);
    world.meet({ wechat: [{ kind: 'errcode', errCode: 45081 }] });
    expect(await run(world, kefuTyping, { touser: openid })).toMatchObject({ errCode: 45081 });
  });
});
