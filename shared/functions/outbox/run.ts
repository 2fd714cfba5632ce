import { createSlots } from '../../core/parallel';
import { stepMs } from '../../core/ports';
import type { FallbackPorts } from '../deliver/fallback';

/** One run over the outbox: its name, its time and what it has come to so far. */
export interface Run {
  readonly ports: FallbackPorts;
  /** A name that no other run has. */
  readonly name: string;
  readonly tally: { sent: number; dead: number };
  /** Lanes that this run is done with, and those it must leave alone. */
  readonly done: Set<string>;
  /** What this run decided in the last seconds: a read may still show it as it was. */
  readonly decided: Recent;
  /** Lets a bounded number of sends be under way at a time. */
  readonly slot: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether a message may still be begun: its send and the record of it have to fit. */
  hasTime(): boolean;
  /** Whether time is all that it wants for. */
  isOutOfTime(): boolean;
  /** Ends the run where the database fails it: what is under way is finished, nothing new begun. */
  stop(): void;
  /** Notes that WeChat wants fewer calls, which ends the run too where as many were refused as are under way at a time. */
  noteThrottled(): void;
}

/** How old a read of the cloud database may be, in milliseconds: longer than any lag that is known of. */
const oldestReadMs = 5000;

/** Names that are remembered for at least {@link oldestReadMs}, and forgotten soon after. */
export interface Recent {
  add(name: string): void;
  has(name: string): boolean;
}

function createRecent({ clock }: FallbackPorts): Recent {
  let [older, newer] = [new Set<string>(), new Set<string>()];
  let turnedAt = clock.now();
  return {
    add(name) {
      if (Math.abs(clock.now() - turnedAt) > oldestReadMs) {
        [older, newer] = [newer, new Set()];
        turnedAt = clock.now();
      }
      newer.add(name);
    },
    has: (name) => newer.has(name) || older.has(name),
  };
}

/** How many sends are under way at a time. */
export const sendsAtOnce = 30;

/** What a send, the record of it and the end of the run take at most. */
const lastMessageMs = 2 * stepMs + 2000;

/** @param forMs how long messages may be begun; left out, as long as the call has time */
export function createRun(ports: FallbackPorts, forMs = Number.POSITIVE_INFINITY): Run {
  const { clock } = ports;
  const startedAt = clock.now();
  let stopped = false;
  let throttled = 0;
  const isOutOfTime = () => clock.remainingMs() < lastMessageMs || clock.now() - startedAt >= forMs;
  return {
    ports,
    name: ports.newId(),
    tally: { sent: 0, dead: 0 },
    done: new Set(),
    decided: createRecent(ports),
    slot: createSlots(sendsAtOnce),
    hasTime: () => !stopped && !isOutOfTime(),
    isOutOfTime: () => !stopped && isOutOfTime(),
    stop() {
      stopped = true;
    },
    noteThrottled() {
      throttled += 1;
      stopped ||= throttled >= sendsAtOnce;
    },
  };
}
