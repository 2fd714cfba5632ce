import type { ErrorCodeName, errors, KnownErrCode } from './errors';

/**
 * What to do about an error, in Chinese; what each return code means stands in `error-meanings.ts`. The page, the
 * documents and the answers with `lang: 'zh'` have it from here; a function loads it only for those.
 */

/** The advice of each `code` word in Chinese. */
export const errorAdviceZh = {
  'invalid-message': '按 details（没有时按 errMsg）指出的字段修改后再调用。',
  'not-allowed':
    '调用者没有这项权限：客户端只能以自己的身份操作。其他操作请把调用者的 openid 加入 KEFU_OPERATORS，或从自己的云函数调用。',
  'window-closed': '回复时限已过。等用户再次发消息或进入会话，或改用订阅消息。',
  'quota-exceeded': '本次回复时限内的条数已用完。等用户的下一条消息，不要自动重发。',
  'daily-limit': '账号当日的调用次数已用完。次日再调用，或在后台清零。',
  'rate-limited': '同一时间调用过多。等一分钟后逐条调用。',
  'wechat-busy': '微信或云端繁忙。等几秒后再调用。',
  'unknown-delivery':
    '请求发出后没有收到应答，消息可能已经送达，微信没有查询的办法。只有重复收到也无妨时才再发一次。',
  'media-expired': '微信不认识这个媒体文件 id（文件只保存三天）。请重新上传，或改用 fileID 发送。',
  'media-invalid': '请使用微信对此类型允许的文件格式和大小。',
  'file-unavailable': '无法从云存储读取文件。请检查 fileID，并确认文件仍然存在。',
  'user-unreachable': '微信不会向该用户下发消息。请确认 openid 属于发送消息的账号。',
  'content-rejected': '微信拒绝了内容。修改后再发送。',
  'account-unauthorized': '账号没有此接口的权限，或已被封禁。请到 mp.weixin.qq.com 查看账号设置。',
  'permission-missing':
    '在云函数 config.json 的 permissions.openapi 中列出该接口，用微信开发者工具重新上传云函数，等待十分钟。',
  'token-invalid': 'access_token 或 AppSecret 无效。请检查账号的 appid 和 secret。',
  'configuration-invalid': '修正云函数的配置后重新部署。',
  'typing-refused': '下发输入状态需要最近 30 秒内与用户有过消息交互。可以不显示，继续即可。',
  'already-typing': '输入状态已在显示，按成功处理。',
  'already-sent': '此 clientmsgid 已经发送过，按成功处理。',
  'not-subscribed': '用户没有订阅此模板，或订阅次数已用完。请在小程序中再次请求订阅。',
  'template-invalid': '检查模板 id，并确认每个值符合其关键词的规则；微信的文字会指出是哪个字段。',
  taken: '只有接待该会话的人可以发言：请先接入，或等接待的人放手。',
  'not-found': '调用中指明的对象不存在。',
  'wechat-refused': '微信拒绝了调用，errMsg 是微信的原文。',
  'internal-error': '云函数自身出错，详情见云函数日志。',
} as const satisfies Record<ErrorCodeName, string>;

type AdvisedErrCode = {
  [Code in KnownErrCode]: (typeof errors)[Code] extends { readonly advice: string } ? Code : never;
}[KnownErrCode];

/** In Chinese, the advice of each errcode that has one of its own. */
export const errCodeAdviceZh = {
  40004: '请使用微信的媒体类型：image、voice、video、thumb；小程序只有 image。',
  40008: '请使用存在的、且发送账号可以发送的 msgtype。',
  40013: '请检查 appid：大小写、空格，以及是否属于此账号。',
  40033: '请以 UTF-8 发送字符本身，不要用 \\uXXXX 转义。',
  40164: '把云函数的出口 IP 加入账号的 IP 白名单（固定出口 IP），或改用没有白名单的云调用。',
  41030: '请填写已发布版本中的页面，开头不要加“/”。',
  43108: '微信不允许并发下发给同一个用户。请逐条发送。',
  45002: '缩短文字，或设置 split: true 拆成几条发送。',
  45066: '一分钟内重复使用了同一个 clientmsgid。请等一分钟。',
  45072: 'command 请用 Typing 或 CancelTyping。',
  61456: '账号已有十个客服账号。请先删除一个。',
  [-503002]:
    '客户端只能使用自己目录里的文件（用 { folder: true } 调用 kefu-upload-media 得到该目录），以及 KEFU_CLIENT_FILES 开放的目录。请把文件上传到那里，或由您自己的代码发送。',
  [-604100]: '云端没有此账号可用的同名接口。请检查接口名称和账号类型。',
  [-604104]: '没有微信调用来源。请从小程序、定时触发器或同环境的其他云函数调用。',
} as const satisfies Record<AdvisedErrCode, string>;
