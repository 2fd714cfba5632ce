import type { UserAct } from '../../shared/wechat/reply-window';

type Fields = { readonly [field: string]: unknown };

/** The event that WeChat pushes for each act of a user. A message is its own push; a payment is none. */
export const actEvents = {
  enter: { MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: 'local' },
  follow: { MsgType: 'event', Event: 'subscribe', EventKey: '' },
  scan: { MsgType: 'event', Event: 'SCAN', EventKey: '1', Ticket: 'TICKET' },
  'menu-click': { MsgType: 'event', Event: 'CLICK', EventKey: 'person' },
  payment: undefined,
} as const satisfies { readonly [A in Exclude<UserAct, 'message'>]: Fields | undefined };

/** The kinds of message a user can write: the field each needs, and what WeChat adds to it. */
export const userMessages: {
  readonly [MsgType: string]:
    | { readonly needs: string; readonly adds: (pictureUrl: string) => Fields }
    | undefined;
} = {
  text: { needs: 'Content', adds: () => ({}) },
  image: { needs: 'MediaId', adds: (PicUrl) => ({ PicUrl }) },
  voice: { needs: 'MediaId', adds: () => ({ Format: 'amr' }) },
  miniprogrampage: {
    needs: 'PagePath',
    adds: (ThumbUrl) => ({
      Title: '小程序',
      AppId: 'wx0000000000000001',
      ThumbUrl,
      ThumbMediaId: 'THUMB_MEDIA_ID',
    }),
  },
};
