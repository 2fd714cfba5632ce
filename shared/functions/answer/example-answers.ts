import type { Rule } from '../rules/reply-rules';
import type { Run, Tool, Turn } from '../rules/turn';

/**
 * Answers by code and by a model to begin with. They are off: to have them, put them into your table in `shared/rules.ts`.
 *
 *     import { assistantRule, orderRule } from './functions/answer/example-answers';
 *     export const rules: ReplyRules = { rules: [orderRule, …exampleRules.rules, assistantRule] };
 *
 * Both read a collection `orders` of yours, with documents such as
 * `{ number: 'KF20260001', _openid: 'o…', status: '已发货', carrier: '顺丰', tracking: 'SF1234567890' }`.
 */

const orderNumber = /\bKF\d{8}\b/i;

/** An order by its number. By the user's openid too, or anyone who guesses a number reads another's order. */
async function findOrder(number: string, { collection, openid }: Turn) {
  const { data } = await collection('orders')
    .where({ number: number.toUpperCase(), _openid: openid })
    .limit(1)
    .get();
  return data[0];
}

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

/** Looks the order up that the user names. */
const orderStatus: Run = async (turn) => {
  const number = orderNumber.exec(turn.text)?.[0] ?? '';
  const order = await findOrder(number, turn);
  if (order === undefined) return { say: [text(`没有找到您的订单 ${number}，请核对订单号。`)] };
  const { status, carrier = '', tracking = '' } = order;
  return { say: [text(`订单 ${number}:${String(status)}\n${String(carrier)} ${String(tracking)}`.trim())] };
};

/** An order number in a text is answered from the cloud database. */
export const orderRule: Rule = {
  on: { pattern: orderNumber },
  run: orderStatus,
  otherwise: { say: [text('订单暂时查不到，请稍后再试，或回复“人工”。')] },
};

const orderTool: Tool = {
  description: '按订单号查询当前用户自己的订单：状态、快递公司、运单号。',
  parameters: { number: { type: 'string', description: '订单号，如 KF20260001' } },
  run: async ({ number }, turn) => (await findOrder(String(number), turn)) ?? { error: '该用户没有这个订单' },
};

/** Whatever no other rule answers goes to a model that knows the shop and can look up the user's orders. */
export const assistantRule: Rule = {
  on: { message: 'text' },
  ask: {
    instructions: [
      '你是一家网店的客服。只回答与本店商品、订单、物流、售后有关的问题，用简短、礼貌的中文。',
      '退换货：签收后 7 天内，商品完好，在“我的订单”中申请。发货：付款后 48 小时内。',
      '订单信息只从工具 order_status 得到，不要猜测。用户要求人工，或你无法解决时，调用 hand_over。',
    ].join('\n'),
    tools: { order_status: orderTool },
  },
  otherwise: { say: [text('抱歉，暂时无法回答。请稍后再试，或回复“人工客服”。')] },
};
