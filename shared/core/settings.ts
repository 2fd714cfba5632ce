import type { Account } from '../wechat/account';
import { type CallName, callRow } from '../wechat/calls';

/**
 * The environment variables, one row each: its form, what it comes to, and which functions need it; what it means is in
 * `variable-meanings.ts`, which the functions do not load. Read once an instance, with an error that names the variable
 * and never prints its value. A deploy gives a function those that it needs and no others.
 */

/** What a gateway's client may be let do: send messages and typing signs; templates and subscribe messages; media. */
export const gatewayScopes = ['send', 'template', 'media'] as const;

export type GatewayScope = (typeof gatewayScopes)[number];

/**
 * A server that may send through `kefu-gateway` as it would through `api.weixin.qq.com`. Two of one id are one server
 * with two secrets, both good.
 */
export interface GatewayClient {
  /** What it sends as `appid`. */
  readonly id: string;
  /** What it sends as `secret`. */
  readonly secret: string;
  /** The account it sends from. */
  readonly account: Account;
  readonly scopes: readonly GatewayScope[];
}

/** Whether a function sends to users: a call whose repeat does harm. */
export function isSending({ calls }: Pick<Needs, 'calls'>): boolean {
  return calls.some((name) => !callRow(name).repeatable);
}

/** What of a function decides which variables it needs. */
interface Needs {
  readonly name: string;
  readonly calls: readonly CallName[];
}

type Environment = { readonly [name: string]: string | undefined };

interface Variable {
  /** The name of its value among the {@link Settings}. */
  readonly as: string;
  /** What each entry of it matches; empty means not set. */
  readonly form: RegExp;
  /** What the form asks for, as it ends a sentence. */
  readonly asks: string;
  /** Whether entries are separated by commas. */
  readonly many?: true;
  readonly read: (entries: readonly string[], environment: Environment) => unknown;
  readonly neededBy: (needs: Needs) => boolean;
}

const appid = { form: /^wx[0-9a-zA-Z]{1,30}$/, asks: 'must be an appid, which begins with wx' } as const;

const one = ([entry = '']: readonly string[]) => entry;
const every = () => true;
const only =
  (...names: string[]) =>
  ({ name }: Needs) =>
    names.includes(name);
/** Functions that an official account's calls go through; over HTTPS it has all but what `httpsOnly` excludes. */
const official = ({ calls }: Needs) => calls.some((name) => callRow(name).accounts.includes('official'));

export const variables = {
  KEFU_OPERATORS: {
    as: 'operators',
    form: /^[!-~]{1,128}$/,
    asks: 'must be openids separated by commas',
    many: true,
    read: (entries): ReadonlySet<string> => new Set(entries),
    neededBy: every,
  },
  KEFU_SECRET: {
    as: 'secret',
    form: /^[!-~]{32,256}$/,
    asks: 'must be 32 characters or more, without blanks',
    read: one,
    neededBy: every,
  },
  KEFU_CLIENT_SENDS: {
    as: 'clientSends',
    form: /^(?:on|off)$/,
    asks: 'must be on or off',
    read: ([entry]): boolean => entry !== 'off',
    neededBy: isSending,
  },
  KEFU_CLIENT_FILES: {
    as: 'clientFiles',
    form: /^(?:\*|[\w-][\w.-]*(?:\/[\w-][\w.-]*)*)$/,
    asks: 'must be folders of cloud storage separated by commas, or *',
    many: true,
    read: (entries) => entries,
    neededBy: only('kefu-send', 'kefu-upload-media'),
  },
  MINIPROGRAM_APPID: {
    as: 'miniprogramAppid',
    ...appid,
    read: one,
    neededBy: only('kefu-gateway', 'kefu-send', 'kefu-desk'),
  },
  OFFICIAL_APPID: {
    as: 'officialAppid',
    ...appid,
    read: one,
    neededBy: official,
  },
  OFFICIAL_SECRET: {
    as: 'officialSecret',
    form: /^[!-~]+$/,
    asks: 'must be an AppSecret, without blanks',
    read: one,
    neededBy: official,
  },
  OFFICIAL_CHANNEL: {
    as: 'officialChannel',
    form: /^(?:cloud|https)$/,
    asks: 'must be cloud or https',
    read: ([entry]): 'cloud' | 'https' => (entry === 'https' ? 'https' : 'cloud'),
    neededBy: official,
  },
  WECHAT_API_URL: {
    as: 'apiUrl',
    form: /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/,
    asks: 'must be an address, https://…',
    read: ([entry = 'https://api.weixin.qq.com']) => entry.replace(/\/+$/, ''),
    neededBy: official,
  },
  KEFU_HISTORY_DAYS: {
    as: 'historyDays',
    form: /^\d{1,4}$/,
    asks: 'must be a number of days, 0 to 9999',
    read: ([entry = '0']) => Number(entry),
    neededBy: isSending,
  },
  KEFU_OUTBOX_KEEP: {
    as: 'outboxKeep',
    form: /^(?:text|hashes)$/,
    asks: 'must be text or hashes',
    read: ([entry]): 'text' | 'hashes' => (entry === 'hashes' ? 'hashes' : 'text'),
    neededBy: only('kefu-outbox', 'kefu-receive', 'kefu-gateway', 'kefu-answer', 'kefu-desk'),
  },
  GATEWAY_CLIENTS: {
    as: 'gatewayClients',
    // A secret that signs tokens must stand against guesses of whoever finds one.
    form: /^[^:\s]+:[^:\s]{32,}(?::(?:miniprogram|official)(?::(?:(?:send|template|media)\b\+?)+)?)?$/,
    asks: 'must be id:secret[:account[:scope+scope]], separated by commas; a secret has 32 characters or more: npm run secret makes one',
    many: true,
    read: (entries, { OFFICIAL_APPID }): readonly GatewayClient[] =>
      entries.map((entry) => readClient(entry, OFFICIAL_APPID?.trim())),
    neededBy: only('kefu-gateway'),
  },
  MODEL_URL: {
    as: 'modelUrl',
    form: /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/,
    asks: 'must be an address, https://…',
    read: ([entry = '']) => entry.replace(/\/+$/, ''),
    neededBy: only('kefu-answer'),
  },
  MODEL_KEY: {
    as: 'modelKey',
    form: /^[!-~]+$/,
    asks: 'must be a key, without blanks',
    read: one,
    neededBy: only('kefu-answer'),
  },
  MODEL_NAME: {
    as: 'modelName',
    form: /^[!-~]{1,128}$/,
    asks: 'must be a name, without blanks',
    read: one,
    neededBy: only('kefu-answer'),
  },
  CALLBACK_TOKEN: {
    as: 'callbackToken',
    form: /^[A-Za-z0-9]{3,32}$/,
    asks: 'must be 3 to 32 letters and digits',
    read: one,
    neededBy: only('kefu-gateway'),
  },
  CALLBACK_AES_KEY: {
    as: 'callbackAesKey',
    form: /^[A-Za-z0-9+/]{43}$/,
    asks: 'must be the 43 characters of an EncodingAESKey',
    read: one,
    neededBy: only('kefu-gateway'),
  },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;

export const variableNames = Object.keys(variables) as readonly VariableName[];

/** What the variables come to, by the name that each row gives. A text that is not set is empty. */
export type Settings = {
  readonly [V in VariableName as (typeof variables)[V]['as']]: ReturnType<(typeof variables)[V]['read']>;
};

/** The variables that a function needs. */
export function variablesOf(needs: Needs): VariableName[] {
  return variableNames.filter((name) => variables[name].neededBy(needs));
}

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly variable: VariableName; readonly message: string };

/** Reads the settings out of an environment. */
export function parseSettings(environment: Environment): ParsedSettings {
  const values: Record<string, unknown> = {};
  for (const name of variableNames) {
    const row: Variable = variables[name];
    const text = environment[name] ?? '';
    const entries = (row.many === true ? text.split(',') : [text])
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
    if (!entries.every((entry) => row.form.test(entry)))
      return { ok: false, variable: name, message: row.asks };
    values[row.as] = row.read(entries, environment);
  }
  const settings = values as unknown as Settings;
  const { officialChannel, officialAppid, officialSecret } = settings;
  return officialChannel === 'https' && officialAppid !== '' && officialSecret === ''
    ? { ok: false, variable: 'OFFICIAL_SECRET', message: 'is not set; the channel https needs it' }
    : { ok: true, settings };
}

/** A client that names no account sends from the one whose appid it bears, else from the mini program. */
function readClient(entry: string, officialAppid: string | undefined): GatewayClient {
  const [id = '', secret = '', account, scopes] = entry.split(':');
  const named = account === 'official' || account === 'miniprogram' ? account : undefined;
  return {
    id,
    secret,
    account: named ?? (id === officialAppid ? 'official' : 'miniprogram'),
    scopes: gatewayScopes.filter((scope) => scopes?.split('+').includes(scope) ?? true),
  };
}
