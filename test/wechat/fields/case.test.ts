import { expect, test } from '@jest/globals';
import { toCamelKey, toSnakeKey } from '../../../shared/wechat/fields/case';

test.each([
  ['media_id', 'mediaId'],
  ['thumb_media_id', 'thumbMediaId'],
  ['is_ai_msg', 'isAiMsg'],
  // Joined names are the same in both.
  ['musicurl', 'musicurl'],
  ['pagepath', 'pagepath'],
])('%s is %s in a cloud call, and back', (snake, camel) => {
  expect(toCamelKey(snake)).toBe(camel);
  expect(toSnakeKey(camel)).toBe(snake);
});

test('a leading capital gets no underscore, as in the SDK', () => {
  expect(toSnakeKey('MediaId')).toBe('media_id');
  expect(toSnakeKey('FileID')).toBe('file_i_d');
});
