import { describe, expect, test } from '@jest/globals';
import type { CollectionName } from '../../../shared/core/collections';
import type { Ports } from '../../../shared/core/ports';
import { laneOf } from '../../../shared/core/reply-windows';
import { silenceMs } from '../../../shared/functions/conversations/states';
import { kefuDesk } from '../../../shared/functions/desk/desk';
import type { Account } from '../../../shared/wechat/account';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, digest, type World, type WorldOptions } from '../../world/world';
import { deskIn, lane, lin, pushOf, text, user, wang } from './people';

/** What a person at the desk does, step by step: to whom it goes, how often, and what stands in the thread of it. */

const minute = 60_000;

/** A desk at which the user has just written; `claimed`: and somebody has the conversation. */
async function opened({
  claimed = false,
  account = 'miniprogram',
  ...options
}: WorldOptions & { readonly claimed?: boolean; readonly account?: Account } = {}) {
  const world = createWorld({ databaseMs: 0, wechatMs: 0, ...options });
  const { desk, receive, conversation } = deskIn(world);
  const write = (content: string) =>
    world.time.until(receive(pushOf(content), {}, { account, passive: false }));
  await write('nothing');
  await world.time.pass(options.lagMs ?? 0);
  const id = laneOf(account, user, { digest });
  const act = (action: string, fields: object = {}, openid = lin) =>
    world.time.until(desk(openid, { action, id, ...fields }));
  const look = (action: string, fields: object = {}, openid = lin) =>
    world.time.until(desk(openid, { action, ...fields }));
  if (claimed) await act('claim');
  const say = (message: unknown, fields: object = {}) => act('say', { requestId: 'r', message, ...fields });
  return {
    world,
    act,
    say,
    look,
    receive: write,
    conversation,
    texts: () => world.delivered.map((delivery) => delivery.text),
    sent: () => world.calls.filter(({ name }) => name === 'sendCustomMessage').map(({ payload }) => payload),
    events: () =>
      world
        .documents('kefu_messages')
        .filter(({ from }) => from === 'event')
        .map(({ message, by }) => ({ ...(JSON.parse(String(message)) as object), by })),
    book: () => world.documents('kefu_windows').find(({ _id }) => _id === id),
    id,
  };
}

/** What the desk answers where a call of a collection fails, the first of which is number 1. */
const failing = (
  world: World,
  event: object,
  openid: string,
  collection: CollectionName,
  method: 'get' | 'find' | 'update',
  fails: (number: number) => boolean,
) => {
  let calls = 0;
  const portsOf = (ports: Ports<CallName>): Ports<CallName> => ({
    ...ports,
    database: ((name: 'kefu_conversations') => {
      const whole = ports.database(name);
      if (name !== collection) return whole;
      return {
        ...whole,
        [method]: (...given: readonly never[]) => {
          calls += 1;
          if (fails(calls)) return Promise.reject(new Error('out of reach'));
          return (whole[method] as (...of: readonly never[]) => unknown)(...given);
        },
      };
    }) as unknown as Ports['database'],
  });
  const caller = { source: 'wx_client', openid };
  const work = (ports: Ports<CallName>) => kefuDesk({}).handle(event, caller, portsOf(ports));
  return world.time.until(world.run(work, { desk: [lin, wang], limitMs: 20_000 }));
};

describe('a step', () => {
  test('stands in the thread, with who took it and to whom, and a claim of what one has does not', async () => {
    const { act, events } = await opened();
    await act('claim');
    await act('claim');
    await act('release', { to: wang });
    await act('release', { to: 'waiting' }, wang);
    await act('release', { to: 'bot' }, wang);
    await act('close');
    await act('close');
    const of = (event: string, by: string, to?: string) => ({
      msgtype: 'event',
      event,
      ...(to === undefined ? {} : { to }),
      by,
    });
    expect(events()).toEqual([
      of('claimed', lin),
      of('handed-on', lin, wang),
      of('released', wang, 'waiting'),
      of('released', wang, 'bot'),
      of('closed', lin),
      of('closed', lin),
    ]);
  });

  test('stands there again where one had lost the conversation meanwhile', async () => {
    const { act, events, world } = await opened({ claimed: true });
    await world.time.pass(silenceMs);
    await act('claim');
    expect(events().map((one) => (one as { event?: string }).event)).toEqual(['claimed', 'claimed']);
  });

  test('answers with the conversation as it is then', async () => {
    const { act } = await opened();
    expect(await act('claim')).toMatchObject({
      conversation: {
        id: lane,
        state: 'person',
        agent: lin,
        agentName: lin.slice(-6),
        touser: user,
        unread: 1,
      },
    });
    expect(await act('close')).toMatchObject({ conversation: { state: 'closed', unread: 0 } });
    expect((await act('close'))['conversation']).not.toHaveProperty('agent');
  });

  test('stops the bot where it is a claim, and only there', async () => {
    const { act, book, world } = await opened();
    for (const [action, fields] of [
      ['close', {}],
      ['release', { to: 'bot' }],
    ] as const) {
      await act(action, fields);
      expect(book()).toMatchObject({ handedAt: 0 });
    }
    await act('claim');
    expect(book()).toMatchObject({ handedAt: world.time.now() });
  });

  test('with a conversation that is not there is none', async () => {
    const { act, world, texts } = await opened();
    const before = world.documents('kefu_conversations');
    const acts = [
      ['claim', {}],
      ['release', { to: 'bot' }],
      ['close', { ask: true }],
      ['note', { text: 'x' }],
      ['say', { requestId: 'r', message: text('x') }],
      ['open', {}],
      ['export', {}],
      ['erase', {}],
    ] as const;
    for (const [action, fields] of acts)
      expect(await act(action, { ...fields, id: 'none' })).toMatchObject({
        errCode: 65413,
        code: 'not-found',
      });
    expect([texts(), world.documents('kefu_conversations')]).toEqual([[], before]);
  });

  test('of which the database says nothing is none that was taken', async () => {
    const { act, world, events } = await opened();
    const claim = failing(
      world,
      { action: 'claim', id: lane },
      lin,
      'kefu_conversations',
      'update',
      () => true,
    );
    expect(await claim).toMatchObject({ errCode: -502001, retryable: true });
    expect(events()).toEqual([]);
    expect(await act('claim', {}, wang)).toMatchObject({ errCode: 0 });
  });
});

describe('who has a conversation', () => {
  test('is told by name to whoever wants it, at once', async () => {
    const { act, look, world } = await opened({ claimed: true });
    const before = world.time.now();
    expect(await act('claim', {}, wang)).toMatchObject({
      code: 'taken',
      agent: lin,
      agentName: lin.slice(-6),
    });
    expect(world.time.now()).toBe(before);
    await look('team', { name: '林' });
    expect(await act('claim', {}, wang)).toMatchObject({ code: 'taken', agent: lin, agentName: '林' });
  });

  test('is told by the end of the openid where nobody knows the name', async () => {
    const { act, world } = await opened({ claimed: true });
    world.put('kefu_conversations', {
      ...world.documents('kefu_conversations')[0],
      _id: lane,
      agent: 'oSomebodyElse',
    });
    expect(await act('claim', {}, wang)).toMatchObject({ code: 'taken', agentName: 'dyElse' });
  });

  test('is nobody, or oneself until a moment ago: that is told too, once no read can be behind', async () => {
    const others = [
      { agent: '' },
      { agent: lin, silentUntil: 1 },
      { agent: 'oOther', silentUntil: 1 },
      { agent: lin, state: 'closed' },
    ];
    for (const fields of others) {
      const { world, say, texts } = await opened({ claimed: true });
      world.put('kefu_conversations', { ...world.documents('kefu_conversations')[0], _id: lane, ...fields });
      const before = world.time.now();
      const answer = await say(text('x'));
      expect(answer).toMatchObject({ code: 'taken', errMsg: 'the caller does not have this conversation' });
      expect(answer).not.toHaveProperty('agent');
      expect([texts(), world.time.now() - before]).toEqual([[], 2200]);
    }
  });

  test('is found where the first read was behind', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { act, world } = await opened({ lagMs: 2000, seed, claimed: true });
      expect(await act('claim', {}, wang)).toMatchObject({ code: 'taken', agent: lin });
      expect(world.documents('kefu_conversations')).toMatchObject([{ agent: lin }]);
    }
  });
});

describe('who has a conversation, and by what name,', () => {
  test('is looked for again where the database fails once', async () => {
    const { world } = await opened({ claimed: true });
    const event = { action: 'claim', id: lane };
    const taken = { code: 'taken', agent: lin, agentName: lin.slice(-6) };
    expect(
      await failing(world, event, wang, 'kefu_conversations', 'get', (number) => number === 2),
    ).toMatchObject(taken);
    expect(await failing(world, event, wang, 'kefu_team', 'find', (number) => number > 1)).toMatchObject(
      taken,
    );
  });
});

describe('a note', () => {
  test('is kept for colleagues, and sent to nobody', async () => {
    const { act, world, texts, conversation } = await opened();
    const at = world.time.now();
    expect(await act('note', { text: 'careful' })).toMatchObject({
      errCode: 0,
      message: {
        at,
        from: 'note',
        by: lin,
        byName: lin.slice(-6),
        message: text('careful'),
        status: 'received',
      },
    });
    expect(world.documents('kefu_messages').at(-1)).toMatchObject({
      lane,
      from: 'note',
      by: lin,
      message: JSON.stringify(text('careful')),
    });
    expect([texts(), conversation()?.['lastText']]).toEqual([[], 'nothing']);
  });
});

describe('what is said', () => {
  test('goes to the user of the conversation, and to nobody whom the message names, as who said it', async () => {
    const { say, sent, world } = await opened({ claimed: true });
    expect(await say({ ...text('x'), touser: 'oVictim' })).toMatchObject({ retryable: false });
    expect(sent()).toEqual([]);
    await say(text('x'));
    expect(sent()).toEqual([{ touser: user, ...text('x') }]);
    expect(world.documents('kefu_messages').at(-1)).toMatchObject({
      from: 'person',
      by: lin,
      requestId: 'r',
      status: 'sent',
    });
  });

  test('in many words goes in as few messages as hold it, of five at most', async () => {
    const { say, texts } = await opened({ claimed: true });
    const long = '字'.repeat(1500);
    expect(await say(text(long))).toMatchObject({ errCode: 0 });
    expect(texts().map(({ length }) => length)).toEqual([682, 682, 136]);
    expect(texts().join('')).toBe(long);
    expect(await say(text('字'.repeat(5 * 682 + 1)), { requestId: 's' })).toMatchObject({
      errCode: 45002,
      details: [
        { path: 'message.text.content', message: expect.stringContaining('more than 5 messages hold') },
      ],
    });
    expect(texts()).toHaveLength(3);
  });

  test('may be no text', async () => {
    const { say, sent } = await opened({ claimed: true });
    expect(await say({ msgtype: 'image', image: { media_id: 'm' } })).toMatchObject({ errCode: 0 });
    expect(sent()).toEqual([{ touser: user, msgtype: 'image', image: { media_id: 'm' } }]);
  });

  test.each([
    ['nothing', undefined, 47001, 'message', 'is missing'],
    ['a word', 'x', 47001, 'message', 'must be an object'],
    ['no type', {}, 40008, 'message.msgtype', 'is missing'],
    ['an empty text', { msgtype: 'text', text: {} }, 44004, 'message.text.content', 'is missing'],
    [
      'another account’s type',
      { msgtype: 'music', music: { musicurl: 'u', thumb_media_id: 'm' } },
      40008,
      'message.msgtype',
      'miniprogram',
    ],
  ])('is no message with %s, and then nothing is sent', async (_what, message, errCode, path, words) => {
    const { say, sent } = await opened({ claimed: true });
    expect(await say(message)).toMatchObject({
      errCode,
      details: [{ path, message: expect.stringContaining(words) }],
    });
    expect(sent()).toEqual([]);
  });

  test('needs an id, and a conversation that the functions wrote', async () => {
    const { say, sent, world } = await opened({ claimed: true });
    expect(await say(text('x'), { requestId: undefined })).toMatchObject({
      errCode: 40035,
      details: [{ path: 'requestId' }],
    });
    world.put('kefu_conversations', { ...world.documents('kefu_conversations')[0], _id: lane, touser: '' });
    expect(await say(text('x'))).toMatchObject({ errCode: 65413 });
    expect(sent()).toEqual([]);
  });
});

describe('the question how it was', () => {
  test('is asked when a conversation is closed with it, as who closed it', async () => {
    const { act, sent, world } = await opened({ claimed: true, account: 'official' });
    expect(await act('close', { ask: true })).toMatchObject({
      errCode: 0,
      asked: true,
      conversation: { state: 'closed' },
    });
    expect(sent()).toMatchObject([{ touser: user, msgtype: 'msgmenu' }]);
    expect(world.documents('kefu_messages').filter(({ from }) => from === 'person')).toMatchObject([
      { by: lin, status: 'sent' },
    ]);
  });

  test('is asked once, however often that is repeated, and again when the user has written since', async () => {
    const { act, sent, world, receive } = await opened({ claimed: true, account: 'official' });
    for (let again = 0; again < 3; again += 1) {
      expect(await act('close', { ask: true })).toMatchObject({ errCode: 0, asked: true });
      await world.time.pass(minute);
    }
    expect(sent()).toHaveLength(1);
    await receive('more');
    await act('close', { ask: true });
    expect(sent()).toHaveLength(2);
  });

  test('is not asked without a word, nor where the window has no room or nobody knows', async () => {
    const { act, sent, world, book, id } = await opened({ claimed: true, account: 'official' });
    for (const fields of [{}, { ask: false }]) expect(await act('close', fields)).not.toHaveProperty('asked');
    const none = [{ remaining: 0 }, { closesAt: world.time.now() }];
    for (const fields of none) {
      const held = book();
      world.put('kefu_windows', { ...held, _id: id, ...fields });
      expect(await act('close', { ask: true })).toMatchObject({ errCode: 0, asked: false });
      world.put('kefu_windows', { ...held, _id: id });
    }
    expect(sent()).toEqual([]);
  });

  test('is no message of a mini program’s, and is not asked there', async () => {
    const { act, sent } = await opened({ claimed: true });
    expect(await act('close', { ask: true })).toMatchObject({ errCode: 0, asked: false });
    expect(sent()).toEqual([]);
  });

  test('is not asked where nobody knows what is left of the window', async () => {
    const { world, id, sent } = await opened({ claimed: true, account: 'official' });
    const event = { action: 'close', id, ask: true };
    expect(await failing(world, event, lin, 'kefu_windows', 'get', () => true)).toMatchObject({
      errCode: 0,
      asked: false,
    });
    expect(sent()).toEqual([]);
  });

  test('that WeChat refuses was not asked, and the conversation is closed', async () => {
    const { act, world } = await opened({ claimed: true, account: 'official' });
    world.meet({ wechat: [{ kind: 'errcode', errCode: 45015 }] });
    expect(await act('close', { ask: true })).toMatchObject({
      errCode: 0,
      asked: false,
      conversation: { state: 'closed' },
    });
  });

  test('is not asked by who may not close', async () => {
    const { act, sent } = await opened({ claimed: true, account: 'official' });
    expect(await act('close', { ask: true }, wang)).toMatchObject({ code: 'taken', agent: lin });
    expect(sent()).toEqual([]);
  });
});

describe('the desk', () => {
  test('refuses what it does not know, with what was probably meant', async () => {
    const { act } = await opened();
    const told = (message: string) => ({ errCode: 40035, details: [{ path: 'action', message }] });
    const known =
      'known: list, open, changes, claim, release, close, say, note, canned, team, stats, export, erase';
    expect(await act('clame')).toMatchObject(told('"clame" is no action; did you mean claim?'));
    for (const action of ['__proto__', 'toString', 'frobnicate'])
      expect(await act(action)).toMatchObject(told(`${JSON.stringify(action)} is no action; ${known}`));
    expect(await act(undefined as unknown as string)).toMatchObject(told(`is missing; ${known}`));
    expect(await act(['claim'] as unknown as string)).toMatchObject(told(`a list is no action; ${known}`));
    expect(await act('claim', { ids: 'x' })).toMatchObject({ details: [{ path: 'ids' }] });
  });

  test('takes no place in a list that it did not give', async () => {
    const { look } = await opened();
    for (const before of ['x', '1', ' 1', '-1 a', `${'1'.repeat(17)} a`, '1 a b'])
      expect(await look('list', { before })).toMatchObject({
        errCode: 40035,
        details: [{ path: 'before' }],
      });
    expect(await look('list', { before: '1 a' })).toMatchObject({ errCode: 0 });
  });

  test('writes in the log what was done, and what it came to', async () => {
    const { act, world } = await opened();
    await act('claim');
    await act('claim', {}, wang);
    expect(world.lines.filter((line) => line.includes('"action"'))).toEqual([
      '{"action":"claim","errCode":0}',
      '{"action":"claim","errCode":65414}',
    ]);
  });

  test('is for people, and for a bundle that keeps conversations', async () => {
    const { world } = await opened();
    const call = (caller: { source: string; openid?: string }, settings: Partial<Ports['settings']> = {}) => {
      const work = (ports: Ports<CallName>) =>
        kefuDesk({}).handle({ action: 'list' }, caller, {
          ...ports,
          settings: { ...ports.settings, ...settings },
        });
      return world.time.until(world.run(work, { desk: [lin] }));
    };
    expect(await call({ source: 'wx_trigger' })).toMatchObject({ code: 'not-allowed' });
    expect(await call({ source: 'wx_client', openid: lin }, { historyDays: 0 })).toMatchObject({
      code: 'configuration-invalid',
      errCode: -501009,
      advice: expect.stringContaining('KEFU_HISTORY_DAYS'),
    });
  });
});
