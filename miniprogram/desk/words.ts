import type { ConversationState, DeskRefusal, MessageStatus, Speaker } from './model/contract';
import type { Filter } from './model/desk-state';

/** What the desk says, in Chinese, and in English where the phone's language is English. */

type Language = 'zh' | 'en';
type Word = { readonly [L in Language]: string };
type Table<Key extends string> = { readonly [K in Key]: Word };

const events: Table<string> = {
  asked: { zh: '用户请求人工接待', en: 'The user asks for a person' },
  satisfaction: { zh: '用户评价：', en: 'The user’s judgement:' },
  claimed: { zh: '接入了会话', en: 'took the conversation' },
  'handed-on': { zh: '转接了会话', en: 'handed the conversation on' },
  released: { zh: '放开了会话', en: 'let go of the conversation' },
  closed: { zh: '结束了会话', en: 'closed the conversation' },
  lapsed: { zh: '长时间未回复，会话交回机器人', en: 'No answer for long: back to the bot' },
  user_enter_tempsession: { zh: '用户进入了会话', en: 'The user entered the conversation' },
  subscribe: { zh: '用户关注了公众号', en: 'The user follows the official account' },
  unsubscribe: { zh: '用户取消了关注', en: 'The user follows no longer' },
};

const kinds: Table<string> = {
  image: { zh: '[图片]', en: '[Picture]' },
  voice: { zh: '[语音]', en: '[Voice]' },
  video: { zh: '[视频]', en: '[Video]' },
  shortvideo: { zh: '[视频]', en: '[Video]' },
  music: { zh: '[音乐]', en: '[Music]' },
  news: { zh: '[图文]', en: '[Article]' },
  mpnews: { zh: '[图文]', en: '[Article]' },
  mpnewsarticle: { zh: '[图文]', en: '[Article]' },
  msgmenu: { zh: '[菜单]', en: '[Menu]' },
  wxcard: { zh: '[卡券]', en: '[Coupon]' },
  miniprogrampage: { zh: '[小程序卡片]', en: '[Card]' },
  link: { zh: '[链接]', en: '[Link]' },
  location: { zh: '[位置]', en: '[Location]' },
  file: { zh: '[文件]', en: '[File]' },
  event: { zh: '[事件]', en: '[Event]' },
};

const refusals: Partial<Table<DeskRefusal['code']>> = {
  'not-allowed': {
    zh: '没有权限：客服人员需加入 KEFU_OPERATORS',
    en: 'Not allowed: operators stand in KEFU_OPERATORS',
  },
  'configuration-invalid': {
    zh: '尚未开启会话记录：请设置云函数变量 KEFU_HISTORY_DAYS 后重新部署',
    en: 'No conversations are kept: set KEFU_HISTORY_DAYS of the cloud function and deploy again',
  },
  'not-found': { zh: '云函数 kefu-desk 尚未部署', en: 'The cloud function kefu-desk is not deployed' },
  'window-closed': { zh: '不在回复时限内', en: 'The reply window is over' },
  'quota-exceeded': { zh: '可发条数已用完', en: 'The reply window is used up' },
  'invalid-message': { zh: '内容填写有误', en: 'Something in the message is wrong' },
  'content-rejected': { zh: '内容未通过微信的审核', en: 'WeChat’s review refused it' },
  'media-invalid': {
    zh: '文件的格式或大小不符合要求',
    en: 'The file has a form or size that WeChat does not take',
  },
  'media-expired': { zh: '文件已过期，请重新选择', en: 'The file has expired: choose it again' },
  'file-unavailable': { zh: '读取不到云存储中的文件', en: 'The file cannot be read from cloud storage' },
  'rate-limited': { zh: '发送过于频繁，请稍后再试', en: 'Too many at once: try again in a while' },
  'daily-limit': { zh: '今日调用次数已用完', en: 'Today’s calls are used up' },
  'wechat-busy': {
    zh: '微信或数据库繁忙，请稍后再试',
    en: 'WeChat or the database is busy: try again in a while',
  },
  'user-unreachable': { zh: '无法向该用户发送', en: 'This user cannot be reached' },
  taken: { zh: '会话已由同事接入', en: 'A colleague has this conversation' },
  offline: { zh: '连接中断', en: 'No connection' },
};

const table = {
  desk: { zh: '客服台', en: 'Desk' },
  thread: { zh: '会话', en: 'Conversation' },
  stats: { zh: '数据统计', en: 'Figures' },
  settings: { zh: '设置', en: 'Settings' },
  filters: {
    waiting: { zh: '排队中', en: 'Waiting' },
    mine: { zh: '我的', en: 'Mine' },
    person: { zh: '人工', en: 'With a person' },
    bot: { zh: '机器人', en: 'Bot' },
    closed: { zh: '已结束', en: 'Closed' },
    all: { zh: '全部', en: 'All' },
  } satisfies Table<Filter['state']>,
  states: {
    waiting: { zh: '等待人工', en: 'Waiting' },
    person: { zh: '人工接待', en: 'With a person' },
    bot: { zh: '机器人', en: 'Bot' },
    closed: { zh: '已结束', en: 'Closed' },
  } satisfies Table<ConversationState>,
  speakers: {
    user: { zh: '用户', en: 'User' },
    rule: { zh: '自动回复', en: 'Automatic' },
    code: { zh: '自动回复（代码）', en: 'Automatic (code)' },
    model: { zh: 'AI 回复', en: 'AI' },
    person: { zh: '客服', en: 'Colleague' },
    service: { zh: '系统发送', en: 'System' },
    note: { zh: '备注', en: 'Note' },
    event: { zh: '', en: '' },
  } satisfies Table<Speaker>,
  statuses: {
    received: { zh: '', en: '' },
    sent: { zh: '已发送', en: 'Sent' },
    failed: { zh: '发送失败', en: 'Not sent' },
    unknown: { zh: '没有收到结果，可能已经送达', en: 'No answer came: it may have arrived' },
    waiting: { zh: '排队等待发送', en: 'Waiting to be sent' },
    sending: { zh: '发送中…', en: 'Sending…' },
  } satisfies Table<MessageStatus | 'sending'>,
  events,
  kinds,
  refusals,
  /** Other words of the pages, by name. */
  page: {
    search: { zh: '搜索用户或消息', en: 'Search users or messages' },
    empty: { zh: '暂无会话', en: 'No conversations' },
    loading: { zh: '读取中…', en: 'Loading…' },
    more: { zh: '加载更多', en: 'More' },
    older: { zh: '查看更早的消息', en: 'Earlier messages' },
    offline: {
      zh: '连接中断，正在自动重试；已输入的内容不会丢失',
      en: 'No connection; trying again. Nothing that you typed is lost.',
    },
    choose: { zh: '请选择一个会话', en: 'Choose a conversation' },
    unread: { zh: '条未读', en: 'unread' },
    waiting: { zh: '已等待', en: 'Waiting for' },
    waitingShort: { zh: '等待', en: 'Waits' },
    user: { zh: '用户', en: 'User' },
    official: { zh: '公众号', en: 'Official account' },
    miniprogram: { zh: '小程序', en: 'Mini program' },
    me: { zh: '我', en: 'Me' },
    claim: { zh: '接入', en: 'Take' },
    handOn: { zh: '转接', en: 'Hand on' },
    toBot: { zh: '交回机器人', en: 'Back to the bot' },
    toWaiting: { zh: '放回排队', en: 'Back to those who wait' },
    close: { zh: '结束会话', en: 'Close' },
    closeAsk: { zh: '结束并询问满意度', en: 'Close and ask how it was' },
    notAsked: {
      zh: '会话已结束；回复时限内没有余量，未询问满意度',
      en: 'Closed; the reply window had no room for the question',
    },
    again: { zh: '重新发送', en: 'Send again' },
    drop: { zh: '不再发送', en: 'Do not send' },
    dropped: { zh: '确定放弃这条消息吗？', en: 'Let go of this message?' },
    reply: { zh: '回复用户', en: 'Answer the user' },
    note: { zh: '内部备注（用户看不到）', en: 'A note that the user does not see' },
    noteMode: { zh: '备注', en: 'Note' },
    replyMode: { zh: '回复', en: 'Answer' },
    send: { zh: '发送', en: 'Send' },
    save: { zh: '保存', en: 'Save' },
    canned: { zh: '常用语', en: 'Canned answers' },
    noCanned: { zh: '还没有常用语，可在“设置”中添加', en: 'None yet: add some in the settings' },
    picture: { zh: '图片', en: 'Picture' },
    file: { zh: '文件', en: 'File' },
    wrongFile: {
      zh: '该账号不能发送这种文件，请选择图片',
      en: 'This account cannot send such a file: choose a picture',
    },
    uploading: { zh: '上传中…', en: 'Uploading…' },
    uploadFailed: { zh: '上传失败，请重试', en: 'The upload failed: try again' },
    team: { zh: '转接给', en: 'Hand on to' },
    noColleagues: { zh: '没有其他客服人员', en: 'There is no colleague' },
    online: { zh: '在线', en: 'here' },
    away: { zh: '离开', en: 'away' },
    never: { zh: '从未登录', en: 'never here' },
    play: { zh: '播放', en: 'Play' },
    stop: { zh: '停止', en: 'Stop' },
    cannotPlay: { zh: '无法播放该语音', en: 'This voice message cannot be played' },
    cannotOpen: { zh: '无法打开该文件', en: 'This file cannot be opened' },
    windowOver: {
      zh: '不在回复时限内，等待用户再次发来消息后才能回复',
      en: 'The reply window is over: wait until the user writes again',
    },
    windowFull: {
      zh: '可发条数已用完，等待用户再次发来消息后才能回复',
      en: 'The reply window is used up: wait until the user writes again',
    },
    windowLeft: { zh: '还可发送', en: 'Left to send:' },
    windowNever: {
      zh: '用户尚未发来消息，暂时不能回复',
      en: 'The user has not written yet: there is no reply window',
    },
    unclaimed: { zh: '接入后即可回复', en: 'Take the conversation to answer' },
    anothers: { zh: '正在由同事接待：', en: 'A colleague has it: ' },
    takenBy: { zh: '会话已由同事接入：', en: 'A colleague took it: ' },
    name: { zh: '我的称呼', en: 'My name' },
    nameHint: { zh: '同事会看到的名称', en: 'What colleagues see' },
    title: { zh: '标题', en: 'Title' },
    text: { zh: '内容', en: 'Text' },
    add: { zh: '添加', en: 'Add' },
    edit: { zh: '编辑', en: 'Edit' },
    remove: { zh: '删除', en: 'Remove' },
    removed: { zh: '确定删除这条常用语吗？', en: 'Remove this canned answer?' },
    cancel: { zh: '取消', en: 'Cancel' },
    saved: { zh: '已保存', en: 'Saved' },
    notify: { zh: '有用户等待时通知我', en: 'Tell me when somebody waits' },
    notifyHint: {
      zh: '离开客服台后，有用户等待人工时会收到一条订阅消息。每次授权可接收一条。',
      en: 'While you are away from the desk, a subscribe message tells you. Each permission is for one.',
    },
    notified: { zh: '已授权，可接收一条通知', en: 'You will get one message' },
    notNotified: { zh: '未授权', en: 'Not permitted' },
    days7: { zh: '近 7 天', en: '7 days' },
    days30: { zh: '近 30 天', en: '30 days' },
    day: { zh: '日期', en: 'Day' },
    conversations: { zh: '会话数', en: 'Conversations' },
    firstAnswerSeconds: { zh: '首次响应（秒）', en: 'First answer (s)' },
    byRule: { zh: '规则', en: 'Rule' },
    byCode: { zh: '代码', en: 'Code' },
    byModel: { zh: '模型', en: 'Model' },
    byPerson: { zh: '人工', en: 'Person' },
    answered: { zh: '回复数（按来源）', en: 'Answers, by whom' },
    satisfaction: { zh: '满意度', en: 'Satisfaction' },
    good: { zh: '满意', en: 'Good' },
    fair: { zh: '一般', en: 'Fair' },
    bad: { zh: '不满意', en: 'Bad' },
    refused: { zh: '微信拒绝', en: 'Refused by WeChat' },
    noDays: { zh: '该时段没有数据', en: 'Nothing in these days' },
    copyCsv: { zh: '复制 CSV', en: 'Copy as CSV' },
    openCsv: { zh: '导出 CSV 文件', en: 'Export a CSV file' },
    location: { zh: '位置', en: 'Location' },
    retry: { zh: '重试', en: 'Try again' },
  } satisfies Table<string>,
};

type Column<T> = T extends Word ? string : { readonly [K in keyof T]: Column<T[K]> };

export type Words = Column<typeof table>;

/** The words for a phone's language, such as `zh_CN`: English for any English, Chinese for all others. */
export function wordsFor(language: string): Words {
  return columnOf(table, /^en/i.test(language) ? 'en' : 'zh') as Words;
}

/** The words of a table in one language. */
function columnOf(words: object, language: Language): object {
  const column: { [name: string]: unknown } = {};
  for (const [name, entry] of Object.entries(words) as [string, Word | object][])
    column[name] = 'zh' in entry ? entry[language] : columnOf(entry, language);
  return column;
}

/** A refusal in front of who works at the desk; the number where there is no word for it. */
export function describeDeskRefusal({ code, errCode, errMsg }: DeskRefusal, words: Words): string {
  const word = words.refusals[code];
  return `${word ?? errMsg}${errCode > 0 ? ` (${errCode})` : ''}`;
}
