import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../../emulator/emulator';
import { samplePng } from '../../../emulator/wechat/samples';
import { chinaDay } from '../../../shared/functions/conversations/china-time';
import { countTrips } from '../counting';

/** The desk on the built functions, the real SDK and the local WeChat. */

const lin = 'oOPERATOR-lin';
const wang = 'oOPERATOR-wang';
const user = defaultOpenid;
const minute = 60_000;

const picture = {
  account: 'miniprogram',
  type: 'image',
  contentType: 'image/png',
  bytes: samplePng,
} as const;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: { KEFU_HISTORY_DAYS: '30', KEFU_OPERATORS: `${lin},${wang}` },
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

interface Answer {
  readonly errCode: number;
  readonly code?: string;
  readonly conversation: { readonly state: string; readonly [field: string]: unknown };
  readonly conversations: readonly { readonly id: string; readonly [field: string]: unknown }[];
  readonly messages: readonly Message[];
  readonly [field: string]: unknown;
}

interface Message {
  readonly from: string;
  readonly status: string;
  readonly message: { readonly msgtype: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

const call = async (name: string, data: object, openid?: string, source = 'wx_client') => {
  const invoked = await emulator.call({ name, data, source, ...(openid === undefined ? {} : { openid }) });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as Answer;
};
const desk = (openid: string, data: object) => call('kefu-desk', data, openid);
const timer = () => call('kefu-outbox', {}, undefined, 'wx_trigger');

let ids = 0;
const push = (fields: object, openid = user) => {
  ids += 1;
  emulator.world.say('miniprogram', openid, { MsgType: 'text', Content: 'x', ...fields });
  const data = {
    ToUserName: 'wx0000000000000001',
    FromUserName: openid,
    CreateTime: Math.floor(emulator.clock.now() / 1000),
    MsgType: 'text',
    MsgId: `m${ids}`,
    ...fields,
  };
  return call('kefu-receive', data, openid, 'wx_push');
};
const write = (Content: string, openid = user) => push({ Content }, openid);
const first = async () => (await desk(lin, { action: 'list' })).conversations[0]?.id ?? '';
const text = (content: string) => ({ msgtype: 'text', text: { content } });
const heard = () =>
  emulator.world
    .conversation('miniprogram', user)
    .messages.filter(({ from }) => from === 'service')
    .map(({ message }) => (message as { text?: { content: string } }).text?.content);

describe('a conversation', () => {
  test('is listed, opened, claimed, answered in, handed on, noted in and closed', async () => {
    await write('你好');
    const list = await desk(lin, { action: 'list' });
    expect(list).toMatchObject({
      errCode: 0,
      conversations: [{ touser: user, account: 'miniprogram', state: 'bot', unread: 1 }],
      me: { openid: lin },
    });
    const id = list.conversations[0]?.id;
    expect((await desk(lin, { action: 'open', id })).messages).toMatchObject([
      { from: 'user', status: 'received', message: text('你好') },
      { from: 'rule', status: 'sent', message: { msgtype: 'text' } },
    ]);
    await desk(lin, { action: 'team', name: '小林' });
    expect(await desk(lin, { action: 'claim', id })).toMatchObject({
      conversation: { state: 'person', agent: lin, agentName: '小林', unread: 0 },
    });
    expect(await desk(wang, { action: 'claim', id })).toMatchObject({ code: 'taken', agentName: '小林' });
    const before = heard().length;
    await write('在吗');
    const say = { action: 'say', id, requestId: 'r1', message: text('我是小林') };
    expect(await desk(lin, say)).toMatchObject({ errCode: 0, window: { remaining: 4 } });
    expect(await desk(lin, say)).toMatchObject({ errCode: 0 });
    expect(heard().slice(before)).toEqual(['我是小林']);
    expect(await desk(wang, { ...say, requestId: 'r2' })).toMatchObject({ code: 'taken' });
    expect(await desk(lin, { action: 'release', id, to: 'oNobody' })).toMatchObject({ errCode: 40035 });
    await desk(lin, { action: 'release', id, to: wang });
    await desk(wang, { action: 'note', id, text: '等仓库' });
    expect(await desk(wang, { action: 'list', mine: true })).toMatchObject({ conversations: [{ id }] });
    expect((await desk(lin, { action: 'list', mine: true })).conversations).toEqual([]);
    expect(await desk(wang, { action: 'close', id })).toMatchObject({ conversation: { state: 'closed' } });
    const { messages } = await desk(wang, { action: 'open', id });
    expect(messages.map(({ from, message: { event } }) => event ?? from)).toEqual([
      'user',
      'rule',
      'claimed',
      'user',
      'person',
      'handed-on',
      'note',
      'closed',
    ]);
    expect(messages[4]).toMatchObject({ by: lin, byName: '小林', requestId: 'r1', status: 'sent' });
    expect(heard()).not.toContain('等仓库');
  });

  test('is answered in to its own user, whoever else the message names', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    const before = heard().length;
    const say = (requestId: string, touser: unknown) =>
      desk(lin, { action: 'say', id, requestId, message: { ...text('给谁'), touser } });
    expect(await say('r1', 'oSomebodyElse')).toMatchObject({
      errCode: 40035,
      details: [{ path: 'message.touser', message: 'is not this conversation’s user' }],
    });
    expect(heard()).toHaveLength(before);
    expect(await say('r2', user)).toMatchObject({ errCode: 0 });
    expect(await say('r3', null)).toMatchObject({ errCode: 0 });
  });

  test('is answered in with links to the own mini program, and to no other', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    const before = heard().length;
    const link = (appid: string) => `<a data-miniprogram-appid="${appid}" href="x">订单</a>`;
    const say = (requestId: string, content: string) =>
      desk(lin, { action: 'say', id, requestId, message: text(content) });
    expect(await say('r1', link('wx00000000000000aa'))).toMatchObject({
      errCode: 40013,
      details: [{ path: 'message.text.content', message: expect.stringContaining('wx00000000000000aa') }],
    });
    expect(heard()).toHaveLength(before);
    const own = link('wx0000000000000001');
    expect(await say('r2', own)).toMatchObject({ errCode: 0 });
    expect(heard().slice(before)).toEqual([own]);
  });

  test('is not to be had where the database fails, which may be asked again', async () => {
    await write('你好');
    const id = await first();
    for (const behaviour of ['cut', 'empty'] as const) {
      emulator.faults.put([{ api: 'database.*', behaviour }]);
      for (const event of [
        { action: 'list' },
        { action: 'open', id },
        { action: 'changes', since: 0, id },
        { action: 'claim', id },
        { action: 'say', id, requestId: 'r1', message: text('在') },
        { action: 'note', id, text: '等' },
        { action: 'team' },
        { action: 'stats' },
        { action: 'canned' },
        { action: 'export', id },
      ])
        expect([event.action, await desk(lin, event)]).toEqual([
          event.action,
          expect.objectContaining({ errCode: -502001, code: 'wechat-busy', retryable: true }),
        ]);
    }
    emulator.faults.put([]);
    expect(await desk(lin, { action: 'list' })).toMatchObject({ errCode: 0, conversations: [{ id }] });
  });

  test('has no note that could not be kept', async () => {
    await write('你好');
    const id = await first();
    emulator.faults.put([{ api: 'database.insertDocument', behaviour: 'cut', delivered: false }]);
    expect(await desk(lin, { action: 'note', id, text: '等仓库' })).toMatchObject({ code: 'wechat-busy' });
    emulator.faults.put([]);
    const { messages } = await desk(lin, { action: 'open', id });
    expect(messages.map(({ from }) => from)).not.toContain('note');
  });

  test('is shown to no timer: the desk has none', async () => {
    await write('你好');
    expect(await call('kefu-desk', { action: 'list' }, undefined, 'wx_trigger')).toMatchObject({
      code: 'not-allowed',
    });
  });

  test('is found by what was said last, and by its user', async () => {
    await write('KF20260001 到哪了', 'oA');
    await write('hello', 'oB');
    const found = async (search: string) =>
      (await desk(lin, { action: 'list', search })).conversations.map(({ touser }) => touser);
    expect(await found('ob')).toEqual(['oB']);
    expect(await found('a.*')).toEqual([]);
    expect((await found('')).toSorted()).toEqual(['oA', 'oB']);
  });

  test('is listed in pages, and its messages too, each once', async () => {
    for (let index = 0; index < 7; index += 1) await write('hi', `oUser${index}`);
    const seen: unknown[] = [];
    let before: unknown;
    do {
      const page = await desk(lin, { action: 'list', limit: 3, ...(before ? { before } : {}) });
      seen.push(...page.conversations.map(({ touser }) => touser));
      before = page['before'];
    } while (before !== undefined);
    expect(seen.toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `oUser${index}`));
    expect(await desk(lin, { action: 'list', before: 'x' })).toMatchObject({ errCode: 40035 });
  });

  test('tells what has changed, in one round trip where nothing has', async () => {
    await write('你好');
    const id = await first();
    const { at } = await desk(lin, { action: 'open', id });
    emulator.clock.advance(minute);
    await desk(lin, { action: 'team' });
    const idle = await countTrips(emulator, () =>
      desk(lin, { action: 'changes', since: emulator.clock.now(), id }),
    );
    expect(idle).toMatchObject({ trips: 1, result: { conversations: [] } });
    await write('还在吗');
    const changes = await desk(lin, { action: 'changes', since: at, id });
    expect(changes.conversations).toMatchObject([{ id, lastFrom: 'rule' }]);
    expect(changes.messages.map(({ from }) => from)).toContain('user');
  });

  test('shows a message that WeChat refused as failed, and as sent when it is sent again under its id', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    const say = { action: 'say', id, requestId: 'r1', message: text('x') };
    emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: -1, times: 1 }]);
    expect(await desk(lin, say)).toMatchObject({ errCode: -1, retryable: true });
    const last = async () => (await desk(lin, { action: 'open', id })).messages.at(-1);
    expect(await last()).toMatchObject({ status: 'failed', errCode: -1 });
    expect(await desk(lin, say)).toMatchObject({ errCode: 0 });
    expect(await last()).toMatchObject({ status: 'sent', requestId: 'r1' });
  });

  test('has what the owner’s code sends, keeps for later and tells of by notice', async () => {
    await write('你好');
    const id = await first();
    await call('kefu-send', { touser: user, ...text('by code') }, undefined, 'wx_http');
    await call('kefu-send', { touser: user, ...text('later'), queue: true }, undefined, 'wx_http');
    const kept = async () => (await desk(lin, { action: 'open', id })).messages.slice(2);
    expect(await kept()).toMatchObject([
      { from: 'service', status: 'sent', message: text('by code') },
      { from: 'service', status: 'waiting', message: text('later') },
    ]);
    await timer();
    expect((await kept()).map(({ status }) => status)).toEqual(['sent', 'sent']);
    const data = { thing1: 'x', time2: '2026年11月21日 10:05' };
    const values = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, { value }]));
    const notice = { touser: user, template_id: 'DESK_TEMPLATE', data: values };
    await call('kefu-subscribe-send', notice, undefined, 'wx_http');
    expect((await kept()).at(-1)).toMatchObject({ from: 'service', message: { msgtype: 'subscribe' } });
  });

  test('has the pictures of both sides: the user’s copied to cloud storage when it is opened', async () => {
    const { mediaId } = emulator.world.keepMedia(picture);
    await push({ MsgType: 'image', PicUrl: 'http://p', MediaId: mediaId, Content: undefined });
    const id = await first();
    const opened = await desk(lin, { action: 'open', id });
    const fileID = expect.stringMatching(/^cloud:\/\/.*kefu-media\/[0-9a-f]{32}\.png$/);
    expect(opened.messages[0]).toMatchObject({ message: { msgtype: 'image', image: { fileID } } });
    await desk(lin, { action: 'claim', id });
    const message = { msgtype: 'image', image: { fileID: emulator.sampleFileID } };
    expect(await desk(lin, { action: 'say', id, requestId: 'p', message })).toMatchObject({ errCode: 0 });
  });
});

describe('the desk', () => {
  test('is for operators: nobody else learns whether a conversation is there', async () => {
    await write('你好');
    const id = await first();
    const asked = ['list', 'open', 'changes', 'claim', 'say', 'export', 'erase', 'team', 'canned', 'stats'];
    for (const action of asked) {
      const there = await desk('oStranger', { action, id });
      expect(there).toMatchObject({ code: 'not-allowed' });
      expect(await desk('oStranger', { action, id: 'nothing' })).toEqual(there);
    }
  });

  test('loses who is taken out of KEFU_OPERATORS with the next call', async () => {
    const fewer = await createEmulator({ variables: { KEFU_HISTORY_DAYS: '30', KEFU_OPERATORS: lin } });
    try {
      const data = { action: 'list' };
      const asked = (openid: string) => fewer.call({ name: 'kefu-desk', data, source: 'wx_client', openid });
      expect(await asked(lin)).toMatchObject({ result: { errCode: 0 } });
      expect(await asked(wang)).toMatchObject({ result: { code: 'not-allowed' } });
    } finally {
      await fewer.close();
    }
  });

  test('sends to nobody whom somebody else wrote into a conversation', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    await emulator.database.handle('database.modifyDocument', {
      collectionName: 'kefu_conversations',
      query: JSON.stringify({ _id: id }),
      data: JSON.stringify({ $set: { touser: 'oVictim' } }),
      queryType: 'WHERE',
      multi: true,
      merge: true,
      upsert: false,
    });
    expect(emulator.database.dump()['kefu_conversations']).toMatchObject([{ touser: 'oVictim' }]);
    const say = { action: 'say', id, requestId: 'r', message: text('x') };
    expect(await desk(lin, say)).toMatchObject({ code: 'not-found' });
  });

  test('refuses in Chinese where that is asked for', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    const wrong = [
      { action: 'opne' },
      { action: 'open', id: 'nothing' },
      { action: 'claim', id },
      { action: 'release', id, to: 'oNobody' },
      { action: 'list', before: 'x' },
      { action: 'stats', from: 'x' },
      { action: 'say', id, requestId: 'r' },
    ];
    for (const event of wrong) {
      const { errMsg, advice, details } = await desk(wang, { ...event, lang: 'zh' });
      const said = [
        errMsg,
        advice,
        ...((details ?? []) as { message: string }[]).map(({ message }) => message),
      ];
      for (const sentence of said) expect(sentence).toMatch(/\p{Script=Han}/u);
    }
  });

  test('has canned answers for all of it, to be added, changed and removed', async () => {
    const { canned } = await desk(lin, { action: 'canned', save: { title: '你好', text: '您好' } });
    const [{ id } = { id: '' }] = canned as { id: string }[];
    await desk(wang, { action: 'canned', save: { id, title: '你好', text: '您好！' } });
    expect((await desk(lin, { action: 'canned' }))['canned']).toEqual([
      { id, title: '你好', text: '您好！' },
    ]);
    expect((await desk(lin, { action: 'canned', remove: id }))['canned']).toEqual([]);
    expect(await desk(lin, { action: 'canned', save: { title: 'x' } })).toMatchObject({ errCode: 44004 });
  });

  test('says how it runs, by day in China’s time', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    await write('在吗');
    emulator.clock.advance(5000);
    await desk(lin, { action: 'say', id, requestId: '1', message: text('在') });
    await desk(lin, { action: 'close', id });
    await push({ Content: '满意', bizmsgmenuid: 'kefu-satisfaction-3' });
    const today = chinaDay(emulator.clock.now());
    const yesterday = chinaDay(emulator.clock.now() - 24 * 60 * minute);
    const { days } = await desk(lin, { action: 'stats', from: yesterday });
    expect(days).toMatchObject([
      { day: yesterday, conversations: 0, firstAnswerMs: 0 },
      {
        day: today,
        conversations: 1,
        answeredByRule: 2,
        answeredByPerson: 1,
        satisfaction: { good: 1, fair: 0, bad: 0 },
        refused: 0,
      },
    ]);
    expect(await desk(lin, { action: 'stats', from: '2026-1-1' })).toMatchObject({ errCode: 40035 });
  });

  test('hands out what is kept of a user, and erases it, files too', async () => {
    const { mediaId } = emulator.world.keepMedia(picture);
    await push({ MsgType: 'image', PicUrl: 'http://p', MediaId: mediaId, Content: undefined });
    await write('another', 'oOther');
    await call('kefu-send', { touser: user, ...text('later'), queue: true }, undefined, 'wx_http');
    await call('kefu-notify', { type: 'order-paid', on: false }, user);
    const id = String((await desk(lin, { action: 'list', search: user })).conversations[0]?.id);
    await desk(lin, { action: 'open', id });
    expect(await desk(lin, { action: 'export', id })).toMatchObject({
      conversation: { touser: user },
      outbox: [{ state: 'waiting', message: text('later') }],
    });
    expect(emulator.storage.list().some(({ path }) => path.startsWith('kefu-media/'))).toBe(true);
    const { erased } = await desk(lin, { action: 'erase', id });
    expect(erased).toBeGreaterThan(3);
    expect(await desk(lin, { action: 'open', id })).toMatchObject({ code: 'not-found' });
    expect(JSON.stringify(emulator.database.dump())).not.toContain(user);
    expect(emulator.storage.list().some(({ path }) => path.startsWith('kefu-media/'))).toBe(false);
    expect((await desk(lin, { action: 'list' })).conversations).toMatchObject([{ touser: 'oOther' }]);
  });

  test('forgets after KEFU_HISTORY_DAYS, and gives back what a silent person has', async () => {
    await write('你好');
    const id = await first();
    await desk(lin, { action: 'claim', id });
    emulator.clock.advance(31 * minute);
    await timer();
    expect(await desk(lin, { action: 'open', id })).toMatchObject({ conversation: { state: 'bot' } });
    emulator.clock.advance(30 * 24 * 60 * minute);
    emulator.clock.advance(60 * minute - (emulator.clock.now() % (60 * minute)));
    await timer();
    expect(emulator.database.dump()['kefu_messages']).toEqual([]);
    expect(emulator.database.dump()['kefu_conversations']).toEqual([]);
  });
});

describe('without KEFU_HISTORY_DAYS', () => {
  test('nothing is kept, and the desk says which variable is missing', async () => {
    const bare = await createEmulator({ variables: { KEFU_OPERATORS: lin } });
    try {
      const data = { ToUserName: 'wx0000000000000001', FromUserName: user, CreateTime: 1, MsgType: 'text' };
      const pushed = { ...data, MsgId: '1', Content: '你好' };
      await bare.call({ name: 'kefu-receive', data: pushed, source: 'wx_push', openid: user });
      const sent = { touser: user, ...text('x') };
      const { trips } = await countTrips(bare, () =>
        bare.call({ name: 'kefu-send', data: sent, source: 'wx_http' }),
      );
      expect(trips).toBe(0);
      const listed = await bare.call({
        name: 'kefu-desk',
        data: { action: 'list' },
        source: 'wx_client',
        openid: lin,
      });
      expect(listed).toMatchObject({
        result: { code: 'configuration-invalid', advice: expect.stringContaining('KEFU_HISTORY_DAYS') },
      });
      expect(bare.database.dump()['kefu_messages'] ?? []).toEqual([]);
      expect(bare.database.dump()['kefu_conversations'] ?? []).toEqual([]);
    } finally {
      await bare.close();
    }
  });
});
