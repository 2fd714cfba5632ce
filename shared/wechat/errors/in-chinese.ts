import type { PlainObject } from '../fields/values';
import { errorMeanings } from './error-meanings';
import type { ErrorCodeName } from './errors';
import { errCodeAdviceZh, errorAdviceZh } from './errors-zh';

/**
 * An answer in Chinese: `lang: 'zh'` beside any event. Made of the English one, so that no other answer pays for it.
 *
 * What WeChat itself said stays as it said it, after the meaning of its number.
 */

/** A kind of value, as messages name it. */
const kinds: { readonly [word: string]: string } = {
  null: 'null',
  'a list': '列表',
  'an object': '对象',
  'a string': '字符串',
  'a number': '数字',
  'a boolean': '布尔值',
  'a bigint': '大整数',
  'a function': '函数',
  'a symbol': '符号',
  'a undefined': 'undefined',
};

type Sentence = readonly [english: string, chinese: string];

/** What a sentence leaves open: a word as it stands, a list of names, several to choose from; or what Chinese leaves out. */
const gaps: { readonly [gap: string]: (words: string) => string } = {
  '{}': (word) => kinds[word] ?? word,
  '{,}': (words) => words.replaceAll(', ', '、').replaceAll(' or ', ' 或 '),
  '{or}': (words) => words.replaceAll(' or ', ' 或 ').replaceAll(' and ', ' 和 '),
  '{drop}': () => '',
};

const gap = /\{(?:,|or|drop)?\}/g;

/** What is wrong with a field, sentence by sentence; the first that fits. */
const sentences: readonly Sentence[] = [
  ['is missing', '缺少此字段'],
  ['is missing; it is one of {,}', '缺少此字段，可用的值：{,}'],
  ['is missing; it holds nothing: {}', '缺少此字段，没有内容时写 {}'],
  ['is missing; it holds {,}', '缺少此字段，其中应有：{,}'],
  ['is missing; {} is not a field', '缺少此字段；{} 不是字段名'],
  [
    'is missing; give {}, or {} with a file in cloud storage',
    '缺少此字段：请填写 {}，或用 {} 填写云存储文件',
  ],
  ['is missing: the user’s openid of the official account', '缺少此字段：用户在公众号的 openid'],
  ['is empty', '不能为空'],
  ['is not a field; did you mean {}?', '没有这个字段，是否想写 {}？'],
  ['is not a field here; did you mean {}?', '这里没有这个字段，是否想写 {}？'],
  ['is not a field here; known: {,}', '这里没有这个字段，可用的字段：{,}'],
  ['belongs inside {}: {}', '应放在 {} 里面：{}'],
  ['does not go with msgtype {}', '不能与 msgtype {} 同时使用'],
  ['does not go with folder', '不能与 folder 同时使用'],
  ['is not this conversation’s user', '不是这个会话的用户'],
  ['does not go with messages; did you mean {}?', '不能与 messages 同时使用，是否想写 {}？'],
  ['does not go with messages', '不能与 messages 同时使用'],
  ['does not go with on, which sends nothing', '不能与 on 同时使用：设置开关时不发送'],
  ['goes with a type', '需要与 type 一起使用'],
  ['goes with queue: true only', '只能与 queue: true 一起使用'],
  [
    '{} and {} are the same field with different values; give one',
    '{} 和 {} 是同一个字段，值却不同，请只写一个',
  ],
  ['{} is no message type; did you mean {}?', '{} 不是消息类型，是否想写 {}？'],
  ['{} is no message type; known: {,}', '{} 不是消息类型，可用的类型：{,}'],
  ['{} is no notice; did you mean {}?', '{} 不在通知表中，是否想写 {}？'],
  ['{} is no notice; known: {,}', '{} 不在通知表中，已有：{,}'],
  ['{} is no notice; shared/notices.ts has none yet', '{} 不在通知表中，shared/notices.ts 还是空的'],
  [
    "is {}, which the {} account cannot send; {or} can: account: 'official'",
    "为 {}，{} 账号不能发送，{or} 可以：请写 account: 'official'",
  ],
  ['is {}, which the {} account cannot send; {or} can', '为 {}，{} 账号不能发送，{or} 可以'],
  ['is {}, which the {} account cannot upload', '为 {}，{} 账号不能上传'],
  [
    'is not this user’s own: a client may name files in {} and where {} says',
    '不是该用户自己的文件：客户端只能用 {} 里的文件，以及 {} 所列目录里的文件',
  ],
  ['is a user’s: the call names none', '属于某个用户：这次调用没有用户身份'],
  ['goes with drain, from {} to {}', '只与 drain 一起用，从 {} 到 {}'],
  ['a message must be an object, not {}', '应为对象，不能是{}'],
  ['must be an object, not {}', '应为对象，不能是{}'],
  ['must be a list, not {}', '应为列表，不能是{}'],
  ['must be a string, not {}', '应为字符串，不能是{}'],
  ['must be a string or a number, not {}', '应为字符串或数字，不能是{}'],
  ['must be {value}, not {}', '应写作 {value}，不能是{}'],
  ['must be an openid', '应为 openid'],
  ['must be an openid, not {}', '应为 openid，不能是 {}'],
  ['must be a file in cloud storage: cloud://…', '应为云存储中的文件：cloud://…'],
  ['must be a string of 1 to 64 printable characters', '应为 1 到 64 个可打印字符的字符串'],
  ['must be a string of JSON', '应为 JSON 字符串'],
  ['must not begin with "/": write pages/index/index', '开头不能有“/”，请写 pages/index/index'],
  [
    'must be a moment in the future, in milliseconds since 1970, not {}',
    '应为将来的时刻（1970 年以来的毫秒数），不能是 {}',
  ],
  ['must have 1 to {} entries', '应有 1 到 {} 项'],
  ['must be {subscribe: {…}} or {template: {…}}', '应写作 {subscribe: {…}} 或 {template: {…}}'],
  [
    'holds {}, which JSON can only write as an escape; WeChat refuses those',
    '含有 {}，JSON 只能用转义写出，微信不接受',
  ],
  ['is {} bytes of UTF-8; WeChat takes at most {}', '为 {} 字节（UTF-8），微信最多接受 {} 字节'],
  ['is {} bytes of UTF-8, more than {} messages hold', '为 {} 字节（UTF-8），{} 条消息也放不下'],
  ['has a link of {} bytes, which cannot be cut', '其中有 {} 字节的链接，无法拆开'],
  ['has {} entries; WeChat takes at most {}', '有 {} 项，微信最多接受 {} 项'],
  ['has {} fields; nothing has so many', '有 {} 个字段，过多'],
  ['has {} entries; nothing has so many', '有 {} 项，过多'],
  ['has {} entries; one call takes at most {}', '有 {} 项，一次调用最多 {} 项'],
  [
    'cannot be official: the variable OFFICIAL_APPID is not set',
    '不能为 official：没有设置变量 OFFICIAL_APPID',
  ],
  [
    'is the official account’s: the variable OFFICIAL_APPID is not set',
    '属于公众号：没有设置变量 OFFICIAL_APPID',
  ],
  [
    'is the mini program’s; a message of the {} account has no such fallback',
    '属于小程序，{} 账号的消息不能以此为后备',
  ],
  ['was used for another message', '已用于另一条消息'],
  ['and {} more', '还有 {} 处'],
  [
    '{} is not the mini program’s own appid; WeChat opens no other from here: {}',
    '{} 不是本小程序的 appid，小程序消息中的文字链只能打开本小程序：{}',
  ],
  [
    'looks url-encoded, and the user sees it as it stands; meant: {}',
    '像是经过 URL 编码的文字，用户会原样看到；是否想发：{}',
  ],
  [
    'is empty: a tap opens a blank page on iOS; leave it out',
    '为空：在 iOS 上点击会打开空白页，请去掉此字段',
  ],
  ['is {} pixels; WeChat advises the proportions of {}', '为 {} 像素，微信建议的比例为 {}'],
  ['must be at most {} characters', '最多 {} 个字符'],
  ['must be a number of at most 32 digits', '应为最多 32 位的数字'],
  ['must be at most 32 letters', '最多 32 个字母'],
  ['must be at most 5 symbols', '最多 5 个符号'],
  ['must be at most 32 letters, digits and symbols', '最多 32 个字母、数字和符号'],
  ['must be a time such as {or}', '应为时间，例如 {or}'],
  ['must be a date such as {}', '应为日期，例如 {}'],
  ['must be an amount: one currency sign and at most 10 digits', '应为金额：一个币种符号加最多 10 位数字'],
  ['must be at most 17 digits and signs', '最多 17 位数字和符号'],
  ['must be at most 8 letters and digits', '最多 8 个字母和数字'],
  ['must be at most 10 Chinese characters or 20 letters', '最多 10 个汉字或 20 个字母'],
  ['must be at most 5 Chinese characters', '最多 5 个汉字'],
  ['must be a whole number, not {}', '应为整数，不能是 {}'],
  ['must be a number, not {}', '应为数字，不能是 {}'],
  ['must be an id, not {}', '应为 id，不能是 {}'],
  ['must be {or}, not {}', '应为 {or}，不能是 {}'],
  ['{} is no action; did you mean {}?', '{} 不是可用的操作，是否想写 {}？'],
  ['{} is no action; known: {,}', '{} 不是可用的操作，可用的操作：{,}'],
  ['is missing; known: {,}', '缺少此字段，可用的值：{,}'],
  ['must be bot, waiting, or the openid of an operator', '应为 bot、waiting 或客服人员的 openid'],
  ['must be the before of another answer', '应为另一次返回中的 before'],
  ['must be a day: {}', '应为日期，例如 {}'],
  ['must be a day up to {} days before to', '应为 to 之前 {} 天以内的日期'],
  ['must be the id of a canned answer', '应为常用语的 id'],
  ['no conversations are kept: the variable {} is not set', '没有保留会话：没有设置变量 {}'],
  [
    'Set {} to the number of days that conversations are kept, then deploy again.',
    '把 {} 设为会话保留的天数，然后重新部署。',
  ],
  ['there is no such conversation', '没有这个会话'],
  ['another person has this conversation', '会话由其他客服接待'],
  ['the caller does not have this conversation', '会话不由您接待'],
  ['the database does not say what became of it', '数据库没有响应，结果未知'],
  [
    'cloud storage could not be written; what is left is erased by another call',
    '云存储无法写入；再次调用会继续删除',
  ],
  ['a client may send to itself only', '客户端只能发给自己'],
  ['a client cannot push', '客户端不能推送'],
  ['the call carries no identity', '调用没有身份'],
  ['this is for the timer and for operators', '只供定时触发器和客服人员使用'],
  ['this is for operators', '只供客服人员使用'],
  ['the self-check is for the owner’s code and for operators', '自检只供您自己的代码和客服人员使用'],
  [
    'sending is for operators and the owner’s code: KEFU_CLIENT_SENDS is off',
    '只有客服人员和您自己的代码可以发送：KEFU_CLIENT_SENDS 为 off',
  ],
  [
    'notices are for operators and the owner’s code to send; a user may set its own switch',
    '通知由客服人员和您自己的代码发送，用户只能设置自己的开关',
  ],
  ['the function ran out of time before the message was sent', '云函数的时间已用完，消息没有发出'],
  ['the function failed; its log says where', '云函数出错，日志里有位置'],
  ['the function failed while it sent this message', '云函数在发送这条消息时出错'],
  ['this message was passed over', '这条消息被略过'],
  ['the variable {} {drop}', '变量 {} 的值不符合要求'],
  ['the database could not be asked for the switch; nothing was sent', '数据库查不到开关，没有发送'],
  ['the database could not be asked for the window', '数据库查不到回复时限'],
  ['the database could not be asked; nothing was sent', '数据库没有响应，没有发送'],
  [
    'the database did not answer; the same requestId keeps the message once',
    '数据库没有响应；用同一个 requestId 再调用，消息只保存一次',
  ],
  ['the database does not say whether the step was taken', '数据库没有响应，不知道这一步是否完成'],
  [
    '{} messages of this user wait already; a client may have {} waiting',
    '该用户已有 {} 条消息在等待；客户端最多可以有 {} 条',
  ],
  ['more than {} calls of one user in a minute', '同一用户一分钟内调用超过 {} 次'],
  ['WeChat answered without a file', '微信的应答中没有文件'],
  ['the database did not answer', '数据库没有响应'],
  ['the database did not answer, so the message may have been kept', '数据库没有响应，消息可能已经保存'],
  [
    'a call with this requestId began and did not come to its end, so its message may have been sent',
    '用此 requestId 的调用没有执行到底，消息可能已经发出',
  ],
  ['this requestId is old, and its message is no longer known', '此 requestId 过旧，对应的消息已无法查到'],
  ['only a hash of this message was kept, so it cannot be sent again', '这条消息只保存了哈希，无法再次发送'],
  ['the outbox has no such message that was given up', '发件箱里没有这样一条已放弃的消息'],
  ['no such file in cloud storage', '云存储中没有这个文件'],
  ['cloud storage could not be read', '云存储无法读取'],
  ['cloud storage could not be written', '云存储无法写入'],
  ['cloud storage answered {}', '云存储返回 {}'],
  ['the file is empty', '文件为空'],
  ['the file is larger than {} bytes', '文件超过 {} 字节'],
  ['the file is {} bytes; WeChat takes at most {} as {}', '文件为 {} 字节，微信最多接受 {} 字节（{}）'],
  ['the file is of no known format; WeChat takes {,}', '无法识别文件格式，微信接受 {,}'],
  ['the file is {}; WeChat takes {,} as {}', '文件格式为 {}，微信接受 {,}（{}）'],
  ['the file is {}; WeChat takes {,}', '文件格式为 {}，微信接受 {,}'],
  ['WeChat could not be reached', '无法连接微信'],
  ['no answer from WeChat', '微信没有应答'],
  ['WeChat answered the upload without a media id', '微信对上传的应答中没有 media_id'],
  ['WeChat answered without words', '微信的应答格式不正确'],
  ['WeChat answered in no known form', '微信的应答格式不正确'],
  ['no cloud credentials in the environment', '环境中没有云开发的凭证'],
  ['another instance is renewing the access token', '另一个实例正在更新 access_token'],
];

/** Sentences by what they are made of: the text between the gaps, and the gaps in their order. */
const patterns = sentences.map(([english, chinese]) => ({
  pattern: new RegExp(
    `^${english
      .split(gap)
      .map((text) => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
      .join('([\\s\\S]+?)')}$`,
  ),
  gaps: english.match(gap) ?? [],
  chinese: chinese.split(gap),
}));

/** A sentence of ours in Chinese; `undefined` where it is none of ours. */
export function toChinese(message: string): string | undefined {
  for (const { pattern, gaps: open, chinese } of patterns) {
    const found = pattern.exec(message);
    if (found !== null)
      return chinese
        .map((text, place) => text + (place < chinese.length - 1 ? fill(open[place], found[place + 1]) : ''))
        .join('');
  }
  return undefined;
}

function fill(name = '', words = ''): string {
  return gaps[name]?.(words) ?? words;
}

/** Where an answer's advice can come from: the tables of `errors.ts`, handed in so that this file does not hold them twice. */
export interface EnglishAdvice {
  readonly ofCode: (code: ErrorCodeName) => string;
  readonly ofNumber: (errCode: number) => string | undefined;
}

/** An answer of a function in Chinese: `errMsg`, `advice`, `details` and `hints`, and those of each of its `results`. */
export function inChinese(answer: PlainObject, english: EnglishAdvice): PlainObject {
  const { errMsg, advice, results } = answer;
  const changed: Record<string, unknown> = {};
  if (answer['errCode'] !== 0 && typeof errMsg === 'string') changed['errMsg'] = errMsgZh(errMsg, answer);
  if (typeof advice === 'string') changed['advice'] = adviceZh(advice, answer, english);
  for (const name of ['details', 'hints']) {
    const entries = answer[name];
    if (Array.isArray(entries)) changed[name] = entries.map(entryZh);
  }
  if (Array.isArray(results))
    changed['results'] = (results as PlainObject[]).map((one) => inChinese(one, english));
  return { ...answer, ...changed };
}

function entryZh(entry: { readonly path: string; readonly message: string }): object {
  return { ...entry, message: toChinese(entry.message) ?? entry.message };
}

/** Ours translated, with the path before it as it is; what WeChat said, after what its number means. */
function errMsgZh(errMsg: string, { errCode, details }: PlainObject): string {
  const [first] = Array.isArray(details) ? (details as { path: string; message: string }[]) : [];
  const place = first && errMsg.endsWith(` ${first.message}`) ? errMsg.slice(0, -first.message.length) : '';
  // In a list the path says more than the sentence does: which of the messages.
  if (first !== undefined && place !== '' && `${first.path} `.endsWith(place)) {
    const message = toChinese(first.message);
    return message === undefined ? errMsg : `${place}${message}`;
  }
  const ours = toChinese(errMsg);
  if (ours !== undefined) return ours;
  const meanings: { readonly [errCode: number]: { readonly zh: string } } = errorMeanings;
  const meaning = meanings[errCode as number];
  return meaning === undefined ? errMsg : `${meaning.zh}（${errMsg}）`;
}

const takenAdvice = /^Nothing was sent, but the database could not be told so/;

function adviceZh(advice: string, { errCode, code }: PlainObject, english: EnglishAdvice): string {
  if (takenAdvice.test(advice))
    return '没有发送，但数据库没能记下：此 requestId 仍被占用。请换一个 requestId 再发。';
  const ofNumber: { readonly [errCode: number]: string } = errCodeAdviceZh;
  if (english.ofNumber(errCode as number) === advice) return ofNumber[errCode as number] ?? advice;
  const word = code as ErrorCodeName;
  return english.ofCode(word) === advice ? errorAdviceZh[word] : (toChinese(advice) ?? advice);
}
