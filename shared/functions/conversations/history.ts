import type { Refusal } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { persist } from '../../core/failures';
import type { Changes, Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import type { Account } from '../../wechat/account';
import { type Conversation, steps } from './states';

/**
 * What was said, by whom, and what WeChat made of it: kept where `KEFU_HISTORY_DAYS` is 1 or more, and nothing of it
 * where it is 0.
 *
 * A conversation that cannot be kept costs the history and never a message: nothing in here throws but `maySpeak`.
 */

/** Whether conversations are kept. */
export function keepsHistory({ settings }: Pick<Ports, 'settings'>): boolean {
  return settings.historyDays > 0;
}

/** Whether there is a desk: people who may answer, and something that they can see. */
export function hasDesk(ports: Pick<Ports, 'settings'>): boolean {
  return keepsHistory(ports) && ports.settings.operators.size > 0;
}

type HistoryPorts = Pick<Ports, 'database' | 'clock' | 'log' | 'sleep' | 'digest' | 'settings'>;

/** A user's conversation with an account. */
export interface Whose {
  readonly account: Account;
  readonly touser: string;
}

export type StoredMessage = DocumentOf<'kefu_messages'>;

/** Something of a conversation. */
export interface Entry extends Partial<Omit<StoredMessage, 'lane' | 'account' | 'message'>> {
  /** A name that a repeat gives it again. */
  readonly id: string;
  readonly from: StoredMessage['from'];
  readonly message: object;
}

/** What an answer of WeChat's makes of a message. */
export function outcomeOf(answer: object): Pick<StoredMessage, 'status' | 'errCode' | 'errMsg'> {
  const { errCode, errMsg, code } = answer as Refusal;
  if (errCode === 0) return { status: 'sent', errCode: 0, errMsg: '' };
  return { status: code === 'unknown-delivery' ? 'unknown' : 'failed', errCode, errMsg };
}

/** How much of a message stands in the list of conversations, in characters. */
const previewCharacters = 60;

/** The first words of a message; a message without words is its type in brackets. */
export function previewOf(message: object): string {
  const { msgtype, text } = message as { msgtype?: unknown; text?: { content?: unknown } };
  const { content } = text ?? {};
  return typeof content === 'string'
    ? [...content].slice(0, previewCharacters).join('')
    : `[${String(msgtype)}]`;
}

/** What else becomes of the conversation. */
export interface Along {
  readonly changes?: Changes<Conversation>;
  /** A step that is taken with it, where it may be. */
  readonly step?: 'ask' | 'answer';
}

/** Keeps what was said. Keeping the same again changes nothing. Whether the step was taken. */
export async function keepEntries(
  whose: Whose,
  entries: readonly Entry[],
  ports: HistoryPorts,
  along?: Along,
): Promise<boolean> {
  if (!keepsHistory(ports)) return false;
  const [taken] = await keep(whose, entries, ports, along);
  return taken === true;
}

/** Keeps what a person writes down for colleagues. Whether it is kept: nothing else tells of it. */
export async function keepNote(whose: Whose, entry: Entry, ports: HistoryPorts): Promise<boolean> {
  const [, isKept] = await keep(whose, [entry], ports);
  return isKept;
}

/** Writes entries and the conversation: whether the step was taken, and whether the entries are there. */
function keep(
  whose: Whose,
  entries: readonly Entry[],
  ports: HistoryPorts,
  { changes, step }: Along = {},
): Promise<[boolean | undefined, boolean]> {
  const lane = laneOf(whose.account, whose.touser, ports);
  const now = ports.clock.now();
  const documents = entries.map((entry, place) => documentOf(lane, whose.account, entry, now + place));
  const last = documents.findLast(({ from }) => from !== 'note' && from !== 'event');
  const words = last === undefined ? {} : lastOf(whose, last);
  return Promise.all([
    touch(lane, whose, { ...words, ...changes, changedAt: now }, step, ports),
    insertAll(documents, ports),
  ]);
}

/** Keeps one thing, where it is not kept yet: what is there already changes nothing of the conversation. */
export async function keepMissing(
  whose: Whose,
  entry: Entry,
  ports: HistoryPorts,
  changes: Changes<Conversation> = {},
): Promise<void> {
  if (!keepsHistory(ports)) return;
  const lane = laneOf(whose.account, whose.touser, ports);
  const now = ports.clock.now();
  const document = documentOf(lane, whose.account, entry, now);
  const isNew = await persist('keep-missing', ports, () =>
    ports.database('kefu_messages').insert([document]),
  );
  if (isNew === true)
    await touch(lane, whose, { ...lastOf(whose, document), ...changes, changedAt: now }, undefined, ports);
}

function documentOf(lane: string, account: Account, { id, message, ...entry }: Entry, now: number) {
  const { touser: _touser, ...payload } = message as { readonly touser?: unknown };
  return {
    at: now,
    changedAt: now,
    by: '',
    status: 'sent',
    requestId: '',
    errCode: 0,
    errMsg: '',
    media: 'none',
    ...entry,
    _id: id,
    lane,
    account,
    message: JSON.stringify(payload),
  } as const;
}

/** What the list shows of the last message. */
function lastOf({ touser }: Whose, { message, from, at }: StoredMessage): Changes<Conversation> {
  const lastText = previewOf(JSON.parse(message) as object);
  return {
    lastText,
    lastAt: at,
    lastFrom: from === 'note' ? 'event' : from,
    words: `${touser} ${lastText}`.toLowerCase(),
  };
}

async function insertAll(
  documents: readonly (StoredMessage & { readonly _id: string })[],
  ports: HistoryPorts,
): Promise<boolean> {
  if (documents.length === 0) return true;
  const messages = ports.database('kefu_messages');
  const kept = await persist('keep-messages', ports, async () => {
    if (await messages.insert(documents)) return true;
    // One was there, and those after it were not made: it is a repeat, so each is tried by itself.
    if (documents.length > 1) for (const document of documents) await messages.insert([document]);
    return true;
  });
  return kept === true;
}

/** Writes to a conversation, and makes it where there is none. Whether the step was taken. */
function touch(
  lane: string,
  whose: Whose,
  changes: Changes<Conversation>,
  name: Along['step'],
  ports: HistoryPorts,
): Promise<boolean | undefined> {
  const conversations = ports.database('kefu_conversations');
  const moment = { now: ports.clock.now(), me: '' };
  const write = async (): Promise<boolean | undefined> => {
    if (name !== undefined) {
      const { from, changes: stepChanges } = steps[name];
      const stepped = { ...changes, ...stepChanges(moment) };
      for (const condition of from(moment))
        if ((await conversations.update({ ...condition, _id: lane }, stepped)) > 0) return true;
    }
    return (await conversations.update({ _id: lane }, changes)) > 0 ? false : undefined;
  };
  return persist('keep-conversation', ports, async () => {
    const written = await write();
    if (written !== undefined) return written;
    await conversations.insert([{ ...freshOf(whose, ports), _id: lane }]);
    return write();
  });
}

/** A conversation of which nothing is known yet. */
function freshOf({ account, touser }: Whose, { clock }: HistoryPorts): Conversation {
  const now = clock.now();
  return {
    account,
    touser,
    state: 'bot',
    agent: '',
    silentUntil: 0,
    steps: 0,
    asked: 0,
    lastText: '',
    lastAt: now,
    lastFrom: 'event',
    words: touser.toLowerCase(),
    unread: 0,
    waitingSince: 0,
    changedAt: now,
  };
}

/** Notes what became of messages that are kept. */
export async function keepOutcome(
  ids: readonly string[],
  outcome: Partial<StoredMessage> | undefined,
  ports: HistoryPorts,
): Promise<void> {
  if (!keepsHistory(ports) || ids.length === 0 || outcome === undefined) return;
  await persist('keep-outcome', ports, () =>
    ports
      .database('kefu_messages')
      .update({ _id: { oneOf: ids } }, { ...outcome, changedAt: ports.clock.now() }),
  );
}

/**
 * Whether rules, code and models may speak: not while somebody waits for a person, or a person has the conversation. A
 * write, so that it comes before or after a claim and never beside it. Always, where nothing is kept. Throws where the
 * database does.
 */
export async function maySpeak(whose: Whose, ports: HistoryPorts): Promise<boolean> {
  if (!keepsHistory(ports)) return true;
  const conversations = ports.database('kefu_conversations');
  const _id = laneOf(whose.account, whose.touser, ports);
  const ask = async () =>
    (await conversations.update({ _id, silentUntil: { atMost: ports.clock.now() } }, { asked: { add: 1 } })) >
    0;
  if (await ask()) return true;
  // Nothing is known of the user yet; or somebody made it known, or let it go, a moment ago.
  return (await conversations.insert([{ ...freshOf(whose, ports), _id }])) || ask();
}

/** Keeps a message that needs no reply window: it makes no conversation, and is no last word of one. */
export async function keepNotice(whose: Whose, entry: Omit<Entry, 'id'>, ports: Ports): Promise<void> {
  if (!keepsHistory(ports)) return;
  const lane = laneOf(whose.account, whose.touser, ports);
  const now = ports.clock.now();
  await Promise.all([
    insertAll([documentOf(lane, whose.account, { ...entry, id: ports.newId() }, now)], ports),
    persist('keep-conversation', ports, () =>
      ports.database('kefu_conversations').update({ _id: lane }, { changedAt: now }),
    ),
  ]);
}
