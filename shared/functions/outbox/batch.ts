import type { DocumentOf } from '../../core/collections';
import { logThrown, persist } from '../../core/failures';
import { groupBy } from '../../core/groups';
import type { ErrorCodeName } from '../../wechat/errors/errors';
import { keepOutcome, outcomeOf } from '../conversations/history';
import { type Fate, fates, left, nameOf, refusalOf, sendHeld } from './fates';
import type { Run } from './run';
import { letSleep } from './sleep';

/** Batches: a number of messages that are marked, sent and written down together. */

/** What of a message a run needs: the rest, such as its hash, need not travel. */
export const heldFields = [
  'lane',
  'state',
  'dueAt',
  'acts',
  'account',
  'attempts',
  'deadline',
  'payload',
] as const;

/** A message of the outbox that this run holds. */
export type Held = Pick<DocumentOf<'kefu_outbox'>, (typeof heldFields)[number]> & { readonly _id: string };

/** A turn of some lanes, with what is known of them. */
export interface Turn {
  readonly run: Run;
  /** The name under which this turn takes messages. */
  readonly holder: string;
  /** From then on it begins no batch. */
  readonly endsAt: number;
  /** How many acts of each lane's user were noted before the lane was read. */
  acts: ReadonlyMap<string, number>;
  /** How many messages WeChat took, by lane. */
  readonly counts: Map<string, number>;
  /** Lanes of which a message was decided. */
  readonly moved: Set<string>;
  /** Lanes of which nothing more can be sent now. */
  readonly shut: Set<string>;
}

/** How many messages are marked at a time: what a run that is killed leaves behind is a few times this. */
const batchSize = 10;

/** How many of one lane's messages are marked at a time where there are fewer lanes than places in a batch. */
const mostOfLane = 3;

/**
 * How long a mark holds: whoever finds it older waits a while, then takes the message for lost. And how old a mark may
 * be for a message to be begun under it: an instance that was frozen in between begins nothing.
 */
export const markMs = 45 * 1000;
const beginWithinMs = 10 * 1000;

/** Sends what is due in the lanes of a turn, in batches. While one is written down, the next is marked. */
export async function sendDue(due: Map<string, Held[]>, turn: Turn): Promise<void> {
  const { run, holder } = turn;
  let recording: Promise<void> = Promise.resolve();
  while (due.size > 0 && run.hasTime() && run.ports.clock.now() < turn.endsAt) {
    const [marked] = await Promise.all([mark(takeBatch(due), holder, run), recording]);
    const decided = await sendMarked(marked, run);
    for (const lane of noteFates(marked, decided, turn)) {
      turn.shut.add(lane);
      due.delete(lane);
    }
    recording = settle(marked, decided, turn);
  }
  await recording;
}

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

/** A batch with its marks, before anything of it has left. */
export interface Marked {
  readonly messages: readonly Held[];
  /** The name that the marks bear, which nothing else does. */
  readonly name: string;
  readonly markedAt: number;
  /** The lanes of which something was another's. */
  readonly blocked: ReadonlySet<string>;
}

/**
 * Writes that messages are about to be sent, where their holder still has them. The mark is durable before the first of
 * them leaves: a run that dies after it leaves behind what nobody will send again.
 *
 * What was marked is known by the count that the write itself answers, never by a read, which may be seconds old. Where
 * it is not all, the marks are undone and set one by one.
 */
export async function mark(messages: readonly Held[], holder: string, run: Run): Promise<Marked> {
  const outbox = run.ports.database('kefu_outbox');
  const name = `${holder}.${run.ports.newId()}`;
  const markedAt = run.ports.clock.now();
  const marks = { state: 'sending', holder: name, leaseUntil: markedAt + markMs } as const;
  const ids = messages.map(({ _id }) => _id);
  const marked = { messages, name, markedAt, blocked: new Set<string>() };
  try {
    const count = await outbox.update({ _id: { oneOf: ids }, state: 'waiting', holder }, marks);
    if (count === ids.length) return marked;
    await unmark(ids, name, holder, run);
    for (const { _id, lane } of messages) {
      if (marked.blocked.has(lane)) continue;
      if ((await outbox.update({ _id, state: 'waiting', holder }, marks)) === 0) marked.blocked.add(lane);
    }
    return { ...marked, messages: await withoutLanes(marked, holder, run) };
  } catch (error) {
    logThrown(run.ports, 'mark', error);
    run.stop();
    // Nothing has left, so what was marked all the same may be taken back.
    await unmark(ids, name, holder, run);
    return { ...marked, messages: [], blocked: new Set(messages.map(({ lane }) => lane)) };
  }
}

/** A batch without lanes of which something was another's: what was marked of them is put back. */
async function withoutLanes(
  { messages, name, blocked }: Marked,
  holder: string,
  run: Run,
): Promise<readonly Held[]> {
  const own = messages.filter(({ lane }) => !blocked.has(lane));
  const others = messages.filter(({ lane }) => blocked.has(lane)).map(({ _id }) => _id);
  if (others.length > 0) await unmark(others, name, holder, run);
  return own;
}

function unmark(ids: readonly string[], name: string, holder: string, run: Run): Promise<unknown> {
  return persist('unmark', run.ports, () =>
    run.ports
      .database('kefu_outbox')
      .update({ _id: { oneOf: ids }, state: 'sending', holder: name }, { state: 'waiting', holder }),
  );
}

/** Sends a batch that is marked: lanes side by side, each in its order as far as nothing of it has to wait. */
export async function sendMarked({ messages, markedAt }: Marked, run: Run): Promise<[Held, Fate][]> {
  const { clock } = run.ports;
  const isFresh = () => Math.abs(clock.now() - markedAt) < beginWithinMs;
  const decided: [Held, Fate][] = [];
  await Promise.all(
    Array.from(groupBy(messages, ({ lane }) => lane).values(), async (lane) => {
      let open = true;
      for (const held of lane) {
        const begin = async () => (isFresh() ? sendHeld(held, run.ports) : left);
        const fate: Fate = open && run.hasTime() ? await run.slot(begin) : left;
        decided.push([held, fate]);
        open &&= !fates[fate.kind].blocks;
      }
    }),
  );
  return decided;
}

/** The word for WeChat's wish for fewer calls. */
const tooOften: ErrorCodeName = 'rate-limited';

/** Notes for the turn what a batch came to; the lanes whose next message has to wait. */
function noteFates(
  { blocked }: Marked,
  decided: readonly [Held, Fate][],
  { counts, moved, run }: Turn,
): ReadonlySet<string> {
  const waiting = new Set(blocked);
  for (const [{ _id, lane }, { kind, counted, reason }] of decided) {
    if (reason.code === tooOften) run.noteThrottled();
    if (fates[kind].blocks) {
      waiting.add(lane);
      continue;
    }
    moved.add(lane);
    run.decided.add(_id);
    if (counted) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  }
  return waiting;
}

/** Writes a batch down, and lets lanes sleep whose windows are shut. */
async function settle(marked: Marked, decided: readonly [Held, Fate][], turn: Turn): Promise<void> {
  const { run, holder, acts } = turn;
  const write = () => record(decided, marked, run);
  const refused = decided
    .filter(([, { kind }]) => kind === 'asleep')
    .map(([{ lane }, fate]) => ({ lane, acts: acts.get(lane), errCode: refusalOf(fate) }));
  await (refused.length > 0 ? letSleep(refused, holder, run.ports, write) : write());
}

/** Writes down what the messages of a batch came to: one round trip for all that share a fate. */
export async function record(decided: readonly [Held, Fate][], { name }: Marked, run: Run): Promise<void> {
  const { clock, database, settings } = run.ports;
  const moment = { now: clock.now(), share: shareOf(name, run), keepText: settings.outboxKeep === 'text' };
  for (const [, { kind }] of decided) if (kind === 'sent' || kind === 'dead') run.tally[kind] += 1;
  const writes = groupBy(decided, ([, fate]) => nameOf(fate));
  await Promise.all(
    Array.from(writes.values(), (alike) => {
      const [[, fate]] = alike;
      const { blocks, stillSending, changes } = fates[fate.kind];
      const ids = alike.map(([{ _id }]) => _id);
      const mine = {
        _id: { oneOf: ids },
        holder: name,
        ...(stillSending ? { state: 'sending' as const } : {}),
      };
      const write = () => database('kefu_outbox').update(mine, changes(fate, moment));
      return Promise.all([
        persist('record', run.ports, write),
        keepOutcome(ids, blocks ? undefined : outcomeOf(fate.reason), run.ports),
      ]);
    }),
  );
}

/** A share between a half and the whole, the same for the same name. */
function shareOf(name: string, { ports }: Run): number {
  return 0.5 + Number.parseInt(ports.digest(name).slice(0, 4), 16) / 0xffff / 2;
}
