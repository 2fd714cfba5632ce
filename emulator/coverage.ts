/**
 * What the local WeChat does and does not do, route by route. A test holds this table against the routes and actions
 * that are there.
 */

interface Coverage {
  readonly emulated: boolean;
  readonly what: string;
}

export const coverage = {
  // CloudBase's gateway, under the real SDK
  'wx.openApi': {
    emulated: true,
    what: 'the open APIs below, with the permissions of each function’s config.json',
  },
  'functions.invokeFunction': {
    emulated: true,
    what: 'a function calls a function; the source chain grows by scf',
  },
  'storage.getUploadMetadata': { emulated: true, what: 'uploadFile' },
  'storage.batchGetDownloadUrl': {
    emulated: true,
    what: 'downloadFile, getTempFileURL; every file can be read, by an id of any environment',
  },
  'storage.batchDeleteFile': { emulated: true, what: 'deleteFile' },
  'storage.batchCopyFile': { emulated: false, what: 'copyFile' },
  'storage.getFileAuthority': { emulated: false, what: 'who may read a file' },
  'database.addCollection': { emulated: true, what: 'createCollection' },
  'database.insertDocument': { emulated: true, what: 'add' },
  'database.getDocument': { emulated: true, what: 'get, with query, order, limit, projection' },
  'database.modifyDocument': { emulated: true, what: 'set and update, with every update command' },
  'database.removeDocument': { emulated: true, what: 'remove' },
  'database.calculateDocument': { emulated: true, what: 'count' },
  'database.aggregateDocuments': { emulated: true, what: 'aggregate, as far as mingo has the stages' },
  'database.startTransaction': { emulated: true, what: 'transactions that live 30 s and conflict' },
  'database.commitTransaction': { emulated: true, what: 'as above' },
  'database.abortTransaction': { emulated: true, what: 'as above' },
  'database.modifyAndReturnDoc': { emulated: true, what: 'inside a transaction' },
  'database.watch': { emulated: false, what: 'the realtime watch, which needs a WebSocket' },
  'wx.api': { emulated: false, what: 'the old cloud.callOpenAPI' },
  'wx.wxPayApi': { emulated: false, what: 'cloudPay' },
  'wx.wxCallContainerApi': { emulated: false, what: 'cloud hosting' },
  // WeChat's open APIs
  'customerServiceMessage.send': {
    emulated: true,
    what: 'types, limits, windows and counts of today; media that expire',
  },
  'customerServiceMessage.setTyping': { emulated: true, what: '30 s, 15 s, no repeat' },
  'customerServiceMessage.uploadTempMedia': { emulated: true, what: 'formats and sizes; three days' },
  'customerServiceMessage.getTempMedia': { emulated: true, what: 'the file as bytes' },
  'officialAccount.messageTemplate.send': {
    emulated: true,
    what: 'templates with their keys; client_msg_id; long msgid',
  },
  'subscribeMessage.send': {
    emulated: true,
    what: 'values by the kind of their key; subscriptions that are used up',
  },
  'security.msgSecCheck': {
    emulated: true,
    what: 'version 2; 违规内容 in a text is risky, 可疑内容 is for review',
  },
  'officialAccount.media.upload': { emulated: true, what: 'as uploadTempMedia, with every type' },
  // WeChat's HTTPS interface
  'GET /cgi-bin/token': {
    emulated: true,
    what: 'a new token each time; the one before ends in five minutes',
  },
  'POST /cgi-bin/stable_token': {
    emulated: true,
    what: 'the same token until its last five minutes, or force_refresh',
  },
  'POST /cgi-bin/message/custom/send': { emulated: true, what: 'as customerServiceMessage.send' },
  'POST /cgi-bin/message/custom/typing': { emulated: true, what: 'as customerServiceMessage.setTyping' },
  'POST /cgi-bin/message/custom/business/typing': { emulated: true, what: 'the same' },
  'POST /cgi-bin/media/upload': { emulated: true, what: 'multipart, field media' },
  'GET /cgi-bin/media/get': { emulated: true, what: 'the file as bytes' },
  'POST /cgi-bin/message/template/send': { emulated: true, what: 'as officialAccount.messageTemplate.send' },
  'POST /cgi-bin/message/subscribe/send': { emulated: true, what: 'as subscribeMessage.send' },
  'POST /wxa/msg_sec_check': { emulated: true, what: 'as security.msgSecCheck' },
  'POST /cgi-bin/message/template/subscribe': {
    emulated: false,
    what: 'one-time subscription of an official account',
  },
  'POST /cgi-bin/message/subscribe/bizsend': {
    emulated: false,
    what: 'subscribe messages of an official account',
  },
  // CloudBase's HTTP access
  'ANY /gateway/*': {
    emulated: true,
    what: 'HTTP access to kefu-gateway: the event and answer shapes of that service',
  },
  // The people
  'GET /_emulator': { emulated: true, what: 'the accounts, functions, users and the time' },
  'GET /_emulator/coverage': { emulated: true, what: 'this table' },
  'POST /_emulator/call': { emulated: true, what: 'wx.cloud.callFunction' },
  'POST /_emulator/users/:openid/say': {
    emulated: true,
    what: 'the user writes; pushed, and again after 5 s, up to 3 times',
  },
  'POST /_emulator/users/:openid/enter': { emulated: true, what: 'the user opens the conversation' },
  'POST /_emulator/users/:openid/act': { emulated: true, what: 'follow, scan, menu click, enter' },
  'POST /_emulator/users/:openid/push': { emulated: true, what: 'pushes any fields in the user’s name' },
  'PUT /_emulator/callback': {
    emulated: true,
    what: 'how the official account’s pushes are written: encrypted, xml or json',
  },
  'PUT /_emulator/receiver': {
    emulated: true,
    what: 'which function gets the mini program’s pushes; at first kefu-receive',
  },
  'GET /_emulator/templates': { emulated: true, what: 'the templates of both accounts' },
  'POST /_emulator/templates': { emulated: true, what: 'adds a template, by its text or its fields' },
  'POST /_emulator/users/:openid/subscribe': { emulated: true, what: 'the user allows subscribe messages' },
  'GET /_emulator/users/:openid/conversation': {
    emulated: true,
    what: 'what the user sees, and the reply window',
  },
  'POST /_emulator/clock': { emulated: true, what: 'moves the time' },
  'GET /_emulator/faults': { emulated: true, what: 'the faults that are set' },
  'PUT /_emulator/faults': {
    emulated: true,
    what: 'sets faults: errcode, timeout, cut, empty, garbage, slow',
  },
  'GET /_emulator/log': { emulated: true, what: 'all that happened' },
  'GET /_emulator/feed': { emulated: true, what: 'the same, live' },
  'GET /_emulator/model': { emulated: true, what: 'what the local model was asked, and how it misbehaves' },
  'PUT /_emulator/model': {
    emulated: true,
    what: 'makes it misbehave: slow, cut, busy, broken, garbage, empty, long, drip, tool',
  },
  'GET /_emulator/outbox': {
    emulated: true,
    what: 'what kefu-outbox has waiting, sending, sent and given up, and why',
  },
  'PUT /_emulator/variables': {
    emulated: true,
    what: 'sets variables of our functions until a reset: those that are no secret',
  },
  'GET /_emulator/story': { emulated: true, what: 'what was done since the start or reset, as a story' },
  'POST /_emulator/story': { emulated: true, what: 'plays a story from the beginning' },
  'POST /_emulator/reset': { emulated: true, what: 'back to the beginning' },
  'GET /_emulator/media/:account/:mediaId': { emulated: true, what: 'a media file that WeChat holds' },
  'GET /_emulator/files': { emulated: true, what: 'the files in cloud storage' },
  'PUT /_emulator/files/*': { emulated: true, what: 'wx.cloud.uploadFile' },
} as const satisfies Record<string, Coverage>;
