import type { Account } from '../wechat/account';
import type { CallName } from '../wechat/calls';
import type { MediaFormat } from '../wechat/media';
import type { CollectionName, DocumentOf } from './collections';
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

/**
 * The way to WeChat, for the calls that are named. Takes the HTTPS form of a call, whichever way it then goes.
 *
 * Written as a property, so that the compiler lets nobody make a call that its function has no permission for.
 */
export interface WeChat<C extends CallName = CallName> {
  readonly call: (name: C, payload: object, account: Account) => Promise<WeChatReply>;
}

/** What fields must hold: a value, one of several, at most or more than one, between two less some of them, or a text within. */
export type Condition<D> = {
  readonly [F in keyof D]?:
    | D[F]
    | { readonly oneOf: readonly D[F][] }
    | { readonly atMost: D[F] }
    | { readonly above: D[F]; readonly atMost?: D[F]; readonly noneOf?: readonly D[F][] }
    | { readonly contains: string };
};

/** What becomes of fields: a new value, or a number more than before. */
export type Changes<D> = {
  readonly [F in keyof D]?: D[F] extends number ? D[F] | { readonly add: number } : D[F];
};

/** Which of the documents found, in which order, with which fields. */
export interface Selection<D, F extends keyof D = keyof D> {
  readonly order?: readonly (readonly [field: keyof D & string, direction: 'asc' | 'desc'])[];
  /** At most 1000, which is also the default. */
  readonly limit?: number;
  /** The fields wanted beside `_id`. Default: all. */
  readonly fields?: readonly F[];
}

/** A failure of the database: whether the step was done is not known. */
export class DatabaseFailure extends Error {
  override readonly name: string = 'DatabaseFailure';
  /** The cloud's number; absent where no answer came. */
  readonly errCode: number | undefined;

  constructor(message: string, errCode?: unknown) {
    super(message);
    this.errCode = typeof errCode === 'number' ? errCode : undefined;
  }
}

/** A failure of the database of which it is known that nothing was done. */
export class NotDone extends DatabaseFailure {
  override readonly name = 'NotDone';
}

interface HasId {
  readonly _id: string;
}

/**
 * One collection that all instances share. Each method takes one round trip, changes each document in one step, and
 * throws where the database does: the step may then have been done all the same. A collection that was never made
 * holds nothing, and is made when something is put there.
 */
export interface Collection<D> {
  get(id: string): Promise<(D & HasId) | undefined>;
  set(id: string, document: D): Promise<void>;
  /** Makes documents, in order; `false` where one was there already: those after it are not made. */
  insert(documents: readonly (D & HasId)[]): Promise<boolean>;
  find<F extends keyof D & string = keyof D & string>(
    condition: Condition<D & HasId>,
    selection?: Selection<D & HasId, F>,
  ): Promise<readonly (Pick<D, F> & HasId)[]>;
  /** How many were changed. */
  update(condition: Condition<D & HasId>, changes: Changes<D>): Promise<number>;
  /** How many were removed. */
  remove(condition: Condition<D & HasId>): Promise<number>;
  count(condition: Condition<D & HasId>): Promise<number>;
}

/** The one door to the database: `database('kefu_outbox').find(…)`. */
export type Database = <N extends CollectionName>(name: N) => Collection<DocumentOf<N>>;

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
  /** Deletes files; one that is not there is as good. Whether none of them is left. */
  remove(fileIDs: readonly string[]): Promise<boolean>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** How long this call may still run, in milliseconds. */
  remainingMs(): number;
}

/** Writes a line to the function's log. Neither text of a message nor a whole openid belongs in it. */
export type Log = (line: { readonly [field: string]: string | number | boolean | undefined }) => void;

/** All that a function reaches the world by; `C` are the calls to WeChat that it may make. */
export interface Ports<C extends CallName = never> {
  readonly wechat: WeChat<C>;
  readonly database: Database;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** A short name that stands for a long one, the same in every instance: for file names and documents. */
  readonly digest: (text: string) => string;
  /** A name that nothing else has. */
  readonly newId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  /** Does something again and again until it is told to stop. */
  readonly every: (ms: number, work: () => void) => () => void;
  /**
   * Starts another function of the environment and does not wait for its end. Resolves when the request is likely to
   * have left; never throws. A start may be lost, so nothing may depend on it alone.
   */
  readonly startFunction: (name: `kefu-${string}`, data: object) => Promise<void>;
  readonly settings: Settings;
}

/** The `_id` of the document that stands for a key, whatever the key holds. */
export function idOf(key: readonly (string | number)[], { digest }: Pick<Ports, 'digest'>): string {
  return digest(JSON.stringify(key));
}

/** How a person or a message stands in the log: the same in each line, and told by nothing else. */
export function shown(text: string, { digest }: Pick<Ports, 'digest'>): string {
  return digest(text).slice(0, 12);
}

/** How long one step (a database round trip, a call to WeChat) may take at most, in milliseconds. */
export const stepMs = 5000;
