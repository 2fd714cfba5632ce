import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import { beginOfDay, chinaDay, chinaTime } from '../../../shared/functions/conversations/china-time';
import {
  type Entry,
  hasDesk,
  keepEntries,
  keepMissing,
  keepNotice,
  keepOutcome,
  maySpeak,
  outcomeOf,
  previewOf,
} from '../../../shared/functions/conversations/history';
import { recallSaid } from '../../../shared/functions/conversations/recall';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, type World } from '../../world/world';
import { lane, lin, text, user } from './people';

/** What is kept of a conversation, step by step, and what the list shows of it. */

const whose = { account: 'miniprogram', touser: user } as const;
const desk = { desk: [lin] };

const run = <T>(world: World, work: (ports: Ports<CallName>) => Promise<T>, options: object = desk) =>
  world.time.until(world.run(work, options));
const keep = (world: World, entries: readonly Entry[]) =>
  run(world, (ports) => keepEntries(whose, entries, ports));

const entry = (id: string, from: Entry['from'] = 'user', message: object = text(id)): Entry => ({
  id,
  from,
  message,
});
const conversation = (world: World) => world.documents('kefu_conversations').find(({ _id }) => _id === lane);
const messages = (world: World) => world.documents('kefu_messages');
const ids = (world: World) => messages(world).map(({ _id }) => _id);

test('what WeChat answered makes a message sent, failed, or unknown', () => {
  expect(outcomeOf({ errCode: 0, errMsg: 'ok' })).toEqual({ status: 'sent', errCode: 0, errMsg: '' });
  for (const [code, status] of [
    ['unknown-delivery', 'unknown'],
    ['window-closed', 'failed'],
  ])
    expect(outcomeOf({ errCode: 1, errMsg: 'no', code })).toEqual({ status, errCode: 1, errMsg: 'no' });
});

test('the list shows the first sixty characters of a text, and the type of what is none', () => {
  expect(previewOf(text('你好'))).toBe('你好');
  expect(previewOf(text('😀'.repeat(61)))).toBe('😀'.repeat(60));
  expect(previewOf({ msgtype: 'image', image: { media_id: 'M' } })).toBe('[image]');
  expect(previewOf({ msgtype: 'text', text: { content: 7 } })).toBe('[text]');
});

test('there is a desk where people may answer and something is kept', () => {
  const { ports } = createWorld().createProcess(desk);
  const desks = (historyDays: number, people: readonly string[]) =>
    hasDesk({ settings: { ...ports.settings, historyDays, operators: new Set(people) } });
  expect([desks(1, [lin]), desks(1, []), desks(0, [lin]), desks(0, [])]).toEqual([true, false, false, false]);
});

describe('keeping', () => {
  test('what was said makes the conversation, with its last words in small letters to be found by', async () => {
    const world = createWorld({ databaseMs: 0 });
    const now = world.time.now();
    await keep(world, [entry('Hello'), entry('World', 'rule')]);
    expect(conversation(world)).toMatchObject({
      ...{ account: 'miniprogram', touser: user, state: 'bot', agent: '', unread: 0, asked: 0, steps: 0 },
      ...{ lastText: 'World', lastFrom: 'rule', words: 'ouser world', changedAt: now },
    });
    expect(messages(world)).toMatchObject([
      { _id: 'Hello', lane, account: 'miniprogram', from: 'user', at: now, status: 'sent', media: 'none' },
      { _id: 'World', at: now + 1 },
    ]);
    expect(messages(world).map(({ message }) => JSON.parse(String(message)))).toEqual([
      text('Hello'),
      text('World'),
    ]);
  });

  test('notes and events are no last words', async () => {
    const world = createWorld();
    await keep(world, [entry('first'), entry('a note', 'note'), entry('an event', 'event')]);
    expect(conversation(world)).toMatchObject({ lastText: 'first', lastFrom: 'user' });
    await keep(world, [entry('another note', 'note')]);
    expect(conversation(world)).toMatchObject({ lastText: 'first', lastFrom: 'user' });
    const other = createWorld();
    await keep(other, [entry('a note', 'note')]);
    expect(conversation(other)).toMatchObject({ lastText: '', lastFrom: 'event', words: 'ouser' });
  });

  test('without its user, whom the conversation names', async () => {
    const world = createWorld();
    await keep(world, [entry('1', 'service', { touser: user, ...text('x') })]);
    expect(JSON.parse(String(messages(world)[0]?.['message']))).toEqual(text('x'));
  });

  test('again changes nothing, and completes what was kept in part', async () => {
    const world = createWorld();
    await keep(world, [entry('2')]);
    const before = messages(world)[0];
    await keep(world, [entry('1'), entry('2'), entry('3')]);
    expect(ids(world).toSorted()).toEqual(['1', '2', '3']);
    expect(messages(world).find(({ _id }) => _id === '2')).toEqual(before);
    const calls = world.databaseCalls;
    await keep(world, [entry('2')]);
    // The conversation, and the message that is there.
    expect(world.databaseCalls - calls).toBe(2);
  });

  test('a step says whether it was taken', async () => {
    const world = createWorld();
    const ask = () => run(world, (ports) => keepEntries(whose, [entry('x')], ports, { step: 'ask' }));
    expect(await keep(world, [entry('1')])).toBe(false);
    expect([await ask(), await ask()]).toEqual([true, false]);
    expect(conversation(world)).toMatchObject({ state: 'waiting' });
    const fresh = createWorld();
    expect(await run(fresh, (ports) => keepEntries(whose, [entry('x')], ports, { step: 'ask' }))).toBe(true);
    expect(conversation(fresh)).toMatchObject({ state: 'waiting' });
  });

  test('what is missing adds it with its changes, and what is there already changes nothing', async () => {
    const world = createWorld({ databaseMs: 0 });
    const missing = () =>
      run(world, (ports) => keepMissing(whose, entry('1'), ports, { unread: { add: 1 } }));
    await keep(world, [entry('0')]);
    await world.time.pass(1000);
    const now = world.time.now();
    await missing();
    expect(conversation(world)).toMatchObject({ unread: 1, lastText: '1', lastAt: now, changedAt: now });
    await keep(world, [entry('2')]);
    await missing();
    expect(conversation(world)).toMatchObject({ unread: 1, lastText: '2' });
    expect(ids(world)).toEqual(['0', '1', '2']);
  });

  test('a notice makes no conversation, and is no last word of one, but the desk looks at it', async () => {
    const world = createWorld({ databaseMs: 0 });
    const notice = () =>
      run(world, (ports) => keepNotice(whose, { from: 'service', message: { msgtype: 'subscribe' } }, ports));
    await notice();
    expect([messages(world).length, conversation(world)]).toEqual([1, undefined]);
    await keep(world, [entry('hi')]);
    world.put('kefu_conversations', { _id: 'other', changedAt: 5 });
    await world.time.pass(1000);
    await notice();
    await notice();
    expect(messages(world)).toHaveLength(4);
    expect(conversation(world)).toMatchObject({ lastText: 'hi', changedAt: world.time.now() });
    expect(world.documents('kefu_conversations')[1]).toEqual({ _id: 'other', changedAt: 5 });
  });

  test('what became of messages changes those, and costs nothing where there is nothing to say', async () => {
    const world = createWorld({ databaseMs: 0 });
    await keep(world, [entry('1'), entry('2')]);
    await world.time.pass(1000);
    const outcome = (names: readonly string[], what: Parameters<typeof keepOutcome>[1], options?: object) =>
      run(world, (ports) => keepOutcome(names, what, ports), options);
    await outcome(['1'], { status: 'failed', errCode: 7 });
    expect(messages(world)).toMatchObject([
      { status: 'failed', errCode: 7, changedAt: world.time.now() },
      { status: 'sent', errCode: 0 },
    ]);
    const calls = world.databaseCalls;
    await outcome([], { status: 'failed' });
    await outcome(['2'], undefined);
    await outcome(['2'], { status: 'failed' }, {});
    expect(world.databaseCalls).toBe(calls);
  });

  test('costs nothing where no conversations are kept', async () => {
    const world = createWorld();
    const none = await run(
      world,
      async (ports) => {
        await keepMissing(whose, entry('1'), ports);
        await keepNotice(whose, entry('1'), ports);
        return [await keepEntries(whose, [entry('1')], ports), await maySpeak(whose, ports)];
      },
      {},
    );
    expect(none).toEqual([false, true]);
    expect(world.databaseCalls).toBe(0);
  });
});

describe('the bot may speak', () => {
  const may = (world: World) => run(world, (ports) => maySpeak(whose, ports));

  test('to whom nobody knows, who is known from then on; the question is a write', async () => {
    const world = createWorld();
    expect([await may(world), await may(world)]).toEqual([true, true]);
    expect(conversation(world)).toMatchObject({ state: 'bot', asked: 1 });
  });

  test.each([
    [0, true],
    [1, false],
  ])('where silence ends %i ms from now: %s', async (endsInMs, allowed) => {
    const world = createWorld({ databaseMs: 0 });
    const silentUntil = world.time.now() + endsInMs;
    world.put('kefu_conversations', { _id: lane, silentUntil, asked: 0 });
    world.put('kefu_conversations', { _id: 'other', silentUntil: 0, asked: 0 });
    expect(await may(world)).toBe(allowed);
    expect(world.documents('kefu_conversations').map(({ asked }) => asked)).toEqual([allowed ? 1 : 0, 0]);
  });

  test('where nobody can be asked: an error, and no guess', async () => {
    const world = createWorld();
    world.meet({ database: ['before'] });
    expect(await may(world)).toBe('failed');
  });
});

test('who makes the next answer is told the last fifty things said, by whom, but what failed and what is answered now', async () => {
  const world = createWorld();
  const put = (_id: string, at: number, fields: object = {}) =>
    world.put('kefu_messages', {
      ...{ _id, lane, at, from: 'user', status: 'received', message: JSON.stringify(text(_id)) },
      ...fields,
    });
  const picture = JSON.stringify({ msgtype: 'image', image: { media_id: 'M' } });
  put('2', 2, { from: 'rule' });
  const long = 'x'.repeat(200);
  put('1', 1, { message: JSON.stringify(text(long)) });
  put('3', 3, { from: 'person', message: picture });
  put('failed', 4, { from: 'model', status: 'failed' });
  put('now', 5);
  put('note', 6, { from: 'note' });
  put('event', 7, { from: 'event' });
  put('other', 8, { lane: 'other' });
  const recalled = () => run(world, (ports) => recallSaid(lane, ['now'], ports));
  expect(await recalled()).toEqual([
    { from: 'user', text: long, at: 1 },
    { from: 'service', text: '2', at: 2 },
    { from: 'person', text: '[image]', at: 3 },
  ]);
  for (let at = 10; at < 70; at += 1) put(`m${at}`, at, { from: at % 2 === 0 ? 'code' : 'service' });
  const many = await recalled();
  expect(Array.isArray(many) && many.map(({ at }) => at)).toEqual(
    Array.from({ length: 50 }, (_, row) => 20 + row),
  );
  const calls = world.databaseCalls;
  expect(await run(world, (ports) => recallSaid(lane, [], ports), {})).toEqual([]);
  expect(world.databaseCalls).toBe(calls);
});

test('days and times are China’s', () => {
  const at = Date.parse('2026-11-21T16:05:59Z');
  expect([chinaTime(at), chinaDay(at)]).toEqual(['2026年11月22日 00:05', '2026-11-22']);
  expect(chinaTime(Date.parse('2026-01-02T01:00:00Z'))).toBe('2026年1月2日 09:00');
  expect(beginOfDay('2026-11-22')).toBe(Date.parse('2026-11-21T16:00:00Z'));
  for (const text_ of ['2026-13-01', 'x2026-11-22', '2026-11-22x', '26-11-22', ''])
    expect(beginOfDay(text_)).toBeUndefined();
});
