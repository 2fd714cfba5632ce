import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import {
  askForNext,
  askForRuns,
  lanesIn,
  mostRuns,
  readShare,
  whole,
} from '../../../shared/functions/outbox/drain';
import { enqueue, enqueueDead, nextSeq, type Outgoing } from '../../../shared/functions/outbox/outbox';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, type ProcessOptions, textTo, type World } from '../../world/world';

/** What is put into the outbox, and how it is shared out. */

const desk = { desk: ['oLin'] };

const outgoing = (id: string, touser = 'oUser', fields: Partial<Outgoing> = {}): Outgoing => ({
  id,
  message: textTo(touser, `text ${id}`),
  account: 'miniprogram',
  fallback: [],
  priority: 0,
  deadline: 9e15,
  ...fields,
});

const run = <T>(world: World, work: (ports: Ports<CallName>) => Promise<T>, options: ProcessOptions = {}) =>
  world.time.until(world.run(work, options));

const outbox = (world: World) =>
  world.documents('kefu_outbox').toSorted((one, other) => Number(one['seq']) - Number(other['seq']));
const kept = (world: World) =>
  world
    .documents('kefu_messages')
    .map(({ _id, from, status, errCode }) => [_id, from, status, errCode])
    .toSorted();

describe('keeping', () => {
  test.each([1, 99, 100, 101, 200, 201])(
    '%i messages takes a round trip a hundred, in order',
    async (count) => {
      const world = createWorld();
      const messages = Array.from({ length: count }, (_, index) => outgoing(`m${index}`));
      await run(world, (ports) => enqueue(messages, ports));
      expect(world.databaseCalls).toBe(Math.ceil(count / 100));
      expect(outbox(world).map(({ _id }) => _id)).toEqual(messages.map(({ id }) => id));
    },
  );

  test('again changes nothing, and completes what was kept in part', async () => {
    const world = createWorld();
    const messages = ['1', '2', '3', '4'].map((id) => outgoing(id, 'oUser', { seq: Number(id) }));
    await run(world, (ports) => enqueue([messages[1] ?? outgoing('2')], ports));
    const [first] = outbox(world);
    await run(world, (ports) => enqueue(messages, ports));
    expect(outbox(world).map(({ _id }) => _id)).toEqual(['1', '2', '3', '4']);
    expect(outbox(world)[1]).toEqual(first);
  });

  test('shows at the desk what waits, under each user, and nothing where there is none', async () => {
    const messages = [
      outgoing('1', 'oA'),
      outgoing('2', 'oB', { by: 'rule' }),
      outgoing('3', 'oA', { account: 'official' }),
      outgoing('4', 'oA'),
    ];
    const world = createWorld();
    await run(world, (ports) => enqueue(messages, ports), desk);
    expect(kept(world)).toEqual([
      ['1', 'service', 'waiting', 0],
      ['2', 'rule', 'waiting', 0],
      ['3', 'service', 'waiting', 0],
      ['4', 'service', 'waiting', 0],
    ]);
    const people = world.documents('kefu_conversations');
    expect(
      people.map(({ account, touser, lastText }) => `${account} ${touser} ${lastText}`).toSorted(),
    ).toEqual(['miniprogram oA text 4', 'miniprogram oB text 2', 'official oA text 3']);
    const without = createWorld();
    await run(without, (ports) => enqueue(messages, ports));
    expect([kept(without), without.databaseCalls]).toEqual([[], 1]);
  });
});

describe('what nobody will send', () => {
  const reason = { code: 'unknown-delivery', errCode: -501002, errMsg: 'who knows' };

  test('is kept with the reason, and shows at the desk as what it is', async () => {
    for (const [code, status] of [
      ['unknown-delivery', 'unknown'],
      ['wechat-busy', 'failed'],
    ] as const) {
      const world = createWorld({ databaseMs: 0 });
      await run(world, (ports) => enqueueDead(outgoing('1'), { ...reason, code }, ports), desk);
      expect(outbox(world)).toMatchObject([
        {
          _id: '1',
          state: 'dead',
          code,
          errCode: -501002,
          errMsg: 'who knows',
          decidedAt: world.time.now(),
          payload: expect.stringContaining('text 1'),
        },
      ]);
      expect(kept(world)).toEqual([['1', 'service', status, -501002]]);
    }
  });

  test('is kept without its text where no text is to be kept', async () => {
    const world = createWorld();
    await run(world, (ports) => enqueueDead(outgoing('1'), reason, ports), { keep: 'hashes' });
    expect(outbox(world)).toMatchObject([{ payload: '', hash: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
  });
});

test('places in the order of time come one after the other, whatever the clock does', () => {
  const now = 4_000_000_000_000;
  const first = nextSeq(now);
  expect(first).toBe(now * 1000);
  expect(nextSeq(now, 3)).toBe(first + 1);
  expect(nextSeq(now - 5000)).toBe(first + 4);
  expect(nextSeq(now + 1)).toBe((now + 1) * 1000);
});

describe('a share', () => {
  test.each<[string, object | undefined]>([
    ['1/1', { part: 1, of: 1 }],
    ['2/3', { part: 2, of: 3 }],
    ['10/12', { part: 10, of: 12 }],
    [`${mostRuns}/${mostRuns}`, { part: mostRuns, of: mostRuns }],
    [`1/${mostRuns + 1}`, undefined],
    ['0/3', undefined],
    ['4/3', undefined],
    ['x/3', undefined],
    ['1/x', undefined],
    ['1/', undefined],
    [' 1/3', undefined],
    ['1/3 ', undefined],
    ['001/3', undefined],
    ['1/003', undefined],
    ['', undefined],
  ])('named %j is %j', (text, share) => {
    const read = readShare(text);
    expect(read && { part: read.part, of: read.of }).toEqual(share);
  });

  test('of one is all, and the borders of several meet', () => {
    expect(lanesIn({ part: 1, of: 1 })).toEqual({ above: '', atMost: 'g' });
    expect([1, 2, 3, 4].map((part) => lanesIn({ part, of: 4 }))).toEqual([
      { above: '', atMost: '40000000' },
      { above: '40000000', atMost: '80000000' },
      { above: '80000000', atMost: 'c0000000' },
      { above: 'c0000000', atMost: 'g' },
    ]);
    expect(lanesIn({ part: 2, of: 32 })).toEqual({ above: '08000000', atMost: '10000000' });
  });

  test('is all at first, and its run is the last where it is named so', () => {
    expect(whole).toMatchObject({ part: 1, of: 1 });
    expect([readShare('2/3')?.isLast, readShare('2/3 last')?.isLast]).toEqual([false, true]);
    expect(readShare('2/3 first')).toBeUndefined();
  });

  test.each([
    [0, 8, 1],
    [2500, 8, 1],
    [2501, 8, 2],
    [9000, 8, 4],
    [1_000_000, 8, 8],
    [1_000_000, 1, 1],
  ])(
    'of %i that are due, by %i runs at most, is one of %i, and the others are asked for',
    async (due, most, of) => {
      const world = createWorld();
      const mine = await run(world, (ports) => askForRuns(due, most, ports));
      expect(mine).toMatchObject({ part: 1, of });
      const started = world.started.map(({ name, data }) => `${name} ${Object.values(data).join()}`);
      const others = Array.from({ length: of - 1 }, (_, index) => `kefu-outbox ${index + 2}/${of}`);
      expect(started.toSorted()).toEqual(others);
      const line = JSON.stringify({ step: 'ask-for-runs', due, runs: of });
      expect(world.lines).toEqual(of > 1 ? [line] : []);
    },
  );

  test('goes on in another run, which is the last', async () => {
    const world = createWorld();
    await run(world, (ports) => askForNext({ part: 2, of: 3 }, ports));
    expect(world.started).toEqual([{ name: 'kefu-outbox', data: { share: '2/3 last' } }]);
  });
});
