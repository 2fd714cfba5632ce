import type { Account } from '../wechat/account';
import { afterHappening, noWindow, type ReplyWindow, type UserAct } from '../wechat/reply-window';
import type { Ports, StoredDocument } from './ports';

/**
 * What is believed of each user's reply window: opened by the pushes received, used up by the messages sent, set right
 * by WeChat's refusals.
 *
 * One document for each user and account, under a hash of both. A belief, not a permit: nothing is kept back for it,
 * and WeChat's own answer always wins. So a database that cannot be reached costs the belief and never the message.
 */

/** Its documents' ids are those of the outbox's lanes. */
export const windowCollection = 'kefu_windows';

/** How often a change is tried where others change the same document. */
const attempts = 5;

/** Notes what a user did, at its own time in milliseconds; of two acts that cross, both count. */
export async function noteAct(
  account: Account,
  openid: string,
  act: UserAct | 'unfollow',
  atMs: number,
  ports: Ports,
): Promise<void> {
  await careless('note-act', ports, async () => {
    const key = keyOf(account, openid);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const held = await ports.store.get(windowCollection, key);
      const before = readWindowIn(held);
      // When it was noted, for whoever was just about to wait for it: see drain.ts.
      const after = {
        ...afterHappening(account, before, { kind: act, at: atMs }),
        notedAt: ports.clock.now(),
      };
      if (held?.['notedAt'] === after.notedAt && after.closesAt === before.closesAt) return;
      const changed =
        held === undefined
          ? await ports.store.create(windowCollection, key, after)
          : await ports.store.change(windowCollection, key, { ...before }, after);
      if (changed) return;
    }
    ports.log({ step: 'note-act', failed: true, why: 'others were faster each time' });
  });
}

/** Notes messages that WeChat took for a user. */
export async function noteSent(account: Account, openid: string, ports: Ports, count = 1): Promise<void> {
  await careless('note-sent', ports, async () => {
    const key = keyOf(account, openid);
    // The count never goes below nothing: a book that believed in less than WeChat did is simply empty.
    for (let left = count; left > 0; left -= 1) {
      const open = { remaining: { above: left - 1 }, closesAt: { above: ports.clock.now() } };
      if (await ports.store.change(windowCollection, key, open, { remaining: { add: -left } })) return;
    }
  });
}

/** Notes that WeChat refused a message because the window is shut (45015) or its count used up (45047). */
export async function noteRefused(
  account: Account,
  openid: string,
  errCode: 45015 | 45047,
  ports: Ports,
): Promise<void> {
  await careless('note-refused', ports, async () => {
    const now = ports.clock.now();
    const shut = errCode === 45015 ? { remaining: 0, closesAt: now } : { remaining: 0 };
    await ports.store.change(windowCollection, keyOf(account, openid), { closesAt: { above: now } }, shut);
  });
}

/** What is believed to be left of a user's window; `closesAt` in milliseconds since 1970, 0 where nothing is known. */
export async function readWindow(account: Account, openid: string, ports: Ports): Promise<ReplyWindow> {
  return (await recallWindow(account, openid, ports)) ?? noWindow;
}

/** The same, and `undefined` where the database could not be asked. */
export async function recallWindow(
  account: Account,
  openid: string,
  ports: Ports,
): Promise<ReplyWindow | undefined> {
  return careless('read-window', ports, async () => {
    const window = readWindowIn(await ports.store.get(windowCollection, keyOf(account, openid)));
    return ports.clock.now() < window.closesAt ? window : { remaining: 0, closesAt: window.closesAt };
  });
}

function keyOf(account: Account, openid: string): readonly string[] {
  return [account, openid];
}

function readWindowIn(document: StoredDocument | undefined): ReplyWindow {
  const { remaining, closesAt } = document ?? {};
  return {
    remaining: typeof remaining === 'number' ? remaining : 0,
    closesAt: typeof closesAt === 'number' ? closesAt : 0,
  };
}

async function careless<T>(step: string, ports: Ports, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    ports.log({ step, failed: true, why: error instanceof Error ? error.name : 'unknown' });
    return undefined;
  }
}
