import { refusal } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { logThrown, persist } from '../../core/failures';
import { keepOutcome, outcomeOf } from '../conversations/history';
import { insteadOf } from '../deliver/fallback';
import { type PartsAnswer, sendParts } from '../deliver/parts';
import { deadForeign, deadTooLate, type Fate, type FateKind, fateOf, fates, left, nameOf } from './fates';
import type { Payload } from './outbox';
import type { Run } from './run';

/** A number of messages that are marked, sent and written down together. */

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

/**
 * How long a mark holds: whoever finds it older waits a while, then takes the message for lost. And how old a mark may
 * be for a message to be begun under it: an instance that was frozen in between begins nothing.
 */
export const markMs = 45 * 1000;
const beginWithinMs = 10 * 1000;

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
    Array.from(groupByLane(messages).values(), async (lane) => {
      let open = true;
      for (const held of lane) {
        const begin = async () => (isFresh() ? sendHeld(held, run) : left);
        const fate: Fate = open && run.hasTime() ? await run.slot(begin) : left;
        decided.push([held, fate]);
        open &&= !fates[fate.kind].blocks;
      }
    }),
  );
  return decided;
}

export function groupByLane(messages: readonly Held[]): Map<string, Held[]> {
  const lanes = new Map<string, Held[]>();
  for (const message of messages) {
    const lane = lanes.get(message.lane);
    if (lane === undefined) lanes.set(message.lane, [message]);
    else lane.push(message);
  }
  return lanes;
}

async function sendHeld(held: Held, { ports }: Run): Promise<Fate> {
  if (held.deadline <= ports.clock.now()) return deadTooLate;
  if (held.payload === '') return deadForeign;
  return fateOf(await attempt(held, ports), held.attempts);
}

async function attempt({ payload, account }: Held, ports: Run['ports']): Promise<PartsAnswer> {
  try {
    const { message, fallback } = JSON.parse(payload) as Payload;
    const parts = { parts: [message], account, instead: insteadOf(fallback, ports) };
    return (await sendParts(parts, ports)).answer;
  } catch (error) {
    logThrown(ports, 'send-kept', error);
    return refusal('unknown-delivery', -504002, 'the function failed while it sent this message');
  }
}

/** Writes down what the messages of a batch came to: one round trip for all that share a fate. */
export async function record(decided: readonly [Held, Fate][], { name }: Marked, run: Run): Promise<void> {
  const { clock, database, settings } = run.ports;
  const moment = { now: clock.now(), share: shareOf(name, run), keepText: settings.outboxKeep === 'text' };
  const writes = new Map<string, { readonly fate: Fate; readonly ids: string[] }>();
  for (const [{ _id }, fate] of decided) {
    const write = writes.get(nameOf(fate)) ?? { fate, ids: [] };
    write.ids.push(_id);
    writes.set(nameOf(fate), write);
    if (fate.kind === 'sent') run.tally.sent += 1;
    if (fate.kind === 'dead') run.tally.dead += 1;
  }
  await Promise.all(
    Array.from(writes.values(), ({ fate, ids }) => {
      const { stillSending, changes } = fates[fate.kind];
      const mine = {
        _id: { oneOf: ids },
        holder: name,
        ...(stillSending ? { state: 'sending' as const } : {}),
      };
      const write = () => database('kefu_outbox').update(mine, changes(fate, moment));
      return Promise.all([
        persist('record', run.ports, write),
        keepOutcome(ids, outcomes[fate.kind]?.(fate), run.ports),
      ]);
    }),
  );
}

/** What a fate means for a message that is kept in its user's conversation; nothing where it still waits. */
const outcomes: {
  readonly [kind in FateKind]?: (fate: Fate) => Parameters<typeof keepOutcome>[1];
} = {
  sent: () => ({ status: 'sent', errCode: 0, errMsg: '' }),
  dead: ({ reason }) => outcomeOf(reason),
};

/** A share between a half and the whole, the same for the same name. */
function shareOf(name: string, { ports }: Run): number {
  return 0.5 + Number.parseInt(ports.digest(name).slice(0, 4), 16) / 0xffff / 2;
}
