import type { MessageTypes } from '../../../shared/wechat/messages/message-types';

/**
 * Types that WeChat does not have, with names that no type has had: with an underscore, with a digit after it. A row
 * and an example each, as a new type would have them; every property of messages holds for them.
 */
const name = { zh: '试', en: 'Trial' };
const text = { kind: 'text', need: 'always' } as const;

export const trialTypes = {
  channels_card: {
    name,
    accounts: ['miniprogram', 'official'],
    body: {
      finder_user_name: text,
      cover_media_id: {
        kind: 'media',
        need: 'always',
        missing: 41006,
        media: 'image',
        fileKeys: ['coverFileID'],
      },
      show_as: { kind: 'choice', need: 'never', values: ['card', 'live'], wrong: 40035, default: 'card' },
    },
  },
  x_2y: {
    name,
    accounts: ['official'],
    body: {
      head_line: { kind: 'group', need: 'never', fields: { main_text: text, sub_2nd: text } },
      feed_list: {
        kind: 'list',
        need: 'always',
        max: 3,
        fields: {
          feed_id: { kind: 'id', need: 'always' },
          picture_media_id: {
            kind: 'media',
            need: 'never',
            media: 'thumb',
            fileKeys: ['pictureFileID', 'fileID'],
          },
          sort_no: { kind: 'integer', need: 'never' },
        },
      },
    },
  },
} as const satisfies MessageTypes;

export const trialExamples = {
  channels_card: { finder_user_name: 'sphABC', cover_media_id: 'MEDIA_ID', show_as: 'live' },
  x_2y: {
    head_line: { main_text: '上新', sub_2nd: '第二行' },
    feed_list: [{ feed_id: '14', picture_media_id: 'MEDIA_ID', sort_no: 1 }, { feed_id: '15' }],
  },
} as const;
