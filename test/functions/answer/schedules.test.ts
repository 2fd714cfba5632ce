import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ports } from '../../../shared/core/ports';
import { answerLane, answerOverdue, type Outside } from '../../../shared/functions/answer/answer';
import { type AskModel, ModelFailure } from '../../../shared/functions/answer/model';
import { drain } from '../../../shared/functions/outbox/drain';
import { takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import type { CallName } from '../../../shared/wechat/calls';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { depth } from '../../depth';
import {
  createWorld,
  type DatabaseMishap,
  type Mishap,
  type ProcessOptions,
  type World,
} from '../../world/world';

/**
 * Answers by a model under every failure that can be thought of: instances are killed and frozen, starts are lost,
 * writes too, WeChat repeats its pushes. No message is said twice, and none is lost in silence.
 */

const rules: ReplyRules = {
  rules: [
    { on: { text: 'person' }, transfer: true },
    {
      on: { message: 'text' },
      ask: { instructions: 'x' },
      otherwise: { say: [{ msgtype: 'text', text: { content: 'otherwise' } }] },
    },
  ],
};

interface Asked {
  readonly text: string;
  readonly at: number;
}

/** A model that thinks for a while and then says what it was asked, in paragraphs: `a|b` is two of them. */
function modelIn(world: World, thinkMs: number) {
  const asked: Asked[] = [];
  const askModel: AskModel = async function* ({ messages, withinMs, signal }) {
    const text = messages.at(-1)?.content ?? '';
    asked.push({ text, at: world.time.now() });
    const number = asked.length;
    for (let waited = 0; waited < thinkMs; waited += 500) {
      if (waited > withinMs || signal.aborted) throw new ModelFailure('Late');
      await world.time.wait(500);
    }
    for (const part of text.split('\n').flatMap((line) => line.split('|'))) {
      yield { kind: 'text', text: `${part} (${number})\n\n` };
      await world.time.wait(200);
    }
  };
  return { asked, askModel };
}

/** The functions in a world: what is started runs as a process of its own. */
function functionsIn(
  world: World,
  askModel: AskModel,
  options: () => ProcessOptions = () => ({}),
  kept: ProcessOptions = {},
) {
  const outside: Outside = {
    askModel: () => askModel,
    callFunction: () => Promise.resolve(undefined),
    collection: () => {
      throw new Error('not asked for');
    },
    history: () => Promise.resolve([]),
  };
  const running: Promise<unknown>[] = [];
  const portsOf = (ports: Ports<CallName>) => ({
    ...ports,
    rules,
    outside,
    startFunction: async (name: `kefu-${string}`, data: object) => {
      await ports.startFunction(name, data);
      const { lane } = data as { lane: string };
      running.push(
        world.run((own) => answerLane(lane, portsOf(own)), { limitMs: 60_000, ...kept, ...options() }),
      );
    },
  });
  return {
    running,
    receive: (push: UnknownPush, delivery: ProcessOptions = {}) =>
      world.run((ports) => takePush(push, { account: 'miniprogram', passive: false }, portsOf(ports)), {
        limitMs: 20_000,
        ...kept,
        ...delivery,
      }),
    timer: () => world.run((ports) => answerOverdue(portsOf(ports)), { limitMs: 60_000, ...kept }),
    async settle() {
      for (let seen = -1; seen !== running.length; ) {
        seen = running.length;
        await Promise.all(running);
      }
    },
  };
}

const pushOf = (id: number, Content: string, FromUserName = 'oUser'): UnknownPush => ({
  ToUserName: 'wx1',
  FromUserName,
  CreateTime: 1_700_000_000,
  MsgType: 'text',
  MsgId: `${id}`,
  Content,
});

const minute = 60_000;

const mishap = fc.constantFrom<Mishap | undefined>(
  ...Array.from({ length: 8 }, () => undefined),
  { kind: 'errcode', errCode: -1 },
  { kind: 'silence', carriedOut: true },
  { kind: 'silence', carriedOut: false },
  { kind: 'unreached' },
);
const databaseMishap = fc.constantFrom<DatabaseMishap | undefined>(
  ...Array.from({ length: 10 }, () => undefined),
  'before',
  'after',
  'late',
  'part',
);
const options: fc.Arbitrary<ProcessOptions> = fc.record({
  dieAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: 0 }),
  dieAfter: fc.boolean(),
  freezeAt: fc.integer({ min: 1, max: 40 }),
  freezeMs: fc.constantFrom(0, 0, 0, 3000, 15_000, 40_000),
});
const schedule = fc.record({
  seed: fc.integer(),
  lagMs: fc.constantFrom(0, 0, 500, 1500),
  databaseMs: fc.constantFrom(10, 10, 100, 300),
  thinkMs: fc.constantFrom(0, 3000, 30_000),
  texts: fc.array(
    fc.record({ text: fc.constantFrom('a', 'b|c', 'd|e|f'), afterMs: fc.constantFrom(0, 700, 3000, 20_000) }),
    { minLength: 1, maxLength: 3 },
  ),
  deliveries: fc.array(options, { maxLength: 3 }),
  instances: fc.array(options, { maxLength: 4 }),
  /** Whether conversations are kept. */
  isKept: fc.boolean(),
  wechat: fc.array(mishap, { maxLength: 8 }),
  database: fc.array(databaseMishap, { maxLength: 40 }),
});

const runs = Number(process.env['ANSWER_RUNS'] ?? depth(1000));

test('for every schedule of failures nothing is said twice, and no push is lost in silence', async () => {
  await fc.assert(
    fc.asyncProperty(
      schedule,
      async ({ texts, deliveries, instances, thinkMs, isKept, wechat, database, ...conditions }) => {
        const kept = isKept ? { desk: ['oLin'] } : {};
        const world = createWorld(conditions);
        const { askModel } = modelIn(world, thinkMs);
        const left = [...instances];
        const functions = functionsIn(world, askModel, () => left.shift() ?? {}, kept);
        world.meet({ wechat, database });
        const story = async () => {
          const handled: Promise<boolean>[] = [];
          for (const [index, { text, afterMs }] of texts.entries()) {
            await world.time.wait(afterMs);
            handled.push(
              deliver(
                functions,
                pushOf(index, text.replaceAll(/\w/g, `$&${index}`)),
                index === 0 ? deliveries : [],
              ),
            );
          }
          const answered = await Promise.all(handled);
          await functions.settle();
          return answered;
        };
        const answered = await world.time.until(story());
        world.meet({});
        for (let round = 0; round < 8; round += 1) {
          await world.time.pass(minute);
          await world.time.until(functions.timer().then(() => functions.settle()));
          await world.time.until(world.run((ports) => drain(ports), { limitMs: 60_000, ...kept }));
        }
        // What a model says bears the number of its asking, so what is said anew shows as the words without it.
        const words = world.delivered.flatMap(({ text }) =>
          [...text.matchAll(/([a-f]\d) \(\d+\)/g)].map(([, word]) => word),
        );
        expect(new Set(words).size).toBe(words.length);
        const jobs = world.documents('kefu_jobs');
        expect(jobs.filter(({ state }) => state === 'waiting')).toEqual([]);
        // Each push that was answered to WeChat is answered, or it stands somewhere that it was not.
        const noted =
          world.documents('kefu_outbox').filter(({ state }) => state !== 'sent').length +
          world.lines.filter((line) => line.includes('"step":"answer","failed":true')).length;
        const heard = (place: number) =>
          world.delivered.some(({ text }) => text.includes(`${place} (`) || text === 'otherwise');
        for (const [place, isAnswered] of answered.entries())
          if (isAnswered && !heard(place)) expect(noted).toBeGreaterThan(0);
      },
    ),
    { numRuns: runs, endOnFailure: true },
  );
}, 600_000);

/** WeChat: up to three deliveries, five seconds apart, until one answers. */
async function deliver(
  { receive }: ReturnType<typeof functionsIn>,
  push: UnknownPush,
  deliveries: readonly ProcessOptions[],
): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await receive(push, deliveries[attempt] ?? {});
    if (answer === 'success') return true;
  }
  return false;
}

const batches = depth(20);

test(`${batches * 50} pushes, each delivered three times at once, ask the model as often`, async () => {
  const counts = { asked: 0, said: 0 };
  for (let batch = 0; batch < batches; batch += 1) {
    const world = createWorld({ seed: batch, lagMs: 300 });
    const { asked, askModel } = modelIn(world, 3000);
    const functions = functionsIn(world, askModel);
    const pushes = Array.from({ length: 50 }, (_, index) => pushOf(index, `a${index}`, `oUser${index}`));
    const received = Promise.all([...pushes, ...pushes, ...pushes].map((push) => functions.receive(push)));
    await world.time.until(received.then(() => functions.settle()));
    counts.asked += asked.length;
    counts.said += world.delivered.length;
  }
  expect(counts).toEqual({ asked: batches * 50, said: batches * 50 });
}, 300_000);

test('a push is answered to WeChat within a second, however long the model takes', async () => {
  const world = createWorld({ databaseMs: 100 });
  const { askModel } = modelIn(world, 30_000);
  const functions = functionsIn(world, askModel);
  const startedAt = world.time.now();
  expect(await world.time.until(functions.receive(pushOf(1, 'a')))).toBe('success');
  expect(world.time.now() - startedAt).toBeLessThan(1000);
  await world.time.until(functions.settle());
  expect(world.delivered).toMatchObject([{ text: 'a (1)' }]);
});

test('the typing sign shows from the start, again while the model thinks, and ends', async () => {
  const world = createWorld();
  const functions = functionsIn(world, modelIn(world, 40_000).askModel);
  await world.time.until(functions.receive(pushOf(1, 'a')).then(() => functions.settle()));
  const signs = world.calls.flatMap(({ name, payload }) =>
    name === 'setTyping' ? [(payload as { command: string }).command] : [],
  );
  expect(signs).toEqual(['Typing', 'Typing', 'Typing', 'CancelTyping']);
});

test('a start that is lost, and an instance that is killed at any of its effects, cost no answer', async () => {
  for (let dieAt = 1; dieAt <= 100; dieAt += 1) {
    const world = createWorld({ seed: dieAt });
    const { askModel } = modelIn(world, 4000);
    let first = true;
    const functions = functionsIn(world, askModel, () => {
      const options = first ? { dieAt, dieAfter: dieAt % 2 === 0 } : {};
      first = false;
      return options;
    });
    await world.time.until(functions.receive(pushOf(1, 'a|b')).then(() => functions.settle()));
    for (let round = 0; round < 3; round += 1) {
      await world.time.pass(minute);
      await world.time.until(functions.timer());
    }
    const words = world.delivered.flatMap(({ text }) => [...text.matchAll(/[ab]\b/g)].map(String));
    expect(new Set(words).size).toBe(words.length);
    const unknown = world.documents('kefu_outbox').filter(({ code }) => code === 'unknown-delivery');
    expect(words.length === 2 || unknown.length === 1).toBe(true);
    expect(world.documents('kefu_jobs').map(({ state }) => state)).toEqual(['done']);
  }
});

test('what a user hands to a person while the model thinks is not spoken to any more', async () => {
  const world = createWorld();
  const functions = functionsIn(world, modelIn(world, 10_000).askModel);
  const story = async () => {
    await functions.receive(pushOf(1, 'a'));
    await world.time.wait(5000);
    const handed = await functions.receive(pushOf(2, 'person'));
    await functions.settle();
    return handed;
  };
  expect(await world.time.until(story())).toMatchObject({ MsgType: 'transfer_customer_service' });
  expect(world.delivered).toEqual([]);
});
