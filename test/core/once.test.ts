import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Answer, Refusal } from '../../shared/core/answer';
import { kefuSend } from '../../shared/functions/send/send';
import { depth } from '../depth';
import { createWorld, type DatabaseMishap, type Mishap, type World } from '../world/world';

/** `requestId` under every failure: one message at most, and an answer that does not deny what happened. */

const caller = { source: 'wx_client', openid: 'oUser' };
const event = { msgtype: 'text', text: { content: 'hi' }, requestId: 'order-1' };

const mishap = fc.constantFrom<Mishap | undefined>(
  undefined,
  undefined,
  { kind: 'errcode', errCode: -1 },
  { kind: 'errcode', errCode: 45015 },
  { kind: 'silence', carriedOut: true },
  { kind: 'silence', carriedOut: false },
  { kind: 'unreached' },
);

const databaseMishap = fc.constantFrom<DatabaseMishap | undefined>(
  undefined,
  undefined,
  undefined,
  undefined,
  'before',
  'after',
  'late',
);

const round = fc.record({
  calls: fc.array(
    fc.record({
      dieAt: fc.option(fc.integer({ min: 1, max: 6 }), { nil: 0 }),
      dieAfter: fc.boolean(),
      freezeAt: fc.integer({ min: 1, max: 4 }),
      freezeMs: fc.constantFrom(0, 0, 9000),
      skewMs: fc.constantFrom(0, 0, 86_400_000, -86_400_000),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  wechat: fc.array(mishap, { maxLength: 4 }),
  database: fc.array(databaseMishap, { maxLength: 10 }),
  passMs: fc.constantFrom(0, 1000, 3_600_000),
});

const send = (world: World, options = {}) =>
  world.run((ports) => kefuSend.handle(event, caller, ports) as Promise<Answer>, {
    limitMs: 20_000,
    ...options,
  });

describe('for every schedule of failures', () => {
  test('a request under an id is sent once at most, what is answered is true, and the id is free where it is said to be', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { minLength: 1, maxLength: 4 }),
        fc.integer(),
        fc.constantFrom(0, 0, 2000),
        async (rounds, seed, lagMs) => {
          const world = createWorld({ seed, lagMs });
          const answers: Answer[] = [];
          let lost = false;
          for (const { calls, wechat, database, passMs } of rounds) {
            world.meet({ wechat, database });
            const results = await world.time.until(Promise.all(calls.map((options) => send(world, options))));
            for (const result of results) if (typeof result !== 'string') answers.push(result);
            lost ||= results.some((result) => typeof result === 'string');
            world.meet({});
            await world.time.pass(passMs);
            // Whoever was told that it may be tried again can, where no other call is under way or was lost.
            const [only] = results;
            if (results.length === 1 && typeof only === 'object' && only.errCode !== 0) {
              if ((only as Refusal).retryable && !lost && !answers.some(isFinal)) {
                const again = await world.time.until(send(world));
                expect(again).toMatchObject({ errCode: 0 });
                answers.push(again as Answer);
              }
            }
          }
          expect(world.delivered.length).toBeLessThanOrEqual(1);
          if (answers.some(({ errCode }) => errCode === 0)) expect(world.delivered).toHaveLength(1);
          for (const answer of answers) {
            if (answer.errCode === 0) continue;
            // Whoever is told that nothing was sent, or that it may be tried again, is told the truth of that moment.
            expect(['wechat-busy', 'window-closed', 'unknown-delivery']).toContain((answer as Refusal).code);
          }
          // The world heals: the last answer is for good.
          await world.time.pass(20 * 60_000);
          const last = await world.time.until(send(world));
          expect(await world.time.until(send(world))).toEqual(last);
          expect(world.delivered.length).toBeLessThanOrEqual(1);
          if ((last as Answer).errCode === 0) expect(world.delivered).toHaveLength(1);
        },
      ),
      { numRuns: Number(process.env['ONCE_RUNS'] ?? depth(3000)), endOnFailure: true },
    );
  }, 300_000);
});

/** Whether an answer says that the id is used up, or may be: no later one can then be another. */
function isFinal(answer: Answer): boolean {
  return answer.errCode === 0 || !(answer as Refusal).retryable;
}

test.each<[string, (DatabaseMishap | undefined)[]]>([
  ['whose answer was lost', ['after']],
  ['that was carried out after its connection was cut', ['late']],
  ['that was tried twice in vain', ['before', 'before']],
])('a claim %s is found to be this call’s own, and the message is sent once', async (_what, database) => {
  const world = createWorld();
  world.meet({ database });
  expect(await world.time.until(send(world))).toMatchObject({ errCode: 0 });
  await world.time.pass(60_000);
  expect(await world.time.until(send(world))).toMatchObject({ errCode: 0 });
  expect(world.delivered).toHaveLength(1);
});

test('an id that could not be given back is not said to be free', async () => {
  const world = createWorld();
  const busy = { kind: 'errcode', errCode: -1 } as const;
  world.meet({
    wechat: [busy],
    database: [undefined, ...Array.from({ length: 9 }, () => 'before' as const)],
  });
  expect(await world.time.until(send(world))).toMatchObject({ code: 'wechat-busy', retryable: false });
  expect(world.delivered).toEqual([]);
});
