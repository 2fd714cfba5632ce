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
      on: { contains: '审核' },
      account: 'miniprogram',
      ask: { instructions: '你是客服。', check: true },
      otherwise: { say: [text('otherwise')] },
    },
    {
      on: { contains: '限时' },
      ask: { instructions: '你是客服。', seconds: 5 },
      otherwise: { say: [text('otherwise')] },
    },
    {
      on: { message: 'image' },
      account: 'miniprogram',
      ask: { instructions: '你是客服。', pictures: true },
      otherwise: { say: [text('otherwise')] },
    },
    { on: { contains: '看图' }, ask: { instructions: '你是客服。', pictures: true } },
    {
      on: { text: 'throws' },
      run: () => Promise.reject(new Error('of the owner’s')),
      otherwise: { say: [text('otherwise')] },
    },
    orderRule,
    { ...assistantRule, otherwise: { say: [text('otherwise')] } },
  ],
};
