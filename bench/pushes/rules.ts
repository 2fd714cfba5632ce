import type { ReplyRules } from '../../shared/functions/rules/reply-rules';

/** The table of the bench: a word that a rule answers, and a model for all else. */
export const rules: ReplyRules = {
  rules: [
    { on: { text: '1' }, say: [{ msgtype: 'text', text: { content: '请发送您的订单号。' } }] },
    { on: { message: 'text' }, ask: { instructions: '你是客服。' } },
  ],
};
