import { careless, persist } from '../../core/failures';
import { groupBy } from '../../core/groups';
import type { Ports } from '../../core/ports';
import { afterRefusal, type Noted, unknownUser } from '../../core/reply-windows';
import type { WindowRefusal } from '../deliver/parts';
import { dueNow, whenWoken } from './outbox';

/**
 * Lanes that wait for their user's next push, and their waking.
 *
 * Who puts a lane to sleep and who wakes it meet in the user's window document, by the number of acts noted there and
 * never by a clock. Sleeping writes `asleep` on condition that no act came since the lane was read, then puts the
 * messages to sleep, then asks for the same condition once more; if an act came, they are woken again. A push first
 * counts its act, which makes `woken` of `asleep`; then it wakes the messages and clears the word. So whichever comes
 * second sees the other. A push that dies in between leaves `woken` behind, which the next drain completes; for a drain
 * that dies in between each message bears the number of acts at which it fell asleep, and is looked at now and then:
 * `upkeep.ts` does both.
 */

/** A lane that WeChat refused, with the number of acts that was read before anything of it was sent. */
export interface Refused {
  readonly lane: string;
  /** `undefined` where nothing was known of its user. */
  readonly acts: number | undefined;
  /** Absent where nothing was tried: the lane slept already. */
  readonly errCode?: WindowRefusal | undefined;
}

/**
 * Lets lanes wait for their users' next pushes.
 *
 * @param write puts to sleep what was refused itself
 */
export async function letSleep(
  refused: readonly Refused[],
  holder: string,
  ports: Ports,
  write: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const outbox = ports.database('kefu_outbox');
  const lanes = refused.map(({ lane }) => lane);
  const sleeping = (await persist('announce', ports, () => announce(refused, ports))) ?? [];
  await write();
  await persist('let-sleep', ports, async () => {
    await outbox.update(
      { lane: { oneOf: lanes }, state: 'waiting', holder },
      { dueAt: whenWoken, holder: '', leaseUntil: 0 },
    );
    for (const group of groups(sleeping)) {
      const [{ acts = 0 }] = group;
      const named = group.map(({ lane }) => lane);
      await outbox.update({ lane: { oneOf: named }, state: 'waiting', dueAt: whenWoken }, { acts });
    }
    const still = new Set((await announce(sleeping, ports)).map(({ lane }) => lane));
    const crossed = lanes.filter((lane) => !still.has(lane));
    if (crossed.length > 0) await rouse(crossed, ports);
  });
}

/** Writes that lanes sleep, each on condition that no act of its user came in between; those where none did. */
async function announce(refused: readonly Refused[], ports: Ports): Promise<Refused[]> {
  return (await Promise.all(groups(refused).map((group) => announceGroup(group, ports)))).flat();
}

/** Those whose windows one write can change. */
function groups(refused: readonly Refused[]) {
  return [...groupBy(refused, ({ acts, errCode }) => `${acts} ${errCode}`).values()];
}

async function announceGroup(group: ReturnType<typeof groups>[number], ports: Ports): Promise<Refused[]> {
  const [{ acts, errCode }] = group;
  const windows = ports.database('kefu_windows');
  const refusal = errCode === undefined ? {} : afterRefusal(errCode, ports.clock.now());
  const asleep = { ...refusal, waiting: 'asleep', slept: { add: 1 } } as const;
  if (acts !== undefined) {
    const lanes = group.map(({ lane }) => lane);
    if ((await windows.update({ _id: { oneOf: lanes }, acts }, asleep)) === group.length) return group;
  }
  const sleeping: Refused[] = [];
  for (const one of group) {
    const document = { ...unknownUser, waiting: 'asleep', _id: one.lane } as const;
    const alone =
      acts === undefined
        ? await windows.insert([document])
        : (await windows.update({ _id: one.lane, acts }, asleep)) > 0;
    if (alone) sleeping.push({ ...one, acts: acts ?? 0 });
  }
  return sleeping;
}

/** Makes what sleeps in lanes due. */
export function rouse(lanes: readonly string[], { database }: Ports): Promise<number> {
  return database('kefu_outbox').update(
    { lane: { oneOf: lanes }, state: 'waiting', dueAt: whenWoken },
    { dueAt: dueNow },
  );
}

/** Makes what waits for a user's push due, after that push was noted. */
export async function wake(lane: string, { acts }: Pick<Noted, 'acts'>, ports: Ports): Promise<void> {
  const woken = await persist('wake', ports, () => rouse([lane], ports));
  // Where that failed the word stays, and the next drain does it.
  if (woken === undefined) return;
  await careless('woken', ports, () =>
    ports.database('kefu_windows').update({ _id: lane, acts, waiting: 'woken' }, { waiting: 'none' }),
  );
}
