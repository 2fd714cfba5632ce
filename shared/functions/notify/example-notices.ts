import { type Notices, notice } from './notice';

/**
 * Notices to begin with: copy them to `shared/notices.ts` and put your own template ids. These ids exist in the local
 * WeChat only.
 */
export const exampleNotices = {
  // The mini program's subscribe message first; a follower of the official account gets its template message instead.
  'order-sent': notice({
    title: '发货提醒',
    takes: ['order', 'goods', 'amount', 'sentAt'],
    mayTake: ['follower'],
    send: [
      {
        subscribe: {
          template_id: 'ORDER_TEMPLATE',
          page: ({ order }) => `pages/contact/index?order=${order}`,
          data: {
            thing1: 'goods',
            time2: 'sentAt',
            amount3: ({ amount }) => `¥${amount}`,
            character_string4: 'order',
          },
          cut: true,
        },
      },
      {
        template: {
          template_id: 'JkZGZlvL5ou_UFide5ncZOzLbtUaPPz8cuYdXUKEkzs',
          touser: 'follower',
          url: ({ order }) => `https://example.com/orders/${order}`,
          data: {
            first: () => '您的订单已发货',
            keyword1: 'goods',
            keyword2: 'sentAt',
            remark: ({ order }) => `订单号 ${order}`,
          },
        },
      },
    ],
  }),
  // The official account's template message first.
  'order-paid': notice({
    title: '付款成功',
    takes: ['order', 'goods', 'amount', 'paidAt'],
    mayTake: ['follower'],
    send: [
      {
        template: {
          template_id: 'JkZGZlvL5ou_UFide5ncZOzLbtUaPPz8cuYdXUKEkzs',
          touser: 'follower',
          url: ({ order }) => `https://example.com/orders/${order}`,
          data: {
            first: () => '付款成功',
            keyword1: 'goods',
            keyword2: { value: 'paidAt', color: '#173177' },
            remark: ({ amount }) => `金额 ${amount} 元`,
          },
        },
      },
      {
        subscribe: {
          template_id: 'ORDER_TEMPLATE',
          data: {
            thing1: 'goods',
            time2: 'paidAt',
            amount3: ({ amount }) => `¥${amount}`,
            character_string4: 'order',
          },
          cut: true,
        },
      },
    ],
  }),
  // Told to those of the desk who are away, when a user waits for a person. Sent by the functions, so what it takes is given.
  'desk-waiting': notice({
    title: '有用户等待人工客服',
    takes: ['text', 'at'],
    send: [
      {
        subscribe: {
          template_id: 'DESK_TEMPLATE',
          page: 'desk/pages/list/index',
          data: { thing1: 'text', time2: 'at' },
          cut: true,
        },
      },
    ],
  }),
} satisfies Notices;
