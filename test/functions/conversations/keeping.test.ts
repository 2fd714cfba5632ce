import { describe, expect, test } from '@jest/globals';
import type { CollectionName } from '../../../shared/core/collections';
import { laneOf, noteSent } from '../../../shared/core/reply-windows';
import { countDay } from '../../../shared/functions/conversations/stats';
import { keepHouse } from '../../../shared/functions/conversations/upkeep';
import { viewAll } from '../../../shared/functions/desk/view';
import { kefuSend } from '../../../shared/functions/send/send';
import { createWorld, digest, type ProcessOptions, type World } from '../../world/world';
import { deskIn, lin, pushOf, text, user } from './people';

/** What keeping costs a send, what is counted from it, and that it ends. */

const send = (world: World, event: object, options: ProcessOptions = { desk: [lin] }) =>
  world.time.until(
    world.run(
      (ports) => kefuSend.handle({ touser: user, ...text('x'), ...event }, { source: 'wx_http' }, ports),
      { limitMs: 20_000, ...options },
    ),
  );

describe('a send that is kept', () => {
  test('waits for the slower of WeChat and the database, and no longer', async () => {
    for (const [databaseMs, wechatMs] of [
      [200, 1],
      [1, 200],
      [200, 200],
    ] as const) {
      const world = createWorld({ databaseMs, wechatMs });
      await world.time.until(deskIn(world).receive(pushOf('hi')));
      const startedAt = world.time.now();
      expect(await send(world, {})).toMatchObject({ errCode: 0 });
      // Each takes half of what is usual more at most.
      expect(world.time.now() - startedAt).toBeLessThanOrEqual(1.5 * 200 + 5);
    }
  });

  test('is sent where nothing can be kept', async () => {
    const world = createWorld();
    world.meet({ database: Array.from({ length: 40 }, () => 'before' as const) });
    expect(await send(world, {})).toMatchObject({ errCode: 0 });
    expect(world.delivered).toHaveLength(1);
  });

  test('costs no round trip where nothing is kept', async () => {
    const world = createWorld();
    expect(await send(world, {}, {})).toMatchObject({ errCode: 0 });
    expect(world.databaseCalls).toBe(0);
  });

  test('in parts has the outcome of each', async () => {
    const world = createWorld();
    world.meet({ wechat: [undefined, { kind: 'errcode', errCode: 45047 }] });
    await send(world, { split: true, ...text('好'.repeat(1500)) });
    const kept = world.documents('kefu_messages').map(({ status, errCode }) => [status, errCode]);
    expect(kept).toEqual([
      ['sent', 0],
      ['failed', 45047],
      ['failed', 45047],
    ]);
  });
});

test('an answer in the response is kept where it is given, and not where a person has the conversation or is asked for', async () => {
  const world = createWorld();
  const { desk, receive, said } = deskIn(world);
  const id = laneOf('official', user, { digest });
  const take = () =>
    world.time.until(receive(pushOf('hi'), { desk: [lin] }, { account: 'official', passive: true }));
  expect(await take()).toMatchObject({ MsgType: 'text', Content: 'hello' });
  const answered = ['user hi received', 'rule hello sent'];
  expect(said()).toEqual(answered);
  await world.time.until(
    world.run(({ database, clock }) =>
      database('kefu_windows').update({ _id: id }, { askedAt: clock.now() }),
    ),
  );
  expect(await take()).toMatchObject({ MsgType: 'transfer_customer_service' });
  expect(said()).toEqual([...answered, 'user hi received']);
  await world.time.until(desk(lin, { action: 'claim', id }));
  expect(await take()).toBe('success');
  expect(said().filter((words) => words.startsWith('rule'))).toEqual(['rule hello sent']);
});

test('more that was sent than was believed to be left shows at the desk as nothing left', async () => {
  const world = createWorld();
  await world.time.until(deskIn(world).receive(pushOf('hi')));
  await world.time.until(
    world.run((ports) => noteSent(new Map([[laneOf('miniprogram', user, ports), 9]]), ports)),
  );
  const views = await world.time.until(
    world.run(async (ports) => {
      const held = await ports.database('kefu_conversations').find({});
      return viewAll(held, new Map(), ports);
    }),
  );
  expect(views).toMatchObject([{ touser: user, window: { remaining: 0 } }]);
});

test('where nothing is kept any more, what was is cleared', async () => {
  const world = createWorld();
  await world.time.until(deskIn(world).receive(pushOf('hi')));
  const hour = 60 * 60_000;
  await world.time.pass(hour - (world.time.now() % hour));
  await world.time.until(world.run((ports) => keepHouse(ports)));
  const left = (name: CollectionName) => world.documents(name);
  expect([...left('kefu_messages'), ...left('kefu_conversations')]).toEqual([]);
});

test('a day counts who answered what users wrote, messages in a row once, and the median of first answers', () => {
  const at = (
    second: number,
    lane: string,
    from: 'user' | 'rule' | 'model' | 'person' | 'service',
    failed = false,
  ) => ({ lane, at: second * 1000, from, status: failed ? 'failed' : 'sent' }) as const;
  const messages = [
    at(1, 'a', 'user'),
    at(2, 'a', 'user'),
    at(3, 'a', 'rule', true),
    at(11, 'a', 'person'),
    at(12, 'a', 'person'),
    at(20, 'a', 'user'),
    at(21, 'a', 'model'),
    at(1, 'b', 'user'),
    at(3, 'b', 'rule'),
    at(5, 'c', 'user'),
    at(9, 'c', 'service'),
    at(5, 'd', 'user'),
    { ...at(30, 'a', 'user'), from: 'event', score: 1 } as const,
  ];
  expect(countDay('2026-11-21', messages.toReversed())).toEqual({
    day: '2026-11-21',
    conversations: 4,
    firstAnswerMs: 4000,
    answeredByRule: 1,
    answeredByCode: 0,
    answeredByModel: 1,
    answeredByPerson: 1,
    satisfaction: { good: 0, fair: 0, bad: 1 },
    refused: 1,
  });
});
