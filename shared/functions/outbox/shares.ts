import type { Ports } from '../../core/ports';

/**
 * Shares of the outbox: lanes are hashes, so a range of their names is an even share of the users. Where more is due
 * than one run sends in its time, the timer's run asks for others and gives each a range; no lane is in two of them.
 * Ranges only keep runs out of each other's way: that no message is sent twice stands on the marks, whatever ranges
 * overlap. A start that is lost costs time, for the one who asked goes on with the whole when its own share is done.
 *
 * A run whose time is up while more waits asks once for another that goes on with its share; that one asks for none, so
 * the runs of one timer are over when the next one comes.
 */

/** A range of lanes, from the first of `of` to the last. */
export interface Share {
  readonly part: number;
  readonly of: number;
  /** Whether its run asks for no other when its time is up. */
  readonly isLast?: boolean;
}

export const whole: Share = { part: 1, of: 1 };

/** The most runs that are asked for at a time, the one that asks among them. */
export const mostRuns = 32;

/** How many due messages make one more run worth its start: what one sends in some fifteen seconds. */
const dueForRun = 2500;

/** The share that an event names, as in `3/8` or `3/8 last`; `undefined` where it names none. */
export function readShare(text: string): Share | undefined {
  const [, part = '', of = '', last] = /^(\d{1,2})\/(\d{1,2})( last)?$/.exec(text) ?? [];
  const share = { part: Number(part), of: Number(of), isLast: last !== undefined };
  return share.part >= 1 && share.part <= share.of && share.of <= mostRuns ? share : undefined;
}

/** How many lanes' names begin differently. */
const names = 2 ** 32;

/** Above all names. */
const last = 'g';

/** What a lane's name must be to be in a share. */
export function lanesIn({ part, of }: Share): { readonly above: string; readonly atMost: string } {
  const border = (place: number) => Math.floor((place * names) / of).toString(16);
  const from = part === 1 ? '' : border(part - 1).padStart(8, '0');
  return { above: from, atMost: part === of ? last : border(part).padStart(8, '0') };
}

/** Starts the runs that so much asks for, beside this one: which share is left to this one. */
export async function askForRuns(
  due: number,
  most: number,
  ports: Pick<Ports, 'startFunction' | 'log'>,
): Promise<Share> {
  const of = Math.max(1, Math.min(most, Math.ceil(due / dueForRun)));
  const others = Array.from({ length: of - 1 }, (_, index) => `${index + 2}/${of}`);
  await Promise.all(others.map((share) => ports.startFunction('kefu-outbox', { share })));
  if (of > 1) ports.log({ step: 'ask-for-runs', due, runs: of });
  return { part: 1, of };
}

/** Starts the run that goes on with a share. */
export function askForNext({ part, of }: Share, ports: Pick<Ports, 'startFunction'>): Promise<void> {
  return ports.startFunction('kefu-outbox', { share: `${part}/${of} last` });
}
