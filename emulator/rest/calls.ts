import { coverage } from '../coverage';
import type { DeployedFunction } from '../functions/deployed';
import { isClientSource } from '../functions/invocation';
import { type Routes, readBody, refuse } from './route';

/** Who and what is here, and the call of a function. */
export const callRoutes = {
  async 'GET /'(_context, { world, clock, log, runner, pusher, options }) {
    // Where other people's functions cannot be read, what was known of them is shown, and a call says why.
    await runner.refresh().catch(() => undefined);
    return {
      openid: options.openid,
      operators: options.variables['KEFU_OPERATORS'] ?? '',
      gatewayClient: localClient(options.variables['GATEWAY_CLIENTS']),
      appids: world.appids,
      now: clock.now(),
      seq: log.seq,
      functions: Array.from(runner.functions.values(), shownFunction),
      receiver: pusher?.receiver,
      miniProgram: options.miniProgram !== undefined,
      users: { miniprogram: world.users('miniprogram'), official: world.users('official') },
    };
  },

  'GET /coverage': () => coverage,

  async 'POST /call'(context, { call, options }) {
    const body = (await readBody(context)) ?? {};
    const { name, data = {}, source = 'wx_client', openid: named, quiet } = body;
    if (typeof name !== 'string')
      return refuse(context, 'needs {name, data}: what wx.cloud.callFunction takes');
    const unknown = Object.keys(body).find((key) => !callFields.includes(key));
    if (unknown !== undefined)
      return refuse(context, `${unknown} is not taken here; a call has ${callFields.join(', ')}`);
    if (typeof source !== 'string')
      return refuse(context, 'source must be a string: wx_client, wx_trigger …');
    if (named !== undefined && named !== null && typeof named !== 'string')
      return refuse(context, 'openid must be a string, or null for nobody');
    const openid = readOpenid(named, source, options.openid);
    const { requestID, ...invoked } = await call({ name, data, source, openid, quiet: quiet === true });
    if (invoked.ok) return { errMsg: 'cloud.callFunction:ok', result: invoked.result, requestID };
    const { errCode, errMsg } = invoked;
    return {
      errCode,
      errMsg: `cloud.callFunction:fail Error: errCode: ${errCode} | errMsg: ${errMsg}`,
      requestID,
    };
  },
} satisfies Routes;

/** What a call may have. */
const callFields = ['name', 'data', 'source', 'openid', 'quiet'];

/** The local server that may use the gateway; its secret is known to all. Others’ stay where they are. */
function localClient(clients = '') {
  const [, id, secret] = /^(local-server):([^:,]+)/.exec(clients) ?? [];
  return id === undefined ? undefined : { id, secret };
}

/** A function as everybody may see it: other people's with the folder they stand in, and nobody's variables. */
function shownFunction({ name, timeoutSeconds, memorySizeMb, permissions, from }: DeployedFunction) {
  return { name, timeoutSeconds, memorySizeMb, permissions, from };
}

/** A client's call has a user, the usual one if none is named; a timer's and the HTTP API's have none. */
function readOpenid(given: unknown, source: string, usual: string): string | undefined {
  if (typeof given === 'string' && given !== '') return given;
  return given === undefined && isClientSource(source) ? usual : undefined;
}
