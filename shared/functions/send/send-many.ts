import { refuseUsers, withTouser } from '../../core/access';
import {
  type Answer,
  type Refusal,
  refusalFor,
  refuseFaults,
  success,
  withHints,
  withPaths,
} from '../../core/answer';
import type { Call } from '../../core/define-function';
import { groupBy } from '../../core/groups';
import { inParallel } from '../../core/parallel';
import type { Ports } from '../../core/ports';
import { nearestName } from '../../wechat/fields/suggest';
import { isPlainObject, type PlainObject, typeName } from '../../wechat/fields/values';
import type { FallbackPorts } from '../deliver/fallback';
import { nextSeq } from '../outbox/outbox';
import { carryOut } from './carry-out';
import { keepWithin, keptAnswer, notKept, outgoingOf, refuseNoRoom } from './queue';
import {
  optionNames,
  type ParsedRequest,
  parseRequest,
  type SendAnswer,
  type SendRequest,
} from './send-request';

/** The most messages of one call. */
const mostMessages = 100;

/** To how many users messages are under way at a time. */
const usersAtOnce = 10;

/** A message that passed, with its place in the list. */
interface Ready {
  readonly index: number;
  readonly request: SendRequest;
}

/**
 * Sends several messages: `{messages: [...]}`.
 *
 * Each is an event of its own, with its own answer in `results`; one that is wrong or refused spoils no other. What
 * stands beside `messages` (`touser`, `account`, `queue` …) holds for each that does not say otherwise. The messages
 * of one user leave in their order, those of different users side by side; what does not fit into the function's time
 * is answered as not sent (`wechat-busy`, `retryable: true`).
 */
export async function sendMany(
  input: PlainObject,
  call: Call & { readonly ports: FallbackPorts },
): Promise<SendAnswer> {
  const { ports } = call;
  const { messages, ...shared } = input;
  const wrong = refuseList(messages, shared);
  if (wrong !== undefined) return wrong;

  const entries = messages as readonly unknown[];
  const results: (Answer | undefined)[] = entries.map(() => undefined);
  const ready: Ready[] = [];
  for (const [index, entry] of entries.entries()) {
    const parsed = parseEntry(shared, entry, call);
    if (!parsed.ok) results[index] = within(parsed.refusal, index);
    else ready.push({ index, request: inPlace(parsed.request, entry as PlainObject, index) });
  }

  const isBatch = ({ request: { queue, window, key } }: Ready) => queue && !window && key === undefined;
  const others = ready.filter((one) => !isBatch(one));
  const lanes = groupBy(others, ({ request: { account, touser } }) => `${account} ${touser}`);
  await Promise.all([
    keepTogether(ready.filter(isBatch), results, ports),
    inParallel(usersAtOnce, [...lanes.values()], async (lane) => {
      for (const { index, request } of lane) results[index] = within(await carryOut(request, ports), index);
    }),
  ]);
  return success({
    results: results.map((answer) => answer ?? refusalFor(-504002, 'this message was passed over')),
  });
}

function refuseList(messages: unknown, shared: PlainObject): Refusal | undefined {
  const known = ['messages', 'touser', ...optionNames];
  const faults = Object.keys(shared)
    .filter((key) => !known.includes(key))
    .map((path) => {
      const near = nearestName(path, known);
      return {
        path,
        message: `does not go with messages${near === undefined ? '' : `; did you mean ${near}?`}`,
        errCode: 40035,
      };
    });
  const wrong = listFault(messages);
  if (wrong !== undefined) faults.unshift({ path: 'messages', message: wrong, errCode: 47001 });
  const [first, ...rest] = faults;
  return first === undefined ? undefined : refuseFaults([first, ...rest]);
}

function listFault(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return `must be a list, not ${typeName(messages)}`;
  if (messages.length === 0) return 'is empty';
  return messages.length > mostMessages
    ? `has ${messages.length} entries; one call takes at most ${mostMessages}`
    : undefined;
}

/** Reads one of several, with what stands beside them. Whom it may reach is decided before anything in it is read. */
function parseEntry(shared: PlainObject, entry: unknown, call: Call): ParsedRequest {
  if (!isPlainObject(entry))
    return { ok: false, refusal: refusalFor(47001, `a message must be an object, not ${typeName(entry)}`) };
  const { role, caller } = call;
  const event = withTouser({ ...shared, ...entry }, caller);
  const refused = refuseUsers(event, role, caller);
  return refused === undefined ? parseRequest(event, call) : { ok: false, refusal: refused };
}

/** The answer to one of several, with its paths as the caller sees them. */
function within<A extends SendAnswer>(answer: A, index: number): A {
  return withPaths(answer, (path) => (path === '' ? `messages[${index}]` : `messages[${index}].${path}`));
}

/** An id beside `messages` is the whole list's, so each message is remembered under it and its place. */
function inPlace(request: SendRequest, entry: PlainObject, index: number): SendRequest {
  const { key } = request;
  if (key === undefined || Object.hasOwn(entry, 'requestId')) return request;
  return { ...request, key: { ...key, key: [...key.key, String(index)] } };
}

/** The messages that only have to be kept, in one round trip. */
async function keepTogether(
  messages: readonly Ready[],
  results: (Answer | undefined)[],
  ports: Ports,
): Promise<void> {
  const full = await refuseNoRoom(
    messages.map(({ request }) => request),
    ports,
  );
  if (full !== undefined) {
    for (const { index } of messages) results[index] = full;
    return;
  }
  const outgoing = messages.map(({ request }) =>
    outgoingOf(request, ports.newId(), nextSeq(ports.clock.now(), request.parts.length)),
  );
  // A client's messages are all to itself.
  const isClients = messages.some(({ request }) => request.isClients);
  const over = await keepWithin(outgoing.flat(), isClients, ports).catch(() => notKept(false));
  for (const [place, { index, request }] of messages.entries())
    results[index] = within(withHints(over ?? keptAnswer(outgoing[place] ?? []), request.hints), index);
}
