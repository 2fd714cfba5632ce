import { inChunks } from '../../core/groups';
import { inParallel } from '../../core/parallel';
import type { Ports } from '../../core/ports';
import type { FallbackPorts } from '../deliver/fallback';
import { sendLanes } from './lanes';
import { createRun, type Run } from './run';
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
    await inParallel(takersAtOnce, inChunks(lanes, size), async (group) => {
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

/**
 * A share of the outbox, from the first of `of` to the last: lanes are hashes, so a range of their names is an even
 * share of the users. Where more is due than one run sends in its time, the timer's run asks for others and gives each
 * a range; no lane is in two of them.
 * Ranges only keep runs out of each other's way: that no message is sent twice stands on the marks, whatever ranges
 * overlap. A start that is lost costs time, for the one who asked goes on with the whole when its own share is done.
 *
 * A run whose time is up while more waits asks once for another that goes on with its share; that one asks for none, so
 * the runs of one timer are over when the next one comes.
 */
export interface Share {
  readonly part: number;
  readonly of: number;
  /** Whether its run asks for no other when its time is up. */
  readonly isLast?: boolean;
}

export const whole: Share = { part: 1, of: 1 };

/** The most runs that are asked for at a time, the one that asks among them. */
export const mostRuns = 32;

/** How many due messages make one more run worth its start: what one sends in some fifteen seconds. */
const dueForRun = 2500;

/** The share that an event names, as in `3/8` or `3/8 last`; `undefined` where it names none. */
export function readShare(text: string): Share | undefined {
  const [, part = '', of = '', last] = /^(\d{1,2})\/(\d{1,2})( last)?$/.exec(text) ?? [];
  const share = { part: Number(part), of: Number(of), isLast: last !== undefined };
  return share.part >= 1 && share.part <= share.of && share.of <= mostRuns ? share : undefined;
}

/** How many lanes' names begin differently, and what is above all names. */
const differentNames = 2 ** 32;
const aboveNames = 'g';

/** What a lane's name must be to be in a share. */
export function lanesIn({ part, of }: Share): { readonly above: string; readonly atMost: string } {
  const border = (place: number) =>
    Math.floor((place * differentNames) / of)
      .toString(16)
      .padStart(8, '0');
  return { above: part === 1 ? '' : border(part - 1), atMost: part === of ? aboveNames : border(part) };
}

/** Starts the runs that so much asks for, beside this one: which share is left to this one. */
export async function askForRuns(
  due: number,
  most: number,
  ports: Pick<Ports, 'startFunction' | 'log'>,
): Promise<Share> {
  const of = Math.max(1, Math.min(most, Math.ceil(due / dueForRun)));
  const others = Array.from({ length: of - 1 }, (_, index) => `${index + 2}/${of}`);
  await Promise.all(others.map((share) => ports.startFunction('kefu-outbox', { share })));
  if (of > 1) ports.log({ step: 'ask-for-runs', due, runs: of });
  return { part: 1, of };
}

/** Starts the run that goes on with a share. */
export function askForNext({ part, of }: Share, ports: Pick<Ports, 'startFunction'>): Promise<void> {
  return ports.startFunction('kefu-outbox', { share: `${part}/${of} last` });
}
