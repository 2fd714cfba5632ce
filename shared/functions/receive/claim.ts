import type { DocumentOf } from '../../core/collections';
import { careless, persist } from '../../core/failures';
import { takeLease } from '../../core/lease';
import type { Ports } from '../../core/ports';

/**
 * Taking a push once, however often WeChat delivers it and however many instances are there.
 *
 * A claim is a document under the push's key: whoever makes it handles the push, renewing it as long as the work goes
 * on; a repeat waits for it and gets the first one's answer, and takes over where it has run out. What the first had
 * begun is written before it is done: a message that was begun is not sent again by anybody, whoever has the claim, so
 * it does not matter by whose clock a claim has run out.
 */

type Push = DocumentOf<'kefu_pushes'>;

export interface Claim {
  /** How many of the answer's messages were begun when it was taken; and how many are known to be dealt with. */
  readonly begun: number;
  readonly dealt: number;
  /** Whether somebody had it before. */
  readonly isTakenOver: boolean;
  /** Notes that the message of this number is about to be sent or kept. `false` where the claim is another's by now. */
  begin(number: number): Promise<boolean>;
  /** Remembers that the message of this number is dealt with, for whoever goes on. */
  deal(number: number): void;
  /** Ends the claim with what is answered. */
  finish(answer: string): Promise<void>;
  /**
   * Ends it unfinished, with what was dealt with, so that a repeat may go on at once.
   *
   * @param said how many messages were begun, where none was since the claim was taken. Default: as is written
   */
  giveBack(said?: number): Promise<void>;
}

export type ClaimResult =
  | { readonly kind: 'mine'; readonly claim: Claim }
  /** Handled before; this was the answer. */
  | { readonly kind: 'done'; readonly answer: string };

/** How long a claim holds without being renewed, and how often it is renewed. */
export const claimMs = 8000;
const renewMs = 2500;

/** What of a call's time is kept for its answer. */
const closingMs = 1500;

/**
 * Takes a push by its id, or waits for the one who has it. Throws where the database does, and where the other one has
 * not come to an end in time.
 *
 * @param begun how many messages are begun with the claim itself: 1 where the first is sent at once
 */
export async function claimPush(id: string, begun: number, ports: Ports): Promise<ClaimResult> {
  const pushes = ports.database('kefu_pushes');
  const { clock } = ports;
  const holder = ports.newId();
  const end = () => clock.now() + claimMs;
  const leased = await takeLease<Push, string>(
    {
      collection: pushes,
      id,
      fresh: () => ({
        state: 'claimed',
        holder,
        until: end(),
        begun,
        dealt: 0,
        at: clock.now(),
        answer: '',
      }),
      look: ({ state, until, answer, holder: other }) => {
        if (state === 'done') return { kind: 'result', result: answer };
        if (clock.now() < until) return { kind: 'wait' };
        const found = { _id: id, state, until, holder: other };
        return { kind: 'take', take: () => pushes.update(found, { holder, until: end() }) };
      },
      firstPauseMs: 100,
      longestPauseMs: 400,
      patienceMs: Number.POSITIVE_INFINITY,
      closingMs,
    },
    ports,
  );
  if (leased.kind === 'failed') throw leased.error;
  if (leased.kind === 'late') throw new Error('another instance is still handling this push');
  // Empty where it was not the functions that wrote it.
  if (leased.kind === 'result') return { kind: 'done', answer: leased.result || '"success"' };

  const mine = { _id: id, state: 'claimed', holder } as const;
  const stop = ports.every(
    renewMs,
    () => void careless('renew', ports, () => pushes.update(mine, { until: end() })),
  );
  const { before } = leased;
  let dealt = before?.dealt ?? 0;
  return {
    kind: 'mine',
    claim: {
      begun: before?.begun ?? begun,
      dealt,
      isTakenOver: before !== undefined,
      begin: async (number) =>
        (await pushes.update(mine, { begun: number + 1, dealt: number, until: end() })) > 0,
      deal(number) {
        dealt = number + 1;
      },
      async finish(answer) {
        stop();
        await persist('finish', ports, () => pushes.update(mine, { state: 'done', answer }));
      },
      async giveBack(said) {
        stop();
        const changes = said === undefined ? {} : { begun: said };
        await careless('give-back', ports, () => pushes.update(mine, { ...changes, dealt, until: 0 }));
      },
    },
  };
}
