import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import { laneOf } from '../../../shared/core/reply-windows';
import { type TurnLease, takeLane, waitingJobs } from '../../../shared/functions/answer/jobs';
import { createSpeaker, endLost, type SpokenBy } from '../../../shared/functions/answer/speaker';
import type { Account } from '../../../shared/wechat/account';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, digest, type Mishap, type World, type WorldOptions } from '../../world/world';

/** Saying an answer, message by message: what stops it, what is written down of each, and what becomes of one that fails. */

const openid = 'oUser';
const hour = 60 * 60_000;
const lane = laneOf('miniprogram', openid, { digest });
const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

interface Scene extends WorldOptions {
  readonly account?: Account;
  /** Whether conversations are kept. */
  readonly isKept?: boolean;
}

const putJob = (world: World, _id: string, at: number) =>
  world.put('kefu_jobs', {
    _id,
    lane,
    account: 'miniprogram',
    state: 'waiting',
    attempts: 0,
    push: '{}',
    at,
  });
const putBook = (world: World, fields: object = {}) =>
  world.put('kefu_windows', {
    _id: lane,
    remaining: 5,
    closesAt: world.time.now() + hour,
    handedAt: 0,
    ...fields,
  });
const putClaim = (world: World) =>
  world.put('kefu_conversations', {
    _id: lane,
    state: 'person',
    agent: 'oLin',
    silentUntil: world.time.now() + hour,
  });

/** An instance that answers two pushes, of two seconds and of one second ago. */
async function answering({ account = 'miniprogram', isKept = false, ...options }: Scene = {}) {
  const world = createWorld({ databaseMs: 0, wechatMs: 0, ...options });
  const now = world.time.now();
  putJob(world, 'a', now - 2000);
  putJob(world, 'b', now - 1000);
  putBook(world);
  const process = world.createProcess(isKept ? { desk: ['oLin'] } : {});
  const { ports } = process;
  const [lease, jobs] = await world.time.until(
    Promise.all([takeLane(lane, ports), waitingJobs(lane, ports)]),
  );
  if (lease === undefined) throw new Error('the lane is somebody else’s');
  await world.time.until(lease.take(jobs));
  const speaker = createSpeaker({ lane, account, openid, jobs, lease }, ports);
  return {
    world,
    process,
    ports,
    lease,
    speaker,
    say: (message: object, from: SpokenBy = 'model') => world.time.until(speaker.say(message as never, from)),
    end: () => world.time.until(speaker.end()),
    turn: () => world.documents('kefu_turns')[0],
    book: () => world.documents('kefu_windows')[0],
    outbox: () => world.documents('kefu_outbox'),
    texts: () => world.delivered.map((delivery) => delivery.text),
  };
}

type Answering = Awaited<ReturnType<typeof answering>>;

/** Takes the lane over from an instance that died, and ends what it left. */
async function takenOver({ world, process }: Answering): Promise<TurnLease | undefined> {
  process.kill();
  await world.time.pass(10_000);
  const { ports } = world.createProcess();
  const lease = await world.time.until(takeLane(lane, ports as Ports<CallName>));
  if (lease !== undefined) await world.time.until(endLost(lease, ports));
  return lease;
}

describe('an answer', () => {
  test('is said message by message, each written down before it leaves, and counted at the end', async () => {
    const { world, say, end, speaker, turn, book, texts } = await answering({ isKept: true });
    expect(await say(text('one'))).toBe(true);
    expect(turn()).toMatchObject({ begun: 1, saying: expect.stringContaining('"one"') });
    expect(await say(text('two'), 'code')).toBe(true);
    expect(turn()).toMatchObject({ begun: 2, saying: expect.stringContaining('"two"') });
    expect([texts(), speaker.begun, speaker.stopped]).toEqual([['one', 'two'], 2, undefined]);
    await end();
    expect(book()).toMatchObject({ remaining: 3 });
    expect(world.documents('kefu_messages')).toMatchObject([
      { lane, from: 'model', status: 'sent', message: JSON.stringify(text('one')) },
      { lane, from: 'code', status: 'sent', message: JSON.stringify(text('two')) },
    ]);
    expect(world.documents('kefu_conversations')).toMatchObject([{ touser: openid, lastText: 'two' }]);
    expect(world.lines).toEqual([]);
  });

  test('of which nothing was sent costs the window nothing', async () => {
    const { world, end } = await answering();
    const before = world.databaseCalls;
    await end();
    expect(world.databaseCalls).toBe(before);
  });

  test('goes to an official account’s user as that account’s', async () => {
    const { say, world } = await answering({ account: 'official' });
    const music = {
      title: 't',
      description: 'd',
      musicurl: 'http://a.cn',
      hqmusicurl: 'http://a.cn',
      thumb_media_id: 'm',
    };
    expect(await say({ msgtype: 'music', music })).toBe(true);
    expect(world.calls).toMatchObject([{ payload: { touser: openid, msgtype: 'music' } }]);
    expect(world.lines).toEqual([]);
  });

  test('goes without a message that its account cannot send', async () => {
    const { say, world } = await answering();
    expect(await say({ msgtype: 'music', music: { musicurl: 'http://a.cn', thumb_media_id: 'm' } })).toBe(
      true,
    );
    expect(world.calls).toEqual([]);
    expect(world.lines.join()).toContain('40008');
  });

  test('goes without a message that is none, which the log shows', async () => {
    const { world, say, speaker, texts } = await answering();
    expect(await say({ msgtype: 'text', text: {} })).toBe(true);
    expect([speaker.begun, speaker.stopped]).toEqual([0, undefined]);
    expect(world.lines).toEqual(['{"step":"answer","failed":true,"errCode":44004}']);
    expect(await say(text('next'))).toBe(true);
    expect(texts()).toEqual(['next']);
  });
});

describe('not a word more is said', () => {
  test('once the lane is seen to be another’s', async () => {
    const { world, say, speaker, texts, turn } = await answering();
    world.put('kefu_turns', { ...turn(), _id: lane, holder: 'another' });
    await world.time.pass(2500);
    expect(await world.time.until(speaker.look())).toBe('lost');
    expect(await say(text('late'))).toBe(false);
    expect([texts(), speaker.begun, speaker.stopped]).toEqual([[], 0, 'lost']);
  });

  test('once the lane is another’s, which the write before the message tells', async () => {
    const { world, say, speaker, texts, turn } = await answering();
    await say(text('one'));
    world.put('kefu_turns', { ...turn(), _id: lane, holder: 'another' });
    expect(await say(text('two'))).toBe(false);
    expect([texts(), speaker.stopped]).toEqual([['one'], 'lost']);
  });

  test('once the user was handed to a person since the last push', async () => {
    for (const [sinceMs, stopped] of [
      [-1001, undefined],
      [-1000, 'handed-over'],
      [0, 'handed-over'],
    ] as const) {
      const { world, say, speaker, texts } = await answering();
      putBook(world, { handedAt: world.time.now() + sinceMs });
      expect(await say(text('x'))).toBe(stopped === undefined);
      expect(speaker.stopped).toBe(stopped);
      expect(texts()).toEqual(stopped === undefined ? ['x'] : []);
    }
  });

  test('once a person has the conversation', async () => {
    const { world, say, speaker, texts } = await answering({ isKept: true });
    await say(text('one'));
    putClaim(world);
    expect(await world.time.until(speaker.may())).toBe(false);
    expect(await say(text('two'))).toBe(false);
    expect([texts(), speaker.stopped]).toEqual([['one'], 'handed-over']);
  });

  test('by an answer of which nothing is said where the person took the conversation during the last look', async () => {
    const { world, say, speaker, texts } = await answering({ isKept: true });
    putClaim(world);
    expect(await say(text('one'))).toBe(false);
    expect([texts(), speaker.stopped]).toEqual([[], 'handed-over']);
  });

  test('once the user has written again, where nothing was said yet', async () => {
    for (const [agoMs, stopped] of [
      [0, 'overtaken'],
      [2000, 'overtaken'],
      [2001, undefined],
    ] as const) {
      const { world, say, speaker, texts } = await answering();
      // What is older than all that is answered is of a turn before, in a read that is behind.
      putJob(world, 'c', world.time.now() - agoMs);
      expect(await say(text('x'))).toBe(stopped === undefined);
      expect(speaker.stopped).toBe(stopped);
      expect(texts()).toEqual(stopped === undefined ? ['x'] : []);
    }
  });

  test('but an answer that is begun is said to its end, and does not look for more', async () => {
    const { world, say, speaker, texts } = await answering();
    await say(text('one'));
    putJob(world, 'c', world.time.now());
    const before = world.databaseCalls;
    expect(await world.time.until(speaker.look())).toBeUndefined();
    expect(world.databaseCalls - before).toBe(1);
    expect(await say(text('two'))).toBe(true);
    expect(texts()).toEqual(['one', 'two']);
  });

  test('and one that is begun is not overtaken by what a look finds that began before it', async () => {
    let beside = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const { world, speaker, texts } = await answering({ databaseMs: 100, seed });
      const story = async () => {
        const saying = speaker.say(text('one'), 'model');
        await world.time.wait(80);
        putJob(world, 'c', world.time.now());
        const looking = speaker.look();
        const isSaid = await saying;
        await looking;
        return isSaid;
      };
      if (!(await world.time.until(story()))) continue;
      beside += 1;
      expect([speaker.stopped, texts()]).toEqual([undefined, ['one']]);
    }
    expect(beside).toBeGreaterThan(0);
  });

  test('and what cannot be looked at stops nothing', async () => {
    const { world, say, texts } = await answering();
    world.meet({ database: ['before'] });
    expect(await say(text('x'))).toBe(true);
    expect(texts()).toEqual(['x']);
    expect(world.lines).toEqual(['{"step":"look","failed":true,"why":"Error"}']);
  });
});

describe('where nobody knows who may speak', () => {
  /** The look takes two calls of the database; then come the mark and the question, side by side. */
  const failing = (questions: number) => [
    undefined,
    undefined,
    undefined,
    ...Array.from({ length: questions }, () => 'before' as const),
  ];

  test('nothing is said, and the answer is made again', async () => {
    const scene = await answering({ isKept: true });
    scene.world.meet({ database: failing(3) });
    await expect(scene.say(text('one'))).rejects.toThrow('who has the conversation');
    expect(scene.texts()).toEqual([]);
    const lease = await takenOver(scene);
    expect(lease?.before).toMatchObject({ begun: 0, saying: '' });
    expect(scene.world.documents('kefu_jobs')).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    expect(scene.outbox()).toEqual([]);
  });

  test('the rest of an answer that is begun stands somewhere that it was not said', async () => {
    const scene = await answering({ isKept: true });
    await scene.say(text('one'));
    await scene.end();
    scene.world.meet({ database: [undefined, undefined, 'before', 'before', 'before'] });
    await expect(scene.say(text('two'))).rejects.toThrow('who has the conversation');
    await takenOver(scene);
    expect(scene.texts()).toEqual(['one']);
    expect(scene.outbox()).toMatchObject([{ state: 'dead', code: 'unknown-delivery' }]);
  });
});

describe('a message that WeChat', () => {
  const meets = async (mishap: Mishap, scene: Scene = {}) => {
    const answered = await answering({ isKept: true, ...scene });
    answered.world.meet({ wechat: [mishap] });
    return answered;
  };
  const silence = { kind: 'silence', carriedOut: true } as const;
  const busy = { kind: 'errcode', errCode: -1 } as const;

  test('does not take now waits in the outbox, and the rest follows', async () => {
    for (const mishap of [busy, { kind: 'unreached' } as const]) {
      const { world, say, end, speaker, outbox, book, texts } = await meets(mishap);
      expect(await say(text('one'))).toBe(true);
      expect(await say(text('two'))).toBe(true);
      await end();
      expect([speaker.stopped, texts()]).toEqual([undefined, ['two']]);
      const deadline = world.time.now() + 7 * 24 * hour;
      expect(outbox()).toMatchObject([
        { lane, state: 'waiting', by: 'model', account: 'miniprogram', deadline },
      ]);
      expect(outbox()[0]?.['payload']).toBe(
        JSON.stringify({ message: { touser: openid, ...text('one') }, fallback: [] }),
      );
      expect(book()).toMatchObject({ remaining: 4 });
      expect(world.documents('kefu_messages')).toMatchObject([{ status: 'waiting' }, { status: 'sent' }]);
      expect(world.lines[0]).toContain('"step":"answer","failed":true');
    }
  });

  test('does not take now is given up where a person took the conversation meanwhile', async () => {
    const { world, speaker, outbox } = await meets(busy, { wechatMs: 1000 });
    const saying = speaker.say(text('one'), 'model');
    await world.time.pass(100);
    putClaim(world);
    await world.time.until(saying);
    expect(outbox()).toMatchObject([{ state: 'dead', code: 'handed-over' }]);
  });

  test('may have taken is never sent again, and the rest follows', async () => {
    const { say, end, speaker, outbox, book, texts, world } = await meets(silence);
    expect(await say(text('one'))).toBe(true);
    expect(await say(text('two'))).toBe(true);
    await end();
    expect([speaker.stopped, texts()]).toEqual([undefined, ['one', 'two']]);
    expect(outbox()).toMatchObject([{ state: 'dead', code: 'unknown-delivery' }]);
    expect(book()).toMatchObject({ remaining: 4 });
    expect(world.documents('kefu_messages')).toMatchObject([{ status: 'unknown' }, { status: 'sent' }]);
    expect(world.lines[0]).toMatch(/"step":"answer","failed":true.*"code":"unknown-delivery"/);
  });

  test.each([
    [45015, { remaining: 0, closesAt: createWorld().time.now() }],
    [45047, { remaining: 0, closesAt: createWorld().time.now() + hour }],
    [40003, { remaining: 5, closesAt: createWorld().time.now() + hour }],
  ])('refuses with %d is not followed by another', async (errCode, left) => {
    const { say, end, speaker, outbox, book, texts, world } = await meets({ kind: 'errcode', errCode });
    expect(await say(text('one'))).toBe(false);
    expect(speaker.stopped).toBe('refused');
    expect(await say(text('two'))).toBe(false);
    await end();
    expect([texts(), outbox(), speaker.begun]).toEqual([[], [], 1]);
    expect(book()).toMatchObject(left);
    expect(world.documents('kefu_messages')).toMatchObject([{ status: 'failed', errCode, from: 'model' }]);
    expect(JSON.parse(world.lines[0] ?? '')).toMatchObject({ step: 'answer', failed: true, errCode });
  });

  test('is one of several keeps a name of its own, which nobody else’s answer has', async () => {
    const names = new Set<unknown>();
    for (const id of ['a', 'z']) {
      const { world, say, lease, ports, outbox } = await answering();
      putJob(world, id, 1);
      const jobs = await world.time.until(waitingJobs(lane, ports));
      const speaker = createSpeaker({ lane, account: 'miniprogram', openid, jobs, lease }, ports);
      world.meet({ wechat: [busy, busy, busy] });
      await say(text('x'));
      for (const content of ['x', 'x']) await world.time.until(speaker.say(text(content), 'model'));
      for (const { _id } of outbox()) names.add(_id);
    }
    expect(names.size).toBe(4);
  });
});

describe('an instance that died', () => {
  test('before it said anything leaves its jobs to be answered', async () => {
    const scene = await answering();
    expect((await takenOver(scene))?.before.jobs).toEqual(['a', 'b']);
    expect(scene.world.documents('kefu_jobs')).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    expect(scene.outbox()).toEqual([]);
  });

  test('in the middle of an answer leaves none of it to be said again: its last message may have arrived', async () => {
    const scene = await answering();
    await scene.say(text('one'));
    await scene.say(text('two'));
    putJob(scene.world, 'c', scene.world.time.now());
    await takenOver(scene);
    expect(scene.world.documents('kefu_jobs')).toMatchObject([
      { _id: 'a', state: 'done', push: '' },
      { _id: 'b', state: 'done', push: '' },
      { _id: 'c', state: 'waiting', push: '{}' },
    ]);
    expect(scene.outbox()).toMatchObject([
      { state: 'dead', code: 'unknown-delivery', errCode: -501002, by: 'model', lane },
    ]);
    expect(scene.outbox()[0]?.['payload']).toContain('"two"');
  });

  test('with a message in the outbox leaves it there, and no second one', async () => {
    const scene = await answering();
    scene.world.meet({ wechat: [{ kind: 'errcode', errCode: -1 }] });
    await scene.say(text('one'));
    await takenOver(scene);
    expect(scene.outbox()).toMatchObject([{ state: 'waiting' }]);
  });

  test('at its very end leaves an answer that is whole', async () => {
    const scene = await answering();
    await scene.say(text('one'));
    // The turn was closed, and the jobs were not.
    scene.world.put('kefu_turns', { ...scene.turn(), _id: lane, saying: '' });
    await takenOver(scene);
    expect(scene.world.documents('kefu_jobs')).toMatchObject([{ state: 'done' }, { state: 'done' }]);
    expect(scene.outbox()).toEqual([]);
  });
});
