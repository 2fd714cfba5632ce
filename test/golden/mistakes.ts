import { messageExamples } from '../../shared/wechat/messages/message-examples';

/** Mistakes that people make, each with the function they make it with. `kefu-send` where none is named. */
interface Mistake {
  readonly event: object;
  readonly function?:
    | 'kefu-typing'
    | 'kefu-upload-media'
    | 'kefu-get-media'
    | 'kefu-template-send'
    | 'kefu-subscribe-send'
    | 'kefu-notify'
    | 'kefu-outbox';
  /** Who calls. Default: a user's client. */
  readonly source?: string;
  /** Default: `oUser`. `oOperator` is an operator. */
  readonly openid?: string;
}

const text = { msgtype: 'text', text: { content: '你好' } };
const order = { thing1: { value: '一件商品' } };

const mistakes = {
  'msgtype missing': { event: { text: { content: '你好' } } },
  'msgtype misspelled': { event: { msgType: 'text', text: { content: '你好' } } },
  'msgtype unknown': { event: { msgtype: 'txt', txt: { content: '你好' } } },
  'msgtype of another kind': { event: { msgtype: 'sticker', sticker: {} } },
  'voice from a mini program': { event: { msgtype: 'voice', voice: messageExamples.voice } },
  'body missing': { event: { msgtype: 'text', content: '你好' } },
  'body as a text': { event: { msgtype: 'text', text: '你好' } },
  'body of another type': { event: { msgtype: 'text', image: { media_id: 'M' } } },
  'text empty': { event: { msgtype: 'text', text: { content: '' } } },
  'text too long': { event: { msgtype: 'text', text: { content: '长'.repeat(700) } } },
  'text a number': { event: { msgtype: 'text', text: { content: 42 } } },
  'media id misspelled': { event: { msgtype: 'image', image: { mediaID: 'M' } } },
  'media id missing': { event: { msgtype: 'image', image: {} } },
  'url for a picture': { event: { msgtype: 'image', image: { url: 'https://example.com/a.png' } } },
  'fileID that is none': { event: { msgtype: 'image', image: { fileID: 'https://example.com/a.png' } } },
  'both spellings': { event: { msgtype: 'image', image: { media_id: 'A', mediaId: 'B' } } },
  'link without its picture': { event: { msgtype: 'link', link: { title: '标题', description: '描述', url: 'https://example.com' } } },
  'pagepath with a slash': {
    event: { msgtype: 'miniprogrampage', miniprogrampage: { title: '标题', pagepath: '/pages/index/index', thumb_media_id: 'M' } },
  },
  'openid for touser': { event: { openid: 'oUser', ...text } },
  'touser a number': { event: { touser: 42, ...text }, source: 'wx_client,scf' },
  'touser of somebody else': { event: { touser: 'oSomebody', ...text } },
  'option misspelled': { event: { ...text, que: true } },
  'option of no name': { event: { ...text, retries: 3 } },
  'option misspelled beside messages': { event: { messages: [text], que: true, openid: 'oUser' } },
  'option misspelled of typing': { function: 'kefu-typing', event: { comand: 'Typing', acount: 'official', openid: 'oUser' } },
  'option misspelled of an upload': { function: 'kefu-upload-media', event: { fileID: 'cloud://a/b.png', typ: 'image' } },
  'download of nothing': { function: 'kefu-get-media', event: {} },
  'download of a number': { function: 'kefu-get-media', event: { media_id: 5 } },
  'file of somebody else': { event: { msgtype: 'image', image: { fileID: 'cloud://e/others/a.png' } } },
  'upload out of another folder': {
    function: 'kefu-upload-media',
    event: { fileID: 'cloud://e/others/a.png' },
  },
  'option misspelled of a download': { function: 'kefu-get-media', event: { media: 'M' } },
  'option misspelled of a template': {
    function: 'kefu-template-send',
    event: { touser: 'oUser', template_id: 'T', requestid: '1', mini: {}, data: { first: { value: '你好' } } },
  },
  'option misspelled of a subscribe message': {
    function: 'kefu-subscribe-send',
    event: { template_id: 'T', state: 'trial', pages: 'pages/index/index', data: order },
  },
  'option misspelled of a notice': {
    function: 'kefu-notify',
    event: { type: 'order-paid', dat: {}, req: '1' },
    source: 'wx_client,scf',
  },
  'option misspelled of the outbox': { function: 'kefu-outbox', event: { act: 'list', befor: '' }, openid: 'oOperator' },
  'option of the wrong kind': { event: { ...text, split: 'yes' } },
  'deadline without queue': { event: { ...text, deadline: 1_900_000_000_000 } },
  'deadline in seconds': { event: { ...text, queue: true, deadline: 1_700_003_600 } },
  'priority out of range': { event: { ...text, queue: true, priority: 10 } },
  'account unknown': { event: { ...text, account: 'service' } },
  'fallback as an object': { event: { ...text, fallback: { subscribe: {} } } },
  'fallback of no kind': { event: { ...text, fallback: [{ sms: {} }] } },
  'messages as an object': { event: { messages: text } },
  'message beside messages': { event: { messages: [text], msgtype: 'text' } },
  'requestId a number': { event: { ...text, requestId: 1 } },
  'typing command': { function: 'kefu-typing', event: { command: 'typing' } },
  'upload without fileID': { function: 'kefu-upload-media', event: {} },
  'upload of a local file': { function: 'kefu-upload-media', event: { fileID: 'http://tmp/a.png' } },
  'upload of a voice': { function: 'kefu-upload-media', event: { fileID: 'cloud://a/b.mp3', type: 'voice' } },
  'template data as texts': {
    function: 'kefu-template-send',
    event: { touser: 'oUser', template_id: 'T', data: { first: '你好' } },
  },
  'template data misplaced': {
    function: 'kefu-template-send',
    event: { touser: 'oUser', templateID: 'T', data: { first: { value: '你好' } } },
  },
  'subscribe value too long': {
    function: 'kefu-subscribe-send',
    event: { template_id: 'T', data: { thing1: { value: '长'.repeat(21) }, amount2: { value: '很多' } } },
  },
  'subscribe page with a slash': {
    function: 'kefu-subscribe-send',
    event: { template_id: 'T', page: '/pages/index/index', data: order },
  },
  'notice unknown': { function: 'kefu-notify', event: { type: 'order-payed', data: {} }, source: 'wx_client,scf' },
  'notice by a user': { function: 'kefu-notify', event: { type: 'order-paid', data: {} } },
  'a url-encoded text': { event: { msgtype: 'text', text: { content: encodeURIComponent('欢迎您再次订购!') } } },
  'an empty url of a fallback': {
    event: {
      ...text,
      queue: true,
      fallback: [{ template: { touser: 'oFollower', template_id: 'T', url: '', data: { first: { value: '你好' } } } }],
    },
    source: 'wx_client,scf',
  },
  'an empty url in a list': {
    event: {
      messages: [
        {
          ...text,
          queue: true,
          fallback: [{ template: { touser: 'oUser', template_id: 'T', url: '', data: { first: { value: '你好' } } } }],
        },
      ],
    },
    source: 'wx_client,scf',
  },
  'an empty url of a notice': {
    function: 'kefu-notify',
    event: { type: 'opened-nowhere', touser: 'oUser', data: {} },
    source: 'wx_client,scf',
  },
  'an empty url': {
    function: 'kefu-template-send',
    event: { touser: 'oUser', template_id: 'T', url: '', data: { first: { value: '你好' } } },
  },
} as const satisfies { readonly [name: string]: Mistake };

export const mistakeRows: readonly (readonly [string, Mistake])[] = Object.entries<Mistake>(mistakes);
