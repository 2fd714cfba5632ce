import type { Account, ErrorCodeName, ReplyWindow } from '../../kefu-client';

/** What `kefu-desk` answers. Times are in milliseconds since 1970. */

export type ConversationState = 'bot' | 'waiting' | 'person' | 'closed';

/** Who said something: rules, code and models are the bot; `service` is other code of the owner's; notes are for colleagues. */
export type Speaker = 'user' | 'rule' | 'code' | 'model' | 'person' | 'service' | 'note' | 'event';

export interface Conversation {
  readonly id: string;
  readonly account: Account;
  readonly touser: string;
  readonly state: ConversationState;
  /** Who has it, where a person does. */
  readonly agent?: string;
  readonly agentName?: string;
  readonly lastText: string;
  readonly lastAt: number;
  readonly lastFrom: Speaker;
  /** The user's messages since somebody opened it. */
  readonly unread: number;
  /** Since when the user waits for a person. */
  readonly waitingSince?: number;
  readonly window: ReplyWindow;
}

/** WeChat's HTTPS payload without `touser`. */
export interface Payload {
  readonly msgtype: string;
  readonly [field: string]: unknown;
}

/** What became of a message; `unknown`: it may have arrived. */
export type MessageStatus = 'received' | 'sent' | 'failed' | 'unknown' | 'waiting';

export interface Message {
  readonly id: string;
  readonly at: number;
  readonly from: Speaker;
  readonly by?: string;
  readonly byName?: string;
  readonly message: Payload;
  readonly status: MessageStatus;
  readonly requestId?: string;
  readonly errCode?: number;
  readonly errMsg?: string;
}

export interface Agent {
  readonly openid: string;
  readonly name: string;
  /** When it was last at the desk; 0 for never. */
  readonly seenAt: number;
}

/** An answer that is kept to be used again. */
export interface Canned {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** One day, in China's time. */
export interface Day {
  /** Such as `2026-11-21`. */
  readonly day: string;
  readonly conversations: number;
  /** The usual time to the first answer; 0 where none was given. */
  readonly firstAnswerMs: number;
  readonly answeredByRule: number;
  readonly answeredByCode: number;
  readonly answeredByModel: number;
  readonly answeredByPerson: number;
  readonly satisfaction: { readonly good: number; readonly fair: number; readonly bad: number };
  /** Messages that WeChat refused. */
  readonly refused: number;
}

/** A page of a list; with `before` there is a further one. */
interface Paged {
  readonly before?: string;
  /** The server's time. */
  readonly at: number;
}

/** The actions of the desk: what each is asked with, and what it answers beside `errCode` and `errMsg`. */
export interface Actions {
  readonly list: {
    readonly event: {
      readonly state?: ConversationState;
      readonly mine?: true;
      readonly search?: string;
      readonly before?: string;
      readonly limit?: number;
    };
    readonly answer: Paged & {
      readonly conversations: readonly Conversation[];
      readonly me: { readonly openid: string; readonly name: string };
    };
  };
  readonly open: {
    readonly event: { readonly id: string; readonly before?: string };
    readonly answer: Paged & { readonly conversation: Conversation; readonly messages: readonly Message[] };
  };
  readonly changes: {
    readonly event: { readonly since: number; readonly id?: string };
    readonly answer: {
      readonly at: number;
      readonly conversations: readonly Conversation[];
      readonly messages?: readonly Message[];
    };
  };
  readonly claim: {
    readonly event: { readonly id: string };
    readonly answer: { readonly conversation: Conversation };
  };
  readonly release: {
    readonly event: { readonly id: string; readonly to: string };
    readonly answer: { readonly conversation: Conversation };
  };
  readonly close: {
    readonly event: { readonly id: string; readonly ask?: true };
    readonly answer: { readonly conversation: Conversation; readonly asked?: boolean };
  };
  readonly say: {
    readonly event: { readonly id: string; readonly message: Payload; readonly requestId: string };
    readonly answer: { readonly window?: ReplyWindow };
  };
  readonly note: {
    readonly event: { readonly id: string; readonly text: string };
    readonly answer: { readonly message: Message };
  };
  readonly canned: {
    readonly event: {
      readonly save?: { readonly id?: string; readonly title: string; readonly text: string };
      readonly remove?: string;
    };
    readonly answer: { readonly canned: readonly Canned[] };
  };
  readonly team: {
    readonly event: { readonly name?: string };
    readonly answer: { readonly agents: readonly Agent[] };
  };
  readonly stats: {
    readonly event: { readonly from?: string; readonly to?: string };
    readonly answer: { readonly days: readonly Day[] };
  };
}

export type ActionName = keyof Actions;

/** A refusal, and a call that did not get through (`offline`): then nothing is known of what it did. */
export interface DeskRefusal {
  readonly ok: false;
  readonly errCode: number;
  readonly errMsg: string;
  readonly code: ErrorCodeName | 'taken' | 'offline';
  readonly retryable: boolean;
  readonly advice: string;
  /** Who has the conversation, where it is `taken`. */
  readonly agent?: string;
  readonly agentName?: string;
}

export type DeskResult<A extends ActionName> = ({ readonly ok: true } & Actions[A]['answer']) | DeskRefusal;

/** Asks the desk for something. Never rejects. */
export type CallDesk = <A extends ActionName>(
  action: A,
  event: Actions[A]['event'],
) => Promise<DeskResult<A>>;
