import { describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../shared/core/access';
import type { Ports } from '../../../shared/core/ports';
import { laneOf } from '../../../shared/core/reply-windows';
import { drain } from '../../../shared/functions/outbox/drain';
import { helpWith } from '../../../shared/functions/send/help';
import { kefuSend } from '../../../shared/functions/send/send';
import type { CallName } from '../../../shared/wechat/calls';
import { depth } from '../../depth';
import { createWorld, digest, type Mishap, type ProcessOptions, type World } from '../../world/world';

/** What `kefu-send` makes of its options, in a world that fails where it is told to. */

const user = 'oUser';
const self: Caller = { source: 'wx_client', openid: user };
const owner: Caller = { source: 'wx_client,scf', openid: user };
const hour = 3_600_000;
const day = 24 * hour;

type Result = Record<string, unknown>;
type AllPorts = Ports<CallName>;

const text = (content: string) => ({ msgtype: 'text', text: { content } });
const long = (parts: number) => text('好'.repeat(682 * parts));
const lane = (openid = user) => laneOf('miniprogram', openid, { digest });
const refusedBy = (errCode: number): Mishap => ({ kind: 'errcode', errCode });

interface How extends ProcessOptions {
  readonly caller?: Caller;
  readonly change?: (ports: AllPorts) => Partial<AllPorts>;
}

const send = (world: World, event: object, { caller = self, change, ...options }: How = {}) =>
  world.time.until(
    world.run(
      (ports) => kefuSend.handle(event, caller, { ...ports, ...change?.(ports) }) as Promise<Result>,
      options,
    ),
  ) as Promise<Result>;

/** A window that is believed to be open for an hour. */
const open = (world: World, remaining: number, openid = user) => {
  const window = { remaining, closesAt: world.time.now() + hour, notedAt: 0, acts: 1, slept: 0 };
  const book = { ...window, waiting: 'none', handedAt: 0, askedAt: 0, _id: lane(openid) };
  world.put('kefu_windows', book);
  return book;
};
const windows = (world: World) => world.documents('kefu_windows');
const outbox = (world: World) =>
  world.documents('kefu_outbox').toSorted((one, other) => Number(one['seq']) - Number(other['seq']));
const texts = (world: World) => world.delivered.map(({ text: content }) => content);

describe('a text that was split', () => {
  test('leaves in its parts, in their order, with an answer for each', async () => {
    const world = createWorld();
    const answer = await send(world, { ...long(3), split: true });
    expect(answer).toEqual({
      errCode: 0,
      errMsg: 'ok',
      results: Array.from({ length: 3 }, () => ({ errCode: 0, errMsg: 'ok' })),
    });
    expect(texts(world).map((part) => part.length)).toEqual([682, 682, 682]);
  });

  test('is refused in one piece where nobody asked for parts, and one that fits has no list', async () => {
    const world = createWorld();
    expect(await send(world, long(3))).toMatchObject({ errCode: 45002 });
    expect(await send(world, { ...text('hi'), split: true })).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(texts(world)).toEqual(['hi']);
    world.meet({ wechat: [refusedBy(-1)] });
    expect(await send(world, { ...text('hi'), split: true })).not.toHaveProperty('results');
  });

  test('is refused where it would be more than twenty', async () => {
    expect(await send(createWorld(), { ...long(20), split: true })).toMatchObject({ errCode: 0 });
    expect(await send(createWorld(), { ...long(21), split: true })).toMatchObject({
      errCode: 45002,
      details: [{ path: 'text.content' }],
    });
  });

  test('that is refused at its first part may be tried again as a whole', async () => {
    const world = createWorld();
    world.meet({ wechat: [refusedBy(-1)] });
    expect(await send(world, { ...long(2), split: true })).toMatchObject({
      errCode: -1,
      retryable: true,
      results: [{ errCode: -1 }],
    });
    expect(world.calls).toHaveLength(1);
  });

  test.each([-1, 45047])('that is refused by %i after its first part may not', async (errCode) => {
    const world = createWorld();
    world.meet({ wechat: [undefined, refusedBy(errCode)] });
    const fallback = [{ subscribe: { template_id: 'T', data: { thing1: { value: 'x' } } } }];
    expect(await send(world, { ...long(3), split: true, fallback })).toMatchObject({
      errCode,
      retryable: false,
      results: [{ errCode: 0 }, { errCode }],
    });
    // No part after it, and nothing in the place of the whole.
    expect(world.calls.map(({ name }) => name)).toEqual(['sendCustomMessage', 'sendCustomMessage']);
  });

  test('that finds the window shut at its first part is stood in for as a whole', async () => {
    const world = createWorld();
    world.meet({ wechat: [refusedBy(45015)] });
    const fallback = [{ subscribe: { template_id: 'T', data: { thing1: { value: 'x' } } } }];
    expect(await send(world, { ...long(3), split: true, fallback })).toEqual({
      errCode: 0,
      errMsg: 'ok',
      sent: 'subscribe',
    });
  });

  test('is not begun where there is no time for all of it', async () => {
    const world = createWorld({ databaseMs: 0, wechatMs: 0 });
    const busy = { code: 'wechat-busy', retryable: true };
    expect(await send(world, { ...long(3), split: true }, { limitMs: 5999 })).toMatchObject(busy);
    expect(world.calls).toEqual([]);
    expect(await send(world, { ...long(3), split: true }, { limitMs: 6000 })).toMatchObject({ errCode: 0 });
    expect(await send(world, text('hi'), { limitMs: 4999 })).toMatchObject(busy);
    expect(await send(world, text('hi'), { limitMs: 5000 })).toMatchObject({ errCode: 0 });
    expect(world.calls).toHaveLength(4);
  });
});

describe('the window', () => {
  test('is counted by what WeChat took, in what is told and in what is noted', async () => {
    const world = createWorld();
    const { closesAt } = open(world, 4);
    expect(await send(world, { ...long(3), split: true, window: true })).toMatchObject({
      errCode: 0,
      window: { remaining: 1, closesAt },
    });
    expect(windows(world)).toMatchObject([{ remaining: 1, closesAt }]);
  });

  test('is told as nothing left where more was taken than was believed', async () => {
    const world = createWorld();
    open(world, 1);
    expect(await send(world, { ...long(3), split: true, window: true })).toMatchObject({
      window: { remaining: 0 },
    });
  });

  test('is not counted where nobody asks for it, and costs nothing then', async () => {
    const world = createWorld();
    const book = open(world, 4);
    expect(await send(world, text('hi'))).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(windows(world)).toEqual([book]);
    expect(world.databaseCalls).toBe(0);
  });

  test('of what never left is as it was', async () => {
    const world = createWorld();
    const book = open(world, 4);
    world.meet({ wechat: [refusedBy(-1)] });
    const { remaining, closesAt } = book;
    expect(await send(world, { ...text('hi'), window: true })).toMatchObject({
      errCode: -1,
      window: { remaining, closesAt },
    });
    expect(windows(world)).toEqual([book]);
    // One to read it: what was not taken needs no counting.
    expect(world.databaseCalls).toBe(1);
  });

  test.each([45015, 45047] as const)('is set right by %i, whoever asks', async (errCode) => {
    for (const window of [true, false]) {
      const world = createWorld();
      const { closesAt } = open(world, 4);
      world.meet({ wechat: [undefined, refusedBy(errCode)] });
      const answer = await send(world, { ...long(2), split: true, window });
      const told = answer['window'] as { remaining: number; closesAt: number } | undefined;
      const [noted] = windows(world);
      for (const after of window ? [told, noted] : [noted]) {
        expect(after).toMatchObject({ remaining: 0 });
        expect(Number(after?.closesAt) <= world.time.now()).toBe(errCode === 45015);
        expect(after?.closesAt === closesAt).toBe(errCode === 45047);
      }
    }
  });

  test('that has shut already keeps the moment at which it did', async () => {
    const world = createWorld();
    const { closesAt } = open(world, 4);
    await world.time.pass(2 * hour);
    world.meet({ wechat: [refusedBy(45015)] });
    expect(await send(world, { ...text('hi'), window: true })).toMatchObject({
      window: { remaining: 0, closesAt },
    });
  });

  test('alone is told without a message, of whom it is asked and of nobody else', async () => {
    const world = createWorld();
    const { closesAt } = open(world, 3);
    open(world, 5, 'oOther');
    expect(await send(world, { window: true })).toEqual({
      errCode: 0,
      errMsg: 'ok',
      window: { remaining: 3, closesAt },
    });
    const other = { window: true, touser: 'oOther' };
    expect(await send(world, other, { caller: owner })).toMatchObject({ window: { remaining: 5 } });
    expect(await send(world, other)).toMatchObject({ code: 'not-allowed' });
    expect(await send(world, { window: true, msgtype: 'text' })).toMatchObject({ code: 'invalid-message' });
    expect(await send(world, { touser: user })).toMatchObject({ code: 'invalid-message' });
    const nobodys = await send(world, { window: true }, { caller: { source: 'wx_trigger' } });
    expect(nobodys).toMatchObject({ errCode: 41009, details: [{ path: 'touser' }] });
    expect(world.calls).toEqual([]);
    world.meet({ database: ['before'] });
    expect(await send(world, { window: true })).toMatchObject({ code: 'wechat-busy', errCode: -502001 });
  });

  test('comes with what is kept, and is missing where it cannot be read', async () => {
    const world = createWorld();
    open(world, 3);
    const kept = { ...text('hi'), queue: true, window: true };
    expect(await send(world, kept, { caller: owner })).toMatchObject({
      errCode: 0,
      window: { remaining: 3 },
    });
    world.meet({ database: [undefined, 'before'] });
    expect(await send(world, kept, { caller: owner })).toStrictEqual({
      errCode: 0,
      errMsg: 'ok',
      id: expect.any(String),
    });
    expect(await send(world, { ...text('hi'), queue: true }, { caller: owner })).not.toHaveProperty('window');
    world.meet({ database: ['before'] });
    const refused = await send(world, kept, { caller: owner });
    expect(refused).toMatchObject({ code: 'unknown-delivery' });
    expect(refused).not.toHaveProperty('window');
    world.meet({ database: ['before'] });
    expect(await send(world, { ...text('hi'), window: true })).toStrictEqual({ errCode: 0, errMsg: 'ok' });
  });
});

describe('a fallback', () => {
  const data = { thing1: { value: '茶' } };
  const subscribe = { subscribe: { template_id: 'S', data } };
  const template = { template: { touser: 'oFollower', template_id: 'T', data: { first: { value: '茶' } } } };
  const event = { ...text('hi'), fallback: [subscribe, template] };
  const asOwner = { caller: owner };
  const names = (world: World) => world.calls.map(({ name }) => name);

  test('is not touched where the message goes through, which is said', async () => {
    const world = createWorld();
    expect(await send(world, event, asOwner)).toEqual({ errCode: 0, errMsg: 'ok', sent: 'message' });
    expect(names(world)).toEqual(['sendCustomMessage']);
  });

  test.each([45015, 45047])('stands in after %i: the first that goes through', async (errCode) => {
    const world = createWorld();
    world.meet({ wechat: [refusedBy(errCode)] });
    expect(await send(world, event, asOwner)).toMatchObject({ errCode: 0, sent: 'subscribe' });
    expect(world.calls[1]?.payload).toMatchObject({ touser: user, template_id: 'S', data });
    world.meet({ wechat: [refusedBy(errCode), refusedBy(43101)] });
    expect(await send(world, event, asOwner)).toMatchObject({ errCode: 0, sent: 'template' });
    expect(world.calls.at(-1)).toMatchObject({
      name: 'sendTemplateMessage',
      payload: { touser: 'oFollower', template_id: 'T' },
    });
  });

  test.each([-1, 40003, 48001])('does not stand in after %i', async (errCode) => {
    const world = createWorld();
    world.meet({ wechat: [refusedBy(errCode)] });
    expect(await send(world, event, asOwner)).toMatchObject({ errCode });
    expect(names(world)).toEqual(['sendCustomMessage']);
  });

  test('that may have arrived is the last one', async () => {
    const world = createWorld();
    world.meet({ wechat: [refusedBy(45015), { kind: 'silence', carriedOut: true }] });
    expect(await send(world, event, asOwner)).toMatchObject({ code: 'unknown-delivery', sent: 'subscribe' });
    expect(names(world)).toEqual(['sendCustomMessage', 'sendSubscribeMessage']);
  });

  test('that is refused too leaves the window’s refusal, with what became of each', async () => {
    const world = createWorld();
    world.meet({ wechat: [refusedBy(45015), refusedBy(43101), refusedBy(43004)] });
    expect(await send(world, event, asOwner)).toMatchObject({
      errCode: 45015,
      code: 'window-closed',
      details: [
        { path: 'fallback[0].subscribe', message: 'refused' },
        { path: 'fallback[1].template', message: 'refused' },
      ],
    });
  });

  test('is not begun where there is no time for it', async () => {
    const world = createWorld({ databaseMs: 0, wechatMs: 1000 });
    world.meet({ wechat: [refusedBy(45015)] });
    expect(await send(world, event, { ...asOwner, limitMs: 5100 })).toMatchObject({
      errCode: 45015,
      details: [{ path: 'fallback[0].subscribe' }, { path: 'fallback[1].template' }],
    });
    expect(names(world)).toEqual(['sendCustomMessage']);
    const enough = createWorld({ databaseMs: 0, wechatMs: 0 });
    enough.meet({ wechat: [refusedBy(45015)] });
    expect(await send(enough, event, { ...asOwner, limitMs: 5000 })).toMatchObject({ sent: 'subscribe' });
  });

  test.each<[string, object, string]>([
    ['of six entries', Array.from({ length: 6 }, () => subscribe), 'fallback must have 1 to 5 entries'],
    ['without one', [], 'fallback must have 1 to 5 entries'],
    ['that is no list', subscribe, 'fallback must be a list, not an object'],
    [
      'of an entry with two',
      [{ ...subscribe, ...template }],
      'fallback[0] must be {subscribe: {…}} or {template: {…}}',
    ],
    [
      'of an entry that is none',
      [subscribe, 'subscribe'],
      'fallback[1] must be {subscribe: {…}} or {template: {…}}',
    ],
    ['of an unknown kind', [{ toString: {} }], 'fallback[0] must be {subscribe: {…}} or {template: {…}}'],
    [
      'of a kind without a payload',
      [{ subscribe: 'S' }],
      'fallback[0] must be {subscribe: {…}} or {template: {…}}',
    ],
    [
      'without its user',
      [{ template: { template_id: 'T', data: template.template.data } }],
      'fallback[0].template.touser is missing: the user’s openid of the official account',
    ],
    [
      'for no openid',
      [{ template: { ...template.template, touser: 'not an openid!' } }],
      'fallback[0].template.touser must be an openid',
    ],
    [
      'of a value that is too long',
      [{ subscribe: { ...subscribe.subscribe, data: { number1: { value: 'x' } } } }],
      'fallback[0].subscribe.data.number1.value',
    ],
    [
      'of a subscribe message for a user of its own',
      [{ subscribe: { ...subscribe.subscribe, touser: 'oOther' } }],
      'fallback[0].subscribe.touser',
    ],
  ])('%s is refused before anything is sent', async (_what, fallback, message) => {
    const world = createWorld();
    const answer = await send(world, { ...text('hi'), fallback }, asOwner);
    expect(answer['errCode']).not.toBe(0);
    expect(String(answer['errMsg'])).toContain(message);
    expect(answer['details']).toHaveLength(1);
    expect(world.calls).toEqual([]);
  });

  test('whose fields are wrong is not asked for more', async () => {
    const answer = await send(createWorld(), { ...text('hi'), fallback: [{ template: {} }] }, asOwner);
    expect(JSON.stringify(answer['details'])).not.toContain('touser');
  });

  test('of five entries, and none at all, are taken', async () => {
    for (const fallback of [Array.from({ length: 5 }, () => subscribe), null, undefined])
      expect(await send(createWorld(), { ...text('hi'), fallback }, asOwner)).toMatchObject({ errCode: 0 });
  });

  test('of another account than the message’s needs its own user, and the account', async () => {
    const official = { ...text('hi'), account: 'official', touser: 'oFollower' };
    const refused = await send(createWorld(), { ...official, fallback: [subscribe] }, asOwner);
    expect(refused).toMatchObject({ errCode: 40035, details: [{ path: 'fallback[0].subscribe' }] });
    const own = { template: { template_id: 'T', data: template.template.data } };
    const world = createWorld();
    world.meet({ wechat: [refusedBy(45015)] });
    expect(await send(world, { ...official, fallback: [own] }, asOwner)).toMatchObject({ sent: 'template' });
    expect(world.calls[1]?.payload).toMatchObject({ touser: 'oFollower' });
    const nowhere = await send(createWorld(), event, {
      ...asOwner,
      change: ({ settings }) => ({ settings: { ...settings, officialAppid: '' } }),
    });
    expect(nowhere).toMatchObject({ errCode: 40013, details: [{ path: 'fallback[1].template' }] });
  });
});

describe('what is kept for later', () => {
  const later = { ...text('hi'), queue: true };

  test('is one message of the outbox for each part, in order, of which the first has the fallback', async () => {
    const world = createWorld();
    const fallback = [{ subscribe: { template_id: 'S', data: { thing1: { value: 'x' } } } }];
    const answer = await send(world, { ...long(3), split: true, queue: true, fallback });
    const ids = answer['ids'] as string[];
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok', id: ids[0], ids });
    expect(ids).toEqual([ids[0], `${ids[0]}-2`, `${ids[0]}-3`]);
    const kept = outbox(world);
    expect(kept.map(({ _id }) => _id)).toEqual(ids);
    expect(kept.map(({ seq }) => Number(seq) - Number(kept[0]?.['seq']))).toEqual([0, 1, 2]);
    expect(
      kept.map(({ payload }) => (JSON.parse(String(payload)) as { fallback: object[] }).fallback.length),
    ).toEqual([1, 0, 0]);
    expect(world.delivered).toEqual([]);
    expect(await send(world, later)).toEqual({ errCode: 0, errMsg: 'ok', id: expect.any(String) });
  });

  test('ranks a client’s below the owner’s, whatever priority it names', async () => {
    const world = createWorld();
    await send(world, { ...later, priority: 9 });
    await send(world, { ...later, touser: user, priority: 2 }, { caller: owner });
    await send(world, { ...later, touser: user }, { caller: owner });
    expect(outbox(world)).toMatchObject([
      { priority: 9, rank: 0 },
      { priority: 2, rank: 12 },
      { priority: 0, rank: 10 },
    ]);
  });

  test('ends at its deadline, at the latest after a week', async () => {
    const world = createWorld({ databaseMs: 0 });
    const now = world.time.now();
    for (const deadline of [now + hour, now + 8 * day, undefined, null])
      await send(world, { ...later, deadline });
    const week = now + 7 * day;
    expect(outbox(world).map(({ deadline }) => deadline)).toEqual([now + hour, week, week, week]);
    for (const [deadline, is] of [
      [world.time.now(), `${world.time.now()}`],
      [String(world.time.now() + hour), 'a string'],
      [Number.NaN, 'NaN'],
    ] as const)
      expect(await send(world, { ...later, deadline })).toMatchObject({
        errCode: 40035,
        details: [
          {
            path: 'deadline',
            message: `must be a moment in the future, in milliseconds since 1970, not ${is}`,
          },
        ],
      });
    for (const option of [{ deadline: now + hour }, { priority: 1 }])
      expect(await send(world, { ...text('hi'), ...option })).toMatchObject({
        details: [{ message: 'goes with queue: true only' }],
      });
    expect(await send(world, { ...text('hi'), deadline: null, priority: null })).toMatchObject({
      errCode: 0,
    });
  });

  test('are a hundred of a client also where it calls side by side, and what is refused is never sent', async () => {
    for (let seed = 1; seed <= Math.max(4, depth(30)); seed += 1) {
      const world = createWorld({ seed });
      const calls = Array.from({ length: 10 }, (_, call) => {
        const names = Array.from({ length: seed % 2 === 0 ? 1 : 30 }, (_, row) => `${call}.${row}`);
        const messages = names.map((name) => ({ ...text(name), queue: true }));
        // A list under an id is kept one by one.
        const event = call % 3 === 0 ? { messages, requestId: `${call}` } : { messages };
        const caller: Caller = { source: 'wx_client', openid: `oSide${seed}` };
        const answer = world.run((ports) => kefuSend.handle(event, caller, ports) as Promise<Result>);
        return { names, answer };
      });
      const draining = world.time.wait(seed).then(() => world.run((ports) => drain(ports)));
      const answers = await world.time.until(Promise.all(calls.map(({ answer }) => answer)));
      const waiting = outbox(world).filter(({ state }) => state === 'waiting');
      expect(waiting.length).toBeLessThanOrEqual(100);
      await world.time.until(draining);
      for (let round = 0; round < 5; round += 1) await world.time.until(world.run((ports) => drain(ports)));
      const kept = calls.flatMap(({ names }, call) => {
        const { results } = answers[call] as { results: { errCode: number }[] };
        return names.filter((_, row) => results[row]?.errCode === 0);
      });
      expect(kept.length).toBeGreaterThan(seed % 2 === 0 ? 9 : 29);
      expect(texts(world).toSorted()).toEqual(kept.toSorted());
    }
  });

  test('of one client is a hundred at most, and the owner’s side has no such limit', async () => {
    const world = createWorld();
    const hundred = Array.from({ length: 100 }, () => later);
    const { results } = (await send(world, { messages: hundred })) as { results: Result[] };
    expect(results.filter(({ errCode }) => errCode === 0)).toHaveLength(100);
    expect(await send(world, later)).toMatchObject({ code: 'rate-limited', errCode: 45011 });
    expect(await send(world, { messages: [later, later] })).toMatchObject({
      results: [{ code: 'rate-limited' }, { code: 'rate-limited' }],
    });
    expect(await send(world, later, { caller: { source: 'wx_client', openid: 'oOther' } })).toMatchObject({
      errCode: 0,
    });
    expect(await send(world, { ...later, touser: 'oElse' }, { caller: owner })).toMatchObject({ errCode: 0 });
    expect(outbox(world)).toHaveLength(102);
    const [first] = outbox(world);
    world.put('kefu_outbox', { ...first, state: 'sent', _id: String(first?._id) });
    expect(await send(world, { ...long(2), split: true, queue: true })).toMatchObject({
      code: 'rate-limited',
    });
    world.put('kefu_outbox', { ...first, state: 'sent', lane: 'x', _id: String(outbox(world)[1]?._id) });
    expect(await send(world, { ...long(2), split: true, queue: true })).toMatchObject({ errCode: 0 });
  });

  describe('under an id', () => {
    const once = { ...later, requestId: 'r1' };
    const parts = { ...long(3), split: true, queue: true, requestId: 'r1' };

    test('is kept once, and keeps the places of the first call', async () => {
      const world = createWorld();
      const first = await send(world, parts);
      const kept = outbox(world);
      await world.time.pass(hour);
      expect(await send(world, parts, { skewMs: -day })).toEqual(first);
      expect(outbox(world)).toEqual(kept);
      expect(await send(world, { ...parts, text: { content: 'another' } })).toMatchObject({
        errCode: 40035,
        details: [{ path: 'requestId' }],
      });
    });

    test('is completed by a repeat, in the same places', async () => {
      const world = createWorld();
      world.meet({ database: [undefined, undefined, 'part'] });
      expect(await send(world, parts)).toMatchObject({ errCode: -502001, retryable: true });
      const [first] = outbox(world);
      expect(outbox(world).length).toBeLessThan(3);
      await world.time.pass(5000);
      const { ids } = (await send(world, parts, { skewMs: -hour })) as { ids: string[] };
      expect(outbox(world).map(({ _id }) => _id)).toEqual(ids);
      expect(outbox(world).map(({ seq }) => Number(seq) - Number(first?.['seq']))).toEqual([0, 1, 2]);
    });

    test('that is a day old is not kept anew: known by what is left of it, or by nobody', async () => {
      const world = createWorld({ databaseMs: 0 });
      const first = await send(world, once);
      const { ports } = world.createProcess();
      const forget = () =>
        world.time.until(ports.database('kefu_outbox').remove({ _id: String(first['id']) }));
      await send(world, later);
      await forget();
      await world.time.pass(day - 1);
      expect(await send(world, once)).toEqual(first);
      expect(outbox(world)).toHaveLength(2);
      await world.time.pass(1);
      const before = world.databaseCalls;
      expect(await send(world, once)).toEqual(first);
      // What waits of this user, the id twice, and what is left of the message: nothing is kept again.
      expect(world.databaseCalls - before).toBe(4);
      await forget();
      expect(await send(world, once)).toMatchObject({ code: 'unknown-delivery', errCode: -501002 });
      expect(outbox(world)).toHaveLength(1);
    });

    test('that cannot be read yet may be tried again', async () => {
      const world = createWorld({ lagMs: 60_000 });
      await world.time.pass(60_000);
      await send(world, once);
      expect(await send(world, once)).toMatchObject({ errCode: -502001, retryable: true });
      expect(outbox(world)).toHaveLength(1);
    });
  });
});

describe('several messages', () => {
  test('have each an answer of its own, in their places, and what stands beside them holds for each', async () => {
    const world = createWorld();
    const messages = [
      text('one'),
      'two',
      { ...text('three'), touser: 'oOther' },
      text(''),
      { ...text('five'), account: 'nowhere' },
      { ...text('six'), window: false },
    ];
    open(world, 5);
    expect(await send(world, { messages, window: true })).toMatchObject({
      errCode: 0,
      results: [
        { errCode: 0, window: { remaining: 4 } },
        { errCode: 47001, errMsg: 'a message must be an object, not a string' },
        { code: 'not-allowed' },
        { code: 'invalid-message', details: [{ path: 'messages[3].text.content' }] },
        { code: 'invalid-message', details: [{ path: 'messages[4].account' }] },
        { errCode: 0 },
      ],
    });
    expect(texts(world)).toEqual(['one', 'six']);
  });

  test.each<[string, object, string]>([
    ['no list', { messages: text('hi') }, 'messages must be a list, not an object'],
    ['none', { messages: [] }, 'messages is empty'],
    [
      'too many',
      { messages: Array.from({ length: 101 }, () => text('hi')) },
      'messages has 101 entries; one call takes at most 100',
    ],
    [
      'a message beside them',
      { messages: [text('hi')], msgtype: 'text' },
      'msgtype does not go with messages',
    ],
    [
      'a wrong name beside them',
      { messages: [text('hi')], toUser: user },
      'toUser does not go with messages; did you mean touser?',
    ],
  ])('that are %s are refused as a whole', async (_what, event, errMsg) => {
    const world = createWorld();
    expect(await send(world, event)).toMatchObject({ code: 'invalid-message', errMsg });
    expect(world.calls).toEqual([]);
  });

  test('of one user leave in their order, those of others beside them', async () => {
    const world = createWorld({ wechatMs: 500 });
    const messages = ['a', 'b', 'c'].flatMap((name) =>
      [1, 2, 3].map((number) => ({ ...text(`${name}${number}`), touser: `oUser${name}` })),
    );
    const startedAt = world.time.now();
    expect(await send(world, { messages }, { caller: owner })).toMatchObject({ errCode: 0 });
    expect(world.time.now() - startedAt).toBeLessThan(3000);
    for (const name of ['a', 'b', 'c'])
      expect(texts(world).filter((content) => content.startsWith(name))).toEqual(
        [1, 2, 3].map((n) => `${name}${n}`),
      );
    const alone = createWorld({ wechatMs: 500 });
    await send(alone, { messages: ['1', '2', '3'].map(text) });
    expect(texts(alone)).toEqual(['1', '2', '3']);
  });

  test('that are only kept are so in one round trip, in their order, each under its name', async () => {
    const world = createWorld();
    const messages = [text('1'), { ...long(2), split: true }, text('4')];
    const { results } = (await send(world, { messages, queue: true, touser: user }, { caller: owner })) as {
      results: { id: string; ids?: string[] }[];
    };
    expect(world.databaseCalls).toBe(1);
    expect(outbox(world).map(({ _id }) => _id)).toEqual(results.flatMap(({ id, ids }) => ids ?? [id]));
    world.meet({ database: ['after'] });
    expect(await send(world, { messages, queue: true, touser: user }, { caller: owner })).toMatchObject({
      results: Array.from({ length: 3 }, () => ({ code: 'unknown-delivery', errCode: -502001 })),
    });
  });

  test('that are kept under ids, or with the window, are kept one by one', async () => {
    const world = createWorld();
    open(world, 5);
    const messages = [{ ...text('1'), window: true }, { ...text('2'), requestId: 'r' }, text('3')];
    expect(await send(world, { messages, queue: true, touser: user }, { caller: owner })).toMatchObject({
      results: [
        { id: expect.any(String), window: { remaining: 5 } },
        { id: expect.any(String) },
        { id: expect.any(String) },
      ],
    });
    expect(world.documents('kefu_requests')).toHaveLength(1);
    expect(outbox(world)).toHaveLength(3);
  });

  test('under one id are each remembered by their place; one with its own id by that', async () => {
    const world = createWorld();
    const messages = [text('1'), text('2'), { ...text('3'), requestId: 'own' }];
    const event = { messages, requestId: 'all' };
    expect(await send(world, event)).toMatchObject({
      results: [{ errCode: 0 }, { errCode: 0 }, { errCode: 0 }],
    });
    expect(await send(world, event)).toMatchObject({
      results: [{ errCode: 0 }, { errCode: 0 }, { errCode: 0 }],
    });
    expect(texts(world).toSorted()).toEqual(['1', '2', '3']);
    expect(await send(world, { ...text('3'), requestId: 'own' })).toMatchObject({ errCode: 0 });
    expect(texts(world)).toHaveLength(3);
    expect(await send(world, { ...text('1'), requestId: 'all' })).toMatchObject({ errCode: 0 });
    expect(texts(world)).toHaveLength(4);
  });

  test('have help with each that looks wrong', async () => {
    const encoded = text('%E8%8C%B6');
    const hints = [
      { path: 'messages[0].text.content', message: expect.stringContaining('looks url-encoded') },
    ];
    expect(await send(createWorld(), { messages: [encoded, text('x')] })).toMatchObject({
      results: [{ hints }, { errCode: 0 }],
    });
    expect(await send(createWorld(), { messages: [encoded], queue: true })).toMatchObject({
      results: [{ hints }],
    });
  });

  test('say what is wrong with each by its place, also where it is too much to list', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`x${index}`, 1]));
    const { results } = (await send(createWorld(), {
      messages: [text('x'), { ...text('y'), ...unknown }],
    })) as {
      results: { details?: { path: string; message: string }[] }[];
    };
    expect(results[1]?.details?.at(-1)).toMatchObject({ path: 'messages[1]', message: 'and 5 more' });
  });
});

describe('a client’s file', () => {
  const own = `cloud://e/kefu-files/${digest(user)}/a.png`;
  const image = (fileID: string) => ({ msgtype: 'image', image: { fileID } });
  const denied = { code: 'file-unavailable', errCode: -503002 };

  test.each<[string, object]>([
    ['at once', image('cloud://e/private.png')],
    ['later', { ...image('cloud://e/private.png'), queue: true }],
    [
      'as a picture of a card',
      {
        msgtype: 'miniprogrampage',
        miniprogrampage: { title: 't', pagepath: 'p', thumbFileID: 'cloud://e/private.png' },
      },
    ],
  ])('that is not its own is not sent, %s', async (_when, event) => {
    const world = createWorld();
    expect(await send(world, event)).toMatchObject(denied);
    expect(await send(world, { messages: [event] })).toMatchObject({ results: [denied] });
    expect([world.calls, outbox(world)]).toEqual([[], []]);
    expect(await send(world, event, { caller: owner })).not.toMatchObject(denied);
  });

  test('of its own folder is looked for', async () => {
    expect(await send(createWorld(), image(own))).toMatchObject({ errCode: -503003 });
  });

  test('is not spoken of where the message itself is wrong', async () => {
    const answer = await send(createWorld(), { ...image('cloud://e/private.png'), priority: 1 });
    expect(answer['details']).toEqual([{ path: 'priority', message: 'goes with queue: true only' }]);
  });
});

describe('a link in a text', () => {
  const linked = text('<a href="#" data-miniprogram-appid="wxOther" data-miniprogram-path="p">x</a>');
  const named = {
    caller: owner,
    change: ({ settings }: AllPorts) => ({ settings: { ...settings, miniprogramAppid: 'wxOwn' } }),
  };

  test('to another mini program is refused where a mini program sends it, and its own appid is known', async () => {
    expect(await send(createWorld(), { ...linked, touser: user }, named)).toMatchObject({
      errCode: 40013,
      details: [{ path: 'text.content' }],
    });
    expect(await send(createWorld(), { ...linked, touser: user }, { caller: owner })).toMatchObject({
      errCode: 0,
    });
    const official = { ...linked, touser: 'oFollower', account: 'official' };
    expect(await send(createWorld(), official, named)).toMatchObject({ errCode: 0 });
  });
});

describe('a text that looks url-encoded', () => {
  test.each<[string, string | undefined]>([
    ['%E8%8C%B6', '茶'],
    ['hi%20%E8%8C%B6', 'hi 茶'],
    ['%E8%8C%B6'.repeat(21), '茶'.repeat(20)],
    ['%e8%8c%b6', '茶'],
    ['a+b', undefined],
    ['100%20', undefined],
    ['50%', undefined],
    ['%E8%8C%B6 is tea', undefined],
    ['tea is %E8%8C%B6', undefined],
    ['茶%E8%8C%B6', undefined],
    ['%E8%8C%B6茶', undefined],
    ['%E8%8C', undefined],
    ['%E8%8C%B', undefined],
  ])('%j is told of as %j', async (content, meant) => {
    const { hints } = await send(createWorld(), text(content));
    expect(hints).toEqual(
      meant === undefined
        ? undefined
        : [
            {
              path: 'text.content',
              message: `looks url-encoded, and the user sees it as it stands; meant: ${meant}`,
            },
          ],
    );
  });

  test('is told of once, however many parts it has', async () => {
    const { hints } = await send(createWorld(), { ...text(`aaaaa${'%E8%8C%B6'.repeat(454)}`), split: true });
    expect(hints).toHaveLength(1);
  });
});

describe('help', () => {
  const missing = (field: string, file: string) =>
    `is missing; give ${field}, or ${file} with a file in cloud storage`;

  test.each([
    ['image.media_id', 'is missing', missing('media_id', 'fileID')],
    ['image.mediaId', 'is missing', missing('mediaId', 'fileID')],
    ['media_id', 'is missing', missing('media_id', 'fileID')],
    ['video.thumb_media_id', 'is missing', missing('thumb_media_id', 'thumbFileID')],
    ['video.thumbMediaId', 'is missing', missing('thumbMediaId', 'thumbFileID')],
    ['image.media_id', 'is empty', 'is empty'],
    ['image.media_id.x', 'is missing', 'is missing'],
    ['image.xmedia_id', 'is missing', 'is missing'],
    ['image', 'is not a field here; known: media_id', 'is not a field here; known: media_id, fileID'],
    ['image', 'is not a field here; known: mediaId', 'is not a field here; known: mediaId, fileID'],
    ['image', 'is odd; known: media_id', 'is odd; known: media_id'],
    ['msgtype', 'no; official can', "no; official can: account: 'official'"],
    ['text', 'no; official can', 'no; official can'],
    ['msgtype', 'is wrong', 'is wrong'],
  ])('with %s that %j says %j', (path, message, better) => {
    const fault = { path, message, errCode: 1 };
    expect(helpWith(fault, 'miniprogram')).toEqual({ ...fault, message: better });
  });

  test('with a type that is missing names those of the account', () => {
    const fault = { path: 'msgtype', message: 'is missing', errCode: 1 };
    expect(helpWith(fault, 'miniprogram').message).toBe(
      'is missing; it is one of text, image, miniprogrampage, link',
    );
    expect(helpWith(fault, 'official').message).toContain('news');
  });

  test('with a fallback that opens a blank page is given by its place', async () => {
    const data = { first: { value: 'x' } };
    const template = { template: { touser: 'oFollower', template_id: 'T', url: '', data } };
    expect(
      await send(createWorld(), { ...text('hi'), fallback: [template] }, { caller: owner }),
    ).toMatchObject({
      hints: [{ path: 'fallback[0].template.url' }],
    });
  });
});

describe('what is kept of a conversation', () => {
  const desk = { desk: ['oLin'] };
  const kept = (world: World) =>
    world
      .documents('kefu_messages')
      .toSorted((one, other) => Number(one['at']) - Number(other['at']))
      .map(({ from, by, status, errCode }) => ({ from, by, status, errCode }));
  const entry = { from: 'service', by: '', status: 'sent', errCode: 0 };
  const last = { status: 'failed', errCode: 45047 };

  test('is each part with what became of it', async () => {
    const world = createWorld();
    await send(world, { ...long(3), split: true }, desk);
    expect(kept(world)).toEqual([entry, entry, entry]);
    const failing = createWorld();
    failing.meet({ wechat: [undefined, refusedBy(45047)] });
    await send(failing, { ...long(3), split: true }, desk);
    expect(kept(failing)).toEqual([entry, { ...entry, ...last }, { ...entry, ...last }]);
    const late = createWorld();
    await send(late, { ...long(2), split: true }, { ...desk, limitMs: 5000 });
    expect(kept(late)).toMatchObject([{ status: 'failed', errCode: -501002 }, { status: 'failed' }]);
  });

  test('is written once where the message was sent, and once more where it was not', async () => {
    const costs = async (wechat: Mishap[]) => {
      const world = createWorld();
      await send(world, text('first'), desk);
      const before = world.databaseCalls;
      world.meet({ wechat });
      await send(world, text('second'), desk);
      return world.databaseCalls - before;
    };
    expect([await costs([]), await costs([refusedBy(-1)])]).toEqual([2, 3]);
  });

  test('under an id is written twice, and once more by a repeat of what was sent', async () => {
    const world = createWorld();
    await send(world, text('first'), desk);
    const costs = async (event: object, wechat: Mishap[] = []) => {
      const before = world.databaseCalls;
      world.meet({ wechat });
      await send(world, event, desk);
      return world.databaseCalls - before;
    };
    const once = { ...text('second'), requestId: 'r1' };
    const refused = { ...text('third'), requestId: 'r2' };
    // The id is taken and settled; a repeat asks for it twice.
    expect([await costs(once), await costs(once)]).toEqual([2 + 2 + 1, 2 + 1]);
    expect([await costs(refused, [refusedBy(40003)]), await costs(refused)]).toEqual([2 + 2 + 1, 2]);
  });

  test('under an id is of unknown outcome until that is known, by a repeat at the latest', async () => {
    const once = { ...long(2), split: true, requestId: 'r' };
    const world = createWorld();
    await send(world, once, desk);
    expect(kept(world)).toEqual([entry, entry]);
    const statuses = new Set<string>();
    for (let dieAt = 1; dieAt < 14; dieAt += 1) {
      const dying = createWorld();
      await send(dying, once, { ...desk, dieAt });
      for (const { status } of kept(dying)) statuses.add(`${status}`);
      const answer = await send(dying, once, desk);
      // Who was told that it was sent finds it so at the desk.
      if (answer['errCode'] === 0) expect(kept(dying)).toEqual([entry, entry]);
      else expect(kept(dying).every(({ status }) => status === 'unknown')).toBe(true);
    }
    expect([...statuses].toSorted()).toEqual(['sent', 'unknown']);
  });
});
