import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, type Refusal, refusal, success } from '../../shared/core/answer';
import { hashOf, once, rememberMs, scopeOf } from '../../shared/core/once';
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

/** A clock a day behind writes the claim, and a read of it comes back after it was given up. */
const behind: typeof round extends fc.Arbitrary<infer Round> ? Round : never = {
  calls: [{ dieAt: 0, dieAfter: true, freezeAt: 3, freezeMs: 9000, skewMs: -86_400_000 }],
  wechat: [{ kind: 'errcode', errCode: -1 }],
  database: ['after', 'after', 'late'],
  passMs: 0,
};

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
      {
        numRuns: Number(process.env['ONCE_RUNS'] ?? depth(3000)),
        endOnFailure: true,
        examples: [[[behind], 1076927388, 2000]],
      },
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

describe('an id', () => {
  const key = ['kefu-send', 'owner', 'order-1'];
  const ask = (
    world: World,
    request: unknown = 'a',
    answer: Answer = success(),
    options = {},
    mine = key,
  ) => {
    let done = 0;
    return world
      .run(
        (ports) =>
          once({ key: mine, hash: hashOf(request, ports) }, ports, async () => {
            done += 1;
            return { answer };
          }),
        { limitMs: 20_000, ...options },
      )
      .then((result) => ({ ...(result as Refusal), done }));
  };
  const cameOf = (
    world: World,
    ...asked: Parameters<typeof ask> extends [World, ...infer Rest] ? Rest : never
  ) => world.time.until(ask(world, ...asked));

  test('that was used for something else is refused, whatever became of that', async () => {
    const world = createWorld();
    await cameOf(world, { a: 1, b: [1, { c: 2, d: 3 }] });
    expect(await cameOf(world, { b: [1, { d: 3, c: 2 }], a: 1 })).toMatchObject({ errCode: 0, done: 0 });
    for (const other of [
      { a: 2, b: [1, { c: 2, d: 3 }] },
      { a: 1, b: [{ c: 2, d: 3 }, 1] },
      { a: 1, b: [1, { c: 2 }] },
      { a: 1, b: { 0: 1, 1: { c: 2, d: 3 } } },
      null,
      'a',
    ])
      expect(await cameOf(world, other)).toMatchObject({
        errCode: 40035,
        code: 'invalid-message',
        retryable: false,
        details: [{ path: 'requestId', message: 'was used for another message' }],
        done: 0,
      });
  });

  test('is the owner’s, or one user’s', () => {
    expect(scopeOf('owner', { source: 'wx_http', openid: 'oA' })).toBe(scopeOf('owner', { source: 'scf' }));
    const scopes = ['oA', 'oB', undefined].map((openid) =>
      scopeOf('self', { source: 'wx_client', ...(openid === undefined ? {} : { openid }) }),
    );
    expect(new Set([...scopes, scopeOf('owner', { source: 'scf' })]).size).toBe(4);
    expect(scopeOf('operator', { source: 'wx_client', openid: 'oA' })).toBe(scopes[0]);
  });

  test.each<[string, Answer]>([
    ['may be tried again', refusal('wechat-busy', -1, 'busy')],
    ['was wrong in itself', refusal('invalid-message', 40008, 'wrong')],
    ['was not allowed', refusal('not-allowed', -501007, 'no')],
  ])('of what %s is free again, for something else too', async (_what, answer) => {
    const world = createWorld();
    const first = await cameOf(world, 'a', answer);
    expect(first).toEqual({ ...answer, done: 1 });
    // One to take it, one to give it back.
    expect(world.databaseCalls).toBe(2);
    expect(await cameOf(world, 'b')).toMatchObject({ errCode: 0, done: 1 });
    expect(await cameOf(world, 'b')).toMatchObject({ errCode: 0, done: 0 });
  });

  test.each<[string, Answer]>([
    ['was sent', success({ id: 'x' })],
    ['may have been sent', refusal('unknown-delivery', -501002, 'who knows')],
    ['WeChat refused for good', refusal('window-closed', 45015, 'shut')],
  ])('of what %s stays taken, with its answer', async (_what, answer) => {
    const world = createWorld();
    const { done: _done, ...first } = await cameOf(world, 'a', answer);
    expect(await cameOf(world, 'a')).toEqual({ ...first, done: 0 });
  });

  test('whose holder is at work is waited for, some seconds; then nobody knows', async () => {
    const world = createWorld();
    await cameOf(world, 'a', success(), { dieAt: 2 });
    const startedAt = world.time.now();
    expect(await cameOf(world, 'a')).toMatchObject({ code: 'unknown-delivery', errCode: -501002, done: 0 });
    expect(world.time.now() - startedAt).toBeGreaterThan(10_000);
    expect(world.documents('kefu_requests')).toMatchObject([{ state: 'pending' }]);
    await world.time.pass(14 * 60_000);
    const [before, at] = [world.databaseCalls, world.time.now()];
    await cameOf(world, 'a', success(), { limitMs: 3000 });
    expect([world.databaseCalls - before > 1, world.time.now() - at > 1000]).toEqual([true, true]);
  });

  test('whose holder can run no longer is used up, which is written before it is said', async () => {
    const world = createWorld();
    await cameOf(world, 'a', success(), { dieAt: 2 });
    await world.time.pass(15 * 60_000 + 1000);
    const startedAt = world.time.now();
    const told = await cameOf(world, 'a');
    expect(told).toMatchObject({ code: 'unknown-delivery', errCode: -501002, done: 0 });
    expect(world.time.now() - startedAt).toBeLessThan(1000);
    expect(world.documents('kefu_requests')).toMatchObject([{ state: 'done' }]);
    expect(await cameOf(world, 'a')).toEqual(told);
  });

  test('that the database takes late finds its place given back', async () => {
    const world = createWorld();
    world.meet({ database: ['late', 'before', 'before', 'before', 'before', 'before'] });
    const first = await cameOf(world, 'a', success(), { limitMs: 4000 });
    expect(first).toMatchObject({ code: 'wechat-busy', errCode: -502001, done: 0 });
    await world.time.pass(60_000);
    world.meet({});
    const second = await cameOf(world, 'a');
    expect(second.done).toBe(first.retryable ? 1 : 0);
  });

  test('that was given back before the database made it stays free', async () => {
    const world = createWorld();
    world.meet({ database: ['late', 'before', 'before', 'before'] });
    expect(await cameOf(world, 'a')).toMatchObject({ code: 'wechat-busy', retryable: true, done: 0 });
    await world.time.pass(60_000);
    expect(await cameOf(world, 'b')).toMatchObject({ errCode: 0, done: 1 });
  });

  test('has its own answer, whatever is under way under another', async () => {
    const world = createWorld();
    const other = ['kefu-send', 'owner', 'order-2'];
    await cameOf(world, 'a', success(), { dieAt: 2 });
    await cameOf(world, 'b', success(), {}, other);
    expect(await cameOf(world, 'b', success(), {}, other)).toMatchObject({ errCode: 0, done: 0 });
    await cameOf(world, 'c', refusal('wechat-busy', -1, 'busy'), {}, ['kefu-send', 'owner', 'order-3']);
    const states = world.documents('kefu_requests').map(({ state }) => String(state));
    expect(states.toSorted()).toEqual(['done', 'pending', 'released']);
  });

  test('that cannot be asked for is refused, and nothing is done', async () => {
    const world = createWorld();
    world.meet({ database: Array.from({ length: 99 }, () => 'before' as const) });
    expect(await cameOf(world)).toMatchObject({ code: 'wechat-busy', errCode: -502001, done: 0 });
  });
});

test('an id is remembered for a week', () => {
  expect(rememberMs).toBe(604_800_000);
});
