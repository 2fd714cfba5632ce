import { describe, expect, test } from '@jest/globals';
import { buildMessage } from '../../../shared/wechat/messages/build-message';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import { type Message, messageTypeNames } from '../../../shared/wechat/messages/message-types';
import { passiveTypes, toPassiveMessage, toTransfer } from '../../../shared/wechat/messages/passive-replies';
import type { Push } from '../../../shared/wechat/pushes/pushes';

/** What stands in the answer to a push: to whom, from whom, and every field of the message under WeChat's own name. */

const push = {
  ToUserName: 'gh_account',
  FromUserName: 'oUser',
  CreateTime: 1763712000,
  MsgType: 'text',
  Content: 'hi',
  MsgId: '1',
} as const satisfies Push;
const nowMs = 1_763_712_005_999;
const header = { ToUserName: 'oUser', FromUserName: 'gh_account', CreateTime: 1_763_712_005 };

const to = 'oUser';
const cases: readonly (readonly [Message, object])[] = [
  [buildMessage.text(to, '您好'), { MsgType: 'text', Content: '您好' }],
  [buildMessage.image(to, 'M'), { MsgType: 'image', Image: { MediaId: 'M' } }],
  [buildMessage.voice(to, 'M'), { MsgType: 'voice', Voice: { MediaId: 'M' } }],
  [
    buildMessage.video(to, { media_id: 'M', thumb_media_id: 'T', title: 't', description: 'd' }),
    { MsgType: 'video', Video: { MediaId: 'M', Title: 't', Description: 'd' } },
  ],
  [
    buildMessage.music(to, messageExamples.music),
    {
      MsgType: 'music',
      Music: {
        Title: '等待音乐',
        Description: '客服马上就来',
        MusicUrl: 'https://example.com/wait.mp3',
        HQMusicUrl: 'https://example.com/wait-hq.mp3',
        ThumbMediaId: 'THUMB_MEDIA_ID',
      },
    },
  ],
  [
    buildMessage.news(to, {
      articles: [1, 2].map((n) => ({ title: `t${n}`, description: `d${n}`, url: `u${n}`, picurl: `p${n}` })),
    }),
    {
      MsgType: 'news',
      ArticleCount: 2,
      Articles: [1, 2].map((n) => ({ Title: `t${n}`, Description: `d${n}`, PicUrl: `p${n}`, Url: `u${n}` })),
    },
  ],
];

describe('the answer to a push', () => {
  test.each(cases)('goes back to the user, from the account that was written to: %#', (message, expected) => {
    expect(toPassiveMessage(message, push, nowMs)).toEqual({ ...header, ...expected });
  });

  test('has a case here for every type that has such a form', () => {
    expect(cases.map(([{ msgtype }]) => msgtype)).toEqual(passiveTypes);
  });

  test.each(messageTypeNames.filter((name) => !(passiveTypes as readonly string[]).includes(name)))(
    'is none for %s, which is sent by itself',
    (msgtype) => {
      const message = { touser: to, msgtype, [msgtype]: messageExamples[msgtype] } as unknown as Message;
      expect(toPassiveMessage(message, push, nowMs)).toBeUndefined();
    },
  );
});

describe('the hand-over to a person', () => {
  test('is to anyone', () => {
    expect(toTransfer(push, nowMs)).toStrictEqual({ ...header, MsgType: 'transfer_customer_service' });
  });

  test('is to the one named', () => {
    expect(toTransfer(push, nowMs, 'test1@kftest')).toStrictEqual({
      ...header,
      MsgType: 'transfer_customer_service',
      TransInfo: { KfAccount: 'test1@kftest' },
    });
  });
});
