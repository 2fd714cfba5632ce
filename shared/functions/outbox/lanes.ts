import { logThrown, persist } from '../../core/failures';
import { noteSent } from '../../core/reply-windows';
import type { ErrorCodeName } from '../../wechat/errors/errors';
import { groupByLane, type Held, heldFields, type Marked, mark, record, sendMarked } from './batch';
import { type Fate, fates, refusalOf } from './fates';
import { whenWoken } from './outbox';
import type { Run } from './run';
import { letSleep, type Refused } from './sleep';

/** A turn of some lanes: what they have due is taken, sent in batches, and let go. */

/** How many messages are marked at a time: what a run that is killed leaves behind is a few times this. */
const batchSize = 10;

/** How many of one lane's messages are marked at a time where there are fewer lanes than places in a batch. */
const mostOfLane = 3;

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

/** A turn, with what is known of its lanes. */
interface Turn {
  readonly run: Run;
  /** The name under which this turn takes messages. */
  readonly holder: string;
  /** How many acts of each lane's user were noted before the lane was read. */
  readonly acts: ReadonlyMap<string, number>;
  /** How many messages WeChat took, by lane. */
  readonly counts: Map<string, number>;
  /** Lanes of which a message was decided. */
  readonly moved: Set<string>;
  /** Lanes of which nothing more can be sent now. */
  readonly shut: Set<string>;
  isOpen(): boolean;
}

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
  const holder = `${run.name}-${run.ports.newId()}`;
  let turn: Turn | undefined;
  try {
    turn = await take(lanes, holder, run, known);
    const found = await read(lanes, run);
    const { due, asleep } = firstOf(found, turn);
    if (asleep.length > 0) await letSleep(asleep, holder, run.ports);
    const fair = Math.max(fairShare, Math.ceil(readAtOnce / lanes.length));
    await sendDue(new Map(Array.from(due, ([lane, row]) => [lane, row.slice(0, fair)])), turn);
  } catch (error) {
    logThrown(run.ports, 'drain', error);
    run.stop();
  }
  await finish(lanes, holder, turn, run);
}

/** Ends a turn: counts what was sent, lets go of what was not, and marks the lanes that are not to be looked at again. */
async function finish(
  lanes: readonly string[],
  holder: string,
  turn: Turn | undefined,
  run: Run,
): Promise<void> {
  const counts = turn?.counts ?? new Map<string, number>();
  for (const lane of lanes) if (!turn?.moved.has(lane) || turn.shut.has(lane)) run.done.add(lane);
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
  holder: string,
  run: Run,
  known?: ReadonlyMap<string, number>,
): Promise<Turn> {
  const { database, clock } = run.ports;
  const startedAt = clock.now();
  const [acts] = await Promise.all([
    known ?? readActs(lanes, run),
    database('kefu_outbox').update(
      { lane: { oneOf: lanes }, state: 'waiting', leaseUntil: { atMost: startedAt } },
      { holder, leaseUntil: startedAt + takenMs },
    ),
  ]);
  return {
    run,
    holder,
    acts,
    counts: new Map(),
    moved: new Set(),
    shut: new Set(),
    isOpen: () => run.hasTime() && clock.now() - startedAt < turnMs,
  };
}

async function readActs(
  lanes: readonly string[],
  { ports: { database } }: Run,
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
  for (const [lane, messages] of groupByLane(found)) {
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

/** Sends in batches. While one is written down, the next is marked. */
async function sendDue(due: Map<string, Held[]>, turn: Turn): Promise<void> {
  const { run, holder } = turn;
  let recording: Promise<void> = Promise.resolve();
  while (due.size > 0 && turn.isOpen()) {
    const [marked] = await Promise.all([mark(takeBatch(due), holder, run), recording]);
    recording = Promise.resolve();
    const decided = await sendMarked(marked, run);
    for (const lane of blockedIn(marked, decided)) {
      turn.shut.add(lane);
      due.delete(lane);
    }
    count(decided, turn);
    recording = settle(marked, decided, turn);
  }
  await recording;
}

/** Writes a batch down, and lets lanes sleep whose windows are shut. */
async function settle(marked: Marked, decided: readonly [Held, Fate][], turn: Turn): Promise<void> {
  const { run, holder, acts } = turn;
  const write = () => record(decided, marked, run);
  const refused = decided.flatMap(([{ lane }, fate]): Refused[] => {
    const errCode = refusalOf(fate);
    return errCode === undefined ? [] : [{ lane, acts: acts.get(lane), errCode }];
  });
  await (refused.length > 0 ? letSleep(refused, holder, run.ports, write) : write());
}

function blockedIn({ blocked }: Marked, decided: readonly [Held, Fate][]): Set<string> {
  const waiting = decided.filter(([, { kind }]) => fates[kind].blocks).map(([{ lane }]) => lane);
  return new Set([...blocked, ...waiting]);
}

function count(decided: readonly [Held, Fate][], { counts, moved, run }: Turn): void {
  for (const [{ _id, lane }, { kind, counted, reason }] of decided) {
    if (reason.code === tooOften) run.noteThrottled();
    if (fates[kind].blocks) continue;
    moved.add(lane);
    run.decided.add(_id);
    if (counted) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  }
}

/** The word for WeChat's wish for fewer calls. */
const tooOften: ErrorCodeName = 'rate-limited';

/** The next messages of each lane in turn: one of each, and a few where there are few lanes. */
function takeBatch(due: Map<string, Held[]>): Held[] {
  const batch: Held[] = [];
  const ofLane = Math.min(mostOfLane, Math.ceil(batchSize / due.size));
  // Of those that are there now: what goes to the end would come again, until one lane fills the batch.
  for (const [lane, row] of [...due]) {
    if (batch.length >= batchSize) break;
    batch.push(...row.splice(0, Math.min(ofLane, batchSize - batch.length)));
    // To the end of the queue of lanes, or out of it.
    due.delete(lane);
    if (row.length > 0) due.set(lane, row);
  }
  return batch;
}
