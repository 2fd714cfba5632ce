import { logThrown, persist } from '../../core/failures';
import { groupBy } from '../../core/groups';
import type { Ports } from '../../core/ports';
import { type Noted, noteSent } from '../../core/reply-windows';
import type { FallbackPorts } from '../deliver/fallback';
import { type Held, heldFields, sendDue, type Turn } from './batch';
import { whenWoken } from './outbox';
import { createRun, type Run } from './run';
import { letSleep, type Refused, wake } from './sleep';

/** A turn of some lanes: what they have due is taken, sent in batches, and let go. */

/** How many messages are read at a time, and how many of one lane leave in a turn where other lanes wait too. */
const readAtOnce = 500;
const fairShare = 20;

/** How long a turn may begin messages: then lanes that came meanwhile have theirs. */
const turnMs = 10 * 1000;

/** How long what was taken stays taken. Nothing depends on it but that runs do not take from each other in vain. */
const takenMs = 20 * 1000;

/** The order in which messages leave. */
const leavingOrder = [
  ['priority', 'desc'],
  ['seq', 'asc'],
  ['_id', 'asc'],
] as const;

/**
 * Sends what lanes have due, each lane in its order.
 *
 * What waits in the lanes is taken under the turn's name first, document by document; then the lanes are read, and what
 * is read may be old. Only a mark, which needs that name, lets a message leave, and a lane's messages are marked from
 * the first one on: where an earlier one is another's, being sent or not due, the lane is left alone. So of two runs
 * that believe to have a lane one sends, whatever their clocks.
 *
 * @param known how many acts of the lanes' users were noted, where that need not be asked
 */
export async function sendLanes(
  lanes: readonly string[],
  run: Run,
  known?: ReadonlyMap<string, number>,
): Promise<void> {
  const turn = createTurn(run);
  try {
    await take(lanes, turn, known);
    const found = await read(lanes, run);
    const { due, asleep } = firstOf(found, turn);
    if (asleep.length > 0) await letSleep(asleep, turn.holder, run.ports);
    const fair = Math.max(fairShare, Math.ceil(readAtOnce / lanes.length));
    await sendDue(new Map(Array.from(due, ([lane, row]) => [lane, row.slice(0, fair)])), turn);
  } catch (error) {
    logThrown(run.ports, 'drain', error);
    run.stop();
  }
  await finish(lanes, turn);
}

function createTurn(run: Run): Turn {
  const { clock, newId } = run.ports;
  return {
    run,
    holder: `${run.name}-${newId()}`,
    endsAt: clock.now() + turnMs,
    acts: new Map(),
    counts: new Map(),
    moved: new Set(),
    shut: new Set(),
  };
}

/** Ends a turn: counts what was sent, lets go of what was not, and marks the lanes that are not to be looked at again. */
async function finish(lanes: readonly string[], { run, holder, counts, moved, shut }: Turn): Promise<void> {
  for (const lane of lanes) if (!moved.has(lane) || shut.has(lane)) run.done.add(lane);
  await Promise.all([
    noteSent(counts, run.ports),
    persist('let-go', run.ports, () =>
      run.ports.database('kefu_outbox').update({ holder, state: 'waiting' }, { holder: '', leaseUntil: 0 }),
    ),
  ]);
}

/** Takes what waits in the lanes, and reads how many acts of their users were noted. */
async function take(
  lanes: readonly string[],
  turn: Turn,
  known?: ReadonlyMap<string, number>,
): Promise<void> {
  const { database, clock } = turn.run.ports;
  const now = clock.now();
  [turn.acts] = await Promise.all([
    known ?? readActs(lanes, turn.run.ports),
    database('kefu_outbox').update(
      { lane: { oneOf: lanes }, state: 'waiting', leaseUntil: { atMost: now } },
      { holder: turn.holder, leaseUntil: now + takenMs },
    ),
  ]);
}

/** How many acts of each lane's user were noted; nothing where nothing is known of the user. */
export async function readActs(
  lanes: readonly string[],
  { database }: Pick<Ports, 'database'>,
): Promise<ReadonlyMap<string, number>> {
  const books = await database('kefu_windows').find({ _id: { oneOf: lanes } }, { fields: ['acts'] });
  return new Map(books.map(({ _id, acts }) => [_id, acts]));
}

/** What waits or is being sent in the lanes, less what this run has decided: a read may be older than that. */
async function read(lanes: readonly string[], { ports, decided }: Run): Promise<readonly Held[]> {
  const found = await ports
    .database('kefu_outbox')
    .find(
      { lane: { oneOf: lanes }, state: { oneOf: ['waiting', 'sending'] } },
      { order: leavingOrder, limit: readAtOnce, fields: heldFields },
    );
  return found.filter(({ _id }) => !decided.has(_id));
}

/** What of the lanes can be sent now: of each its first messages, as far as they wait and are due. */
function firstOf(found: readonly Held[], { run, acts, shut }: Turn) {
  const now = run.ports.clock.now();
  const due = new Map<string, Held[]>();
  const asleep: Refused[] = [];
  for (const [lane, messages] of groupBy(found, ({ lane }) => lane)) {
    const noted = acts.get(lane) ?? 0;
    // What fell asleep before its user's last act was not woken by it, for whatever reason; and behind one that is due
    // all go along.
    const isAwake = (held: Held, place: number) =>
      held.dueAt <= now || (held.dueAt === whenWoken && (place > 0 || held.acts !== noted));
    const isDue = (held: Held, place: number) => held.state === 'waiting' && isAwake(held, place);
    const end = messages.findIndex((held, place) => !isDue(held, place));
    const row = end === -1 ? messages : messages.slice(0, end);
    if (row.length > 0) due.set(lane, row);
    if (end === -1) continue;
    shut.add(lane);
    const sleeps = end === 0 && messages[0]?.state === 'waiting' && messages[0].dueAt === whenWoken;
    if (sleeps) asleep.push({ lane, acts: acts.get(lane) });
  }
  return { due, asleep };
}

/** How long messages that waited for a push are begun. */
const begunWithinMs = 2500;

/**
 * Sends what waited in a lane for its user's push, as far as the window goes, after the push was noted.
 *
 * The lane is woken beside it: what slept at another number of acts than the push was given is awake, whether that is
 * written already or not. Should this die, the next drain finds the lane woken.
 */
export async function sendWoken(
  lane: string,
  noted: Pick<Noted, 'acts'>,
  ports: FallbackPorts,
): Promise<void> {
  const run = createRun(ports, begunWithinMs);
  await Promise.all([wake(lane, noted, ports), sendLanes([lane], run, new Map([[lane, noted.acts]]))]);
}
