import { isPlainObject } from '../../wechat/fields/values';

/**
 * The event and the answer of CloudBase's HTTP access, which calls a function for each HTTP request.
 *
 * Source: docs.cloudbase.net, HTTP access to cloud functions (integration request and response).
 */

/** An HTTP request, read out of the event. */
export interface HttpRequestEvent {
  readonly method: string;
  /** The path from `/cgi-bin` on: whatever access path the function was given stands before it. */
  readonly path: string;
  readonly query: { readonly [name: string]: string };
  /** Header names in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** The body as text, or as Base64 where the platform says so. */
  readonly body: string;
  readonly isBase64: boolean;
}

/** What the function answers. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Reads the event of an HTTP request. Never fails: what is missing is empty. */
export function readHttpEvent(event: unknown): HttpRequestEvent {
  const { httpMethod, path, queryStringParameters, headers, body, isBase64Encoded } = isPlainObject(event)
    ? event
    : {};
  const whole = typeof path === 'string' ? path : '';
  const root = whole.indexOf('/cgi-bin/');
  return {
    method: typeof httpMethod === 'string' ? httpMethod.toUpperCase() : '',
    path: root < 0 ? whole : whole.slice(root),
    query: texts(queryStringParameters),
    headers: Object.fromEntries(
      Object.entries(texts(headers)).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: typeof body === 'string' ? body : '',
    isBase64: isBase64Encoded === true,
  };
}

/** The entries of an object that are texts; of a list its first text. */
function texts(value: unknown): { [name: string]: string } {
  if (!isPlainObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, entry]) => {
      const first: unknown = Array.isArray(entry) ? entry[0] : entry;
      return typeof first === 'string' ? [[name, first]] : [];
    }),
  );
}

/** What a body is, by the ending that it would have as a file. */
const bodyTypes = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
} as const;

/** An answer of text: status 200 where none is named, as WeChat's own server has it for errors too. */
export function textAnswer(type: keyof typeof bodyTypes, body: string, statusCode = 200): HttpAnswer {
  return { statusCode, headers: { 'content-type': bodyTypes[type] }, body, isBase64Encoded: false };
}

/** An answer that is a file. */
export function fileAnswer(bytes: Uint8Array, contentType: string, fileName: string): HttpAnswer {
  return {
    statusCode: 200,
    headers: {
      'content-type': contentType,
      'content-disposition': `attachment; filename="${fileName}"`,
    },
    body: Buffer.from(bytes).toString('base64'),
    isBase64Encoded: true,
  };
}

/** The bytes of a request's body, however the platform handed them over. */
export function bodyBytes({ body, isBase64 }: HttpRequestEvent): Buffer {
  return Buffer.from(body, isBase64 ? 'base64' : 'utf8');
}
