import { accounts } from '../wechat/account';
import type { CallName } from '../wechat/calls';
import { type Fault, mostEntries } from '../wechat/fields/fault';
import type { Fields, Shape } from '../wechat/fields/fields';
import { parseFields } from '../wechat/fields/parse-fields';
import { isPlainObject, type PlainObject, show } from '../wechat/fields/values';
import {
  type Access,
  accessRules,
  type Caller,
  decideRole,
  isTimer,
  type Role,
  reaching,
  withTouser,
} from './access';
import { type Answer, type Refusal, refuseFaults } from './answer';
import { createMeter } from './limits';
import { hashOf, once, scopeOf } from './once';
import type { Ports } from './ports';
import { isSending } from './settings';

/** The one way to make a function of the bundle. */

/** A timer of a function: seven fields, second to year; the cloud's clock is UTC+8. */
export interface Timer {
  readonly name: string;
  readonly type: 'timer';
  readonly config: string;
}

/** Who calls, and what the call reaches the world by. */
export interface Call<C extends CallName = never> {
  readonly caller: Caller;
  readonly role: Role;
  readonly ports: Ports<C>;
}

/** What is known of a function without running it: what tests, documents, permissions and deploy are made from. */
export interface FunctionRow {
  readonly name: `kefu-${string}`;
  readonly access: Access;
  /** The fields of its event; absent where it reads the event by itself. */
  readonly fields?: Fields;
  /** The calls to WeChat that it makes, each a permission. Its code can make no others: it would not compile. */
  readonly calls: readonly CallName[];
  /** How long it may run, in seconds. */
  readonly timeoutSeconds: number;
  readonly timers?: readonly Timer[];
}

/** A function: its row, and what it does with an event. */
export interface CloudFunction extends FunctionRow {
  readonly handle: (event: unknown, caller: Caller, ports: Ports<CallName>) => Promise<object | string>;
  /** The form that a refusal of this event has, where that is not the usual one. */
  readonly shape?: (refused: Refusal, event: unknown) => object;
}

interface Common<C extends CallName> extends Omit<FunctionRow, 'fields'> {
  /** Required: who may call it, by name of a rule in `access.ts`. */
  readonly access: Access;
  readonly calls: readonly C[];
  readonly shape?: (refused: Refusal, event: unknown) => object;
}

interface WithFields<Fs extends Fields, C extends CallName> extends Common<C> {
  /** What the event may hold. An unknown field is refused by name; the input of `run` has the types of these. */
  readonly fields: Fs;
  /** What is wrong beyond the table, such as two fields that do not go together. */
  readonly check?: (input: Shape<Fs>, call: Call<C>) => readonly Fault[];
  readonly run: (input: Shape<Fs>, call: Call<C>) => Promise<object | string>;
}

interface WithEvent<C extends CallName> extends Common<C> {
  /** `'own'`: the function reads its event by itself, because what it holds depends on what it is. */
  readonly fields: 'own';
  readonly run: (event: PlainObject, call: Call<C>) => Promise<object | string>;
}

/**
 * Makes a function. In this order: who may call it is decided, the event is read by its fields, `check` looks at the
 * whole, `run` does the work. The first three refuse; nothing reaches WeChat before them.
 *
 * A `touser` that the event leaves out is the caller, where the function is for users; `account: 'official'` needs the
 * variable OFFICIAL_APPID; under a field `requestId` the work is done once.
 */
export function defineFunction<const Fs extends Fields, const C extends CallName>(
  definition: WithFields<Fs, C>,
): CloudFunction;
export function defineFunction<const C extends CallName>(definition: WithEvent<C>): CloudFunction;
export function defineFunction<Fs extends Fields, C extends CallName>(
  definition: WithFields<Fs, C> | WithEvent<C>,
): CloudFunction {
  const { run: _run, fields: _fields, ...row } = definition;
  return {
    ...row,
    ...(isOwn(definition) ? {} : { fields: definition.fields }),
    async handle(event, caller, ports) {
      const role = decideRole(caller, ports.settings.operators);
      // A timer's event says when and by which trigger; it asks for nothing.
      const asked = isTimer(caller) && row.timers !== undefined ? {} : ownFields(event);
      const own = reaching.has(row.access) ? withTouser(asked, caller) : asked;
      const isForUsers = ports.settings.clientSends || !isSending(row);
      const refused = accessRules[row.access]({ caller, role, event: own, isForUsers });
      if (refused !== undefined) return refused;
      const tooMany =
        role === 'self' && row.access !== 'push' && caller.openid !== undefined
          ? meter.refuse(caller.openid, ports.clock)
          : undefined;
      if (tooMany !== undefined) return tooMany;
      const unspoken = languageFaults(own, definition);
      if (hasFaults(unspoken)) return refuseFaults(unspoken);
      const call = { caller, role, ports };
      return isOwn(definition) ? definition.run(own, call) : runParsed(definition, own, call);
    },
  };
}

/** Of this instance. */
const meter = createMeter();

function isOwn<Fs extends Fields, C extends CallName>(
  definition: WithFields<Fs, C> | WithEvent<C>,
): definition is WithEvent<C> {
  return definition.fields === 'own';
}

async function runParsed<Fs extends Fields, C extends CallName>(
  { name, fields, check, run }: WithFields<Fs, C>,
  event: PlainObject,
  call: Call<C>,
): Promise<object | string> {
  const read = readInput(fields, event, call);
  if (!read.ok) return refuseFaults(read.faults);
  const input = read.values as Shape<Fs>;
  const wrong = check?.(input, call) ?? [];
  if (hasFaults(wrong)) return refuseFaults(wrong);
  const { requestId, ...asked } = read.values;
  if (requestId === undefined) return run(input, call);
  const { ports, role, caller } = call;
  const request = { key: [name, scopeOf(role, caller), String(requestId)], hash: hashOf(asked, ports) };
  return once(request, ports, async () => ({ answer: (await run(input, call)) as Answer }));
}

/** The account that a message is sent from. */
export const accountField = {
  kind: 'choice',
  need: 'never',
  values: accounts,
  wrong: 40035,
  default: 'miniprogram',
} as const;

/** The user that is sent to; left out, the caller. */
export const touserField = { kind: 'openid', need: 'always', missing: 41009 } as const;

/** The id under which a request is carried out once. */
export const requestIdField = { kind: 'text', need: 'never', form: 'request-id' } as const;

export type ReadInput =
  | { readonly ok: true; readonly values: Record<string, unknown> }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

/**
 * Reads an event by its table.
 *
 * @param others names that the event knows though they are not in the table, for suggestions
 */
export function readInput(
  fields: Fields,
  event: PlainObject,
  call: Call,
  others: readonly string[] = [],
): ReadInput {
  const faults: Fault[] = [];
  const values = parseFields(fields, event, '', { faults, event, others });
  faults.push(...accountFaults(values['account'], call));
  return hasFaults(faults) ? { ok: false, faults } : { ok: true, values };
}

/** The fault of naming an account that the environment does not have. */
export function accountFaults(account: unknown, { ports: { settings } }: Call): Fault[] {
  if (account !== 'official' || settings.officialAppid !== '') return [];
  const message = 'cannot be official: the variable OFFICIAL_APPID is not set';
  return [{ path: 'account', message, errCode: 40013 }];
}

/** What the platform adds to the event of a client's call; no caller means anything by it. */
const platformFields: ReadonlySet<string> = new Set(['userInfo', 'tcbContext']);

/** The languages of answers. A subscribe message has a field `lang` too, with values of its own (`zh_CN`). */
const languages: readonly unknown[] = ['en', 'zh'];

/**
 * The event without what the platform added, and without the language of the answer. Anything but an object is an event
 * without fields. Of one that has more fields than anything has, as many are left as show that: to look at all would
 * take its time.
 */
export function ownFields(event: unknown): PlainObject {
  if (!isPlainObject(event)) return {};
  const enough = mostEntries + platformFields.size + 2;
  const asksLanguage = [...languages, null].includes(event['lang']);
  const own: [string, unknown][] = [];
  for (const key of Object.keys(event).slice(0, enough)) {
    if (!platformFields.has(key) && !(asksLanguage && key === 'lang')) own.push([key, event[key]]);
  }
  return Object.fromEntries(own);
}

/** Whether people read what it answers: WeChat, servers and the owner's code read codes. */
function speaks({ access }: Pick<FunctionRow, 'access'>): boolean {
  return access !== 'push' && access !== 'credentials' && access !== 'owner';
}

/** Whether the answer is wanted in Chinese. */
export function wantsChinese(event: unknown, row: Pick<FunctionRow, 'access'>): boolean {
  return isPlainObject(event) && event['lang'] === 'zh' && speaks(row);
}

/** The fault of asking for a language that is not spoken, where `lang` is no field of the function's own. */
function languageFaults(
  own: PlainObject,
  { access, fields }: { readonly access: Access; readonly fields: Fields | 'own' },
): Fault[] {
  const isField = fields !== 'own' && Object.hasOwn(fields, 'lang');
  if (own['lang'] === undefined || isField || !speaks({ access })) return [];
  const message = `must be ${languages.map(show).join(' or ')}, not ${show(own['lang'])}`;
  return [{ path: 'lang', message, errCode: 40035 }];
}

/** Narrows a list of faults to one that has at least one. */
export function hasFaults(faults: readonly Fault[]): faults is readonly [Fault, ...Fault[]] {
  return faults.length > 0;
}
