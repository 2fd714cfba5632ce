import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { depth } from '../../depth';
import { until } from '../../until';
import { openStage, type Stage } from './stage';

/** Answers by a model under load, kills and hand-overs: built functions, the real SDK, the local WeChat and model. */

const count = depth(1000);

/** How many users write at a time, and how many instances there are for them. */
const atOnce = Math.min(10, Math.ceil(count / 3));

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({}, { maxInstances: atOnce });
}, 120_000);
afterAll(() => stage.close());
beforeEach(() => stage.emulator.reset());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Users who have just written, so that they can be answered. */
function usersOf(count: number, name: string): string[] {
  const users = Array.from({ length: count }, (_, index) => `o${name}${index}`);
  for (const user of users) stage.emulator.world.say('miniprogram', user, { MsgType: 'text', Content: 'x' });
  return users;
}

/** Takes up what was left, as the timers do, until nothing is. */
async function settle(withinMs: number): Promise<void> {
  for (const deadline = Date.now() + withinMs; !stage.isQuiet(); await pause(2000)) {
    if (Date.now() > deadline) {
      const waiting = stage.documents('kefu_jobs').filter(({ state }) => state === 'waiting');
      throw new Error(`${waiting.length} jobs did not come to an end`);
    }
    await stage.timer();
    await stage.emulator.call({ name: 'kefu-outbox', data: {}, source: 'wx_trigger' });
  }
}

test(`${count} pushes, each delivered three times, are asked about once and answered once each`, async () => {
  const users = usersOf(count, 'Many');
  const pushes = users.map((user) => stage.messageOf('几点发货', user));
  for (let first = 0; first < count; first += atOnce) {
    const some = pushes.slice(first, first + atOnce);
    const answers = await Promise.all([...some, ...some, ...some].map(stage.deliver));
    expect(answers.map((answer) => answer.ok && answer.result)).toEqual(answers.map(() => 'success'));
  }
  await settle(600_000);
  // A machine that is busy may hold an instance up until its turn runs out: what it has not begun to say is made again.
  const begun = stage.documents('kefu_jobs').reduce((sum, { attempts }) => sum + Number(attempts), 0);
  expect(await stage.asked().then(({ length }) => length)).toBe(begun);
  expect(begun - count).toBeLessThanOrEqual(count / 100);
  for (const user of users) {
    expect(stage.texts(user)).not.toEqual([]);
    expect(new Set(stage.texts(user)).size).toBe(stage.texts(user).length);
  }
}, 900_000);

const kills = depth(100);

test(`${kills} kills of all instances have nothing said twice, and nothing lost in silence`, async () => {
  await stage.misbehave('slow', { delayMs: 300 });
  const answered: string[] = [];
  const handled: Promise<unknown>[] = [];
  /** WeChat: up to three deliveries, until one is answered. */
  const push = async (user: string) => {
    const message = stage.messageOf('几点发货', user);
    for (let delivery = 1; delivery <= 3; delivery += 1) {
      const answer = await stage.deliver(message);
      if (answer.ok && answer.result === 'success') return answered.push(user);
    }
    return 0;
  };
  for (let kill = 0; kill < kills; kill += 1) {
    handled.push(...usersOf(3, `Killed${kill}x`).map(push), stage.timer());
    // From the first write of an answer to the last of them.
    await pause(1500 + ((kill * 617) % 1700));
    stage.emulator.runner.recycle();
  }
  await Promise.all(handled);
  await settle(480_000);
  expect(answered.length).toBeGreaterThan(kills);
  const outbox = stage.documents('kefu_outbox').map((document) => JSON.stringify(document));
  for (const user of answered) {
    const said = stage.texts(user);
    expect(new Set(said).size).toBe(said.length);
    if (said.length === 0) expect(outbox.some((document) => document.includes(user))).toBe(true);
  }
  // Most of them are whole: a kill costs the answers that are under way.
  expect(answered.filter((user) => stage.texts(user).length > 0).length).toBeGreaterThan(answered.length / 2);
}, 900_000);

describe('a hand-over in the middle of an answer', () => {
  test('leaves it not a word more', async () => {
    await stage.misbehave('drip', { delayMs: 30_000 });
    await stage.say('几点发货');
    await until(() => stage.texts().length === 1);
    expect(await stage.say('转人工')).toMatchObject({ result: { MsgType: 'transfer_customer_service' } });
    expect(stage.isQuiet()).toBe(false);
    await until(stage.isQuiet);
    expect(stage.texts()).toHaveLength(1);
  });
});
