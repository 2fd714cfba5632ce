import { type Caller, type Role, refuseAccess } from '../../core/access';
import { type Answer, type Refusal, refuseFaults } from '../../core/answer';
import { accountField, hasFaults, parseEvent, readAccount } from '../../core/event';
import { hashOf, type RequestKey, requestIdFault, scopeOf } from '../../core/once';
import type { Ports } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Fault } from '../../wechat/fields/fault';
import type { Fields } from '../../wechat/fields/fields';
import { isOpenid, type PlainObject, show, typeName } from '../../wechat/fields/values';
import type { Message } from '../../wechat/messages/message-types';
import { parseMessage } from '../../wechat/messages/parse-message';
import { splitText } from '../../wechat/messages/split-text';
import type { ReplyWindow } from '../../wechat/reply-window';
import { type Fallback, parseFallback, usersIn } from '../deliver/fallback';
import { longestWaitMs } from '../outbox/outbox';

const flag = { kind: 'choice', need: 'never', values: [true, false], wrong: 40035 } as const;

/** What `kefu-send` takes beside the message's own fields. */
const optionFields = {
  account: accountField,
  split: flag,
  window: flag,
  queue: flag,
  requestId: { kind: 'text', need: 'never' },
  priority: { kind: 'choice', need: 'never', values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], wrong: 40035 },
} as const satisfies Fields;

/** Options whose values are no plain field's. */
const wideOptions = ['fallback', 'deadline'] as const;

/** The names of all options: those that stand beside a message. */
export const optionNames: readonly string[] = [...Object.keys(optionFields), ...wideOptions];

/** One message that is to be sent or kept, and how. */
export interface SendRequest {
  readonly account: Account;
  readonly touser: string;
  /** The message, in parts where its text was too long for one; none where only the window was asked for. */
  readonly parts: readonly Message[];
  readonly fallback: readonly Fallback[];
  readonly window: boolean;
  readonly queue: boolean;
  /** From 0 to 9: its place among the same user's queued messages. */
  readonly priority: number;
  /** The same among all users; 0 for what a client asks for, whose own row is all it may order. */
  readonly rank: number;
  readonly deadline: number;
  readonly requestId?: string;
}

/** What `kefu-send` answers beyond errCode and errMsg. */
export type SendAnswer = Answer & {
  /** An answer for each message: of `messages`, or of a text that was split. */
  readonly results?: readonly Answer[];
  /** Which message was sent, where there was a fallback. */
  readonly sent?: 'message' | 'subscribe' | 'template';
  /** What is believed to be left of the reply window; `closesAt` in milliseconds since 1970. */
  readonly window?: ReplyWindow;
  /** The name of a message that was kept, and of each where a text was split. */
  readonly id?: string;
  readonly ids?: readonly string[];
};

export type ParsedRequest =
  | { readonly ok: true; readonly request: SendRequest }
  | { readonly ok: false; readonly refusal: Refusal };

/** Refuses a message to somebody, or a fallback to somebody, whom the caller may not reach. Looks at nothing else. */
export function refuseRequest(role: Role, caller: Caller, input: PlainObject): Refusal | undefined {
  const users = [input['touser'], ...usersIn(input['fallback'])];
  for (const touser of users) {
    const refused = refuseAccess(role, caller, touser);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** Who calls, and as what. */
export interface Calling {
  readonly role: Role;
  readonly caller: Caller;
}

/** Reads a message and its options. All faults of all of them are found at once. */
export function parseRequest(input: PlainObject, { role, caller }: Calling, ports: Ports): ParsedRequest {
  const entries = Object.entries(input);
  const pick = (wanted: (key: string) => boolean) =>
    Object.fromEntries(entries.filter(([key]) => wanted(key)));
  const { values, faults } = parseEvent(
    optionFields,
    pick((key) => Object.hasOwn(optionFields, key)),
  );
  const account = readAccount(values['account'], ports.settings, faults);
  const deadline = readDeadline(input, values, ports, faults);
  if (values['requestId'] !== undefined) {
    const wrong = requestIdFault(values['requestId']);
    if (wrong !== undefined) faults.push({ path: 'requestId', message: wrong, errCode: 40035 });
  }
  const fallback = parseFallback(
    input['fallback'],
    { account, touser: input['touser'] ?? caller.openid, officialAppid: ports.settings.officialAppid },
    faults,
  );
  const message = pick((key) => !optionNames.includes(key));
  const onlyWindow = values['window'] === true && Object.keys(message).every((key) => key === 'touser');
  const { touser, parts } = onlyWindow
    ? { touser: readTouser(message, caller, faults), parts: [] }
    : readParts(message, values['split'] === true, account, caller, faults);
  if (hasFaults(faults)) return { ok: false, refusal: refuseFaults(faults) };
  const priority = Number(values['priority'] ?? 0);
  return {
    ok: true,
    request: {
      account,
      touser,
      parts,
      fallback,
      window: values['window'] === true,
      queue: values['queue'] === true,
      priority,
      rank: role === 'self' ? 0 : priority,
      deadline,
      ...(values['requestId'] === undefined ? {} : { requestId: String(values['requestId']) }),
    },
  };
}

/** Under what a request is remembered; `undefined` where it asked for nothing of the kind. */
export function requestKey(
  request: SendRequest,
  role: Role,
  caller: Caller,
  ports: Ports,
): RequestKey | undefined {
  const { requestId, account, touser, parts, fallback, queue } = request;
  if (requestId === undefined) return undefined;
  return {
    key: ['kefu-send', scopeOf(role, caller), requestId],
    hash: hashOf({ account, touser, parts, fallback, queue }, ports),
  };
}

function readDeadline(
  input: PlainObject,
  values: Record<string, unknown>,
  { clock }: Ports,
  faults: Fault[],
): number {
  const { deadline } = input;
  for (const name of ['deadline', 'priority']) {
    if (input[name] !== undefined && input[name] !== null && values['queue'] !== true)
      faults.push({ path: name, message: 'goes with queue: true only', errCode: 40035 });
  }
  const longest = clock.now() + longestWaitMs;
  if (deadline === undefined || deadline === null) return longest;
  if (typeof deadline === 'number' && deadline > clock.now()) return Math.min(deadline, longest);
  faults.push({
    path: 'deadline',
    message: `must be a moment to come, in milliseconds since 1970, not ${typeof deadline === 'number' ? show(deadline) : typeName(deadline)}`,
    errCode: 40035,
  });
  return longest;
}

function readTouser(input: PlainObject, caller: Caller, faults: Fault[]): string {
  const touser = input['touser'] ?? caller.openid;
  if (isOpenid(touser)) return touser;
  faults.push(
    touser === undefined
      ? { path: 'touser', message: 'is missing', errCode: 41009 }
      : { path: 'touser', message: `must be an openid, not ${show(touser)}`, errCode: 40003 },
  );
  return '';
}

function readParts(
  input: PlainObject,
  split: boolean,
  account: Account,
  caller: Caller,
  faults: Fault[],
): { touser: string; parts: readonly Message[] } {
  const parsed = parseMessage(input, {
    account,
    anyLength: split,
    others: optionNames,
    ...(caller.openid === undefined ? {} : { touser: caller.openid }),
  });
  if (!parsed.ok) {
    faults.push(...parsed.faults);
    return { touser: '', parts: [] };
  }
  const { message } = parsed;
  if (message.msgtype !== 'text') return { touser: message.touser, parts: [message] };
  const cut = splitText(message.text.content);
  if (cut.ok)
    return {
      touser: message.touser,
      parts: cut.parts.map((content) => ({ ...message, text: { content } })),
    };
  faults.push({ path: 'text.content', message: cut.message, errCode: 45002 });
  return { touser: '', parts: [] };
}
