import { applyWrites, type Collection } from './collections';
import { type Key, toIndexEntries } from './documents';
import { faults } from './faults';
import { type ChangesByCollection, createSession, keepBefore, type Session } from './session';

/**
 * When a transaction hears that another writer was faster: at its commit, which is what the SDK re-runs by itself,
 * or at its write, which is where CloudBase's own tests of the SDK meet it and where the SDK does not.
 */
export type ConflictsAt = 'commit' | 'write';

/** The transactions there are. */
export interface Transactions {
  start(): string;
  /** The session of a transaction; throws when it is over, whether by commit, by abort or after its 30 seconds. */
  session(id: unknown): Session;
  commit(id: unknown): void;
  /** Ends a transaction and forgets what it wrote; throws when it is over already. */
  abort(id: unknown): void;
  /** Runs work outside of any transaction: all of it takes effect, or when it throws none. */
  run<T>(work: (session: Session) => T): T;
  reset(): void;
}

interface Work {
  readonly session: Session;
  readonly changes: ChangesByCollection;
  readonly expiresAt: number;
}

const lifetimeMs = 30_000;

/**
 * Makes the transactions of one database.
 *
 * Isolation is MongoDB's snapshot isolation. A transaction reads what was committed when it started (MongoDB begins
 * the snapshot with the first operation) together with its own writes. Two transactions conflict when both WRITE one
 * document: the first to commit wins. What a transaction only read may change under it, so write skew is possible
 * here exactly as it is in the cloud; code that relies on a document it read must also write it.
 *
 * MongoDB also makes a writer outside of any transaction wait for one that holds the document. Every action here is
 * answered at once, so that writer goes first, and the transaction conflicts.
 */
export function createTransactions(options: { now: () => number; conflictsAt: ConflictsAt }): Transactions {
  const open = new Map<string, Work>();
  let started = 0;

  function forgetExpired(): void {
    const now = options.now();
    for (const [id, work] of open) if (work.expiresAt <= now) open.delete(id);
  }

  function find(id: unknown): Work {
    forgetExpired();
    const work = open.get(String(id));
    if (work === undefined) throw faults.transactionGone();
    return work;
  }

  function isWrittenElsewhere(changes: ChangesByCollection, collection: Collection, key: Key): boolean {
    if (changes.get(collection)?.before.has(key)) return true;
    return [...open.values()].some(
      (other) => other.changes !== changes && other.changes.get(collection)?.writes.has(key),
    );
  }

  function begin(): Work {
    const changes: ChangesByCollection = new Map();
    const session = createSession(changes, (collection, key) => {
      if (options.conflictsAt === 'commit') return;
      if (isWrittenElsewhere(changes, collection, key)) throw faults.transactionConflict();
    });
    return { session, changes, expiresAt: options.now() + lifetimeMs };
  }

  function commit(changes: ChangesByCollection): void {
    for (const [collection, { writes, before }] of changes) {
      for (const [key, document] of writes) {
        if (before.has(key)) throw faults.transactionConflict();
        // What the session could see was checked at its write; an entry it cannot see was taken meanwhile.
        const taken = (owner: Key | undefined) => owner !== undefined && owner !== key && !writes.has(owner);
        const collides = collection.indexes.some(
          (index) =>
            document !== null &&
            toIndexEntries(index.fields, document).some((entry) => taken(index.owners.get(entry))),
        );
        if (collides) throw faults.transactionConflict();
      }
    }
    for (const [collection, { writes }] of changes) {
      for (const other of open.values()) {
        if (other.changes !== changes) keepBefore(other.changes, collection, writes.keys());
      }
      applyWrites(collection, writes);
    }
  }

  return {
    start() {
      forgetExpired();
      started += 1;
      const id = `local-transaction-${started}`;
      open.set(id, begin());
      return id;
    },
    session: (id) => find(id).session,
    commit(id) {
      const { changes } = find(id);
      // A commit ends the transaction also when it fails.
      open.delete(String(id));
      commit(changes);
    },
    abort(id) {
      find(id);
      open.delete(String(id));
    },
    run(job) {
      forgetExpired();
      const changes: ChangesByCollection = new Map();
      // It begins and ends within one action, so nobody is faster than it.
      const result = job(createSession(changes, () => {}));
      commit(changes);
      return result;
    },
    reset() {
      open.clear();
      started = 0;
    },
  };
}
