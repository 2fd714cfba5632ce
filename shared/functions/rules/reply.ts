import type { MessageInput } from '../../wechat/messages/message-types';

/** What a rule, your code or a model may answer. */

/** A list that is not empty. */
export type Some<T> = readonly [T, ...T[]];

type WithoutTouser<M> = M extends unknown ? Omit<M, 'touser'> : never;

/** A message of an answer: in either spelling, with files of cloud storage where a media id would stand. */
export type ReplyMessage = WithoutTouser<MessageInput>;

/** What is done. Where none of it is there: nothing, and no later rule is asked. */
export interface Reply {
  /** The messages, in order. */
  readonly say?: Some<ReplyMessage>;
  /** Shows that someone is typing until the first message is there. For an answer that takes its time. */
  readonly typing?: true;
  /**
   * Asks for a person. With `true` at the desk, where there is one (`KEFU_OPERATORS` and `KEFU_HISTORY_DAYS`), else at
   * WeChat's customer service; with `'wechat'` always there, as with one of its accounts. Only messages are handed over,
   * events never.
   */
  readonly transfer?: true | 'wechat' | { readonly kf_account: string };
  /** Saves the picture, sound or film that the user sent in cloud storage: WeChat has it for three days only. */
  readonly keep?: true;
}
