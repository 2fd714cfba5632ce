import { describeDeskRefusal, type Words } from '../words';
import { type Bubble, toBubble } from './bubbles';
import type { Conversation, Message } from './contract';
import { type Desk, mayOf, type Outgoing } from './desk-state';
import { clockTime, counted, isScarce, shortName, windowOf } from './format';

/** What the pages draw, made of what the desk knows. `now` is the server's time. */

/** A row of the list. */
export interface ListRow {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly state: Conversation['state'];
  readonly stateWord: string;
  /** Who has it; empty where nobody does. */
  readonly agent: string;
  readonly text: string;
  readonly time: string;
  readonly unread: number;
  /** How long the user has been waiting, counted up; empty where it does not wait. */
  readonly waiting: string;
  readonly isChosen: boolean;
  /** All of it, for a screen reader. */
  readonly label: string;
}

function agentOf({ agent, agentName }: Conversation, desk: Desk, words: Words): string {
  if (agent === undefined || agent === '') return '';
  return agent === desk.me.openid ? words.page.me : (agentName ?? shortName(agent));
}

/** The row of a conversation. */
export function listRow(
  conversation: Conversation,
  desk: Desk,
  words: Words,
  now: number,
  chosen: string,
): ListRow {
  const { id, account, touser, state, lastText, lastAt, unread, waitingSince = 0 } = conversation;
  const name = shortName(touser);
  const stateWord = words.states[state];
  const agent = state === 'person' ? agentOf(conversation, desk, words) : '';
  const text = lastText.replace(/^\[(\w+)\]$/, (whole, kind: string) => words.kinds[kind] ?? whole);
  const time = clockTime(lastAt, now);
  const waiting = state === 'waiting' && waitingSince > 0 ? counted(now - waitingSince) : '';
  const label = [
    `${words.page.user} ${name}`,
    stateWord,
    agent,
    waiting === '' ? '' : `${words.page.waiting} ${waiting}`,
    unread > 0 ? `${unread} ${words.page.unread}` : '',
    text,
    time,
  ];
  return {
    id,
    name,
    account: words.page[account],
    state,
    stateWord,
    agent,
    text,
    time,
    unread,
    waiting,
    isChosen: id === chosen,
    label: label.filter((part) => part !== '').join(' '),
  };
}

/** A row of a thread. */
export interface ThreadRow {
  readonly key: string;
  readonly side: 'user' | 'ours' | 'note' | 'event';
  /** Who said it: the user, a rule, a model, which colleague. */
  readonly who: string;
  readonly time: string;
  readonly bubble: Bubble;
  /** What became of it, where that is worth a word. */
  readonly status: string;
  readonly isFailed: boolean;
  /** Whether it may be sent again, by who looks at it. */
  readonly mayRepeat: boolean;
  /** Whether it is not kept anywhere but here. */
  readonly isLocal: boolean;
}

function whoOf({ from, by, byName }: Message, desk: Desk, words: Words): string {
  if (by !== undefined && by !== '' && (from === 'person' || from === 'note' || from === 'event'))
    return by === desk.me.openid ? words.page.me : (byName ?? shortName(by));
  return words.speakers[from];
}

function eventText({ message }: Message, who: string, words: Words, names: Names): string {
  const { event, to, score } = message as { readonly [field: string]: unknown };
  const { bad, fair, good } = words.page;
  const judgement = [bad, fair, good][Number(score) - 1] ?? '';
  const word = words.events[String(event)] ?? String(event);
  const target = typeof to === 'string' && to !== '' ? ` → ${names(to)}` : '';
  return `${who} ${word}${target}${judgement && ` ${judgement}`}`.trim();
}

type Names = (to: string) => string;

/** A message is kept before it leaves; one without its outcome is being sent for so long, and then of unknown fate. */
const sendingMs = 15_000;

function messageRow(message: Message, desk: Desk, words: Words, now: number, names: Names): ThreadRow {
  const { id, from, at } = message;
  const isSending = message.status === 'unknown' && message.errCode === undefined && now - at < sendingMs;
  const status = isSending ? 'sending' : message.status;
  const who = whoOf(message, desk, words);
  const bubble = toBubble(message.message);
  const isFailed = status === 'failed' || status === 'unknown';
  const isMine = from === 'person' && message.by === desk.me.openid;
  const why = status === 'failed' && message.errCode ? ` (${message.errCode})` : '';
  return {
    key: id,
    side: from === 'user' || from === 'note' || from === 'event' ? from : 'ours',
    who,
    time: clockTime(at, now),
    bubble:
      bubble.kind === 'event'
        ? { ...bubble, text: eventText(message, who, words, names) }
        : withKind(bubble, message, words),
    status: status === 'sent' ? '' : `${words.statuses[status]}${why}`,
    isFailed,
    mayRepeat: isFailed && isMine && (message.requestId ?? '') !== '',
    isLocal: false,
  };
}

/** A message that is drawn as its kind's name has that for its words. */
function withKind(bubble: Bubble, { message }: Pick<Message, 'message'>, words: Words): Bubble {
  return bubble.kind === 'other' && bubble.title === ''
    ? { ...bubble, title: words.kinds[message.msgtype] ?? `[${message.msgtype}]` }
    : bubble;
}

function outgoingRow(outgoing: Outgoing, words: Words, now: number): ThreadRow {
  const { requestId, at, state, message, refusal } = outgoing;
  const isFailed = state === 'failed' || state === 'unknown';
  const why = state === 'failed' && refusal !== undefined ? `：${describeDeskRefusal(refusal, words)}` : '';
  return {
    key: requestId,
    side: 'ours',
    who: words.page.me,
    time: clockTime(at, now),
    bubble: withKind(toBubble(message), outgoing, words),
    status: state === 'sent' ? '' : `${words.statuses[state]}${why}`,
    isFailed,
    mayRepeat: isFailed,
    isLocal: true,
  };
}

/** A thread, the oldest first, with what is on its way at its end. */
export function threadRows(desk: Desk, id: string, words: Words, now: number): readonly ThreadRow[] {
  const colleagues: { [openid: string]: string } = {};
  const messages = desk.threads[id]?.messages ?? [];
  for (const { by, byName } of messages)
    if (by !== undefined && byName !== undefined) colleagues[by] = byName;
  const names: Names = (to) =>
    to === desk.me.openid
      ? words.page.me
      : to === 'bot' || to === 'waiting'
        ? words.states[to]
        : (colleagues[to] ?? shortName(to));
  const outgoing = desk.outgoing[id] ?? [];
  // What failed here is told here, until the cloud has its outcome too.
  const isTold = ({ requestId }: Message) => outgoing.some((each) => each.requestId === requestId);
  return [
    ...messages
      .filter((message) => !isTold(message))
      .map((message) => messageRow(message, desk, words, now, names)),
    ...outgoing.map((each) => outgoingRow(each, words, now)),
  ];
}

/** The message of a row as something to be sent again; nothing where the row is no such message. */
export function toRepeat(desk: Desk, id: string, key: string): Outgoing | undefined {
  const local = desk.outgoing[id]?.find(({ requestId }) => requestId === key);
  if (local !== undefined) return local;
  const kept = desk.threads[id]?.messages.find((message) => message.id === key);
  if (kept?.requestId === undefined || (kept.status !== 'failed' && kept.status !== 'unknown'))
    return undefined;
  return { requestId: kept.requestId, message: kept.message, at: kept.at, state: kept.status };
}

/** The head of a thread: what it is called, what may be done, and what is left of the reply window. */
export function threadHead(conversation: Conversation, desk: Desk, words: Words, now: number) {
  const { page, states } = words;
  const { state, touser, window, account } = conversation;
  const may = mayOf(conversation, desk.me.openid);
  const left = windowOf(window, now);
  const closed = { never: page.windowNever, over: page.windowOver, full: page.windowFull } as const;
  const agent = agentOf(conversation, desk, words);
  const hint =
    left.state !== 'open'
      ? closed[left.state]
      : state === 'person' && !may.say
        ? `${page.anothers}${agent}`
        : may.claim
          ? page.unclaimed
          : '';
  return {
    name: shortName(touser),
    account: page[account],
    stateWord: state === 'person' && agent !== '' ? agent : states[state],
    may,
    windowText: left.state === 'open' ? `${page.windowLeft} ${left.remaining} · ${counted(left.leftMs)}` : '',
    isScarce: isScarce(window, now),
    hint,
  };
}
