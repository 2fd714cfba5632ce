import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noteAct, noteRefused, noteSent, readWindow } from '../../shared/core/reply-windows';
import { afterHappening, noWindow, type ReplyWindow } from '../../shared/wechat/reply-window';
import { createWorld } from '../functions/outbox/outbox-world';

/** The book of reply windows: what the rules say, kept in the database, whoever writes at the same time. */

const hour = 3_600_000;

describe('the book', () => {
  test('for every story says what the rules say', async () => {
    const happening = fc.oneof(
      fc.constantFrom('message' as const, 'enter' as const, 'unfollow' as const, 'sent' as const),
      fc.integer({ min: 0, max: 50 * hour }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 20 }), async (story) => {
        const world = createWorld();
        const { ports } = world.createProcess();
        let window: ReplyWindow = noWindow;
        for (const happened of story) {
          if (typeof happened === 'number') {
            world.advance(happened);
            continue;
          }
          world.advance(1);
          window = afterHappening('miniprogram', window, { kind: happened, at: world.now() });
          if (happened === 'sent') await noteSent('miniprogram', 'oUser', ports);
          else await noteAct('miniprogram', 'oUser', happened, world.now(), ports);
        }
        const now = world.now();
        expect(await readWindow('miniprogram', 'oUser', ports)).toEqual(
          now < window.closesAt ? window : { remaining: 0, closesAt: window.closesAt },
        );
      }),
      { numRuns: 300 },
    );
  });

  test('loses nothing where many write at once', async () => {
    const world = createWorld();
    const { ports } = world.createProcess();
    await noteAct('official', 'oUser', 'message', world.now(), ports);
    await Promise.all(
      Array.from({ length: 4 }, () => noteSent('official', 'oUser', world.createProcess().ports)),
    );
    expect((await readWindow('official', 'oUser', ports)).remaining).toBe(1);
    await Promise.all([
      ...Array.from({ length: 4 }, (_, index) =>
        noteAct('official', 'oUser', 'message', world.now() + index, world.createProcess().ports),
      ),
      noteSent('official', 'oUser', world.createProcess().ports, 2),
    ]);
    expect(await readWindow('official', 'oUser', ports)).toEqual({
      remaining: expect.any(Number),
      closesAt: world.now() + 3 + 48 * hour,
    });
  });

  test('keeps accounts and users apart, and their names to itself', async () => {
    const world = createWorld();
    const { ports } = world.createProcess();
    await noteAct('official', 'oUser', 'message', world.now(), ports);
    expect((await readWindow('miniprogram', 'oUser', ports)).remaining).toBe(0);
    expect((await readWindow('official', 'oOther', ports)).remaining).toBe(0);
    expect(JSON.stringify(world.documents('kefu_windows'))).not.toContain('oUser');
  });

  test('takes WeChat’s word', async () => {
    const world = createWorld();
    const { ports } = world.createProcess();
    await noteAct('miniprogram', 'oUser', 'message', world.now(), ports);
    const { closesAt } = await readWindow('miniprogram', 'oUser', ports);
    await noteRefused('miniprogram', 'oUser', 45047, ports);
    expect(await readWindow('miniprogram', 'oUser', ports)).toEqual({ remaining: 0, closesAt });
    await noteRefused('miniprogram', 'oUser', 45015, ports);
    expect(await readWindow('miniprogram', 'oUser', ports)).toEqual({ remaining: 0, closesAt: world.now() });
  });

  test('never fails anybody when the database does', async () => {
    const world = createWorld();
    const { ports } = world.createProcess();
    world.meet({ database: Array.from({ length: 50 }, () => 'before' as const) });
    await noteAct('miniprogram', 'oUser', 'message', world.now(), ports);
    await noteSent('miniprogram', 'oUser', ports);
    await noteRefused('miniprogram', 'oUser', 45015, ports);
    expect(await readWindow('miniprogram', 'oUser', ports)).toEqual(noWindow);
    expect(world.lines.length).toBeGreaterThanOrEqual(4);
  });
});
