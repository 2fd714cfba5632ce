import { type Answer, type Refusal, refusal } from '../../core/answer';
import type { Changes, Condition, StoredDocument } from '../../core/ports';
import { windowCollection } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import type { ErrorCodeName } from '../../wechat/errors/errors';
import { isWindowRefusal } from '../deliver/fallback';
import { sendParts } from '../send/send';
import { outboxCollection, type Payload, whenWoken } from './outbox';
import { type DrainRun, persist } from './run';

/** A message of the outbox that this run holds. */
export interface Held {
  readonly id: string;
  readonly lane: string;
  readonly account: Account;
  readonly attempts: number;
  readonly deadline: number;
  readonly payload: string;
}

/** Why a message was not sent. */
interface Reason {
  readonly code: string;
  readonly errCode: number;
  readonly errMsg: string;
}

/** What a message came to. */
type Fate =
  | { readonly kind: 'sent'; readonly counted: boolean }
  | { readonly kind: 'dead'; readonly refused: Reason }
  /** Tried again after a while. */
  | { readonly kind: 'later'; readonly refused: Refusal; readonly delayMs: number; readonly counts: boolean }
  /** Waits for the user's next push. */
  | { readonly kind: 'asleep'; readonly refused: Refusal }
  /** Not begun after all. */
  | { readonly kind: 'left' };

/** How often a failure that may pass is met before the message is given up. */
export const mostAttempts = 10;

const firstDelayMs = 30 * 1000;
export const longestDelayMs = 60 * 60 * 1000;

/** Refusals that are not the message's fault and will not pass in seconds: tried again now and then, until too late. */
const holding: ReadonlySet<ErrorCodeName> = new Set<ErrorCodeName>([
  'daily-limit',
  'token-invalid',
  'permission-missing',
  'configuration-invalid',
]);
const holdingMs = 30 * 60 * 1000;

/**
 * Sends a number of messages: marks them all, sends them, writes down what they came to. Returns the lanes whose next
 * message has to wait.
 *
 * The mark is durable before the first of them leaves, and holds only where this run still holds the message. A run
 * that dies after it leaves behind what nobody will send again.
 */
export async function sendWave(
  messages: readonly Held[],
  holder: string,
  counts: LaneCounts,
  run: DrainRun,
): Promise<ReadonlySet<string>> {
  const marked = await mark(messages, holder, run);
  const blocked = new Set(messages.filter(({ id }) => !marked.has(id)).map(({ lane }) => lane));
  const startedAt = run.ports.clock.now();
  const lanes = groupByLane(messages);
  const fates: [Held, Fate][] = [];
  await Promise.all(
    Array.from(lanes.values(), async (row) => {
      let open = !blocked.has(row[0]?.lane ?? '');
      for (const held of row) {
        if (!marked.has(held.id)) continue;
        const fate = open && run.hasTime() ? await run.slot(() => sendHeld(held, run)) : leave;
        fates.push([held, fate]);
        if (fate.kind !== 'sent' && fate.kind !== 'dead') {
          open = false;
          blocked.add(held.lane);
        }
      }
    }),
  );
  for (const [{ lane }, fate] of fates) {
    if (fate.kind === 'sent' && fate.counted) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  }
  await record(fates, holder, startedAt, run);
  return blocked;
}

const leave: Fate = { kind: 'left' };

function groupByLane(messages: readonly Held[]): Map<string, Held[]> {
  const lanes = new Map<string, Held[]>();
  for (const message of messages) {
    const row = lanes.get(message.lane);
    if (row === undefined) lanes.set(message.lane, [message]);
    else row.push(message);
  }
  return lanes;
}

/** Writes that messages are about to be sent. The ids of those for which that holds; none where it cannot be told. */
async function mark(messages: readonly Held[], holder: string, run: DrainRun): Promise<ReadonlySet<string>> {
  const { documents } = run.ports;
  const ids = messages.map(({ id }) => id);
  try {
    const count = await documents.update(
      outboxCollection,
      { _id: { oneOf: ids }, state: 'waiting', holder },
      // Its lease is the one under which this run took it.
      { state: 'sending' },
    );
    if (count === ids.length) return new Set(ids);
    const mine = await documents.find(
      outboxCollection,
      { _id: { oneOf: ids }, state: 'sending', holder },
      { fields: ['state'] },
    );
    return new Set(mine.map((document) => String(document['_id'])));
  } catch (error) {
    run.ports.log({ step: 'mark', failed: true, why: error instanceof Error ? error.name : 'unknown' });
    run.stop();
    // Nothing has left, so what was marked all the same may be taken back.
    await putBack(ids, holder, run);
    return new Set();
  }
}

function putBack(ids: readonly string[], holder: string, run: DrainRun): Promise<unknown> {
  return persist(run, 'put-back', () =>
    run.ports.documents.update(
      outboxCollection,
      { _id: { oneOf: ids }, state: 'sending', holder },
      { state: 'waiting' },
    ),
  );
}

/** Why a message that came too late was not sent. */
export const tooLate: Reason = {
  code: 'deadline-passed',
  errCode: -501002,
  errMsg: 'it could not be sent before its deadline',
};

async function sendHeld(held: Held, { ports }: DrainRun): Promise<Fate> {
  if (held.deadline <= ports.clock.now()) return { kind: 'dead', refused: tooLate };
  const answer = await attempt(held, ports);
  if (answer.errCode === 0)
    return { kind: 'sent', counted: !('sent' in answer) || answer.sent === 'message' };
  const refused = answer as Refusal;
  const { code, retryable, errCode } = refused;
  if (isWindowRefusal(errCode)) return { kind: 'asleep', refused };
  if (holding.has(code)) return { kind: 'later', refused, delayMs: holdingMs, counts: false };
  if (!retryable || held.attempts + 1 >= mostAttempts) return { kind: 'dead', refused };
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** held.attempts);
  return { kind: 'later', refused, delayMs, counts: true };
}

async function attempt({ payload, account }: Held, ports: DrainRun['ports']): Promise<Answer> {
  try {
    const { message, fallback } = JSON.parse(payload) as Payload;
    return (await sendParts({ parts: [message], fallback, account }, ports)).answer;
  } catch (error) {
    ports.log({ step: 'send-kept', failed: true, why: error instanceof Error ? error.name : 'unknown' });
    return refusal('unknown-delivery', -504002, 'the function failed while it sent this message');
  }
}

/** A share between a half and the whole, the same for the same text: spreads what would come back together. */
function jitter(delayMs: number, text: string, { ports }: DrainRun): number {
  const share = Number.parseInt(ports.digest(text).slice(0, 4), 16) / 0xffff;
  return Math.round(delayMs * (0.5 + share / 2));
}

/** One write: for these messages, where they are as they must be, these changes. */
interface Write {
  readonly ids: string[];
  readonly stillSending: boolean;
  readonly changes: Changes;
}

/** Writes down what messages came to: one round trip for all that share a fate. */
async function record(
  fates: readonly [Held, Fate][],
  holder: string,
  startedAt: number,
  run: DrainRun,
): Promise<void> {
  const { clock, documents, settings } = run.ports;
  const now = clock.now();
  const writes = new Map<string, Write>();
  for (const [held, fate] of fates) {
    const name = nameOf(held, fate);
    const write = writes.get(name) ?? { ids: [], ...writeFor(fate, `${holder} ${name} ${now}`) };
    write.ids.push(held.id);
    writes.set(name, write);
    if (fate.kind === 'sent') run.tally.sent += 1;
    if (fate.kind === 'dead') run.tally.dead += 1;
  }

  function writeFor(fate: Fate, salt: string): Omit<Write, 'ids'> {
    const freed = { holder: '', leaseUntil: 0 };
    const once = { attempts: { add: 1 } };
    switch (fate.kind) {
      case 'sent':
        // Also where another run has taken it for lost meanwhile: this one knows better.
        return { stillSending: false, changes: { state: 'sent', decidedAt: now, payload: '', code: '' } };
      case 'dead': {
        const { code, errCode, errMsg } = fate.refused;
        const text = settings.outboxKeep === 'hashes' ? { payload: '' } : {};
        const changes = {
          state: 'dead',
          decidedAt: now,
          leaseUntil: 0,
          ...once,
          code,
          errCode,
          errMsg,
          ...text,
        };
        return { stillSending: true, changes };
      }
      case 'later': {
        const { code, errCode } = fate.refused;
        const dueAt = now + jitter(fate.delayMs, salt, run);
        const attempts = fate.counts ? once : {};
        return {
          stillSending: true,
          changes: { state: 'waiting', ...freed, ...attempts, dueAt, code, errCode },
        };
      }
      case 'asleep': {
        const { code, errCode } = fate.refused;
        return {
          stillSending: true,
          changes: { state: 'waiting', ...freed, dueAt: whenWoken, code, errCode },
        };
      }
      case 'left':
        return { stillSending: true, changes: { state: 'waiting' } };
    }
  }

  await Promise.all(
    Array.from(writes.values(), ({ ids, stillSending, changes }) =>
      persist(run, 'record', () =>
        documents.update(
          outboxCollection,
          { _id: { oneOf: ids }, holder, ...(stillSending ? { state: 'sending' } : {}) },
          changes,
        ),
      ),
    ),
  );
  const asleep = fates.flatMap(([held, fate]): [Held, Reason][] =>
    fate.kind === 'asleep' ? [[held, fate.refused]] : [],
  );
  if (asleep.length === 0) return;
  await tellRefused(asleep, run);
  const lanes = asleep.map(([{ lane }]) => lane);
  await letSleep(lanes, holder, startedAt, run);
}

function nameOf({ attempts }: Held, fate: Fate): string {
  switch (fate.kind) {
    case 'dead':
      return `dead ${fate.refused.code} ${fate.refused.errCode}`;
    case 'later':
      return `later ${fate.refused.code} ${fate.refused.errCode} ${attempts}`;
    case 'asleep':
      return `asleep ${fate.refused.errCode}`;
    default:
      return fate.kind;
  }
}

/** A push that was noted this short before a refusal may be what the refusal did not know of yet. */
const crossedMs = 10 * 1000;

/**
 * Lets lanes wait for their users' next pushes; the messages after the refused one too. A push that came while the
 * refusal was on its way woke nobody, so the book is asked for it afterwards.
 */
export async function letSleep(
  lanes: readonly string[],
  holder: string,
  since: number,
  run: DrainRun,
): Promise<void> {
  const { documents, clock } = run.ports;
  await persist(run, 'let-sleep', async () => {
    await documents.update(
      outboxCollection,
      { lane: { oneOf: lanes }, state: 'waiting', holder },
      { dueAt: whenWoken, holder: '', leaseUntil: 0 },
    );
    const pushed = await documents.find(
      windowCollection,
      { _id: { oneOf: lanes }, notedAt: { above: since - crossedMs } },
      { fields: ['notedAt'] },
    );
    if (pushed.length === 0) return;
    await documents.update(
      outboxCollection,
      { lane: { oneOf: pushed.map(idOf) }, state: 'waiting', dueAt: whenWoken },
      { dueAt: clock.now() + crossedMs * 2 },
    );
  });
}

function idOf(document: StoredDocument): string {
  return String(document['_id']);
}

/** How many messages WeChat took, by lane. */
export type LaneCounts = Map<string, number>;

/** Tells the book of windows what was sent: one round trip for all lanes with the same count, mostly one in all. */
export async function tellSent(counts: LaneCounts, run: DrainRun): Promise<void> {
  const now = run.ports.clock.now();
  const lanesBy = new Map<number, string[]>();
  for (const [lane, count] of counts) lanesBy.set(count, [...(lanesBy.get(count) ?? []), lane]);
  await tellBook(
    Array.from(lanesBy, ([count, lanes]) => [
      { _id: { oneOf: lanes }, remaining: { above: count - 1 }, closesAt: { above: now } },
      { remaining: { add: -count } },
    ]),
    run,
  );
}

async function tellRefused(asleep: readonly [Held, Reason][], run: DrainRun): Promise<void> {
  const now = run.ports.clock.now();
  const shut = { remaining: 0, closesAt: now };
  const lanesOf = (wanted: boolean) =>
    asleep.filter(([, { errCode }]) => (errCode === 45015) === wanted).map(([{ lane }]) => lane);
  const tell = (lanes: readonly string[], changes: Changes): [Condition, Changes][] =>
    lanes.length === 0 ? [] : [[{ _id: { oneOf: lanes }, closesAt: { above: now } }, changes]];
  await tellBook([...tell(lanesOf(true), shut), ...tell(lanesOf(false), { remaining: 0 })], run);
}

/** Corrects the book of windows: a belief, so a failure costs nothing else. */
async function tellBook(changes: readonly [Condition, Changes][], { ports }: DrainRun): Promise<void> {
  try {
    await Promise.all(
      changes.map(([condition, change]) => ports.documents.update(windowCollection, condition, change)),
    );
  } catch (error) {
    ports.log({ step: 'tell-book', failed: true, why: error instanceof Error ? error.name : 'unknown' });
  }
}
