import type { PlainObject } from '../../shared/wechat/fields/values';

/** The passive messages, each as the customer message that looks the same on the phone. */
const passiveForms: { readonly [MsgType: string]: (reply: PlainObject) => PlainObject } = {
  text: (reply) => ({ content: reply['Content'] }),
  image: (reply) => ({ media_id: (reply['Image'] as PlainObject)['MediaId'] }),
  voice: (reply) => ({ media_id: (reply['Voice'] as PlainObject)['MediaId'] }),
  video: (reply) => {
    const video = reply['Video'] as PlainObject;
    return { media_id: video['MediaId'], title: video['Title'], description: video['Description'] };
  },
  music: (reply) => {
    const music = reply['Music'] as PlainObject;
    return {
      title: music['Title'],
      description: music['Description'],
      musicurl: music['MusicUrl'],
      hqmusicurl: music['HQMusicUrl'],
      thumb_media_id: music['ThumbMediaId'],
    };
  },
  news: (reply) => {
    const given = (reply['Articles'] as { item?: PlainObject | PlainObject[] } | PlainObject[]) ?? [];
    const items = Array.isArray(given) ? given : given.item;
    const articles = Array.isArray(items) ? items : items === undefined ? [] : [items];
    return {
      articles: articles.map((article) => ({
        title: article['Title'],
        description: article['Description'],
        url: article['Url'],
        picurl: article['PicUrl'],
      })),
    };
  },
};

/** A passive answer as the customer message that looks the same; `undefined` for one of no known type. */
export function toPayload(touser: string, reply: PlainObject): PlainObject | undefined {
  const msgtype = String(reply['MsgType']);
  const form = Object.hasOwn(passiveForms, msgtype) ? passiveForms[msgtype] : undefined;
  return form && { touser, msgtype, [msgtype]: form(reply) };
}
