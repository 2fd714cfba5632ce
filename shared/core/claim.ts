import type { Ports, StoredDocument } from './ports';

/**
 * Taking a push once, however often WeChat delivers it and however many instances are there.
 *
 * A claim is a document under the push's key with an end: whoever makes it handles the push, renewing the end as it
 * goes; a repeat waits for it and gets the first one's answer, and takes over where the end has passed. What the first
 * had begun to send is not sent again: its progress stands in the claim.
 */

export interface Claim {
  /** How many of the answer's messages are done with: sent, refused, or begun by somebody who did not come to the end. */
  readonly begun: number;
  /** Notes that the message of this number is about to be sent. `false` where the claim is another's by now. */
  begin(number: number): Promise<boolean>;
  /** Ends the claim with what is answered. */
  finish(answer: string): Promise<void>;
}

export type ClaimResult =
  | { readonly kind: 'mine'; readonly claim: Claim }
  /** Handled before; this was the answer. */
  | { readonly kind: 'done'; readonly answer: string };

/** The pushes that were taken. */
export const pushCollection = 'kefu_pushes';

/** The nonces of the callback's queries. */
export const nonceCollection = 'kefu_nonces';

/** How long a claim holds without being renewed. Longer than one step of handling a push takes. */
export const claimMs = 8000;

/** How often a repeat looks whether the first has finished. */
const pollMs = 200;

/** Takes a push by its key, or waits for the one who has it. Throws where the database does. */
export async function claimPush(
  key: readonly string[],
  holder: string,
  ports: Ports,
  sleep: (ms: number) => Promise<void>,
): Promise<ClaimResult> {
  const { store, clock } = ports;
  const fresh = () => ({ state: 'claimed', holder, until: clock.now() + claimMs, begun: 0, at: clock.now() });
  if (await store.create(pushCollection, key, fresh()))
    return { kind: 'mine', claim: claimOf(key, holder, 0, ports) };
  for (;;) {
    const held = readHeld(await store.get(pushCollection, key));
    if (held.state === 'done') return { kind: 'done', answer: held.answer };
    if (clock.now() >= held.until) {
      const taken = await store.change(
        pushCollection,
        key,
        { state: 'claimed', until: held.until },
        { holder, until: clock.now() + claimMs },
      );
      if (taken) return { kind: 'mine', claim: claimOf(key, holder, held.begun, ports) };
    }
    await sleep(pollMs);
  }
}

function claimOf(key: readonly string[], holder: string, begun: number, { store, clock }: Ports): Claim {
  const mine = { state: 'claimed', holder };
  return {
    begun,
    begin: (number) =>
      store.change(pushCollection, key, mine, { begun: number + 1, until: clock.now() + claimMs }),
    async finish(answer) {
      await store.change(pushCollection, key, mine, { state: 'done', answer });
    },
  };
}

function readHeld(document: StoredDocument | undefined) {
  const { state, until, begun, answer } = document ?? {};
  return {
    state: state === 'done' ? 'done' : 'claimed',
    until: typeof until === 'number' ? until : 0,
    begun: typeof begun === 'number' ? begun : 0,
    answer: typeof answer === 'string' ? answer : '"success"',
  };
}
