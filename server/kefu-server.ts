import type { Account } from '../shared/wechat/account';
import type { ErrorCodeName } from '../shared/wechat/errors/errors';
import {
  type HelperTypes,
  helperForms,
  type ListTypeName,
  type ShortTypeName,
} from '../shared/wechat/messages/build-message';
import type { CloudFile, MessageInput } from '../shared/wechat/messages/message-types';

/**
 * Customer messages for server code, a helper for each type: `send_text`, `send_image` … `send_menu`, as the Elixir
 * module `WeChat.CustomMessage` names them, over `kefu-send` from a cloud function of yours or over `kefu-gateway` from
 * anywhere else.
 *
 * One file without imports once it is built (`dist/server/kefu-server.js`, types beside it), to be copied. Nothing here
 * throws for what WeChat, the cloud or the network answers.
 */

export type { Account, CloudFile, ErrorCodeName, HelperTypes, ListTypeName, MessageInput, ShortTypeName };

/** From a cloud function of yours, over `kefu-send` and `kefu-typing` of the same environment. */
export interface ByFunction {
  /** `(request) => cloud.callFunction(request)`, with the `cloud` of wx-server-sdk after its `init`. */
  readonly call: (request: { readonly name: string; readonly data: object }) => Promise<unknown>;
  /** The account that sends where a call names none. Left out, the functions take `miniprogram`. */
  readonly account?: Account;
}

/** From a server of yours, over `kefu-gateway`, which sends from the account that `GATEWAY_CLIENTS` gives the id. */
export interface ByGateway {
  /** The gateway's address, `https://<your HTTP access domain>/wechat/`. */
  readonly base: string;
  readonly id: string;
  readonly secret: string;
  /** How long an answer is waited for. Default 30 000 ms, as long as the gateway itself may take. */
  readonly timeoutMs?: number;
}

/** What may accompany a message of any type. */
export interface Accompanying {
  /** The customer-service account in whose name it is sent. */
  readonly kf_account?: string;
  /** `is_ai_msg: 1` shows under the message that a model wrote it. */
  readonly aimsgcontext?: { readonly is_ai_msg: 0 | 1 };
  readonly businessid?: string;
}

/** What `kefu-send` takes beside a message; the gateway takes none of it. */
export interface SendOptions extends Accompanying {
  readonly account?: Account;
  /** The same id sends once, however often it comes. */
  readonly requestId?: string;
  /** Cuts a text over 2048 bytes into several messages. */
  readonly split?: boolean;
  readonly window?: boolean;
  readonly queue?: boolean;
  readonly priority?: number;
  readonly deadline?: number;
  readonly fallback?: readonly object[];
}

/** It was not done, or nobody knows. */
export interface Refusal {
  readonly ok: false;
  /** WeChat's number, or the platform's. Never 0. */
  readonly errCode: number;
  readonly errMsg: string;
  /** `unknown-delivery`: the message may have arrived; it is never sent again by itself. */
  readonly code: ErrorCodeName;
  /** Whether the same call can be made again after a wait. */
  readonly retryable: boolean;
  readonly advice?: string;
  readonly details?: readonly { readonly path: string; readonly message: string }[];
}

/** What every helper comes to. What else `kefu-send` answers (`id`, `window`, `hints` …) is in it as well. */
export type Result =
  | { readonly ok: true; readonly errCode: 0; readonly errMsg: string; readonly [field: string]: unknown }
  | Refusal;

type InputBody<K extends string> = MessageInput extends infer M
  ? M extends { readonly [B in K]: infer Body }
    ? Body
    : never
  : never;

type Entry<Body> = Body extends object
  ? { [F in keyof Body]: Body[F] extends readonly (infer E)[] ? E : never }[keyof Body]
  : never;

/**
 * The body of a message: the object under the type's name; for types that one text makes (a content, a media id, a
 * `cloud://` file) that text; for a list one entry of it.
 */
export type Body<K extends string> =
  | InputBody<K>
  | (K extends ShortTypeName ? string : never)
  | (K extends ListTypeName ? Entry<InputBody<K>> : never);

/** Sends a message of one type. A text in the last place is the `kf_account`. */
export type Helper<K extends string, Options> = (
  openid: string,
  body: Body<K>,
  options?: string | Options,
) => Promise<Result>;

/** The helpers, made from the table of message types. */
export type CustomMessage<Options extends Accompanying> = {
  readonly [Name in keyof HelperTypes]: Helper<HelperTypes[Name], Options>;
} & {
  /** Sends a message as it stands: its body under its type, in either spelling. */
  send_msg(message: object): Promise<Result>;
  /** Shows the sign that an answer is being written, or ends it. It lasts 15 s. */
  typing(openid: string, is_typing?: boolean, options?: Pick<SendOptions, 'account'>): Promise<Result>;
};

/** Makes the helpers. Nothing is called until one of them is. */
export function createCustomMessage(way: ByFunction): CustomMessage<SendOptions>;
export function createCustomMessage(way: ByGateway): CustomMessage<Accompanying>;
export function createCustomMessage(way: ByFunction | ByGateway): object {
  const act = 'call' in way ? byFunction(way) : byGateway(way);
  const helpers: { [name: string]: unknown } = {
    send_msg: (message: object) => act(acts.send, message),
    typing: (touser: string, is_typing = true, options: object = {}) =>
      act(acts.typing, { ...options, touser, command: is_typing ? 'Typing' : 'CancelTyping' }),
  };
  for (const form of helperForms) {
    const [name = '', msgtype = '', field] = form.split('.');
    helpers[name] = (touser: string, body: unknown, options: string | Accompanying = {}) => {
      const { kf_account, ...more } = typeof options === 'string' ? { kf_account: options } : options;
      const named = kf_account === undefined ? {} : { customservice: { kf_account } };
      return act(acts.send, { ...more, ...named, touser, msgtype, [msgtype]: toBody(body, field) });
    };
  }
  return helpers;
}

/** What was handed in as a body: one text, one entry of a list, or all of it. */
function toBody(body: unknown, field: string | undefined): unknown {
  if (field === undefined) return body;
  const list = field.endsWith('[]') ? field.slice(0, -2) : undefined;
  if (list !== undefined) {
    if (Array.isArray(body)) return { [list]: body };
    return fieldsOf(body)[list] === undefined ? { [list]: [body] } : body;
  }
  if (typeof body !== 'string') return body;
  return { [field === 'media_id' && body.startsWith('cloud://') ? 'fileID' : field]: body };
}

interface Act {
  readonly function: string;
  readonly path: string;
  /** Its repeat does harm: where no answer came, the message may have arrived. */
  readonly sends: boolean;
}

const acts = {
  send: { function: 'kefu-send', path: 'cgi-bin/message/custom/send', sends: true },
  typing: { function: 'kefu-typing', path: 'cgi-bin/message/custom/typing', sends: false },
} as const satisfies Record<string, Act>;

type Way = (act: Act, data: object) => Promise<Result>;
type Fields = { readonly [name: string]: unknown };

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function byFunction({ call, account }: ByFunction): Way {
  return async (act, given) => {
    const data: Fields = { ...(account === undefined ? {} : { account }), ...given };
    try {
      const { result } = fieldsOf(await call({ name: act.function, data }));
      const answer = fieldsOf(result);
      const { errCode } = answer;
      return typeof errCode === 'number'
        ? ({ ...answer, ok: errCode === 0 } as unknown as Result)
        : lost(act, `${act.function} gave no answer of its own`);
    } catch (error) {
      const { errMsg, message } = fieldsOf(error);
      const text = String(errMsg ?? message ?? 'the call failed').slice(0, 300);
      return /function ?name|function not found/i.test(text)
        ? refuse(-501000, text, 'not-found')
        : lost(act, text, data['requestId'] !== undefined);
    }
  };
}

/** How long before its end a token is no longer used. */
const marginMs = 5 * 60_000;

function byGateway({ base, id, secret, timeoutMs = 30_000 }: ByGateway): Way {
  let token: { readonly text: Promise<string | Refusal>; readonly until: () => number } | undefined;

  const post = async (path: string, query: string, body: object) => {
    const response = await fetch(`${base.replace(/\/?$/, '/')}${path}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = fieldsOf(await response.json().catch(() => undefined));
    return { status: response.status, answer };
  };

  /** One token for all calls, and one request for it however many wait. */
  const tokenFor = (): Promise<string | Refusal> => {
    if (token !== undefined && Date.now() < token.until()) return token.text;
    let until = Number.POSITIVE_INFINITY;
    const text = post('cgi-bin/stable_token', '', { grant_type: 'client_credential', appid: id, secret })
      .then(({ status, answer }) => {
        const { access_token, expires_in, errcode, errmsg } = answer;
        if (typeof access_token === 'string') {
          until = Date.now() + Number(expires_in) * 1000 - marginMs;
          return access_token;
        }
        until = 0;
        return typeof errcode === 'number'
          ? refuse(errcode, String(errmsg), 'token-invalid')
          : refuse(
              -501001,
              `the gateway answered with status ${status}`,
              status < 500 ? 'not-found' : 'wechat-busy',
            );
      })
      .catch(() => {
        until = 0;
        return refuse(-501001, 'the gateway could not be reached', 'wechat-busy');
      });
    token = { text, until: () => until };
    return text;
  };

  const attempt = async (act: Act, data: object, again: boolean): Promise<Result> => {
    const access = await tokenFor();
    if (typeof access !== 'string') return access;
    try {
      const { status, answer } = await post(act.path, `?access_token=${encodeURIComponent(access)}`, data);
      const { errcode, errmsg } = answer;
      if (typeof errcode !== 'number')
        return status < 500
          ? refuse(-501001, `the gateway answered with status ${status}`, 'not-found')
          : lost(act, `the gateway answered with status ${status}`);
      const text = String(errmsg);
      if (errcode === 0) return { ok: true, errCode: 0, errMsg: text };
      if (again && (errcode === 42001 || errcode === 40001)) {
        // The gateway knows the token no longer, so nothing was sent.
        token = undefined;
        return await attempt(act, data, false);
      }
      if (errcode === -1) return refuse(errcode, text, 'wechat-busy');
      return text.startsWith('unknown delivery')
        ? refuse(errcode, text, 'unknown-delivery')
        : refuse(errcode, text, 'wechat-refused');
    } catch (error) {
      const { code } = fieldsOf(fieldsOf(error)['cause']);
      return code === 'ECONNREFUSED' || code === 'ENOTFOUND'
        ? refuse(-501001, 'the gateway could not be reached', 'wechat-busy')
        : lost(act, 'the gateway gave no answer');
    }
  };
  return (act, data) => attempt(act, data, true);
}

/** No answer came: it may have been done. Under a requestId the function itself knows a repeat. */
function lost({ sends }: Act, errMsg: string, once = false): Refusal {
  return refuse(-501001, errMsg, sends && !once ? 'unknown-delivery' : 'wechat-busy');
}

function refuse(errCode: number, errMsg: string, code: ErrorCodeName): Refusal {
  return { ok: false, errCode, errMsg, code, retryable: code === 'wechat-busy' };
}
