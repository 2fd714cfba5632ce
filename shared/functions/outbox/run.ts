import { createSlots } from '../../core/parallel';
import { type Ports, stepMs } from '../../core/ports';

/** One run of `kefu-outbox`: its name, its time and what it has come to so far. */
export interface DrainRun {
  readonly ports: Ports;
  /** A name that no other run has. */
  readonly name: string;
  readonly tally: { sent: number; dead: number };
  /** Lanes that this run is done with, and those it must leave alone. */
  readonly visited: Set<string>;
  /** Lets a bounded number of sends be under way at a time. */
  readonly slot: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether a message may still be begun: its send and the record of it have to fit. */
  hasTime(): boolean;
  /** Ends the run where the database fails it: what is under way is finished, nothing new begun. */
  stop(): void;
  /** The end of a lease that is taken now. */
  leaseUntil(): number;
}

/** How many sends are under way at a time. */
export const sendsAtOnce = 20;

/** What a send, the record of it and the end of the run take at most. */
const lastMessageMs = 2 * stepMs + 2000;

/** No function runs longer than this. */
const longestRunMs = 15 * 60 * 1000;

/** How much longer than its holder a lease lasts: clocks differ. */
const leaseMarginMs = 30 * 1000;

/** No lease ends later than this; one that seems to was taken by a clock that was wrong. */
export const longestLeaseMs = longestRunMs + 2 * leaseMarginMs;

export function createDrainRun(ports: Ports): DrainRun {
  const { clock } = ports;
  let stopped = false;
  return {
    ports,
    name: ports.newId(),
    tally: { sent: 0, dead: 0 },
    visited: new Set(),
    slot: createSlots(sendsAtOnce),
    hasTime: () => !stopped && clock.remainingMs() >= lastMessageMs,
    stop() {
      stopped = true;
    },
    leaseUntil: () => clock.now() + Math.min(clock.remainingMs(), longestRunMs) + leaseMarginMs,
  };
}

/** How often a write that must not be lost is tried. */
const writeAttempts = 3;
const betweenWritesMs = 200;

/** Does a write that may be done twice, several times if need be; `undefined` where it never succeeded. */
export async function persist<T>(
  { ports }: DrainRun,
  step: string,
  write: () => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 1; attempt <= writeAttempts; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      ports.log({ step, failed: true, why: error instanceof Error ? error.name : 'unknown' });
      if (attempt < writeAttempts && ports.clock.remainingMs() > stepMs) {
        await ports.sleep(betweenWritesMs * attempt);
      }
    }
  }
  return undefined;
}
