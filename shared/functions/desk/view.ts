import type { Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
import { leftAt, noWindow, type ReplyWindow } from '../../wechat/reply-window';
import type { StoredMessage } from '../conversations/history';
import { type Conversation, isLapsed } from '../conversations/states';
import { type Agent, readTeam } from './team';

/** Conversations and messages as the desk shows them. Times in milliseconds since 1970. */

export interface ConversationView {
  readonly id: string;
  readonly account: Account;
  readonly touser: string;
  readonly state: Conversation['state'];
  /** Who has it, where a person does. */
  readonly agent?: string;
  readonly agentName?: string;
  readonly lastText: string;
  readonly lastAt: number;
  readonly lastFrom: Conversation['lastFrom'];
  /** Messages of the user since somebody opened it. */
  readonly unread: number;
  /** Since when the user waits for a person. */
  readonly waitingSince?: number;
  readonly window: ReplyWindow;
}

export interface MessageView {
  readonly id: string;
  readonly at: number;
  readonly from: StoredMessage['from'];
  readonly by?: string;
  readonly byName?: string;
  /** WeChat's HTTPS payload without `touser`. */
  readonly message: { readonly [field: string]: unknown };
  readonly status: StoredMessage['status'];
  readonly requestId?: string;
  readonly errCode?: number;
  readonly errMsg?: string;
}

export type HeldConversation = Conversation & { readonly _id: string };
export type HeldMessage = StoredMessage & { readonly _id: string };

export type Names = ReadonlyMap<string, string>;

/** The names of the team. */
export async function readNames(ports: Ports): Promise<Names> {
  return new Map((await readTeam(ports)).map(({ openid, name }: Agent) => [openid, name]));
}

/** How somebody is called; who is no longer of the team has the end of its openid for a name. */
export function nameOf(openid: string, names: Names | undefined): string {
  return names?.get(openid) ?? openid.slice(-6);
}

/** Conversations as the desk shows them, each with what is believed to be left of its reply window. */
export async function viewAll(
  held: readonly HeldConversation[],
  names: Names,
  ports: Ports,
): Promise<ConversationView[]> {
  if (held.length === 0) return [];
  const books = await ports
    .database('kefu_windows')
    .find({ _id: { oneOf: held.map(({ _id }) => _id) } }, { fields: ['remaining', 'closesAt'] });
  const windows = new Map(books.map((book) => [book._id, book]));
  return held.map((conversation) => viewOf(conversation, windows.get(conversation._id), names, ports));
}

function viewOf(
  held: HeldConversation,
  book: ReplyWindow | undefined,
  names: Names,
  { clock }: Ports,
): ConversationView {
  const { _id: id, account, touser, agent, lastText, lastAt, lastFrom, unread, waitingSince } = held;
  const now = clock.now();
  // Who has been silent for too long has it no longer, whether that is written yet or not.
  const lapsed = isLapsed(held, now);
  return {
    id,
    account,
    touser,
    state: lapsed ? 'bot' : held.state,
    ...(agent === '' || lapsed ? {} : { agent, agentName: nameOf(agent, names) }),
    lastText,
    lastAt,
    lastFrom,
    unread,
    ...(waitingSince === 0 || lapsed ? {} : { waitingSince }),
    window: leftAt(book ?? noWindow, now),
  };
}

export function viewMessage(held: HeldMessage, names: Names): MessageView {
  const { _id: id, at, from, by, message, status, requestId, errCode, errMsg } = held;
  return {
    id,
    at,
    from,
    ...(by === '' ? {} : { by, byName: nameOf(by, names) }),
    message: withFileIDs(readPayload(message)),
    status,
    ...(requestId === '' ? {} : { requestId }),
    ...(errCode === 0 ? {} : { errCode, errMsg }),
  };
}

/** The names that a file of cloud storage has beside the media id in whose place it was sent. */
const fileKeys = { media_id: 'fileID', thumb_media_id: 'thumbFileID' } as const;

/** A payload whose files stand under their own names too, where they were sent from cloud storage. */
function withFileIDs(payload: MessageView['message']): MessageView['message'] {
  const { msgtype } = payload;
  const body = payload[String(msgtype)];
  if (typeof body !== 'object' || body === null) return payload;
  const files = Object.entries(fileKeys).flatMap(([field, name]) => {
    const { [field]: value } = body as { readonly [field: string]: unknown };
    return typeof value === 'string' && value.startsWith('cloud://') ? [[name, value]] : [];
  });
  return { ...payload, [String(msgtype)]: { ...body, ...Object.fromEntries(files) } };
}

/** The payload of a message that was kept. */
export function readPayload(message: string): { readonly [field: string]: unknown } {
  try {
    return JSON.parse(message) as { readonly [field: string]: unknown };
  } catch {
    return {};
  }
}
