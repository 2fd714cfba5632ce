import type { PlainObject } from '../../shared/wechat/fields/values';
import type { UserAct } from '../../shared/wechat/reply-window';

/** The event that WeChat pushes for each act of a user. A message is its own push; a payment is none. */
export const actEvents = {
  enter: { MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: 'local' },
  follow: { MsgType: 'event', Event: 'subscribe', EventKey: '' },
  scan: { MsgType: 'event', Event: 'SCAN', EventKey: '1', Ticket: 'TICKET' },
  'menu-click': { MsgType: 'event', Event: 'CLICK', EventKey: 'person' },
  payment: undefined,
} as const satisfies { readonly [A in Exclude<UserAct, 'message'>]: PlainObject | undefined };

/** The kinds of message a user can write: the fields that each needs, and what WeChat adds to it. */
export const userMessages: {
  readonly [MsgType: string]:
    | {
        readonly needs: { readonly [field: string]: 'string' | 'number' };
        readonly adds: (pictureUrl: string) => PlainObject;
      }
    | undefined;
} = {
  text: { needs: { Content: 'string' }, adds: () => ({}) },
  image: { needs: { MediaId: 'string' }, adds: (PicUrl) => ({ PicUrl }) },
  voice: { needs: { MediaId: 'string' }, adds: () => ({ Format: 'amr' }) },
  location: {
    needs: { Location_X: 'number', Location_Y: 'number' },
    adds: () => ({ Scale: 15, Label: '' }),
  },
  miniprogrampage: {
    needs: { PagePath: 'string' },
    adds: (ThumbUrl) => ({
      Title: '小程序',
      AppId: 'wx0000000000000001',
      ThumbUrl,
      ThumbMediaId: 'THUMB_MEDIA_ID',
    }),
  },
};
