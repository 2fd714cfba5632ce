import type { Account } from '../shared/wechat/account';
import type { ErrorCodeName } from '../shared/wechat/errors/errors';
import type { CamelKey } from '../shared/wechat/fields/case';
import type { CloudShape, Shape } from '../shared/wechat/fields/fields';
import type { MediaType } from '../shared/wechat/media';
import { messageForms, type ShortTypeName } from '../shared/wechat/messages/build-message';
import type { CloudFile, MessageInput, messageTypes } from '../shared/wechat/messages/message-types';
import type { subscribeFields, templateFields } from '../shared/wechat/messages/template-messages';

/**
 * kefu-cloud's functions, for a mini program: a method a function, over `wx.cloud.callFunction`.
 *
 * One file without imports once it is built (`dist/miniprogram/kefu-client.js`, types beside it), so that a mini
 * program can copy it. Nothing here throws for what the cloud answers: a refusal, and a call that never got through,
 * come back as a {@link Refusal}.
 */

export type { Account, CloudFile, ErrorCodeName, MediaType, MessageInput, ShortTypeName };

/** What `wx.cloud.callFunction` takes of us. */
export interface FunctionCall {
  readonly name: string;
  readonly data: object;
}

/** The way to the functions: `wx.cloud.callFunction`, or what does the same. */
export type CallFunction = (call: FunctionCall) => Promise<unknown>;

/** The accounts that may send each type of message. */
export type TypeAccounts = {
  readonly [K in keyof typeof messageTypes]: (typeof messageTypes)[K]['accounts'][number];
};

/** A message that an account may send: a mini program knows no voice, an official account no link card. */
export type MessageFor<Sender extends Account = 'miniprogram'> = Extract<
  MessageInput,
  {
    readonly msgtype: {
      [K in keyof TypeAccounts]: Sender extends TypeAccounts[K] ? K : never;
    }[keyof TypeAccounts];
  }
>;

/** Settings of {@link createCustomerService}. */
export interface CustomerServiceOptions<Sender extends Account = Account> {
  /**
   * How a function is called. Default `wx.cloud.callFunction`, looked up at each call, so that `wx.cloud.init` may
   * come later. For another environment: `call: (request) => otherCloud.callFunction(request)`.
   */
  readonly call?: CallFunction;
  /** The account of calls that name none and could be either's. Left out, the functions take `miniprogram`. */
  readonly account?: Sender;
}

/** What every refusal says. */
export interface Refusal {
  readonly ok: false;
  /** WeChat's number, or the platform's where the call did not get through. Never 0. */
  readonly errCode: number;
  readonly errMsg: string;
  /** One word of a closed set, for a `switch`. `unknown-delivery`: the message may have arrived. */
  readonly code: ErrorCodeName;
  /** Whether the same call can be made again after a wait. */
  readonly retryable: boolean;
  /** What to do, for a developer. */
  readonly advice: string;
  /** What is wrong with which field, with the path as the caller spelled it. */
  readonly details?: readonly { readonly path: string; readonly message: string }[];
}

/** What every method comes to: `ok` tells which of the two it is. */
export type Result<Extra extends object = object> =
  | ({ readonly ok: true; readonly errCode: 0; readonly errMsg: string } & Extra)
  | (Refusal & Partial<Extra>);

/** Whom a call is about. */
export interface Addressee {
  /** The user's openid. Left out, the caller itself; another's is for operators. */
  readonly touser?: string;
  readonly account?: Account;
}

/** What may accompany a send that should not happen twice. */
export interface OnceOptions {
  /**
   * The same id sends once, however often it comes: make it when the form opens ({@link newRequestId}), not when the
   * button is pressed.
   */
  readonly requestId?: string;
}

/** What is sent where the reply window is shut or full: a kind of message that needs none. */
export type Fallback =
  | { readonly subscribe: SubscribeContent }
  | { readonly template: TemplateContent & { readonly touser?: string } };

/** What a message is sent at once with. */
export interface AtOnce {
  readonly queue?: false;
  readonly priority?: never;
  readonly deadline?: never;
}

/** What a message is kept with for `kefu-outbox`, which sends it when it can; `id` in the answer then names it. */
export interface Queued {
  readonly queue: true;
  /** From 0, the default, to 9; the higher goes first. */
  readonly priority?: number;
  /** When it is no longer of use, in milliseconds since 1970. */
  readonly deadline?: number;
}

/** What may accompany a message, whether it is sent at once or kept. */
interface AnySendOptions<Sender extends Account> extends OnceOptions {
  readonly account?: Sender;
  /** Cuts a text over 2048 bytes into several messages; `results` then has a result for each. */
  readonly split?: boolean;
  /** Asks for what is left of the reply window after this message. */
  readonly window?: boolean;
  /** What to try, in this order, where the reply window is shut or full; `sent` then says which it was. */
  readonly fallback?: readonly Fallback[];
}

/** What may accompany a message. `priority` and `deadline` go with `queue: true` only. */
export type SendOptions<Sender extends Account = Account> = AnySendOptions<Sender> & (AtOnce | Queued);

/** One of many messages, with options of its own; `Kept` is `true` where all are queued. */
export type OneOfMany<Sender extends Account, Kept extends boolean> = {
  [S in Account]: MessageFor<S> &
    AnySendOptions<S> &
    (S extends Sender ? object : { readonly account: S }) &
    (Kept extends true ? Omit<Queued, 'queue'> & { readonly queue?: boolean } : AtOnce | Queued);
}[Account];

/** What may accompany a subscribe message. */
export interface SubscribeOptions extends OnceOptions {
  /** Cuts values that are too long for their key. */
  readonly cut?: boolean;
}

/** What is left of a user's reply window. */
export interface ReplyWindow {
  /** How many messages may still be sent. */
  readonly remaining: number;
  /** When the window shuts, in milliseconds since 1970; 0 where it never was open. */
  readonly closesAt: number;
}

/** What `send` answers beside success. */
export interface Sent {
  /** A result for each message, where a text was split. */
  readonly results?: readonly Result[];
  readonly window?: ReplyWindow;
  /** Which message it was, where there was a fallback. */
  readonly sent?: 'message' | 'subscribe' | 'template';
  /** The name of a message that was kept, and of each where a text was split. */
  readonly id?: string;
  readonly ids?: readonly string[];
  /** What was legal and surely not meant, such as a url-encoded text. */
  readonly hints?: readonly Hint[];
}

/** Something legal that is surely not meant; it went out as it stands. */
export interface Hint {
  readonly path: string;
  readonly message: string;
}

/** A file that WeChat now holds. Times are in seconds since 1970. */
export interface UploadedMedia {
  readonly mediaId: string;
  readonly type: MediaType;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A file of WeChat's that now is in cloud storage. */
export interface SavedMedia {
  readonly fileID: CloudFile;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** A template message of the official account, in either spelling, without the one it is for. */
export type TemplateContent =
  | Omit<Shape<typeof templateFields>, 'touser'>
  | Omit<CloudShape<typeof templateFields>, 'touser'>;

/** A subscribe message of the mini program, in either spelling, without the one it is for. */
export type SubscribeContent =
  | Omit<Shape<typeof subscribeFields>, 'touser'>
  | Omit<CloudShape<typeof subscribeFields>, 'touser'>;

/** A template message; `touser` is the openid of a follower of the official account. */
export type TemplateInput = TemplateContent & { readonly touser: string };

/** A subscribe message; `touser` left out means the caller. */
export type SubscribeInput = SubscribeContent & { readonly touser?: string };

/** A kind of notice, and whether the user wants it. */
export interface NoticeSwitch {
  readonly type: string;
  /** What it is called in front of a user. */
  readonly title: string;
  readonly on: boolean;
}

/** Settings of `typing`. */
export interface TypingOptions extends Addressee {
  /** Default `Typing`. */
  readonly command?: 'Typing' | 'CancelTyping';
  readonly businessid?: string;
}

/** The methods that send one type of message each. */
export type MessageMethods = {
  readonly [K in keyof typeof messageTypes as CamelKey<`send_${K}`>]: K;
};

/** What may accompany a message beside its body. */
export type ByTypeOptions = SendOptions & {
  readonly touser?: string;
  /** The customer-service account in whose name it is sent. */
  readonly kf_account?: string;
};

/** A method by type: `sendText('hi')` is `send({ msgtype: 'text', text: { content: 'hi' } })`. */
export type SendByType<K extends keyof TypeAccounts, Usual extends Account> = (
  body:
    | (MessageInput extends infer M ? (M extends { readonly [B in K]: infer Body } ? Body : never) : never)
    | (K extends ShortTypeName ? string : never),
  ...options: Usual extends TypeAccounts[K]
    ? [options?: ByTypeOptions & { readonly account?: TypeAccounts[K] }]
    : [options: ByTypeOptions & { readonly account: TypeAccounts[K] }]
) => Promise<Result<Sent>>;

/**
 * A method for each type of message. What one text makes (the content of a text, a media id, a `cloud://` file for a
 * picture or a sound) may be given as that text, everything else as the object under the type's name.
 */
export type SendsByType<Usual extends Account> = {
  readonly [Name in keyof MessageMethods]: SendByType<MessageMethods[Name], Usual>;
};

/** Customer service, as a mini program has it in its hands; `Usual` is the account of calls that name none. */
export interface CustomerService<Usual extends Account = 'miniprogram'> extends SendsByType<Usual> {
  /** Sends a message: `kefu-send`. `unknown-delivery` is never sent again by itself. */
  send<Sender extends Account = Usual>(
    message: MessageFor<Sender>,
    options?: SendOptions<Sender>,
  ): Promise<Result<Sent>>;
  /**
   * Sends up to 100 messages in one call, each with options of its own; the options beside the list hold for all.
   * One that is refused spoils no other: look at `results`.
   */
  sendAll<Sender extends Account = Usual, Kept extends boolean = false>(
    messages: readonly OneOfMany<Sender, Kept>[],
    options?: SendOptions<Sender> & { readonly touser?: string; readonly queue?: Kept },
  ): Promise<Result<{ readonly results: readonly Result<Sent>[] }>>;
  /** What is left of a user's reply window: `kefu-send` with nothing but `window`. Sends nothing. */
  window(who?: Addressee): Promise<Result<ReplyWindow>>;
  /** Shows or ends the sign that an answer is being written: `kefu-typing`. It lasts 15 s. */
  typing(options?: TypingOptions): Promise<Result>;
  /**
   * Shows the sign for as long as the work takes, and gives what the work gives. Neither a sign that WeChat refuses
   * nor a network that is gone fails or delays the work.
   */
  withTyping<T>(work: () => T | PromiseLike<T>, who?: Omit<TypingOptions, 'command'>): Promise<T>;
  /**
   * Hands a file of cloud storage to WeChat: `kefu-upload-media`. The type follows from the file if left out. A path
   * on the phone (`wxfile://…`, `http://tmp/…`) goes through `wx.cloud.uploadFile` first.
   */
  uploadMedia(
    fileID: CloudFile,
    options?: { readonly type?: MediaType; readonly account?: Account },
  ): Promise<Result<UploadedMedia>>;
  /** Saves a media file of WeChat's in cloud storage: `kefu-get-media`. */
  getMedia(mediaId: string, options?: { readonly account?: Account }): Promise<Result<SavedMedia>>;
  /** Sends a template message of the official account: `kefu-template-send`. */
  sendTemplate(
    message: TemplateInput,
    options?: OnceOptions,
  ): Promise<Result<{ readonly msgid: string; readonly hints?: readonly Hint[] }>>;
  /** Sends a subscribe message of the mini program: `kefu-subscribe-send`. */
  sendSubscribe(message: SubscribeInput, options?: SubscribeOptions): Promise<Result>;
  /** The kinds of notice, each with the user's own switch: `kefu-notify`. */
  notices(): Promise<Result<{ readonly notices: readonly NoticeSwitch[] }>>;
  /** Sets the user's own switch for a kind of notice: `kefu-notify`. */
  setNotice(type: string, on: boolean): Promise<Result<{ readonly on: boolean }>>;
}

/** An id for `requestId`, new each time. */
export function newRequestId(): string {
  const random = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}-${random()}${random()}`;
}

/** Whether an address is one of cloud storage, for the type of a message's `fileID`. */
export function isCloudFile(fileID: string): fileID is CloudFile {
  return fileID.startsWith('cloud://');
}

/** Makes the methods. Nothing is called until one of them is. */
export function createCustomerService<Usual extends Account = 'miniprogram'>(
  options: CustomerServiceOptions<Usual> = {},
): CustomerService<Usual> {
  const call = options.call ?? callCloud;
  const sending: { [key: string]: Promise<Result> } = {};
  let lastTyping: Promise<unknown> = Promise.resolve();

  /** Calls a function. Never rejects. */
  async function invoke<Extra extends object>(method: Method, ...parts: readonly unknown[]) {
    const data: Fields = Object.assign({}, ...parts);
    if (!method.bound && options.account !== undefined && data['account'] === undefined)
      data['account'] = options.account;
    let result: Result;
    const tried: Method = data['requestId'] === undefined ? method : Object.assign({ once: true }, method);
    try {
      result = readReply(tried, await call({ name: method.name, data }));
    } catch (error) {
      result = explain(tried, error);
    }
    return result as Result<Extra>;
  }

  /** A call whose id is under way is that call; afterwards the function knows the id. */
  function once<Extra extends object>(method: Method, message: unknown, given: OnceOptions = {}) {
    if (given.requestId === undefined) return invoke<Extra>(method, message, given);
    const key = `${method.name} ${given.requestId}`;
    const answer =
      sending[key] ??
      invoke(method, message, given).then((result) => {
        delete sending[key];
        return result;
      });
    sending[key] = answer;
    return answer as Promise<Result<Extra>>;
  }

  /** One typing call after the other: no sign is ended before it is shown. */
  function inLine<T>(act: () => Promise<T>): Promise<T> {
    const acted = lastTyping.then(act);
    lastTyping = acted;
    return acted;
  }

  const typing = (...parts: readonly unknown[]) => invoke<object>(methods.typing, ...parts);

  const byType: Fields = {};
  for (const form of messageForms) {
    const [method = '', msgtype = '', field] = form.split('.');
    byType[method] = (body: unknown, given: ByTypeOptions = {}) => {
      const { kf_account } = given;
      const short = typeof body === 'string' && field;
      const key = short && field === 'media_id' && isCloudFile(body) ? 'fileID' : short;
      return once<Sent>(
        methods.send,
        { msgtype, [msgtype]: key ? { [key]: body } : body },
        Object.assign({}, given, kf_account && { kf_account: undefined, customservice: { kf_account } }),
      );
    };
  }

  const service: Omit<CustomerService<Usual>, keyof MessageMethods> = {
    send: (message, given) => once<Sent>(methods.send, message, given),
    sendAll: (messages, given) => once(methods.sendAll, { messages }, given),
    async window(who) {
      const result = await invoke<{ window: ReplyWindow }>(methods.window, who, { window: true });
      return result.ok ? Object.assign({}, result, result.window) : (result as Refusal);
    },
    typing: (given) => inLine(() => typing(given)),
    async withTyping(work, who) {
      let shown = false;
      let ended = false;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const show = async () => {
        const answer = await inLine(() => typing(who));
        const already = !answer.ok && answer.code === 'already-typing';
        shown = shown || answer.ok || already;
        const waitMs = answer.ok ? renewMs : already ? lookAgainMs : answer.retryable ? retryMs : 0;
        if (!ended && waitMs > 0) timer = setTimeout(show, waitMs);
      };
      show();
      try {
        return await work();
      } finally {
        ended = true;
        if (timer !== undefined) clearTimeout(timer);
        inLine(async () => shown && typing(who, { command: 'CancelTyping' }));
      }
    },
    uploadMedia: (fileID, given) => invoke<UploadedMedia>(methods.uploadMedia, given, { fileID }),
    getMedia: (mediaId, given) => invoke<SavedMedia>(methods.getMedia, given, { mediaId }),
    sendTemplate: (message, given) => once<{ msgid: string }>(methods.sendTemplate, message, given),
    sendSubscribe: (message, given) => once<object>(methods.sendSubscribe, message, given),
    notices: () => invoke(methods.notices),
    setNotice: (type, on) => invoke(methods.setNotice, { type, on }),
  };
  return Object.assign(byType as SendsByType<Usual>, service);
}

/** A sign lasts 15 s; WeChat takes no second one while it shows, so a renewal that is early looks again soon. */
const renewMs = 14_000;
const lookAgainMs = 1_500;
/** How soon a sign is tried again that the network or the cloud kept from being shown. */
const retryMs = 3_000;

type Fields = { [name: string]: unknown };

interface Method {
  readonly name: string;
  /** Its repeat does harm: where no answer came, the message may have arrived. */
  readonly sends?: true;
  /** Its kind of message is one account's alone. */
  readonly bound?: true;
  /** It carries a requestId: the function knows a repeat. */
  readonly once?: true;
  /** What an answer of success has, by which it is known for one. */
  readonly has?: string;
}

const methods = {
  send: { name: 'kefu-send', sends: true },
  sendAll: { name: 'kefu-send', sends: true, has: 'results' },
  window: { name: 'kefu-send', has: 'window' },
  typing: { name: 'kefu-typing' },
  uploadMedia: { name: 'kefu-upload-media', has: 'mediaId' },
  getMedia: { name: 'kefu-get-media', has: 'fileID' },
  sendTemplate: { name: 'kefu-template-send', sends: true, bound: true },
  sendSubscribe: { name: 'kefu-subscribe-send', sends: true, bound: true },
  notices: { name: 'kefu-notify', bound: true, has: 'notices' },
  setNotice: { name: 'kefu-notify', bound: true, has: 'on' },
} as const satisfies Record<string, Method>;

interface Cause {
  readonly code: ErrorCodeName;
  readonly advice: string;
  readonly retryable?: true;
  /** The function may have done its work although no answer came. */
  readonly maybe?: true;
}

/** Why a call did not get through, or its answer is none. */
const causes = {
  missing: {
    code: 'not-found',
    advice: 'This environment has no such function: deploy it, and check the env given to wx.cloud.init.',
  },
  unready: {
    code: 'configuration-invalid',
    advice: 'Open cloud development for this appid and call wx.cloud.init({ env }) first, or pass call.',
  },
  login: { code: 'token-invalid', advice: 'Log in again in WeChat DevTools.' },
  permission: {
    code: 'permission-missing',
    advice: 'List the API in the function’s config.json, upload it with DevTools, and wait ten minutes.',
  },
  limited: {
    code: 'rate-limited',
    advice: 'The environment has too many calls at once. Call again after some seconds.',
    retryable: true,
  },
  offline: { code: 'wechat-busy', advice: 'No network. Call again when there is one.', retryable: true },
  late: {
    code: 'wechat-busy',
    advice: 'The function did not answer in time; give it a longer timeout if this comes often.',
    retryable: true,
    maybe: true,
  },
  silent: {
    code: 'wechat-busy',
    advice: 'No answer came from the cloud. Call again after some seconds.',
    retryable: true,
    maybe: true,
  },
  failed: {
    code: 'internal-error',
    advice: 'The function failed before it answered; its log in the cloud console says why.',
    maybe: true,
  },
  strange: {
    code: 'internal-error',
    advice: 'This is no answer of kefu-cloud: perhaps an older function has the name. Deploy it again.',
    maybe: true,
  },
  refused: { code: 'wechat-refused', advice: 'errCode is WeChat’s own; docs/errors.md explains it.' },
} as const satisfies Record<string, Cause>;

type CauseName = keyof typeof causes;

/** The platform's numbers that say enough by themselves. */
const causesByNumber: { readonly [errCode: number]: CauseName } = {
  [-404012]: 'late',
  [-501000]: 'missing',
  [-501002]: 'late',
  [-501003]: 'limited',
  [-501004]: 'limited',
  [-504003]: 'late',
  [-601034]: 'unready',
  [-604100]: 'permission',
  [-604101]: 'permission',
};

/** The numbers of a function that ran and failed. */
const threw = /-(404011|50400[12])/;

/** Where the number says little, the text does. The first that fits. */
const causesByText: readonly (readonly [RegExp, CauseName])[] = [
  [/function ?name|function not found|env(ironment)? not/i, 'missing'],
  [/wx\.cloud|invalid scope/, 'unready'],
  [/access_token/, 'login'],
  [/internet_disc|offline|not_resolved|unreachable|connection_refused/i, 'offline'],
  [/time(d)? ?out/i, 'late'],
  [threw, 'failed'],
];

/** WeChat's refusals that a page may want to tell apart, where a function hands on the bare number. */
const words: { readonly [errCode: number]: ErrorCodeName } = {
  40007: 'media-expired',
  43101: 'not-subscribed',
  45015: 'window-closed',
  45047: 'quota-exceeded',
  45080: 'typing-refused',
  45081: 'already-typing',
};

declare const wx: { readonly cloud?: { callFunction(call: FunctionCall): Promise<unknown> } } | undefined;

async function callCloud(request: FunctionCall): Promise<unknown> {
  if (typeof wx === 'undefined' || wx.cloud === undefined) throw new Error('there is no wx.cloud');
  return wx.cloud.callFunction(request);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** Reads what `callFunction` resolved with. */
function readReply(method: Method, reply: unknown): Result {
  const { result, errMsg } = fieldsOf(reply);
  // Other ways to call hand a failure back instead of throwing it.
  if (result === undefined && typeof errMsg === 'string' && !/:ok$/.test(errMsg))
    return explain(method, reply);
  const answer = fieldsOf(result);
  const has = answer[method.has ?? 'errCode'];
  if (
    typeof answer['errCode'] !== 'number' ||
    (answer['errCode'] === 0 && (has === undefined || has === null))
  ) {
    const shown = String(typeof result === 'object' ? JSON.stringify(result) : result);
    return refuse(method, causes.strange, -1, `${method.name} answered ${shown}`);
  }
  return toResult(answer);
}

/** An answer as a result. What a function of another make leaves out of a refusal is filled in. */
function toResult(answer: Fields): Result {
  const ok = answer['errCode'] === 0;
  const { results } = answer;
  const filled = ok ? {} : refuse({ name: '' }, causes.refused, Number(answer['errCode']), '');
  const inner = Array.isArray(results) ? { results: results.map((one) => toResult(fieldsOf(one))) } : {};
  return Object.assign(filled, answer, inner, { ok }) as Result;
}

/**
 * What a call that threw, or was handed back as failed, comes to. The innermost number counts: `-404011` and `-504002`
 * hold what went wrong inside.
 */
function explain(method: Method, error: unknown): Refusal {
  const { errMsg, message, errCode } = fieldsOf(error);
  const told = [errMsg, message, error].filter((one) => typeof one === 'string' && one !== '');
  const text = told.length > 0 ? String(told[0]) : 'the call failed';
  let inner = typeof errCode === 'number' ? errCode : 0;
  text.replace(/err(?:or)? ?code:? ?(-?\d+)/gi, (whole, digits: string) => {
    inner = Number(digits) || inner;
    return whole;
  });
  const all = `${errCode} ${text}`;
  const byText = causesByText.find(([pattern]) => pattern.test(all));
  const ran = threw.test(all);
  const otherwise = causesByNumber[inner] ?? (byText === undefined ? 'silent' : byText[1]);
  const name = ran && inner > 0 ? 'refused' : otherwise;
  const cause: Cause = causes[name];
  // A function that ran may have sent before it met what would else be harmless to repeat.
  const safe = !cause.retryable || cause.maybe || !ran;
  return refuse(method, safe ? cause : causes.failed, inner || -1, text);
}

function refuse(method: Method, cause: Cause, errCode: number, errMsg: string): Refusal {
  const maybe = method.sends && cause.maybe;
  const safe = method.once && cause.retryable;
  const unknown = maybe && !safe;
  return {
    ok: false,
    errCode,
    errMsg: errMsg.slice(0, 300),
    code: unknown ? 'unknown-delivery' : (cause === causes.refused && words[errCode]) || cause.code,
    retryable: !unknown && cause.retryable === true,
    advice: maybe
      ? `${cause.advice.split(/[.;:]/)[0]}. The message may have arrived: ${safe ? 'call again with the same requestId' : 'send it again only if twice does no harm'}.`
      : cause.advice,
  };
}
