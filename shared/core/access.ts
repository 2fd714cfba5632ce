import { type Refusal, refusal } from './answer';

/**
 * Who may do what. Decided first of all, from the current call's context alone: any client of the mini program can
 * call any function of its environment.
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
const ownerSources: readonly string[] = ['wx_http', 'wx_trigger'];

export function decideRole(caller: Caller, operators: ReadonlySet<string>): Role {
  const last = caller.source.split(',').at(-1)?.trim();
  if (last === 'scf' || ownerSources.includes(caller.source.trim())) return 'owner';
  if (caller.openid === undefined) return 'nobody';
  return operators.has(caller.openid) ? 'operator' : 'self';
}

/** The errcode of an access refusal: the gateway's "illegal source of invocation". */
const illegalSource = -604104;

/** Refuses a caller without identity; for what every user may do. */
export function refuseNobody(role: Role): Refusal | undefined {
  return role === 'nobody'
    ? refusal('not-allowed', illegalSource, 'the call carries no identity')
    : undefined;
}

/**
 * Refuses a caller that may not act for this user. `touser` is as the event has it, unread: left out it means the
 * caller itself.
 */
export function refuseAccess(role: Role, caller: Caller, touser: unknown): Refusal | undefined {
  if (role === 'self' && touser !== undefined && touser !== null && touser !== caller.openid) {
    return refusal('not-allowed', illegalSource, 'a client may send to itself only');
  }
  return refuseNobody(role);
}
