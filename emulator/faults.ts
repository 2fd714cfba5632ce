import type { Ids } from './ids';

/**
 * Faults on demand. `errcode` answers with that code (0: success, whatever WeChat's rules say); a behaviour is a
 * network that fails.
 */
export const behaviours = {
  timeout: 'never answers',
  cut: 'cuts the connection instead of answering',
  empty: 'answers with an empty body',
  garbage: 'answers with bytes that mean nothing',
  slow: 'answers after delayMs',
} as const satisfies Record<string, string>;

export type Behaviour = keyof typeof behaviours;

export interface Fault {
  /** What it befalls: an API's name, an HTTPS path, an action (`database.getDocument`), a prefix with `*`. */
  readonly api: string;
  readonly errcode?: number;
  readonly errmsg?: string;
  readonly behaviour?: Behaviour;
  /** Whether the call is carried out all the same. Default: yes for `timeout`, `cut` and `slow`. */
  readonly delivered?: boolean;
  /** How long `slow` waits. Default 1000. */
  readonly delayMs?: number;
  /** From 0 to 1; default 1. */
  readonly probability?: number;
  /** How often it strikes before it is gone; default without end. */
  readonly times?: number;
}

export interface Faults {
  /** Replaces all faults. */
  put(faults: readonly Fault[]): void;
  /** The fault that strikes this call, if any; counts it. */
  strike(api: string): Fault | undefined;
  list(): readonly Fault[];
  reset(): void;
}

export function createFaults(ids: Ids): Faults {
  let active: { fault: Fault; left: number }[] = [];
  return {
    put(faults) {
      active = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }));
    },
    strike(api) {
      const hit = active.find(
        ({ fault, left }) => left > 0 && matches(fault.api, api) && ids.random() < (fault.probability ?? 1),
      );
      if (hit !== undefined) hit.left -= 1;
      return hit?.fault;
    },
    list: () => active.filter(({ left }) => left > 0).map(({ fault }) => fault),
    reset() {
      active = [];
    },
  };
}

function matches(pattern: string, api: string): boolean {
  return pattern.endsWith('*') ? api.startsWith(pattern.slice(0, -1)) : pattern === api;
}

/** Whether the call is carried out although the fault strikes. */
export function isDelivered({ behaviour, delivered }: Fault): boolean {
  return delivered ?? (behaviour === 'timeout' || behaviour === 'cut' || behaviour === 'slow');
}

type Check = readonly [isRight: (value: unknown) => boolean, asks: string];

const isText: Check = [(value) => typeof value === 'string', 'must be a string'];

/** What each field of a fault must be. */
const checks: { readonly [field in keyof Fault]-?: Check } = {
  api: isText,
  errcode: [Number.isInteger, 'must be a whole number'],
  errmsg: isText,
  behaviour: [
    (value) => Object.hasOwn(behaviours, String(value)),
    `must be one of ${Object.keys(behaviours).join(', ')}`,
  ],
  delivered: [(value) => typeof value === 'boolean', 'must be true or false'],
  delayMs: [(value) => Number.isFinite(value) && Number(value) >= 0, 'must be a number, 0 or more'],
  probability: [(value) => typeof value === 'number' && value >= 0 && value <= 1, 'must be from 0 to 1'],
  times: [(value) => Number.isInteger(value) && Number(value) > 0, 'must be 1 or more'],
};

/** What is wrong with a list of faults that came over REST; empty where it is right. */
export function checkFaults(input: unknown): string {
  if (!Array.isArray(input))
    return 'faults must be a list: [{"api": "customerServiceMessage.send", "errcode": 45015}]';
  for (const [index, entry] of input.entries()) {
    const fault = (entry ?? {}) as { readonly [field: string]: unknown };
    const at = `faults[${index}]`;
    if (fault['api'] === undefined || fault['api'] === '')
      return `${at}.api is missing: the name of an API, or * for all`;
    if (fault['errcode'] === undefined && fault['behaviour'] === undefined)
      return `${at} needs an errcode or a behaviour`;
    for (const [field, value] of Object.entries(fault)) {
      if (!Object.hasOwn(checks, field))
        return `${at}.${field} is no field of a fault; known: ${Object.keys(checks).join(', ')}`;
      const [isRight, asks] = checks[field as keyof Fault];
      if (!isRight(value)) return `${at}.${field} ${asks}`;
    }
  }
  return '';
}
