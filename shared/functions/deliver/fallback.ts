import { type Answer, outOfTime, type Refusal } from '../../core/answer';
import { type Ports, stepMs } from '../../core/ports';
import type { Account } from '../../wechat/account';
import type { Fault } from '../../wechat/fields/fault';
import type { Fields, TemplateData } from '../../wechat/fields/fields';
import { parseFields } from '../../wechat/fields/parse-fields';
import { isOpenid, isPlainObject, typeName } from '../../wechat/fields/values';
import { subscribeFields, templateFields } from '../../wechat/messages/template-messages';
import { checkValues } from '../../wechat/messages/template-values';
import { deliverSubscribe, deliverTemplate } from '../templates/deliver-notice';

/** What a message with fallbacks asks of WeChat. */
export type FallbackPorts = Ports<
  'sendCustomMessage' | 'uploadTempMedia' | 'sendTemplateMessage' | 'sendSubscribeMessage'
>;

/** What the fallbacks themselves ask of it. */
type NoticePorts = Ports<'sendTemplateMessage' | 'sendSubscribeMessage'>;

/** What is tried where the reply window is shut or full: a message of another kind, with its payload in HTTPS form. */
export interface Fallback {
  readonly kind: FallbackKind;
  readonly payload: { readonly [field: string]: unknown };
}

interface Row {
  /** The account that sends such a message. */
  readonly account: Account;
  /** Its fields beside `touser`. */
  readonly fields: Fields;
  /** Whether it may name a user of its own: openids differ from account to account. */
  readonly namesUser: boolean;
  readonly deliver: (payload: Fallback['payload'], ports: NoticePorts) => Promise<Answer>;
}

const { touser: _subscriber, ...subscribeRest } = subscribeFields;
const { touser: _follower, ...templateRest } = templateFields;

/** The kinds of message that need no reply window, one row each. */
const kinds = {
  subscribe: { account: 'miniprogram', fields: subscribeRest, namesUser: false, deliver: deliverSubscribe },
  template: { account: 'official', fields: templateRest, namesUser: true, deliver: deliverTemplate },
} as const satisfies Record<string, Row>;

type FallbackKind = keyof typeof kinds;

const kindNames = Object.keys(kinds) as readonly FallbackKind[];

/** No list of fallbacks is longer: there are two kinds. */
const mostEntries = 5;

/** What a fallback is for: the message that could not be sent. */
export interface FallbackFor {
  readonly account: Account;
  /** Read with the message. */
  readonly touser: string;
  readonly officialAppid: string;
}

/** Reads the list of fallbacks by its tables; whatever could be wrong with one is found before anything is sent. */
export function parseFallback(input: unknown, instead: FallbackFor, faults: Fault[]): Fallback[] {
  if (input === undefined || input === null) return [];
  if (!Array.isArray(input) || input.length === 0 || input.length > mostEntries) {
    const message = Array.isArray(input)
      ? `must have 1 to ${mostEntries} entries`
      : `must be a list, not ${typeName(input)}`;
    faults.push({ path: 'fallback', message, errCode: 47001 });
    return [];
  }
  return input.flatMap((entry: unknown, index) => parseEntry(entry, `fallback[${index}]`, instead, faults));
}

function parseEntry(entry: unknown, at: string, instead: FallbackFor, faults: Fault[]): Fallback[] {
  const [named, ...more] = isPlainObject(entry) ? Object.entries(entry) : [];
  const [name = '', payload] = named ?? [];
  if (more.length > 0 || !Object.hasOwn(kinds, name) || !isPlainObject(payload)) {
    const message = `must be ${kindNames.map((known) => `{${known}: {…}}`).join(' or ')}`;
    faults.push({ path: at, message, errCode: 47001 });
    return [];
  }
  const kind = name as FallbackKind;
  const row: Row = kinds[kind];
  const path = `${at}.${kind}`;
  const touser: Fields = row.namesUser ? { touser: { kind: 'text', need: 'never' } } : {};
  const walk = { faults, event: payload };
  const before = faults.length;
  const values = parseFields({ ...touser, ...row.fields }, payload, path, walk);
  if (faults.length > before) return [];

  const receiver = values['touser'] ?? (row.account === instead.account ? instead.touser : undefined);
  faults.push(...findFaults(kind, values, receiver, path, instead));
  return faults.length > before ? [] : [{ kind, payload: { ...values, touser: receiver } }];
}

function findFaults(
  kind: FallbackKind,
  values: Record<string, unknown>,
  receiver: unknown,
  path: string,
  { account, officialAppid }: FallbackFor,
): Fault[] {
  if (receiver === undefined) {
    return kind === 'template'
      ? [
          {
            path: `${path}.touser`,
            message: 'is missing: the user’s openid of the official account',
            errCode: 41009,
          },
        ]
      : [
          {
            path,
            message: `is the mini program’s; a message of the ${account} account has no such fallback`,
            errCode: 40035,
          },
        ];
  }
  if (values['touser'] !== undefined && !isOpenid(receiver))
    return [{ path: `${path}.touser`, message: 'must be an openid', errCode: 40003 }];
  if (kind === 'template') {
    return officialAppid === ''
      ? [
          {
            path,
            message: 'is the official account’s: the variable OFFICIAL_APPID is not set',
            errCode: 40013,
          },
        ]
      : [];
  }
  return checkValues(values['data'] as TemplateData).map((fault) => ({
    ...fault,
    path: `${path}.${fault.path}`,
  }));
}

/** The answer of what was sent instead. */
export type FallbackAnswer = Answer & { readonly sent?: FallbackKind };

/**
 * Tries the fallbacks in their order. What may have arrived ends the row: a next one could be a second message. Where
 * none gets through, the answer is the window's refusal, or the first one's where nothing came before, with what became
 * of each in `details`.
 */
export async function tryFallback(
  fallback: readonly Fallback[],
  refused: Refusal | undefined,
  ports: NoticePorts,
): Promise<FallbackAnswer> {
  let why = refused;
  const tried: { path: string; message: string }[] = [];
  for (const [index, { kind, payload }] of fallback.entries()) {
    const answer =
      ports.clock.remainingMs() < stepMs ? outOfTime() : await kinds[kind].deliver(payload, ports);
    if (answer.errCode === 0) return { ...answer, sent: kind };
    const { code, errMsg } = answer as Refusal;
    if (code === 'unknown-delivery') return { ...answer, sent: kind };
    why ??= answer as Refusal;
    tried.push({ path: `fallback[${index}].${kind}`, message: errMsg });
  }
  return { ...(why ?? outOfTime()), details: tried };
}

/** What is tried where the window is shut or full; `undefined` where the list is empty. */
export function insteadOf(
  fallback: readonly Fallback[],
  ports: NoticePorts,
): ((refused: Refusal) => Promise<FallbackAnswer>) | undefined {
  return fallback.length === 0 ? undefined : (refused) => tryFallback(fallback, refused, ports);
}
