import { type Answer, refuseFaults, success } from '../../core/answer';
import { hasFaults, requestIdField } from '../../core/define-function';
import { careless } from '../../core/failures';
import { hashOf, type RequestKey, scopeOf } from '../../core/once';
import type { Ports } from '../../core/ports';
import { readBook } from '../../core/reply-windows';
import type { Fault } from '../../wechat/fields/fault';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { isPlainObject, type PlainObject, typeName } from '../../wechat/fields/values';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { leftAt } from '../../wechat/reply-window';
import { satisfactionQuestion } from '../conversations/satisfaction';
import { unknownConversation } from '../conversations/states';
import { type CutMessage, cutMessage } from '../send/cut-message';
import { type CountedAnswer, sendOnceCounted } from '../send/send-counted';
import { act, attempt } from './acting';
import type { DeskCall } from './desk-call';
import { idField } from './reading';
import type { ConversationView, HeldConversation } from './view';

/** What a person at the desk says to the user. */

export const sayFields = {
  id: idField,
  requestId: { ...requestIdField, need: 'always', missing: 40035 },
} as const satisfies Fields;

export const closeFields = {
  id: idField,
  ask: { kind: 'choice', need: 'never', values: [true, false], wrong: 40035 },
} as const satisfies Fields;

/** The most messages that a text is cut into: a window full. */
const mostParts = 5;

type SayAnswer = CountedAnswer | Answer<never>;

/** Says a message, as `kefu-send` does: only who has the conversation may, and once under its id. */
export async function runSay(
  { id, requestId }: Shape<typeof sayFields>,
  { message }: PlainObject,
  call: DeskCall,
): Promise<SayAnswer> {
  const { ports } = call;
  const held = await ports.database('kefu_conversations').get(id);
  if (held === undefined || held.touser === '') return unknownConversation();
  const read = readParts(message, held, ports);
  if (hasFaults(read.faults)) return refuseFaults(read.faults);
  // The question whether one may speak, and the half hour that begins anew, are one write before anything leaves.
  const may = await attempt('speak', held, undefined, call);
  if (!may.ok) return may.refusal;
  return send(held, read.parts, requestId, call);
}

function send(
  { account, touser }: HeldConversation,
  parts: readonly Message[],
  requestId: string,
  { me, role, caller, ports }: DeskCall,
): Promise<SayAnswer> {
  const key: RequestKey = {
    key: ['kefu-desk', scopeOf(role, caller), requestId],
    hash: hashOf({ account, touser, parts }, ports),
  };
  return sendOnceCounted({ account, touser, parts, key, window: true, by: me, requestId }, ports);
}

function readParts(
  input: unknown,
  { account, touser }: HeldConversation,
  { settings }: Pick<Ports, 'settings'>,
): CutMessage {
  const at = (fault: Fault): Fault => ({
    ...fault,
    path: fault.path === '' ? 'message' : `message.${fault.path}`,
  });
  if (!isPlainObject(input)) {
    const message = input === undefined ? 'is missing' : `must be an object, not ${typeName(input)}`;
    return { parts: [], faults: [{ path: 'message', message, errCode: 47001 }] };
  }
  const { touser: named = touser } = input;
  if (named !== null && named !== touser)
    return {
      parts: [],
      faults: [at({ path: 'touser', message: 'is not this conversation’s user', errCode: 40035 })],
    };
  const parsed = parseMessage({ ...input, touser }, { account, anyLength: true });
  if (!parsed.ok) return { parts: [], faults: parsed.faults.map(at) };
  const { parts, faults } = cutMessage(parsed.message, { account, mostParts }, settings);
  return { parts, faults: faults.map(at) };
}

/** Ends a conversation; with `ask` asks how it was, where the window has room for the question. */
export async function runClose(
  { id, ask }: Shape<typeof closeFields>,
  call: DeskCall,
): Promise<Answer<{ readonly conversation: ConversationView; readonly asked?: boolean }>> {
  const { ports } = call;
  const closed = await act('close', id, {}, call);
  if (closed.errCode !== 0 || ask !== true) return closed;
  const held = await ports.database('kefu_conversations').get(id);
  if (held === undefined || held.touser === '') return closed;
  const book = await careless('read-window', ports, () => readBook(id, ports));
  const { parts } = readParts(satisfactionQuestion, held, ports);
  if (book === undefined || leftAt(book, ports.clock.now()).remaining === 0 || parts.length === 0)
    return success({ ...closed, asked: false });
  // Once, however often it is closed, until the user has done something more.
  const answer = await send(held, parts, `close ${book.acts}`, call);
  return success({ ...closed, asked: answer.errCode === 0 });
}
