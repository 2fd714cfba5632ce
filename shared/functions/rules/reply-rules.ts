import type { Account } from '../../wechat/account';
import { remember } from '../../wechat/fields/remember';
import { pushName, rowOf } from '../../wechat/pushes/push-meaning';
import type { EventPushName, MessagePushName, Push, UnknownPush } from '../../wechat/pushes/pushes';
import type { Reply, ReplyMessage, Some } from './reply';
import type { Ask, Run } from './turn';

/**
 * What to answer to which push: the table that the bundle's owner edits, and the decision by it.
 *
 * `check-rules.ts` finds what is wrong with a table; the build and a test run it.
 */

type OneOrMore<T> = T | Some<T>;

/**
 * When a rule applies. Words are compared without regard to capitals, to full or half width, and to spaces at either
 * end.
 */
export type Condition =
  /** The text is this, or one of these. */
  | { readonly text: OneOrMore<string> }
  /** The text has this in it, or one of these. */
  | { readonly contains: OneOrMore<string> }
  /**
   * The text, as the user wrote it, has a match in it. Users choose the text: a repeat within a repeat, `(a+)+`, lets
   * one of them stop the function.
   */
  | { readonly pattern: RegExp }
  /** A message of this type, or of any. */
  | { readonly message: MessagePushName | 'any' }
  /** An event, in WeChat's own spelling; with `key` only where its `EventKey` is this. */
  | { readonly event: EventPushName; readonly key?: string }
  /** A click on an entry with this key or one of these: of the account's menu, or the `id` in a `msgmenu`. */
  | { readonly click: OneOrMore<string> };

/**
 * What is done, or who makes the answer: your code, or a model. Those take their time, so the push is answered at once
 * and `kefu-answer` says what they come to; `say` beside them goes out at once.
 */
export interface Action extends Reply {
  readonly run?: Run;
  readonly ask?: Ask;
  /** What is done where nothing comes of `run` or `ask`. */
  readonly otherwise?: Reply;
}

export interface Rule extends Action {
  readonly on: Condition;
  /** Only on this kind of account. Left out: on both. */
  readonly account?: Account;
}

/** The table. */
export interface ReplyRules {
  /** Asked from the first to the last; the first that applies decides. */
  readonly rules: readonly Rule[];
  /** What is done with a message that no rule applies to. Events without a rule are not answered. */
  readonly otherwise?: Action;
}

/** Whether any rule leaves its answer to code or to a model: only then has `kefu-answer` anything to do. */
export function leavesAnswers({ rules, otherwise }: ReplyRules): boolean {
  return [...rules, otherwise].some((action) => action?.run !== undefined || action?.ask !== undefined);
}

export interface DecidedReply {
  /** The place of the rule in the table, from 0; absent where none applied. */
  readonly rule?: number;
  /** What to send to the push's `FromUserName`. */
  readonly say: readonly ReplyMessage[];
  readonly typing: boolean;
  readonly keep: boolean;
  /** Asks for a person: of the desk where there is one, or, with `wechat`, of WeChat's customer service. */
  readonly transfer?: { readonly wechat: boolean; readonly kfAccount?: string };
  /** Who makes an answer, where that is not the table itself. */
  readonly action?: Action;
}

/** Decides by the table what is done with a push that came to this kind of account. Never throws. */
export function decideReply(rules: ReplyRules, push: Push | UnknownPush, account: Account): DecidedReply {
  const facts = readFacts(push);
  const place = rules.rules.findIndex(
    (rule) => (rule.account ?? account) === account && applies(rule.on, facts),
  );
  const rule = rules.rules[place];
  const action = rule ?? (facts.isEvent ? undefined : rules.otherwise) ?? {};
  const { say, typing, keep, transfer, run, ask } = action;
  return {
    ...(rule === undefined ? {} : { rule: place }),
    say: say ?? [],
    typing: typing ?? false,
    keep: keep ?? false,
    ...(transfer === undefined || facts.isEvent ? {} : { transfer: toTarget(transfer) }),
    ...(run === undefined && ask === undefined ? {} : { action }),
  };
}

function toTarget(transfer: NonNullable<Reply['transfer']>): NonNullable<DecidedReply['transfer']> {
  if (typeof transfer === 'object') return { wechat: true, kfAccount: transfer.kf_account };
  return { wechat: transfer === 'wechat' };
}

/** What the conditions ask of a push. */
interface Facts {
  readonly isEvent: boolean;
  readonly name: string;
  /** What the user wrote; absent where the push is no text. */
  readonly text?: string | undefined;
  readonly folded?: string | undefined;
  readonly key?: string | undefined;
  /** The key of the entry that the user clicked. */
  readonly clicked?: string | undefined;
}

function readFacts(push: Push | UnknownPush): Facts {
  const fields = push as UnknownPush;
  const fieldText = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
  const row = rowOf(push);
  const text = push.MsgType === 'text' ? fieldText('Content') : undefined;
  const key = fieldText('EventKey');
  return {
    isEvent: push.MsgType === 'event',
    name: pushName(push),
    text,
    folded: text === undefined ? undefined : foldWord(text),
    key,
    clicked: row?.acts.official === 'menu-click' ? key : fieldText(row?.clicked?.field ?? ''),
  };
}

function applies(on: Condition, facts: Facts): boolean {
  const { isEvent, name, text, folded, key, clicked } = facts;
  if ('text' in on) return folded !== undefined && foldedIn(on).includes(folded);
  if ('contains' in on) {
    return folded !== undefined && foldedIn(on).some((word) => folded.includes(word));
  }
  // `search` keeps no place from one text to the next, as `test` does with a pattern that has the flag g.
  if ('pattern' in on) return text !== undefined && text.search(on.pattern) >= 0;
  if ('message' in on) return !isEvent && (on.message === 'any' || on.message === name);
  if ('event' in on) return isEvent && on.event === name && (on.key === undefined || on.key === key);
  return clicked !== undefined && wordsOf(on.click).includes(clicked);
}

export function wordsOf(words: OneOrMore<string>): readonly string[] {
  return typeof words === 'string' ? [words] : words;
}

/** The words of each condition, folded once. */
const foldedIn = remember((on: Extract<Condition, { text: unknown } | { contains: unknown }>) =>
  wordsOf('text' in on ? on.text : on.contains).map(foldWord),
);

/** A word as words are compared: small letters, half width, no spaces at either end. */
export function foldWord(word: string): string {
  return word.normalize('NFKC').toLowerCase().trim();
}
