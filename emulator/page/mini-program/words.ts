const texts = {
  confirm: { zh: '确定', en: 'OK' },
  cancel: { zh: '取消', en: 'Cancel' },
  allow: { zh: '允许', en: 'Allow' },
  close: { zh: '关闭', en: 'Close' },
  back: { zh: '返回', en: 'Back' },
  tabs: { zh: '标签栏', en: 'Tabs' },
  copied: { zh: '内容已复制', en: 'Copied' },
  place: { zh: '位置', en: 'Location' },
  subscribe: { zh: '申请发送一次以下消息', en: 'Asks to send you one message of' },
  opened: { zh: '已在左侧手机打开客服会话', en: 'The conversation is open on the other phone' },
  loading: { zh: '加载中', en: 'Loading' },
} as const satisfies { readonly [name: string]: { readonly zh: string; readonly en: string } };

/** The language of the browser: what the phone is set to. */
export const language = navigator.language.startsWith('zh') ? 'zh' : 'en';

/** What WeChat itself says on the phone, in the browser's language. */
export const words = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, text[language]]),
) as { readonly [N in keyof typeof texts]: string };
