import type { Account } from '../shared/wechat/account';
import type { PlainObject } from '../shared/wechat/fields/values';
import type { ModelAnswer } from './model/model';

/** One message in a conversation, as the phone shows it. */
export interface ConversationMessage {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: 'user' | 'service';
  readonly msgtype: string;
  /** From the service: the HTTPS payload. From the user: the push's fields. */
  readonly message: PlainObject;
  /** Where the page finds the pictures and sounds that the message names, by media id. */
  readonly media: { readonly [mediaId: string]: string };
}

/** What a user's conversation looks like at a moment. */
export interface Conversation {
  readonly openid: string;
  readonly account: Account;
  readonly messages: readonly ConversationMessage[];
  /** What the service may still send, and until when (milliseconds; 0 where the window was never open). */
  readonly window: { readonly remaining: number; readonly closesAt: number; readonly open: boolean };
  /** Whether the sign that an answer is being written shows. */
  readonly typing: boolean;
  /** Who has taken over: a customer-service account, or any (`''`); absent where the rules answer. */
  readonly person?: string | undefined;
}

/** Something that happened in the local WeChat: a line of its log and of its feed. */
export type Entry = { readonly seq: number; readonly at: number } & EntryBody;

/** A call of a function. */
interface Called {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly openid?: string | undefined;
  readonly data: unknown;
}

export type EntryBody =
  /** A function begins to be called; the entry `call` of the same id tells what came of it. */
  | (Called & {
      readonly kind: 'start';
      /** The call of the function that calls. */
      readonly by?: string | undefined;
      /** The push that it handles. */
      readonly push?: string | undefined;
    })
  /** A function was called. `answer` is what it returned, or the platform's error. */
  | (Called & {
      readonly kind: 'call';
      readonly answer: unknown;
      readonly failed: boolean;
      readonly durationMs: number;
      /** Whether the instance was started for this call. */
      readonly cold: boolean;
    })
  /** A call reached WeChat. */
  | {
      readonly kind: 'wire';
      readonly callId?: string | undefined;
      /** The name behind `cloud.openapi.`, or the HTTPS path. */
      readonly api: string;
      readonly account: Account;
      /** The payload as it arrived (HTTPS spelling), and the same in the spelling of a cloud call. */
      readonly https: PlainObject;
      readonly cloud: PlainObject;
      /** The size of the request's payload on the wire. */
      readonly bytes: number;
      /** WeChat's answer, or how the network failed. */
      readonly answer: unknown;
      readonly ok: boolean;
    }
  /** A message stands in a conversation. */
  | {
      readonly kind: 'message';
      readonly openid: string;
      readonly account: Account;
      readonly message: ConversationMessage;
    }
  /** The typing sign appeared or went. */
  | { readonly kind: 'typing'; readonly openid: string; readonly account: Account; readonly on: boolean }
  /** WeChat pushed what a user did. */
  | {
      readonly kind: 'push';
      /** The same for all attempts: the number of the entry that says what the user did, where there is one. */
      readonly id: string;
      readonly openid: string;
      readonly account: Account;
      /** The function, or the callback address, that it went to. */
      readonly to: string;
      /** From 1 to 3. */
      readonly attempt: number;
      readonly push: PlainObject;
      readonly answer: unknown;
      readonly ok: boolean;
      readonly durationMs: number;
    }
  /** The local model was asked. */
  | ({ readonly kind: 'model'; readonly callId?: string | undefined } & ModelAnswer)
  /** A line that a function wrote to its log. */
  | {
      readonly kind: 'log';
      readonly name: string;
      readonly callId?: string | undefined;
      readonly line: string;
    }
  /** The time was moved, a user did something without words, all was reset. */
  | { readonly kind: 'act'; readonly openid: string; readonly account: Account; readonly act: string }
  | { readonly kind: 'clock'; readonly now: number }
  | { readonly kind: 'reset' };
