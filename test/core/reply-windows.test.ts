import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { laneOf, noteAct, noteRefused, noteSent, recallWindow } from '../../shared/core/reply-windows';
import type { Account } from '../../shared/wechat/account';
import { afterHappening, noWindow, type ReplyWindow } from '../../shared/wechat/reply-window';
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
      { numRuns: 300 },
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
