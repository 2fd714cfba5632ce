import { logFailure } from '../../core/failures';
import { shown } from '../../core/ports';
import type { GatewayClient } from '../../core/settings';
import type { PlainObject } from '../../wechat/fields/values';
import { isSame, issueToken, readToken, tokenSeconds } from './gateway-tokens';
import type { HttpAnswer, HttpRequestEvent } from './http-event';
import { type GatewayPorts, readBody, routes } from './routes';
import { createThrottle } from './throttle';
import { error, type Result, toHttp } from './wechat-answer';

/**
 * A WeChat server of one's own: the door of `kefu-gateway`.
 *
 * A server that today posts to `api.weixin.qq.com` posts here instead, with its own WeChat client and without
 * AppSecret or address list. It gets tokens of ours for the id and secret that `GATEWAY_CLIENTS` gives it, and answers
 * in WeChat's own form.
 */

/**
 * Answers one HTTP request as WeChat's server would.
 *
 * @param openid the user of the mini program who calls the function itself, with a request of its own making
 */
export async function answerGateway(
  request: HttpRequestEvent,
  ports: GatewayPorts,
  openid?: string,
): Promise<HttpAnswer> {
  const from = openid ?? request.headers['x-real-ip'] ?? '';
  return toHttp(await route(request, from, ports));
}

const wrongMethod = {
  GET: error(43001, 'require GET method'),
  POST: error(43002, 'require POST method'),
} as const;

async function route(request: HttpRequestEvent, from: string, ports: GatewayPorts): Promise<Result> {
  const { path, method, query } = request;
  const { settings, log } = ports;
  if (path === '/cgi-bin/token') return method === 'GET' ? giveToken(query, from, ports) : wrongMethod.GET;
  if (path === '/cgi-bin/stable_token') {
    if (method !== 'POST') return wrongMethod.POST;
    const body = readBody(request);
    return 'errcode' in body ? body : giveToken(body.fields, from, ports);
  }
  const found = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (found === undefined) return error(40066, 'invalid url');
  if (found.method !== method) return wrongMethod[found.method];
  const token = query['access_token'] ?? '';
  if (token === '') return error(41001, 'access_token missing');
  const client = await readToken(token, settings.gatewayClients, settings.secret);
  if (client === 'spent' || client === undefined) {
    logFailure({ log }, 'gateway', { why: client === 'spent' ? 'spent token' : 'unknown token' });
    return client === 'spent'
      ? error(42001, 'access_token expired')
      : error(40001, 'invalid credential, access_token is invalid or not latest');
  }
  const isInScope = client.scopes.includes(found.scope);
  const who = usedBy(client, ports);
  // Media come as forms, or name nobody.
  const body = found.scope === 'media' ? { fields: {} } : readBody(request);
  const { touser }: PlainObject = 'fields' in body ? body.fields : {};
  const receiver = typeof touser === 'string' ? shown(touser, ports) : undefined;
  const line = { path, ...who, receiver };
  if (!isInScope) {
    logFailure({ log }, 'gateway', { ...line, why: 'scope' });
    return error(48001, `api unauthorized: the client has no scope ${found.scope}`);
  }
  log({ step: 'gateway', ...line });
  return 'errcode' in body ? body : found.answer({ request, fields: body.fields, client, ports });
}

/** A client as the log has it, to tell when each of its secrets was last used: a hash of the id, the secret's place. */
function usedBy(client: GatewayClient, { settings, digest }: GatewayPorts): object {
  const secrets = settings.gatewayClients.filter(({ id }) => id === client.id);
  return { client: digest(client.id), secret: secrets.indexOf(client) + 1 };
}

/**
 * Ten wrong secrets a minute, by id and by who asks, so that nobody shuts out another's server: the address that
 * CloudBase names, or the user who calls the function itself and may name any.
 */
const wrongSecrets = createThrottle({ tries: 10, withinMs: 60_000 });

async function giveToken(fields: PlainObject, from: string, ports: GatewayPorts): Promise<Result> {
  const { settings, clock, log, digest } = ports;
  const { grant_type: grantType, appid, secret } = fields;
  if (grantType !== 'client_credential') return error(40002, 'invalid grant_type');
  if (typeof appid !== 'string' || appid === '') return error(41002, 'appid missing');
  if (typeof secret !== 'string' || secret === '') return error(41004, 'appsecret missing');
  // Every client is compared, whatever its id, so that the time tells neither id nor secret.
  let admitted: GatewayClient | undefined;
  let known = false;
  for (const client of settings.gatewayClients) {
    const sameId = isSame(client.id, appid);
    const sameSecret = isSame(client.secret, secret);
    known ||= sameId;
    if (sameId && sameSecret) admitted = client;
  }
  const refuse = (why: string, refused: Result) => {
    logFailure({ log }, 'gateway-token', { why, client: digest(appid) });
    return refused;
  };
  if (!known) return refuse('unknown client', error(40013, 'invalid appid'));
  const who = `${appid} ${from}`;
  if (wrongSecrets.isShut(who, clock.now())) {
    const words = 'api minute-quota reach limit: ten wrong secrets; try again in a minute';
    return refuse('too many wrong secrets', error(45011, words));
  }
  if (admitted === undefined) {
    wrongSecrets.count(who, clock.now());
    return refuse('wrong secret', error(40001, 'invalid credential, AppSecret is invalid'));
  }
  log({ step: 'gateway-token', ...usedBy(admitted, ports) });
  return { json: { access_token: await issueToken(admitted, settings.secret), expires_in: tokenSeconds } };
}
