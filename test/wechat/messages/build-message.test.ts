import { describe, expect, test } from '@jest/globals';
import { buildMessage, helperForms, messageForms } from '../../../shared/wechat/messages/build-message';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import {
  type MessageTypeName,
  messageTypeNames,
  messageTypes,
} from '../../../shared/wechat/messages/message-types';
import { parseMessage } from '../../../shared/wechat/messages/parse-message';

type Build = (touser: string, body: object | string, options?: object) => object;
const build = (msgtype: MessageTypeName) => buildMessage[msgtype] as unknown as Build;

describe.each(messageTypeNames)('a message of type %s', (msgtype) => {
  const body = messageExamples[msgtype];

  test('is built of its body, and is in order', () => {
    const message = build(msgtype)('oUser', body);
    expect(message).toEqual({ touser: 'oUser', msgtype, [msgtype]: body });
    const [account] = messageTypes[msgtype].accounts;
    expect(parseMessage(message, { account }).ok).toBe(true);
  });

  test('is sent in the name of the one who answers, with what may accompany it', () => {
    const options = { kf_account: 'test1@kftest', aimsgcontext: { is_ai_msg: 1 }, businessid: '1' };
    expect(build(msgtype)('oUser', body, options)).toEqual({
      touser: 'oUser',
      msgtype,
      [msgtype]: body,
      customservice: { kf_account: 'test1@kftest' },
      aimsgcontext: { is_ai_msg: 1 },
      businessid: '1',
    });
  });
});

test('one text makes a message of the types that need no more', () => {
  expect(messageForms).toEqual(
    expect.arrayContaining([
      'sendText.text.content',
      'sendImage.image.media_id',
      'sendVoice.voice.media_id',
      'sendVideo.video',
      'sendMpnews.mpnews.media_id',
      'sendMpnewsarticle.mpnewsarticle.article_id',
      'sendMsgmenu.msgmenu',
      'sendWxcard.wxcard.card_id',
      'sendLink.link',
    ]),
  );
  expect(messageForms.map((form) => form.split('.')[1])).toEqual(messageTypeNames);
  expect(buildMessage.text('oUser', '您好')).toEqual({
    touser: 'oUser',
    msgtype: 'text',
    text: { content: '您好' },
  });
  expect(buildMessage.wxcard('oUser', 'CARD')).toEqual({
    touser: 'oUser',
    msgtype: 'wxcard',
    wxcard: { card_id: 'CARD' },
  });
});

test('each type has one helper, with the field that one text or one entry of a list makes it of', () => {
  expect(helperForms).toEqual(
    expect.arrayContaining([
      'send_text.text.content',
      'send_mp_news.mpnews.media_id',
      'send_menu.msgmenu',
      'send_news.news.articles[]',
      'send_video.video',
      'send_card.wxcard.card_id',
      'send_mini_program_page.miniprogrampage',
    ]),
  );
  expect(helperForms.map((form) => form.split('.')[1])).toEqual(messageTypeNames);
});
