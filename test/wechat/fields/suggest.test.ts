import { expect, test } from '@jest/globals';
import { nearestName } from '../../../shared/wechat/fields/suggest';

const fields = ['media_id', 'thumb_media_id', 'title', 'description', 'url', 'touser'];

test.each([
  ['mediaID', 'media_id'],
  ['media-id', 'media_id'],
  ['MEDIA_ID', 'media_id'],
  ['mediaid2', 'media_id'],
  ['thumbMediaId', 'thumb_media_id'],
  ['titel', 'title'],
  ['desc ription', 'description'],
  ['discription', 'description'],
  ['descr1pt1on', 'description'],
  ['toUser', 'touser'],
  ['ur', 'url'],
  ['urls', 'url'],
  ['uri', 'url'],
])('%j was probably meant to be %s', (unknown, meant) => {
  expect(nearestName(unknown, fields)).toBe(meant);
});

test.each([
  ['a name far from all', 'sticker'],
  ['a short name that is two letters away', 'xyl'],
  ['a name of five letters that is three away', 'tixxx'],
  ['no letters at all', '__'],
  ['nothing', ''],
  ['letters of another script', '标题'],
])('nothing is suggested for %s', (_what, unknown) => {
  expect(nearestName(unknown, fields)).toBeUndefined();
});

test('the nearest of several is taken, and of two as near the first', () => {
  expect(nearestName('title', ['titles', 'title', 'title_'])).toBe('title');
  expect(nearestName('tixle', ['title', 'tivle'])).toBe('title');
});

test('a name of forty characters is compared, a longer one is not', () => {
  const forty = 'a'.repeat(40);
  expect(nearestName(forty, [`${forty}b`])).toBe(`${forty}b`);
  expect(nearestName(`${forty}a`, [`${forty}a`])).toBeUndefined();
});
