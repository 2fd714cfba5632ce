import { describe, expect, test } from '@jest/globals';
import { pushKey } from '../../../shared/wechat/pushes/push-meaning';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';

/** The exact keys: two pushes under one key are answered once, one push under two keys is answered twice. */

const header = { ToUserName: 'gh_account', FromUserName: 'oUser', CreateTime: 1763712000 };
const keyOf = (push: object) => pushKey({ ...header, ...push } as UnknownPush);

describe('the key of a push', () => {
  test('of a message is its MsgId, beside sender, second and name', () => {
    expect(keyOf({ MsgType: 'text', Content: 'hi', MsgId: '9007199254740993' })).toEqual([
      'oUser',
      '1763712000',
      'text',
      '9007199254740993',
    ]);
  });

  test('of a message without MsgId is every field of its row, in the row’s order', () => {
    expect(keyOf({ MsgType: 'text', Content: 'hi', bizmsgmenuid: '101' })).toEqual(
      expect.arrayContaining(['oUser', '1763712000', 'text', 'hi', '101']),
    );
    expect(keyOf({ bizmsgmenuid: '101', Content: 'hi', MsgType: 'text' })).toEqual(
      keyOf({ MsgType: 'text', Content: 'hi', bizmsgmenuid: '101' }),
    );
  });

  test('of an event is every field of its row, whole', () => {
    const List = [{ TemplateId: 't', SubscribeStatusString: 'accept', PopupScene: '1' }];
    const key = keyOf({ MsgType: 'event', Event: 'subscribe_msg_popup_event', List });
    expect(key).toEqual(['oUser', '1763712000', 'subscribe_msg_popup_event', JSON.stringify(List)]);
  });

  test('of a push that has no row is every field beside the header, in order of their names', () => {
    const own = { trace_id: 'a', appid: 'wx1', isrisky: 0 };
    const check = { MsgType: 'event', Event: 'wxa_media_check', ...own };
    expect(keyOf(check)).toEqual(['oUser', '1763712000', 'wxa_media_check', 'wx1', '0', 'a']);
    expect(
      keyOf({ isrisky: 0, appid: 'wx1', Event: 'wxa_media_check', trace_id: 'a', MsgType: 'event' }),
    ).toEqual(keyOf(check));
  });

  test('has the name of the event for an event only', () => {
    expect(keyOf({ MsgType: 'text', Event: 'CLICK', Content: 'hi', MsgId: '1' })[2]).toBe('text');
    expect(keyOf({ MsgType: 'event', Event: 5 })[2]).toBe('event');
    expect(keyOf({ MsgType: 'event' })[2]).toBe('event');
  });

  test('is not told apart by names that every object has', () => {
    expect(keyOf({ MsgType: 'constructor', one: 1 })).toEqual(['oUser', '1763712000', 'constructor', '1']);
  });
});
