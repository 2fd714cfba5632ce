import type { ErrorCodeName, Refusal, ReplyWindow } from './kefu-client';

/** What a refusal is called in front of a user; `advice` is for developers. */
const refusals: { readonly [code in ErrorCodeName]: string } = {
  'invalid-message': '内容填写有误',
  'not-allowed': '没有权限：只能发给自己，客服需加入 KEFU_OPERATORS',
  'window-closed': '不在回复时限内，请等待用户再次发来消息',
  'quota-exceeded': '本轮可发送的条数已用完，请等待用户再次发来消息',
  'daily-limit': '今日调用次数已用完',
  'rate-limited': '发送过于频繁，请稍后再试',
  'wechat-busy': '网络或微信繁忙，请稍后再试',
  'unknown-delivery': '没有收到结果，消息可能已经送达，请先查看会话',
  'media-expired': '图片已过期，请重新选择',
  'media-invalid': '图片的格式或大小不符合要求',
  'file-unavailable': '读取不到云存储中的文件',
  'user-unreachable': '无法向该用户发送，请检查 openid',
  'content-rejected': '内容未通过微信的审核',
  'account-unauthorized': '账号没有客服消息的权限',
  'permission-missing': '云函数没有调用权限，请用开发者工具上传云函数并等待十分钟',
  'token-invalid': '登录状态失效，请重新登录',
  'configuration-invalid': '云开发尚未配置好',
  'typing-refused': '暂时不能显示输入状态',
  'already-typing': '输入状态已在显示',
  'already-sent': '已经发送过',
  'not-subscribed': '用户没有订阅',
  'template-invalid': '模板或模板内容有误',
  taken: '会话由其他客服接待',
  'not-found': '云函数尚未部署',
  'wechat-refused': '微信拒绝了这次调用',
  'internal-error': '云函数出错，请查看日志',
};

/** A refusal in one line: what happened, and which field it was. */
export function describeRefusal(refusal: Refusal): string {
  const [first] = refusal.details ?? [];
  const detail = first === undefined ? '' : `：${first.path} ${first.message}`;
  return `${refusals[refusal.code]}${detail}（${refusal.errCode}）`;
}

/** What is left of the reply window, in one line. */
export function describeWindow({ remaining, closesAt }: ReplyWindow, now: number): string {
  if (closesAt <= now) return '不在回复时限内';
  const hours = Math.floor((closesAt - now) / 3_600_000);
  const left = hours > 0 ? `${hours} 小时` : `${Math.ceil((closesAt - now) / 60_000)} 分钟`;
  return `还可发送 ${remaining} 条，${left}内有效`;
}
