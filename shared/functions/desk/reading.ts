import { type Answer, success } from '../../core/answer';
import type { Condition } from '../../core/ports';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { withFiles } from '../conversations/files';
import { type Conversation, conversationStates, unknownConversation } from '../conversations/states';
import type { DeskCall } from './desk-call';
import { type Page, readPage } from './pages';
import {
  type ConversationView,
  type HeldConversation,
  type HeldMessage,
  type MessageView,
  readNames,
  viewAll,
  viewMessage,
} from './view';

/** What the desk shows: the list, a conversation, and what has changed. */

export const beforeField = { kind: 'text', need: 'never', maxBytes: 80 } as const;
export const idField = { kind: 'text', need: 'always', missing: 40035, maxBytes: 64 } as const;

export const listFields = {
  state: { kind: 'choice', need: 'never', values: conversationStates, wrong: 40035 },
  mine: { kind: 'choice', need: 'never', values: [true, false], wrong: 40035 },
  search: { kind: 'text', need: 'never', maxBytes: 200 },
  before: beforeField,
  limit: { kind: 'integer', need: 'never' },
} as const satisfies Fields;

export const openFields = { id: idField, before: beforeField } as const satisfies Fields;

export const changesFields = {
  since: { kind: 'integer', need: 'always', missing: 40035 },
  id: { kind: 'text', need: 'never', maxBytes: 64 },
} as const satisfies Fields;

/** How many conversations a page has where none is named, and at most; how many messages. */
const usualPage = 30;
const longestPage = 100;
export const messagePage = 50;

/** How old a read may be, and how far two clocks may be apart: what changed within it is told once more. */
const lagMs = 5000;

/** How many changes are told at a time. */
const mostChanges = 50;

type ListAnswer = Answer<{
  readonly conversations: readonly ConversationView[];
  readonly before?: string;
  readonly at: number;
  readonly me: { readonly openid: string; readonly name: string };
}>;

/** The conversations, the newest first. */
export async function runList(
  { state, mine, search = '', before = '', limit = usualPage }: Shape<typeof listFields>,
  { me, ports }: DeskCall,
): Promise<ListAnswer> {
  const at = ports.clock.now();
  const words = search.trim().toLowerCase();
  const wanted: Condition<Conversation> = {
    ...(state === undefined ? {} : { state }),
    ...(mine === true ? { agent: me } : {}),
    ...(words === '' ? {} : { words: { contains: words } }),
  };
  const order = [['lastAt', 'desc']] as const;
  const size = Math.min(Math.max(1, limit), longestPage);
  const [{ found, ...next }, names] = await Promise.all([
    readPage('lastAt', before, size, (range, most) =>
      ports.database('kefu_conversations').find({ ...wanted, ...range }, { order, limit: most }),
    ),
    readNames(ports),
  ]);
  const views = await viewAll(found, names, ports);
  return success({
    // Who has been silent for too long has it no longer, whether that is written yet or not.
    conversations: views.filter(
      (view) => (state ?? view.state) === view.state && (mine !== true || view.agent === me),
    ),
    ...next,
    at,
    me: { openid: me, name: names.get(me) ?? '' },
  });
}

type OpenAnswer = Answer<{
  readonly conversation: ConversationView;
  readonly messages: readonly MessageView[];
  readonly before?: string;
  readonly at: number;
}>;

/** A conversation with its last messages, the oldest first. It counts as read. */
export async function runOpen(
  { id, before = '' }: Shape<typeof openFields>,
  call: DeskCall,
): Promise<OpenAnswer> {
  const { ports } = call;
  const at = ports.clock.now();
  const conversations = ports.database('kefu_conversations');
  const [held, { found, ...next }, names] = await Promise.all([
    conversations.get(id),
    readMessages(id, before, call),
    readNames(ports),
  ]);
  if (held === undefined) return unknownConversation();
  const isRead = before === '' && held.unread > 0;
  const [[conversation], messages] = await Promise.all([
    viewAll([isRead ? { ...held, unread: 0 } : held], names, ports),
    copied(found, ports),
    isRead ? conversations.update({ _id: id }, { unread: 0, changedAt: at }) : undefined,
  ]);
  if (conversation === undefined) return unknownConversation();
  return success({
    conversation,
    messages: [...messages].reverse().map((message) => viewMessage(message, names)),
    ...next,
    at,
  });
}

/** How long the desk waits for pictures that are not copied yet: the timer copies what is left. */
const copyWithinMs = 2000;

/** The messages, with the files that could be copied by now. */
function copied(messages: readonly HeldMessage[], ports: DeskCall['ports']): Promise<readonly HeldMessage[]> {
  return messages.some(({ media }) => media === 'wanted')
    ? Promise.race([withFiles(messages, ports), ports.sleep(copyWithinMs).then(() => messages)])
    : Promise.resolve(messages);
}

/** A page of a conversation's messages, the newest first. */
export function readMessages(
  id: string,
  before: string,
  { ports }: DeskCall,
  size = messagePage,
): Promise<Page<HeldMessage>> {
  const order = [['at', 'desc']] as const;
  return readPage('at', before, size, (range, limit) =>
    ports.database('kefu_messages').find({ lane: id, ...range }, { order, limit }),
  );
}

type ChangesAnswer = Answer<{
  readonly at: number;
  readonly conversations: readonly ConversationView[];
  readonly messages?: readonly MessageView[];
}>;

/** What has changed since the `at` of another answer: one read where nothing has. */
export async function runChanges(
  { since, id }: Shape<typeof changesFields>,
  { ports }: DeskCall,
): Promise<ChangesAnswer> {
  const at = ports.clock.now();
  const changedAt = { above: since - lagMs };
  const changed: readonly HeldConversation[] = await ports
    .database('kefu_conversations')
    .find({ changedAt }, { order: [['changedAt', 'desc']], limit: mostChanges });
  const isOpen = id !== undefined && changed.some(({ _id }) => _id === id);
  if (changed.length === 0) return success({ at, conversations: [] });
  const [messages, names] = await Promise.all([
    isOpen
      ? ports
          .database('kefu_messages')
          .find({ lane: id, changedAt }, { order: [['changedAt', 'desc']], limit: messagePage })
      : undefined,
    readNames(ports),
  ]);
  return success({
    at,
    conversations: await viewAll(changed, names, ports),
    ...(messages === undefined
      ? {}
      : {
          messages: [...(await copied(messages, ports))]
            .sort((one, other) => one.at - other.at || (one._id < other._id ? 1 : -1))
            .map((message) => viewMessage(message, names)),
        }),
  });
}
