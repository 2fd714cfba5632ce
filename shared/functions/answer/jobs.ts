import type { DocumentOf } from '../../core/collections';
import { careless, logFailure, persist } from '../../core/failures';
import { takeLease } from '../../core/lease';
import type { Ports } from '../../core/ports';

/**
 * Pushes that are answered by code or by a model: kept by whoever takes the push, answered by `kefu-answer`.
 *
 * A job is one push, under the push's own id, so that a repeat makes none. Those of one user and account are a lane, and
 * one instance at a time answers a lane: the document of its turn says who, until when, which jobs, and how many messages
 * of the answer were begun. It is written before each message leaves; whoever takes a turn over does the jobs again
 * where none was begun, and never where one was.
 */

export type Job = DocumentOf<'kefu_jobs'> & { readonly _id: string };

/** Keeps a push for `kefu-answer`. Keeping it again changes nothing. Throws where the database does. */
export async function keepJob(
  { id, lane, account, push }: { readonly id: string; readonly push: object } & Pick<Job, 'lane' | 'account'>,
  { database, clock }: Pick<Ports, 'database' | 'clock'>,
): Promise<void> {
  const job = { lane, account, state: 'waiting', attempts: 0, push: JSON.stringify(push) } as const;
  await database('kefu_jobs').insert([{ _id: id, ...job, at: clock.now() }]);
}

/** How many jobs of a lane are answered together at most. */
const mostTogether = 20;

/** The jobs of a lane that wait, the oldest first. A read may be some seconds old. */
export async function waitingJobs(
  lane: string,
  { database }: Pick<Ports, 'database'>,
): Promise<readonly Job[]> {
  const jobs = await database('kefu_jobs').find({ lane, state: 'waiting' }, { limit: mostTogether });
  return jobs.filter(isOurs).sort((one, other) => one.at - other.at || (one._id < other._id ? -1 : 1));
}

/** Whether the functions wrote it: what others put there, or changed, reads as a job without a push. */
const isOurs = ({ push }: Pick<Job, 'push'>) => push !== '';

/** The right to answer a lane, and what is written of it. Each write says whether the right is still there. */
export interface TurnLease {
  /** What a turn that did not come to its end had begun, if anything. */
  readonly before: { readonly jobs: readonly string[]; readonly begun: number; readonly saying: string };
  /** Whether it was seen to be another's. */
  isLost(): boolean;
  /** Notes which jobs are answered now, and counts the attempt. `false` where one of them was answered before. */
  take(jobs: readonly Job[]): Promise<boolean>;
  /** Notes that the message of this number, from 1, is about to be sent. Throws where that cannot be known. */
  begin(number: number, saying: string): Promise<boolean>;
  /** Ends jobs: what they hold is forgotten. */
  close(ids: readonly string[], state: 'done' | 'dead'): Promise<void>;
  /** Gives the lane back. */
  release(): Promise<void>;
  /** Leaves the lane as it is, for whoever takes it over. */
  abandon(): void;
}

/** How long a turn holds without being renewed, and how often it is renewed. */
const turnMs = 10_000;
const renewMs = 2500;

/** What of a call's time is kept for its end. */
const closingMs = 1500;

/** How long a read of a lane may be behind. */
const lagMs = 2000;

const nothing = { jobs: '', begun: 0, saying: '' } as const;

/** Takes a lane, or `undefined` where somebody else has it. Throws where the database does. */
export async function takeLane(lane: string, ports: Ports): Promise<TurnLease | undefined> {
  const turns = ports.database('kefu_turns');
  const { clock } = ports;
  const holder = ports.newId();
  const end = () => clock.now() + turnMs;
  const leased = await takeLease<DocumentOf<'kefu_turns'>, 'busy'>(
    {
      collection: turns,
      id: lane,
      fresh: () => ({ ...nothing, holder, until: end() }),
      look: (held) => {
        if (clock.now() < held.until) return { kind: 'result', result: 'busy' };
        // As it was read, all of it: what was begun since would otherwise be said again.
        const { until, holder: other, jobs, begun } = held;
        const found = { _id: lane, until, holder: other, jobs, begun };
        return { kind: 'take', take: () => turns.update(found, { holder, until: end() }) };
      },
      firstPauseMs: 100,
      longestPauseMs: 400,
      patienceMs: lagMs,
      closingMs,
    },
    ports,
  );
  if (leased.kind === 'failed') throw leased.error;
  if (leased.kind !== 'mine') return undefined;

  let lost = false;
  const mine = { _id: lane, holder } as const;
  const note = async (changes: Partial<DocumentOf<'kefu_turns'>>) => {
    const changed = await persist('turn', ports, () => turns.update(mine, { ...changes, until: end() }));
    if (changed === undefined) throw new Error('the database does not say what became of the turn');
    lost ||= changed === 0;
    return changed > 0;
  };
  const stop = ports.every(renewMs, () => {
    void careless('renew', ports, async () => {
      lost ||= (await turns.update(mine, { until: end() })) === 0;
    });
  });
  const jobs = ports.database('kefu_jobs');
  const { before = nothing } = leased;
  return {
    before: { ...before, jobs: before.jobs === '' ? [] : (JSON.parse(before.jobs) as string[]) },
    isLost: () => lost,
    async take(taken) {
      const ids = taken.map(({ _id }) => _id);
      if (!(await note({ ...nothing, jobs: JSON.stringify(ids) }))) return false;
      const waiting = { _id: { oneOf: ids }, state: 'waiting' } as const;
      return (await jobs.update(waiting, { attempts: { add: 1 } })) === ids.length;
    },
    begin: (number, saying) => note({ begun: number, saying }),
    async close(ids, state) {
      // First that the answer is whole, then its jobs: whoever finds them open then knows what to do.
      if (!(await note({ saying: '' }))) return;
      await persist('close-jobs', ports, () =>
        jobs.update({ _id: { oneOf: ids }, state: 'waiting' }, { state, push: '' }),
      );
    },
    abandon: stop,
    async release() {
      stop();
      await persist('release-turn', ports, () => turns.update(mine, { ...nothing, holder: '', until: 0 }));
    },
  };
}

/** How long what was answered is remembered: WeChat repeats a push for some seconds. */
const rememberJobsMs = 24 * 60 * 60 * 1000;

/** How long a job waits before the timer takes it up: its own start may be under way. */
const overdueMs = 5000;

/** How many jobs the timer looks at. */
const mostOverdue = 200;

/** The lanes with jobs that nobody may be answering, those that have waited longest first. What is no job of ours is given up. */
export async function overdueLanes(ports: Ports): Promise<string[]> {
  const jobs = ports.database('kefu_jobs');
  const overdue = await jobs.find(
    { state: 'waiting', at: { atMost: ports.clock.now() - overdueMs } },
    { order: [['at', 'asc']], limit: mostOverdue, fields: ['lane', 'push'] },
  );
  const foreign = overdue.filter((job) => !isOurs(job)).map(({ _id }) => _id);
  if (foreign.length > 0) {
    logFailure(ports, 'foreign-jobs', { jobs: foreign.length });
    await careless('foreign-jobs', ports, () => jobs.update({ _id: { oneOf: foreign } }, { state: 'dead' }));
  }
  return [...new Set(overdue.filter(isOurs).map(({ lane }) => lane))];
}

const forgetEveryMinutes = 60;

/** Now and then forgets jobs that were dealt with a day ago. */
export async function forgetJobs(ports: Ports): Promise<void> {
  const now = ports.clock.now();
  if (Math.floor(now / 60_000) % forgetEveryMinutes !== 0) return;
  const old = { atMost: now - rememberJobsMs };
  await careless('forget-jobs', ports, () =>
    ports.database('kefu_jobs').remove({ state: { oneOf: ['done', 'dead'] }, at: old }),
  );
}
