/**
 * WeChat's return codes, and what to make of each.
 *
 * Two tables: a closed set of words (`code`) with whether a repeat can help and what to do, and every errcode that
 * the sources name with its word. What a number means in a sentence, and where it is documented, stands in
 * `error-meanings.ts`, which the functions do not load.
 */

interface ErrorCode {
  /** Whether the same call can be made again after a wait, with nothing else changed. */
  readonly retryable: boolean;
  /** What to do, for the developer who reads the answer. */
  readonly advice: string;
}

/** The closed set of `code` words in an answer. */
export const errorCodes = {
  'invalid-message': {
    retryable: false,
    advice: 'Correct the fields that details (or else errMsg) names, then call again.',
  },
  'not-allowed': {
    retryable: false,
    advice:
      'This caller may not do this: a client acts for itself only. For more, name its openid in KEFU_OPERATORS, or call from your own cloud function.',
  },
  'window-closed': {
    retryable: false,
    advice:
      'The reply window is shut. Wait until the user writes or enters again, or use a subscribe message.',
  },
  'quota-exceeded': {
    retryable: false,
    advice:
      'The count of this reply window is used up. Wait for the user’s next message; do not send again by yourself.',
  },
  'daily-limit': {
    retryable: false,
    advice: 'The account’s calls of the day are used up. Go on tomorrow, or clear the quota in the console.',
  },
  'rate-limited': {
    retryable: true,
    advice: 'Too many calls at once. Wait a minute, then call again, one by one.',
  },
  'wechat-busy': {
    retryable: true,
    advice: 'WeChat or the cloud is busy. Wait some seconds, then call again.',
  },
  'unknown-delivery': {
    retryable: false,
    advice:
      'No answer came after the request had left, so the message may have arrived. WeChat has no way to ask. Send it again only if twice does no harm.',
  },
  'media-expired': {
    retryable: false,
    advice:
      'WeChat does not know this media id (it keeps a file three days). Upload the file again, or send a fileID.',
  },
  'media-invalid': {
    retryable: false,
    advice: 'Use a file in a format and size that WeChat takes for this type.',
  },
  'file-unavailable': {
    retryable: false,
    advice: 'The file could not be read from cloud storage. Check the fileID and that the file still exists.',
  },
  'user-unreachable': {
    retryable: false,
    advice: 'WeChat will not deliver to this user. Check that the openid belongs to the sending account.',
  },
  'content-rejected': {
    retryable: false,
    advice: 'WeChat refused the content. Change it before you send again.',
  },
  'account-unauthorized': {
    retryable: false,
    advice:
      'The account lacks this interface or is barred from it. Look at mp.weixin.qq.com, account settings.',
  },
  'permission-missing': {
    retryable: false,
    advice:
      'List the API in the function’s config.json under permissions.openapi, upload the function with WeChat DevTools, and wait ten minutes.',
  },
  'token-invalid': {
    retryable: false,
    advice: 'The access token or AppSecret is not valid. Check the appid and secret of the account.',
  },
  'configuration-invalid': {
    retryable: false,
    advice: 'Correct the function’s configuration, then deploy it again.',
  },
  'typing-refused': {
    retryable: false,
    advice: 'The typing sign needs an exchange with the user within the last 30 seconds. Go on without it.',
  },
  'already-typing': { retryable: false, advice: 'The typing sign is shown already; treat this as success.' },
  'already-sent': {
    retryable: false,
    advice: 'This client message id was sent before; treat this as success.',
  },
  'not-subscribed': {
    retryable: false,
    advice:
      'The user has not subscribed to this template, or has used the subscription up. Ask again in the mini program.',
  },
  'template-invalid': {
    retryable: false,
    advice:
      'Check the template id and that every value keeps the rule of its key; WeChat’s text names the field.',
  },
  taken: {
    retryable: false,
    advice:
      'Only who has the conversation speaks in it: claim it first, or wait until its person lets it go.',
  },
  'not-found': { retryable: false, advice: 'What the call names does not exist.' },
  'wechat-refused': { retryable: false, advice: 'WeChat refused the call; errMsg holds its own words.' },
  'internal-error': {
    retryable: false,
    advice: 'A fault in this function. The function’s log has the details.',
  },
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof errorCodes;

interface ErrorRow {
  readonly code: ErrorCodeName;
  /** Replaces the word's own advice where the number says more. */
  readonly advice?: string;
  /**
   * The call may have been carried out although this came back. For a call whose repeat does harm it is answered as
   * `unknown-delivery`.
   */
  readonly ambiguous?: true;
}

const invalid = { code: 'invalid-message' } as const;
const media = { code: 'media-invalid' } as const;
const unauthorized = { code: 'account-unauthorized' } as const;
const unreachable = { code: 'user-unreachable' } as const;
const token = { code: 'token-invalid' } as const;
const busy = { code: 'wechat-busy' } as const;
const ambiguous = { code: 'wechat-busy', ambiguous: true } as const;
const configuration = { code: 'configuration-invalid' } as const;
const permission = { code: 'permission-missing' } as const;
const notFound = { code: 'not-found' } as const;
const refused = { code: 'wechat-refused' } as const;
const template = { code: 'template-invalid' } as const;

/** Every errcode of the sources, by number. */
export const errors = {
  // Customer message, typing, media; HTTPS in general
  [-1]: busy,
  40001: token,
  40002: token,
  40003: unreachable,
  40004: {
    code: 'media-invalid',
    advice: 'Use a type that WeChat has: image, voice, video, thumb; a mini program has image only.',
  },
  40005: media,
  40006: media,
  40007: { code: 'media-expired' },
  40008: {
    code: 'invalid-message',
    advice: 'Use an msgtype that exists and that the sending account may send.',
  },
  40009: media,
  40010: media,
  40011: media,
  40012: media,
  40013: {
    code: 'configuration-invalid',
    advice: 'Check the appid: capitals, spaces, and that it belongs to this account.',
  },
  40014: token,
  40033: {
    code: 'invalid-message',
    advice: 'Send the characters themselves as UTF-8, not as \\uXXXX escapes.',
  },
  40035: invalid,
  40036: template,
  40037: template,
  40097: invalid,
  40118: { code: 'media-expired' },
  40121: media,
  40164: {
    code: 'configuration-invalid',
    advice:
      'Add the function’s egress address to the account’s IP list (a fixed egress IP), or use the cloud channel, which has none.',
  },
  40200: unauthorized,
  41001: token,
  41002: invalid,
  41003: token,
  41004: { code: 'configuration-invalid' },
  41005: media,
  41006: invalid,
  41009: invalid,
  41028: template,
  41029: template,
  41030: { code: 'invalid-message', advice: 'Name a page of the released version, without a leading "/".' },
  42001: token,
  42007: token,
  43001: invalid,
  43002: invalid,
  43003: invalid,
  43004: unreachable,
  43019: unreachable,
  43101: { code: 'not-subscribed' },
  43106: unauthorized,
  43107: unauthorized,
  43108: { code: 'rate-limited', advice: 'WeChat refuses parallel sends to one user. Send one by one.' },
  43116: unauthorized,
  44001: media,
  44002: invalid,
  44003: invalid,
  44004: invalid,
  45001: media,
  45002: {
    code: 'invalid-message',
    advice: 'Shorten the text, or set split: true to send it as several messages.',
  },
  45003: invalid,
  45004: invalid,
  45005: invalid,
  45006: invalid,
  45007: media,
  45008: invalid,
  45009: { code: 'daily-limit' },
  45011: { code: 'rate-limited' },
  45015: { code: 'window-closed' },
  45026: unauthorized,
  45027: template,
  45047: { code: 'quota-exceeded' },
  45050: { code: 'content-rejected' },
  45051: { code: 'content-rejected' },
  45065: { code: 'already-sent' },
  45066: {
    code: 'rate-limited',
    advice: 'The same client message id came again within a minute. Wait a minute.',
  },
  45067: invalid,
  45070: invalid,
  45071: notFound,
  45072: { code: 'invalid-message', advice: 'Use the command Typing or CancelTyping.' },
  45077: { code: 'daily-limit' },
  45078: invalid,
  45079: { code: 'content-rejected' },
  45080: { code: 'typing-refused' },
  45081: { code: 'already-typing' },
  45091: invalid,
  45162: refused,
  45166: { code: 'content-rejected' },
  45168: { code: 'content-rejected' },
  46001: { code: 'media-expired' },
  46004: unreachable,
  47001: invalid,
  47003: template,
  48001: unauthorized,
  48002: unreachable,
  48004: unauthorized,
  48006: { code: 'daily-limit' },
  48008: unauthorized,
  50001: unreachable,
  50002: unreachable,
  50005: unreachable,
  61450: busy,
  61451: invalid,
  61452: invalid,
  61453: invalid,
  61454: invalid,
  61455: invalid,
  61456: {
    code: 'daily-limit',
    advice: 'The account has its ten customer-service accounts. Remove one first.',
  },
  61457: media,
  61500: invalid,
  65400: unauthorized,
  65401: invalid,
  65402: unauthorized,
  65403: invalid,
  65404: invalid,
  65405: refused,
  65406: refused,
  65407: refused,
  65408: refused,
  65409: invalid,
  65410: refused,
  65411: refused,
  65412: refused,
  65413: notFound,
  65414: { code: 'taken' },
  70000: unreachable,
  76001: invalid,
  76002: invalid,
  76003: invalid,
  76004: invalid,
  85089: permission,
  200001: busy,
  200011: unauthorized,
  200012: unauthorized,
  200013: template,
  200014: template,
  200016: template,
  200017: template,
  200018: template,
  200019: template,
  200020: template,
  200021: template,
  200022: template,
  200100: template,
  20001: busy,
  20002: invalid,
  // The cloud-call layer: 60xxxx WeChat's gateway, 50xxxx Tencent Cloud
  [-604100]: {
    code: 'configuration-invalid',
    advice: 'The cloud has no API of this name for this account. Check the name and the account kind.',
  },
  [-604101]: permission,
  [-604102]: ambiguous,
  [-604103]: ambiguous,
  [-604104]: {
    code: 'configuration-invalid',
    advice: 'No WeChat context: call from a mini program, a timer or another function of the environment.',
  },
  [-601001]: ambiguous,
  [-601002]: invalid,
  [-601003]: ambiguous,
  [-601004]: permission,
  [-601008]: ambiguous,
  [-601012]: configuration,
  [-601013]: configuration,
  [-601015]: configuration,
  [-601016]: configuration,
  [-601017]: configuration,
  [-601018]: permission,
  [-602001]: refused,
  [-602018]: permission,
  [-604001]: refused,
  [-501001]: ambiguous,
  [-501002]: ambiguous,
  [-501003]: { code: 'rate-limited' },
  [-501004]: { code: 'rate-limited' },
  [-501005]: configuration,
  [-501006]: configuration,
  [-501007]: configuration,
  [-501008]: configuration,
  [-501009]: configuration,
  [-502001]: busy,
  [-502002]: { code: 'internal-error' },
  [-502003]: configuration,
  [-502004]: configuration,
  [-502005]: configuration,
  [-503001]: busy,
  [-503002]: {
    code: 'file-unavailable',
    advice:
      'A client may name files of its own folder, which kefu-upload-media answers to { folder: true }, and of folders in KEFU_CLIENT_FILES. Upload the file there, or let your own code send it.',
  },
  [-503003]: { code: 'file-unavailable' },
  [-503004]: { code: 'file-unavailable' },
  [-504001]: busy,
  [-504002]: { code: 'internal-error' },
} as const satisfies Record<number, ErrorRow>;

export type KnownErrCode = keyof typeof errors;

/** The row of an errcode; a number that no source names is WeChat's refusal in its own words. */
export function errorRow(errCode: number): ErrorRow {
  return Object.hasOwn(errors, errCode) ? errors[errCode as KnownErrCode] : refused;
}
