import type { callerTexts } from '../strings';

export type CallerName = keyof typeof callerTexts;

/** Who there is to call a function. */
export interface People {
  /** The user on the phone. */
  readonly openid: string;
  /** The chosen one of `KEFU_OPERATORS`. */
  readonly operator: string;
}

interface Caller {
  /** `TCB_SOURCE`: how the platform says where a call comes from. */
  readonly source: string;
  /** Whose identity the call carries. */
  readonly openid: (people: People) => string | undefined;
  /** Whether it acts for itself, so that the event need not name the user. */
  readonly self: boolean;
}

/** Who may call, and what the platform tells the function of each. */
export const callers = {
  user: { source: 'wx_client', openid: ({ openid }) => openid, self: true },
  operator: { source: 'wx_client', openid: ({ operator }) => operator, self: false },
  timer: { source: 'wx_trigger', openid: () => undefined, self: false },
  function: { source: 'wx_client,scf', openid: ({ openid }) => openid, self: false },
  push: { source: 'wx_push', openid: ({ openid }) => openid, self: true },
  http: { source: 'http', openid: () => undefined, self: true },
} as const satisfies Record<CallerName, Caller>;

export const callerNames = Object.keys(callers) as readonly CallerName[];

/** Who made a call that stands in the log; `undefined` for a source that the page does not offer. */
export function callerOf(source: string, openid: string | undefined, operators: readonly string[]) {
  if (source === callers.operator.source && operators.includes(openid ?? '')) return 'operator';
  if (source.split(',').at(-1) === 'scf') return 'function';
  return callerNames.find((name) => callers[name].source === source);
}

/** Who is made an operator where there is none. */
export const firstOperator = 'oOPERATOR-lin';

/** The operators among the openids of `KEFU_OPERATORS`. */
export function operatorsIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((openid) => openid.trim())
    .filter((openid) => openid !== '');
}
