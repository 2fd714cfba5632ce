import type { Account } from '../wechat/account';
import { afterHappening, leftAt, noWindow, type ReplyWindow, type UserAct } from '../wechat/reply-window';
import type { DocumentOf } from './collections';
import { careless, logThrown } from './failures';
import { idOf, type Ports, stepMs } from './ports';

/**
 * What is believed of each user's reply window: opened by the pushes received, used up by the messages sent, set right
 * by WeChat's refusals.
 *
 * One document for each user and account, under a hash of both, which is also the name of their lane in the outbox. A
 * belief, not a permit: nothing is kept back for it, and WeChat's own answer always wins. So a database that cannot be
 * reached costs the belief and never the message.
 */

/** The name of a user's conversation with an account: of its window, and of its lane in the outbox. */
export function laneOf(account: Account, openid: string, ports: Pick<Ports, 'digest'>): string {
  return idOf([account, openid], ports);
}

type Book = DocumentOf<'kefu_windows'>;

/** A user of whom nothing is known yet. */
export const unknownUser: Book = {
  remaining: 0,
  closesAt: 0,
  notedAt: 0,
  acts: 0,
  waiting: 'none',
  slept: 0,
  handedAt: 0,
  askedAt: 0,
};

/** Something that a user did. */
export interface Act {
  readonly account: Account;
  readonly lane: string;
  readonly kind: UserAct | 'unfollow';
  /** When, in milliseconds, by WeChat's clock. */
  readonly atMs: number;
  /** How many messages are about to be sent in answer: they are counted in the same step. */
  readonly said: number;
  /** Whether it hands the conversation to a person: from then on no answer that is still being made is said. */
  readonly handsOver?: boolean;
}

/** An act that was noted. */
export interface Noted {
  /** Its number among this user's acts. */
  readonly acts: number;
  /** Whether messages wait in the outbox for it. */
  readonly wakes: boolean;
}

/** What is known of a user, or `undefined` where nothing is. */
export function readBook(lane: string, { database }: Pick<Ports, 'database'>): Promise<Book | undefined> {
  return database('kefu_windows').get(lane);
}

/** The pauses before the second look, the third …: others may be faster, and a read may be two seconds old. */
const pausesMs = [50, 100, 200, 400, 800, 1000];

/**
 * Notes what a user did: in one step it opens the window, counts the act, and says whether messages waited for it,
 * which from then on counts as being woken. Throws where it could not be noted: then it was not, or nobody knows.
 *
 * @param first what was read beforehand, if anything
 */
export async function noteAct(act: Act, ports: Ports, first?: Promise<Book | undefined>): Promise<Noted> {
  const windows = ports.database('kefu_windows');
  const attempt = async (reading: Promise<Book | undefined>): Promise<Noted | undefined> => {
    const held = await reading;
    const before = held ?? unknownUser;
    const after = afterAct(before, act, ports.clock.now());
    const { acts, waiting, remaining, closesAt } = before;
    const noted =
      held === undefined
        ? await windows.insert([{ _id: act.lane, ...after }])
        : (await windows.update({ _id: act.lane, acts, waiting, remaining, closesAt }, after)) > 0;
    return noted ? { acts: after.acts, wakes: after.waiting === 'woken' } : undefined;
  };
  let reading = first;
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      const noted = await attempt(reading ?? readBook(act.lane, ports));
      if (noted !== undefined) return noted;
    } catch (error) {
      logThrown(ports, 'note-act', error);
      if (pauseMs === undefined || ports.clock.remainingMs() < stepMs) throw error;
    }
    if (pauseMs !== undefined) await ports.sleep(pauseMs);
    reading = undefined;
  }
  throw new Error('others were faster each time');
}

function afterAct(before: Book, { account, kind, atMs, said, handsOver }: Act, now: number): Book {
  const { remaining, closesAt } = afterHappening(account, before, { kind, at: atMs });
  return {
    remaining: Math.max(0, remaining - said),
    closesAt,
    notedAt: now,
    acts: before.acts + 1,
    waiting: before.waiting === 'none' ? 'none' : 'woken',
    slept: before.slept,
    handedAt: handsOver ? now : before.handedAt,
    askedAt: handsOver ? 0 : before.askedAt,
  };
}

/**
 * Notes messages that WeChat took, by lane: one round trip for all lanes with the same count, mostly one in all. A count
 * that was believed smaller goes below nothing, which reads as nothing, until the user's next act sets it right.
 */
export async function noteSent(counts: ReadonlyMap<string, number>, ports: Ports): Promise<void> {
  const lanesBy = new Map<number, string[]>();
  for (const [lane, count] of counts) lanesBy.set(count, [...(lanesBy.get(count) ?? []), lane]);
  const closesAt = { above: ports.clock.now() };
  await careless('note-sent', ports, () =>
    Promise.all(
      Array.from(lanesBy, ([count, lanes]) =>
        ports
          .database('kefu_windows')
          .update({ _id: { oneOf: lanes }, closesAt }, { remaining: { add: -count } }),
      ),
    ),
  );
}

/** What WeChat's refusal says of a window: shut (45015), or its count used up (45047). */
export function afterRefusal(errCode: 45015 | 45047, now: number): { remaining: number; closesAt?: number } {
  return errCode === 45015 ? { remaining: 0, closesAt: now } : { remaining: 0 };
}

/** Notes that WeChat refused a message. */
export async function noteRefused(lane: string, errCode: 45015 | 45047, ports: Ports): Promise<void> {
  const now = ports.clock.now();
  await careless('note-refused', ports, () =>
    ports
      .database('kefu_windows')
      .update({ _id: lane, closesAt: { above: now } }, afterRefusal(errCode, now)),
  );
}

/** What is believed to be left of a user's window; `undefined` where the database could not be asked. */
export function recallWindow(
  account: Account,
  openid: string,
  ports: Ports,
): Promise<ReplyWindow | undefined> {
  return careless('read-window', ports, async () => {
    const book = await readBook(laneOf(account, openid, ports), ports);
    return leftAt(book ?? noWindow, ports.clock.now());
  });
}
