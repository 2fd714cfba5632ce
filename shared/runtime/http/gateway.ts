import type { GatewayClient } from '../../core/settings';
import type { PlainObject } from '../../wechat/fields/values';
import { isSame, issueToken, readToken, tokenSeconds } from './gateway-tokens';
import type { HttpAnswer, HttpRequestEvent } from './http-event';
import { type GatewayPorts, readBody, routes } from './routes';
import { error, type Result, toHttp } from './wechat-answer';

/**
 * A WeChat server of one's own: the door of `kefu-gateway`.
 *
 * A server that today posts to `api.weixin.qq.com` posts here instead, with its own WeChat client and without
 * AppSecret or address list. It gets tokens of ours for the id and secret that `GATEWAY_CLIENTS` gives it, and answers
 * in WeChat's own form.
 */

/** Answers one HTTP request as WeChat's server would. */
export async function answerGateway(request: HttpRequestEvent, ports: GatewayPorts): Promise<HttpAnswer> {
  return toHttp(await route(request, ports));
}

const wrongMethod = {
  GET: error(43001, 'require GET method'),
  POST: error(43002, 'require POST method'),
} as const;

async function route(request: HttpRequestEvent, ports: GatewayPorts): Promise<Result> {
  const { path, method, query } = request;
  const clients = ports.settings.gatewayClients;
  if (path === '/cgi-bin/token') return method === 'GET' ? giveToken(query, clients) : wrongMethod.GET;
  if (path === '/cgi-bin/stable_token') {
    if (method !== 'POST') return wrongMethod.POST;
    const body = readBody(request);
    return 'errcode' in body ? body : giveToken(body.fields, clients);
  }
  const found = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (found === undefined) return error(40066, 'invalid url');
  if (found.method !== method) return wrongMethod[found.method];
  const token = query['access_token'] ?? '';
  if (token === '') return error(41001, 'access_token missing');
  const client = await readToken(token, clients);
  if (client === 'spent') return error(42001, 'access_token expired');
  if (client === undefined) return error(40001, 'invalid credential, access_token is invalid or not latest');
  return found.answer({ request, client, ports });
}

async function giveToken(fields: PlainObject, clients: readonly GatewayClient[]): Promise<Result> {
  const { grant_type: grantType, appid, secret } = fields;
  if (grantType !== 'client_credential') return error(40002, 'invalid grant_type');
  if (typeof appid !== 'string' || appid === '') return error(41002, 'appid missing');
  if (typeof secret !== 'string' || secret === '') return error(41004, 'appsecret missing');
  // Every client is compared, whatever its id, so that the time tells neither id nor secret.
  let admitted: GatewayClient | undefined;
  let known = false;
  for (const client of clients) {
    const sameId = isSame(client.id, appid);
    const sameSecret = isSame(client.secret, secret);
    known ||= sameId;
    if (sameId && sameSecret) admitted = client;
  }
  if (!known) return error(40013, 'invalid appid');
  if (admitted === undefined) return error(40001, 'invalid credential, AppSecret is invalid');
  return { json: { access_token: await issueToken(admitted), expires_in: tokenSeconds } };
}
