import { type Answer, refusalFor, success } from '../../core/answer';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { removeFiles } from '../conversations/files';
import { unknownConversation } from '../conversations/states';
import type { Notices } from '../notify/notice';
import { switchIds } from '../notify/switches';
import type { DeskCall } from './desk-call';
import { type Page, readPage } from './pages';
import { beforeField, idField, readMessages } from './reading';
import {
  type ConversationView,
  type HeldMessage,
  type MessageView,
  readNames,
  readPayload,
  viewAll,
  viewMessage,
} from './view';

/** What is kept of a user, for those who ask for their data: all of it handed out, or gone. */

export const exportFields = { id: idField, before: beforeField } as const satisfies Fields;
export const eraseFields = { id: idField } as const satisfies Fields;

/** How many messages a page of an export has, and how many are erased with their files at a time. */
const pageSize = 200;

type ExportAnswer = Answer<{
  readonly conversation: ConversationView;
  readonly messages: readonly MessageView[];
  /** Messages of the outbox: what waits for the user, and what was given up; on the first page. */
  readonly outbox?: readonly object[];
  readonly before?: string;
}>;

/** Everything that is kept of a user, the newest messages first. */
export async function runExport(
  { id, before = '' }: Shape<typeof exportFields>,
  call: DeskCall,
): Promise<ExportAnswer> {
  const { ports } = call;
  const [held, { found, ...next }, names, waiting] = await Promise.all([
    ports.database('kefu_conversations').get(id),
    readMessages(id, before, call, pageSize),
    readNames(ports),
    before === '' ? ports.database('kefu_outbox').find({ lane: id }) : undefined,
  ]);
  const [conversation] = held === undefined ? [] : await viewAll([held], names, ports);
  if (conversation === undefined) return unknownConversation();
  const outbox = waiting?.map(({ _id, state, keptAt, payload }) => ({
    id: _id,
    state,
    keptAt,
    ...readPayload(payload || '{}'),
  }));
  return success({
    conversation,
    messages: found.map((message) => viewMessage(message, names)),
    ...(outbox === undefined ? {} : { outbox }),
    ...next,
  });
}

/**
 * Erases what is kept of a user: conversation, messages and their files, outbox, reply window, jobs, switches, and the
 * records of notices. Done again, it goes on where it ended. Throws where the database does.
 */
export async function runErase(
  notices: Notices,
  { id }: Shape<typeof eraseFields>,
  { ports }: DeskCall,
): Promise<Answer<{ readonly erased: number }>> {
  const { database, digest } = ports;
  const conversations = database('kefu_conversations');
  const held = await conversations.get(id);
  if (held === undefined) return unknownConversation();
  const { touser } = held;
  const messages = database('kefu_messages');
  let erased = 0;
  // Files go before what names them. Page by page: what was removed a moment ago may still be read.
  for (let page: Page<HeldMessage> = { found: [], before: '' }; page.before !== undefined; ) {
    page = await readPage('at', page.before, pageSize, (range, limit) =>
      messages.find({ lane: id, media: 'kept', ...range }, { order: [['at', 'desc']], limit }),
    );
    if (!(await removeFiles(page.found, ports)))
      return refusalFor(
        -503001,
        'cloud storage could not be written; what is left is erased by another call',
      );
    if (page.found.length > 0)
      erased += await messages.remove({ _id: { oneOf: page.found.map(({ _id }) => _id) } });
  }
  const switches = switchIds(touser, Object.keys(notices), ports);
  const counts = await Promise.all([
    messages.remove({ lane: id }),
    database('kefu_outbox').remove({ lane: id }),
    database('kefu_windows').remove({ _id: id }),
    database('kefu_jobs').remove({ lane: id }),
    database('kefu_turns').remove({ _id: id }),
    database('kefu_switches').remove({ _id: { oneOf: switches } }),
    database('kefu_notices').remove({ touser: digest(touser) }),
  ]);
  // What it is all found by goes last.
  counts.push(await conversations.remove({ _id: id }));
  return success({ erased: counts.reduce((sum, count) => sum + count, erased) });
}
