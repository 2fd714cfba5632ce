import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import {
  forgetJobs,
  type Job,
  keepJob,
  overdueLanes,
  type TurnLease,
  takeLane,
  waitingJobs,
} from '../../../shared/functions/answer/jobs';
import { createWorld, type World } from '../../world/world';

/** Pushes that wait for an answer, and whose turn it is to answer: step by step, with a database that takes no time. */

const hour = 60 * 60_000;

/** A job of `lane`, kept a minute ago. */
function putJob(world: World, _id: string, fields: Partial<Job> = {}) {
  const at = world.time.now() - 60_000;
  const job = {
    lane: 'lane',
    account: 'miniprogram',
    state: 'waiting',
    attempts: 0,
    push: '{}',
    at,
  } as const;
  world.put('kefu_jobs', { ...job, ...fields, _id });
}

const jobOf = (world: World, id: string) => world.documents('kefu_jobs').find(({ _id }) => _id === id);
const statesOf = (world: World) => world.documents('kefu_jobs').map(({ _id, state }) => `${_id} ${state}`);
const turnOf = (world: World) => world.documents('kefu_turns').find(({ _id }) => _id === 'lane');
const job = (_id: string) => ({ _id }) as Job;

async function taken(world: World, ports: Ports): Promise<TurnLease> {
  const lease = await world.time.until(takeLane('lane', ports));
  if (lease === undefined) throw new Error('the lane is somebody else’s');
  return lease;
}

/** A lane that an instance has, which is about to say its first message. */
async function begun(options: { readonly lagMs?: number } = {}) {
  const world = createWorld({ databaseMs: 0, ...options });
  for (const id of ['a', 'b', 'c']) putJob(world, id);
  const process = world.createProcess();
  const lease = await taken(world, process.ports);
  await world.time.until(lease.take([job('a'), job('b')]));
  await world.time.until(lease.begin(1, 'words'));
  return { world, process, lease };
}

/** The same, with the lane taken over since. */
async function lost() {
  const held = await begun();
  held.world.put('kefu_turns', { ...turnOf(held.world), _id: 'lane', holder: 'another' });
  return held;
}

describe('what waits in a lane', () => {
  test('is in the order in which it came, whatever the database gives first, and of this lane only', async () => {
    const world = createWorld({ databaseMs: 0 });
    for (const [id, at] of [
      ['d', 7],
      ['b', 9],
      ['e', 8],
      ['c', 9],
      ['a', 9],
    ] as const)
      putJob(world, id, { at });
    putJob(world, 'other', { lane: 'other' });
    putJob(world, 'done', { state: 'done' });
    putJob(world, 'foreign', { push: '' });
    const { ports } = world.createProcess();
    const jobs = await world.time.until(waitingJobs('lane', ports));
    expect(jobs.map(({ _id }) => _id)).toEqual(['d', 'e', 'a', 'b', 'c']);
  });

  test('is at most twenty pushes', async () => {
    const world = createWorld({ databaseMs: 0 });
    for (let id = 0; id < 21; id += 1) putJob(world, `${id}`);
    const { ports } = world.createProcess();
    expect(await world.time.until(waitingJobs('lane', ports))).toHaveLength(20);
  });

  test('is kept once, as it came', async () => {
    const world = createWorld({ databaseMs: 0 });
    const { ports } = world.createProcess();
    const push = { id: 'a', lane: 'lane', account: 'official', push: { MsgType: 'text' } } as const;
    await world.time.until(keepJob(push, ports));
    await world.time.until(keepJob({ ...push, push: {} }, ports));
    expect(world.documents('kefu_jobs')).toEqual([
      {
        _id: 'a',
        lane: 'lane',
        account: 'official',
        state: 'waiting',
        attempts: 0,
        push: '{"MsgType":"text"}',
        at: world.time.now(),
      },
    ]);
  });
});

describe('a lane', () => {
  test('is one instance’s for as long as that lives, and nobody waits for it', async () => {
    const { world, process } = await begun();
    const { ports } = world.createProcess();
    for (let seconds = 0; seconds < 40; seconds += 4) {
      const asked = world.time.now();
      expect(await world.time.until(takeLane('lane', ports))).toBeUndefined();
      expect(world.time.now()).toBe(asked);
      await world.time.pass(4000);
    }
    process.kill();
    await world.time.pass(7000);
    expect(await world.time.until(takeLane('lane', ports))).toBeUndefined();
    await world.time.pass(3000);
    expect((await taken(world, ports)).before).toMatchObject({ jobs: ['a', 'b'], begun: 1, saying: 'words' });
  });

  test('is free from the moment on that was written down', async () => {
    const world = createWorld({ databaseMs: 0 });
    const { ports } = world.createProcess();
    const turn = { _id: 'lane', holder: 'dead', jobs: '', begun: 0, saying: '' };
    world.put('kefu_turns', { ...turn, until: world.time.now() + 1 });
    expect(await world.time.until(takeLane('lane', ports))).toBeUndefined();
    await world.time.pass(1);
    expect(await world.time.until(takeLane('lane', ports))).toBeDefined();
  });

  test('that was given back is free at once, and nothing of it is left', async () => {
    const { world, lease } = await begun();
    await world.time.until(lease.release());
    const { before } = await taken(world, world.createProcess().ports);
    expect(before).toMatchObject({ jobs: [], begun: 0, saying: '' });
  });

  test('that was left as it is stays taken for ten seconds, and is not renewed', async () => {
    const { world, lease } = await begun();
    lease.abandon();
    const { ports } = world.createProcess();
    await world.time.pass(9999);
    expect(await world.time.until(takeLane('lane', ports))).toBeUndefined();
    await world.time.pass(1);
    expect((await taken(world, ports)).before.begun).toBe(1);
  });

  test('that nobody had has nothing before it', async () => {
    const world = createWorld({ databaseMs: 0 });
    const { before } = await taken(world, world.createProcess().ports);
    expect(before).toMatchObject({ jobs: [], begun: 0, saying: '' });
  });

  test('is not taken over where something was written since it was read', async () => {
    let behind = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const world = createWorld({ seed, lagMs: 1000, databaseMs: 0 });
      const turn = { _id: 'lane', holder: 'slow', jobs: '["a"]', saying: '' };
      world.put('kefu_turns', { ...turn, begun: 0, until: world.time.now() });
      await world.time.pass(500);
      world.put('kefu_turns', { ...turn, begun: 1, until: world.time.now() + 10_000 });
      const asked = world.time.now();
      expect(await world.time.until(takeLane('lane', world.createProcess().ports))).toBeUndefined();
      if (world.time.now() > asked) behind += 1;
    }
    expect(behind).toBeGreaterThan(0);
  });

  test('that the database says nothing about is nobody’s: it throws', async () => {
    const world = createWorld({ databaseMs: 0 });
    world.meet({ database: Array.from({ length: 4 }, () => 'before') });
    await expect(world.time.until(takeLane('lane', world.createProcess().ports))).rejects.toThrow(
      'out of reach',
    );
  });
});

describe('who answers a lane', () => {
  test('takes jobs: each is an attempt more, no other is, and it stands which they are', async () => {
    const { world, lease } = await begun();
    expect(await world.time.until(lease.take([job('b')]))).toBe(true);
    expect(['a', 'b', 'c'].map((id) => jobOf(world, id)?.['attempts'])).toEqual([1, 2, 0]);
    expect(turnOf(world)).toMatchObject({ jobs: '["b"]', begun: 0, saying: '' });
  });

  test('is told that one of them was answered before', async () => {
    const { world, lease } = await begun();
    putJob(world, 'a', { state: 'done', push: '' });
    expect(await world.time.until(lease.take([job('a'), job('b')]))).toBe(false);
    expect(jobOf(world, 'a')).toMatchObject({ state: 'done', attempts: 0 });
  });

  test('ends the jobs that are answered: what they hold is forgotten, and the others wait', async () => {
    const { world, lease } = await begun();
    await world.time.until(lease.close(['a', 'b'], 'done'));
    expect(statesOf(world)).toEqual(['a done', 'b done', 'c waiting']);
    expect(jobOf(world, 'a')).toMatchObject({ push: '' });
    expect(jobOf(world, 'c')).toMatchObject({ push: '{}' });
    // Whoever finds the turn like this knows that the answer is whole.
    expect(turnOf(world)).toMatchObject({ begun: 1, saying: '' });
  });

  test('gives up what came to nothing, and leaves what was ended before', async () => {
    const { world, lease } = await begun();
    await world.time.until(lease.close(['a'], 'done'));
    await world.time.until(lease.close(['a', 'b'], 'dead'));
    expect(statesOf(world)).toEqual(['a done', 'b dead', 'c waiting']);
  });

  test('learns that it is no longer so within three seconds, without a word of its own', async () => {
    const { world, lease } = await lost();
    expect(lease.isLost()).toBe(false);
    await world.time.pass(2500);
    expect(lease.isLost()).toBe(true);
  });

  test('says, takes and ends nothing any more once the lane is another’s', async () => {
    const acts = [
      (lease: TurnLease) => lease.begin(2, 'more'),
      (lease: TurnLease) => lease.take([job('c')]),
      (lease: TurnLease) => lease.close(['a', 'b'], 'done').then(() => false),
    ];
    for (const act of acts) {
      const { world, lease } = await lost();
      const [turn, jobs] = [turnOf(world), world.documents('kefu_jobs')];
      expect(await world.time.until(act(lease))).toBe(false);
      expect(lease.isLost()).toBe(true);
      await world.time.until(lease.release());
      expect([turnOf(world), world.documents('kefu_jobs')]).toEqual([turn, jobs]);
    }
  });

  test('does not speak where nobody knows whether it may', async () => {
    const { world, lease } = await begun();
    world.meet({ database: ['before', 'before', 'before'] });
    await expect(world.time.until(lease.begin(2, 'more'))).rejects.toThrow('what became of the turn');
    expect(turnOf(world)).toMatchObject({ begun: 1, saying: 'words' });
  });

  test('tries again what the database did not take', async () => {
    const { world, lease } = await begun();
    world.meet({ database: ['before'] });
    expect(await world.time.until(lease.begin(2, 'more'))).toBe(true);
    world.meet({ database: [undefined, 'before'] });
    await world.time.until(lease.close(['a', 'b'], 'done'));
    world.meet({ database: ['before'] });
    await world.time.until(lease.release());
    expect(statesOf(world)).toEqual(['a done', 'b done', 'c waiting']);
    expect(turnOf(world)).toMatchObject({ holder: '', until: 0 });
  });
});

describe('what the timer finds', () => {
  test('is each lane once that has waited for five seconds, the longest first', async () => {
    const world = createWorld({ databaseMs: 0 });
    const now = world.time.now();
    const jobs = [
      ['young', 4999],
      ['second', 6000],
      ['first', 9000],
      ['second', 5500],
      ['third', 5000],
    ] as const;
    for (const [place, [lane, ageMs]] of jobs.entries()) putJob(world, `${place}`, { lane, at: now - ageMs });
    putJob(world, 'done', { lane: 'done', state: 'done' });
    const { ports } = world.createProcess();
    expect(await world.time.until(overdueLanes(ports))).toEqual(['first', 'second', 'third']);
    expect(world.lines).toEqual([]);
    expect(world.databaseCalls).toBe(1);
  });

  test('is two hundred jobs at a time', async () => {
    const world = createWorld({ databaseMs: 0 });
    for (let id = 0; id < 201; id += 1) putJob(world, `${id}`, { lane: `lane${id}` });
    expect(await world.time.until(overdueLanes(world.createProcess().ports))).toHaveLength(200);
  });

  test('and is no job of ours is given up, with a line in the log, and no other is', async () => {
    const world = createWorld({ databaseMs: 0 });
    putJob(world, 'ours');
    putJob(world, 'foreign', { lane: 'forged', push: '' });
    expect(await world.time.until(overdueLanes(world.createProcess().ports))).toEqual(['lane']);
    expect(statesOf(world)).toEqual(['ours waiting', 'foreign dead']);
    expect(world.lines).toEqual(['{"step":"foreign-jobs","failed":true,"jobs":1}']);
  });
});

describe('what was dealt with', () => {
  const forget = async (minutes: number) => {
    const world = createWorld({ databaseMs: 0 });
    await world.time.pass(hour - (world.time.now() % hour) + minutes * 60_000);
    const now = world.time.now();
    for (const state of ['waiting', 'done', 'dead'] as const) {
      putJob(world, `old ${state}`, { state, at: now - 24 * hour });
      putJob(world, `young ${state}`, { state, at: now - 24 * hour + 1 });
    }
    await world.time.until(forgetJobs(world.createProcess().ports));
    return world.documents('kefu_jobs').map(({ _id }) => _id);
  };

  test('is forgotten after a day, and never what waits', async () => {
    expect(await forget(0)).toEqual(['old waiting', 'young waiting', 'young done', 'young dead']);
  });

  test('is looked for in the first minute of an hour', async () => {
    for (const minutes of [1, 30, 59]) expect(await forget(minutes)).toHaveLength(6);
  });
});
