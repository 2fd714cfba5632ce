import { describe, expect, test } from '@jest/globals';
import { refusal, success } from '../../../shared/core/answer';
import {
  type Held,
  type Marked,
  mark,
  markMs,
  record,
  sendMarked,
} from '../../../shared/functions/outbox/batch';
import { type Fate, fateOf } from '../../../shared/functions/outbox/fates';
import { createRun, type Run } from '../../../shared/functions/outbox/run';
import { createWorld, type ProcessOptions, textTo, type World } from '../../world/world';

/** A batch step by step: what is marked, what of it leaves, and what is written of it. */

const second = 1000;

/** A message that waits, taken by a turn called `mine`. */
const put = (world: World, id: string, fields: object = {}): Held => {
  const payload = JSON.stringify({ message: textTo('oUser', id), fallback: [] });
  const held = { lane: id.slice(0, 1), state: 'waiting', dueAt: 0, acts: 0, account: 'miniprogram' } as const;
  const document = { ...held, attempts: 0, deadline: 9e15, payload, _id: id, ...fields };
  world.put('kefu_outbox', { holder: 'mine', leaseUntil: 1, ...document });
  return document;
};

const message = (world: World, id: string) => world.documents('kefu_outbox').find(({ _id }) => _id === id);
const holders = (world: World, ...ids: string[]) =>
  ids.map((id) => `${message(world, id)?.['state']} ${message(world, id)?.['holder']}`);
const texts = (world: World) => world.delivered.map(({ text }) => text);

const runIn = (world: World, options: ProcessOptions = {}): Run =>
  createRun(world.createProcess(options).ports);

describe('marking', () => {
  test('all that is this turn’s takes one step, under a name of its own, for 45 seconds', async () => {
    const world = createWorld({ databaseMs: 0 });
    const messages = ['a1', 'a2', 'b1'].map((id) => put(world, id));
    put(world, 'a3');
    const run = runIn(world);
    const markedAt = world.time.now();
    const marked = await world.time.until(mark(messages, 'mine', run));
    expect(marked).toMatchObject({ messages, markedAt, blocked: new Set() });
    expect(marked.name).toMatch(/^mine\../);
    expect(holders(world, 'a1', 'a2', 'b1', 'a3')).toEqual([
      ...Array.from({ length: 3 }, () => `sending ${marked.name}`),
      'waiting mine',
    ]);
    expect(message(world, 'a1')?.['leaseUntil']).toBe(markedAt + 45 * second);
    expect(markMs).toBe(45 * second);
    expect(world.databaseCalls).toBe(1);
    const next = await world.time.until(mark([put(world, 'c1')], 'mine', run));
    expect(next.name).not.toBe(marked.name);
  });

  test('leaves a lane alone of which anything is another’s, puts back what it marked of it, and has the others', async () => {
    const world = createWorld();
    const messages = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'].map((id) => put(world, id));
    put(world, 'a2', { holder: 'other' });
    put(world, 'c1', { state: 'sending', holder: 'other' });
    const run = runIn(world);
    const marked = await world.time.until(mark(messages, 'mine', run));
    expect(marked.messages.map(({ _id }) => _id)).toEqual(['b1', 'b2']);
    expect([...marked.blocked].toSorted()).toEqual(['a', 'c']);
    expect(holders(world, 'a1', 'a2', 'b1', 'b2', 'c1', 'c2')).toEqual([
      'waiting mine',
      'waiting other',
      `sending ${marked.name}`,
      `sending ${marked.name}`,
      'sending other',
      'waiting mine',
    ]);
    expect(run.hasTime()).toBe(true);
    // The step for all, its undoing, one each but c2 behind c1, and what was marked of a lane that is left alone.
    expect(world.databaseCalls).toBe(8);
  });

  test('is undone, and the run ended, where the database does not say what became of it', async () => {
    for (const mishap of ['before', 'after', 'part'] as const) {
      const world = createWorld();
      const messages = ['a1', 'b1'].map((id) => put(world, id));
      const run = runIn(world);
      world.meet({ database: [mishap] });
      const marked = await world.time.until(mark(messages, 'mine', run));
      expect(marked).toMatchObject({ messages: [], blocked: new Set(['a', 'b']) });
      expect(holders(world, 'a1', 'b1')).toEqual(['waiting mine', 'waiting mine']);
      expect([run.hasTime(), run.isOutOfTime()]).toEqual([false, false]);
      expect(world.lines.join()).toContain('"step":"mark"');
    }
  });
});

describe('what is marked', () => {
  const marking = (world: World, messages: readonly Held[], markedAt = world.time.now()): Marked => ({
    messages,
    name: 'mine.1',
    markedAt,
    blocked: new Set(),
  });
  const kinds = (decided: readonly [Held, Fate][]) =>
    decided.map(([{ _id }, { kind }]) => `${_id} ${kind}`).toSorted();

  test('leaves in the order of its lane, side by side with the others', async () => {
    const world = createWorld();
    const messages = ['a1', 'a2', 'a3', 'b1'].map((id) => put(world, id));
    const decided = await world.time.until(sendMarked(marking(world, messages), runIn(world)));
    expect(texts(world).filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(texts(world).indexOf('b1')).toBeLessThan(2);
    expect(kinds(decided)).toEqual(['a1 sent', 'a2 sent', 'a3 sent', 'b1 sent']);
  });

  test('is not begun behind one that has to wait, and is behind one that was given up', async () => {
    const world = createWorld({ wechatMs: 0 });
    world.meet({
      wechat: [
        { kind: 'errcode', errCode: -1 },
        { kind: 'errcode', errCode: 40003 },
      ],
    });
    const messages = ['a1', 'b1', 'a2', 'b2'].map((id) => put(world, id));
    const decided = await world.time.until(sendMarked(marking(world, messages), runIn(world)));
    expect(kinds(decided)).toEqual(['a1 again', 'a2 left', 'b1 dead', 'b2 sent']);
    expect(texts(world)).toEqual(['b2']);
  });

  test.each([
    [9999, 'sent'],
    [10_000, 'left'],
    [-9999, 'sent'],
    [-10_000, 'left'],
  ])('under a mark %i ms old by the clock of who set it is %s', async (ageMs, kind) => {
    const world = createWorld();
    const messages = [put(world, 'a1')];
    const old = marking(world, messages, world.time.now() - ageMs);
    expect(kinds(await world.time.until(sendMarked(old, runIn(world))))).toEqual([`a1 ${kind}`]);
  });

  test('is not begun where the run’s time is up', async () => {
    const world = createWorld();
    const messages = [put(world, 'a1')];
    const run = runIn(world);
    run.stop();
    expect(kinds(await world.time.until(sendMarked(marking(world, messages), run)))).toEqual(['a1 left']);
    expect(world.calls).toEqual([]);
  });

  test('is given up unsent where its deadline has come, or the functions did not write it', async () => {
    const world = createWorld({ wechatMs: 0 });
    const now = world.time.now();
    const messages = [
      put(world, 'a1', { deadline: now }),
      put(world, 'b1', { deadline: now + 1 }),
      put(world, 'c1', { payload: '' }),
    ];
    const decided = await world.time.until(sendMarked(marking(world, messages), runIn(world)));
    expect(kinds(decided)).toEqual(['a1 dead', 'b1 sent', 'c1 dead']);
    const codes = decided.map(([{ _id }, { reason }]) => `${_id} ${reason.code}`).toSorted();
    expect(codes).toEqual(['a1 deadline-passed', 'b1 ', 'c1 not-allowed']);
    expect(texts(world)).toEqual(['b1']);
  });

  test('is of unknown delivery where the function fails over it', async () => {
    const world = createWorld();
    const messages = [put(world, 'a1', { payload: '{' })];
    const decided = await world.time.until(sendMarked(marking(world, messages), runIn(world)));
    expect(decided[0]?.[1]).toMatchObject({
      kind: 'dead',
      reason: { code: 'unknown-delivery', errCode: -504002 },
    });
    expect(world.lines.join()).toContain('"step":"send-kept"');
  });
});

describe('writing down', () => {
  const busy = refusal('wechat-busy', -1, 'system busy');
  const write = (
    world: World,
    decided: readonly [Held, Fate][],
    name: string,
    options: ProcessOptions = {},
  ) => {
    const run = runIn(world, options);
    const marked = { messages: decided.map(([held]) => held), name, markedAt: 0, blocked: new Set<string>() };
    return world.time.until(record(decided, marked, run)).then(() => run.tally);
  };
  const putMarked = (world: World, id: string, fields: object = {}) =>
    put(world, id, { state: 'sending', holder: 'mark', ...fields });

  test('spreads what failed together: each batch comes back after a time of its own, from a half to the whole', async () => {
    const world = createWorld({ databaseMs: 0 });
    const delays: number[] = [];
    for (let batch = 0; batch < 200; batch += 1) {
      const name = `mark${batch}`;
      const both = ['1', '2'].map((id) => putMarked(world, `${batch}.${id}`, { holder: name }));
      const startedAt = world.time.now();
      await write(
        world,
        both.map((held) => [held, fateOf(busy, 0)]),
        name,
      );
      const due = both.map(({ _id }) => Number(message(world, _id)?.['dueAt']) - startedAt);
      expect(due[0]).toBe(due[1]);
      delays.push(due[0] ?? 0);
    }
    const share = Math.min(...delays) / (30 * second);
    expect(share).toBeGreaterThanOrEqual(0.5);
    expect(share).toBeLessThan(0.55);
    expect(Math.max(...delays)).toBeLessThanOrEqual(30 * second);
    expect(Math.max(...delays)).toBeGreaterThan(0.95 * 30 * second);
    expect(delays.reduce((sum, each) => sum + each, 0) / delays.length).toBeCloseTo(22.5 * second, -4);
    expect(new Set(delays).size).toBeGreaterThan(180);
  });

  test('takes one step for each fate, and counts what was sent and what was given up', async () => {
    const world = createWorld();
    const fate = [fateOf(success(), 0), fateOf(busy, 99), fateOf(busy, 0)];
    const decided = ['a1', 'a2', 'b1', 'b2', 'b3', 'c1', 'c2'].map((id): [Held, Fate] => [
      putMarked(world, id),
      fate['abc'.indexOf(id.slice(0, 1))] ?? fateOf(busy, 0),
    ]);
    expect(await write(world, decided, 'mark')).toEqual({ sent: 2, dead: 3 });
    expect(world.databaseCalls).toBe(3);
    const states = decided.map(([{ _id }]) => message(world, _id)?.['state']);
    expect(states).toEqual(['sent', 'sent', 'dead', 'dead', 'dead', 'waiting', 'waiting']);
  });

  test('says of what another run took for lost that it was sent, and nothing else; and nothing of another’s', async () => {
    const world = createWorld();
    for (const [id, answer, state] of [
      ['a1', success(), 'sent'],
      ['a2', busy, 'dead'],
    ] as const) {
      const lost = putMarked(world, id, { state: 'dead', code: 'unknown-delivery' });
      await write(world, [[lost, fateOf(answer, 0)]], 'mark');
      expect(message(world, id)).toMatchObject({ state });
    }
    const others = putMarked(world, 'b1', { holder: 'other' });
    await write(world, [[others, fateOf(success(), 0)]], 'mark');
    expect(message(world, 'b1')).toMatchObject({ state: 'sending', holder: 'other' });
  });

  test('is tried again where the database fails', async () => {
    const world = createWorld();
    const sent = putMarked(world, 'a1');
    world.meet({ database: ['before', 'before'] });
    await write(world, [[sent, fateOf(success(), 0)]], 'mark');
    expect(message(world, 'a1')).toMatchObject({ state: 'sent', payload: '' });
  });

  test('keeps the text of what was given up, but where only hashes are kept', async () => {
    for (const keep of ['text', 'hashes'] as const) {
      const world = createWorld();
      const dead = putMarked(world, 'a1');
      await write(world, [[dead, fateOf(busy, 99)]], 'mark', { keep });
      expect(message(world, 'a1')?.['payload'] === '').toBe(keep === 'hashes');
    }
  });

  test('shows at the desk what was sent and what was not, and goes on waiting with what waits', async () => {
    const world = createWorld();
    const fate = { a: fateOf(success(), 0), b: fateOf(busy, 99), c: fateOf(busy, 0) };
    const decided = (['a', 'b', 'c'] as const).map((id): [Held, Fate] => [putMarked(world, id), fate[id]]);
    for (const [{ _id }] of decided)
      world.put('kefu_messages', { _id, status: 'waiting', errCode: 7, errMsg: 'x' });
    await write(world, decided, 'mark', { desk: ['oLin'] });
    const shown = world
      .documents('kefu_messages')
      .map(({ status, errCode, errMsg }) => [status, errCode, errMsg]);
    expect(shown).toEqual([
      ['sent', 0, ''],
      ['failed', -1, 'system busy'],
      ['waiting', 7, 'x'],
    ]);
  });
});
