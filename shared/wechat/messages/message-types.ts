import type { Account } from '../account';
import type { CloudShape, Fields, Shape } from '../fields/fields';

/**
 * Every customer-service message type, one row each.
 *
 * Sources: [D26] the official page of `message/custom/send`, copies of 2026; [D22] the mini program's
 * `customerServiceMessage.send`, copy of 2022; [S0] WE7's `sendCustomNotice`; [S3] the Elixir module
 * `WeChat.CustomMessage`. Where they differ the widest rule stands here; see {@link Need}.
 *
 * A new type is one row here, one example in `message-examples.ts` and one bubble on the local WeChat's page;
 * the compiler names what is missing.
 */

interface MessageType {
  /** The account kinds that may send it. */
  readonly accounts: readonly Account[];
  /** The fields of the object that stands under the type's own name. */
  readonly body: Fields;
  /** A list that older documents put in the body's place: it is brought to this field. */
  readonly bareList?: string;
}

const both = ['miniprogram', 'official'] as const;
const official = ['official'] as const;

const title = { kind: 'text', need: 'always', today: { maxCharacters: 64, tooLong: 45003 } } as const;
const optionalTitle = { ...title, need: 'never' } as const;
const text = { kind: 'text', need: 'always' } as const;
const optionalText = { kind: 'text', need: 'never' } as const;

const mediaId = (media: 'image' | 'voice' | 'video') =>
  ({ kind: 'media', need: 'always', missing: 41006, media, fileKeys: ['fileID'] }) as const;

const thumbMediaId = {
  kind: 'media',
  need: 'always',
  missing: 41006,
  media: 'thumb',
  fileKeys: ['thumbFileID'],
} as const;

export const messageTypes = {
  text: {
    accounts: both,
    body: { content: { kind: 'text', need: 'always', maxBytes: 2048, tooLong: 45002, missing: 44004 } },
  },
  image: { accounts: both, body: { media_id: mediaId('image') } },
  voice: { accounts: official, body: { media_id: mediaId('voice') } },
  video: {
    accounts: official,
    body: {
      media_id: mediaId('video'),
      thumb_media_id: thumbMediaId,
      title: optionalTitle,
      description: optionalText,
    },
  },
  music: {
    accounts: official,
    body: {
      // Required since 2026 only; before that `hqmusicurl` was and these two were not.
      title: { ...title, need: 'today' },
      description: { kind: 'text', need: 'today' },
      musicurl: text,
      hqmusicurl: optionalText,
      thumb_media_id: { ...thumbMediaId, fileKeys: ['fileID', 'thumbFileID'] },
    },
  },
  news: {
    accounts: official,
    // WE7's page shows the articles as a bare list under `news`.
    bareList: 'articles',
    body: {
      articles: {
        kind: 'list',
        need: 'always',
        missing: 44003,
        // 8 until 2018, 1 since.
        max: 8,
        today: 1,
        tooMany: 45008,
        fields: { title, description: text, url: text, picurl: text },
      },
    },
  },
  mpnews: {
    accounts: official,
    body: { media_id: { kind: 'text', need: 'always', missing: 41006 } },
  },
  mpnewsarticle: { accounts: official, body: { article_id: text } },
  msgmenu: {
    // No page of a mini program names it, and no page refuses it.
    accounts: official,
    body: {
      head_content: optionalText,
      list: {
        kind: 'list',
        need: 'always',
        max: Number.POSITIVE_INFINITY,
        tooMany: 45008,
        fields: { id: text, content: text },
      },
      tail_content: optionalText,
    },
  },
  wxcard: {
    accounts: official,
    body: { card_id: text, card_ext: { kind: 'text', need: 'never', form: 'json' } },
  },
  miniprogrampage: {
    accounts: both,
    body: {
      title,
      // The mini program's own page needs no appid; on an official account the card must say whose it is.
      appid: { kind: 'text', need: 'official', missing: 41002 },
      pagepath: { kind: 'text', need: 'always', form: 'pagepath' },
      thumb_media_id: {
        kind: 'media',
        need: 'always',
        missing: 41006,
        media: 'image',
        fileKeys: ['fileID', 'thumbFileID'],
      },
    },
  },
  link: {
    accounts: ['miniprogram'],
    body: { title, description: text, url: text, thumb_url: text },
  },
} as const satisfies Record<string, MessageType>;

/** What may accompany a message of any type. */
export const messageOptions = {
  /** The customer-service account in whose name it is sent (`kf_account`). */
  customservice: { kind: 'group', need: 'never', fields: { kf_account: text } },
  /** `is_ai_msg: 1` shows the grey line 内容由第三方AI生成 under the message. */
  aimsgcontext: {
    kind: 'group',
    need: 'never',
    fields: { is_ai_msg: { kind: 'choice', need: 'always', values: [0, 1], wrong: 40035 } },
  },
  /** A sub-merchant's id, as a string. */
  businessid: optionalText,
} as const satisfies Fields;

export type MessageTypeName = keyof typeof messageTypes;

/** The names of {@link messageTypes}, for a check or a list. */
export const messageTypeNames = Object.keys(messageTypes) as readonly MessageTypeName[];

type Flat<T> = { [K in keyof T]: T[K] };
type BodyFields<K extends MessageTypeName> = (typeof messageTypes)[K]['body'];

/** The HTTPS body of a message type, the object under the type's own name. */
export type MessageBody<K extends MessageTypeName> = Shape<BodyFields<K>>;
/** The cloud-call body of a message type. */
export type CloudMessageBody<K extends MessageTypeName> = CloudShape<BodyFields<K>>;

/**
 * A customer-service message as WeChat's HTTPS interface takes it (snake_case), discriminated by `msgtype`.
 * Inside kefu-cloud every message has this form.
 */
export type Message = {
  [K in MessageTypeName]: Flat<
    { readonly touser: string; readonly msgtype: K } & { readonly [B in K]: MessageBody<K> } & Shape<
        typeof messageOptions
      >
  >;
}[MessageTypeName];

/** The same message as `cloud.openapi.customerServiceMessage.send` takes it (camelCase). */
export type CloudMessage = {
  [K in MessageTypeName]: Flat<
    { readonly touser: string; readonly msgtype: K } & {
      readonly [B in K]: CloudMessageBody<K>;
    } & CloudShape<typeof messageOptions>
  >;
}[MessageTypeName];

/** The address of a file in cloud storage. */
export type CloudFile = `cloud://${string}`;

/** A body in which a file in cloud storage may stand for the picture, sound or film. */
type WithFile<Body> =
  | Body
  | ('media_id' extends keyof Body ? Flat<Omit<Body, 'media_id'> & { readonly fileID: CloudFile }> : never)
  | ('mediaId' extends keyof Body ? Flat<Omit<Body, 'mediaId'> & { readonly fileID: CloudFile }> : never)
  | ('thumb_media_id' extends keyof Body
      ? Flat<Omit<Body, 'thumb_media_id'> & { readonly thumbFileID: CloudFile }>
      : never)
  | ('thumbMediaId' extends keyof Body
      ? Flat<Omit<Body, 'thumbMediaId'> & { readonly thumbFileID: CloudFile }>
      : never);

/** The body as a caller may write it: with files where the table has media. */
type Written<K extends MessageTypeName, Body> = [
  Extract<BodyFields<K>[keyof BodyFields<K>], { kind: 'media' }>,
] extends [never]
  ? Body
  : WithFile<Body>;

/**
 * A message as a front end hands it to `kefu-send`: either spelling, `touser` left out for the caller itself,
 * a `fileID` where a media id would stand.
 */
export type MessageInput = {
  [K in MessageTypeName]:
    | Flat<
        { readonly touser?: string; readonly msgtype: K } & {
          readonly [B in K]: Written<K, MessageBody<K>>;
        } & Shape<typeof messageOptions>
      >
    | Flat<
        { readonly touser?: string; readonly msgtype: K } & {
          readonly [B in K]: Written<K, CloudMessageBody<K>>;
        } & CloudShape<typeof messageOptions>
      >;
}[MessageTypeName];
