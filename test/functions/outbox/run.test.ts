import { describe, expect, test } from '@jest/globals';
import { createRun, sendsAtOnce } from '../../../shared/functions/outbox/run';
import { createWorld, type ProcessOptions, type World } from '../../world/world';

/** A run's time, and what it remembers of its own. */

const second = 1000;
const runIn = (world: World, options: ProcessOptions = {}, forMs?: number) =>
  createRun(world.createProcess(options).ports, forMs);

describe('a run’s time', () => {
  test('is over where a send and the record of it no longer fit, 12 seconds before its call’s end', async () => {
    const world = createWorld();
    const run = runIn(world, { limitMs: 60 * second });
    await world.time.pass(48 * second);
    expect([run.hasTime(), run.isOutOfTime()]).toEqual([true, false]);
    await world.time.pass(1);
    expect([run.hasTime(), run.isOutOfTime()]).toEqual([false, true]);
  });

  test('is over where it was given no more, however long the call may be', async () => {
    const world = createWorld();
    const run = runIn(world, {}, 2500);
    await world.time.pass(2499);
    expect(run.hasTime()).toBe(true);
    await world.time.pass(1);
    expect([run.hasTime(), run.isOutOfTime()]).toEqual([false, true]);
  });

  test('is not what it wants for where the database failed it, or WeChat wants fewer calls', async () => {
    const world = createWorld();
    const stopped = runIn(world, {}, 100);
    stopped.stop();
    const throttled = runIn(world, {}, 100);
    for (let refused = 1; refused < sendsAtOnce; refused += 1) throttled.noteThrottled();
    expect([stopped.hasTime(), throttled.hasTime()]).toEqual([false, true]);
    throttled.noteThrottled();
    expect(throttled.hasTime()).toBe(false);
    await world.time.pass(200);
    for (const run of [stopped, throttled])
      expect([run.hasTime(), run.isOutOfTime()]).toEqual([false, false]);
  });
});

test('what a run decided it remembers for five seconds at least, and forgets soon after, whatever its clock does', async () => {
  for (const jumpMs of [0, -20 * second]) {
    const world = createWorld();
    const clock = { now: () => world.time.now() + (world.time.now() > 1_700_000_000_000 ? jumpMs : 0) };
    const { ports } = world.createProcess();
    const { decided } = createRun({ ...ports, clock: { ...ports.clock, ...clock } });
    decided.add('first');
    await world.time.pass(4999);
    decided.add('second');
    expect([decided.has('first'), decided.has('second'), decided.has('third')]).toEqual([true, true, false]);
    await world.time.pass(2);
    decided.add('third');
    expect([decided.has('first'), decided.has('second'), decided.has('third')]).toEqual([true, true, true]);
    await world.time.pass(5001);
    decided.add('fourth');
    expect([decided.has('first'), decided.has('third'), decided.has('fourth')]).toEqual([false, true, true]);
  }
});

test('a run has a name that no other run has', () => {
  const world = createWorld();
  const names = [1, 2, 3].map(() => runIn(world).name);
  expect(new Set(names).size).toBe(3);
});

test(`a run lets ${sendsAtOnce} sends be under way at a time`, async () => {
  const world = createWorld();
  const run = runIn(world);
  let [under, most] = [0, 0];
  const send = async () => {
    under += 1;
    most = Math.max(most, under);
    await world.time.wait(10);
    under -= 1;
  };
  await world.time.until(Promise.all(Array.from({ length: 100 }, () => run.slot(send))));
  expect(most).toBe(30);
});
