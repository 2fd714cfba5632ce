import type { ReplyMessage } from './reply';
import type { ReplyRules } from './reply-rules';

/**
 * Rules to begin with: a welcome, a menu, keywords, a hand-over to a person. They do as they are for a mini program and
 * for the official account beside it.
 *
 * A mini program has no `msgmenu`, so its menu is a text with numbers. Each entry answers to a click, to its number and
 * to its words alike.
 */

const text = <Content extends string>(content: Content) => ({ msgtype: 'text', text: { content } }) as const;

const askForOrder = text('请发送您的订单号，例如：KF20260001。');
const explainReturns = text('签收后 7 天内可退换，请在“我的订单”中申请。需要人工协助请回复 3。');

const menu = {
  msgtype: 'msgmenu',
  msgmenu: {
    head_content: '请问需要什么帮助？',
    list: [
      { id: 'delivery', content: '查物流' },
      { id: 'return', content: '退换货' },
      { id: 'person', content: '人工客服' },
    ],
    tail_content: '也可以直接描述您的问题。',
  },
} as const satisfies ReplyMessage;

export const exampleRules = {
  rules: [
    // Within a minute of the user's entering two messages get through; this leaves one.
    {
      on: { event: 'user_enter_tempsession' },
      say: [
        text('您好，欢迎光临！回复数字即可查询：\n1 查物流\n2 退换货\n3 人工客服\n也可以直接描述您的问题。'),
      ],
    },
    { on: { event: 'subscribe' }, say: [text('感谢关注！'), menu] },

    // From here a person answers; what the user writes meanwhile does not come to the rules.
    { on: { click: 'person' }, transfer: true },
    { on: { text: ['3', '人工', '客服'] }, transfer: true },
    { on: { contains: ['人工客服', '转人工', '投诉'] }, transfer: true },

    { on: { click: 'delivery' }, say: [askForOrder] },
    {
      on: { pattern: /\bKF\d{8}\b/i },
      typing: true,
      say: [text('已收到订单号，物流进度可在“我的订单”中查看。')],
    },
    { on: { text: '1' }, say: [askForOrder] },
    { on: { contains: ['物流', '快递', '发货'] }, say: [askForOrder] },

    { on: { click: 'return' }, say: [explainReturns] },
    { on: { text: '2' }, say: [explainReturns] },
    { on: { contains: ['退货', '换货', '退换', '退款'] }, say: [explainReturns] },

    { on: { text: '菜单' }, account: 'official', say: [menu] },
    { on: { message: 'image' }, say: [text('图片已收到。需要人工客服查看请回复 3。')] },
  ],
  otherwise: { say: [text('抱歉，没有理解您的问题。回复 1 查物流，2 退换货，3 人工客服。')] },
} as const satisfies ReplyRules;
