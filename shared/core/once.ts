import type { ErrorCodeName } from '../wechat/errors/errors';
import type { Caller, Role } from './access';
import { type Answer, type Refusal, refusal, refusalFor } from './answer';
import type { Ports, StoredDocument } from './ports';

/**
 * Once: a request under an id of the caller's is carried out once, and a repeat gets the first one's answer.
 *
 * A document is made before anything is sent and holds the answer afterwards: two round trips. Found without an
 * answer, it says that somebody began and did not come to the end: the message may have arrived, so it is never sent
 * again by itself.
 */

/** What is remembered of requests, for as long as {@link rememberMs}. */
export const requestCollection = 'kefu_requests';

/** How long an id is remembered. */
export const rememberMs = 7 * 24 * 60 * 60 * 1000;

/** A request under an id. */
export interface RequestKey {
  /** Who may meet whom under an id: see {@link scopeOf}. Then the id itself. */
  readonly key: readonly string[];
  /** Of what is asked; the same id for something else is refused. */
  readonly hash: string;
}

/** What a request came to. */
export interface Outcome {
  readonly answer: Answer;
  /** What is written in the same moment as the record. */
  readonly alongside?: (() => Promise<void>) | undefined;
}

/**
 * Whose ids are one set. A user's own ids are its own: no stranger can ask for another's answer, or take an id first.
 * The owner's functions, timers and servers share theirs, whoever the user at the other end is.
 */
export function scopeOf(role: Role, caller: Caller): string {
  return role === 'owner' ? 'owner' : `user ${caller.openid ?? ''}`;
}

/** What is wrong with an id; `undefined` where it is one. */
export function requestIdFault(value: unknown): string | undefined {
  return typeof value === 'string' && /^[^\p{C}]{1,64}$/u.test(value)
    ? undefined
    : 'must be a string of 1 to 64 printable characters';
}

/** A hash of what a request asks for, the same however its fields are ordered. */
export function hashOf(request: unknown, ports: Pick<Ports, 'digest'>): string {
  return ports.digest(JSON.stringify(inOrder(request)));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, inner]) => [key, inOrder(inner)]);
}

/** Answers after which nothing was sent and the id stays free: to be corrected, or tried again. */
const releasing: ReadonlySet<ErrorCodeName> = new Set<ErrorCodeName>([
  'invalid-message',
  'not-allowed',
  'file-unavailable',
  'permission-missing',
  'configuration-invalid',
  'token-invalid',
]);

function isReleasing(answer: Answer): boolean {
  if (answer.errCode === 0) return false;
  const { code, retryable } = answer as Refusal;
  return retryable || releasing.has(code);
}

/** Carries a request out once. Refuses it where the database cannot be asked: then nothing was sent. */
export async function once(request: RequestKey, ports: Ports, work: () => Promise<Outcome>): Promise<Answer> {
  const claimed = await claim(request, ports);
  if (!claimed.mine) return claimed.answer;
  const { answer, alongside } = await work();
  await Promise.all([settle(request, claimed.holder, answer, ports), alongside?.()]);
  return answer;
}

type Claimed =
  | { readonly mine: true; readonly holder: string }
  | { readonly mine: false; readonly answer: Answer };

/** How often a repeat looks whether the first has finished: at first soon, then less and less. */
const firstPollMs = 100;
const longestPollMs = 1000;

/** What a waiting repeat keeps of its own time, for its answer. */
const closingMs = 1500;

/** How long a repeat waits at most. */
const longestWaitMs = 12_000;

/** No function runs longer than this, so whoever began before is gone. */
const longestRunMs = 15 * 60 * 1000;

async function claim(request: RequestKey, ports: Ports): Promise<Claimed> {
  const { store, clock } = ports;
  const holder = ports.newId();
  let waitedMs = 0;
  let pollMs = firstPollMs;
  try {
    for (;;) {
      const record = { state: 'pending', hash: request.hash, holder, at: clock.now(), answer: '' };
      if (await store.create(requestCollection, request.key, record)) return { mine: true, holder };
      const held = await store.get(requestCollection, request.key);
      // Where it was given back in the meantime, it can be had next time.
      const answer = held && readAnswer(held, request);
      if (answer !== undefined) return { mine: false, answer };
      const hopeless =
        waitedMs >= longestWaitMs ||
        clock.remainingMs() < closingMs + pollMs ||
        (held !== undefined && clock.now() - Number(held['at']) > longestRunMs);
      if (hopeless) return { mine: false, answer: unfinished() };
      await ports.sleep(pollMs);
      waitedMs += pollMs;
      pollMs = Math.min(longestPollMs, pollMs * 1.5);
    }
  } catch (error) {
    ports.log({ step: 'claim', failed: true, why: error instanceof Error ? error.name : 'unknown' });
    // It may have been made all the same, and would then say that something was begun.
    await release(request, holder, ports);
    return {
      mine: false,
      answer: refusal('wechat-busy', -502001, 'the database could not be asked; nothing was sent'),
    };
  }
}

function readAnswer(held: StoredDocument, { hash }: RequestKey): Answer | undefined {
  if (held['hash'] !== hash) return differentRequest();
  return held['state'] === 'done' ? (JSON.parse(String(held['answer'])) as Answer) : undefined;
}

/** The refusal of an id that was used for something else. */
export function differentRequest(): Refusal {
  const message = 'was used for another message';
  return { ...refusalFor(40035, `requestId ${message}`), details: [{ path: 'requestId', message }] };
}

function unfinished(): Refusal {
  return refusal(
    'unknown-delivery',
    -501002,
    'a call with this requestId began and did not come to its end, so its message may have been sent',
  );
}

/** How often the end of a request is tried to be written. */
const settleAttempts = 3;

async function settle(request: RequestKey, holder: string, answer: Answer, ports: Ports): Promise<void> {
  if (isReleasing(answer)) return release(request, holder, ports);
  for (let attempt = 1; attempt <= settleAttempts; attempt += 1) {
    try {
      await ports.store.change(
        requestCollection,
        request.key,
        { holder },
        { state: 'done', answer: JSON.stringify(answer) },
      );
      return;
    } catch (error) {
      // The caller gets its answer; a repeat will be told that it cannot be known.
      ports.log({ step: 'record', failed: true, why: error instanceof Error ? error.name : 'unknown' });
      if (ports.clock.remainingMs() < closingMs * 4) return;
      await ports.sleep(firstPollMs * attempt);
    }
  }
}

async function release({ key }: RequestKey, holder: string, ports: Ports): Promise<void> {
  try {
    await ports.documents.remove(requestCollection, { _id: ports.digest(JSON.stringify(key)), holder });
  } catch (error) {
    ports.log({ step: 'release', failed: true, why: error instanceof Error ? error.name : 'unknown' });
  }
}
