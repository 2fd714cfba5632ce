import type { Fields } from './callback-client';

/** The passive messages, each as the customer message that looks the same on the phone. */
const passiveForms: { readonly [MsgType: string]: (reply: Fields) => Fields } = {
  text: (reply) => ({ content: reply['Content'] }),
  image: (reply) => ({ media_id: (reply['Image'] as Fields)['MediaId'] }),
  voice: (reply) => ({ media_id: (reply['Voice'] as Fields)['MediaId'] }),
  video: (reply) => {
    const video = reply['Video'] as Fields;
    return { media_id: video['MediaId'], title: video['Title'], description: video['Description'] };
  },
  music: (reply) => {
    const music = reply['Music'] as Fields;
    return {
      title: music['Title'],
      description: music['Description'],
      musicurl: music['MusicUrl'],
      hqmusicurl: music['HQMusicUrl'],
      thumb_media_id: music['ThumbMediaId'],
    };
  },
  news: (reply) => {
    const given = (reply['Articles'] as { item?: Fields | Fields[] } | Fields[]) ?? [];
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
export function toPayload(touser: string, reply: Fields): Fields | undefined {
  const msgtype = String(reply['MsgType']);
  const form = Object.hasOwn(passiveForms, msgtype) ? passiveForms[msgtype] : undefined;
  return form && { touser, msgtype, [msgtype]: form(reply) };
}
