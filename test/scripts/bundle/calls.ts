import { ReadStream, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import cloud from 'wx-server-sdk';

/**
 * Calls of the SDK, one after the other, in a process of its own: once bundled, once from node_modules. The test that
 * starts this process records the requests, and compares.
 */

// The SDK's own typings know neither the options nor half of the calls.
// biome-ignore lint/suspicious/noExplicitAny: this file stands for a caller in plain JavaScript
type Anything = any;
const sdk = cloud as Anything;

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const message = { touser: 'oUser', msgtype: 'text', text: { content: '你好 "quoted" \\ \n' } };
const { customerServiceMessage } = sdk.openapi;
const official = sdk.openapi({ appid: 'wxofficial', convertCase: false });

const collection = () => sdk.database({ throwOnNotFound: false }).collection('things');
const inTransaction = (run: (transaction: Anything) => Promise<unknown>) =>
  sdk.database().runTransaction(run);

export const calls: { readonly [name: string]: () => Promise<unknown> } = {
  'send a text': () => customerServiceMessage.send(message),
  'send a text with joiners': () =>
    customerServiceMessage.send({ ...message, text: { content: 'family 👨‍👩‍👧 \u200b\u00ad\ufeff end' } }),
  'send control characters': () =>
    customerServiceMessage.send({ ...message, text: { content: '\u0000\u0008\u001f' } }),
  'send every kind of value': () =>
    customerServiceMessage.send({
      ...message,
      thumbMediaId: 'M',
      nothing: null,
      no: undefined,
      yes: true,
      many: [1, 2.5, -0, { innerKey: [] }],
      big: 12345678901234567890n,
      at: new Date(0),
      url: 'https://例子.cn/?a=1&b=2',
    }),
  'send with the second protocol': () => sdk.openapi({ version: 'v2' }).customerServiceMessage.send(message),
  'send as another account': () => official.customerServiceMessage.send({ ...message, thumb_media_id: 'M' }),
  'send, and be refused by WeChat': () => customerServiceMessage.send({ ...message, touser: 'refused' }),
  'send, and be refused by the gateway': () => customerServiceMessage.send({ ...message, touser: 'denied' }),
  'send, and be answered in JSON': () => customerServiceMessage.send({ ...message, touser: 'json-error' }),
  'send, and be answered with nothing': () => customerServiceMessage.send({ ...message, touser: 'empty' }),
  'send, and be answered in HTML': () => customerServiceMessage.send({ ...message, touser: 'html' }),
  'send, and be answered with status 500': () =>
    customerServiceMessage.send({ ...message, touser: 'broken' }),
  'send, and be cut off': () => customerServiceMessage.send({ ...message, touser: 'cut' }),
  'send a template, whose msgid is long': () =>
    official.officialAccount.messageTemplate.send({
      touser: 'long-id',
      data: { cardNumber: { value: 'A' } },
    }),
  'send a template with converted keys': () =>
    sdk.openapi.subscribeMessage.send({
      touser: 'long-id',
      templateId: 'T',
      data: { CardNumber: { value: 'A' } },
    }),
  type: () => customerServiceMessage.setTyping({ touser: 'oUser', command: 'Typing' }),
  ...Object.fromEntries(
    ['image/png', 'image/jpeg', 'image/gif', 'audio/amr', 'audio/mpeg', 'video/mp4'].map((contentType) => [
      `upload ${contentType}`,
      () => customerServiceMessage.uploadTempMedia({ type: 'image', media: { contentType, value: png } }),
    ]),
  ),
  'get media': () => customerServiceMessage.getTempMedia({ mediaId: 'M' }),

  callFunction: () => sdk.callFunction({ name: 'other', data: { a: 1, text: '文' } }),
  'callFunction of one that fails': () => sdk.callFunction({ name: 'fails', data: {} }),
  getWXContext: async () => sdk.getWXContext(),

  getTempFileURL: () =>
    sdk.getTempFileURL({ fileList: ['cloud://e/a.png', { fileID: 'cloud://e/b', maxAge: 60 }] }),
  downloadFile: () => sdk.downloadFile({ fileID: 'cloud://e/a.png' }),
  deleteFile: () => sdk.deleteFile({ fileList: ['cloud://e/a.png'] }),
  'uploadFile from a buffer': () => sdk.uploadFile({ cloudPath: 'a/图.png', fileContent: png }),
  'uploadFile from a stream': () => {
    const file = path.join(tmpdir(), `bundle-calls-${process.pid}`);
    writeFileSync(file, png);
    return sdk.uploadFile({
      cloudPath: 'a/b.png',
      fileContent: new ReadStream(...([file] as unknown as [])),
    });
  },
  'uploadFile, and be refused': () => sdk.uploadFile({ cloudPath: 'refused', fileContent: png }),
  'uploadFile, and be answered in HTML': () => sdk.uploadFile({ cloudPath: 'html', fileContent: png }),

  createCollection: () => sdk.database().createCollection('things'),
  'doc.get': () => collection().doc('a').get(),
  'doc.get of nothing': () => collection().doc('missing').get(),
  'doc.set': () =>
    collection()
      .doc('a')
      .set({
        data: {
          int: 1,
          long: 2 ** 40,
          double: 1.5,
          nothing: null,
          no: undefined,
          at: new Date(1700000000000),
          server: sdk.database().serverDate({ offset: 60_000 }),
          point: new (sdk.database().Geo.Point)(113, 23),
          deep: { list: [1, { a: '文' }] },
        },
      }),
  'doc.update': () =>
    collection()
      .doc('a')
      .update({
        data: {
          n: sdk.database().command.inc(1),
          gone: sdk.database().command.remove(),
          tags: sdk.database().command.push(['x']),
          deep: { a: 1 },
          whole: sdk.database().command.set({ b: 2 }),
        },
      }),
  'doc.remove': () => collection().doc('a').remove(),
  add: () => collection().add({ data: { _id: 'own', at: new Date(0), bytes: Buffer.from('x') } }),
  'add of one that is there': () => collection().add({ data: { _id: 'duplicate' } }),
  'where, orderBy, skip, limit, field, get': () => {
    const { command: _, RegExp: pattern } = sdk.database();
    return collection()
      .where({
        n: _.gt(1).and(_.lte(9)),
        state: _.in(['a', 'b']),
        either: _.or(_.exists(false), _.eq(null)),
        'deep.name': pattern({ regexp: '^客', options: 'i' }),
        at: _.lt(new Date(1700000000000)),
      })
      .orderBy('at', 'desc')
      .orderBy('n', 'asc')
      .skip(10)
      .limit(20)
      .field({ n: true, at: true })
      .get();
  },
  'where.update': () =>
    collection()
      .where({ n: 1 })
      .update({ data: { n: sdk.database().command.mul(2) } }),
  'where.remove': () => collection().where({ n: 1 }).remove(),
  'where.count': () => collection().where({ n: 1 }).count(),
  aggregate: () => {
    const { aggregate: $ } = sdk.database().command;
    return collection()
      .aggregate()
      .match({ n: 1 })
      .group({ _id: '$n', total: $.sum('$n') })
      .end();
  },
  'a transaction': () =>
    inTransaction(async (transaction) => {
      const things = transaction.collection('things');
      const { data } = await things.doc('a').get();
      await things.doc('a').update({ data: { n: sdk.database().command.inc(1) } });
      await things.doc('b').set({ data: { n: data.n } });
      await things.add({ data: { n: 3 } });
      await things.where({ n: 3 }).get();
      await things.doc('c').remove();
      return data.n;
    }),
  'a transaction that is rolled back': () =>
    inTransaction(async (transaction) => {
      await transaction.collection('things').doc('a').remove();
      await transaction.rollback('no');
    }),
  'a transaction that meets another': () => {
    let runs = 0;
    return inTransaction(async (transaction) => {
      runs += 1;
      await transaction
        .collection('things')
        .doc(runs === 1 ? 'conflict' : 'a')
        .remove();
      return runs;
    });
  },
};

/** Stops the clock, so that ids, times and signatures are the same in both processes. */
function stopClock(): void {
  const now = 1_700_000_000_000;
  const Running = Date;
  globalThis.Date = class extends Running {
    constructor(...args: readonly unknown[]) {
      super(...((args.length === 0 ? [now] : args) as [number]));
    }
    static override now = () => now;
  } as DateConstructor;
}

/** Errors and buffers as JSON, whole. */
function shown(value: unknown): unknown {
  if (value instanceof Error) return { ...value, name: value.name, message: value.message };
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') };
  return value;
}

async function main(): Promise<void> {
  stopClock();
  sdk.init({ env: sdk.DYNAMIC_CURRENT_ENV, timeout: 4000 });
  for (const [name, call] of Object.entries(calls)) {
    const goAhead = new Promise((resolve) => process.once('message', resolve));
    process.send?.({ begins: name });
    await goAhead;
    const outcome = await call().then(
      (result) => ({ result }),
      (error: unknown) => ({ error: shown(error) }),
    );
    const text = JSON.stringify(outcome, (_key, value) =>
      value?.type === 'Buffer' ? shown(Buffer.from(value.data)) : value,
    );
    process.send?.({ ends: name, outcome: text });
  }
}

if (process.send !== undefined) void main().finally(() => process.disconnect());
