import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The gateway of the bench: one fixed answer for each action, as fast as can be, in a process of its own. Tells its
 * parent the port, and ends with it.
 */

const document = (text: string) => Buffer.from(text);

/** An open API's answer in protobuf: its body, field 1, and the body's content type, field 2. */
function openApi(body: Buffer, contentType: string): Buffer {
  const type = Buffer.from(contentType);
  return Buffer.concat([Buffer.from([0x0a, body.length]), body, Buffer.from([0x12, type.length]), type]);
}

const success = openApi(
  document('{"errcode":0,"errmsg":"ok","media_id":"M","created_at":1700000000}'),
  'application/json; encoding=utf-8',
);
const png = Buffer.from('89504e470d0a1a0a', 'hex');
const picture = openApi(png, 'image/png');

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [type, body] = answer(request.method ?? '', Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': type, 'content-length': body.length });
    response.end(body);
  });
});

/** JSON bodies begin with their action; forms have it in their first field. */
function answer(method: string, body: Buffer): readonly [type: string, body: Buffer] {
  if (method === 'GET') return ['image/png', png];
  if (method === 'PUT') return ['text/plain', Buffer.alloc(0)];
  if (body[0] === 0x2d)
    return ['application/octet-stream', body.includes('getTempMedia') ? picture : success];
  const action = /"action":"([\w.]+)"/.exec(body.toString('latin1'))?.[1] ?? '';
  return [
    'application/json; charset=utf-8',
    document(JSON.stringify({ requestId: 'r', ...answers[action] })),
  ];
}

const storage = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/storage`;

const answers: { readonly [action: string]: object } = {
  'database.getDocument': { data: { list: [] } },
  'database.insertDocument': { data: { insertedIds: ['d'] } },
  'database.modifyDocument': { data: { updated: 1, upsert_id: 'd' } },
  'database.removeDocument': { data: { deleted: 1 } },
  'database.calculateDocument': { data: { total: 0 } },
  'database.startTransaction': { transactionId: 't' },
  'storage.batchGetDownloadUrl': {
    data: {
      get download_list() {
        return [{ fileID: 'cloud://bench/a.png', tempFileURL: storage(), code: 'SUCCESS', maxAge: 600 }];
      },
    },
  },
  'storage.getUploadMetadata': {
    data: {
      get url() {
        return storage();
      },
      token: 't',
      authorization: 'a',
      fileId: 'cloud://bench/b.png',
      cosFileId: 'c',
    },
  },
};

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
