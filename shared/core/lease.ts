import { logThrown } from './failures';
import { type Collection, NotDone, type Ports } from './ports';

/**
 * The one lease: a document that one instance at a time has, for all that must be done by one at a time.
 *
 * Whoever makes the document has it; whoever finds it made waits, gets its result, or takes it over where its rules let
 * it. What is known is known by writes, which change a document in one step and say whether they did; a read may be
 * some seconds old and is only ever a reason to try a write or to look again. A write whose answer was lost is tried
 * again and then found to have been this one's own.
 */

interface HasHolder {
  readonly holder: string;
}

/**
 * What a document that somebody else has means: its result; the write that ends what its holder left, or takes it over,
 * on condition that it is as it was read; or wait.
 */
export type Look<R> =
  | { readonly kind: 'result'; readonly result: R }
  | { readonly kind: 'end'; readonly end: () => Promise<number>; readonly result: R }
  | { readonly kind: 'take'; readonly take: () => Promise<number> }
  | { readonly kind: 'wait' };

export interface LeaseRules<D extends HasHolder, R> {
  readonly collection: Collection<D>;
  readonly id: string;
  /** The document as it is made, by this holder. */
  readonly fresh: () => D;
  readonly look: (held: D) => Look<R>;
  /** How long to wait before the next look: at first soon, then less and less. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** How long to wait in all. */
  readonly patienceMs: number;
  /** What of the call's time is kept for what comes after. */
  readonly closingMs: number;
}

export type Leased<D, R> =
  /** Made, or taken over: `before` is what was found. */
  | { readonly kind: 'mine'; readonly before: D | undefined }
  | { readonly kind: 'result'; readonly result: R }
  /** Somebody else still has it. */
  | { readonly kind: 'late' }
  /** The database failed, again and again; `isCertain` where it is known that none of the writes was done. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly isCertain: boolean };

/** How many failures of the database in a row are borne. */
const mostFailures = 4;

/** Takes the lease, or waits for what its holder comes to. Never throws. */
export async function takeLease<D extends HasHolder, R>(
  rules: LeaseRules<D, R>,
  ports: Pick<Ports, 'clock' | 'log' | 'sleep'>,
): Promise<Leased<D, R>> {
  const { collection, id, fresh, look, patienceMs, closingMs } = rules;
  const made = fresh();
  /** What was found when it was last tried to be taken over: that try may have gone through without an answer. */
  let before: D | undefined;
  const mine = (): Leased<D, R> => ({ kind: 'mine', before });
  const attempt = async (): Promise<Leased<D, R> | undefined> => {
    if (await collection.insert([{ ...made, _id: id }])) {
      before = undefined;
      return mine();
    }
    const held = await collection.get(id);
    // Given back in the meantime, or not yet to be read: next time.
    if (held === undefined) return undefined;
    if (held.holder === made.holder) return mine();
    const seen = look(held);
    if (seen.kind === 'result') return seen;
    if (seen.kind === 'wait') return undefined;
    if (seen.kind === 'end')
      return (await seen.end()) > 0 ? { kind: 'result', result: seen.result } : undefined;
    before = held;
    return (await seen.take()) > 0 ? mine() : undefined;
  };
  let pauseMs = rules.firstPauseMs;
  let failures = 0;
  let isCertain = true;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      const leased = await attempt();
      if (leased !== undefined) return leased;
      failures = 0;
    } catch (error) {
      logThrown(ports, 'lease', error);
      failures += 1;
      isCertain &&= error instanceof NotDone;
      if (failures === mostFailures || ports.clock.remainingMs() < closingMs + pauseMs)
        return { kind: 'failed', error, isCertain };
    }
    if (waitedMs >= patienceMs || ports.clock.remainingMs() < closingMs + pauseMs) return { kind: 'late' };
    await ports.sleep(pauseMs);
    pauseMs = Math.min(rules.longestPauseMs, pauseMs * 1.5);
  }
}
