import { type Refusal, refuseFaults } from '../../core/answer';
import {
  accountFaults,
  accountField,
  type Call,
  hasFaults,
  requestIdField,
  touserField,
} from '../../core/define-function';
import { hashOf, type RequestKey, scopeOf } from '../../core/once';
import type { Account } from '../../wechat/account';
import type { Fault, Hint } from '../../wechat/fields/fault';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { parseFields } from '../../wechat/fields/parse-fields';
import { spellings } from '../../wechat/fields/spellings';
import { isPlainObject, type PlainObject, show, typeName } from '../../wechat/fields/values';
import { filesIn, type MessageFile } from '../../wechat/messages/message-files';
import { type Message, messageTypes } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { type Fallback, parseFallback } from '../deliver/fallback';
import { foreignFile } from '../media/own-files';
import { longestWaitMs } from '../outbox/outbox';
import { cutMessage } from './cut-message';
import { helpWith, hintsFor } from './help';
import type { Counted, CountedAnswer } from './send-counted';

const flag = { kind: 'choice', need: 'never', values: [true, false], wrong: 40035, default: false } as const;

/** What `kefu-send` takes beside the message's own fields. */
const optionFields = {
  account: accountField,
  split: flag,
  window: flag,
  queue: flag,
  requestId: requestIdField,
  priority: {
    kind: 'choice',
    need: 'never',
    values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    wrong: 40035,
    default: 0,
  },
} as const satisfies Fields;

/** Options whose values are no plain field's. */
const wideOptions = ['fallback', 'deadline'] as const;

/** The names of all options: those that stand beside a message. */
export const optionNames: readonly string[] = [...Object.keys(optionFields), ...wideOptions];

/** One message that is to be sent or kept, and how. Without parts only the window was asked for. */
export interface SendRequest extends Counted {
  /** What is tried where the window is shut or full. */
  readonly fallback: readonly Fallback[];
  readonly queue: boolean;
  /** From 0 to 9: its place among the same user's queued messages. */
  readonly priority: number;
  /** The same among all users: 0 for what a client asks for, whose own lane is all it may order, else from 10 to 19. */
  readonly rank: number;
  readonly deadline: number;
  /** Whether a client asks for it, who may have so many waiting and no more. */
  readonly isClients: boolean;
  /** What in it is legal and surely not meant. */
  readonly hints: readonly Hint[];
  /** The places of its files as the caller spelled them, where that is otherwise: what is wrong with a file shows late. */
  readonly spelled: ReadonlyMap<string, string>;
}

/** What `kefu-send` answers beyond errCode and errMsg. */
export type SendAnswer = CountedAnswer & {
  /** The name of a message that was kept, and of each where a text was split. */
  readonly id?: string;
  readonly ids?: readonly string[];
};

export type ParsedRequest =
  | { readonly ok: true; readonly request: SendRequest }
  | { readonly ok: false; readonly refusal: Refusal };

/** Reads a message and its options. All faults of all of them are found at once. */
export function parseRequest(input: PlainObject, call: Call): ParsedRequest {
  const faults: Fault[] = [];
  const options = parseFields(optionFields, input, '', { faults, ignoreUnknown: true }) as Shape<
    typeof optionFields
  >;
  const account = options.account ?? 'miniprogram';
  faults.push(...accountFaults(account, call));
  const deadline = readDeadline(input, options.queue, call, faults);
  const { officialAppid } = call.ports.settings;
  const message = Object.fromEntries(Object.entries(input).filter(([key]) => !optionNames.includes(key)));
  const onlyWindow = options.window && Object.keys(message).every((key) => key === 'touser');
  const { touser = '', parts }: Read = onlyWindow
    ? { ...readTouser(message, faults), parts: [] }
    : readParts(message, options.split, account, call, faults);
  const fallback = parseFallback(input['fallback'], { account, touser, officialAppid }, faults);
  const files = parts.flatMap((part) =>
    filesIn(part).map((file) => ({ ...file, ...placeOf(file, part, message) })),
  );
  for (const { spelled, fileID } of files) {
    const foreign = foreignFile(spelled, fileID, call);
    if (foreign !== undefined && !hasFaults(faults)) faults.push(foreign);
  }
  if (hasFaults(faults)) return { ok: false, refusal: refuseFaults(faults) };
  const { window, queue, priority, requestId } = options;
  const isClients = call.role === 'self';
  // The owner's messages are looked at before any client's.
  const rank = isClients ? 0 : ownersRank + priority;
  const hints = hintsFor({ parts, fallback });
  const request = {
    account,
    touser,
    parts,
    fallback,
    window,
    queue,
    priority,
    rank,
    deadline,
    isClients,
    hints,
    spelled: new Map(files.map(({ path, spelled }) => [path, spelled])),
  };
  return {
    ok: true,
    request: requestId === undefined ? request : { ...request, key: keyOf(requestId, request, call) },
  };
}

/** Where a file stands in a message: as we call the place, and as its caller spelled it. */
function placeOf({ field }: MessageFile, { msgtype }: Message, input: PlainObject) {
  const body = input[msgtype];
  const known = spellings(messageTypes[msgtype].body);
  const isIts = (key: string) => known.get(key)?.name === field;
  const key = isPlainObject(body) ? Object.keys(body).find(isIts) : undefined;
  return { path: `${msgtype}.${field}`, spelled: `${msgtype}.${key ?? field}` };
}

function keyOf(requestId: string, request: SendRequest, { role, caller, ports }: Call): RequestKey {
  const { account, touser, parts, fallback, queue } = request;
  return {
    key: ['kefu-send', scopeOf(role, caller), requestId],
    hash: hashOf({ account, touser, parts, fallback, queue }, ports),
  };
}

function readDeadline(
  input: PlainObject,
  queue: boolean,
  { ports: { clock } }: Call,
  faults: Fault[],
): number {
  const { deadline } = input;
  for (const name of ['deadline', 'priority']) {
    if (input[name] !== undefined && input[name] !== null && !queue)
      faults.push({ path: name, message: 'goes with queue: true only', errCode: 40035 });
  }
  const longest = clock.now() + longestWaitMs;
  if (deadline === undefined || deadline === null) return longest;
  if (typeof deadline === 'number' && deadline > clock.now()) return Math.min(deadline, longest);
  faults.push({
    path: 'deadline',
    message: `must be a moment in the future, in milliseconds since 1970, not ${typeof deadline === 'number' ? show(deadline) : typeName(deadline)}`,
    errCode: 40035,
  });
  return longest;
}

function readTouser(input: PlainObject, faults: Fault[]): { readonly touser?: string } {
  return parseFields({ touser: touserField }, input, '', { faults });
}

/** What the owner's messages rank at least. */
const ownersRank = 10;

/** The most messages that a text is cut into: four windows full. */
export const mostParts = 20;

interface Read {
  /** Whom it reaches; absent where something is at fault. */
  readonly touser?: string;
  readonly parts: readonly Message[];
}

function readParts(
  input: PlainObject,
  split: boolean,
  account: Account,
  { ports: { settings } }: Call,
  faults: Fault[],
): Read {
  const fail = (found: readonly Fault[]) => {
    faults.push(...found);
    return { parts: [] };
  };
  const parsed = parseMessage(input, { account, anyLength: split, others: optionNames });
  if (!parsed.ok) return fail(parsed.faults.map((fault) => helpWith(fault, account)));
  const { message } = parsed;
  const cut = cutMessage(message, { account, mostParts: split ? mostParts : 1 }, settings);
  return hasFaults(cut.faults) ? fail(cut.faults) : { touser: message.touser, parts: cut.parts };
}
