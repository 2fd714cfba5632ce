import { isPlainObject, type PlainObject } from '../wechat/fields/values';
import { type Refusal, refusal } from './answer';

/**
 * Who may do what. Decided first of all, from the current call's context and the users that the event names: any
 * client of the mini program can call any function of its environment.
 */

/** Who calls, as the platform says. Nothing in here comes from the event. */
export interface Caller {
  /** The openid of the user at the other end; absent for timers and the HTTP API. */
  readonly openid?: string;
  /** The chain of `TCB_SOURCE`: `wx_client`, `wx_client,scf`, `wx_trigger` … Empty where the platform says nothing. */
  readonly source: string;
}

/** In what capacity a caller acts. */
export type Role =
  /** The owner's own code: another function, the HTTP API with the app's token, a timer. */
  | 'owner'
  /** A user named in `KEFU_OPERATORS`. */
  | 'operator'
  /** Any other user: may act for itself. */
  | 'self'
  /** No identity. */
  | 'nobody';

/** Sources that only the owner's code has. A function called by a function has `scf` at the chain's end. */
const timerSource = 'wx_trigger';
const ownerSources: readonly string[] = ['wx_http', timerSource];

/**
 * What begins the source of all that comes by way of WeChat, and those of them in which a client acts: it could forge a
 * push. Which value a real push has is documented nowhere, so none is refused that could be one.
 */
const wechatSource = /^wx_\w+$/;
const clientSources: readonly string[] = ['wx_client', 'wx_devtools', 'wx_localdebug', 'wx_crawler'];

export function decideRole(caller: Caller, operators: ReadonlySet<string>): Role {
  const last = sourcesOf(caller).at(-1);
  if (last === 'scf' || ownerSources.includes(caller.source.trim())) return 'owner';
  if (caller.openid === undefined) return 'nobody';
  return operators.has(caller.openid) ? 'operator' : 'self';
}

/** Whether a function's own timer calls. */
export function isTimer(caller: Caller): boolean {
  return caller.source.trim() === timerSource;
}

function sourcesOf({ source }: Caller): string[] {
  return source.split(',').map((each) => each.trim());
}

/** Who asks for what, as the decision sees it. */
export interface Asking {
  readonly caller: Caller;
  readonly role: Role;
  /** The event's own fields, unread. */
  readonly event: PlainObject;
  /** Whether users may use it: not where it sends, and `KEFU_CLIENT_SENDS` leaves that to the owner's side. */
  readonly isForUsers: boolean;
}

/**
 * Every way in which a function may be open, by name: why a call is refused, or `undefined` where it may go on. A
 * function names one of them; without one it does not compile.
 */
export const accessRules = {
  /** A user for itself; operators and the owner's code for anyone. */
  'own-user': ({ caller, role, event, isForUsers }) =>
    role === 'self' && !isForUsers
      ? notAllowed('sending is for operators and the owner’s code: KEFU_CLIENT_SENDS is off')
      : refuseUsers(event, role, caller),
  /** Whoever has an identity: nobody is acted for. */
  'any-user': ({ role }) => refuseNobody(role),
  /** As `own-user`, but a user for its own switches only: what it is told is decided by the owner's side. */
  'own-switch': ({ caller, role, event }) =>
    role === 'self' && (isGiven(event['data']) || (isGiven(event['type']) && !isGiven(event['on'])))
      ? notAllowed('notices are for operators and the owner’s code to send; a user may set its own switch')
      : refuseUsers(event, role, caller),
  /** Operators, who are people. */
  operators: ({ role }) => (role === 'operator' ? undefined : notAllowed('this is for operators')),
  /**
   * Operators; the function's own timer, whose event asks for nothing; and the owner's code where it asks for a share
   * of what the timer does, and for nothing else.
   */
  'operators-and-shares': ({ caller, role, event }) =>
    role === 'operator' || isTimer(caller) || (role === 'owner' && Object.keys(event).join() === 'share')
      ? undefined
      : notAllowed('this is for the timer and for operators'),
  /** The owner's own code: another function, a timer, the HTTP API. */
  owner: ({ role }) => (role === 'owner' ? undefined : notAllowed('this is for the owner’s own code')),
  /** What WeChat pushes. No client, and in no other user's name than the caller's. */
  push: ({ caller, event }) => {
    const sources = sourcesOf(caller);
    if (sources.some((source) => clientSources.includes(source))) return notAllowed('a client cannot push');
    if (!sources.every((source) => wechatSource.test(source)))
      return notAllowed('a push comes by way of WeChat');
    // A push without a sender is malformed, which its own parser says.
    const named = event['FromUserName'];
    return caller.openid === undefined || typeof named !== 'string' || named === caller.openid
      ? undefined
      : notAllowed('the push is not of the user who calls');
  },
  /** Anyone: the function asks for a token or a signature of its own. */
  credentials: () => undefined,
} as const satisfies Record<string, (asking: Asking) => Refusal | undefined>;

export type Access = keyof typeof accessRules;

/** The rules under which a call reaches users: its event's `touser`, the caller where that is left out, and others. */
export const reaching: ReadonlySet<Access> = new Set<Access>(['own-user', 'own-switch']);

/** An event that reaches users, with the caller for a `touser` that it leaves out: from here on it names its user. */
export function withTouser(event: PlainObject, { openid }: Caller): PlainObject {
  return openid === undefined || isGiven(event['touser']) ? event : { ...event, touser: openid };
}

/** Refuses a caller that may not act for all whom an event would reach. They are as the event has them, unread. */
export function refuseUsers(event: PlainObject, role: Role, caller: Caller): Refusal | undefined {
  if (role === 'self' && usersIn(event).some((touser) => touser !== caller.openid))
    return notAllowed('a client may send to itself only');
  return refuseNobody(role);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The users that an event names: its own, and those of what is tried instead. */
function usersIn({ touser, fallback }: PlainObject): unknown[] {
  const instead = Array.isArray(fallback) ? fallback.filter(isPlainObject).flatMap(Object.values) : [];
  return [touser, ...instead.filter(isPlainObject).map((payload) => payload['touser'])].filter(isGiven);
}

/** Refuses a caller without identity. */
export function refuseNobody(role: Role): Refusal | undefined {
  return role === 'nobody' ? notAllowed('the call carries no identity') : undefined;
}

/** The errcode of an access refusal: the gateway's "illegal source of invocation". */
const illegalSource = -604104;

/** The refusal of who may not call. */
export function notAllowed(errMsg: string): Refusal {
  return refusal('not-allowed', illegalSource, errMsg);
}
