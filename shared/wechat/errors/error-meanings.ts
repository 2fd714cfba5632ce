import type { KnownErrCode } from './errors';
import { callMeaningsZh, otherMeaningsZh } from './errors-zh';

/**
 * What WeChat's return codes mean, in a sentence, and where each is documented. `errors-zh.ts` has the Chinese.
 *
 * The functions do not load this: the emulator and the documentation do.
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
  /** Abbreviations of the sources, separated by spaces. */
  readonly source: string;
}

/** The meaning of every errcode of the error table, as an errmsg would read. */
export const errorMeanings = {
  [-1]: { en: 'system busy', source: 'S1 S2 D26 SDK' },
  40001: {
    en: 'AppSecret wrong, or access_token invalid or not the latest',
    source: 'S1 S2 D26',
  },
  40002: { en: 'invalid credential type (grant_type)', source: 'S1 S2' },
  40003: {
    en: 'invalid openid: not of this appid, or not a follower',
    source: 'S1 S2 D26',
  },
  40004: { en: 'invalid media type', source: 'S2 D26' },
  40005: { en: 'invalid file type', source: 'S2' },
  40006: { en: 'invalid file size', source: 'S2' },
  40007: { en: 'invalid media_id, or expired', source: 'S2 D26 WX' },
  40008: { en: 'invalid message type', source: 'S2' },
  40009: { en: 'invalid image size or format', source: 'S2 WPY' },
  40010: { en: 'invalid voice size', source: 'S2' },
  40011: { en: 'invalid video size', source: 'S2' },
  40012: { en: 'invalid thumb size', source: 'S2' },
  40013: { en: 'invalid appid', source: 'S2 D26' },
  40014: { en: 'invalid access_token', source: 'WX D26' },
  40033: {
    en: 'invalid characters: the request holds \\uxxxx',
    source: 'WX',
  },
  40035: { en: 'invalid parameter', source: 'WX' },
  40036: { en: 'invalid template_id size', source: 'COM' },
  40037: { en: 'invalid template_id', source: 'WX D26' },
  40097: { en: 'invalid parameters', source: 'WX' },
  40118: { en: 'invalid media_id size', source: 'WX' },
  40121: { en: 'media_id of the wrong kind', source: 'WX' },
  40164: {
    en: 'caller’s IP address not in the whitelist',
    source: 'CB',
  },
  40200: { en: 'account type not allowed', source: 'D26' },
  41001: { en: 'access_token missing', source: 'S2' },
  41002: { en: 'appid missing', source: 'S2' },
  41003: { en: 'refresh_token missing', source: 'S2' },
  41004: { en: 'secret missing', source: 'S2' },
  41005: { en: 'media data missing', source: 'S2' },
  41006: { en: 'media_id missing', source: 'WX WPY' },
  41009: { en: 'openid missing', source: 'WX' },
  41028: { en: 'form_id wrong or expired', source: 'WX COM' },
  41029: { en: 'form_id used already', source: 'WX COM' },
  41030: { en: 'invalid page', source: 'WX COM' },
  42001: { en: 'access_token expired', source: 'WX D26' },
  42007: {
    en: 'user changed the password, tokens void, authorise again',
    source: 'WX',
  },
  43001: { en: 'GET required', source: 'S2' },
  43002: { en: 'POST required', source: 'S2' },
  43003: { en: 'HTTPS required', source: 'S2' },
  43004: { en: 'receiver must follow the account', source: 'WX' },
  43019: { en: 'receiver is on the account’s blacklist', source: 'WX' },
  43101: {
    en: 'user has not subscribed, or the one-time subscription is used up',
    source: 'WX D26',
  },
  43106: {
    en: 'account punished, cannot add templates',
    source: 'D26',
  },
  43107: { en: 'subscribe-message capability banned', source: 'D26' },
  43108: { en: 'parallel sends to one user', source: 'D26 COM' },
  43116: { en: 'template banned for abuse', source: 'D26' },
  44001: { en: 'media file empty', source: 'S2' },
  44002: { en: 'POST body empty', source: 'S2' },
  44003: { en: 'news content empty', source: 'S2' },
  44004: { en: 'text content empty', source: 'WX' },
  45001: { en: 'media file too large', source: 'S2' },
  45002: { en: 'message content too long', source: 'S2' },
  45003: { en: 'title too long', source: 'S2' },
  45004: { en: 'description too long', source: 'S2' },
  45005: { en: 'link too long', source: 'S2' },
  45006: { en: 'picture link too long', source: 'S2' },
  45007: { en: 'voice too long', source: 'S2' },
  45008: { en: 'too many articles', source: 'S2 D26' },
  45009: { en: 'daily API quota used up', source: 'S2 WX' },
  45011: { en: 'API called too often within a minute', source: 'WX' },
  45015: { en: 'reply window passed, or the user has unsubscribed', source: 'S1 WX' },
  45026: { en: 'too many templates', source: 'WPY' },
  45027: { en: 'template conflicts with the account’s industry', source: 'WPY' },
  45047: { en: 'count limit of the reply window reached', source: 'S1 WX' },
  45050: {
    en: 'customer message of a kind, or with a link, not allowed',
    source: 'PUB',
  },
  45051: {
    en: 'template message of a kind, or with a link, not allowed',
    source: 'PUB',
  },
  45065: { en: 'client message id sent already', source: 'WX' },
  45066: {
    en: 'same client message id sent again too soon',
    source: 'WX',
  },
  45067: { en: 'client message id too long', source: 'WX' },
  45070: { en: 'sub-merchant account_name taken', source: 'D26' },
  45071: { en: 'sub-merchant does not exist', source: 'D26' },
  45072: { en: 'command is not Typing or CancelTyping', source: 'T22 D26' },
  45077: { en: 'limit of sub-merchants reached', source: 'D26' },
  45078: { en: 'sub-merchant nickname not allowed', source: 'D26' },
  45079: {
    en: 'sub-merchant nickname holds a word not allowed',
    source: 'D26',
  },
  45080: {
    en: 'typing needs an exchange with the user within the last 30 seconds',
    source: 'T22 D26',
  },
  45081: { en: 'typing is shown already', source: 'T22 D26' },
  45091: { en: 'sub-merchant name not allowed', source: 'D26' },
  45162: {
    en: 'send refused; WeChat does not document this number',
    source: 'COM',
  },
  45166: { en: 'invalid content', source: 'WPY' },
  45168: { en: 'content holds a sensitive word', source: 'D26' },
  46001: { en: 'media data does not exist', source: 'S2' },
  46004: { en: 'user does not exist', source: 'WX' },
  47001: {
    en: 'JSON or XML parse error, or a parameter missing',
    source: 'S2',
  },
  47003: {
    en: 'template data wrong, or a value against the rule of its key',
    source: 'WX D26',
  },
  48001: { en: 'API not granted to this account', source: 'S1' },
  48002: { en: 'user has switched off messages', source: 'WX' },
  48004: { en: 'API banned', source: 'WX' },
  48006: { en: 'clear_quota used up: ten a month', source: 'WX' },
  48008: { en: 'no right to send this message type', source: 'WX' },
  50001: { en: 'user has not authorised this API', source: 'WX' },
  50002: { en: 'user restricted', source: 'WX' },
  50005: { en: 'user does not follow the account', source: 'WX' },
  61450: { en: 'customer-service system error', source: 'WX' },
  61451: { en: 'customer-service parameter wrong', source: 'WX' },
  61452: { en: 'invalid kf_account', source: 'WX' },
  61453: { en: 'kf_account exists already', source: 'WX' },
  61454: { en: 'kf_account name too long', source: 'WX' },
  61455: { en: 'kf_account name holds a character not allowed', source: 'WX' },
  61456: { en: 'more than ten kf_accounts', source: 'WX' },
  61457: { en: 'invalid avatar file type', source: 'WX' },
  61500: { en: 'date format wrong', source: 'WX' },
  65400: {
    en: 'new customer service not enabled',
    source: 'D26',
  },
  65401: { en: 'invalid customer-service account', source: 'D26' },
  65402: {
    en: 'customer-service account not bound to a WeChat id',
    source: 'D26',
  },
  65403: { en: 'invalid customer-service nickname', source: 'D26' },
  65404: { en: 'customer-service account name not allowed', source: 'D26' },
  65405: { en: 'limit of customer-service accounts reached', source: 'D26' },
  65406: { en: 'customer-service account exists already', source: 'D26' },
  65407: {
    en: 'invited user is customer service of this account already',
    source: 'D26',
  },
  65408: { en: 'account has invited this user already', source: 'D26' },
  65409: { en: 'invalid WeChat id', source: 'D26' },
  65410: {
    en: 'invited user is bound to the most accounts allowed',
    source: 'D26',
  },
  65411: { en: 'an invitation is pending', source: 'D26' },
  65412: {
    en: 'account is bound to a WeChat id already',
    source: 'D26',
  },
  65413: { en: 'no session with this user', source: 'D26' },
  65414: { en: 'user is with another customer-service account', source: 'D26' },
  70000: { en: 'blocked to protect minors', source: 'D26' },
  76001: { en: 'rid not found, or older than seven days', source: 'D26' },
  76002: { en: 'rid empty or malformed', source: 'D26' },
  76003: { en: 'rid belongs to another account', source: 'D26' },
  76004: { en: 'rid not explained', source: 'D26' },
  85089: { en: 'function has no permissions uploaded', source: 'TP' },
  200001: { en: 'subscribe-template system error', source: 'D26' },
  200011: { en: 'account banned, cannot act', source: 'D26' },
  200012: { en: 'limit of private templates reached', source: 'D26' },
  200013: { en: 'template banned, cannot be chosen', source: 'D26' },
  200014: { en: 'invalid template tid', source: 'D26' },
  200016: { en: 'invalid start', source: 'D26' },
  200017: { en: 'invalid limit', source: 'D26' },
  200018: { en: 'category ids missing', source: 'D26' },
  200019: { en: 'invalid category ids', source: 'D26' },
  200020: { en: 'invalid kidList', source: 'D26' },
  200021: { en: 'invalid sceneDesc', source: 'D26' },
  200022: {
    en: 'subscribe template refused; the pages do not say why',
    source: 'D26',
  },
  200100: {
    en: 'subscribe template refused; the pages do not say why',
    source: 'D26',
  },
  20001: { en: 'subscribe-message system error', source: 'D26' },
  20002: { en: 'subscribe-message parameter wrong', source: 'D26' },
  [-604100]: { en: 'API not found', source: 'SDK' },
  [-604101]: {
    en: 'function has no permission to call this API',
    source: 'SDK',
  },
  [-604102]: { en: 'open API timed out', source: 'SDK' },
  [-604103]: { en: 'open API system error', source: 'SDK' },
  [-604104]: { en: 'illegal source of invocation', source: 'SDK' },
  [-601001]: { en: 'system error', source: 'SDK' },
  [-601002]: { en: 'system arguments wrong', source: 'SDK' },
  [-601003]: { en: 'system network error', source: 'SDK' },
  [-601004]: { en: 'API permission denied', source: 'SDK' },
  [-601008]: { en: 'server’s request timed out', source: 'SDK' },
  [-601012]: { en: 'environment not authorised', source: 'SDK' },
  [-601013]: { en: 'no multi-end permission', source: 'SDK' },
  [-601015]: {
    en: 'access denied: cloudbase_auth gave no errCode',
    source: 'SDK',
  },
  [-601016]: { en: 'environment’s authorisation missing', source: 'SDK' },
  [-601017]: {
    en: 'access denied: cloudbase_auth gave an errCode other than 0',
    source: 'SDK',
  },
  [-601018]: { en: 'API not authorised', source: 'SDK' },
  [-602001]: { en: 'database result over 1 MB', source: 'SDK' },
  [-602018]: {
    en: 'API not authorised (the SDK’s text table has -601018 under this number)',
    source: 'SDK',
  },
  [-604001]: { en: 'function result over 1 MB', source: 'SDK' },
  [-501001]: {
    en: 'cloud resource system error, or no network',
    source: 'SDK',
  },
  [-501002]: { en: 'cloud resource timed out', source: 'SDK' },
  [-501003]: { en: 'request limit exceeded', source: 'SDK' },
  [-501004]: { en: 'limit of concurrent requests exceeded', source: 'SDK' },
  [-501005]: { en: 'invalid environment', source: 'SDK' },
  [-501006]: { en: 'invalid common parameters', source: 'SDK' },
  [-501007]: { en: 'invalid parameters', source: 'SDK' },
  [-501008]: { en: 'invalid request source', source: 'SDK' },
  [-501009]: { en: 'cloud resource not initialised', source: 'SDK' },
  [-502001]: { en: 'database request failed', source: 'SDK' },
  [-502002]: { en: 'invalid database command', source: 'SDK' },
  [-502003]: { en: 'database permission denied', source: 'SDK' },
  [-502004]: { en: 'limit of database collections exceeded', source: 'SDK' },
  [-502005]: { en: 'database collection does not exist', source: 'SDK' },
  [-503001]: { en: 'storage request failed', source: 'SDK' },
  [-503002]: { en: 'storage permission denied', source: 'SDK' },
  [-503003]: { en: 'file does not exist in storage', source: 'SDK' },
  [-503004]: { en: 'invalid storage signature parameters', source: 'SDK' },
  [-504001]: { en: 'function call failed', source: 'SDK' },
  [-504002]: { en: 'function code threw', source: 'SDK' },
} as const satisfies Record<KnownErrCode, Row>;

/** The same in Chinese. */
const errorMeaningsZh = { ...callMeaningsZh, ...otherMeaningsZh } as const satisfies Record<
  KnownErrCode,
  string
>;

interface Meaning extends Row {
  readonly zh: string;
}

/** The meaning of an errcode; a number that no source names gets a sentence saying so. */
export function errorMeaning(errCode: number): Meaning {
  return Object.hasOwn(errorMeanings, errCode)
    ? { ...errorMeanings[errCode as KnownErrCode], zh: errorMeaningsZh[errCode as KnownErrCode] }
    : unknownMeaning(errCode);
}

function unknownMeaning(errCode: number): Meaning {
  return {
    en: `no source says what ${errCode} means`,
    zh: `没有资料说明返回码 ${errCode} 的含义`,
    source: '',
  };
}
