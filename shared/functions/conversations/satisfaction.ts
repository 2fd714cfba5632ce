import type { Push, UnknownPush } from '../../wechat/pushes/pushes';

/** The question how it was, at a conversation's end, and the answer to it. */

const prefix = 'kefu-satisfaction-';

/** What may be answered, the best first: what the user sees, and what it counts. */
const scores = [
  { score: 3, content: '满意' },
  { score: 2, content: '一般' },
  { score: 1, content: '不满意' },
] as const;

/** The question, as a message. */
export const satisfactionQuestion = {
  msgtype: 'msgmenu',
  msgmenu: {
    head_content: '请为本次服务评价：',
    list: scores.map(({ score, content }) => ({ id: `${prefix}${score}`, content })),
    tail_content: '感谢您的支持。',
  },
} as const;

/** What is said to whoever has answered it. */
export const satisfactionThanks = { msgtype: 'text', text: { content: '感谢您的评价！' } } as const;

/** What a push counts as an answer to the question, from 1 to 3; `undefined` where it is none. */
export function scoreOf(push: Push | UnknownPush): number | undefined {
  const { bizmsgmenuid } = push as UnknownPush;
  if (push.MsgType !== 'text' || typeof bizmsgmenuid !== 'string') return undefined;
  return scores.find(({ score }) => bizmsgmenuid === `${prefix}${score}`)?.score;
}
