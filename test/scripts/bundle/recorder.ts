import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Form, readForm } from '../../../emulator/cloudbase/multipart';
import { decodeCall, encodeAnswer } from '../../../emulator/cloudbase/open-api-messages';

/** A request as it came in, signature and all, but without the boundary of a form, which is drawn by lot. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in the order and the letters in which they were sent. */
  readonly headers: readonly string[];
  readonly body: unknown;
}

export interface Recorder {
  readonly url: string;
  /** The requests since the last time this was asked. */
  take(): RecordedRequest[];
  close(): void;
}

/** A gateway on the loopback interface that answers every action in one way and remembers what it was asked. */
export async function createRecorder(): Promise<Recorder> {
  let requests: RecordedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = await readBody(request, bytes);
    requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: readHeaders(request.rawHeaders),
      body,
    });
    answer(request, response, body as Body, url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    take() {
      const taken = requests;
      requests = [];
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function readHeaders(raw: readonly string[]): string[] {
  const names = raw.filter((_, index) => index % 2 === 0);
  return names.map((name, index) => {
    const value = raw[2 * index + 1] ?? '';
    return `${name}: ${value.replace(/boundary=-*\w+/, 'boundary=…')}`;
  });
}

/** A JSON body, or a form's fields, of which `requestData` is decoded further. */
type Body = {
  readonly action?: string;
  readonly requestData?: { readonly pairs: readonly { key: string; value: string }[] };
  readonly [field: string]: unknown;
};

async function readBody(request: IncomingMessage, bytes: Buffer): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return JSON.parse(bytes.toString());
  if (!type.startsWith('multipart/')) return bytes.toString('base64');
  const { fields, files } = await readForm(type, bytes);
  return Object.fromEntries(
    Object.entries({ ...fields, ...toBytes(files) }).map(([name, value]) => {
      if (name !== 'requestData') return [name, value.toString()];
      const { pairs, appid } = decodeCall(value);
      const text = (pair: (typeof pairs)[number]) => {
        const held = Buffer.from(pair.value);
        return {
          ...pair,
          value: held.includes(0xfd) || held[0] === 0x89 ? held.toString('base64') : held.toString(),
        };
      };
      return [name, { pairs: pairs.map(text), appid }];
    }),
  );
}

/** A field of bytes comes as a file, without a name. */
function toBytes(files: Form['files']): Form['fields'] {
  return Object.fromEntries(Object.entries(files).map(([name, { bytes }]) => [name, bytes]));
}

const document = '{"_id":"a","n":{"$numberInt":"3"},"at":{"$date":{"$numberLong":"1700000000000"}}}';

/** What the gateway answers to each action, the way the SDK's own service does. */
const answers: { readonly [action: string]: (body: Body, url: string) => object } = {
  'functions.invokeFunction': (body) =>
    body['function_name'] === 'fails'
      ? { code: 'FUNCTIONS_EXECUTE_FAIL', message: 'it failed', requestId: 'r' }
      : { data: { response_data: '{"done":true}' } },
  'storage.getUploadMetadata': (body, url) => ({
    data: {
      url: `${url}/storage/${encodeURIComponent(String(body['path']))}`,
      token: 'token',
      authorization: 'authorization',
      fileId: `cloud://e/${body['path']}`,
      cosFileId: 'cos',
    },
  }),
  'storage.batchGetDownloadUrl': (_body, url) => ({
    data: {
      download_list: [
        { fileID: 'cloud://e/a.png', tempFileURL: `${url}/storage/文`, code: 'SUCCESS', maxAge: 600 },
        { fileID: 'cloud://e/b', code: 'STORAGE_FILE_NONEXIST' },
      ],
    },
  }),
  'storage.batchDeleteFile': () => ({
    data: { delete_list: [{ fileID: 'cloud://e/a.png', code: 'SUCCESS' }] },
  }),
  'database.addCollection': () => ({}),
  'database.insertDocument': (body) =>
    JSON.stringify(body).includes('duplicate')
      ? { code: 'DATABASE_DUPLICATE_WRITE', message: 'E11000 duplicate key', requestId: 'r' }
      : { data: { insertedIds: ['new'] } },
  'database.getDocument': (body) => ({
    data: { list: JSON.stringify(body).includes('missing') ? [] : [document] },
    limit: 1,
    offset: 0,
  }),
  'database.modifyDocument': () => ({ data: { updated: 1, upsert_id: 'u' } }),
  'database.removeDocument': (body) =>
    JSON.stringify(body).includes('conflict')
      ? { code: 'DATABASE_TRANSACTION_CONFLICT', message: 'conflict', requestId: 'r' }
      : { data: { deleted: 1 } },
  'database.calculateDocument': () => ({ data: { total: 7 } }),
  'database.aggregateDocuments': () => ({ data: { list: [document] } }),
  'database.startTransaction': () => ({ transactionId: 't' }),
  'database.commitTransaction': () => ({}),
  'database.abortTransaction': () => ({}),
};

function answer(request: IncomingMessage, response: ServerResponse, body: Body, url: string): unknown {
  const end: End = (status, type, content) =>
    response.writeHead(status, { 'content-type': type }).end(content);
  const path = decodeURIComponent(request.url ?? '');
  if (request.method === 'GET') return end(200, 'image/png', 'the file');
  if (request.method === 'PUT') {
    if (path.endsWith('html')) return end(502, 'text/html', 'Bad <b>gateway');
    return end(
      path.endsWith('refused') ? 403 : 200,
      'application/xml',
      path.endsWith('refused') ? storageError : '',
    );
  }
  if (body.action === 'wx.openApi') return answerOpenApi(body, end, response);
  const reply = answers[body.action ?? '']?.(body, url);
  return end(200, 'application/json; charset=utf-8', JSON.stringify({ requestId: 'r', ...reply }));
}

const storageError = `<?xml version='1.0' encoding='utf-8' ?>
<Error>
	<Code>AccessDenied</Code>
	<Message>not &lt;you&gt; &amp; not now</Message>
	<Resource>/path</Resource>
	<RequestId>cos-request</RequestId>
	<TraceId>cos-trace</TraceId>
</Error>`;

type End = (status: number, type: string, content: string | Uint8Array) => ServerResponse;

/** The receiver's name says what becomes of a message. */
function answerOpenApi(body: Body, end: End, response: ServerResponse): unknown {
  const wire = 'application/octet-stream';
  const json = (text: string) =>
    encodeAnswer({ contentType: 'application/json; encoding=utf-8', respData: Buffer.from(text) });
  if (body['apiName'] === 'customerServiceMessage.getTempMedia') {
    return end(200, wire, encodeAnswer({ contentType: 'image/png', respData: Buffer.from([0x89, 0x50]) }));
  }
  const touser = body.requestData?.pairs.find(({ key }) => key === 'touser')?.value ?? '';
  switch (JSON.parse(touser || '""')) {
    case 'refused':
      return end(200, wire, json('{"errcode":45015,"errmsg":"response out of time limit rid: 1"}'));
    case 'denied':
      return end(200, wire, encodeAnswer({ errorCode: -604101 }));
    case 'json-error':
      return end(
        200,
        'application/json; charset=utf-8',
        '{"code":"INVALID_PARAM","message":"no","requestId":"r"}',
      );
    case 'empty':
      return end(200, wire, '');
    case 'html':
      return end(200, 'text/html', '<html>gateway</html>');
    case 'broken':
      return end(500, 'text/html', 'broken');
    case 'cut':
      return response.destroy();
    case 'long-id':
      return end(200, wire, json('{"errcode":0,"errmsg":"ok","msgid":2400000000000000001}'));
    default:
      return end(200, wire, json('{"errcode":0,"errmsg":"ok","media_id":"M","created_at":1700000000}'));
  }
}
