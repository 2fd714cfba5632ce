import type { Context } from 'hono';
import type { FunctionRunner } from '../functions/runner';
import { pushHeader } from '../wechat/callback-client';

/** Where the local CloudBase offers HTTP access to `kefu-gateway`. */
export const httpAccessPath = '/gateway';

/** Bodies of these types go to the function as text; all others as Base64. */
const textTypes = /^(?:text\/|application\/(?:json|xml|x-www-form-urlencoded|javascript))/;

/** What CloudBase lets through: text of 100 KB, anything else of 6 MB. */
const maxBytes = { text: 100 * 1024, binary: 6 * 1024 * 1024 };

/** CloudBase's HTTP access: turns a request into the function's event, and its answer into a response. */
export async function answerHttpAccess(context: Context, runner: FunctionRunner): Promise<Response> {
  const url = new URL(context.req.url);
  const bytes = Buffer.from(await context.req.arrayBuffer());
  const contentType = context.req.header('content-type') ?? '';
  const isText = bytes.length === 0 || textTypes.test(contentType) || contentType === '';
  if (bytes.length > (isText ? maxBytes.text : maxBytes.binary)) {
    return context.json({ code: 'EXCEED_MAX_PAYLOAD_SIZE', message: 'the request body is too large' }, 413);
  }
  const { [pushHeader]: push, ...headers } = context.req.header();
  const invoked = await runner.invoke({
    name: 'kefu-gateway',
    source: 'http',
    push,
    data: {
      path: url.pathname.slice(httpAccessPath.length) || '/',
      httpMethod: context.req.method,
      headers,
      queryStringParameters: Object.fromEntries(url.searchParams),
      requestContext: { requestId: 'local', envId: 'local' },
      body: isText ? bytes.toString('utf8') : bytes.toString('base64'),
      isBase64Encoded: !isText,
    },
  });
  if (!invoked.ok) return context.json({ code: 'FUNCTION_INVOCATION_FAILED', message: invoked.errMsg }, 500);
  const answer = invoked.result as {
    statusCode?: number;
    headers?: Record<string, string>;
    body?: string;
    isBase64Encoded?: boolean;
  };
  if (typeof answer.statusCode !== 'number') return context.json(invoked.result as object);
  return new Response(Buffer.from(answer.body ?? '', answer.isBase64Encoded === true ? 'base64' : 'utf8'), {
    status: answer.statusCode,
    headers: answer.headers ?? {},
  });
}
