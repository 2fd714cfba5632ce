import { expect, test } from '@jest/globals';
import { cutMessage } from '../../../shared/functions/send/cut-message';
import type { Message } from '../../../shared/wechat/messages/message-types';

/** What is sent of a message that was read: its parts, or its fault. */

const settings = { miniprogramAppid: 'wx0000000000000002' };
const text = (content: string): Message => ({ touser: 'oUser', msgtype: 'text', text: { content } });
const long = '一句话。'.repeat(400);
const foreign = text('<a data-miniprogram-appid="wx00000000000000ff" data-miniprogram-path="p">去</a>');

test('a text goes in as many parts as it needs, of so many', () => {
  const { parts, faults } = cutMessage(text(long), { account: 'miniprogram', mostParts: 20 }, settings);
  expect([parts.length > 1, faults]).toEqual([true, []]);
  const said = parts.map((part) => (part.msgtype === 'text' ? part.text.content : ''));
  expect(parts).toEqual(said.map(text));
  expect(said.join('')).toBe(long);
  expect(cutMessage(text(long), { account: 'miniprogram', mostParts: 2 }, settings)).toMatchObject({
    parts: [],
    faults: [{ path: 'text.content', errCode: 45002 }],
  });
});

test('what is not to be cut goes as it is, and so does what is no text', () => {
  const whole = text(long);
  const image: Message = { touser: 'oUser', msgtype: 'image', image: { media_id: 'M' } };
  expect(cutMessage(whole, { account: 'miniprogram', mostParts: 1 }, settings)).toEqual({
    parts: [whole],
    faults: [],
  });
  expect(cutMessage(image, { account: 'miniprogram', mostParts: 20 }, settings)).toEqual({
    parts: [image],
    faults: [],
  });
});

test('a link to another’s mini program is a fault, and nothing is sent; an official account may have it', () => {
  expect(cutMessage(foreign, { account: 'miniprogram', mostParts: 20 }, settings)).toMatchObject({
    parts: [],
    faults: [{ path: 'text.content', errCode: 40013 }],
  });
  expect(cutMessage(foreign, { account: 'official', mostParts: 20 }, settings).parts).toEqual([foreign]);
});
