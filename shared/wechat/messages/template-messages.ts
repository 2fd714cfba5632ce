import type { Fields } from '../fields/fields';

/**
 * Template messages of an official account and subscribe messages of a mini program, as tables.
 *
 * Sources: the official account's template page (its brief copy and the page of 2026), the page of
 * `subscribe/send` (2026).
 */

const text = { kind: 'text', need: 'always' } as const;
const optional = { kind: 'text', need: 'never' } as const;

/** `message/template/send`. With both `url` and `miniprogram` the mini program opens; with neither nothing does. */
export const templateFields = {
  touser: { ...text, missing: 41009 },
  template_id: { ...text, missing: 40037 },
  url: optional,
  miniprogram: {
    kind: 'group',
    need: 'never',
    fields: {
      appid: { ...text, missing: 41002 },
      pagepath: { kind: 'text', need: 'never', form: 'pagepath' },
    },
  },
  /** The same id is sent once in ten minutes (45065 for the second). At most 32 characters. */
  client_msg_id: { kind: 'text', need: 'never', maxBytes: 32, tooLong: 45067 },
  /** In the brief's document; today's page names it no more. */
  topcolor: optional,
  data: { kind: 'data', need: 'always', missing: 47003 },
} as const satisfies Fields;

/** `message/subscribe/send`. */
export const subscribeFields = {
  touser: { ...text, missing: 41009 },
  template_id: { ...text, missing: 40037 },
  page: { kind: 'text', need: 'never', form: 'pagepath' },
  miniprogram_state: {
    kind: 'choice',
    need: 'never',
    values: ['developer', 'trial', 'formal'],
    wrong: 40035,
  },
  lang: { kind: 'choice', need: 'never', values: ['zh_CN', 'en_US', 'zh_HK', 'zh_TW'], wrong: 40035 },
  data: { kind: 'data', need: 'always', missing: 47003 },
} as const satisfies Fields;
