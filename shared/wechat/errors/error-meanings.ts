import type { KnownErrCode } from './errors';

/**
 * What WeChat's return codes mean, in a sentence, and where each is documented. The
 * emulator, the page and the documents have it from here; the functions get the Chinese column alone, for `lang: 'zh'`.
 *
 * The sources, as `source` abbreviates them:
 * - S1: the page of customerServiceMessage.send of the mini-program documentation
 * - S2: the return-code table of the official account's template page
 * - D26: the pages of customer service and of subscribe messages, 2026
 * - T22: the page of setTyping, 2022
 * - WX: WxJava, `WxMaErrorMsgEnum` and `WxMpErrorMsgEnum`
 * - WPY: wechatpy, `constants.py`
 * - SDK: wx-server-sdk 4.0.2, its table of error codes
 * - COM: posts in WeChat's developer community
 * - CB: CloudBase's own package for official accounts, offiaccount-common
 * - TP: the third-party platform's pages of uploadFuncConfig and getFuncConfig
 * - PUB: other public code that names the number
 *
 * S2 has two codes wrong. It calls 41006 a timeout of the access token, which is 42001; and it calls 42001 a need for
 * GET, which is 43001. 41006 is a missing media_id, as WX and WPY have it.
 */

interface Row {
  readonly en: string;
  readonly zh: string;
  /** Abbreviations of the sources, separated by spaces. */
  readonly source: string;
}

/** The meaning of every errcode of the error table, as an errmsg would read. */
export const errorMeanings = {
  [-1]: { en: 'system busy', zh: '系统繁忙，请稍候再试', source: 'S1 S2 D26 SDK' },
  40001: {
    en: 'AppSecret wrong, or access_token invalid or not the latest',
    zh: 'AppSecret 错误，或者 access_token 无效或不是最新',
    source: 'S1 S2 D26',
  },
  40002: { en: 'invalid credential type (grant_type)', zh: '不合法的凭证类型', source: 'S1 S2' },
  40003: {
    en: 'invalid openid: not of this appid, or not a follower',
    zh: '不合法的 OpenID，请确认该用户属于此 AppID 或已关注公众号',
    source: 'S1 S2 D26',
  },
  40004: { en: 'invalid media type', zh: '不合法的媒体文件类型', source: 'S2 D26' },
  40005: { en: 'invalid file type', zh: '不合法的文件类型', source: 'S2' },
  40006: { en: 'invalid file size', zh: '不合法的文件大小', source: 'S2' },
  40007: { en: 'invalid media_id, or expired', zh: '不合法的媒体文件 id，或已过期', source: 'S2 D26 WX' },
  40008: { en: 'invalid message type', zh: '不合法的消息类型', source: 'S2' },
  40009: { en: 'invalid image size or format', zh: '不合法的图片文件大小或格式', source: 'S2 WPY' },
  40010: { en: 'invalid voice size', zh: '不合法的语音文件大小', source: 'S2' },
  40011: { en: 'invalid video size', zh: '不合法的视频文件大小', source: 'S2' },
  40012: { en: 'invalid thumb size', zh: '不合法的缩略图文件大小', source: 'S2' },
  40013: { en: 'invalid appid', zh: '不合法的 AppID', source: 'S2 D26' },
  40014: { en: 'invalid access_token', zh: '不合法的 access_token', source: 'WX D26' },
  40033: {
    en: 'invalid characters: the request holds \\uxxxx',
    zh: '不合法的请求字符，不能包含 \\uxxxx 格式的字符',
    source: 'WX',
  },
  40035: { en: 'invalid parameter', zh: '不合法的参数', source: 'WX' },
  40036: { en: 'invalid template_id size', zh: '不合法的模板 id 长度', source: 'COM' },
  40037: { en: 'invalid template_id', zh: '不合法的模板 id', source: 'WX D26' },
  40097: { en: 'invalid parameters', zh: '参数不正确', source: 'WX' },
  40118: { en: 'invalid media_id size', zh: 'media_id 大小不合法', source: 'WX' },
  40121: { en: 'media_id of the wrong kind', zh: '不合法的 media_id 类型', source: 'WX' },
  40164: {
    en: 'caller’s IP address not in the whitelist',
    zh: '调用接口的 IP 地址不在白名单中',
    source: 'CB',
  },
  40200: { en: 'account type not allowed', zh: '账号类型不允许', source: 'D26' },
  41001: { en: 'access_token missing', zh: '缺少 access_token 参数', source: 'S2' },
  41002: { en: 'appid missing', zh: '缺少 appid 参数', source: 'S2' },
  41003: { en: 'refresh_token missing', zh: '缺少 refresh_token 参数', source: 'S2' },
  41004: { en: 'secret missing', zh: '缺少 secret 参数', source: 'S2' },
  41005: { en: 'media data missing', zh: '缺少多媒体文件数据', source: 'S2' },
  41006: { en: 'media_id missing', zh: '缺少 media_id 参数', source: 'WX WPY' },
  41009: { en: 'openid missing', zh: '缺少 openid', source: 'WX' },
  41028: { en: 'form_id wrong or expired', zh: 'form_id 不正确，或者过期', source: 'WX COM' },
  41029: { en: 'form_id used already', zh: 'form_id 已被使用', source: 'WX COM' },
  41030: { en: 'invalid page', zh: 'page 路径不正确', source: 'WX COM' },
  42001: { en: 'access_token expired', zh: 'access_token 超时', source: 'WX D26' },
  42007: {
    en: 'user changed the password, tokens void, authorise again',
    zh: '用户修改微信密码，access_token 和 refresh_token 失效，需要重新授权',
    source: 'WX',
  },
  43001: { en: 'GET required', zh: '需要 GET 请求', source: 'S2' },
  43002: { en: 'POST required', zh: '需要 POST 请求', source: 'S2' },
  43003: { en: 'HTTPS required', zh: '需要 HTTPS 请求', source: 'S2' },
  43004: { en: 'receiver must follow the account', zh: '需要接收者关注', source: 'WX' },
  43019: { en: 'receiver is on the account’s blacklist', zh: '需要将接收者从黑名单中移除', source: 'WX' },
  43101: {
    en: 'user has not subscribed, or the one-time subscription is used up',
    zh: '用户未订阅，或一次性订阅的次数已用完',
    source: 'WX D26',
  },
  43106: {
    en: 'account punished, cannot add templates',
    zh: '账号因违规被处罚，无法添加模板',
    source: 'D26',
  },
  43107: { en: 'subscribe-message capability banned', zh: '订阅消息能力已被封禁', source: 'D26' },
  43108: { en: 'parallel sends to one user', zh: '并发下发消息给同一个用户', source: 'D26 COM' },
  43116: { en: 'template banned for abuse', zh: '该模板因滥用被限制下发', source: 'D26' },
  44001: { en: 'media file empty', zh: '多媒体文件为空', source: 'S2' },
  44002: { en: 'POST body empty', zh: 'POST 的数据包为空', source: 'S2' },
  44003: { en: 'news content empty', zh: '图文消息内容为空', source: 'S2' },
  44004: { en: 'text content empty', zh: '文本消息内容为空', source: 'WX' },
  45001: { en: 'media file too large', zh: '多媒体文件大小超过限制', source: 'S2' },
  45002: { en: 'message content too long', zh: '消息内容超过限制', source: 'S2' },
  45003: { en: 'title too long', zh: '标题字段超过限制', source: 'S2' },
  45004: { en: 'description too long', zh: '描述字段超过限制', source: 'S2' },
  45005: { en: 'link too long', zh: '链接字段超过限制', source: 'S2' },
  45006: { en: 'picture link too long', zh: '图片链接字段超过限制', source: 'S2' },
  45007: { en: 'voice too long', zh: '语音播放时间超过限制', source: 'S2' },
  45008: { en: 'too many articles', zh: '图文消息超过限制', source: 'S2 D26' },
  45009: { en: 'daily API quota used up', zh: '接口调用超过每日限额', source: 'S2 WX' },
  45011: { en: 'API called too often within a minute', zh: 'API 调用太频繁，请稍候再试', source: 'WX' },
  45015: { en: 'reply window passed, or the user has unsubscribed', zh: '回复时间超过限制', source: 'S1 WX' },
  45026: { en: 'too many templates', zh: '模板数量超出限制', source: 'WPY' },
  45027: { en: 'template conflicts with the account’s industry', zh: '模板与所属行业冲突', source: 'WPY' },
  45047: { en: 'count limit of the reply window reached', zh: '客服接口下行条数超过上限', source: 'S1 WX' },
  45050: {
    en: 'customer message of a kind, or with a link, not allowed',
    zh: '客服消息使用了不允许的类型或链接',
    source: 'PUB',
  },
  45051: {
    en: 'template message of a kind, or with a link, not allowed',
    zh: '模板消息使用了不允许的类型或链接',
    source: 'PUB',
  },
  45065: { en: 'client message id sent already', zh: '相同 clientmsgid 已存在记录', source: 'WX' },
  45066: {
    en: 'same client message id sent again too soon',
    zh: '相同 clientmsgid 重试速度过快，请间隔 1 分钟重试',
    source: 'WX',
  },
  45067: { en: 'client message id too long', zh: 'clientmsgid 长度超过限制', source: 'WX' },
  45070: { en: 'sub-merchant account_name taken', zh: 'account_name 对应账号已经被创建', source: 'D26' },
  45071: { en: 'sub-merchant does not exist', zh: 'business_id 对应的商户不存在', source: 'D26' },
  45072: { en: 'command is not Typing or CancelTyping', zh: 'command 字段取值不对', source: 'T22 D26' },
  45077: { en: 'limit of sub-merchants reached', zh: '子商户数量已达到上限', source: 'D26' },
  45078: { en: 'sub-merchant nickname not allowed', zh: '子商户昵称不合法', source: 'D26' },
  45079: {
    en: 'sub-merchant nickname holds a word not allowed',
    zh: '子商户昵称含有违规词汇',
    source: 'D26',
  },
  45080: {
    en: 'typing needs an exchange with the user within the last 30 seconds',
    zh: '下发输入状态，需要之前 30 秒内跟用户有过消息交互',
    source: 'T22 D26',
  },
  45081: { en: 'typing is shown already', zh: '已经在输入状态，不可重复下发', source: 'T22 D26' },
  45091: { en: 'sub-merchant name not allowed', zh: '子商户名称不合法', source: 'D26' },
  45162: {
    en: 'send refused; WeChat does not document this number',
    zh: '发送被拒绝，微信文档未说明此返回码',
    source: 'COM',
  },
  45166: { en: 'invalid content', zh: '内容不合法', source: 'WPY' },
  45168: { en: 'content holds a sensitive word', zh: '内容包含敏感词', source: 'D26' },
  46001: { en: 'media data does not exist', zh: '不存在媒体数据', source: 'S2' },
  46004: { en: 'user does not exist', zh: '不存在的用户', source: 'WX' },
  47001: {
    en: 'JSON or XML parse error, or a parameter missing',
    zh: '解析 JSON/XML 内容错误',
    source: 'S2',
  },
  47003: {
    en: 'template data wrong, or a value against the rule of its key',
    zh: '模板参数不准确，可能为空或者不满足规则',
    source: 'WX D26',
  },
  48001: { en: 'API not granted to this account', zh: 'API 功能未授权', source: 'S1' },
  48002: { en: 'user has switched off messages', zh: '粉丝拒收消息', source: 'WX' },
  48004: { en: 'API banned', zh: 'API 接口被封禁', source: 'WX' },
  48006: { en: 'clear_quota used up: ten a month', zh: '清零次数达到上限（每月 10 次）', source: 'WX' },
  48008: { en: 'no right to send this message type', zh: '没有该类型消息的发送权限', source: 'WX' },
  50001: { en: 'user has not authorised this API', zh: '用户未授权该 API', source: 'WX' },
  50002: { en: 'user restricted', zh: '用户受限，可能是违规后接口被封禁', source: 'WX' },
  50005: { en: 'user does not follow the account', zh: '用户未关注公众号', source: 'WX' },
  61450: { en: 'customer-service system error', zh: '客服系统错误', source: 'WX' },
  61451: { en: 'customer-service parameter wrong', zh: '客服接口参数错误', source: 'WX' },
  61452: { en: 'invalid kf_account', zh: '无效客服账号', source: 'WX' },
  61453: { en: 'kf_account exists already', zh: '客服账号已存在', source: 'WX' },
  61454: { en: 'kf_account name too long', zh: '客服账号名长度超过限制', source: 'WX' },
  61455: { en: 'kf_account name holds a character not allowed', zh: '客服账号名包含非法字符', source: 'WX' },
  61456: { en: 'more than ten kf_accounts', zh: '客服账号个数超过限制（10 个）', source: 'WX' },
  61457: { en: 'invalid avatar file type', zh: '无效头像文件类型', source: 'WX' },
  61500: { en: 'date format wrong', zh: '日期格式错误', source: 'WX' },
  65400: {
    en: 'new customer service not enabled',
    zh: 'API 不可用，没有开通或升级到新版客服',
    source: 'D26',
  },
  65401: { en: 'invalid customer-service account', zh: '无效客服账号', source: 'D26' },
  65402: {
    en: 'customer-service account not bound to a WeChat id',
    zh: '客服账号尚未绑定微信号，不能投入使用',
    source: 'D26',
  },
  65403: { en: 'invalid customer-service nickname', zh: '客服昵称不合法', source: 'D26' },
  65404: { en: 'customer-service account name not allowed', zh: '客服账号不合法', source: 'D26' },
  65405: { en: 'limit of customer-service accounts reached', zh: '账号数目已达到上限', source: 'D26' },
  65406: { en: 'customer-service account exists already', zh: '已经存在的客服账号', source: 'D26' },
  65407: {
    en: 'invited user is customer service of this account already',
    zh: '邀请对象已经是本公众号客服',
    source: 'D26',
  },
  65408: { en: 'account has invited this user already', zh: '本公众号已发送邀请给该微信号', source: 'D26' },
  65409: { en: 'invalid WeChat id', zh: '无效的微信号', source: 'D26' },
  65410: {
    en: 'invited user is bound to the most accounts allowed',
    zh: '邀请对象绑定公众号客服的数量已达到上限',
    source: 'D26',
  },
  65411: { en: 'an invitation is pending', zh: '该账号已经有一个等待确认的邀请', source: 'D26' },
  65412: {
    en: 'account is bound to a WeChat id already',
    zh: '该账号已经绑定微信号，不能进行邀请',
    source: 'D26',
  },
  65413: { en: 'no session with this user', zh: '不存在对应用户的会话信息', source: 'D26' },
  65414: { en: 'user is with another customer-service account', zh: '客户正在被其他客服接待', source: 'D26' },
  70000: { en: 'blocked to protect minors', zh: '因未成年人保护被拦截', source: 'D26' },
  76001: { en: 'rid not found, or older than seven days', zh: 'rid 不存在，或已超过 7 天', source: 'D26' },
  76002: { en: 'rid empty or malformed', zh: 'rid 为空或者格式错误', source: 'D26' },
  76003: { en: 'rid belongs to another account', zh: '当前账号没有查询该 rid 的权限', source: 'D26' },
  76004: { en: 'rid not explained', zh: '无法查询该 rid', source: 'D26' },
  85089: { en: 'function has no permissions uploaded', zh: '云函数没有上传过权限配置', source: 'TP' },
  200001: { en: 'subscribe-template system error', zh: '订阅消息模板系统错误', source: 'D26' },
  200011: { en: 'account banned, cannot act', zh: '此账号已被封禁，无法操作', source: 'D26' },
  200012: { en: 'limit of private templates reached', zh: '私有模板数已达上限', source: 'D26' },
  200013: { en: 'template banned, cannot be chosen', zh: '此模板已被封禁，无法选用', source: 'D26' },
  200014: { en: 'invalid template tid', zh: '模板 tid 参数错误', source: 'D26' },
  200016: { en: 'invalid start', zh: 'start 参数错误', source: 'D26' },
  200017: { en: 'invalid limit', zh: 'limit 参数错误', source: 'D26' },
  200018: { en: 'category ids missing', zh: '类目 ids 缺失', source: 'D26' },
  200019: { en: 'invalid category ids', zh: '类目 ids 不合法', source: 'D26' },
  200020: { en: 'invalid kidList', zh: '关键词列表 kidList 参数错误', source: 'D26' },
  200021: { en: 'invalid sceneDesc', zh: '场景描述 sceneDesc 参数错误', source: 'D26' },
  200022: {
    en: 'subscribe template refused; the pages do not say why',
    zh: '订阅消息模板被拒绝，文档未说明原因',
    source: 'D26',
  },
  200100: {
    en: 'subscribe template refused; the pages do not say why',
    zh: '订阅消息模板被拒绝，文档未说明原因',
    source: 'D26',
  },
  20001: { en: 'subscribe-message system error', zh: '订阅消息系统错误', source: 'D26' },
  20002: { en: 'subscribe-message parameter wrong', zh: '订阅消息参数错误', source: 'D26' },
  [-604100]: { en: 'API not found', zh: '云调用接口不存在', source: 'SDK' },
  [-604101]: {
    en: 'function has no permission to call this API',
    zh: '云函数没有调用此接口的权限',
    source: 'SDK',
  },
  [-604102]: { en: 'open API timed out', zh: '调用开放接口超时', source: 'SDK' },
  [-604103]: { en: 'open API system error', zh: '调用开放接口时系统错误', source: 'SDK' },
  [-604104]: { en: 'illegal source of invocation', zh: '调用来源不合法', source: 'SDK' },
  [-601001]: { en: 'system error', zh: '系统错误', source: 'SDK' },
  [-601002]: { en: 'system arguments wrong', zh: '系统参数错误', source: 'SDK' },
  [-601003]: { en: 'system network error', zh: '系统网络错误', source: 'SDK' },
  [-601004]: { en: 'API permission denied', zh: '没有接口权限', source: 'SDK' },
  [-601008]: { en: 'server’s request timed out', zh: '服务端请求超时', source: 'SDK' },
  [-601012]: { en: 'environment not authorised', zh: '环境未授权', source: 'SDK' },
  [-601013]: { en: 'no multi-end permission', zh: '没有多端权限', source: 'SDK' },
  [-601015]: {
    en: 'access denied: cloudbase_auth gave no errCode',
    zh: '拒绝访问，云函数 cloudbase_auth 返回的 errCode 为空',
    source: 'SDK',
  },
  [-601016]: { en: 'environment’s authorisation missing', zh: '缺少环境授权信息', source: 'SDK' },
  [-601017]: {
    en: 'access denied: cloudbase_auth gave an errCode other than 0',
    zh: '拒绝访问，云函数 cloudbase_auth 返回的 errCode 非 0',
    source: 'SDK',
  },
  [-601018]: { en: 'API not authorised', zh: '接口未授权', source: 'SDK' },
  [-602001]: { en: 'database result over 1 MB', zh: '数据库查询结果超过 1 MB', source: 'SDK' },
  [-602018]: {
    en: 'API not authorised (the SDK’s text table has -601018 under this number)',
    zh: '接口未授权（SDK 的文字表把 -601018 写作此数）',
    source: 'SDK',
  },
  [-604001]: { en: 'function result over 1 MB', zh: '云函数返回结果超过 1 MB', source: 'SDK' },
  [-501001]: {
    en: 'cloud resource system error, or no network',
    zh: '云资源系统错误，或网络不通',
    source: 'SDK',
  },
  [-501002]: { en: 'cloud resource timed out', zh: '云资源服务超时', source: 'SDK' },
  [-501003]: { en: 'request limit exceeded', zh: '超过请求次数限制', source: 'SDK' },
  [-501004]: { en: 'limit of concurrent requests exceeded', zh: '超过并发请求限制', source: 'SDK' },
  [-501005]: { en: 'invalid environment', zh: '环境不合法', source: 'SDK' },
  [-501006]: { en: 'invalid common parameters', zh: '公共参数不合法', source: 'SDK' },
  [-501007]: { en: 'invalid parameters', zh: '参数不合法', source: 'SDK' },
  [-501008]: { en: 'invalid request source', zh: '请求来源不合法', source: 'SDK' },
  [-501009]: { en: 'cloud resource not initialised', zh: '云资源未初始化', source: 'SDK' },
  [-502001]: { en: 'database request failed', zh: '数据库请求失败', source: 'SDK' },
  [-502002]: { en: 'invalid database command', zh: '数据库操作指令不合法', source: 'SDK' },
  [-502003]: { en: 'database permission denied', zh: '没有数据库权限', source: 'SDK' },
  [-502004]: { en: 'limit of database collections exceeded', zh: '数据库集合数量超过限制', source: 'SDK' },
  [-502005]: { en: 'database collection does not exist', zh: '数据库集合不存在', source: 'SDK' },
  [-503001]: { en: 'storage request failed', zh: '云存储请求失败', source: 'SDK' },
  [-503002]: { en: 'storage permission denied', zh: '没有云存储权限', source: 'SDK' },
  [-503003]: { en: 'file does not exist in storage', zh: '云存储文件不存在', source: 'SDK' },
  [-503004]: { en: 'invalid storage signature parameters', zh: '云存储签名参数不合法', source: 'SDK' },
  [-504001]: { en: 'function call failed', zh: '云函数调用失败', source: 'SDK' },
  [-504002]: { en: 'function code threw', zh: '云函数执行失败', source: 'SDK' },
} as const satisfies Record<KnownErrCode, Row>;

/** The meaning of an errcode; a number that no source names gets a sentence saying so. */
export function errorMeaning(errCode: number): Row {
  return Object.hasOwn(errorMeanings, errCode)
    ? errorMeanings[errCode as KnownErrCode]
    : unknownMeaning(errCode);
}

function unknownMeaning(errCode: number): Row {
  return {
    en: `no source says what ${errCode} means`,
    zh: `没有资料说明返回码 ${errCode} 的含义`,
    source: '',
  };
}
