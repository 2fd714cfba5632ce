import type { Push, UnknownPush } from '../pushes/pushes';
import type { Message, MessageTypeName } from './message-types';

/**
 * What may be answered in the response to a push itself, with WeChat's own names. As JSON it goes out as it is;
 * `push-xml.ts` writes it as XML.
 *
 * An official account has all of it, a mini program only the hand-over.
 *
 * Sources: `/doc/offiaccount/Message_Management/Passive_user_reply_message.html`; the JSON form in
 * `/miniprogram/dev/wxcloudrun/src/development/weixin/callback.html`; the hand-over in
 * `/miniprogram/dev/framework/open-ability/customer-message/trans.html`.
 */

interface ReplyHeader {
  /** The user's openid. */
  readonly ToUserName: string;
  /** The account, as the push named it in its own `ToUserName`. */
  readonly FromUserName: string;
  /** In seconds since 1970. */
  readonly CreateTime: number;
}

type MessageOf<K extends MessageTypeName> = Extract<Message, { msgtype: K }>;

/** The message types that have a passive form, one row each: how it is made of the message. */
const passiveForms = {
  text: ({ text }: MessageOf<'text'>) => ({ Content: text.content }),
  image: ({ image }: MessageOf<'image'>) => ({ Image: { MediaId: image.media_id } }),
  voice: ({ voice }: MessageOf<'voice'>) => ({ Voice: { MediaId: voice.media_id } }),
  video: ({ video }: MessageOf<'video'>) => ({
    Video: { MediaId: video.media_id, Title: video.title, Description: video.description },
  }),
  music: ({ music }: MessageOf<'music'>) => ({
    Music: {
      Title: music.title,
      Description: music.description,
      MusicUrl: music.musicurl,
      HQMusicUrl: music.hqmusicurl,
      ThumbMediaId: music.thumb_media_id,
    },
  }),
  // In answer to a message WeChat shows one article, to an event up to eight.
  news: ({ news }: MessageOf<'news'>) => ({
    ArticleCount: news.articles.length,
    Articles: news.articles.map(({ title, description, url, picurl }) => ({
      Title: title,
      Description: description,
      PicUrl: picurl,
      Url: url,
    })),
  }),
} as const;

type PassiveType = keyof typeof passiveForms;

/** The message types that have a passive form. */
export const passiveTypes = Object.keys(passiveForms) as readonly PassiveType[];

/** A message as the answer to a push. An optional field that the message does not have is `undefined`. */
export type PassiveMessage = {
  [K in PassiveType]: ReplyHeader & { readonly MsgType: K } & Readonly<ReturnType<(typeof passiveForms)[K]>>;
}[PassiveType];

/** Hands the user's message over to a person: to anyone, or to one customer-service account. */
export interface Transfer extends ReplyHeader {
  readonly MsgType: 'transfer_customer_service';
  readonly TransInfo?: { readonly KfAccount: string };
}

export type PassiveReply = PassiveMessage | Transfer;

/** What goes back to WeChat: nothing to say, a message, or the hand-over. */
export type PushAnswer = 'success' | PassiveReply;

/** The message as the answer to a push; `undefined` where its type has no such form and must be sent by itself. */
export function toPassiveMessage(
  message: Message,
  push: Push | UnknownPush,
  nowMs: number,
): PassiveMessage | undefined {
  const { msgtype } = message;
  if (!Object.hasOwn(passiveForms, msgtype)) return undefined;
  // The row and the message go together by msgtype, which the compiler cannot see of two unions.
  const form = passiveForms[msgtype as PassiveType] as (message: Message) => object;
  return { ...replyHeader(push, nowMs), MsgType: msgtype, ...form(message) } as PassiveMessage;
}

/**
 * The hand-over as the answer to a push. Answer only messages with it: an event that is handed over shows up at the
 * customer service as a message without content.
 */
export function toTransfer(push: Push | UnknownPush, nowMs: number, kfAccount?: string): Transfer {
  const transfer = { ...replyHeader(push, nowMs), MsgType: 'transfer_customer_service' } as const;
  return kfAccount === undefined ? transfer : { ...transfer, TransInfo: { KfAccount: kfAccount } };
}

function replyHeader(push: Push | UnknownPush, nowMs: number): ReplyHeader {
  return {
    ToUserName: push.FromUserName,
    FromUserName: push.ToUserName,
    CreateTime: Math.floor(nowMs / 1000),
  };
}
