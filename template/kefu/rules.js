// 您的规则：用户发来什么，回复什么。保存后，本地微信立即生效。
// Your rules: what is answered to what users write. The local WeChat takes a change at once.

const text = (content) => ({ msgtype: 'text', text: { content } });

/** @type {import('kefu-cloud/rules').ReplyRules} */
const rules = {
  rules: [
    {
      on: { event: 'user_enter_tempsession' },
      say: [text('您好，请问有什么可以帮您？回复「人工」转人工客服。')],
    },
    { on: { text: ['你好', '您好', '在吗'] }, say: [text('您好，我在。')] },
    { on: { contains: '退款' }, typing: true, say: [text('请发送订单号，我们为您查询。')] },
    { on: { contains: '人工' }, transfer: true },
  ],
  otherwise: { transfer: true },
};

module.exports = { rules };
