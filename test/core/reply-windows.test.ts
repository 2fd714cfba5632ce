import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { laneOf, noteAct, noteRefused, noteSent, recallWindow } from '../../shared/core/reply-windows';
import type { Account } from '../../shared/wechat/account';
import { afterHappening, noWindow, type ReplyWindow } from '../../shared/wechat/reply-window';
import { depth } from '../depth';
import { createWorld, type World } from '../world/world';

/** The book of reply windows: what the rules say, kept in the database, whoever writes at the same time. */

const hour = 3_600_000;

const digest = (text: string) => createWorld().createProcess().ports.digest(text);
const lane = (account: Account, openid: string) => laneOf(account, openid, { digest });

function act(
  world: World,
  kind: 'message' | 'enter' | 'unfollow',
  account: Account = 'miniprogram',
  said = 0,
) {
  const done = { account, lane: lane(account, 'oUser'), kind, atMs: world.time.now(), said };
  return world.run((ports) => noteAct(done, ports));
}

const sent = (world: World, count = 1, account: Account = 'miniprogram') =>
  world.run((ports) => noteSent(new Map([[lane(account, 'oUser'), count]]), ports));

const recall = (world: World, account: Account = 'miniprogram', openid = 'oUser') =>
  world.run((ports) => recallWindow(account, openid, ports));

describe('the book', () => {
  test('for every story says what the rules say', async () => {
    const happening = fc.oneof(
      fc.constantFrom('message' as const, 'enter' as const, 'unfollow' as const, 'sent' as const),
      fc.integer({ min: 0, max: 50 * hour }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 20 }), async (story) => {
        const world = createWorld();
        let window: ReplyWindow = noWindow;
        for (const happened of story) {
          if (typeof happened === 'number') {
            await world.time.pass(happened);
            continue;
          }
          window = afterHappening('miniprogram', window, { kind: happened, at: world.time.now() });
          await world.time.until<unknown>(happened === 'sent' ? sent(world) : act(world, happened));
        }
        const now = world.time.now();
        expect(await world.time.until(recall(world))).toEqual(
          now < window.closesAt ? window : { remaining: 0, closesAt: window.closesAt },
        );
      }),
      { numRuns: depth(300) },
    );
  });

  test('loses nothing where many write at once, also where reads are two seconds old', async () => {
    for (const lagMs of [0, 2000]) {
      const world = createWorld({ lagMs });
      await world.time.until(act(world, 'message', 'official'));
      await world.time.until(Promise.all(Array.from({ length: 4 }, () => sent(world, 1, 'official'))));
      await world.time.pass(2000);
      expect((await world.time.until(recall(world, 'official'))) as ReplyWindow).toMatchObject({
        remaining: 1,
      });
      const acts = await world.time.until(
        Promise.all([
          act(world, 'message', 'official'),
          act(world, 'message', 'official'),
          sent(world, 2, 'official'),
        ]),
      );
      expect(
        acts
          .slice(0, 2)
          .map((noted) => (noted as { acts: number }).acts)
          .sort(),
      ).toEqual([2, 3]);
    }
  });

  test('counts the messages of an answer with the act that they answer', async () => {
    const world = createWorld();
    await world.time.until(act(world, 'message', 'miniprogram', 2));
    expect(await world.time.until(recall(world))).toMatchObject({ remaining: 3 });
  });

  test('never counts below nothing', async () => {
    const world = createWorld();
    await world.time.until(act(world, 'enter'));
    await world.time.until(sent(world, 5));
    expect(await world.time.until(recall(world))).toMatchObject({ remaining: 0 });
  });

  test('takes what each user was sent off that user’s count, and off nobody else’s, in a round trip a count', async () => {
    const counts = fc.array(
      fc.record({ said: fc.integer({ min: 0, max: 5 }), sent: fc.integer({ min: 0, max: 6 }) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(counts, async (users) => {
        const world = createWorld();
        const { ports } = world.createProcess();
        const laneFor = (place: number) => laneOf('miniprogram', `oUser${place}`, ports);
        const openid = (place: number) => `oUser${place}`;
        const opened = users.map(({ said }, place) =>
          noteAct(
            { account: 'miniprogram', lane: laneFor(place), kind: 'message', atMs: world.time.now(), said },
            ports,
          ),
        );
        await world.time.until(Promise.all(opened));
        const calls = world.databaseCalls;
        const sentTo = users.flatMap(({ sent: count }, place) =>
          count === 0 ? [] : [[laneFor(place), count] as const],
        );
        await world.time.until(noteSent(new Map(sentTo), ports));
        const ways = new Set(sentTo.map(([, count]) => count)).size;
        expect(world.databaseCalls - calls).toBe(ways);
        for (const [place, { said, sent: count }] of users.entries()) {
          const left = (await world.time.until(
            recallWindow('miniprogram', openid(place), ports),
          )) as ReplyWindow;
          expect(left.remaining).toBe(Math.max(0, 5 - said - count));
        }
      }),
      { numRuns: depth(500) },
    );
  });

  test('leaves a window that is shut as it is, whatever is sent or refused', async () => {
    const world = createWorld();
    await world.time.until(act(world, 'message'));
    await world.time.pass(49 * hour);
    const [before] = world.documents('kefu_windows');
    await world.time.until(sent(world, 2));
    const name = lane('miniprogram', 'oUser');
    for (const errCode of [45015, 45047] as const)
      await world.time.until(world.run((ports) => noteRefused(name, errCode, ports)));
    expect(world.documents('kefu_windows')).toEqual([before]);
  });

  test('is of the one user whom WeChat refused', async () => {
    const world = createWorld();
    const { ports } = world.createProcess();
    const [first, second] = ['oA', 'oB'].map((openid) => laneOf('miniprogram', openid, ports));
    for (const name of [first ?? '', second ?? ''])
      await world.time.until(
        noteAct(
          { account: 'miniprogram', lane: name, kind: 'message', atMs: world.time.now(), said: 0 },
          ports,
        ),
      );
    await world.time.until(noteRefused(first ?? '', 45047, ports));
    expect(await world.time.until(recallWindow('miniprogram', 'oA', ports))).toMatchObject({ remaining: 0 });
    expect(await world.time.until(recallWindow('miniprogram', 'oB', ports))).toMatchObject({ remaining: 5 });
  });

  test('says of an act whether messages wait for it, and notes them as being woken', async () => {
    const world = createWorld();
    const { ports } = world.createProcess();
    const _id = lane('miniprogram', 'oUser');
    expect(await world.time.until(act(world, 'message'))).toMatchObject({ acts: 1, wakes: false });
    expect(world.documents('kefu_windows')).toMatchObject([{ waiting: 'none' }]);
    await world.time.until(ports.database('kefu_windows').update({ _id }, { waiting: 'asleep' }));
    expect(await world.time.until(act(world, 'message'))).toMatchObject({ acts: 2, wakes: true });
    expect(world.documents('kefu_windows')).toMatchObject([{ waiting: 'woken' }]);
    expect(await world.time.until(act(world, 'enter'))).toMatchObject({ acts: 3, wakes: true });
  });

  test('notes an act though the database fails at times', async () => {
    const world = createWorld();
    world.meet({ database: ['before', undefined, 'before', 'before'] });
    expect(await world.time.until(act(world, 'message'))).toMatchObject({ acts: 1 });
    expect(await world.time.until(recall(world))).toMatchObject({ remaining: 5 });
  });

  test('tries to note an act again while there is time for one more step', async () => {
    for (const [limitMs, came] of [
      [5000, { acts: 1 }],
      [4999, 'failed'],
    ] as const) {
      const world = createWorld({ databaseMs: 0 });
      world.meet({ database: ['before'] });
      const done = { account: 'miniprogram', lane: 'l', kind: 'message', atMs: 0, said: 0 } as const;
      const noted = await world.time.until(world.run((ports) => noteAct(done, ports), { limitMs }));
      expect([noted]).toMatchObject([came]);
    }
  });

  test('gives up noting an act where the call has no time left, and says so', async () => {
    const world = createWorld();
    world.meet({ database: Array.from({ length: 50 }, () => 'before' as const) });
    const done = {
      account: 'miniprogram',
      lane: 'l',
      kind: 'message',
      atMs: world.time.now(),
      said: 0,
    } as const;
    const startedAt = world.time.now();
    const noted = world.run((ports) => noteAct(done, ports), { limitMs: 5000 });
    expect(await world.time.until(noted)).toBe('failed');
    expect(world.time.now() - startedAt).toBeLessThan(100);
  });

  test('keeps accounts and users apart, and their names to itself', async () => {
    const world = createWorld();
    await world.time.until(act(world, 'message', 'official'));
    expect(await world.time.until(recall(world))).toMatchObject({ remaining: 0 });
    expect(await world.time.until(recall(world, 'official', 'oOther'))).toMatchObject({ remaining: 0 });
    expect(JSON.stringify(world.documents('kefu_windows'))).not.toContain('oUser');
  });

  test('takes WeChat’s word', async () => {
    const world = createWorld();
    const refused = (errCode: 45015 | 45047) =>
      world.time.until(world.run((ports) => noteRefused(lane('miniprogram', 'oUser'), errCode, ports)));
    await world.time.until(act(world, 'message'));
    const { closesAt } = (await world.time.until(recall(world))) as ReplyWindow;
    await refused(45047);
    expect(await world.time.until(recall(world))).toEqual({ remaining: 0, closesAt });
    await refused(45015);
    const shut = (await world.time.until(recall(world))) as ReplyWindow;
    expect(shut.remaining).toBe(0);
    expect(shut.closesAt).toBeLessThanOrEqual(world.time.now());
  });

  test('fails nobody’s message when the database does; an act that cannot be noted is not said to be', async () => {
    const world = createWorld();
    world.meet({ database: Array.from({ length: 50 }, () => 'before' as const) });
    expect(await world.time.until(sent(world))).toBeUndefined();
    expect(await world.time.until(recall(world))).toBeUndefined();
    expect(await world.time.until(act(world, 'message'))).toBe('failed');
    expect(world.lines.length).toBeGreaterThanOrEqual(3);
  });
});
