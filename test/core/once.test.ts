import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Answer } from '../../shared/core/answer';
import { send } from '../../shared/functions/send/send';
import { depth } from '../depth';
import { createWorld, type Mishap } from '../functions/outbox/outbox-world';

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

const round = fc.record({
  calls: fc.array(
    fc.record({
      dieAt: fc.option(fc.integer({ min: 1, max: 6 }), { nil: 0 }),
      dieAfter: fc.boolean(),
      skewMs: fc.constantFrom(0, 0, 86_400_000, -86_400_000),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  wechat: fc.array(mishap, { maxLength: 4 }),
  database: fc.array(fc.constantFrom(undefined, undefined, undefined, 'before', 'after'), { maxLength: 10 }),
  jumpMs: fc.constantFrom(0, 1000, 3_600_000, -3_600_000),
});

type Result = Answer | 'killed';

describe('for every schedule of failures', () => {
  test('a request under an id is sent once at most, and what is answered is true', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { minLength: 1, maxLength: 4 }),
        fc.integer(),
        async (rounds, seed) => {
          let state = seed | 0;
          const world = createWorld(() => {
            state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
            return (state >>> 8) / 2 ** 24;
          });
          const answers: Answer[] = [];
          for (const { calls, wechat, database, jumpMs } of rounds) {
            world.meet({ wechat, database });
            const results: Result[] = await Promise.all(
              calls.map((options) => {
                const process = world.createProcess({ limitMs: 20_000, ...options });
                return Promise.race([send(event, caller, process.ports), process.death]);
              }),
            );
            for (const result of results) if (result !== 'killed') answers.push(result);
            world.advance(jumpMs);
          }
          expect(world.delivered.length).toBeLessThanOrEqual(1);
          if (answers.some(({ errCode }) => errCode === 0)) expect(world.delivered).toHaveLength(1);
          for (const answer of answers) {
            if (answer.errCode === 0) continue;
            // Whoever is told that nothing was sent, or that it may be tried again, is told the truth of that moment.
            expect(['wechat-busy', 'window-closed', 'unknown-delivery']).toContain(
              (answer as { code: string }).code,
            );
          }
          // The world heals: the last answer is for good.
          world.meet({});
          const ask = () => send(event, caller, world.createProcess({ limitMs: 20_000 }).ports);
          const last = await ask();
          expect(await ask()).toEqual(last);
          expect(world.delivered.length).toBeLessThanOrEqual(1);
          if (last.errCode === 0) expect(world.delivered).toHaveLength(1);
        },
      ),
      { numRuns: depth(3000), endOnFailure: true },
    );
  }, 120_000);
});

test('a claim whose answer was lost is given back, so that the id stays free', async () => {
  const world = createWorld();
  world.meet({ database: ['after'] });
  const ask = () => send(event, caller, world.createProcess({ limitMs: 20_000 }).ports);
  expect(await ask()).toMatchObject({ code: 'wechat-busy', retryable: true });
  expect(world.delivered).toEqual([]);
  expect(await ask()).toMatchObject({ errCode: 0 });
  expect(world.delivered).toHaveLength(1);
});
