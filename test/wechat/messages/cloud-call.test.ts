import { describe, expect, test } from '@jest/globals';
import { toCamelKey, toSnakeKey } from '../../../shared/wechat/fields/case';
import { fromCloudCall, toCloudCall } from '../../../shared/wechat/messages/cloud-call';
import type { CloudMessage, Message } from '../../../shared/wechat/messages/message-types';
import { spelled } from '../../types/fields';

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

  test.each(Object.entries(spelled))('%s is %s to the compiler as it is at run time', (https, cloud) => {
    expect(toCamelKey(https)).toBe(cloud);
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
