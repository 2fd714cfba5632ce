import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { PlainObject } from '../../shared/wechat/fields/values';
import { isDelivered } from '../faults';
import { respondThrough } from '../network-faults';
import type { EmulatorParts } from '../parts';
import { readForm } from './multipart';
import { answerOpenApi } from './open-api-gateway';

/** What the gateway answers to each group of actions; `coverage.ts` says the same in words. */
export function gatewayActions({ storage, database }: Pick<EmulatorParts, 'storage' | 'database'>): string[] {
  return ['wx.openApi', 'functions.invokeFunction', ...storage.actions, ...database.actions];
}

/** Answers one request of wx-server-sdk: `POST /admin/<call id>.<story>`, or `/admin` where it is no call's. */
export async function answerGateway(
  context: Context<{ Bindings: HttpBindings }>,
  parts: EmulatorParts,
): Promise<Response> {
  const request = await readRequest(context);
  // Looked at when all of it is there: what was on its way at a reset must not arrive in the next story.
  const callId = parts.runner.callIdOf(context.req.param('call') ?? '');
  if (callId === undefined)
    return context.json({ code: 'SYS_ERR', message: 'this call is of before the last reset' });
  if (request === undefined)
    return context.json({ code: 'INVALID_PARAM', message: 'the body is neither JSON nor a form' });
  const { action, body, form } = request;
  const fault = parts.faults.strike(action === 'wx.openApi' ? String(body['apiName']) : action);

  if (action === 'wx.openApi') {
    const apiName = String(body['apiName']);
    const caller = parts.runner.callerOf(callId);
    const from = { callId: caller && callId, permissions: caller?.function.permissions };
    const bytes = answerOpenApi({ apiName, requestData: form, ...from, fault }, parts.world, parts.log);
    const type = { 'content-type': 'application/octet-stream' };
    return respondThrough(fault, context, () => context.body(Buffer.from(bytes), 200, type));
  }
  const answer = async (): Promise<object> => {
    if (fault?.errcode !== undefined && fault.errcode !== 0)
      return { code: fault.errmsg ?? 'SYS_ERR', message: `fault on demand ${fault.errcode}`, requestId: '' };
    if (fault !== undefined && !isDelivered(fault)) return {};
    return answerAction(action, body, callId, context, parts);
  };
  const answered = await answer();
  return respondThrough(fault, context, () => context.json(answered));
}

async function answerAction(
  action: string,
  body: PlainObject,
  callId: string,
  context: Context,
  parts: EmulatorParts,
): Promise<object> {
  if (action === 'functions.invokeFunction') return invokeFunction(body, callId, context, parts);
  if (parts.storage.actions.includes(action)) return parts.storage.handle(action, body, parts.url);
  if (action.startsWith('database.')) return parts.database.handle(action, body);
  return {
    code: 'INVALID_PARAM',
    message: `the local CloudBase has no action ${JSON.stringify(action)} yet; it would stand in emulator/cloudbase/gateway.ts`,
    requestId: parts.ids.next('req'),
  };
}

async function readRequest(
  context: Context,
): Promise<{ action: string; body: PlainObject; form: Uint8Array } | undefined> {
  const contentType = context.req.header('content-type') ?? '';
  const bytes = Buffer.from(await context.req.arrayBuffer());
  try {
    if (contentType.startsWith('multipart/form-data')) {
      const { fields, files } = await readForm(contentType, bytes);
      const body = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, value.toString('utf8')]),
      );
      // A part of type application/octet-stream counts as a file, name or not.
      return { action: body['action'] ?? '', body, form: files['requestData']?.bytes ?? new Uint8Array() };
    }
    const body = JSON.parse(bytes.toString('utf8')) as PlainObject;
    return { action: String(body['action'] ?? ''), body, form: new Uint8Array() };
  } catch {
    return undefined;
  }
}

/** A function calls a function: the source's chain grows by `,scf`, the user at the other end stays. */
async function invokeFunction(
  body: PlainObject,
  callId: string,
  context: Context,
  parts: EmulatorParts,
): Promise<object> {
  const runner = parts.runner;
  const caller = runner.callerOf(callId);
  const invoked = await runner.invoke({
    name: String(body['function_name']),
    data: JSON.parse(String(body['request_data'] ?? '{}')) as unknown,
    source: context.req.header('x-tcb-source') ?? 'scf',
    openid: caller?.invocation.openid,
    by: callId || undefined,
  });
  return invoked.ok
    ? { requestId: invoked.requestID, data: { response_data: JSON.stringify(invoked.result) } }
    : { requestId: invoked.requestID, code: 'FUNCTIONS_EXECUTE_FAIL', message: invoked.errMsg };
}
