import type { ErrorCodeName } from '../wechat/errors/errors';
import type { Caller, Role } from './access';
import { type Answer, type Refusal, refusal, refusalFor } from './answer';
import type { DocumentOf } from './collections';
import { persist } from './failures';
import { type Look, takeLease } from './lease';
import { idOf, type Ports } from './ports';

/**
 * Once: a request under an id of the caller's is carried out once, and a repeat gets the first one's answer.
 *
 * A document is made before anything is sent and holds the answer afterwards: two round trips. Found without an
 * answer, it says that somebody began and did not come to the end: the message may have arrived, so it is never sent
 * again by itself. An answer that says `retryable: true` is given only where the id is known to be free again.
 */

/** How long an id is remembered. */
export const rememberMs = 7 * 24 * 60 * 60 * 1000;

type Record = DocumentOf<'kefu_requests'>;

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

function isReleasing(answer: Answer): answer is Refusal {
  const { code, retryable } = answer as Refusal;
  return retryable || releasing.has(code);
}

/** Carries a request out once. Refuses it where the database cannot be asked: then nothing was sent. */
export async function once(request: RequestKey, ports: Ports, work: () => Promise<Outcome>): Promise<Answer> {
  const claimed = await claim(request, ports);
  if (!claimed.mine) return claimed.answer;
  const { answer, alongside } = await work();
  const [settled] = await Promise.all([settle(request, claimed.holder, answer, ports), alongside?.()]);
  return settled;
}

type Claimed =
  | { readonly mine: true; readonly holder: string }
  | { readonly mine: false; readonly answer: Answer };

/** What a waiting repeat keeps of its own time, for its answer. */
const closingMs = 1500;

/** How long a repeat waits at most. */
const longestPatienceMs = 12_000;

/** No function runs longer than this, so whoever began before is gone. */
const longestRunMs = 15 * 60 * 1000;

async function claim(request: RequestKey, ports: Ports): Promise<Claimed> {
  const holder = ports.newId();
  const leased = await takeLease<Record, Answer>(
    {
      collection: ports.database('kefu_requests'),
      id: idOf(request.key, ports),
      fresh: () => pending(request, holder, ports),
      look: (held) => look(held, request, holder, ports),
      firstPauseMs: 100,
      longestPauseMs: 1000,
      patienceMs: longestPatienceMs,
      closingMs,
    },
    ports,
  );
  switch (leased.kind) {
    case 'mine':
      return { mine: true, holder };
    case 'result':
      return { mine: false, answer: leased.result };
    case 'late':
      return { mine: false, answer: unfinished() };
    case 'failed': {
      const failed = refusal('wechat-busy', -502001, 'the database could not be asked; nothing was sent');
      // The claim may have been made all the same, or be made yet, and would then say that something was begun.
      return {
        mine: false,
        answer: leased.isCertain ? failed : await release(request, holder, failed, ports),
      };
    }
  }
}

function pending({ hash }: RequestKey, holder: string, { clock }: Ports): Record {
  return { state: 'pending', hash, holder, at: clock.now(), answer: '', seq: 0 };
}

function look(held: Record, request: RequestKey, holder: string, ports: Ports): Look<Answer> {
  const { hash, key } = request;
  const result = (answer: Answer) => ({ kind: 'result', result: answer }) as const;
  if (held.state === 'released') {
    const found = { _id: idOf(key, ports), state: held.state, holder: held.holder } as const;
    const requests = ports.database('kefu_requests');
    return { kind: 'take', take: () => requests.update(found, pending(request, holder, ports)) };
  }
  if (held.hash !== hash) return result(differentRequest());
  if (held.state === 'done') return result(JSON.parse(held.answer) as Answer);
  if (ports.clock.now() - held.at <= longestRunMs) return { kind: 'wait' };
  // What was read may be old and the clock that wrote it wrong: that nobody came to the end is known by writing it.
  const left = { _id: idOf(key, ports), state: held.state, holder: held.holder } as const;
  const end = () =>
    ports.database('kefu_requests').update(left, { state: 'done', answer: JSON.stringify(unfinished()) });
  return { kind: 'end', end, result: unfinished() };
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

async function settle(request: RequestKey, holder: string, answer: Answer, ports: Ports): Promise<Answer> {
  if (isReleasing(answer)) return release(request, holder, answer, ports);
  // Where it cannot be written the caller gets its answer all the same; a repeat will be told that it cannot be known.
  await persist('record', ports, () =>
    ports
      .database('kefu_requests')
      .update({ _id: idOf(request.key, ports), holder }, { state: 'done', answer: JSON.stringify(answer) }),
  );
  return answer;
}

/**
 * Gives the id back: its document stays and says so, so that a claim which the database carries out late finds its place
 * taken. Where that cannot be told to the database, the answer says that the id stays taken.
 */
async function release(request: RequestKey, holder: string, answer: Refusal, ports: Ports): Promise<Refusal> {
  const requests = ports.database('kefu_requests');
  const _id = idOf(request.key, ports);
  const free = { state: 'released', answer: '', holder: '' } as const;
  const released = await persist('release', ports, async () => {
    const given = await requests.update({ _id, holder }, free);
    return given > 0 || requests.insert([{ ...pending(request, '', ports), ...free, _id }]);
  });
  return released === undefined ? { ...answer, retryable: false, advice: takenAdvice } : answer;
}

const takenAdvice =
  'Nothing was sent, but the database could not be told so: this requestId stays taken. Send again under another one.';
