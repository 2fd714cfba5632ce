import { inParallel } from '../../core/parallel';
import type { FallbackPorts } from '../deliver/fallback';
import { sendLanes } from './lanes';
import { createRun, type Run } from './run';
import { askForNext, askForRuns, lanesIn, mostRuns, type Share, whole } from './shares';
import { setRight, tidyIdle } from './upkeep';

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
  let givingUp: Promise<void> | undefined;
  if (given === undefined) {
    // The timer mostly finds nothing: that costs one question, and every question counts against the environment's quota.
    if ((await countKept(ports)) === 0) {
      await tidyIdle(run);
      return { ...run.tally, kept: 0 };
    }
    ({ givingUp } = await setRight(run));
  }
  let share = given;
  while (run.hasTime()) {
    const { lanes, isFull } = await findLanes(share ?? whole, run);
    if (lanes.length === 0) {
      // The others may never have begun.
      if (given === undefined && share !== undefined && share !== whole) share = whole;
      else if (givingUp === undefined) break;
      else {
        await givingUp;
        givingUp = undefined;
      }
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
  await givingUp;
  const kept = await countKept(ports);
  if (kept > 0 && run.isOutOfTime() && share?.isLast !== true) await askForNext(share ?? whole, ports);
  return { ...run.tally, kept };
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
