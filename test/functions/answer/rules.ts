import { assistantRule, orderRule } from '../../../shared/functions/answer/example-answers';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

/** The table of the tests of answers: the worked examples, and what they leave out. */
export const rules: ReplyRules = {
  rules: [
    { on: { contains: '转人工' }, transfer: true },
    { on: { text: 'plain' }, say: [text('plain answer')] },
    {
      on: { contains: '检查' },
      account: 'miniprogram',
      ask: { instructions: '你是客服。', check: true, handOver: false, label: false },
      otherwise: { say: [text('otherwise')] },
    },
    {
      on: { text: 'throws' },
      run: () => Promise.reject(new Error('of the owner’s')),
      otherwise: { say: [text('otherwise')] },
    },
    orderRule,
    { ...assistantRule, otherwise: { say: [text('otherwise')] } },
  ],
};
