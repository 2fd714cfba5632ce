import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { runsAMonth } from '../../../scripts/deploy/plan';
import { kefuAnswer } from '../../../shared/functions/answer/answer';
import { drain } from '../../../shared/functions/outbox/drain';
import { kefuOutbox } from '../../../shared/functions/outbox/kefu-outbox';
import { enqueue } from '../../../shared/functions/outbox/outbox';
import { createWorld, textTo } from '../../world/world';

/** What the timers cost where there is nothing to do, and what a rarer one delays: the figures of docs/platform.md. */

const minute = 60_000;

/** Keeps messages at moments of no order, runs the outbox every so many minutes, and answers how long each waited. */
async function waits(everyMinutes: number): Promise<{ mean: number; most: number }> {
  const world = createWorld({ seed: 7 });
  const { ports } = world.createProcess();
  const count = 120;
  const keptAt = new Map<string, number>();
  const spacing = everyMinutes * minute * (1 + (Math.sqrt(5) - 1) / 2);
  let next = Math.ceil(world.time.now() / (everyMinutes * minute)) * everyMinutes * minute;
  for (let row = 0; row < count; row += 1) {
    const moment = world.time.now() + spacing / 4;
    while (next <= moment) {
      await world.time.pass(next - world.time.now());
      await world.time.until(world.run((inner) => drain(inner), { limitMs: 60_000 }));
      next += everyMinutes * minute;
    }
    await world.time.pass(Math.max(0, moment - world.time.now()));
    const name = `m${row}`;
    keptAt.set(name, world.time.now());
    const outgoing = {
      id: name,
      message: textTo(`user${row}`, name),
      account: 'miniprogram',
      fallback: [],
      priority: 0,
      deadline: world.time.now() + 24 * 60 * minute,
    } as const;
    await world.time.until(enqueue([outgoing], ports));
  }
  for (let last = 0; last < 2; last += 1) {
    await world.time.pass(Math.max(0, next - world.time.now()));
    await world.time.until(world.run((inner) => drain(inner), { limitMs: 60_000 }));
    next += everyMinutes * minute;
  }
  const seconds = world.delivered.map(({ text, at }) => (at - (keptAt.get(text) ?? 0)) / 1000);
  expect(seconds).toHaveLength(count);
  return { mean: seconds.reduce((sum, each) => sum + each, 0) / count, most: Math.max(...seconds) };
}

describe.each([1, 2, 5])('a timer every %d minutes', (everyMinutes) => {
  test('sends what was kept half of that later, and never after more than all of it', async () => {
    const { mean, most } = await waits(everyMinutes);
    expect(mean).toBeGreaterThan(everyMinutes * 60 * 0.4);
    expect(mean).toBeLessThan(everyMinutes * 60 * 0.6);
    expect(most).toBeLessThan(everyMinutes * 60 + 5);
  });
});

/** How many calls of the database a run makes that finds nothing to do, at a minute of the hour. */
async function idleCalls(work: 'outbox' | 'answer', atMinute: number): Promise<number> {
  const world = createWorld();
  const hour = 60 * minute;
  await world.time.pass(hour - (world.time.now() % hour) + atMinute * minute + 1000);
  const before = world.databaseCalls;
  const caller = { source: 'wx_trigger' };
  const answer = kefuAnswer({ rules: [] }, undefined as never);
  const called = work === 'outbox' ? kefuOutbox : answer;
  const answered = await world.time.until(world.run((ports) => called.handle({}, caller, ports as never)));
  expect(answered).toMatchObject({ errCode: 0 });
  return world.databaseCalls - before;
}

describe('with nothing to do', () => {
  test.each(['outbox', 'answer'] as const)('the timer of kefu-%s asks the database once', async (work) => {
    expect(await idleCalls(work, 4)).toBe(1);
  });

  test.each([
    ['outbox', 15],
    ['answer', 2],
  ] as const)('and that of kefu-%s clears away what is old once an hour', async (work, calls) => {
    expect(await idleCalls(work, 10)).toBe(1);
    expect(await idleCalls(work, 60)).toBe(calls);
  });

  test.each(['docs/platform.md', 'docs/platform.zh-CN.md'])('%s has what that comes to', async (page) => {
    const text = (await readFile(page, 'utf8')).replaceAll(',', '');
    const hours = 24 * 30;
    for (const [work, { timers = [] }] of [
      ['outbox', kefuOutbox],
      ['answer', kefuAnswer({ rules: [] }, undefined as never)],
    ] as const) {
      const runs = runsAMonth(timers[0]?.config ?? '') ?? 0;
      const [usual, hourly] = [await idleCalls(work, 4), await idleCalls(work, 60)];
      expect(text).toContain(`| ${runs} | ${runs * usual + hours * (hourly - usual)} |`);
    }
  });
});
