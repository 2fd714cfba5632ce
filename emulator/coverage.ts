/**
 * What the local WeChat does and does not do, route by route. A test holds this table against the routes and actions
 * that are there.
 */

const emulated = {
  // CloudBase's gateway, under the real SDK
  'wx.openApi': 'the open APIs below, with the permissions of each function’s config.json',
  'functions.invokeFunction': 'a function calls a function; the source chain grows by scf',
  'storage.getUploadMetadata': 'uploadFile',
  'storage.batchGetDownloadUrl':
    'downloadFile, getTempFileURL; every file can be read, by an id of any environment',
  'storage.batchDeleteFile': 'deleteFile',
  'database.addCollection': 'createCollection',
  'database.insertDocument': 'add',
  'database.getDocument': 'get, with query, order, limit, projection',
  'database.modifyDocument': 'set and update, with every update command',
  'database.removeDocument': 'remove',
  'database.calculateDocument': 'count',
  'database.aggregateDocuments': 'aggregate, as far as mingo has the stages',
  'database.startTransaction': 'transactions that live 30 s and conflict',
  'database.commitTransaction': 'as above',
  'database.abortTransaction': 'as above',
  'database.modifyAndReturnDoc': 'inside a transaction',
  // WeChat's open APIs
  'customerServiceMessage.send': 'types, limits, windows and counts of today; media that expire',
  'customerServiceMessage.setTyping': '30 s, 15 s, no repeat',
  'customerServiceMessage.uploadTempMedia': 'formats and sizes; three days',
  'customerServiceMessage.getTempMedia': 'the file as bytes',
  'officialAccount.messageTemplate.send': 'templates with their keys; client_msg_id; long msgid',
  'subscribeMessage.send': 'values by the kind of their key; subscriptions that are used up',
  'security.msgSecCheck': 'version 2; 违规内容 in a text is risky, 可疑内容 is for review',
  'officialAccount.media.upload': 'as uploadTempMedia, with every type',
  // WeChat's HTTPS interface
  'GET /cgi-bin/token': 'a new token each time; the one before ends in five minutes',
  'POST /cgi-bin/stable_token': 'the same token until its last five minutes, or force_refresh',
  'POST /cgi-bin/message/custom/send': 'as customerServiceMessage.send',
  'POST /cgi-bin/message/custom/typing': 'as customerServiceMessage.setTyping',
  'POST /cgi-bin/message/custom/business/typing': 'the same',
  'POST /cgi-bin/media/upload': 'multipart, field media',
  'GET /cgi-bin/media/get': 'the file as bytes',
  'POST /cgi-bin/message/template/send': 'as officialAccount.messageTemplate.send',
  'POST /cgi-bin/message/subscribe/send': 'as subscribeMessage.send',
  'POST /wxa/msg_sec_check': 'as security.msgSecCheck',
  // CloudBase's HTTP access
  'ANY /gateway/*': 'HTTP access to kefu-gateway: the event and answer shapes of that service',
  // The people
  'GET /_emulator': 'the accounts, functions, users and the time',
  'GET /_emulator/coverage': 'this table',
  'POST /_emulator/call': 'wx.cloud.callFunction',
  'POST /_emulator/users/:openid/say': 'the user writes; pushed, and again after 5 s, up to 3 times',
  'POST /_emulator/users/:openid/enter': 'the user opens the conversation',
  'POST /_emulator/users/:openid/act': 'follow, scan, menu click, enter',
  'POST /_emulator/users/:openid/push': 'pushes any fields in the user’s name',
  'PUT /_emulator/callback': 'how the official account’s pushes are written: encrypted, xml or json',
  'PUT /_emulator/receiver': 'which function gets the mini program’s pushes; at first kefu-receive',
  'GET /_emulator/templates': 'the templates of both accounts',
  'POST /_emulator/templates': 'adds a template, by its text or its fields',
  'POST /_emulator/users/:openid/subscribe': 'the user allows subscribe messages',
  'GET /_emulator/users/:openid/conversation': 'what the user sees, and the reply window',
  'POST /_emulator/clock': 'moves the time',
  'GET /_emulator/faults': 'the faults that are set',
  'PUT /_emulator/faults': 'sets faults: errcode, timeout, cut, empty, garbage, slow',
  'GET /_emulator/log': 'all that happened',
  'GET /_emulator/feed': 'the same, live',
  'GET /_emulator/model': 'what the local model was asked, and how it misbehaves',
  'PUT /_emulator/model': 'makes it misbehave: slow, cut, busy, broken, garbage, empty, long, drip, tool',
  'GET /_emulator/outbox': 'what kefu-outbox has waiting, sending, sent and given up, and why',
  'PUT /_emulator/variables': 'sets variables of our functions until a reset: those that are no secret',
  'GET /_emulator/story': 'what was done since the start or reset, as a story',
  'POST /_emulator/story': 'plays a story from the beginning',
  'POST /_emulator/reset': 'back to the beginning',
  'GET /_emulator/media/:account/:mediaId': 'a media file that WeChat holds',
  'GET /_emulator/files': 'the files in cloud storage',
  'PUT /_emulator/files/*': 'wx.cloud.uploadFile',
} as const;

const notEmulated = {
  'storage.batchCopyFile': 'copyFile',
  'storage.getFileAuthority': 'who may read a file',
  'database.watch': 'the realtime watch, which needs a WebSocket',
  'wx.api': 'the old cloud.callOpenAPI',
  'wx.wxPayApi': 'cloudPay',
  'wx.wxCallContainerApi': 'cloud hosting',
  'POST /cgi-bin/message/template/subscribe': 'one-time subscription of an official account',
  'POST /cgi-bin/message/subscribe/bizsend': 'subscribe messages of an official account',
} as const;

export const coverage: {
  readonly [route: string]: { readonly emulated: boolean; readonly what: string };
} = Object.fromEntries(
  [emulated, notEmulated].flatMap((table) =>
    Object.entries(table).map(([route, what]) => [route, { emulated: table === emulated, what }]),
  ),
);
