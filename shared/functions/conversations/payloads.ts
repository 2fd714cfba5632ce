import { pushName } from '../../wechat/pushes/push-meaning';
import type { Push, UnknownPush } from '../../wechat/pushes/pushes';

/** What a user sent, in the form in which messages to it are written. */

type Read = (name: string) => unknown;

/** How each kind of message is written; one of another kind is its name alone. */
const bodies: { readonly [MsgType: string]: (read: Read) => object } = {
  text: (read) => ({ content: read('Content') }),
  image: (read) => ({ media_id: read('MediaId'), picurl: read('PicUrl') }),
  voice: (read) => ({
    media_id: read('MediaId'),
    format: read('Format'),
    recognition: read('Recognition'),
  }),
  video: (read) => ({ media_id: read('MediaId'), thumb_media_id: read('ThumbMediaId') }),
  shortvideo: (read) => ({ media_id: read('MediaId'), thumb_media_id: read('ThumbMediaId') }),
  location: (read) => ({
    latitude: read('Location_X'),
    longitude: read('Location_Y'),
    scale: read('Scale'),
    label: read('Label'),
  }),
  link: (read) => ({ title: read('Title'), description: read('Description'), url: read('Url') }),
  miniprogrampage: (read) => ({
    title: read('Title'),
    appid: read('AppId'),
    pagepath: read('PagePath'),
    thumb_media_id: read('ThumbMediaId'),
    thumburl: read('ThumbUrl'),
  }),
};

/** A push as a message of the conversation. An event has its own name in `event`. */
export function payloadOf(push: Push | UnknownPush): { readonly [field: string]: unknown } {
  const fields = push as UnknownPush;
  if (push.MsgType === 'event') return { msgtype: 'event', event: pushName(push), key: fields['EventKey'] };
  const { MsgType } = push;
  const body = Object.hasOwn(bodies, MsgType) ? bodies[MsgType] : undefined;
  return { msgtype: MsgType, [MsgType]: body?.((name) => fields[name]) ?? {} };
}

/** The media id of what a user sent, where WeChat holds a file of it. */
export function mediaIdOf(push: Push | UnknownPush): string | undefined {
  const { MediaId } = push as UnknownPush;
  return typeof MediaId === 'string' && MediaId !== '' ? MediaId : undefined;
}
