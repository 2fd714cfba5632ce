import type { IncomingHttpHeaders } from 'node:http';

/** An HTTP request, as far as it is used here. */
export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Uint8Array | string;
  /** How long the answer may take as a whole, in milliseconds. */
  readonly timeoutMs: number;
  /** The largest body that is loaded. */
  readonly maxBytes: number;
}

export type HttpReply =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
    }
  /** The body is larger than `maxBytes`; nothing of it was kept. */
  | { readonly ok: false; readonly why: 'too-large' }
  /** `none`: the request never left. `unknown`: it left, and no whole answer came. */
  | {
      readonly ok: false;
      readonly why: 'network';
      readonly outcome: 'none' | 'unknown';
      readonly text: string;
    };

/**
 * Makes an HTTP request with what Node has. Never throws; a failure tells whether the request can have been carried
 * out, which `fetch` does not.
 */
export async function sendHttp(request: HttpRequest): Promise<HttpReply> {
  const { method = 'GET', headers = {}, body, url, timeoutMs, maxBytes } = request;
  // `https` costs a cold start some milliseconds, so it is loaded when it is used.
  const { request: open } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    let connected = false;
    const outgoing = open(url, {
      method,
      headers:
        body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    const settle = (reply: HttpReply) => {
      clearTimeout(timer);
      resolve(reply);
    };
    const fail = (text: string) => {
      settle({ ok: false, why: 'network', outcome: connected ? 'unknown' : 'none', text });
      outgoing.destroy();
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    outgoing.on('socket', (socket) => {
      connected ||= !socket.connecting;
      // With TLS nothing leaves before the handshake is done.
      socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.name));
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      const tooLarge = () => {
        settle({ ok: false, why: 'too-large' });
        outgoing.destroy();
      };
      if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
        tooLarge();
        return;
      }
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) tooLarge();
        else chunks.push(chunk);
      });
      response.on('end', () =>
        settle({
          ok: true,
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
      response.on('error', () => fail('the answer was cut off'));
    });
    outgoing.end(body);
  });
}
