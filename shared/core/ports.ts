import type { Account } from '../wechat/account';
import type { CallName } from '../wechat/calls';
import type { MediaFormat } from '../wechat/media';
import type { Settings } from './settings';

/** A call to WeChat that failed. Never thrown: an outcome like any other. */
export interface WeChatFailure {
  readonly ok: false;
  readonly errCode: number;
  /** WeChat's or the gateway's own words; not yet fit for a caller's eyes. */
  readonly errMsg: string;
  /**
   * Whether the call can have been carried out, where the transport knows better than the error table: `none` when the
   * request never left, `unknown` when it left and no answer came.
   */
  readonly outcome?: 'none' | 'unknown';
}

/** A file on its way to WeChat. */
export interface MediaUpload {
  readonly bytes: Uint8Array;
  readonly contentType: MediaFormat;
}

export type WeChatReply =
  | { readonly ok: true; readonly data: { readonly [field: string]: unknown } }
  | { readonly ok: true; readonly file: { readonly contentType: string; readonly bytes: Uint8Array } }
  | WeChatFailure;

/** The way to WeChat. Takes the HTTPS form of a call, whichever way it then goes. */
export interface WeChat {
  call(name: CallName, payload: object, account: Account): Promise<WeChatReply>;
}

/** Documents that all instances share, by collection and key. Keys may hold anything; they are hashed. */
export interface Store {
  get(collection: string, key: readonly string[]): Promise<StoredDocument | undefined>;
  set(collection: string, key: readonly string[], document: StoredDocument): Promise<void>;
  remove(collection: string, key: readonly string[]): Promise<void>;
  /** Makes a document; `false` where there is one already. */
  create(collection: string, key: readonly string[], document: StoredDocument): Promise<boolean>;
  /** Changes fields of a document that still holds what is expected; `false` where it does not. In one step. */
  change(collection: string, key: readonly string[], expected: Condition, changes: Changes): Promise<boolean>;
}

type Scalar = string | number | boolean;

export type StoredDocument = { readonly [field: string]: Scalar };

/** What fields must hold: a value, one of several, at most or more than a number, or between two. */
export type Condition = {
  readonly [field: string]:
    | Scalar
    | { readonly oneOf: readonly Scalar[] }
    | { readonly atMost: number }
    | { readonly above: number }
    | { readonly above: number; readonly atMost: number };
};

/** What becomes of fields: a new value, or a number more than before. */
export type Changes = { readonly [field: string]: Scalar | { readonly add: number } };

/** Which of the documents found, in which order, with which fields. */
export interface Selection {
  readonly order?: readonly (readonly [field: string, direction: 'asc' | 'desc'])[];
  /** At most 1000, which is also the default. */
  readonly limit?: number;
  /** The fields wanted beside `_id`. Default: all. */
  readonly fields?: readonly string[];
}

/**
 * Many documents at a time, by what they hold. Each takes one round trip, and changes each document in one step,
 * though not all of them in one. A collection that was never made holds nothing. Ids are taken as they are.
 */
export interface Documents {
  /** Makes documents, in order; `false` where one was there already: those after it are not made. */
  insert(
    collection: string,
    documents: readonly (StoredDocument & { readonly _id: string })[],
  ): Promise<boolean>;
  find(collection: string, condition: Condition, selection?: Selection): Promise<readonly StoredDocument[]>;
  /** How many were changed. */
  update(collection: string, condition: Condition, changes: Changes): Promise<number>;
  /** How many were removed. */
  remove(collection: string, condition: Condition): Promise<number>;
  count(collection: string, condition: Condition): Promise<number>;
}

/** Why a file could not be had. */
export interface FileFailure {
  readonly ok: false;
  readonly errCode: number;
  readonly errMsg: string;
}

/** Cloud storage. */
export interface Files {
  /** Reads a file of at most `maxBytes`, by its id or by an address that WeChat gave; a larger one is not loaded. */
  read(
    fileID: string,
    maxBytes: number,
  ): Promise<{ readonly ok: true; readonly bytes: Uint8Array } | FileFailure>;
  write(
    cloudPath: string,
    bytes: Uint8Array,
  ): Promise<{ readonly ok: true; readonly fileID: string } | FileFailure>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** How long this call may still run, in milliseconds. */
  remainingMs(): number;
}

/** Writes a line to the function's log. Neither text of a message nor a whole openid belongs in it. */
export type Log = (line: { readonly [field: string]: string | number | boolean | undefined }) => void;

/** All that a function reaches the world by. */
export interface Ports {
  readonly wechat: WeChat;
  readonly store: Store;
  readonly documents: Documents;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** A short name that stands for a long one, the same in every instance: for file names. */
  readonly digest: (text: string) => string;
  /** A name that nothing else has. */
  readonly newId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly settings: Settings;
}

/** How long one step (a database round trip, a call to WeChat) may take at most, in milliseconds. */
export const stepMs = 5000;
