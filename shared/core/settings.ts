import type { Account } from '../wechat/account';

/**
 * The environment variables, one row each. Read once an instance, by one table, with an error that names the variable
 * and never prints its value.
 */

/** A server that may send through `kefu-gateway` as it would through `api.weixin.qq.com`. */
export interface GatewayClient {
  /** What it sends as `appid`. */
  readonly id: string;
  /** What it sends as `secret`. */
  readonly secret: string;
  /** The account it sends from. */
  readonly account: Account;
}

/** What the variables come to. */
export interface Settings {
  /** The openids that may act for any user. */
  readonly operators: ReadonlySet<string>;
  /** The mini program's own appid; needed for its encrypted callback only. */
  readonly miniprogramAppid: string;
  /** The official account's appid; empty where there is none. */
  readonly officialAppid: string;
  /** Its AppSecret; needed by the channel `https` only. */
  readonly officialSecret: string;
  /** The way to WeChat for the official account: cloud calls, or HTTPS with an access token of our own. */
  readonly officialChannel: 'cloud' | 'https';
  /** Where WeChat's HTTPS interface is, without a slash at the end. */
  readonly apiUrl: string;
  readonly gatewayClients: readonly GatewayClient[];
  /** The callback's token; empty where there is no callback. */
  readonly callbackToken: string;
  /** The callback's EncodingAESKey, 43 characters; empty where pushes come plain. */
  readonly callbackAesKey: string;
  /** What the outbox keeps of a message that it could not send: its text, to be put back, or only a hash of it. */
  readonly outboxKeep: 'text' | 'hashes';
}

/** A variable, in words. */
export const variables = {
  KEFU_OPERATORS: 'openids that may send to anyone, comma separated',
  MINIPROGRAM_APPID: 'the mini program’s own appid, for its encrypted callback only',
  OFFICIAL_APPID: 'the appid of the official account beside the mini program',
  OFFICIAL_SECRET: 'its AppSecret, for the channel https',
  OFFICIAL_CHANNEL: 'cloud (default) or https: how the official account reaches WeChat',
  WECHAT_API_URL: 'WeChat’s HTTPS interface, default https://api.weixin.qq.com',
  KEFU_OUTBOX_KEEP: 'text (default) or hashes: what the outbox keeps of messages that it could not send',
  GATEWAY_CLIENTS: 'servers that may use kefu-gateway: id:secret or id:secret:account, comma separated',
  CALLBACK_TOKEN: 'the token of the callback address, as in the official account’s server settings',
  CALLBACK_AES_KEY: 'its EncodingAESKey, 43 characters, where pushes come encrypted',
} as const satisfies Record<string, string>;

export type VariableName = keyof typeof variables;

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly variable: VariableName; readonly message: string };

/** What is wrong with a variable. Thrown and caught in this file only. */
class WrongVariable {
  constructor(
    readonly variable: VariableName,
    readonly message: string,
  ) {}
}

type Environment = { readonly [name: string]: string | undefined };

/** Reads the settings out of an environment. */
export function parseSettings(environment: Environment): ParsedSettings {
  try {
    return { ok: true, settings: readSettings(environment) };
  } catch (error) {
    if (error instanceof WrongVariable)
      return { ok: false, variable: error.variable, message: error.message };
    throw error;
  }
}

function readSettings(environment: Environment): Settings {
  const officialAppid = matching(
    environment,
    'OFFICIAL_APPID',
    /^(?:wx[0-9a-zA-Z]{1,30})?$/,
    'must be an appid, which begins with wx',
  );
  const officialSecret = matching(
    environment,
    'OFFICIAL_SECRET',
    /^[!-~]*$/,
    'must be an AppSecret, without blanks',
  );
  const officialChannel =
    matching(environment, 'OFFICIAL_CHANNEL', /^(?:cloud|https)?$/, 'must be cloud or https') || 'cloud';
  const apiUrl = matching(
    environment,
    'WECHAT_API_URL',
    /^(?:https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?)?$/,
    'must be an address, https://…',
  );
  if (officialChannel === 'https' && officialAppid !== '' && officialSecret === '') {
    throw new WrongVariable('OFFICIAL_SECRET', 'is not set; the channel https needs it');
  }
  return {
    operators: new Set(
      list(environment, 'KEFU_OPERATORS', /^[!-~]{1,128}$/, 'must be openids separated by commas'),
    ),
    miniprogramAppid: matching(
      environment,
      'MINIPROGRAM_APPID',
      /^(?:wx[0-9a-zA-Z]{1,30})?$/,
      'must be an appid, which begins with wx',
    ),
    officialAppid,
    officialSecret,
    officialChannel: officialChannel === 'https' ? 'https' : 'cloud',
    apiUrl: (apiUrl || 'https://api.weixin.qq.com').replace(/\/+$/, ''),
    callbackToken: matching(
      environment,
      'CALLBACK_TOKEN',
      /^(?:[A-Za-z0-9]{3,32})?$/,
      'must be 3 to 32 letters and digits',
    ),
    callbackAesKey: matching(
      environment,
      'CALLBACK_AES_KEY',
      /^(?:[A-Za-z0-9+/]{43})?$/,
      'must be the 43 characters of an EncodingAESKey',
    ),
    outboxKeep:
      matching(environment, 'KEFU_OUTBOX_KEEP', /^(?:text|hashes)?$/, 'must be text or hashes') === 'hashes'
        ? 'hashes'
        : 'text',
    gatewayClients: list(
      environment,
      'GATEWAY_CLIENTS',
      /^[^:\s]+:[^:\s]{8,}(?::(?:miniprogram|official))?$/,
      'must be id:secret or id:secret:account, separated by commas; a secret has eight characters or more',
    ).map((entry) => readClient(entry, officialAppid)),
  };
}

/** A client that names no account sends from the one whose appid it bears, else from the mini program. */
function readClient(entry: string, officialAppid: string): GatewayClient {
  const [id = '', secret = '', account] = entry.split(':');
  const named = account === 'official' || account === 'miniprogram' ? account : undefined;
  return { id, secret, account: named ?? (id === officialAppid ? 'official' : 'miniprogram') };
}

function matching(
  environment: Environment,
  variable: VariableName,
  pattern: RegExp,
  message: string,
): string {
  const value = environment[variable]?.trim() ?? '';
  if (!pattern.test(value)) throw new WrongVariable(variable, message);
  return value;
}

function list(environment: Environment, variable: VariableName, pattern: RegExp, message: string): string[] {
  const entries = (environment[variable] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (!entries.every((entry) => pattern.test(entry))) throw new WrongVariable(variable, message);
  return entries;
}
