import { describe, expect, test } from '@jest/globals';
import { laneOf } from '../../../shared/core/reply-windows';
import { enqueue, whenWoken } from '../../../shared/functions/outbox/outbox';
import { kefuReceive } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import { createWorld, digest, type Mishap, type World } from '../../world/world';

/** What a push leaves behind: in its user's window, in the outbox, in the log. */

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

const rules: ReplyRules = {
  rules: [
    { on: { text: 'hi' }, say: [text('hello')] },
    { on: { text: 'two' }, say: [text('one'), text('two')] },
    { on: { text: 'person' }, transfer: true },
    { on: { text: 'typing' }, typing: true, say: [text('hello')] },
  ],
};

const created = 1_700_000_000;
const hour = 3_600_000;
const week = 7 * 24 * hour;

let pushes = 0;
const push = (Content: string, fields: object = {}) => {
  pushes += 1;
  return {
    ...{ ToUserName: 'gh_1', FromUserName: 'oUser', CreateTime: created, MsgType: 'text' },
    ...{ MsgId: `${pushes}`, Content },
    ...fields,
  };
};

const take = (world: World, event: object) =>
  world.time.until(
    world.run((ports) => kefuReceive(rules).handle(event, { source: 'wx_push', openid: 'oUser' }, ports), {
      limitMs: 20_000,
    }),
  );

const laneIn = (account: 'miniprogram' | 'official') => laneOf(account, 'oUser', { digest });
const window = (world: World) => world.documents('kefu_windows')[0];
const texts = (world: World) => world.delivered.map((delivery) => delivery.text);
const refusedBy = (errCode: number): Mishap => ({ kind: 'errcode', errCode });

describe('a push', () => {
  test('opens the window from the moment at which the user wrote, less what is answered', async () => {
    const world = createWorld();
    expect(await take(world, push('two'))).toBe('success');
    expect(window(world)).toMatchObject({
      _id: laneIn('miniprogram'),
      remaining: 3,
      closesAt: created * 1000 + 48 * hour,
      handedAt: 0,
    });
    expect(texts(world)).toEqual(['one', 'two']);
  });

  test('to the official account is of that account, and any other of the mini program', async () => {
    for (const [ToUserName, account] of [
      ['wx1', 'official'],
      ['gh_1', 'miniprogram'],
    ] as const) {
      const world = createWorld();
      await take(world, push('hi', { ToUserName }));
      expect(window(world)).toMatchObject({ _id: laneIn(account) });
    }
  });

  test('that is malformed, or another’s, is refused and leaves nothing', async () => {
    const world = createWorld();
    expect(await take(world, push('hi', { MsgId: undefined, CreateTime: 'soon' }))).toMatchObject({
      code: 'invalid-message',
    });
    expect(await take(world, push('hi', { FromUserName: 'oOther' }))).toMatchObject({ code: 'not-allowed' });
    expect([world.databaseCalls, world.calls]).toEqual([0, []]);
  });

  test.each([45015, 45047] as const)(
    'whose answer meets %i has that noted of its window',
    async (errCode) => {
      const world = createWorld();
      world.meet({ wechat: [refusedBy(errCode)] });
      await take(world, push('hi'));
      expect(window(world)).toMatchObject({ remaining: 0 });
      expect(Number(window(world)?.['closesAt']) <= world.time.now()).toBe(errCode === 45015);
      expect(world.lines.join()).toContain(`"errCode":${errCode}`);
    },
  );

  test('whose answer only the moment forbids has it kept for a week, and no other', async () => {
    for (const [errCode, count] of [
      [-1, 1],
      [40003, 0],
    ] as const) {
      const world = createWorld();
      world.meet({ wechat: [refusedBy(errCode)] });
      await take(world, push('hi'));
      const kept = world.documents('kefu_outbox');
      expect(kept).toHaveLength(count);
      for (const { deadline, by, state } of kept) {
        expect([by, state]).toEqual(['rule', 'waiting']);
        expect(Math.abs(Number(deadline) - world.time.now() - week)).toBeLessThan(1000);
      }
    }
  });

  test('sends what waited for it, with the lane’s word', async () => {
    const world = createWorld();
    await take(world, push('hi'));
    const message = { touser: 'oUser', ...text('waited') };
    const common = { account: 'miniprogram', fallback: [], priority: 0, deadline: 9e15 } as const;
    await world.time.until(world.run((ports) => enqueue([{ ...common, id: 'w', message }], ports)));
    const [waiting] = world.documents('kefu_outbox');
    world.put('kefu_outbox', { ...waiting, _id: 'w', dueAt: whenWoken, acts: 1 });
    world.put('kefu_windows', { ...window(world), _id: laneIn('miniprogram'), waiting: 'asleep' });
    await take(world, push('nothing'));
    expect(texts(world)).toEqual(['hello', 'waited']);
    expect(window(world)).toMatchObject({ waiting: 'none', acts: 2 });
  });

  test('that is handed to a person says so of the user from then on', async () => {
    const world = createWorld();
    expect(await take(world, push('person'))).toMatchObject({ MsgType: 'transfer_customer_service' });
    expect(Number(window(world)?.['handedAt'])).toBeGreaterThan(0);
    expect(world.lines.at(-1)).toContain('"transfer":true');
    expect(world.started).toEqual([]);
  });

  test('shows the typing sign before an answer, and to nobody else', async () => {
    const world = createWorld();
    await take(world, push('typing'));
    expect(world.calls.map(({ name }) => name)).toEqual(['setTyping', 'sendCustomMessage']);
    expect(world.calls[0]?.payload).toEqual({ touser: 'oUser', command: 'Typing' });
  });
});
