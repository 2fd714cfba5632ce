import type { CamelKey } from '../../shared/wechat/fields/case';
import type { CloudShape, Shape } from '../../shared/wechat/fields/fields';

/**
 * What the compiler makes of a field table. Checked by the compiler: each line under an `@ts-expect-error` must be an
 * error, every other line must not. `types.test.ts` runs it.
 */

/** The two spellings, as `toCamelKey` has them. */
type Names = 'media_id' | 'thumb_media_id' | 'pagepath' | 'x_2y' | 'a_2_b';
export const spelled: { readonly [K in Names]: CamelKey<K> } = {
  media_id: 'mediaId',
  thumb_media_id: 'thumbMediaId',
  pagepath: 'pagepath',
  x_2y: 'x_2y',
  a_2_b: 'a_2B',
};

const fields = {
  touser: { kind: 'openid', need: 'always' },
  sub_2nd: { kind: 'integer', need: 'never' },
  show_as: { kind: 'choice', need: 'never', values: ['card', 'live'], wrong: 40035, default: 'card' },
  channels_card: {
    kind: 'group',
    need: 'always',
    keepsName: true,
    fields: {
      feed_list: { kind: 'list', need: 'always', fields: { feed_id: { kind: 'id', need: 'always' } } },
    },
  },
} as const;

export const https: Shape<typeof fields> = {
  touser: 'o',
  // What has a default is there once it was read.
  show_as: 'live',
  channels_card: { feed_list: [{ feed_id: '14' }] },
};

export const cloud: CloudShape<typeof fields> = {
  touser: 'o',
  sub_2nd: 1,
  showAs: 'card',
  // A group whose name is a value too keeps it.
  channels_card: { feedList: [{ feedId: '14' }] },
};

// @ts-expect-error an id is a string, so that no digit is lost
export const number: Shape<typeof fields>['channels_card'] = { feed_list: [{ feed_id: 14 }] };
