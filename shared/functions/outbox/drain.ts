import { persist } from '../../core/failures';
import { rememberMs } from '../../core/once';
import { inParallel } from '../../core/parallel';
import { keepOutcome, keepsHistory } from '../conversations/history';
import type { FallbackPorts } from '../deliver/fallback';
import { markMs } from './batch';
import { longestDelayMs, tooLate } from './fates';
import { sendLanes } from './lanes';
import { dueNow, whenWoken } from './outbox';
import { createRun, type Run } from './run';
import { askForRuns, lanesIn, mostRuns, type Share, whole } from './shares';
import { wakeForgotten, wakeMissed } from './sleep';

/** What a run came to: messages sent, messages given up, and how many wait now. */
export interface DrainResult {
  readonly sent: number;
  readonly kept: number;
  readonly dead: number;
}

/** How many due messages are looked at to find lanes that have any, and how often that is done anew. */
const lookAtOnce = 1000;
const mostLooks = 5;

/** A lane with more due messages than this among those looked at is left out of the next look, so that others are seen. */
const crowdedFrom = 50;

/** How many lanes have their turn together, and how many such groups at once: while one writes, the others send. */
const lanesAtOnce = 100;
const takersAtOnce = 3;

/** How long a lane rests after a run died in it: a message that was on its way then has arrived by now or never will. */
const restMs = 50 * 1000;

/** How long what was sent or given up is remembered. */
export const keepDecidedMs = rememberMs;

/**
 * Sends what is due: until nothing is, or the function's time is up. Any number of runs may overlap; each takes what
 * the others do not have. Throws where the database cannot be asked at all.
 *
 * @param given the share that another run has asked this one to send; left out, all, with what the timer does besides,
 * and with the help of other runs where there is much
 * @param most how many runs there are at most, this one among them
 */
export async function drain(ports: FallbackPorts, given?: Share, most = mostRuns): Promise<DrainResult> {
  const run = createRun(ports);
  if (given === undefined) {
    // The timer mostly finds nothing: that costs one question, and every question counts against the environment's quota.
    if ((await countKept(ports)) === 0) {
      await tidy(run, tidyEveryMinutes.idle);
      return { ...run.tally, kept: 0 };
    }
    await Promise.all([
      wakeForgotten(ports),
      giveUpLost(run),
      giveUpLate(run),
      tidy(run, tidyEveryMinutes.busy),
    ]);
  }
  let share = given;
  while (run.hasTime()) {
    const { lanes, isFull } = await findLanes(share ?? whole, run);
    if (lanes.length === 0) {
      // The others may never have begun.
      if (given !== undefined || share === undefined || share === whole) break;
      share = whole;
      continue;
    }
    if (isFull)
      share ??= await askForRuns(await ports.database('kefu_outbox').count(dueAt(run)), most, ports);
    // As many groups for each taker, so that none works alone at the end.
    const rounds = Math.ceil(lanes.length / (lanesAtOnce * takersAtOnce));
    const size = Math.ceil(lanes.length / (rounds * takersAtOnce));
    const groups = Array.from({ length: Math.ceil(lanes.length / size) }, (_, index) =>
      lanes.slice(index * size, (index + 1) * size),
    );
    await inParallel(takersAtOnce, groups, async (group) => {
      if (run.hasTime()) await sendLanes(group, run);
    });
  }
  return { ...run.tally, kept: await countKept(ports) };
}

function countKept({ database }: FallbackPorts): Promise<number> {
  return database('kefu_outbox').count({ state: { oneOf: ['waiting', 'sending'] } });
}

/** What waits, is due and is nobody's. */
function dueAt({ ports }: Run) {
  const now = ports.clock.now();
  return { state: 'waiting', dueAt: { atMost: now }, leaseUntil: { atMost: now } } as const;
}

/**
 * The lanes of a share that have something due and that this run may look at, those of the owner's messages first; and
 * whether more is due than is looked at.
 */
async function findLanes(
  share: Share,
  run: Run,
): Promise<{ readonly lanes: readonly string[]; readonly isFull: boolean }> {
  const counts = new Map<string, number>();
  const crowded: string[] = [];
  let isFull = false;
  for (let look = 0; look < mostLooks; look += 1) {
    const due = await run.ports.database('kefu_outbox').find(
      {
        ...dueAt(run),
        ...(share === whole && crowded.length === 0 ? {} : { lane: { ...lanesIn(share), noneOf: crowded } }),
      },
      {
        order: [
          ['rank', 'desc'],
          ['seq', 'asc'],
        ],
        limit: lookAtOnce,
        fields: ['lane'],
      },
    );
    isFull ||= due.length === lookAtOnce;
    for (const { lane } of due) counts.set(lane, (counts.get(lane) ?? 0) + 1);
    const more = [...counts].filter(([lane, count]) => count > crowdedFrom && !crowded.includes(lane));
    if (due.length < lookAtOnce || more.length === 0) break;
    crowded.push(...more.map(([lane]) => lane));
  }
  return { lanes: [...counts.keys()].filter((lane) => !run.done.has(lane)), isFull };
}

/**
 * Gives up what was being sent by runs that did not come to their end. Its lanes are put to rest first: their last
 * holder may be slow, not dead, and a run that dies in between leaves no lane without its rest.
 */
async function giveUpLost(run: Run): Promise<void> {
  const { database, clock } = run.ports;
  const outbox = database('kefu_outbox');
  const now = clock.now();
  const lost = await outbox.find({ state: 'sending', leaseUntil: { atMost: now } }, { fields: ['lane'] });
  if (lost.length === 0) return;
  const lanes = [...new Set(lost.map(({ lane }) => lane))];
  for (const lane of lanes) run.done.add(lane);
  const dueAt = now + restMs;
  await outbox.update({ lane: { oneOf: lanes }, state: 'waiting', dueAt: { atMost: dueAt } }, { dueAt });
  // The holder stays in it: should it live after all, it may still say what became of the message.
  run.tally.dead += await outbox.update(
    { _id: { oneOf: lost.map(({ _id }) => _id) }, state: 'sending', leaseUntil: { atMost: now } },
    {
      ...ended(run, now),
      code: 'unknown-delivery',
      errCode: -501002,
      errMsg: 'the run that was sending it did not come to its end, so it may have arrived',
    },
  );
  const ids = lost.map(({ _id }) => _id);
  await keepOutcome(ids, { status: 'unknown', errCode: -501002 }, run.ports);
}

/** Gives up what can no longer be sent in time. */
async function giveUpLate(run: Run): Promise<void> {
  const { ports } = run;
  const now = ports.clock.now();
  const outbox = ports.database('kefu_outbox');
  const late = { state: 'waiting', deadline: { atMost: now }, leaseUntil: { atMost: now } } as const;
  const found = keepsHistory(ports) ? await outbox.find(late, { fields: ['state'] }) : [];
  run.tally.dead += await outbox.update(late, { ...ended(run, now), ...tooLate });
  const { errCode, errMsg } = tooLate;
  const ids = found.map(({ _id }) => _id);
  await keepOutcome(ids, { status: 'failed', errCode, errMsg }, ports);
}

function ended({ name, ports }: Run, now: number) {
  const text = ports.settings.outboxKeep === 'text' ? {} : { payload: '' };
  return { state: 'dead', decidedAt: now, endedBy: name, ...text } as const;
}

/** How long a push that was taken is remembered: WeChat repeats it for some seconds, a nonce is good for minutes. */
const rememberPushesMs = 24 * 60 * 60 * 1000;

/** Where nothing waits there is nothing to set right, only to clear away. */
const tidyEveryMinutes = { busy: 10, idle: 60 } as const;

/** Now and then clears away what is old, and sets right what a wrong clock left in the future. */
async function tidy({ ports }: Run, everyMinutes: number): Promise<void> {
  const now = ports.clock.now();
  if (Math.floor(now / 60_000) % everyMinutes !== 0) return;
  const { database } = ports;
  const outbox = database('kefu_outbox');
  await persist('tidy', ports, async () => {
    // An id is forgotten before its message is: the other way round, a late repeat would keep the message anew.
    await database('kefu_requests').remove({ at: { atMost: now - rememberMs } });
    await outbox.remove({
      state: { oneOf: ['sent', 'dead'] },
      decidedAt: { atMost: now - keepDecidedMs },
    });
    // What WeChat no longer repeats, and nonces that are too old to be taken anyway.
    await database('kefu_pushes').remove({ at: { atMost: now - rememberPushesMs } });
    await database('kefu_nonces').remove({ at: { atMost: now - rememberPushesMs } });
    const held = { leaseUntil: { above: now + 2 * markMs } };
    await outbox.update({ state: 'waiting', ...held }, { holder: '', leaseUntil: 0 });
    await outbox.update({ state: 'sending', ...held }, { leaseUntil: now + markMs });
    await outbox.update(
      { state: 'waiting', dueAt: { above: now + 2 * longestDelayMs, atMost: whenWoken - 1 } },
      { dueAt: dueNow },
    );
    await wakeMissed(ports);
  });
}
