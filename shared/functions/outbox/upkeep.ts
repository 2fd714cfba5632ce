import { careless, persist } from '../../core/failures';
import { rememberMs } from '../../core/once';
import type { Ports } from '../../core/ports';
import { keepOutcome, keepsHistory } from '../conversations/history';
import { markMs } from './batch';
import { longestDelayMs, tooLate } from './fates';
import { readActs } from './lanes';
import { dueNow, whenWoken } from './outbox';
import type { Run } from './run';
import { rouse, wake } from './sleep';

/** What a run of the timer sets right beside its sending: what others left, and what is too late or too old. */

/** How long a run waits over a message whose own run seems lost: if it was on its way it has arrived then, or never will. */
const patienceMs = 35 * 1000;

/** Sets right what can be at once; `givingUp` ends when the lanes of lost runs may go on. */
export async function setRight(run: Run): Promise<{ readonly givingUp: Promise<void> | undefined }> {
  const [lost] = await Promise.all([
    findLost(run),
    wakeForgotten(run.ports),
    giveUpLate(run),
    tidy(run, tidyEveryMinutes.busy),
  ]);
  return { givingUp: lost.length === 0 ? undefined : giveUp(lost, run) };
}

/** Where nothing waits there is nothing to set right, only to clear away. */
export function tidyIdle(run: Run): Promise<void> {
  return tidy(run, tidyEveryMinutes.idle);
}

/** What is being sent by runs that seem lost, by a clock that may be another's. */
async function findLost({ done, ports: { database, clock } }: Run) {
  const lost = await database('kefu_outbox').find(
    { state: 'sending', leaseUntil: { atMost: clock.now() } },
    { fields: ['lane', 'holder'] },
  );
  for (const { lane } of lost) done.add(lane);
  return lost;
}

/**
 * Gives up what lost runs were sending, and lets its lanes go on: after a wait in this run, and only what bears the same
 * mark then. Their runs may be slow, not dead, and whose clock is right nobody knows; how long this run has waited it
 * does know. Until then the messages stand in their lanes' way. Never throws: the next run finds what is left.
 */
async function giveUp(lost: Awaited<ReturnType<typeof findLost>>, run: Run): Promise<void> {
  const { ports, done, tally } = run;
  const outbox = ports.database('kefu_outbox');
  await ports.sleep(patienceMs);
  const ids = lost.map(({ _id }) => _id);
  const marks = [...new Set(lost.map(({ holder }) => holder))];
  await careless('give-up', ports, async () => {
    // The holder stays in it: should it live after all, it may still say what became of the message.
    const count = await outbox.update(
      { _id: { oneOf: ids }, state: 'sending', holder: { oneOf: marks } },
      {
        ...ended(run, ports.clock.now()),
        code: 'unknown-delivery',
        errCode: -501002,
        errMsg: 'the run that was sending it did not come to its end, so it may have arrived',
      },
    );
    tally.dead += count;
    const own = { _id: { oneOf: ids }, endedBy: run.name };
    const given = count === ids.length ? lost : await outbox.find(own, { fields: ['state'] });
    await keepOutcome(
      given.map(({ _id }) => _id),
      { status: 'unknown', errCode: -501002 },
      ports,
    );
  });
  for (const { lane } of lost) done.delete(lane);
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

/** How often that is done, where something waits and where nothing does. */
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
      decidedAt: { atMost: now - rememberMs },
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

/** How many lanes are looked up whose push came and whose waking did not come to its end. */
const mostForgotten = 200;

/** Wakes what a push that died should have woken. */
export async function wakeForgotten(ports: Ports): Promise<void> {
  const forgotten = await careless('forgotten', ports, () =>
    ports.database('kefu_windows').find({ waiting: 'woken' }, { limit: mostForgotten, fields: ['acts'] }),
  );
  await Promise.all((forgotten ?? []).map(({ _id, acts }) => wake(_id, { acts }, ports)));
}

/** How many sleeping messages are looked at now and then. */
const mostLookedAt = 1000;

/** Wakes messages that fell asleep at another number of acts than their user has now: a drain died over them. */
export async function wakeMissed(ports: Ports): Promise<void> {
  const { database, digest, clock } = ports;
  const sleepers = (lane: { readonly above: string } | { readonly atMost: string }) =>
    database('kefu_outbox').find(
      { state: 'waiting', dueAt: whenWoken, lane },
      { order: [['lane', 'asc']], limit: mostLookedAt, fields: ['lane', 'acts'] },
    );
  // Lanes are hashes: beginning at another place each time, all come to be looked at, however many there are.
  const from = digest(String(clock.now()));
  const found = await sleepers({ above: from });
  const sleeping = found.length < mostLookedAt ? [...found, ...(await sleepers({ atMost: from }))] : found;
  const noted = await readActs(namesOf(sleeping), ports);
  const missed = sleeping.filter(({ lane, acts }) => (noted.get(lane) ?? 0) !== acts);
  if (missed.length > 0) await rouse(namesOf(missed), ports);
}

function namesOf(sleeping: readonly { readonly lane: string }[]): string[] {
  return [...new Set(sleeping.map(({ lane }) => lane))];
}
