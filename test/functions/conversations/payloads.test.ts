import { describe, expect, test } from '@jest/globals';
import { mediaIdOf, payloadOf } from '../../../shared/functions/conversations/payloads';
import { satisfactionQuestion, scoreOf } from '../../../shared/functions/conversations/satisfaction';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';

/** What users send, as it is kept and shown at the desk. */

const push = (MsgType: string, fields: object = {}): UnknownPush => ({
  ToUserName: 'wx1',
  FromUserName: 'oUser',
  CreateTime: 1,
  MsgType,
  ...fields,
});

test.each<[string, object, object]>([
  ['text', { Content: '在吗' }, { content: '在吗' }],
  ['image', { MediaId: 'M', PicUrl: 'http://p' }, { media_id: 'M', picurl: 'http://p' }],
  [
    'voice',
    { MediaId: 'M', Format: 'amr', Recognition: '在吗' },
    { media_id: 'M', format: 'amr', recognition: '在吗' },
  ],
  ['video', { MediaId: 'M', ThumbMediaId: 'T' }, { media_id: 'M', thumb_media_id: 'T' }],
  ['shortvideo', { MediaId: 'M', ThumbMediaId: 'T' }, { media_id: 'M', thumb_media_id: 'T' }],
  [
    'location',
    { Location_X: 23.1, Location_Y: 113.3, Scale: 15, Label: '广州' },
    { latitude: 23.1, longitude: 113.3, scale: 15, label: '广州' },
  ],
  [
    'link',
    { Title: 't', Description: 'd', Url: 'https://u' },
    { title: 't', description: 'd', url: 'https://u' },
  ],
  [
    'miniprogrampage',
    { Title: 't', AppId: 'wx2', PagePath: 'p', ThumbMediaId: 'T', ThumbUrl: 'https://t' },
    { title: 't', appid: 'wx2', pagepath: 'p', thumb_media_id: 'T', thumburl: 'https://t' },
  ],
  ['file', { Title: 't' }, {}],
  ['toString', {}, {}],
])('a %s is kept in the form in which messages to users are written', (MsgType, fields, body) => {
  expect(payloadOf(push(MsgType, fields))).toEqual({ msgtype: MsgType, [MsgType]: body });
});

test('an event is kept under its own name, with its key', () => {
  expect(payloadOf(push('event', { Event: 'CLICK', EventKey: 'menu1' }))).toEqual({
    msgtype: 'event',
    event: 'CLICK',
    key: 'menu1',
  });
});

test('what a user sent has a file where WeChat holds one', () => {
  expect(mediaIdOf(push('image', { MediaId: 'M' }))).toBe('M');
  for (const MediaId of ['', 5, undefined]) expect(mediaIdOf(push('image', { MediaId }))).toBeUndefined();
});

describe('an answer to the question how it was', () => {
  test('counts what the user chose from its menu', () => {
    const { head_content, list } = satisfactionQuestion.msgmenu;
    expect(head_content).not.toBe('');
    const scores = list.map(({ id, content }) =>
      scoreOf(push('text', { Content: content, bizmsgmenuid: id })),
    );
    expect(scores).toEqual([3, 2, 1]);
  });

  test('is nothing else', () => {
    const { id, content } = satisfactionQuestion.msgmenu.list[0] ?? { id: '', content: '' };
    for (const [MsgType, fields] of [
      ['text', { Content: content }],
      ['text', { Content: content, bizmsgmenuid: 'another' }],
      ['text', { Content: content, bizmsgmenuid: [id] }],
      ['image', { bizmsgmenuid: id }],
      ['event', { Event: 'text', bizmsgmenuid: `${id}4` }],
    ] as const)
      expect(scoreOf(push(MsgType, fields))).toBeUndefined();
  });
});
