import { type Answer, type Refusal, refusal, refuseFaults, success } from '../../core/answer';
import {
  type Call,
  defineFunction,
  hasFaults,
  readInput,
  requestIdField,
  touserField,
} from '../../core/define-function';
import { careless } from '../../core/failures';
import { hashOf, once, scopeOf } from '../../core/once';
import type { Fault, Hint } from '../../wechat/fields/fault';
import type { Fields } from '../../wechat/fields/fields';
import { hintFor } from '../../wechat/fields/suggest';
import { isPlainObject, show, typeName } from '../../wechat/fields/values';
import { waitingNotice } from '../conversations/call-people';
import { type Fallback, type FallbackAnswer, parseFallback, tryFallback } from '../deliver/fallback';
import { templateHints } from '../templates/deliver-notice';
import { fillNotice, type Notice, type Notices } from './notice';
import { readSwitches, setSwitch } from './switches';

const noticeCalls = ['sendTemplateMessage', 'sendSubscribeMessage'] as const;

type NotifyCall = Call<(typeof noticeCalls)[number]>;

const notifyFields = {
  type: { kind: 'text', need: 'never' },
  touser: touserField,
  on: { kind: 'choice', need: 'never', values: [true, false], wrong: 40035 },
  requestId: requestIdField,
} as const satisfies Fields;

/** What is asked for, once it has been read. */
interface Asked {
  readonly type?: string;
  readonly touser: string;
  readonly on?: boolean;
  readonly requestId?: string;
}

/**
 * Tells a user of something, by the owner's table of notices: `kefu-notify`.
 *
 * `{type, touser, data}` asks the user's switch, fills the messages of the type, and tries them in their order; what may
 * have arrived ends the row. The answer's `sent` says which it was, or `'none'` where the user has switched the type
 * off (`on: false`). Under a `requestId` it is sent once. Sending is for operators and the owner's code.
 *
 * `{type, on}` sets the switch, and an event without a type lists all types with the switch of each in `notices`; a user
 * may do both for itself. `touser` is the user's openid of the mini program: the switch is kept under it.
 */
export function kefuNotify(notices: Notices) {
  return defineFunction({
    name: 'kefu-notify',
    access: 'own-switch',
    // What `data` holds depends on `type`.
    fields: 'own',
    calls: noticeCalls,
    timeoutSeconds: 20,
    async run({ data, ...event }, call): Promise<Answer> {
      const read = readInput(notifyFields, event, call, ['data']);
      if (!read.ok) return refuseFaults(read.faults);
      const asked = read.values as unknown as Asked;
      const { type, touser, on, requestId } = asked;
      const row = type !== undefined && Object.hasOwn(notices, type) ? notices[type] : undefined;
      const faults = type === undefined || row !== undefined ? [] : [unknownType(type, notices)];
      const takesData = row !== undefined && on === undefined;
      if (type === undefined || on !== undefined) faults.push(...misplaced(asked, data));
      if (takesData) faults.push(...dataFaults(row, data));
      if (hasFaults(faults)) return refuseFaults(faults);
      if (row === undefined || type === undefined) return listNotices(notices, touser, call);
      if (on !== undefined) return turn(touser, type, on, call);

      const ways = parseWays(type, row, data as Data, touser, call);
      if (!ways.ok) return ways.refusal;
      const work = async () => ({ answer: await send(type, touser, ways.ways, call) });
      if (requestId === undefined) return (await work()).answer;
      const { ports, role, caller } = call;
      const key = ['kefu-notify', scopeOf(role, caller), requestId];
      return once({ key, hash: hashOf({ type, touser, data }, ports) }, ports, work);
    },
  });
}

type Data = { readonly [name: string]: string | number };

function unknownType(type: string, notices: Notices): Fault {
  const types = Object.keys(notices);
  const hint = types.length === 0 ? 'shared/notices.ts has none yet' : hintFor(type, types);
  return { path: 'type', message: `${show(type)} is no notice; ${hint}`, errCode: 40035 };
}

/** What goes with sending only, and with a type only. */
function misplaced({ type, on, requestId }: Asked, data: unknown): Fault[] {
  const given = { data, requestId, ...(type === undefined ? { on } : {}) };
  const why = type === undefined ? 'goes with a type' : 'does not go with on, which sends nothing';
  return Object.entries(given)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([path]) => ({ path, message: why, errCode: 40035 }));
}

/** What is wrong with what the caller hands in, by the names that the notice takes. */
function dataFaults({ takes, mayTake = [] }: Notice, data: unknown): Fault[] {
  const known = [...takes, ...mayTake];
  if (data === undefined || data === null)
    return [
      { path: 'data', message: `is missing; it holds ${known.join(', ') || 'nothing: {}'}`, errCode: 47001 },
    ];
  if (!isPlainObject(data))
    return [{ path: 'data', message: `must be an object, not ${typeName(data)}`, errCode: 47001 }];
  const faults: Fault[] = [];
  const report = (name: string, message: string, errCode: number) =>
    faults.push({ path: `data.${name}`, message, errCode });
  for (const name of takes) if ((data[name] ?? '') === '') report(name, 'is missing', 47003);
  for (const [name, value] of Object.entries(data)) {
    if (!known.includes(name)) {
      report(name.slice(0, 40), `is not a field here; ${hintFor(name, known)}`, 40035);
    } else if (value !== null && typeof value !== 'string' && !Number.isFinite(value)) {
      report(name, `must be a string or a number, not ${typeName(value)}`, 47003);
    }
  }
  return faults;
}

type Ways = readonly Fallback[];

type ParsedWays =
  | { readonly ok: true; readonly ways: Ways }
  | { readonly ok: false; readonly refusal: Refusal };

/** The messages that can reach this user; where none can, what each of them lacks. */
function parseWays(type: string, row: Notice, data: Data, touser: string, { ports }: NotifyCall): ParsedWays {
  const { officialAppid } = ports.settings;
  const filled = fillNotice(row, data);
  const reaching = filled.filter(
    (way) => 'subscribe' in way || (officialAppid !== '' && way.template['touser'] !== undefined),
  );
  const faults: Fault[] = [];
  const instead = { account: 'miniprogram', touser, officialAppid } as const;
  const ways = parseFallback(reaching.length === 0 ? filled : reaching, instead, faults);
  const named = faults.map((fault) => ({ ...fault, path: inTable(fault.path, type) }));
  return hasFaults(named) ? { ok: false, refusal: refuseFaults(named) } : { ok: true, ways };
}

/** A path into the filled messages, as a path into the table: that is where it can be put right. */
function inTable(path: string, type: string): string {
  return path.replace(/^fallback\[\d+\]/, type);
}

async function send(type: string, touser: string, ways: Ways, { ports }: NotifyCall): Promise<Answer> {
  const wanted = await careless('read-switch', ports, () => readSwitches(touser, [type], ports));
  if (wanted === undefined) return unasked();
  if (wanted.get(type) === false) return success({ sent: 'none', on: false });
  const answer = await tryFallback(ways, undefined, ports);
  if (answer.errCode === 0)
    return success({ ...(answer as object), on: true, ...hinted(type, answer, ways) });
  const { details, ...refused } = answer as Refusal;
  const tried = details?.map(({ path, message }) => ({ path: inTable(path, type), message }));
  return { ...refused, ...(tried === undefined ? {} : { details: tried }) };
}

/** What of the message that was sent is legal and surely not meant: where in the table it can be put right. */
function hinted(type: string, { sent }: FallbackAnswer, ways: Ways): { readonly hints?: readonly Hint[] } {
  const hints = ways
    .filter(({ kind }) => kind === 'template' && kind === sent)
    .flatMap(({ payload }) => templateHints(payload, `${type}.template`));
  return hints.length === 0 ? {} : { hints };
}

async function turn(touser: string, type: string, on: boolean, { ports }: NotifyCall): Promise<Answer> {
  const done = await careless('set-switch', ports, async () => {
    await setSwitch(touser, type, on, ports);
    return true;
  });
  return done === undefined ? unasked() : success({ on });
}

async function listNotices(notices: Notices, touser: string, { ports }: NotifyCall): Promise<Answer> {
  // What the desk's people are told is nothing that anybody else could switch.
  const isTheirs = (type: string) => type !== waitingNotice || ports.settings.operators.has(touser);
  const types = Object.keys(notices).filter(isTheirs);
  const found = await careless('read-switch', ports, async () =>
    types.length === 0 ? new Map<string, boolean>() : readSwitches(touser, types, ports),
  );
  return found === undefined
    ? unasked()
    : success({
        notices: types.map((type) => ({
          type,
          title: notices[type]?.title,
          on: found.get(type) ?? true,
        })),
      });
}

function unasked(): Refusal {
  return refusal('wechat-busy', -502001, 'the database could not be asked for the switch; nothing was sent');
}
