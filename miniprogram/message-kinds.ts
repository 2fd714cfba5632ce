import type { CloudFile, MessageFor } from './kefu-client';

/** A line of the form. */
export interface KindField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

/** What the user filled in, by field name. */
export type Filled = { readonly [name: string]: string };

/** One kind of message that a mini program can send, as the form shows it and as it is sent. */
interface MessageKind {
  readonly label: string;
  readonly fields: readonly KindField[];
  /** Whether it needs a picture. */
  readonly picture: boolean;
  readonly toMessage: (filled: Filled, picture: CloudFile) => MessageFor;
}

/** The kinds of the form, each with something to send at once. */
export const messageKinds = {
  text: {
    label: '文本',
    fields: [{ name: 'content', label: '内容', value: '您好，您的包裹已经发出 📦' }],
    picture: false,
    toMessage: ({ content = '' }) => ({ msgtype: 'text', text: { content } }),
  },
  image: {
    label: '图片',
    fields: [],
    picture: true,
    toMessage: (_, fileID) => ({ msgtype: 'image', image: { fileID } }),
  },
  link: {
    label: '图文链接',
    fields: [
      { name: 'title', label: '标题', value: '物流详情' },
      { name: 'description', label: '描述', value: '点击查看包裹的最新位置' },
      { name: 'url', label: '链接', value: 'https://example.com/parcel' },
      { name: 'thumb_url', label: '缩略图', value: 'https://example.com/parcel.png' },
    ],
    picture: false,
    toMessage: ({ title = '', description = '', url = '', thumb_url = '' }) => ({
      msgtype: 'link',
      link: { title, description, url, thumb_url },
    }),
  },
  miniprogrampage: {
    label: '小程序卡片',
    fields: [
      { name: 'title', label: '标题', value: '查看我的订单' },
      { name: 'pagepath', label: '页面', value: 'pages/contact/index?from=card' },
    ],
    picture: true,
    toMessage: ({ title = '', pagepath = '' }, thumbFileID) => ({
      msgtype: 'miniprogrampage',
      miniprogrampage: { title, pagepath, thumbFileID },
    }),
  },
} as const satisfies Record<string, MessageKind>;

export type MessageKindName = keyof typeof messageKinds;

/** The names of {@link messageKinds}, in the order of the form. */
export const messageKindNames = Object.keys(messageKinds) as readonly MessageKindName[];
