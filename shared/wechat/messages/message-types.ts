import type { Account } from '../account';
import type { CamelKey } from '../fields/case';
import type { CloudShape, Fields, Flat, Shape } from '../fields/fields';

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
  /** What it is called, in a list of types and where it cannot be shown itself. */
  readonly name: { readonly zh: string; readonly en: string };
  /** The account kinds that may send it. */
  readonly accounts: readonly Account[];
  /** The fields of the object that stands under the type's own name. */
  readonly body: Fields;
  /** A list that older documents put in the body's place: it is brought to this field. */
  readonly bareList?: string;
}

/** A table of message types. All that reads messages takes another than {@link messageTypes}, for types to come. */
export type MessageTypes = { readonly [msgtype: string]: MessageType };

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
    name: { zh: '文本', en: 'Text' },
    accounts: both,
    body: { content: { kind: 'text', need: 'always', maxBytes: 2048, tooLong: 45002, missing: 44004 } },
  },
  image: { name: { zh: '图片', en: 'Image' }, accounts: both, body: { media_id: mediaId('image') } },
  voice: { name: { zh: '语音', en: 'Voice' }, accounts: official, body: { media_id: mediaId('voice') } },
  video: {
    name: { zh: '视频', en: 'Video' },
    accounts: official,
    body: {
      media_id: mediaId('video'),
      // Older pages list media_id, title and description only.
      thumb_media_id: { ...thumbMediaId, need: 'today' },
      title: optionalTitle,
      description: optionalText,
    },
  },
  music: {
    name: { zh: '音乐', en: 'Music' },
    accounts: official,
    body: {
      // Required since 2026 only; before that `hqmusicurl` was and these two were not. Clients leave out the thumb too.
      title: { ...title, need: 'today' },
      description: { kind: 'text', need: 'today' },
      musicurl: text,
      hqmusicurl: optionalText,
      thumb_media_id: { ...thumbMediaId, need: 'today', fileKeys: ['fileID', 'thumbFileID'] },
    },
  },
  news: {
    name: { zh: '图文链接', en: 'News' },
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
        // Older pages ask for neither description nor picture.
        fields: {
          title,
          description: { kind: 'text', need: 'today' },
          url: text,
          picurl: { kind: 'text', need: 'today' },
        },
      },
    },
  },
  mpnews: {
    name: { zh: '图文素材', en: 'MP news' },
    accounts: official,
    body: { media_id: { kind: 'text', need: 'always', missing: 41006 } },
  },
  mpnewsarticle: {
    name: { zh: '已发布图文', en: 'MP article' },
    accounts: official,
    body: { article_id: text },
  },
  msgmenu: {
    name: { zh: '菜单', en: 'Menu' },
    // No page of a mini program names it, and no page refuses it.
    accounts: official,
    body: {
      head_content: optionalText,
      list: {
        kind: 'list',
        need: 'always',
        fields: { id: text, content: text },
      },
      tail_content: optionalText,
    },
  },
  wxcard: {
    name: { zh: '卡券', en: 'Coupon' },
    accounts: official,
    body: { card_id: text, card_ext: { kind: 'text', need: 'never', form: 'json' } },
  },
  miniprogrampage: {
    name: { zh: '小程序卡片', en: 'Mini program' },
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
        advised: { width: 520, height: 416 },
      },
    },
  },
  link: {
    name: { zh: '链接', en: 'Link' },
    accounts: ['miniprogram'],
    body: { title, description: text, url: text, thumb_url: text },
  },
} as const satisfies MessageTypes;

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

type BodyFields<K extends MessageTypeName> = (typeof messageTypes)[K]['body'];

/** The HTTPS body of a message type, the object under the type's own name. */
export type MessageBody<K extends MessageTypeName> = Shape<BodyFields<K>>;

/** Every field of a message of a type, as `message-fields.ts` makes them of its row. */
type FieldsOf<K extends MessageTypeName> = {
  readonly touser: { kind: 'openid'; need: 'always' };
  readonly msgtype: { kind: 'choice'; need: 'always'; values: readonly [K] };
} & {
  readonly [B in K]: { kind: 'group'; need: 'always'; keepsName: true; fields: BodyFields<K> };
} & typeof messageOptions;

/**
 * A customer-service message as WeChat's HTTPS interface takes it (snake_case), discriminated by `msgtype`.
 * Inside kefu-cloud every message has this form.
 */
export type Message = { [K in MessageTypeName]: Shape<FieldsOf<K>> }[MessageTypeName];

/** The same message as `cloud.openapi.customerServiceMessage.send` takes it (camelCase). */
export type CloudMessage = { [K in MessageTypeName]: CloudShape<FieldsOf<K>> }[MessageTypeName];

/** The address of a file in cloud storage. */
export type CloudFile = `cloud://${string}`;

/** A body in which the key `File` stands for the media id `Id`, in either spelling. */
type WithFile<Body, Id extends string, File> = File extends string
  ? Flat<Omit<Body, Id | CamelKey<Id>> & { readonly [F in File]: CloudFile }>
  : never;

/** The body as a caller may write it: with a file in cloud storage where the table has media. */
type Written<Fs, Body> =
  | Body
  | {
      [K in keyof Fs & string]: Fs[K] extends { fileKeys: readonly (infer File)[] }
        ? WithFile<Body, K, File>
        : never;
    }[keyof Fs & string];

type Input<K extends MessageTypeName, Body, Options> = Flat<
  { readonly touser?: string; readonly msgtype: K } & {
    readonly [B in K]: Written<BodyFields<K>, Body>;
  } & Options
>;

/**
 * A message as a front end hands it to `kefu-send`: either spelling, `touser` left out for the caller itself,
 * a `fileID` where a media id would stand.
 */
export type MessageInput = {
  [K in MessageTypeName]:
    | Input<K, Shape<BodyFields<K>>, Shape<typeof messageOptions>>
    | Input<K, CloudShape<BodyFields<K>>, CloudShape<typeof messageOptions>>;
}[MessageTypeName];
