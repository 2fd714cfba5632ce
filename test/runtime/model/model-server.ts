import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sign } from '@cloudbase/signature-nodejs';

/** A model elsewhere: a second server, with a key; or CloudBase's, which gives tokens for signatures. */

/** A request as it came. */
export interface ModelAsked {
  readonly path: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: { readonly [field: string]: unknown };
}

export interface ModelServer {
  readonly origin: string;
  readonly asked: ModelAsked[];
  /** What comes instead of the answer, for as many requests: a status. */
  refuse(status: number, times: number): void;
  /** No token that was given is good any more. */
  revoke(): void;
  close(): Promise<void>;
}

/** The credentials that the local WeChat gives its functions. */
export interface Keys {
  readonly secretId: string;
  readonly secretKey: string;
}

/** @param keys by which a signature is good for a token; @param key that a model is asked with where there are none */
export async function createModelServer({
  key,
  keys,
}: {
  readonly key?: string;
  readonly keys?: Keys;
}): Promise<ModelServer> {
  const asked: ModelAsked[] = [];
  let refusing = { status: 0, times: 0 };
  let given = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method = '', url = '', headers } = request;
    asked.push({ path: `${method} ${url}`, headers, body: JSON.parse(text) as ModelAsked['body'] });
    const json = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url === '/auth/v1/token/clientCredential') {
      const isSigned = keys !== undefined && isSignedBy(keys, request, text);
      given += 1;
      if (isSigned) json(200, { token_type: 'Bearer', access_token: `token-${given}`, expires_in: 7200 });
      else json(401, { error: 'unauthorized' });
      return;
    }
    if (refusing.times > 0) {
      refusing = { ...refusing, times: refusing.times - 1 };
      json(refusing.status, { error: { message: `wrong key: ${String(headers.authorization)}` } });
      return;
    }
    const isKnown = headers.authorization === `Bearer ${keys === undefined ? key : `token-${given}`}`;
    if (!isKnown) {
      json(401, { error: { message: `wrong key: ${String(headers.authorization)}` } });
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of ['来自', '另一个模型。'])
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
    response.end('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    refuse(status, times) {
      refusing = { status, times };
    },
    revoke() {
      given += 1;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether a request is signed as CloudBase asks for, by CloudBase's own library, over the headers that it names. */
function isSignedBy({ secretId, secretKey }: Keys, request: IncomingMessage, text: string) {
  const { authorization = '' } = request.headers;
  const [, names = ''] = /SignedHeaders=([\w;-]+)/.exec(authorization) ?? [];
  const [, timestamp = '0'] = /Timestamp=(\d+)/.exec(authorization) ?? [];
  const isNow = Math.abs(Number(timestamp) - Date.now() / 1000) < 300;
  const headers = Object.fromEntries(names.split(';').map((name) => [name, request.headers[name]]));
  const again = sign({
    secretId,
    secretKey,
    method: request.method ?? '',
    url: `http://${request.headers.host}${request.url}`,
    params: JSON.parse(text) as object,
    headers,
    timestamp: Number(timestamp),
    isCloudApi: true,
  });
  return isNow && authorization.startsWith(again.authorization);
}
