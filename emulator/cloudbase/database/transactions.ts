import { type Collections, copyCollections, write } from './collections';
import { faults } from './faults';

/** The transactions there are. */
export interface Transactions {
  start(): string;
  /** The collections as a transaction sees them; throws when it is over: by commit, by abort, after its 30 seconds. */
  collections(id: unknown): Collections;
  commit(id: unknown): void;
  /** Ends a transaction and forgets what it wrote; throws when it is over already. */
  abort(id: unknown): void;
  reset(): void;
}

const lifetimeMs = 30_000;

/**
 * Makes the transactions of one database.
 *
 * Isolation is MongoDB's snapshot isolation. A transaction reads what was committed when it started (MongoDB begins
 * the snapshot with the first operation) together with its own writes. Two transactions conflict when both WRITE one
 * document: the first to commit wins, and the other hears of it at its commit, which is what the SDK runs again by
 * itself. What a transaction only read may change under it, so write skew is possible here exactly as it is in the
 * cloud; code that relies on a document it read must also write it.
 *
 * MongoDB also makes a writer outside of any transaction wait for one that holds the document. Every action here is
 * answered at once, so that writer goes first, and the transaction conflicts.
 */
export function createTransactions(live: Collections, now: () => number): Transactions {
  const open = new Map<string, { readonly collections: Collections; readonly expiresAt: number }>();
  let started = 0;

  const find = (id: unknown): Collections => {
    const transaction = open.get(String(id));
    if (transaction === undefined || transaction.expiresAt <= now()) throw faults.transactionGone();
    return transaction.collections;
  };

  return {
    start() {
      for (const [id, { expiresAt }] of open) if (expiresAt <= now()) open.delete(id);
      started += 1;
      const id = `local-transaction-${started}`;
      open.set(id, { collections: copyCollections(live), expiresAt: now() + lifetimeMs });
      return id;
    },
    collections: find,
    commit(id) {
      const collections = find(id);
      // A commit ends the transaction also when it fails.
      open.delete(String(id));
      const written = [...collections.values()].flatMap(({ name, documents, before }) =>
        Array.from(before ?? [], ([key, then]) => ({
          of: live.get(name),
          key,
          then,
          now: documents.get(key),
        })),
      );
      if (written.some(({ of, key, then }) => of?.documents.get(key) !== then))
        throw faults.transactionConflict();
      for (const { of, key, now } of written) if (of !== undefined) write(of, key, now);
    },
    abort(id) {
      find(id);
      open.delete(String(id));
    },
    reset() {
      open.clear();
      started = 0;
    },
  };
}
