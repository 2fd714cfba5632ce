import { describe, expect, test } from '@jest/globals';
import { idOf, type Ports, type WeChatReply } from '../../../shared/core/ports';
import { laneOf, unknownUser } from '../../../shared/core/reply-windows';
import type { Door } from '../../../shared/functions/receive/plan';
import { takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import type { CallName } from '../../../shared/wechat/calls';
import { pushKey } from '../../../shared/wechat/pushes/push-meaning';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { createWorld, digest, type ProcessOptions, type World } from '../../world/world';

type AllPorts = Ports<CallName>;

/** One delivery of a push after another: where each goes on, and what of it is kept, counted and asked for. */

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

const rules: ReplyRules = {
  rules: [
    { on: { text: 'three' }, say: [text('one'), text('two'), text('three')] },
    { on: { text: 'hi' }, say: [text('hello')] },
    { on: { text: 'code' }, run: async () => undefined },
    { on: { text: 'quiet' }, transfer: true },
    { on: { text: 'typing' }, typing: true },
    { on: { text: 'keep' }, keep: true },
    { on: { event: 'VIEW' }, say: [text('seen')] },
    { on: { message: 'image' }, keep: true, say: [text('thanks')] },
    { on: { message: 'voice' }, say: [text('thanks')] },
    { on: { event: 'user_enter_tempsession' }, say: [text('welcome')] },
  ],
};

const minute = 60_000;
const miniprogram: Door = { account: 'miniprogram', passive: false };
const desk = { desk: ['oLin'] };
const lane = laneOf('miniprogram', 'oUser', { digest });

let pushes = 0;
const push = (Content: string, fields: object = {}): UnknownPush => {
  pushes += 1;
  return {
    ...{ ToUserName: 'gh_1', FromUserName: 'oUser', CreateTime: 1_700_000_000, MsgType: 'text' },
    ...{ MsgId: `${pushes}`, Content },
    ...fields,
  };
};
const image = () => push('', { MsgType: 'image', MediaId: 'M', PicUrl: 'http://p' });
const event = (Event: string) => push('', { MsgType: 'event', Event, MsgId: undefined });

const take = (
  world: World,
  pushed: UnknownPush,
  options: ProcessOptions = {},
  changes: (ports: AllPorts) => Partial<AllPorts> = () => ({}),
  door = miniprogram,
) => {
  const work = (ports: AllPorts) => takePush(pushed, door, { ...ports, ...changes(ports), rules });
  return world.time.until(world.run(work, { limitMs: 20_000, ...options }));
};

const failing = async () => {
  throw new Error('the database is out of reach');
};

/** Ports whose collection of this name takes no writes. */
const without =
  (broken: string) =>
  ({ database }: AllPorts): Partial<AllPorts> => ({
    database: (name) =>
      name === broken ? { ...database(name), insert: failing, update: failing } : database(name),
  });

const claimOf = (pushed: UnknownPush) => idOf(['miniprogram', ...pushKey(pushed)], { digest });
const texts = (world: World) => world.delivered.map((delivery) => delivery.text);
const window = (world: World) => world.documents('kefu_windows')[0];
const conversation = (world: World) => world.documents('kefu_conversations')[0];
const said = (world: World) =>
  world.documents('kefu_messages').map(({ from, status, message }) => {
    const { text: body, event: name } = JSON.parse(String(message)) as {
      text?: { content: string };
      event?: string;
    };
    return `${from} ${body?.content ?? name ?? ''} ${status}`;
  });
const log = (world: World) => world.lines.map((line) => JSON.parse(line) as { [field: string]: unknown });

describe('a delivery that takes another’s claim over', () => {
  const left = { state: 'claimed', holder: 'lost', until: 0, at: 0, answer: '' };

  test('says what was not begun, and counts no more than that', async () => {
    for (const [begun, texts_, remaining] of [
      [0, ['one', 'two', 'three'], 2],
      [1, ['two', 'three'], 3],
      [2, ['three'], 4],
      [3, [], 5],
    ] as const) {
      const world = createWorld();
      const pushed = push('three');
      world.put('kefu_pushes', { _id: claimOf(pushed), ...left, begun, dealt: begun });
      expect(await take(world, pushed)).toBe('success');
      expect(texts(world)).toEqual(texts_);
      expect(window(world)).toMatchObject({ remaining });
      expect(world.documents('kefu_outbox')).toEqual([]);
    }
  });

  test('puts down what was begun and never known to be dealt with', async () => {
    const world = createWorld();
    const pushed = push('three');
    world.put('kefu_pushes', { _id: claimOf(pushed), ...left, begun: 2, dealt: 1 });
    await take(world, pushed);
    expect(texts(world)).toEqual(['three']);
    const [unknown] = world.documents('kefu_outbox');
    expect(unknown).toMatchObject({ state: 'dead', code: 'unknown-delivery', errCode: -501002, by: 'rule' });
    expect(JSON.parse(String(unknown?.['payload']))).toEqual({
      message: { touser: 'oUser', ...text('two') },
      fallback: [],
    });
  });

  test('and cannot ask who speaks gives it back as it was', async () => {
    const world = createWorld();
    const pushed = push('three');
    world.put('kefu_pushes', { _id: claimOf(pushed), ...left, begun: 2, dealt: 2 });
    expect(await take(world, pushed, desk, without('kefu_conversations'))).toBe('failed');
    expect(world.documents('kefu_pushes')).toMatchObject([{ begun: 2, dealt: 2, until: 0 }]);
    await take(world, pushed, desk);
    expect(texts(world)).toEqual(['three']);
  });

  test('shows no typing sign anew', async () => {
    const world = createWorld();
    const pushed = push('typing');
    world.put('kefu_pushes', { _id: claimOf(pushed), ...left, begun: 0, dealt: 0 });
    await take(world, pushed);
    expect(world.calls).toEqual([]);
  });
});

test('a repeat gets the first one’s answer', async () => {
  const world = createWorld();
  const pushed = push('quiet');
  const answer = await take(world, pushed);
  expect(answer).toMatchObject({ MsgType: 'transfer_customer_service' });
  await world.time.pass(5000);
  expect(await take(world, pushed)).toEqual(answer);
});

test('each message is written down as begun before it leaves', async () => {
  const world = createWorld();
  const begun: unknown[] = [];
  await take(world, push('three'), {}, ({ wechat }) => ({
    wechat: {
      call: (name, payload, account) => {
        begun.push(world.documents('kefu_pushes')[0]?.['begun']);
        return wechat.call(name, payload, account);
      },
    },
  }));
  expect(begun).toEqual([1, 2, 3]);
});

describe('a delivery that fails', () => {
  test.each<[string, UnknownPush]>([
    ['kefu_conversations', push('hi')],
    ['kefu_jobs', push('code')],
    ['kefu_windows', push('hi')],
  ])(
    'by %s gives its claim back at once, and nothing of it is said or counted twice',
    async (broken, pushed) => {
      const world = createWorld();
      expect(await take(world, pushed, desk, without(broken))).toBe('failed');
      expect(world.documents('kefu_pushes')).toMatchObject([{ state: 'claimed', until: 0 }]);
      const startedAt = world.time.now();
      expect(await take(world, pushed, desk)).toBe('success');
      expect(world.time.now() - startedAt).toBeLessThan(1000);
      const isCode = pushed['Content'] === 'code';
      expect(texts(world)).toEqual(isCode ? [] : ['hello']);
      expect(said(world).filter((words) => words.startsWith('user'))).toHaveLength(1);
      expect(conversation(world)).toMatchObject({ unread: 1 });
      expect(world.started).toEqual(isCode ? [{ name: 'kefu-answer', data: { lane } }] : []);
      expect(world.documents('kefu_jobs')).toHaveLength(isCode ? 1 : 0);
    },
  );
});

test('what a user sent is kept, and unread, though whoever answered it did not come to keep it', async () => {
  const world = createWorld();
  const pushed = push('hi');
  const done = { state: 'done', holder: 'lost', until: 0, begun: 1, dealt: 1, at: 0, answer: '"success"' };
  world.put('kefu_pushes', { _id: claimOf(pushed), ...done });
  for (let repeat = 0; repeat < 2; repeat += 1) expect(await take(world, pushed, desk)).toBe('success');
  expect(said(world)).toEqual(['user hi received']);
  expect(conversation(world)).toMatchObject({ unread: 1, lastText: 'hi', lastFrom: 'user' });
  const other = createWorld();
  const entered = event('user_enter_tempsession');
  other.put('kefu_pushes', { _id: claimOf(entered), ...done });
  await take(other, entered, desk);
  expect(said(other)).toEqual([]);
});

describe('where a model or code asked for a person', () => {
  const asked = async (pushed: UnknownPush, agoMs: number) => {
    const world = createWorld({ databaseMs: 0 });
    world.put('kefu_windows', { ...unknownUser, _id: lane, askedAt: world.time.now() - agoMs });
    const answer = await take(world, pushed);
    return { world, isHanded: typeof answer === 'object' && answer.MsgType === 'transfer_customer_service' };
  };

  test('the user’s next message within half an hour is handed over, and answered by no rule', async () => {
    const { world, isHanded } = await asked(push('hi'), 30 * minute - 1);
    expect([isHanded, texts(world)]).toEqual([true, []]);
    expect(window(world)).toMatchObject({ handedAt: world.time.now(), askedAt: 0, remaining: 5 });
    expect(log(world).at(-1)).toMatchObject({ transfer: true });
  });

  test('one after that is answered as any other, and so is an event', async () => {
    const late = await asked(push('hi'), 30 * minute);
    expect([late.isHanded, texts(late.world)]).toEqual([false, ['hello']]);
    expect(log(late.world).at(-1)).toMatchObject({ transfer: false });
    const entered = await asked(event('user_enter_tempsession'), 1);
    expect([entered.isHanded, texts(entered.world)]).toEqual([false, ['welcome']]);
  });
});

describe('an event', () => {
  test('that means nothing for the window and has no rule costs its claim and its end, and leaves nothing', async () => {
    const world = createWorld();
    expect(await take(world, event('something_new'), desk)).toBe('success');
    expect(world.databaseCalls).toBe(2);
    expect([said(world), conversation(world), window(world)]).toEqual([[], undefined, undefined]);
  });

  test('that opens the window, or is answered, is kept as one, and leaves nothing unread', async () => {
    const world = createWorld();
    await take(world, event('user_enter_tempsession'), desk);
    expect(said(world)).toEqual(['event user_enter_tempsession received', 'rule welcome sent']);
    expect(conversation(world)).toMatchObject({ unread: 0, lastText: 'welcome' });
  });
});

test('an event of an official account is kept where it opens or shuts the window, or is answered', async () => {
  const official: Door = { account: 'official', passive: false };
  for (const [name, kept] of [
    ['subscribe', ['event subscribe received']],
    ['unsubscribe', ['event unsubscribe received']],
    ['VIEW', ['event VIEW received', 'rule seen sent']],
    ['LOCATION', []],
  ] as const) {
    const world = createWorld();
    await take(world, event(name), desk, undefined, official);
    expect(said(world)).toEqual(kept);
  }
});

describe('while a person has the conversation', () => {
  const had = () => {
    const world = createWorld();
    const now = world.time.now();
    world.put('kefu_conversations', {
      ...{ _id: lane, account: 'miniprogram', touser: 'oUser', state: 'person', agent: 'oLin', unread: 0 },
      ...{ silentUntil: now + 30 * minute, waitingSince: 0, asked: 0, lastAt: now, changedAt: now },
    });
    return world;
  };

  test('what the user writes is unread, and since when the user waits is noted, of the first of it', async () => {
    const world = had();
    await take(world, push('nothing'), desk);
    const waitingSince = conversation(world)?.['waitingSince'];
    expect(Number(waitingSince)).toBeGreaterThan(0);
    await world.time.pass(minute);
    await take(world, push('hi'), desk);
    expect(conversation(world)).toMatchObject({ state: 'person', agent: 'oLin', unread: 2, waitingSince });
    expect(texts(world)).toEqual([]);
    expect(window(world)).toMatchObject({ remaining: 5 });
  });

  test('another user’s conversation does not change', async () => {
    const world = had();
    const others = { ...conversation(world), _id: 'other' };
    world.put('kefu_conversations', others);
    await take(world, push('hi'), desk);
    expect(world.documents('kefu_conversations')[1]).toEqual(others);
  });

  test('an event is not waited for', async () => {
    const world = had();
    await take(world, event('user_enter_tempsession'), desk);
    expect(conversation(world)).toMatchObject({ waitingSince: 0, unread: 0 });
    expect(texts(world)).toEqual([]);
  });
});

test('that each of two users asked for a person, or said how it was, is kept of each', async () => {
  const world = createWorld();
  for (const FromUserName of ['oA', 'oB']) await take(world, push('quiet', { FromUserName }), desk);
  expect(said(world).filter((words) => words.startsWith('event asked'))).toHaveLength(2);
  expect(world.documents('kefu_conversations').map(({ state, unread }) => [state, unread])).toEqual([
    ['waiting', 1],
    ['waiting', 1],
  ]);
  expect(world.started.map(({ name }) => name)).toEqual(['kefu-notify', 'kefu-notify']);
  for (const FromUserName of ['oC', 'oD'])
    await take(world, push('满意', { FromUserName, bizmsgmenuid: 'kefu-satisfaction-3' }), desk);
  expect(said(world).filter((words) => words.startsWith('event satisfaction'))).toHaveLength(2);
  expect(world.documents('kefu_conversations').map(({ unread }) => unread)).toEqual([1, 1, 0, 0]);
});

describe('a picture', () => {
  const media = (world: World) =>
    world.documents('kefu_messages').find(({ from }) => from === 'user')?.['media'];
  const fetching =
    (reply: () => Promise<WeChatReply>) =>
    ({ wechat }: AllPorts): Partial<AllPorts> => ({
      wechat: {
        call: (name, payload, account) =>
          name === 'getTempMedia' ? reply() : wechat.call(name, payload, account),
      },
    });
  const failures = (world: World) => log(world).filter(({ step }) => step === 'keep-media');

  test('is noted as wanted at the desk, and a text is not', async () => {
    const world = createWorld();
    await take(world, image(), desk);
    expect(media(world)).toBe('wanted');
    const other = createWorld();
    await take(other, push('hi'), desk);
    expect(media(other)).toBe('none');
  });

  test('is fetched where the rule says so, and no voice where it does not', async () => {
    const world = createWorld();
    await take(world, push('', { MsgType: 'voice', MediaId: 'V', Format: 'amr' }));
    expect(world.calls.map(({ name }) => name)).toEqual(['sendCustomMessage']);
    await take(world, push('keep'));
    expect(world.calls.map(({ name }) => name)).not.toContain('getTempMedia');
    await take(world, image());
    expect(world.calls.map(({ name }) => name)).toContain('getTempMedia');
  });

  test('that takes its time is waited for, and the first answer goes out all the same', async () => {
    const world = createWorld();
    const slow = fetching(async () => {
      await world.time.wait(5000);
      return { ok: false, errCode: -1, errMsg: 'busy' };
    });
    expect(await take(world, image(), {}, slow)).toBe('success');
    expect([texts(world), world.documents('kefu_outbox')]).toEqual([['thanks'], []]);
  });

  test('that cannot be kept is in the log, and one that was is not', async () => {
    const refused = createWorld();
    const no = async () => ({ ok: false, errCode: 40007, errMsg: 'invalid media id' }) as const;
    expect(await take(refused, image(), {}, fetching(no))).toBe('success');
    expect(failures(refused)).toEqual([{ step: 'keep-media', failed: true, errCode: 40007 }]);
    const thrown = createWorld();
    expect(await take(thrown, image(), {}, fetching(failing))).toBe('success');
    expect(failures(thrown)).toEqual([{ step: 'keep-media', failed: true, why: 'Error' }]);
    const kept = createWorld();
    const bytes = Uint8Array.from([1]);
    const yes = async () => ({ ok: true, file: { contentType: 'image/png', bytes } }) as const;
    await take(kept, image(), {}, (ports) => ({
      ...fetching(yes)(ports),
      files: { ...ports.files, write: async () => ({ ok: true, fileID: 'cloud://x' }) },
    }));
    expect(failures(kept)).toEqual([]);
  });
});

test('an answer that WeChat took leaves no failure in the log, and one that it refused does', async () => {
  const world = createWorld();
  await take(world, push('hi'));
  expect(log(world).filter(({ failed }) => failed)).toEqual([]);
  world.meet({ wechat: [{ kind: 'errcode', errCode: 40003 }] });
  await take(world, push('hi'));
  expect(log(world).filter(({ failed }) => failed)).toMatchObject([
    { step: 'answer', failed: true, errCode: 40003 },
  ]);
});

test('no typing sign is shown where nothing is said', async () => {
  const world = createWorld();
  await take(world, push('typing'));
  expect(world.calls).toEqual([]);
});

test('nothing of a conversation is kept where none is to be', async () => {
  const world = createWorld();
  for (const pushed of [push('hi'), event('user_enter_tempsession'), push('three')]) {
    await take(world, pushed);
    await take(world, pushed);
  }
  expect([said(world), world.documents('kefu_conversations')]).toEqual([[], []]);
});
