import type { Account } from '../../../shared/wechat/account';
import type { Conversation, ConversationMessage, Entry } from '../../entries';
import type { Fault } from '../../faults';
import type { OutboxView } from '../../outbox-view';
import type { Story } from '../../story';
import type { TemplateEntry } from '../../wechat/templates';
import { asFields, type Fields } from '../fields';

/** Whose conversation the page shows. */
export interface Who {
  readonly account: Account;
  readonly openid: string;
}

/** A function that can be called. */
export interface FunctionInfo {
  readonly name: string;
  /** The folder of other people's functions that it stands in; absent for ours. */
  readonly from?: string;
}

/** What `GET /_emulator` tells of the local WeChat. */
export interface EmulatorInfo {
  /** The user who is there from the start. */
  readonly openid: string;
  /** `KEFU_OPERATORS`, comma separated. */
  readonly operators: string;
  /** A server that may use the gateway; absent where the variables name another. */
  readonly gatewayClient?: { readonly id: string; readonly secret: string };
  readonly appids: { readonly [A in Account]: string };
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The number of the last entry of the log. */
  readonly seq: number;
  readonly functions: readonly FunctionInfo[];
  /** The function that gets the mini program's pushes; absent where there are none. */
  readonly receiver?: string;
  /** Whether there is a mini program for the second phone. */
  readonly miniProgram: boolean;
  readonly users: { readonly [A in Account]: readonly string[] };
}

/** A file in cloud storage. */
export interface CloudFileInfo {
  readonly fileID: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** A template to add, as `POST /_emulator/templates` takes it. */
export interface NewTemplate {
  readonly account: Account;
  readonly template_id: string;
  /** Its text, with its fields as `{{thing1.DATA}}`; left out, it takes any. */
  readonly content?: string;
}

/** A call of a function, as `POST /_emulator/call` takes it. */
export interface CallRequest {
  readonly name: string;
  readonly data: unknown;
  readonly source: string;
  readonly openid?: string;
}

/** What came of a call: the function's own answer, or the platform's failure. */
export interface CallOutcome {
  readonly errMsg: string;
  readonly requestID?: string;
  readonly result?: unknown;
  /** Set where the platform failed: the function is missing, threw, or took too long. */
  readonly errCode?: number;
}

/** The local WeChat said no (`status`), or could not be reached (no `status`). */
export class ApiError extends Error {
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

const root = '/_emulator';

async function request<T>(method: string, path: string, body?: BodyInit): Promise<T> {
  const response = await fetch(root + path, { method, body: body ?? null }).catch((cause: unknown) => {
    throw new ApiError(cause instanceof Error ? cause.message : String(cause));
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const { error } = asFields(answer);
  throw new ApiError(typeof error === 'string' ? error : response.statusText, response.status);
}

function userPath({ account, openid }: Who, action: string): string {
  return `/users/${encodeURIComponent(openid)}/${action}?account=${account}`;
}

const send = <T>(method: string, path: string, body: unknown) =>
  request<T>(method, path, JSON.stringify(body));

/** The REST interface of the local WeChat, as far as the page uses it. Every function throws {@link ApiError}. */
export const api = {
  info: () => request<EmulatorInfo>('GET', ''),
  conversation: (who: Who) => request<Conversation>('GET', userPath(who, 'conversation')),
  say: (who: Who, message: Fields) => send<ConversationMessage>('POST', userPath(who, 'say'), message),
  act: (who: Who, act: string) => send<Conversation>('POST', userPath(who, 'act'), { act }),
  call: (call: CallRequest) => send<CallOutcome>('POST', '/call', call),
  advance: (advanceMs: number) => send<{ readonly now: number }>('POST', '/clock', { advanceMs }),
  faults: () => request<readonly Fault[]>('GET', '/faults'),
  putFaults: (faults: readonly Fault[]) => send<readonly Fault[]>('PUT', '/faults', faults),
  setReceiver: (name: string) => send<{ readonly name: string }>('PUT', '/receiver', { name }),
  templates: () => request<readonly TemplateEntry[]>('GET', '/templates'),
  addTemplate: (template: NewTemplate) => send<TemplateEntry>('POST', '/templates', template),
  subscribe: (who: Who, templateId: string) =>
    send<unknown>('POST', userPath(who, 'subscribe'), { template_id: templateId }),
  /** Pushes any fields in a user's name. */
  push: (who: Who, push: Fields) => send<Conversation>('POST', userPath(who, 'push'), push),
  setVariables: (variables: { readonly [name: string]: string }) =>
    send<{ readonly [name: string]: string }>('PUT', '/variables', variables),
  /** What was done so far; `until` an entry of the log, where one is given. */
  story: (until?: number) => request<Story>('GET', until === undefined ? '/story' : `/story?until=${until}`),
  playStory: (story: unknown) => send<{ readonly played: number }>('POST', '/story', story),
  reset: () => request<{ readonly now: number }>('POST', '/reset'),
  outbox: () => request<OutboxView>('GET', '/outbox'),
  files: () => request<readonly CloudFileInfo[]>('GET', '/files'),
  upload: (file: File) =>
    request<{ readonly fileID: string }>('PUT', `/files/uploads/${encodeURIComponent(file.name)}`, file),
  logSince: (seq: number) => request<readonly Entry[]>('GET', `/log?since=${seq}`),
} as const;

/** The address of the live feed, for an `EventSource`. */
export const feedUrl = `${root}/feed`;
