import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toCamelKey, toSnakeKey } from '../../../shared/wechat/fields/case';
import { fromCloudCall, toCloudCall } from '../../../shared/wechat/messages/cloud-call';
import type { CloudMessage, Message } from '../../../shared/wechat/messages/message-types';
import { anyMessage } from '../../arbitrary/messages';

/** The two spellings, copied from WeChat's documents, not from our tables. */
const keysThatChange = {
  media_id: 'mediaId',
  thumb_media_id: 'thumbMediaId',
  thumb_url: 'thumbUrl',
  article_id: 'articleId',
  card_id: 'cardId',
  card_ext: 'cardExt',
  head_content: 'headContent',
  tail_content: 'tailContent',
  kf_account: 'kfAccount',
  is_ai_msg: 'isAiMsg',
};

const keysThatStay =
  'touser msgtype text image voice video music news mpnews mpnewsarticle msgmenu wxcard link miniprogrampage customservice aimsgcontext businessid musicurl hqmusicurl picurl url appid pagepath content title description articles list id'.split(
    ' ',
  );

describe('the two spellings', () => {
  test.each(Object.entries(keysThatChange))('%s is %s in the cloud', (https, cloud) => {
    expect(toCamelKey(https)).toBe(cloud);
    expect(toSnakeKey(cloud)).toBe(https);
  });

  test.each(keysThatStay)('%s is the same in both', (key) => {
    expect(toCamelKey(key)).toBe(key);
    expect(toSnakeKey(key)).toBe(key);
  });

  test('of documented messages are mapped as the documents have them', () => {
    const https: Message = {
      touser: 'OPENID',
      msgtype: 'miniprogrampage',
      miniprogrampage: {
        title: 'title',
        pagepath: 'pages/index/index?foo=bar',
        thumb_media_id: 'thumb_media_id',
      },
    };
    const cloud: CloudMessage = {
      touser: 'OPENID',
      msgtype: 'miniprogrampage',
      miniprogrampage: {
        title: 'title',
        pagepath: 'pages/index/index?foo=bar',
        thumbMediaId: 'thumb_media_id',
      },
    };
    expect(toCloudCall(https)).toEqual(cloud);
    expect(fromCloudCall(cloud)).toEqual(https);
  });
});

describe('for every message', () => {
  test('there and back is where it was, and the input stays as it is', () => {
    fc.assert(
      fc.property(anyMessage(), (message) => {
        const before = JSON.stringify(message);
        const cloud = toCloudCall(message);
        expect(fromCloudCall(cloud)).toEqual(message);
        expect(JSON.stringify(message)).toBe(before);
      }),
      { numRuns: 3000 },
    );
  });

  test("the SDK's own conversion turns the cloud shape into the HTTPS shape", () => {
    fc.assert(
      fc.property(anyMessage(), (message) => {
        expect(sdkConvert(toCloudCall(message))).toEqual(message);
      }),
      { numRuns: 3000 },
    );
  });

  test('no key of the cloud shape holds an underscore', () => {
    fc.assert(
      fc.property(anyMessage(), (message) => {
        expect(keysOf(toCloudCall(message)).filter((key) => key.includes('_'))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What wx-server-sdk 4.0.2 does to every key of a call; the wire tests show the same with the SDK itself. */
function sdkConvert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sdkConvert);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter, index) => `${index ? '_' : ''}${letter.toLowerCase()}`),
      sdkConvert(inner),
    ]),
  );
}

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}
