import type { TableName } from './tables';

/** Rules and notices as a project gets them: nobody is answered, nothing is told. */
export const freshTables: {
  readonly [N in TableName]: {
    readonly about: string;
    readonly text: { readonly ts: string; readonly js: string };
  };
} = {
  rules: {
    about: 'what is answered to what users write: yours to edit',
    text: {
      ts: `import type { ReplyRules } from 'kefu-cloud/rules';

// 您的规则：用户发来什么，回复什么。保存后，本地微信立即生效。
// Your rules: what is answered to what users write. The local WeChat takes a change at once.
//
//   { on: { contains: '退款' }, say: [{ msgtype: 'text', text: { content: '请发送订单号。' } }] },
//
export const rules: ReplyRules = {
  rules: [],
  otherwise: { transfer: true },
};
`,
      js: `// 您的规则：用户发来什么，回复什么。保存后，本地微信立即生效。
// Your rules: what is answered to what users write. The local WeChat takes a change at once.
//
//   { on: { contains: '退款' }, say: [{ msgtype: 'text', text: { content: '请发送订单号。' } }] },
//
/** @type {import('kefu-cloud/rules').ReplyRules} */
const rules = {
  rules: [],
  otherwise: { transfer: true },
};

module.exports = { rules };
`,
    },
  },
  notices: {
    about: 'what users are told about what: yours to edit',
    text: {
      ts: `import type { Notices } from 'kefu-cloud/notices';

// 您的通知：什么业务发什么订阅消息或模板消息。每一行用 kefu-cloud/notices 的 notice() 写成。
// Your notices: which template or subscribe message tells what. Each row is a notice() of kefu-cloud/notices.
export const notices: Notices = {};
`,
      js: `// 您的通知：什么业务发什么订阅消息或模板消息。每一行用 kefu-cloud/notices 的 notice() 写成。
// Your notices: which template or subscribe message tells what. Each row is a notice() of kefu-cloud/notices.
/** @type {import('kefu-cloud/notices').Notices} */
const notices = {};

module.exports = { notices };
`,
    },
  },
};
