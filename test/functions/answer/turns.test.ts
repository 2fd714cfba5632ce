import { describe, expect, test } from '@jest/globals';
import type { Ports, WeChatReply } from '../../../shared/core/ports';
import { laneOf } from '../../../shared/core/reply-windows';
import { kefuAnswer, type Outside } from '../../../shared/functions/answer/answer';
import { type AskModel, ModelFailure, type ModelRequest } from '../../../shared/functions/answer/model';
import type { Action, ReplyRules } from '../../../shared/functions/rules/reply-rules';
import { handOverTool, type Turn } from '../../../shared/functions/rules/turn';
import type { Account } from '../../../shared/wechat/account';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, digest, type ProcessOptions, type WorldOptions } from '../../world/world';

/** A turn from the pushes that wait to what is said: when it is made, of what, how much of it, and what it ends as. */

const openid = 'oUser';
const second = 1000;
const hour = 60 * 60 * second;
const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;
const otherwise = { say: [text('otherwise')] } as const;

/** What a model does: says this, waits so long, calls a tool, or fails. */
type Deed = string | number | { readonly call: string } | Error;

/** A push, of so many milliseconds ago, that was begun to be answered so often. */
interface Sent {
  readonly agoMs?: number;
  readonly attempts?: number;
  readonly [field: string]: unknown;
}

interface Scene extends WorldOptions {
  readonly action?: Action;
  readonly rules?: ReplyRules;
  /** What the user sent. */
  readonly pushes?: readonly Sent[];
  readonly account?: Account;
  readonly model?: readonly Deed[];
  /** Who is at the desk. */
  readonly desk?: readonly string[];
  readonly remaining?: number;
  /** What WeChat's content check says of a text. */
  readonly check?: (content: string) => WeChatReply;
  readonly readHistory?: () => Promise<Turn['history']>;
}

const history = [{ from: 'user', text: 'before', at: 1 }] as const;

function answering(scene: Scene = {}) {
  const {
    action = { ask: { instructions: 'x', characters: 1800 }, otherwise },
    account = 'miniprogram',
    remaining = 5,
    desk,
  } = scene;
  const {
    model = ['answer'],
    pushes = [{ Content: 'question', agoMs: 9 * second }],
    check,
    ...options
  } = scene;
  const lane = laneOf(account, openid, { digest });
  const world = createWorld({ databaseMs: 0, wechatMs: 0, ...options });
  const rules = scene.rules ?? { rules: [{ on: { message: 'any' }, ...action }] };
  const asked: { readonly at: number; readonly request: ModelRequest }[] = [];
  const histories: unknown[] = [];
  let jobs = 0;
  const put = ({ agoMs = 0, attempts = 0, ...fields }: Sent) => {
    const push = { ToUserName: 'wx1', FromUserName: openid, CreateTime: 1, MsgType: 'text', ...fields };
    const _id = `job${jobs}`;
    jobs += 1;
    const at = world.time.now() - agoMs;
    world.put('kefu_jobs', {
      _id,
      lane,
      account,
      state: 'waiting',
      attempts,
      push: JSON.stringify(push),
      at,
    });
  };
  for (const push of pushes) put(push);
  if (remaining > 0)
    world.put('kefu_windows', {
      _id: lane,
      remaining,
      closesAt: world.time.now() + hour,
      handedAt: 0,
      askedAt: 0,
    });
  const askModel: AskModel = async function* (request) {
    asked.push({ at: world.time.now(), request });
    for (const deed of model) {
      if (typeof deed === 'string') yield { kind: 'text', text: deed };
      else if (deed instanceof Error) throw deed;
      else if (typeof deed === 'object')
        yield { kind: 'call', call: { id: '1', name: deed.call, input: '{}' } };
      else
        for (const end = world.time.now() + deed; world.time.now() < end; await world.time.wait(100))
          if (request.signal.aborted) throw new ModelFailure('Late');
    }
  };
  const outside: Outside = {
    askModel: () => askModel,
    callFunction: async (name) => name,
    collection: () => {
      throw new Error('a collection');
    },
    history: async (...of) => {
      histories.push(of.slice(0, 2));
      return scene.readHistory?.() ?? history;
    },
  };
  const checked: object[] = [];
  const portsOf = (ports: Ports<CallName>): Ports<CallName> => ({
    ...ports,
    wechat: {
      call: async (name, payload, of) => {
        if (name !== 'msgSecCheck') return ports.wechat.call(name, payload, of);
        checked.push(payload);
        return (
          check?.((payload as { content: string }).content) ?? {
            ok: true,
            data: { result: { suggest: 'pass' } },
          }
        );
      },
    },
  });
  const run = (event: object, process: ProcessOptions = {}) =>
    world.run(
      (ports) => kefuAnswer(rules, outside).handle(event, { source: 'wx_client,scf' }, portsOf(ports)),
      {
        limitMs: 60 * second,
        ...(desk === undefined ? {} : { desk }),
        ...process,
      },
    );
  const answer = (process: ProcessOptions = {}) => run({ lane }, process);
  return {
    world,
    lane,
    asked,
    checked,
    histories,
    put,
    run,
    answer,
    /** Answers while something else happens. */
    beside: (story: () => Promise<unknown>, process: ProcessOptions = {}) =>
      world.time.until(Promise.all([answer(process), story()])),
    texts: () => world.delivered.map((delivery) => delivery.text),
    states: () => world.documents('kefu_jobs').map(({ state }) => state),
    book: () => world.documents('kefu_windows')[0],
    signs: () =>
      world.calls.flatMap(({ name, payload }) =>
        name === 'setTyping' ? [(payload as { command: string }).command] : [],
      ),
    logged: (step: string) =>
      world.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['step'] === step),
  };
}

/** What a scene comes to. */
async function answered(scene: Scene = {}, process: ProcessOptions = {}) {
  const stage = answering(scene);
  await stage.world.time.until(stage.answer(process));
  return stage;
}

/** What a scene comes to whose first message WeChat refuses, after the sign that somebody writes. */
async function refused(errCode: number, scene: Scene) {
  const stage = answering(scene);
  stage.world.meet({ wechat: [undefined, { kind: 'errcode', errCode }] });
  await stage.world.time.until(stage.answer());
  return stage;
}

const paragraphs = (count: number, sentences = 100) =>
  Array.from({ length: count }, (_, number) => `${`第${number}段的一句话。`.repeat(sentences)}\n\n`);

describe('a turn', () => {
  test('of one push is made when the user has written nothing for two seconds', async () => {
    for (const [agoMs, afterMs] of [
      [0, 2000],
      [1500, 500],
      [2000, 0],
      [hour, 0],
    ] as const) {
      const { world, asked } = await answered({ pushes: [{ Content: 'x', agoMs }] });
      expect(asked.map(({ at }) => at - createWorld().time.now())).toEqual([afterMs]);
      expect(world.delivered).toMatchObject([{ touser: openid, text: 'answer' }]);
    }
  });

  test('grows with what comes meanwhile, and is one question', async () => {
    const { world, asked, put, beside, states } = answering({ pushes: [{ Content: 'a' }] });
    await beside(async () => {
      await world.time.wait(1500);
      put({ MsgType: 'image', Content: 'no words' });
      put({ Content: 'b' });
    });
    expect(
      asked.map(({ at, request }) => [at - createWorld().time.now(), request.messages.at(-1)?.content]),
    ).toEqual([[3500, 'a\n[图片]\nb']]);
    expect(states()).toEqual(['done', 'done', 'done']);
  });

  test('of somebody who does not stop writing is made after eight seconds, all the same', async () => {
    const { world, asked, put, beside } = answering({ pushes: [{ Content: 'x' }] });
    await beside(async () => {
      for (let more = 0; more < 9; more += 1) {
        await world.time.wait(second);
        put({ Content: 'x' });
      }
    });
    const [first] = asked;
    expect((first?.at ?? 0) - createWorld().time.now()).toBeGreaterThan(8 * second);
    expect((first?.at ?? 0) - createWorld().time.now()).toBeLessThan(11 * second);
  });

  test('shows the sign that somebody writes from its beginning, anew after each message but the last, and ends it', async () => {
    const { world, signs } = await answered({ pushes: [{ Content: 'x' }], model: paragraphs(3) });
    expect(world.delivered).toHaveLength(3);
    expect(signs()).toEqual(['Typing', 'Typing', 'Typing', 'CancelTyping']);
    expect(world.calls.map(({ payload }) => (payload as { touser: string }).touser)).toEqual(
      Array(7).fill(openid),
    );
  });

  test('that waits nowhere shows no sign, and is looked for until no read can be behind', async () => {
    const { world, lane, put, beside, texts, signs } = answering({ pushes: [] });
    await beside(() => Promise.resolve());
    expect(world.time.now() - createWorld().time.now()).toBe(3 * 700);
    expect([signs(), world.started, world.documents('kefu_turns')[0]?.['holder']]).toEqual([[], [], '']);
    await beside(async () => {
      await world.time.wait(1900);
      put({ Content: 'late', agoMs: 2000 });
    });
    expect([texts(), lane]).toEqual([['answer'], lane]);
  });

  test('is not made by a second instance beside the first', async () => {
    const { asked, answer, beside, texts } = answering({ model: [5 * second, 'answer'] });
    const done = { errCode: 0, errMsg: 'ok' };
    expect(await beside(answer)).toEqual([done, done]);
    expect([asked.length, texts()]).toEqual([1, ['answer']]);
  });

  test('that was made a moment ago is looked for now and then, until no read shows it any more', async () => {
    const { world, put, answer, asked } = answering({ pushes: [], lagMs: 8000, databaseMs: 10 });
    put({ Content: 'x', agoMs: hour });
    await world.time.pass(100);
    world.put('kefu_jobs', { ...world.documents('kefu_jobs')[0], _id: 'job0', state: 'done', push: '' });
    await world.time.until(answer());
    expect(asked).toEqual([]);
    expect(world.databaseCalls).toBeLessThan(80);
  });

  test('is followed by the next, of what came while it was said', async () => {
    const { world, put, beside, texts, asked } = answering({ model: ['answer\n\n', 3 * second, 'more'] });
    await beside(async () => {
      await world.time.wait(second);
      put({ Content: 'next' });
    });
    expect(asked.map(({ request }) => request.messages.at(-1)?.content)).toEqual(['question', 'next']);
    // Three messages are left of the window then: too few for one that is said before the rest is there.
    expect(texts()).toEqual(['answer', 'more', 'answer\n\nmore']);
  });

  test('for which a call has no time left is another call’s', async () => {
    const { world, lane, asked } = await answered({}, { limitMs: 19 * second });
    expect(asked).toEqual([]);
    expect(world.started).toEqual([{ name: 'kefu-answer', data: { lane } }]);
    expect((await answered({}, { limitMs: 21 * second })).texts()).toEqual(['answer']);
  });

  test('for which a call has no time left any more is another call’s, and nobody’s meanwhile', async () => {
    const { world, lane, put, beside, asked } = answering({ model: [45 * second] });
    await beside(async () => {
      await world.time.wait(44 * second);
      put({ Content: 'next' });
    });
    expect(asked).toHaveLength(1);
    expect(world.started).toEqual([{ name: 'kefu-answer', data: { lane } }]);
    expect(world.documents('kefu_turns')).toMatchObject([{ holder: '' }]);
  });

  test('whose instance cannot write is left as it is, for whoever takes it over', async () => {
    const { world, answer, run, states } = answering({ model: [second, 'answer'] });
    const story = world.run(async () => {
      await world.time.wait(500);
      world.meet({ database: Array.from({ length: 40 }, () => 'before') });
    });
    expect(await world.time.until(Promise.all([answer(), story]).then(([ended]) => ended))).not.toEqual({
      errCode: 0,
      errMsg: 'ok',
    });
    world.meet({});
    expect(world.documents('kefu_turns')).toMatchObject([{ holder: expect.stringMatching(/./), begun: 0 }]);
    await world.time.pass(10 * second);
    await world.time.until(run({}));
    expect(states()).toEqual(['done']);
  });

  test('left by five that died is tried no more: what the rule says otherwise is said', async () => {
    const worn = await answered({
      pushes: [
        { Content: 'x', attempts: 4, agoMs: hour },
        { Content: 'y', attempts: 5, agoMs: hour },
      ],
    });
    expect([worn.asked, worn.texts(), worn.states()]).toEqual([[], ['otherwise'], ['done', 'done']]);
    expect(worn.logged('answer')).toMatchObject([
      { failed: true, why: 'too many attempts' },
      { failed: true, said: 1, jobs: 2 },
    ]);
    const tired = await answered({ pushes: [{ Content: 'x', attempts: 4, agoMs: hour }] });
    expect([tired.asked.length, tired.texts()]).toEqual([1, ['answer']]);
    expect(tired.logged('answer')).toEqual([{ step: 'answer', jobs: 1, said: 1 }]);
  });
});

describe('a turn is given up', () => {
  test('before it is made, where a person has the conversation', async () => {
    const stage = answering({ desk: ['oLin'] });
    const { world, lane, asked, states, texts, answer } = stage;
    world.put('kefu_conversations', {
      _id: lane,
      state: 'person',
      agent: 'oLin',
      silentUntil: world.time.now() + hour,
    });
    await world.time.until(answer());
    expect([asked, texts(), states()]).toEqual([[], [], ['done']]);
  });

  test('within two seconds of the user’s being handed over, and nothing is said in its place', async () => {
    const { world, lane, asked, beside, book, texts, states } = answering({ model: [30 * second, 'answer'] });
    await beside(async () => {
      await world.time.wait(5 * second);
      world.put('kefu_windows', { ...book(), _id: lane, handedAt: world.time.now() });
    });
    expect(asked[0]?.request.signal.aborted).toBe(true);
    expect(world.time.now() - createWorld().time.now()).toBeLessThan(7 * second);
    expect([texts(), states()]).toEqual([[], ['dead']]);
  });

  test('within two seconds of the user’s writing again, and made of all of it', async () => {
    const { world, asked, put, beside, texts, states, book } = answering({
      action: { ask: { instructions: 'x', characters: 1800 }, otherwise: { transfer: true } },
      model: [10 * second, 'answer'],
    });
    await beside(async () => {
      await world.time.wait(5 * second);
      put({ Content: 'more' });
    });
    expect(asked.map(({ request }) => request.messages.at(-1)?.content)).toEqual([
      'question',
      'question\nmore',
    ]);
    expect((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeLessThan(9 * second);
    expect(book()).toMatchObject({ askedAt: 0 });
    expect([texts(), states()]).toEqual([['answer'], ['done', 'done']]);
  });

  test('where another instance has taken it over: nothing of it is said or ended', async () => {
    const { world, lane, beside, texts, states, asked, book } = answering({
      action: { ask: { instructions: 'x', characters: 1800 }, otherwise: { transfer: true } },
      model: [20 * second, 'answer'],
    });
    await beside(async () => {
      await world.time.wait(5 * second);
      const [turn] = world.documents('kefu_turns');
      world.put('kefu_turns', { ...turn, _id: lane, holder: 'another', until: world.time.now() + hour });
    });
    expect([texts(), states(), asked.length]).toEqual([[], ['waiting'], 1]);
    expect(world.documents('kefu_turns')).toMatchObject([{ holder: 'another' }]);
    expect(book()).toMatchObject({ askedAt: 0 });
  });
});

describe('your code', () => {
  const codeOf = (run: Action['run'], rest: Action = {}): Action => ({
    ...(run === undefined ? {} : { run }),
    ...rest,
  });

  test('is given what the user wrote, and who wrote it', async () => {
    const turns: Turn[] = [];
    const { histories, lane, world } = await answered({
      account: 'official',
      pushes: [
        { Content: 'a', agoMs: hour },
        { MsgType: 'image', MediaId: 'm', agoMs: hour },
        { Content: 'b', agoMs: hour },
      ],
      action: codeOf(async (turn) => {
        turns.push(turn);
        return { say: [text(String(await turn.callFunction('mine', {})))] };
      }),
    });
    expect(turns).toMatchObject([
      {
        push: { Content: 'b', FromUserName: openid },
        account: 'official',
        openid,
        text: 'a\nb',
        history,
        window: { remaining: 5, closesAt: createWorld().time.now() + hour },
      },
    ]);
    expect(() => turns[0]?.collection('x')).toThrow('a collection');
    expect(histories).toEqual([[lane, ['job0', 'job1', 'job2']]]);
    expect(world.delivered).toMatchObject([{ text: 'mine' }]);
  });

  test('is given no history where that cannot be read', async () => {
    const turns: Turn[] = [];
    const action = codeOf(async (turn) => void turns.push(turn));
    const { logged } = await answered({ action, readHistory: () => Promise.reject(new Error('secret')) });
    expect(turns).toMatchObject([{ history: [] }]);
    expect(logged('read-history')).toHaveLength(1);
  });

  test('is given no text where there is none, and no window where none is known', async () => {
    const turns: Turn[] = [];
    await answered({
      remaining: 0,
      pushes: [
        { MsgType: 'image', Content: 'x', agoMs: hour },
        { Content: 3, agoMs: hour },
      ],
      action: codeOf(async (turn) => void turns.push(turn)),
    });
    expect(turns).toMatchObject([{ text: '', window: { remaining: 0 } }]);
  });

  test('is answered with all that it says, in order, as its own', async () => {
    const { texts, world, states } = await answered({
      desk: ['oLin'],
      action: codeOf(async () => ({ say: [text('one'), text('two')] }), { otherwise }),
    });
    expect([texts(), states()]).toEqual([['one', 'two'], ['done']]);
    expect(world.documents('kefu_messages')).toMatchObject([{ from: 'code' }, { from: 'code' }]);
  });

  test.each([
    ['says nothing', async () => undefined, 0],
    [
      'throws',
      () => {
        throw new Error('secret');
      },
      0,
    ],
    ['fails', () => Promise.reject(new Error('secret')), 0],
    ['never ends', () => new Promise<undefined>(() => undefined), 45 * second],
  ])('that %s is followed by what the rule says otherwise', async (_how, run, afterMs) => {
    const { texts, world, states, logged } = await answered({
      desk: ['oLin'],
      action: codeOf(run, { otherwise }),
    });
    expect([texts(), states()]).toEqual([['otherwise'], ['done']]);
    expect(world.delivered[0]?.at).toBe(createWorld().time.now() + afterMs);
    expect(world.documents('kefu_messages')).toMatchObject([{ from: 'rule' }]);
    expect(logged('answer')).toEqual([{ step: 'answer', jobs: 1, said: 1, failed: true }]);
    expect(logged('run')).toHaveLength(_how === 'says nothing' ? 0 : 1);
    expect(world.lines.join()).not.toContain('secret');
  });

  test('has what is left of the call but eight seconds, where that is less', async () => {
    const never = codeOf(() => new Promise<undefined>(() => undefined), { otherwise });
    const { world } = await answered({ action: never }, { limitMs: 30 * second });
    expect(world.delivered[0]?.at).toBe(createWorld().time.now() + 22 * second);
  });

  test('of which nothing comes, with nothing otherwise, is seen to be given up', async () => {
    const { texts, states, logged, book } = await answered({ action: codeOf(async () => undefined) });
    expect([texts(), states()]).toEqual([[], ['dead']]);
    expect(logged('answer')).toEqual([{ step: 'answer', jobs: 1, said: 0, failed: true }]);
    expect(book()).toMatchObject({ remaining: 5, askedAt: 0 });
  });

  test('that says and does nothing, on purpose, is done', async () => {
    const { texts, states } = await answered({ action: codeOf(async () => ({}), { otherwise }) });
    expect([texts(), states()]).toEqual([[], ['done']]);
  });

  test.each([
    ['true, with a desk', true, ['oLin'], 'here'],
    ['true, without one', true, undefined, 'wechat'],
    ['wechat, with a desk', 'wechat', ['oLin'], 'wechat'],
    ['an account of WeChat’s, with a desk', { kf_account: 'a@b' }, ['oLin'], 'wechat'],
  ] as const)('that asks for a person with %s', async (_how, transfer, desk, where) => {
    const { world, book, texts, lane } = await answered({
      ...(desk === undefined ? {} : { desk }),
      action: codeOf(async () => ({ say: [text('one')], transfer })),
    });
    expect(texts()).toEqual(['one']);
    expect(book()?.['askedAt']).toBe(where === 'here' ? 0 : createWorld().time.now());
    const [conversation] = world.documents('kefu_conversations').filter(({ _id }) => _id === lane);
    expect(conversation?.['state']).toBe(where === 'here' ? 'waiting' : desk && 'bot');
  });

  test('that asks for a person asks for none where one has the user since, and for nobody else', async () => {
    const { world, lane, beside, book } = answering({
      action: codeOf(async () => {
        await world.time.wait(5 * second);
        return { transfer: 'wechat' };
      }),
    });
    world.put('kefu_windows', { _id: 'other', askedAt: 0 });
    await beside(async () => {
      await world.time.wait(2 * second);
      world.put('kefu_windows', { ...book(), _id: lane, handedAt: world.time.now() });
    });
    expect(world.documents('kefu_windows').map(({ askedAt }) => askedAt)).toEqual([0, 0]);
    const other = answering({ action: codeOf(async () => ({ transfer: 'wechat' })) });
    other.world.put('kefu_windows', { _id: 'other', askedAt: 0 });
    await other.world.time.until(other.answer());
    expect(other.world.documents('kefu_windows').map(({ askedAt }) => askedAt !== 0)).toEqual([true, false]);
  });

  test.each([40003, 45015, 45047])(
    'that asks for a person after a message that was refused with %d says no more, and asks',
    async (errCode) => {
      const { texts, book } = await refused(errCode, {
        action: codeOf(async () => ({ say: [text('one'), text('two')], transfer: true })),
      });
      expect([texts(), book()?.['askedAt']]).toEqual([[], createWorld().time.now()]);
    },
  );

  test('of which nothing comes asks for whom the rule names otherwise, though its words are refused', async () => {
    const { texts, book } = await refused(45015, {
      action: codeOf(async () => undefined, { otherwise: { ...otherwise, transfer: true } }),
    });
    expect([texts(), book()?.['askedAt']]).toEqual([[], createWorld().time.now()]);
  });
});

describe('a table that was changed since', () => {
  test('is followed as it is now', async () => {
    const { texts, world } = await answered({
      desk: ['oLin'],
      rules: { rules: [{ on: { message: 'any' }, say: [text('now'), text('so')] }] },
    });
    expect([texts(), world.documents('kefu_messages').map(({ from }) => from)]).toEqual([
      ['now', 'so'],
      ['code', 'code'],
    ]);
  });

  test('and has nothing to say leaves it unsaid', async () => {
    const { texts, states } = await answered({ rules: { rules: [] } });
    expect([texts(), states()]).toEqual([[], ['dead']]);
  });
});

describe('a model', () => {
  const ask = (fields: object, rest: Action = { otherwise }): Action => ({
    ask: { instructions: 'x', characters: 1800, ...fields },
    ...rest,
  });

  test.each([
    [5, 4],
    [3, 2],
    [2, 1],
    [1, 1],
    [0, 1],
  ])('that has much to say, with %d messages left, says it in %d, the last cut', async (remaining, count) => {
    const { texts, asked } = await answered({
      remaining,
      model: paragraphs(9),
      action: ask({ characters: 9000 }),
    });
    expect(texts()).toHaveLength(count);
    for (const [place, said] of texts().entries()) expect(said.endsWith('……')).toBe(place === count - 1);
    expect(asked).toHaveLength(1);
  });

  test('is heard while it writes: the first paragraph is there before the second, and the rest is one message', async () => {
    const { world, texts } = await answered({
      model: ['one\n\n', 5 * second, 'two\n\n', 5 * second, 'three\n\n', 'four'],
    });
    expect(texts()).toEqual(['one', 'two\n\nthree\n\nfour']);
    expect(world.delivered.map(({ at }) => at - createWorld().time.now())).toEqual([0, 10 * second]);
  });

  test('is waited for where the rest may need all the room there is', async () => {
    const { texts, world } = await answered({
      model: ['one\n\n', 5 * second, 'two'],
      action: ask({ characters: 2000 }),
    });
    expect(texts()).toEqual(['one\n\ntwo']);
    expect(world.delivered.map(({ at }) => at - createWorld().time.now())).toEqual([5 * second]);
    const small = { remaining: 2, model: ['one\n\n', 5 * second, 'two'] };
    expect((await answered(small)).texts()).toEqual(['one\n\ntwo']);
    // What is said needs no room any more: with 1900 characters to come there is enough.
    const later = [`${'x'.repeat(1100)}\n\n`, 5 * second, 'two'];
    expect((await answered({ model: later, action: ask({ characters: 2900 }) })).texts()).toHaveLength(2);
  });

  test('that says much at once is heard whole', async () => {
    const [one = '', two = '', three = ''] = paragraphs(3, 60);
    const { texts, signs } = await answered({ model: [one + two, second, three.trim()] });
    expect(texts()).toEqual([one.trim(), two.trim(), three.trim()]);
    expect(signs()).toEqual(['Typing', 'Typing', 'Typing', 'CancelTyping']);
    const last = await answered({ model: [one + two.trim()] });
    expect(last.texts()).toEqual([one.trim(), two.trim()]);
    expect(last.signs()).toEqual(['Typing', 'Typing', 'CancelTyping']);
  });

  test('that says more than finds room is not heard to its end', async () => {
    const { texts, world } = await answered({
      model: [...paragraphs(9), 20 * second, 'the end'],
      action: ask({ characters: 20_000 }),
    });
    expect(texts()).toHaveLength(4);
    expect(world.time.now() - createWorld().time.now()).toBeLessThan(second);
  });

  test('that says more characters than it may is cut at a sentence, which shows', async () => {
    const { texts } = await answered({ model: ['一句话。两句话。三句话。'], action: ask({ characters: 9 }) });
    expect(texts()).toEqual(['一句话。两句话。\n……']);
  });

  test('is labelled, unless its rule says no', async () => {
    const labels = async (fields: object) =>
      (await answered({ action: ask(fields) })).world.calls.flatMap(({ name, payload }) =>
        name === 'sendCustomMessage' ? [payload] : [],
      );
    expect(await labels({})).toMatchObject([{ aimsgcontext: { is_ai_msg: 1 } }]);
    expect(await labels({ label: false })).toEqual([{ touser: openid, ...text('answer') }]);
  });

  test('that breaks off has said what it said; what was not whole is not said, and the rule has its word', async () => {
    const { texts, states } = await answered({ model: ['one\n\nhal', new ModelFailure('Cut')] });
    expect([texts(), states()]).toEqual([['one', 'otherwise'], ['done']]);
    const silent = await answered({ model: ['one\n\nhal', new ModelFailure('Cut')], action: ask({}, {}) });
    expect([silent.texts(), silent.states()]).toEqual([['one'], ['done']]);
  });

  test('is shown the user’s pictures where its rule says so', async () => {
    const calls = async (fields: object) =>
      (
        await answered({ pushes: [{ MsgType: 'image', MediaId: 'm', agoMs: hour }], action: ask(fields) })
      ).world.calls.filter(({ name }) => name === 'getTempMedia').length;
    expect([await calls({ pictures: true }), await calls({}), await calls({ pictures: false })]).toEqual([
      1, 0, 0,
    ]);
  });

  test('has the time that its rule gives it', async () => {
    const slow = { model: [30 * second, 'answer'] };
    const { asked, world } = await answered({ ...slow, action: ask({ seconds: 20 }) });
    expect(asked[0]?.request.withinMs).toBe(20 * second);
    expect((await answered(slow, { limitMs: 50 * second })).asked[0]?.request.withinMs).toBe(42 * second);
    expect(world.lines.join()).not.toContain('lost');
  });

  test('that hands over says so, and a person is asked for', async () => {
    const model = ['one\n\nhalf', { call: handOverTool }];
    const elsewhere = await answered({ model });
    expect(elsewhere.texts()).toEqual(['one', 'half', expect.stringContaining('请再发一条消息')]);
    expect(elsewhere.book()?.['askedAt']).toBe(createWorld().time.now());
    expect(elsewhere.signs()).toEqual(['Typing', 'Typing', 'Typing', 'CancelTyping']);
    const here = await answered({ model, desk: ['oLin'] });
    expect(here.texts()).toEqual(['one', 'half', expect.stringContaining('请稍候')]);
    expect(here.book()?.['askedAt']).toBe(0);
    expect(here.world.documents('kefu_conversations')).toMatchObject([
      { state: 'waiting', touser: openid, account: 'miniprogram' },
    ]);
    expect(here.states()).toEqual(['done']);
  });

  test.each([
    ['all at once', ['one', { call: handOverTool }]],
    ['after a paragraph', ['one\n\nhalf', { call: handOverTool }]],
    ['long after it', ['one\n\n', 5 * second, 'two\n\n', 5 * second, { call: handOverTool }]],
  ] as const)(
    'that hands over %s has a person asked for where WeChat refuses its words',
    async (_how, model) => {
      const { texts, states, book } = await refused(45015, { model });
      expect([texts(), states()]).toEqual([[], ['done']]);
      expect(book()?.['askedAt']).toBeGreaterThan(0);
      const { world } = await refused(45015, { model, desk: ['oLin'] });
      expect(world.documents('kefu_conversations')).toMatchObject([{ state: 'waiting' }]);
    },
  );

  test('whose words WeChat refuses is checked no further, nor heard further where it has nobody to hand over to', async () => {
    const model = ['one\n\n', 5 * second, 'two\n\n', 5 * second, 'three'];
    const began = createWorld().time.now();
    const heard = await refused(45015, { model, action: ask({ check: true }) });
    expect([heard.checked.length, heard.world.time.now() - began]).toEqual([1, 10 * second]);
    const unheard = await refused(45015, { model, action: ask({ handOver: false }) });
    expect(unheard.world.time.now() - began).toBeLessThan(second);
    for (const { texts, book } of [heard, unheard]) expect([texts(), book()?.['askedAt']]).toEqual([[], 0]);
  });

  test('that hands over when a person has taken the conversation says nothing, and asks for nobody', async () => {
    const { world, lane, beside, texts, book, states } = answering({
      desk: ['oLin'],
      model: ['one\n\n', 5 * second, { call: handOverTool }],
    });
    await beside(async () => {
      await world.time.wait(2 * second);
      world.put('kefu_windows', { ...book(), _id: lane, handedAt: world.time.now() });
    });
    expect([texts(), states()]).toEqual([['one'], ['done']]);
    expect(world.documents('kefu_conversations').map(({ state }) => state)).not.toContain('waiting');
  });
});

describe('with check: true', () => {
  const finds = (result: object) => () => ({ ok: true, data: { result } }) as const;
  const checking = { ask: { instructions: 'x', check: true, characters: 1800 }, otherwise } as const;

  test('WeChat is asked about each message before it leaves', async () => {
    const { checked, texts } = await answered({ action: checking, model: ['one\n\n', second, 'two'] });
    expect(checked).toEqual(texts().map((content) => ({ content, version: 2, scene: 2, openid })));
    expect(texts()).toEqual(['one', 'two']);
    expect((await answered()).checked).toEqual([]);
  });

  test.each([
    ['finds fit', finds({ suggest: 'pass' }), true],
    ['would have looked at', finds({ suggest: 'review' }), true],
    ['finds risky', finds({ suggest: 'risky' }), false],
    ['says nothing of', finds({}), false],
    ['gives no answer about', () => ({ ok: true, data: {} }) as const, false],
    [
      'answers with a file about',
      () => ({ ok: true, file: { contentType: 'x', bytes: new Uint8Array() } }) as const,
      false,
    ],
    ['is not asked about', () => ({ ok: false, errCode: 45009, errMsg: '' }) as const, false],
  ])('what it %s is said or goes to a person', async (_how, check, isSaid) => {
    const { texts, book, states, logged } = await answered({ action: checking, check });
    expect(texts()).toEqual(isSaid ? ['answer'] : [expect.stringContaining('人工客服')]);
    expect(book()?.['askedAt'] !== 0).toBe(!isSaid);
    expect(states()).toEqual(['done']);
    expect(logged('check')).toHaveLength(isSaid ? 0 : 1);
    for (const line of logged('check'))
      expect(line).toMatchObject({ failed: true, errCode: expect.any(Number) });
  });

  test('nothing is said after what it finds risky, be it fit', async () => {
    const check = (content: string) => finds({ suggest: content.includes('two') ? 'risky' : 'pass' })();
    const [first = '', ...more] = paragraphs(3, 60);
    const { texts } = await answered({
      action: checking,
      model: ['one\n\n', `${first}two\n\n`, ...more],
      check,
    });
    expect(texts()).toEqual(['one', expect.stringContaining('人工客服')]);
  });

  test('and no person to go to, what it finds risky is what the rule says otherwise', async () => {
    const action = { ask: { ...checking.ask, handOver: false }, otherwise };
    const { texts, book } = await answered({ action, check: finds({ suggest: 'risky' }) });
    expect([texts(), book()?.['askedAt']]).toEqual([['otherwise'], 0]);
    expect((await answered({ action })).texts()).toEqual(['answer']);
  });
});

describe('kefu-answer', () => {
  test('by its timer answers every lane that was left, also where one of them fails', async () => {
    const { world, run, texts, logged } = answering({ pushes: [{ Content: 'x', agoMs: hour }] });
    for (const id of ['one', 'two']) {
      const push = { ToUserName: 'wx1', FromUserName: `o${id}`, CreateTime: 1, MsgType: 'text', Content: id };
      const job = {
        lane: laneOf('miniprogram', `o${id}`, { digest }),
        account: 'miniprogram',
        state: 'waiting',
      };
      world.put('kefu_jobs', {
        _id: id,
        ...job,
        attempts: 0,
        at: 1,
        push: id === 'one' ? 'no JSON' : JSON.stringify(push),
      });
    }
    expect(await world.time.until(run({}))).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(texts()).toEqual(['answer', 'answer']);
    expect(logged('answer-lane')).toHaveLength(1);
  });

  test('for a lane answers that and no other', async () => {
    const { world, answer, states } = answering();
    const job = { lane: 'other', account: 'miniprogram', state: 'waiting', attempts: 0, at: 1, push: '{}' };
    world.put('kefu_jobs', { _id: 'other', ...job });
    expect(await world.time.until(answer())).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(states()).toEqual(['done', 'waiting']);
  });

  test('by its timer forgets what was answered a day ago', async () => {
    const { world, run } = answering({ pushes: [] });
    await world.time.pass(hour - (world.time.now() % hour));
    world.put('kefu_jobs', { _id: 'old', lane: 'x', state: 'done', at: 1, push: '' });
    await world.time.until(run({}));
    expect(world.documents('kefu_jobs')).toEqual([]);
  });
});
