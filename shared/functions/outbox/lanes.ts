import type { StoredDocument } from '../../core/ports';
import type { Account } from '../../wechat/account';
import { type Held, type LaneCounts, letSleep, sendWave, tellSent } from './batch';
import { outboxCollection, whenWoken } from './outbox';
import { type DrainRun, persist } from './run';

/** How many messages are marked at a time: what a run that is killed leaves behind is a few times this. */
const waveSize = 16;

/** How many of one lane's messages are marked at a time where few lanes have any. */
const mostOfLane = 5;

/** What of a message a run needs: the rest, such as its hash, need not travel. */
const readFields = [
  'lane',
  'state',
  'holder',
  'dueAt',
  'account',
  'attempts',
  'deadline',
  'payload',
] as const;

/** How many messages are read at a time. */
const readAtOnce = 500;

/** The order in which messages leave. */
export const leavingOrder = [
  ['priority', 'desc'],
  ['seq', 'asc'],
  ['_id', 'asc'],
] as const;

/**
 * Sends what lanes have due, each lane in its order.
 *
 * Everything that waits in the lanes is taken under the run's name first, document by document; then the lanes are
 * read. A lane's messages are this run's as far as they are so from the first one on: where an earlier one is
 * another's, being sent or not due, the lane is left alone. So two runs that take parts of one lane do not send side
 * by side, whichever of them is faster.
 */
export async function drainLanes(lanes: readonly string[], run: DrainRun): Promise<void> {
  const { documents, clock } = run.ports;
  const holder = `${run.name}-${run.ports.newId()}`;
  let open = [...lanes];
  const counts: LaneCounts = new Map();
  let leftOver = false;
  try {
    const now = clock.now();
    await documents.update(
      outboxCollection,
      { lane: { oneOf: lanes }, state: 'waiting', leaseUntil: { atMost: now } },
      { holder, leaseUntil: run.leaseUntil() },
    );
    while (open.length > 0 && run.hasTime()) {
      const found = await documents.find(
        outboxCollection,
        { lane: { oneOf: open }, state: { oneOf: ['waiting', 'sending'] } },
        { order: leavingOrder, limit: readAtOnce, fields: readFields },
      );
      const { rows, shut, asleep } = firstOf(found, holder, clock.now());
      if (asleep.length > 0) await letSleep(asleep, holder, now, run);
      const sendable = rows.size > 0;
      for (const lane of await sendRows(rows, holder, counts, run)) shut.add(lane);
      leftOver ||= shut.size > 0;
      // All when all there is was read, or nothing of it could be sent.
      open = found.length < readAtOnce || !sendable ? [] : open.filter((lane) => !shut.has(lane));
    }
    leftOver ||= open.length > 0;
  } catch (error) {
    leftOver = true;
    run.ports.log({ step: 'drain', failed: true, why: error instanceof Error ? error.name : 'unknown' });
    run.stop();
  }
  await tellSent(counts, run);
  if (!leftOver) return;
  await persist(run, 'let-go', () =>
    documents.update(outboxCollection, { holder, state: 'waiting' }, { holder: '', leaseUntil: 0 }),
  );
}

/** What of the lanes can be sent now: of each its first messages, as far as they are this run's and due. */
function firstOf(found: readonly StoredDocument[], holder: string, now: number) {
  const rows = new Map<string, Held[]>();
  const shut = new Set<string>();
  const asleep: string[] = [];
  for (const document of found) {
    const lane = String(document['lane']);
    if (shut.has(lane)) continue;
    const row = rows.get(lane) ?? [];
    const dueAt = Number(document['dueAt']);
    // Behind one that is due, what fell asleep before it was woken goes along.
    const due = dueAt <= now || (dueAt === whenWoken && row.length > 0);
    const mine = document['state'] === 'waiting' && document['holder'] === holder;
    if (mine && due) {
      row.push(readHeld(document));
      rows.set(lane, row);
      continue;
    }
    shut.add(lane);
    if (mine && dueAt === whenWoken) asleep.push(lane);
  }
  return { rows, shut, asleep };
}

function readHeld(document: StoredDocument): Held {
  return {
    id: String(document['_id']),
    lane: String(document['lane']),
    account: document['account'] as Account,
    attempts: Number(document['attempts']),
    deadline: Number(document['deadline']),
    payload: String(document['payload']),
  };
}

/** Sends rows of messages in waves, a few of each lane at a time; the lanes that have to wait. */
async function sendRows(
  rows: Map<string, Held[]>,
  holder: string,
  counts: LaneCounts,
  run: DrainRun,
): Promise<Set<string>> {
  const shut = new Set<string>();
  while (rows.size > 0 && run.hasTime()) {
    const wave = takeWave(rows);
    for (const lane of await sendWave(wave, holder, counts, run)) {
      shut.add(lane);
      rows.delete(lane);
    }
  }
  for (const lane of rows.keys()) shut.add(lane);
  return shut;
}

function takeWave(rows: Map<string, Held[]>): Held[] {
  const wave: Held[] = [];
  const ofLane = Math.min(mostOfLane, Math.ceil(waveSize / rows.size));
  for (const [lane, row] of rows) {
    if (wave.length >= waveSize) break;
    wave.push(...row.splice(0, Math.min(ofLane, waveSize - wave.length)));
    // To the end of the queue of lanes, or out of it.
    rows.delete(lane);
    if (row.length > 0) rows.set(lane, row);
  }
  return wave;
}
