import { nonceCollection, pushCollection } from '../../core/claim';
import { rememberMs, requestCollection } from '../../core/once';
import { inParallel } from '../../core/parallel';
import type { Changes, Condition, Ports } from '../../core/ports';
import { longestDelayMs, tooLate } from './batch';
import { drainLanes } from './lanes';
import { outboxCollection, whenWoken } from './outbox';
import { createDrainRun, type DrainRun, longestLeaseMs, persist } from './run';

/** What a run came to: messages sent, messages given up, and how many wait now. */
export interface DrainResult {
  readonly sent: number;
  readonly kept: number;
  readonly dead: number;
}

/** How many due messages are looked at to find lanes that have any. */
const lookAtOnce = 1000;

/** How many lanes are taken at a time, and by how many at once: while one writes, the others send. */
const lanesAtOnce = 64;
const takersAtOnce = 4;

/** How long a lane rests after a run died in it: a message that was on its way then has arrived by now or never will. */
const restMs = 60 * 1000;

/** How long what was sent or given up is remembered. */
export const keepDecidedMs = rememberMs;

/**
 * Sends what is due: until nothing is, or the function's time is up. Any number of runs may overlap; each takes what
 * the others do not have. Throws where the database cannot be asked at all.
 */
export async function drain(ports: Ports): Promise<DrainResult> {
  const run = createDrainRun(ports);
  await giveUp(run);
  while (run.hasTime()) {
    const lanes = await findLanes(run);
    if (lanes.length === 0) break;
    const size = Math.min(lanesAtOnce, Math.ceil(lanes.length / takersAtOnce));
    const groups = Array.from({ length: Math.ceil(lanes.length / size) }, (_, index) =>
      lanes.slice(index * size, (index + 1) * size),
    );
    await inParallel(takersAtOnce, groups, async (group) => {
      if (run.hasTime()) await drainLanes(group, run);
    });
  }
  const kept = await ports.documents.count(outboxCollection, {
    state: { oneOf: ['waiting', 'sending'] },
  });
  return { ...run.tally, kept };
}

/** The lanes that have something due, the most urgent first; none twice in a run. */
async function findLanes({ ports, visited }: DrainRun): Promise<string[]> {
  const now = ports.clock.now();
  const due = await ports.documents.find(
    outboxCollection,
    { state: 'waiting', dueAt: { atMost: now }, leaseUntil: { atMost: now } },
    {
      order: [
        ['rank', 'desc'],
        ['seq', 'asc'],
      ],
      limit: lookAtOnce,
      fields: ['lane'],
    },
  );
  const lanes = new Set(due.map((document) => String(document['lane'])));
  const fresh = [...lanes].filter((lane) => !visited.has(lane));
  for (const lane of fresh) visited.add(lane);
  return fresh;
}

/** Ends what can no longer be sent, before anything else; now and then, clears away what is old. */
async function giveUp(run: DrainRun): Promise<void> {
  const { ports, tally } = run;
  const now = ports.clock.now();
  const hashesOnly = ports.settings.outboxKeep === 'hashes' ? { payload: '' } : {};
  const end = async (condition: Condition, reason: Changes) => {
    const count = await ports.documents.update(outboxCollection, condition, {
      state: 'dead',
      decidedAt: now,
      endedBy: run.name,
      ...hashesOnly,
      ...reason,
    });
    tally.dead += count;
    return count;
  };
  const unknown = {
    code: 'unknown-delivery',
    errCode: -501002,
    errMsg: 'the run that was sending it did not come to its end, so it may have arrived',
  };
  if (isTidyTime(now)) await tidy(run, now);
  // The holder stays in it: should it live after all, it may still say what became of the message.
  const lost = await end({ state: 'sending', leaseUntil: { atMost: now } }, unknown);
  if (lost > 0) await restLanes(run, now);
  await end({ state: 'waiting', deadline: { atMost: now }, leaseUntil: { atMost: now } }, { ...tooLate });
}

/** The lanes of messages that were just given up are left alone for a while: their last holder may be slow, not dead. */
async function restLanes({ ports, name, visited }: DrainRun, now: number): Promise<void> {
  const lost = await ports.documents.find(outboxCollection, { endedBy: name }, { fields: ['lane'] });
  const lanes = [...new Set(lost.map((document) => String(document['lane'])))];
  for (const lane of lanes) visited.add(lane);
  await ports.documents.update(
    outboxCollection,
    { lane: { oneOf: lanes }, state: 'waiting', dueAt: { atMost: now + restMs } },
    { dueAt: now + restMs },
  );
}

/** How long a push that was taken is remembered: WeChat repeats it for some seconds, a nonce is good for minutes. */
const rememberPushesMs = 24 * 60 * 60 * 1000;

const tidyEveryMinutes = 10;

function isTidyTime(now: number): boolean {
  return Math.floor(now / 60_000) % tidyEveryMinutes === 0;
}

/** Clears away what is old, and sets right what a wrong clock left in the future. */
async function tidy(run: DrainRun, now: number): Promise<void> {
  const { documents } = run.ports;
  await persist(run, 'tidy', async () => {
    // An id is forgotten before its message is: the other way round, a late repeat would keep the message anew.
    await documents.remove(requestCollection, { at: { atMost: now - rememberMs } });
    await documents.remove(outboxCollection, {
      state: { oneOf: ['sent', 'dead'] },
      decidedAt: { atMost: now - keepDecidedMs },
    });
    // What WeChat no longer repeats, and nonces that are too old to be taken anyway.
    await documents.remove(pushCollection, { at: { atMost: now - rememberPushesMs } });
    await documents.remove(nonceCollection, { at: { atMost: now - rememberPushesMs } });
    const held = { leaseUntil: { above: now + longestLeaseMs } };
    await documents.update(outboxCollection, { state: 'waiting', ...held }, { holder: '', leaseUntil: 0 });
    await documents.update(
      outboxCollection,
      { state: 'sending', ...held },
      { leaseUntil: now + longestLeaseMs },
    );
    await documents.update(
      outboxCollection,
      { state: 'waiting', dueAt: { above: now + 2 * longestDelayMs, atMost: whenWoken - 1 } },
      { dueAt: now },
    );
  });
}
