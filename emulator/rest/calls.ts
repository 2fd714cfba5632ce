import { coverage } from '../coverage';
import { isClientSource } from '../functions/invocation';
import { type Routes, readBody, refuse } from './route';

/** Who and what is here, and the call of a function. */
export const callRoutes = {
  'GET /': (_context, { world, clock, runner, options }) => ({
    openid: options.openid,
    operators: options.variables['KEFU_OPERATORS'] ?? '',
    appids: world.appids,
    now: clock.now(),
    functions: [...runner.functions.values()],
    users: { miniprogram: world.users('miniprogram'), official: world.users('official') },
  }),

  'GET /coverage': () => coverage,

  async 'POST /call'(context, { call, options }) {
    const { name, data = {}, source: given, openid: named } = (await readBody(context)) ?? {};
    if (typeof name !== 'string')
      return refuse(context, 'needs {name, data}: what wx.cloud.callFunction takes');
    const source = typeof given === 'string' ? given : 'wx_client';
    const openid = readOpenid(named, source, options.openid);
    const { requestID, ...invoked } = await call({ name, data, source, openid });
    if (invoked.ok) return { errMsg: 'cloud.callFunction:ok', result: invoked.result, requestID };
    const { errCode, errMsg } = invoked;
    return {
      errCode,
      errMsg: `cloud.callFunction:fail Error: errCode: ${errCode} | errMsg: ${errMsg}`,
      requestID,
    };
  },
} satisfies Routes;

/** A client's call has a user, the usual one if none is named; a timer's and the HTTP API's have none. */
function readOpenid(given: unknown, source: string, usual: string): string | undefined {
  if (typeof given === 'string' && given !== '') return given;
  return given === undefined && isClientSource(source) ? usual : undefined;
}
