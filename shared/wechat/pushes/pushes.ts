import type { Account } from '../account';
import type { Fields, Flat, Shape } from '../fields/fields';
import type { windowRules } from '../reply-window';

/**
 * Every push that WeChat sends when a user does something, one row each: the messages a user writes, and the events.
 *
 * A cloud function gets a push as a JSON event, the callback of an official account as XML or JSON; `parse-push.ts`
 * brings all of them to the one form that these rows describe, with WeChat's own names. A new push is one row here
 * and one golden case in `test/golden/pushes`; a test names what is missing. What has no row passes as it is.
 */

/** What a push means for the reply window: an act of the user that opens it, or the one that shuts it. */
export type PushAct<A extends Account = Account> = A extends Account
  ? keyof (typeof windowRules)[A] | 'unfollow'
  : never;

type Acts = { readonly [A in Account]?: PushAct<A> };

export interface PushRow {
  /** The account kinds whose pages have it. It is taken from either. */
  readonly accounts: readonly Account[];
  readonly fields: Fields;
  readonly acts: Acts;
  /** What it is instead where this field is there. */
  readonly clicked?: { readonly field: string; readonly acts: Acts };
  /** The XML element around its list; JSON has the list without it. */
  readonly wrapper?: string;
  /** The page that describes it, on developers.weixin.qq.com. */
  readonly source: string;
}

const text = { kind: 'text', need: 'always' } as const;
const optionalText = { kind: 'text', need: 'never' } as const;
const id = { kind: 'id', need: 'always' } as const;
const number = { kind: 'number', need: 'always' } as const;

const both = ['miniprogram', 'official'] as const;
const official = ['official'] as const;
const miniprogram = ['miniprogram'] as const;

const said = { miniprogram: 'message', official: 'message' } as const;
const clicked = { official: 'menu-click' } as const;
const nothing = {} as const;

const receivePage = '/miniprogram/dev/framework/open-ability/customer-message/receive.html';
const messagePage = '/doc/offiaccount/Message_Management/Receiving_standard_messages.html';
const eventPage = '/doc/offiaccount/Message_Management/Receiving_event_pushes.html';
const menuPage = '/doc/service/guide/product/menu/Custom_Menu_Push_Events.html';
const sessionPage = '/doc/offiaccount/Customer_Service/Session_control.html';
const subscribePage = '/miniprogram/dev/framework/open-ability/subscribe-message.html';

/** Fields that any message may have. */
export const messageFields = {
  /** In a server's push a number of 64 bits, in a cloud function's a string `<hash>_<time>`. Not unique: `push-meaning.ts`. */
  MsgId: { kind: 'id', need: 'never' },
  /** Both only where the user wrote from an article. */
  MsgDataId: { kind: 'id', need: 'never' },
  Idx: { kind: 'integer', need: 'never' },
  /** The sub-merchant that was written to. */
  BusinessId: optionalText,
} as const satisfies Fields;

/** Messages, by `MsgType`. */
export const messagePushes = {
  text: {
    accounts: both,
    fields: { Content: text, bizmsgmenuid: optionalText },
    acts: said,
    // "When the user clicks a menu message": the rules of the service account's kf/intro.html count it as a menu click.
    clicked: { field: 'bizmsgmenuid', acts: clicked },
    source: receivePage,
  },
  // A picture or film of 2013 came without media ids.
  image: { accounts: both, fields: { PicUrl: text, MediaId: optionalText }, acts: said, source: receivePage },
  voice: {
    accounts: official,
    // Recognition only where speech recognition was switched on, MediaId16K since 2023.
    fields: { MediaId: text, Format: text, Recognition: optionalText, MediaId16K: optionalText },
    acts: said,
    source: messagePage,
  },
  video: {
    accounts: official,
    fields: { MediaId: optionalText, ThumbMediaId: optionalText },
    acts: said,
    source: messagePage,
  },
  shortvideo: {
    accounts: official,
    fields: { MediaId: text, ThumbMediaId: text },
    acts: said,
    source: messagePage,
  },
  location: {
    accounts: official,
    fields: { Location_X: number, Location_Y: number, Scale: number, Label: text },
    acts: said,
    source: messagePage,
  },
  link: {
    accounts: official,
    fields: { Title: text, Description: text, Url: text },
    acts: said,
    source: messagePage,
  },
  miniprogrampage: {
    accounts: miniprogram,
    fields: { Title: text, AppId: text, PagePath: text, ThumbUrl: text, ThumbMediaId: text },
    acts: said,
    source: receivePage,
  },
} as const satisfies Record<string, PushRow>;

const scan = {
  kind: 'group',
  need: 'always',
  fields: { ScanType: text, ScanResult: text },
} as const;

const list = <F extends Fields>(fields: F) => ({ kind: 'list', need: 'always', fields }) as const;

/** Events (`MsgType` is `event`), by `Event`. */
export const eventPushes = {
  user_enter_tempsession: {
    accounts: miniprogram,
    fields: { SessionFrom: optionalText, BusinessId: optionalText },
    acts: { miniprogram: 'enter' },
    source: receivePage,
  },
  subscribe: {
    accounts: official,
    // An empty EventKey unless the user came by a QR code with a scene: then `qrscene_…`, and its Ticket.
    fields: { EventKey: optionalText, Ticket: optionalText },
    acts: { official: 'follow' },
    source: eventPage,
  },
  unsubscribe: {
    accounts: official,
    fields: { EventKey: optionalText },
    acts: { official: 'unfollow' },
    source: eventPage,
  },
  SCAN: {
    accounts: official,
    fields: { EventKey: text, Ticket: optionalText },
    acts: { official: 'scan' },
    source: eventPage,
  },
  LOCATION: {
    accounts: official,
    fields: { Latitude: number, Longitude: number, Precision: number },
    acts: nothing,
    source: eventPage,
  },
  // Of all the menu's entries only these three open the window: click, scan, and scan with a waiting prompt.
  CLICK: { accounts: official, fields: { EventKey: text }, acts: clicked, source: menuPage },
  scancode_push: {
    accounts: official,
    fields: { EventKey: text, ScanCodeInfo: scan },
    acts: clicked,
    source: menuPage,
  },
  scancode_waitmsg: {
    accounts: official,
    fields: { EventKey: text, ScanCodeInfo: scan },
    acts: clicked,
    source: menuPage,
  },
  VIEW: {
    accounts: official,
    fields: { EventKey: text, MenuId: optionalText },
    acts: nothing,
    source: menuPage,
  },
  view_miniprogram: {
    accounts: official,
    fields: { EventKey: text, MenuId: optionalText },
    acts: nothing,
    source: menuPage,
  },
  kf_create_session: {
    accounts: official,
    fields: { KfAccount: text },
    acts: nothing,
    source: sessionPage,
  },
  kf_close_session: {
    accounts: official,
    fields: { KfAccount: text },
    acts: nothing,
    source: sessionPage,
  },
  kf_switch_session: {
    accounts: official,
    fields: { FromKfAccount: text, ToKfAccount: text },
    acts: nothing,
    source: sessionPage,
  },
  TEMPLATESENDJOBFINISH: {
    accounts: official,
    // Status is `success`, `failed:user block` or `failed: system failed`: the space is in the last one only.
    fields: { MsgID: id, Status: text },
    acts: nothing,
    source: '/doc/service/en/guide/product/template_message/Template_Message_Interface.html',
  },
  subscribe_msg_popup_event: {
    accounts: both,
    fields: { List: list({ TemplateId: text, SubscribeStatusString: text, PopupScene: optionalText }) },
    acts: nothing,
    wrapper: 'SubscribeMsgPopupEvent',
    source: subscribePage,
  },
  subscribe_msg_change_event: {
    accounts: both,
    fields: { List: list({ TemplateId: text, SubscribeStatusString: text }) },
    acts: nothing,
    wrapper: 'SubscribeMsgChangeEvent',
    source: subscribePage,
  },
  subscribe_msg_sent_event: {
    accounts: both,
    // ErrorCode '0' is success; of any other ErrorStatus says why.
    fields: { List: list({ TemplateId: text, MsgID: id, ErrorCode: text, ErrorStatus: optionalText }) },
    acts: nothing,
    wrapper: 'SubscribeMsgSentEvent',
    source: subscribePage,
  },
} as const satisfies Record<string, PushRow>;

export type MessagePushName = keyof typeof messagePushes;
export type EventPushName = keyof typeof eventPushes;

export const messagePushNames = Object.keys(messagePushes) as readonly MessagePushName[];
export const eventPushNames = Object.keys(eventPushes) as readonly EventPushName[];

/** What every push has. */
interface Header {
  /** The account that was written to: its original id (`gh_…`) from a server, its appid in a cloud function. */
  readonly ToUserName: string;
  /** The user's openid. */
  readonly FromUserName: string;
  /** When, in seconds since 1970. */
  readonly CreateTime: number;
}

export type MessagePush = {
  [K in MessagePushName]: Flat<
    Header & { readonly MsgType: K } & Shape<(typeof messagePushes)[K]['fields']> &
      Shape<typeof messageFields>
  >;
}[MessagePushName];

export type EventPush = {
  [K in EventPushName]: Flat<
    Header & { readonly MsgType: 'event'; readonly Event: K } & Shape<(typeof eventPushes)[K]['fields']>
  >;
}[EventPushName];

/** A push of the table in its one form, discriminated by `MsgType`, and by `Event` where that is `event`. */
export type Push = MessagePush | EventPush;

/** A push that has no row: kept as it came, but for `CreateTime` and `MsgId`, which have the form they have everywhere. */
export interface UnknownPush extends Header {
  readonly MsgType: string;
  readonly Event?: string;
  readonly MsgId?: string;
  readonly [field: string]: unknown;
}
