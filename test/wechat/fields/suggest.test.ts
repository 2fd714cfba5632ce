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
  ['tit', 'title'],
  ['media', 'media_id'],
  ['desc', 'description'],
  ['openid', 'touser'],
  ['openId', 'touser'],
  ['to', 'touser'],
])('%j begins %s, or is what people call it', (unknown, meant) => {
  expect(nearestName(unknown, fields)).toBe(meant);
});

test('two letters begin too much, and what people call a field that is not there is none', () => {
  expect(nearestName('ti', fields)).toBeUndefined();
  expect(nearestName('openid', ['title'])).toBeUndefined();
  expect(nearestName('constructor', fields)).toBeUndefined();
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

test('nothing is suggested for a name without letters, however short the known ones are', () => {
  expect(nearestName('__', ['a', ''])).toBeUndefined();
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
