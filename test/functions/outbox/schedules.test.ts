import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noteAct } from '../../../shared/core/reply-windows';
import { drain } from '../../../shared/functions/outbox/drain';
import { keep, outboxCollection, wakeOutbox, whenWoken } from '../../../shared/functions/outbox/outbox';
import { depth } from '../../depth';
import { createWorld, type Mishap, type OutboxWorld, textTo } from './outbox-world';

/** The outbox under every failure that can be thought of: each message once, or known to be unknown; each row in order. */

const minute = 60_000;
const day = 24 * 60 * minute;

async function fill(world: OutboxWorld, users: number, each: number) {
  const { ports } = world.createProcess();
  const deadline = world.now() + 30 * day;
  const names: string[] = [];
  for (let row = 0; row < each; row += 1) {
    for (let user = 0; user < users; user += 1) {
      const id = `m${user}.${row}`;
      names.push(id);
      const message = textTo(`user${user}`, id);
      await keep([{ id, message, account: 'miniprogram', fallback: [], priority: 0, deadline }], ports);
    }
  }
  return names;
}

/** Runs a drain until it ends or dies. */
async function run(world: OutboxWorld, options: Parameters<OutboxWorld['createProcess']>[0] = {}) {
  const process = world.createProcess({ limitMs: 60_000, ...options });
  return Promise.race([drain(process.ports).catch(() => 'failed' as const), process.death]);
}

/** What a schedule of failures is made of. */
const mishap: fc.Arbitrary<Mishap | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(-1, 45011, 40003, 45168, 48001, 45015, 45047, 45009, -604102)
      .map((errCode) => ({ kind: 'errcode', errCode }) as const),
  },
  {
    weight: 2,
    arbitrary: fc.boolean().map((carriedOut) => ({ kind: 'silence', carriedOut }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'unreached' } as const) },
);

const act = fc.record({
  /** How many drains run side by side. */
  drains: fc.array(
    fc.record({
      dieAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: 0 }),
      dieAfter: fc.boolean(),
      skewMs: fc.constantFrom(0, 0, 0, -5 * minute, 5 * minute, 2 * day, -2 * day),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  wechat: fc.array(mishap, { maxLength: 20 }),
  database: fc.array(fc.constantFrom(undefined, undefined, undefined, undefined, 'before', 'after'), {
    maxLength: 30,
  }),
  shut: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
  jumpMs: fc.constantFrom(0, minute, 10 * minute, 2 * 60 * minute, day, -day),
});

const schedule = fc.record({
  users: fc.integer({ min: 1, max: 4 }),
  each: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer(),
  acts: fc.array(act, { minLength: 1, maxLength: 5 }),
});

function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Lets the world heal: time passes, windows open, users write; then everything must come to an end. */
async function heal(world: OutboxWorld, users: number) {
  for (let round = 0; round < 40; round += 1) {
    for (let user = 0; user < users; user += 1) {
      world.shut(`user${user}`);
      await wakeOutbox('miniprogram', `user${user}`, world.createProcess().ports);
    }
    await run(world);
    const open = world
      .documents(outboxCollection)
      .filter(({ state }) => state === 'waiting' || state === 'sending');
    if (open.length === 0) return;
    world.advance(91 * minute);
  }
}

function check(world: OutboxWorld, names: readonly string[]) {
  const documents = new Map(
    world.documents(outboxCollection).map((document) => [String(document['_id']), document]),
  );
  const counts = new Map<string, number>();
  for (const { text } of world.delivered) counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const name of names) {
    const document = documents.get(name);
    const arrived = counts.get(name) ?? 0;
    const { state, code, payload } = document ?? { state: 'lost' };
    const fate = `${name} ${state} ${code ?? ''} arrived ${arrived}`;
    if (state === 'sent') expect([fate, arrived, payload]).toEqual([fate, 1, '']);
    else if (state === 'dead' && code === 'unknown-delivery')
      expect([fate, arrived <= 1]).toEqual([fate, true]);
    else expect([fate, state, arrived]).toEqual([fate, 'dead', 0]);
  }
  const last = new Map<string, number>();
  for (const { touser, text } of world.delivered) {
    const row = Number(text.split('.')[1]);
    expect(`${touser}: ${row} after ${last.get(touser) ?? -1}`).toBe(
      row > (last.get(touser) ?? -1) ? `${touser}: ${row} after ${last.get(touser) ?? -1}` : 'out of order',
    );
    last.set(touser, row);
  }
}

describe('for every schedule of failures', () => {
  test('each message arrives once or is of unknown delivery, none is lost, and each row keeps its order', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async ({ users, each, seed, acts }) => {
        const world = createWorld(randomOf(seed));
        const names = await fill(world, users, each);
        for (const { drains, wechat, database, shut, jumpMs } of acts) {
          for (const user of shut) world.shut(`user${user}`, 45015);
          world.meet({ wechat, database });
          await Promise.all(drains.map((options) => run(world, options)));
          world.meet({});
          world.advance(jumpMs);
        }
        await heal(world, users);
        check(world, names);
      }),
      { numRuns: depth(1500), endOnFailure: false },
    );
  }, 120_000);
});

describe('a push that crosses a refusal', () => {
  test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'wakes the row all the same, when it comes after effect %i of the drain',
    async (moment) => {
      const world = createWorld();
      const names = await fill(world, 1, 3);
      world.shut('user0', 45015);
      const process = world.createProcess({ limitMs: 60_000 });
      const draining = drain(process.ports);
      while (process.effects() < moment) await new Promise((resolve) => setImmediate(resolve));
      world.shut('user0');
      const { ports } = world.createProcess({ swift: true });
      await noteAct('miniprogram', 'user0', 'message', world.now(), ports);
      await wakeOutbox('miniprogram', 'user0', ports);
      await draining;
      world.advance(minute);
      await run(world);
      expect(world.delivered.map(({ text }) => text)).toEqual(names);
    },
  );
});

test('what fell asleep after its row was woken goes along with the row', async () => {
  const world = createWorld();
  const names = await fill(world, 1, 3);
  for (const document of world.documents(outboxCollection)) {
    const { _id } = document;
    if (_id !== 'm0.0') world.put(outboxCollection, { ...document, _id: String(_id), dueAt: whenWoken });
  }
  await run(world);
  expect(world.delivered.map(({ text }) => text)).toEqual(names);
});

describe('a row whose last run was lost with a message on its way', () => {
  const lost = async () => {
    const world = createWorld();
    await fill(world, 2, 2);
    const [first] = world.documents(outboxCollection).filter(({ _id }) => _id === 'm0.0');
    const lease = { state: 'sending', holder: 'lost', leaseUntil: world.now() - 1 };
    if (first !== undefined) world.put(outboxCollection, { ...first, ...lease, _id: 'm0.0' });
    return world;
  };
  const arrived = (world: OutboxWorld) => world.delivered.map(({ text }) => text).sort();

  test('rests for a minute, so that a late arrival is not overtaken; other rows go on', async () => {
    const world = await lost();
    await run(world);
    expect(arrived(world)).toEqual(['m1.0', 'm1.1']);
    world.advance(minute - 1000);
    await run(world);
    expect(arrived(world)).toEqual(['m1.0', 'm1.1']);
    world.advance(1000);
    await run(world);
    expect(arrived(world)).toEqual(['m0.1', 'm1.0', 'm1.1']);
  });

  test('says of that message that nobody knows, and never sends it again', async () => {
    const world = await lost();
    for (let round = 0; round < 5; round += 1) {
      await run(world);
      world.advance(day);
    }
    expect(arrived(world)).not.toContain('m0.0');
    expect(world.documents(outboxCollection).find(({ _id }) => _id === 'm0.0')).toMatchObject({
      state: 'dead',
      code: 'unknown-delivery',
    });
  });
});

describe('among many users', () => {
  const place = async (rank: number) => {
    const world = createWorld();
    await fill(world, 300, 1);
    const { ports } = world.createProcess();
    const urgent = { id: 'urgent', message: textTo('userLast', 'urgent'), account: 'miniprogram' } as const;
    const deadline = world.now() + day;
    await keep([{ ...urgent, fallback: [], priority: 9, rank, deadline }], ports);
    await run(world);
    return world.delivered.findIndex(({ text }) => text === 'urgent');
  };

  test('what ranks higher leaves before what came earlier, and a priority alone does not', async () => {
    expect(await place(9)).toBeLessThan(200);
    expect(await place(0)).toBeGreaterThan(250);
  });
});

describe('a run whose time is up', () => {
  test('leaves the rest for the next, and nothing half', async () => {
    const world = createWorld();
    const names = await fill(world, 10, 20);
    const process = world.createProcess({ limitMs: 60_000 });
    const draining = drain(process.ports);
    while (world.calls.length < 50) await new Promise((resolve) => setImmediate(resolve));
    world.advance(55_000);
    const { sent, kept, dead } = await draining;
    expect(sent).toBeGreaterThanOrEqual(50);
    expect([sent + kept, dead]).toEqual([200, 0]);
    expect(
      world.documents(outboxCollection).some(({ holder, state }) => state === 'waiting' && holder !== ''),
    ).toBe(false);
    await run(world);
    check(world, names);
    expect(world.delivered).toHaveLength(200);
  });
});
