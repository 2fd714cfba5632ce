import type { EmulatorClock } from './clock';
import type { Entry, EntryBody } from './entries';

/** All that happened, in order. The newest entries are kept, so that a long session does not fill the memory. */
export interface EventLog {
  add(body: EntryBody): Entry;
  /** The number of the last entry; 0 before the first. */
  readonly seq: number;
  /** The entries after a sequence number, oldest first. */
  since(seq: number): readonly Entry[];
  /** Calls back for each entry to come; the returned function ends that. */
  subscribe(listener: (entry: Entry) => void): () => void;
  reset(): void;
}

export function createEventLog(clock: EmulatorClock, keep = 20_000): EventLog {
  let entries: Entry[] = [];
  let seq = 0;
  const listeners = new Set<(entry: Entry) => void>();
  return {
    get seq() {
      return seq;
    },
    add(body) {
      seq += 1;
      const entry: Entry = { seq, at: clock.now(), ...body };
      entries.push(entry);
      if (entries.length > keep * 2) entries = entries.slice(-keep);
      for (const listener of listeners) listener(entry);
      return entry;
    },
    since: (after) => entries.filter((entry) => entry.seq > after),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // Sequence numbers go on, so that a page that was away sees the reset.
    reset() {
      entries = [];
    },
  };
}
