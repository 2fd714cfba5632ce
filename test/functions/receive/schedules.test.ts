import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drain } from '../../../shared/functions/outbox/drain';
import { takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
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
 * Receiving under every failure that can be thought of: WeChat delivers a push up to three times, five seconds apart,
 * until one of them answers; each message of its answer arrives once, or its absence is put down.
 */

const minute = 60_000;

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

const rules: ReplyRules = {
  rules: [
    { on: { text: 'one' }, say: [text('a')] },
    { on: { text: 'typed' }, typing: true, say: [text('a')] },
    { on: { text: 'three' }, say: [text('a'), text('b'), text('c')] },
  ],
};
const answers = { one: 1, typed: 1, three: 3 } as const;

const mishap = fc.constantFrom<Mishap | undefined>(
  ...Array.from({ length: 8 }, () => undefined),
  { kind: 'errcode', errCode: -1 },
  { kind: 'errcode', errCode: 45011 },
  { kind: 'silence', carriedOut: true },
  { kind: 'silence', carriedOut: false },
  { kind: 'unreached' },
);

const databaseMishap = fc.constantFrom<DatabaseMishap | undefined>(
  ...Array.from({ length: 8 }, () => undefined),
  'before',
  'after',
  'late',
  'part',
);

const options: fc.Arbitrary<ProcessOptions> = fc.record({
  dieAt: fc.option(fc.integer({ min: 1, max: 16 }), { nil: 0 }),
  dieAfter: fc.boolean(),
  freezeAt: fc.integer({ min: 1, max: 14 }),
  freezeMs: fc.constantFrom(0, 0, 0, 3000, 9000, 30_000),
  skewMs: fc.constantFrom(0, 0, -5 * minute, 5 * minute),
  jumpMs: fc.constantFrom(0, 0, -2 * minute, 2 * minute),
});

const schedule = fc.record({
  seed: fc.integer(),
  word: fc.constantFrom('one' as const, 'typed' as const, 'three' as const),
  lagMs: fc.constantFrom(0, 0, 500, 2000),
  databaseMs: fc.constantFrom(10, 10, 300, 1100, 2000),
  wechatMs: fc.constantFrom(60, 60, 2000, 3500),
  deliveries: fc.tuple(options, options, options),
  /** Whether conversations are kept. */
  isKept: fc.boolean(),
  wechat: fc.array(mishap, { maxLength: 8 }),
  database: fc.array(databaseMishap, { maxLength: 20 }),
});

/** WeChat: a delivery that does not answer within five seconds is followed by another, up to three. Whether one answered. */
async function deliver(
  world: World,
  word: string,
  deliveries: readonly ProcessOptions[],
  kept: ProcessOptions,
): Promise<boolean> {
  const push: UnknownPush = {
    ToUserName: 'wx1',
    FromUserName: 'oUser',
    CreateTime: 1_700_000_000,
    MsgType: 'text',
    MsgId: '1',
    Content: word,
  };
  const running: Promise<unknown>[] = [];
  for (const delivery of deliveries) {
    const handled = world.run(
      (ports) => takePush(push, { account: 'miniprogram', passive: false }, { ...ports, rules }),
      { limitMs: 20_000, ...kept, ...delivery },
    );
    running.push(handled);
    const answer = await Promise.race([handled, world.time.wait(5000).then(() => 'late')]);
    if (answer === 'success') break;
    if (answer !== 'late') await world.time.wait(5000);
  }
  // Those that go on after WeChat has given up may still do what they began.
  return (await Promise.all(running)).includes('success');
}

/** What the schedules came to, for docs/delivery.md: printed where the number of runs is named. */
const figures = new Map<string, number>();
const note = (name: string, count: number) => figures.set(name, (figures.get(name) ?? 0) + count);

afterAll(() => {
  const text = Array.from(figures, ([name, count]) => `${name} ${count}`).join(', ');
  if (process.env['RECEIVE_RUNS'] !== undefined) process.stderr.write(`receiving: ${text}\n`);
});

const runs = Number(process.env['RECEIVE_RUNS'] ?? depth(3000));

test('for every schedule of failures each message of an answer arrives once at most, and none is lost in silence', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async ({ word, deliveries, isKept, wechat, database, ...conditions }) => {
      const kept = isKept ? { desk: ['oLin'] } : {};
      const world = createWorld(conditions);
      world.meet({ wechat, database });
      const answered = await world.time.until(deliver(world, word, deliveries, kept));
      world.meet({});
      // What was kept goes out.
      for (let round = 0; round < 6; round += 1) {
        await world.time.pass(2 * minute);
        await world.time.until(world.run((ports) => drain(ports), { limitMs: 60_000, ...kept }));
        await world.time.pass(20 * minute);
      }
      const arrived = world.delivered.map((delivery) => delivery.text);
      note('pushes', 1);
      note('answers', arrived.length);
      note('kills', world.counts.kills);
      note('freezes', world.counts.freezes);
      note('twice', arrived.length - new Set(arrived).size);
      expect(new Set(arrived).size).toBe(arrived.length);
      const decided = world
        .documents('kefu_outbox')
        .filter(({ state }) => state === 'dead' || state === 'waiting');
      // A refusal of WeChat's, or of a send that may have arrived, is in the log.
      const logged = world.lines.filter((line) => line.includes('"step":"answer"')).length;
      if (answered) expect(arrived.length + decided.length + logged).toBeGreaterThanOrEqual(answers[word]);
    }),
    { numRuns: runs, endOnFailure: true },
  );
}, 600_000);
