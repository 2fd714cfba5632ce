import type { MessageBody, MessageTypeName } from './message-types';

/**
 * One example a message type, in the HTTPS spelling: the composer of the local WeChat fills its form with it, the
 * documents print it, and the tests send it.
 */
export const messageExamples: { readonly [K in MessageTypeName]: MessageBody<K> } = {
  text: { content: '您好，订单已发出 📦 <a href="https://example.com/order/1">查看物流</a>' },
  image: { media_id: 'MEDIA_ID' },
  voice: { media_id: 'MEDIA_ID' },
  video: {
    media_id: 'MEDIA_ID',
    thumb_media_id: 'THUMB_MEDIA_ID',
    title: '开箱',
    description: '一分钟看懂新功能',
  },
  music: {
    title: '等待音乐',
    description: '客服马上就来',
    musicurl: 'https://example.com/wait.mp3',
    hqmusicurl: 'https://example.com/wait-hq.mp3',
    thumb_media_id: 'THUMB_MEDIA_ID',
  },
  news: {
    articles: [
      {
        title: '发货通知',
        description: '您的包裹已经出发',
        url: 'https://example.com/news/1',
        picurl: 'https://example.com/news/1.jpg',
      },
    ],
  },
  mpnews: { media_id: 'MEDIA_ID' },
  mpnewsarticle: { article_id: 'ARTICLE_ID' },
  msgmenu: {
    head_content: '您对本次服务是否满意呢？',
    list: [
      { id: '101', content: '满意' },
      { id: '102', content: '不满意' },
    ],
    tail_content: '欢迎再次光临',
  },
  wxcard: { card_id: 'CARD_ID', card_ext: '{"outer_str":"kefu"}' },
  miniprogrampage: {
    title: '我的订单',
    appid: 'wx00000000000000aa',
    pagepath: 'pages/order/detail?id=1',
    thumb_media_id: 'THUMB_MEDIA_ID',
  },
  link: {
    title: '如何退换货',
    description: '三步完成，全程免费',
    url: 'https://example.com/help/return',
    thumb_url: 'https://example.com/help/return.jpg',
  },
};
