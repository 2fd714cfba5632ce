import { buildMessage } from '../../shared/wechat/messages/build-message';
import type { CloudMessage, Message, MessageInput } from '../../shared/wechat/messages/message-types';

/**
 * What a front end's editor says of a message. Checked by the compiler: each line under an `@ts-expect-error` must be
 * an error, every other line must not. `types.test.ts` runs it.
 */

export const https: readonly Message[] = [
  { touser: 'o', msgtype: 'text', text: { content: 'hi' } },
  { touser: 'o', msgtype: 'image', image: { media_id: 'm' }, customservice: { kf_account: 'a@b' } },
  {
    touser: 'o',
    msgtype: 'music',
    music: { musicurl: 'u', thumb_media_id: 't' },
    aimsgcontext: { is_ai_msg: 1 },
  },
  { touser: 'o', msgtype: 'msgmenu', msgmenu: { list: [{ id: '1', content: 'a' }] }, businessid: '1' },
  // @ts-expect-error the body of another type
  { touser: 'o', msgtype: 'text', image: { media_id: 'm' } },
  // @ts-expect-error a required field is missing
  { touser: 'o', msgtype: 'link', link: { title: 't', description: 'd', url: 'u' } },
  // @ts-expect-error the cloud's spelling in an HTTPS message
  { touser: 'o', msgtype: 'image', image: { mediaId: 'm' } },
  // @ts-expect-error no such type
  { touser: 'o', msgtype: 'sticker', sticker: {} },
  // @ts-expect-error 0 or 1, not true
  { touser: 'o', msgtype: 'text', text: { content: 'hi' }, aimsgcontext: { is_ai_msg: true } },
];

export const built: readonly Message[] = [
  buildMessage.text('o', 'hi'),
  buildMessage.text('o', { content: 'hi' }, { kf_account: 'a@b', aimsgcontext: { is_ai_msg: 1 } }),
  buildMessage.wxcard('o', 'c'),
  buildMessage.video('o', { media_id: 'm', thumb_media_id: 't' }),
  // @ts-expect-error one text is no film
  buildMessage.video('o', 'm'),
  // @ts-expect-error nor is it a menu
  buildMessage.msgmenu('o', 'hi'),
  // @ts-expect-error the body of another type
  buildMessage.text('o', { media_id: 'm' }),
  // @ts-expect-error it stands under kf_account
  buildMessage.text('o', 'hi', { customservice: { kf_account: 'a@b' } }),
];

export const cloud: readonly CloudMessage[] = [
  { touser: 'o', msgtype: 'image', image: { mediaId: 'm' }, customservice: { kfAccount: 'a@b' } },
  {
    touser: 'o',
    msgtype: 'miniprogrampage',
    miniprogrampage: { title: 't', pagepath: 'p', thumbMediaId: 'm' },
  },
  {
    touser: 'o',
    msgtype: 'msgmenu',
    msgmenu: { headContent: 'h', list: [{ id: '1', content: 'a' }], tailContent: 't' },
  },
  { touser: 'o', msgtype: 'music', music: { musicurl: 'u', hqmusicurl: 'h', thumbMediaId: 't' } },
  // @ts-expect-error joined names are never broken up
  { touser: 'o', msgtype: 'music', music: { musicUrl: 'u', thumbMediaId: 't' } },
  // @ts-expect-error the HTTPS spelling in a cloud message
  { touser: 'o', msgtype: 'link', link: { title: 't', description: 'd', url: 'u', thumb_url: 'x' } },
  // @ts-expect-error msgType is no field
  { touser: 'o', msgType: 'text', text: { content: 'hi' } },
];

export const input: readonly MessageInput[] = [
  { msgtype: 'text', text: { content: 'to myself' } },
  { msgtype: 'image', image: { mediaId: 'm' } },
  { msgtype: 'image', image: { media_id: 'm' } },
  { msgtype: 'image', image: { fileID: 'cloud://env.bucket/a.png' } },
  { msgtype: 'miniprogrampage', miniprogrampage: { title: 't', pagepath: 'p', thumbFileID: 'cloud://a/b' } },
  // @ts-expect-error a file must be one in cloud storage
  { msgtype: 'image', image: { fileID: 'https://example.com/a.png' } },
  // @ts-expect-error an article is no file: mpnews names one that WeChat has
  { msgtype: 'mpnews', mpnews: { fileID: 'cloud://a/b' } },
  // @ts-expect-error a text has no media
  { msgtype: 'text', text: { fileID: 'cloud://a/b' } },
];

/** The union is told apart by msgtype. */
export function contentOf(message: Message): string {
  switch (message.msgtype) {
    case 'text':
      return message.text.content;
    case 'news':
      return message.news.articles.map(({ title }) => title).join();
    default:
      // @ts-expect-error only a text has content
      return message.text.content;
  }
}
