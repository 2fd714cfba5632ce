import type { Account } from '../../wechat/account';
import type { Push, UnknownPush } from '../../wechat/pushes/pushes';
import type { ReplyWindow } from '../../wechat/reply-window';
import type { Reply } from './reply';

/** What an answer by code or by a model is made from, and what it may be. */

/** Something that was said in a conversation. */
export interface Said {
  readonly from: 'user' | 'service' | 'person';
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a user wrote, and what an answer to it may use. Nothing in it is another user's. */
export interface Turn {
  /** What came; where several came in a row, the last of them. */
  readonly push: Push | UnknownPush;
  readonly account: Account;
  /** The user who wrote, as WeChat says: never from the text, and never from a model. */
  readonly openid: string;
  /** The text, `''` where there is none; several in a row are one text, a line each. */
  readonly text: string;
  /** What was said before, the newest last; empty where nothing is kept. */
  readonly history: readonly Said[];
  /** What is believed to be left of the user's reply window. */
  readonly window: ReplyWindow;
  /** Calls another cloud function of the environment; what it answers. It sees the call as the owner's own. */
  readonly callFunction: (name: string, data: object) => Promise<unknown>;
  /** A collection of the cloud database, as `cloud.database().collection(name)` gives it. */
  readonly collection: (name: string) => UserCollection;
}

/** The part of wx-server-sdk's collection that an answer usually needs. */
export interface UserCollection {
  doc(id: string): {
    get(): Promise<{ data: Document | null }>;
    update(options: { data: object }): Promise<unknown>;
  };
  where(condition: object): UserQuery;
  add(options: { data: object }): Promise<unknown>;
}

export interface UserQuery {
  orderBy(field: string, direction: 'asc' | 'desc'): UserQuery;
  limit(count: number): UserQuery;
  get(): Promise<{ data: readonly Document[] }>;
}

type Document = { readonly [field: string]: unknown };

/**
 * Your code. It answers what a rule can, or `undefined`: then the rule's `otherwise` is said, as it is where the code
 * throws. The push has been answered by then, so `keep` and `typing` mean nothing here, and `transfer` takes effect with
 * what the user writes next.
 */
export type Run = (turn: Turn) => Promise<Reply | undefined>;

/** A parameter of a tool. */
export interface ToolParameter {
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  /** Default: it must be there. */
  readonly optional?: true;
}

/** What a model hands to a tool: the parameters that are declared, of the types that are declared, and no others. */
export type ToolInput = { readonly [name: string]: string | number | boolean };

/**
 * Something that a model may do. It acts for the user who wrote: whose data it reads and changes comes from
 * `turn.openid`, never from what the model hands over, which is the user's own words in the end.
 */
export interface Tool {
  readonly description: string;
  readonly parameters?: { readonly [name: string]: ToolParameter };
  /** What it answers goes to the model as JSON. */
  readonly run: (input: ToolInput, turn: Turn) => Promise<unknown>;
}

/** Asks a model. */
export interface Ask {
  /** What the model is told first. */
  readonly instructions: string;
  readonly tools?: { readonly [name: string]: Tool };
  /** Offers the tool `hand_over`, by which the model asks for a person. Default true. */
  readonly handOver?: boolean;
  /** Marks what is said as made by AI (`is_ai_msg: 1`), as the law of the mainland asks. Default true. */
  readonly label?: boolean;
  /** Passes each message through `security.msgSecCheck`; what is risky is not said. Mini programs only. Default false. */
  readonly check?: boolean;
  /**
   * Shows the model the pictures that the user sent, the last three, each of 4 MB at most; one that cannot be had is
   * the word `[图片]`. For models that see. Default false: each is that word.
   */
  readonly pictures?: boolean;
  /** How often the model may be asked for one answer, tools included. Default 5. */
  readonly rounds?: number;
  /** How long an answer may take in all, in seconds. Default 45, at most 50. */
  readonly seconds?: number;
  /** How long it may be, in characters. Default 2000. */
  readonly characters?: number;
  /** How much of the conversation it is shown, in messages. Default 20. */
  readonly history?: number;
}

/** The name of the tool by which a model asks for a person. */
export const handOverTool = 'hand_over';
