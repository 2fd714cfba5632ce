import type { Actions, Conversation, ConversationState, DeskRefusal, Message, Payload } from './contract';

/**
 * What the desk knows, and how it comes to know more: pure steps from one state to the next. What is told twice, or in
 * another order, comes to the same.
 */

/** Something that somebody said and of which the cloud does not say yet that it has it. */
export interface Outgoing {
  readonly requestId: string;
  readonly message: Payload;
  readonly at: number;
  readonly state: 'sending' | 'sent' | 'failed' | 'unknown';
  /** Why it failed; absent where the desk was closed meanwhile. */
  readonly refusal?: DeskRefusal;
}

export interface Thread {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Where the older ones begin; absent where there are none. */
  readonly before?: string;
}

export interface Desk {
  readonly me: { readonly openid: string; readonly name: string };
  /** Until when the changes are known, by the server's clock; 0 before the first answer. */
  readonly at: number;
  /** The server's clock less the phone's, in milliseconds. */
  readonly skewMs: number;
  readonly conversations: { readonly [id: string]: Conversation };
  /** Those opened since the desk was. */
  readonly threads: { readonly [id: string]: Thread };
  readonly outgoing: { readonly [id: string]: readonly Outgoing[] };
}

export const emptyDesk: Desk = {
  me: { openid: '', name: '' },
  at: 0,
  skewMs: 0,
  conversations: {},
  threads: {},
  outgoing: {},
};

/** What the list shows. */
export interface Filter {
  readonly state: ConversationState | 'mine' | 'all';
  readonly search: string;
}

/** The server's time now. */
export function serverNow(desk: Desk, phoneNow: number): number {
  return phoneNow + desk.skewMs;
}

function put(conversations: Desk['conversations'], found: readonly Conversation[]): Desk['conversations'] {
  const next: { [id: string]: Conversation } = { ...conversations };
  for (const conversation of found) next[conversation.id] = conversation;
  return next;
}

function byTime(one: Message, other: Message): number {
  return one.at - other.at || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

function mergeMessages(known: readonly Message[], found: readonly Message[]): readonly Message[] {
  const byId: { [id: string]: Message } = {};
  for (const message of [...known, ...found]) byId[message.id] = message;
  return Object.keys(byId)
    .map((id) => byId[id] as Message)
    .sort(byTime);
}

/** What the cloud has is no longer on its way. */
function arrived(outgoing: readonly Outgoing[] | undefined, found: readonly Message[]): readonly Outgoing[] {
  return (outgoing ?? []).filter(
    ({ requestId }) => !found.some((message) => message.requestId === requestId),
  );
}

/** A page of the list. Only the first says until when changes are known: a later page has none of the new ones. */
export function withList(desk: Desk, answer: Actions['list']['answer'], phoneNow: number): Desk {
  return {
    ...desk,
    me: answer.me,
    at: desk.at === 0 ? answer.at : desk.at,
    skewMs: answer.at - phoneNow,
    conversations: put(desk.conversations, answer.conversations),
  };
}

/** A conversation with its last messages, or with older ones. */
export function withThread(desk: Desk, answer: Omit<Actions['open']['answer'], 'at'>): Desk {
  const { conversation, messages } = answer;
  const { id } = conversation;
  const known = desk.threads[id];
  const oldest = known?.messages[0];
  const reachesBack = messages[0] !== undefined && (oldest === undefined || byTime(messages[0], oldest) < 0);
  // An answer that does not reach further back says nothing of where the older ones begin, but where it meets a gap.
  const meets =
    known === undefined || messages.some(({ id }) => known.messages.some((each) => each.id === id));
  const kept = meets || reachesBack ? (known?.messages ?? []) : [];
  const before = reachesBack || kept.length === 0 ? answer.before : known?.before;
  return {
    ...desk,
    conversations: put(desk.conversations, [conversation]),
    threads: {
      ...desk.threads,
      [id]: { messages: mergeMessages(kept, messages), ...(before === undefined ? {} : { before }) },
    },
    outgoing: { ...desk.outgoing, [id]: arrived(desk.outgoing[id], messages) },
  };
}

/** What has changed since the last answer; `id` is the conversation whose messages were asked for. */
export function withChanges(
  desk: Desk,
  answer: Actions['changes']['answer'],
  id: string | undefined,
  phoneNow: number,
): Desk {
  const { messages } = answer;
  const next = {
    ...desk,
    at: Math.max(desk.at, answer.at),
    skewMs: answer.at - phoneNow,
    conversations: put(desk.conversations, answer.conversations),
  };
  return id === undefined || messages === undefined ? next : withMessages(next, id, messages);
}

/** Messages that the cloud keeps, such as a note just written, in their thread where that was opened. */
export function withMessages(desk: Desk, id: string, messages: readonly Message[]): Desk {
  const known = desk.threads[id];
  if (known === undefined) return desk;
  return {
    ...desk,
    threads: { ...desk.threads, [id]: { ...known, messages: mergeMessages(known.messages, messages) } },
    outgoing: { ...desk.outgoing, [id]: arrived(desk.outgoing[id], messages) },
  };
}

/** What a single answer says of a conversation. */
export function withConversation(desk: Desk, conversation: Conversation): Desk {
  return { ...desk, conversations: put(desk.conversations, [conversation]) };
}

/** Something on its way: new, or in another state than before. */
export function withOutgoing(desk: Desk, id: string, outgoing: Outgoing): Desk {
  const others = (desk.outgoing[id] ?? []).filter(({ requestId }) => requestId !== outgoing.requestId);
  const next = [...others, outgoing].sort((one, other) => one.at - other.at);
  return { ...desk, outgoing: { ...desk.outgoing, [id]: next } };
}

/** Without something that was on its way. */
export function withoutOutgoing(desk: Desk, id: string, requestId: string): Desk {
  const rest = (desk.outgoing[id] ?? []).filter((each) => each.requestId !== requestId);
  return { ...desk, outgoing: { ...desk.outgoing, [id]: rest } };
}

/** What is left of a window after `say` has said it. */
export function withWindow(desk: Desk, id: string, window: Conversation['window'] | undefined): Desk {
  const known = desk.conversations[id];
  return known === undefined || window === undefined ? desk : withConversation(desk, { ...known, window });
}

function isShown(conversation: Conversation, filter: Filter, me: string, found: readonly string[]): boolean {
  const { state, agent, id } = conversation;
  const fits = filter.state === 'all' || (filter.state === 'mine' ? agent === me : state === filter.state);
  const search = filter.search.trim().toLowerCase();
  const words = `${conversation.touser} ${conversation.lastText} ${conversation.agentName ?? ''}`;
  return fits && (search === '' || found.indexOf(id) !== -1 || words.toLowerCase().indexOf(search) !== -1);
}

/**
 * The list under a filter, the newest first; of those who wait, whoever waits longest.
 *
 * @param found what the cloud found for the filter's search, which looks at more than is known here
 */
export function listOf(desk: Desk, filter: Filter, found: readonly string[]): readonly Conversation[] {
  const shown = Object.keys(desk.conversations)
    .map((id) => desk.conversations[id] as Conversation)
    .filter((conversation) => isShown(conversation, filter, desk.me.openid, found));
  const since = ({ waitingSince = 0 }: Conversation) => waitingSince;
  return shown.sort(
    (one, other) =>
      (filter.state === 'waiting' ? since(one) - since(other) : 0) ||
      other.lastAt - one.lastAt ||
      (one.id < other.id ? -1 : 1),
  );
}

/** What may be done in a conversation by who looks at it. */
export function mayOf(conversation: Conversation, me: string) {
  const isMine = conversation.state === 'person' && conversation.agent === me;
  const isAnothers = conversation.state === 'person' && conversation.agent !== me;
  return { say: isMine, claim: !isMine && !isAnothers, release: isMine, close: isMine };
}

/**
 * Under which id something is sent again. What may have arrived, and what may be repeated as it is, keeps its own, so
 * that it is never said twice. What was refused for good was not sent, and its id would only answer the same: it gets
 * the next one, which is the same however often it is asked for.
 */
export function idToRepeat({ requestId, state, refusal }: Outgoing): string {
  if (state !== 'failed' || refusal?.retryable === true) return requestId;
  const [, base = requestId, count = '1'] = /^(.*)-r(\d+)$/.exec(requestId) ?? [];
  return `${base}-r${Number(count) + 1}`;
}

/** Whether an answer brought anything that was not known: what changed lately is told several times. */
export function isNews(before: Desk, after: Desk): boolean {
  const strip = ({ conversations, threads }: Desk) => JSON.stringify([conversations, threads]);
  return strip(before) !== strip(after);
}
