import http from 'node:http';
import https from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { PlainObject } from '../../shared/wechat/fields/values';
import type { Environment } from './command-line';

/**
 * The one way by which the deploy and the doctor ask anything over the network: the cloud, WeChat, a callback address.
 * It goes by way of the proxy that the environment names, of which `fetch` knows nothing before Node 24.
 */

/** The variables that name a proxy, as @cloudbase/cli looks for them, and those that name whom to ask without it. */
const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'] as const;
const directVariables = ['no_proxy', 'NO_PROXY'] as const;

const usualPort = '443';

export interface Request {
  readonly environment: Environment;
  /** After how long it is given up. */
  readonly limitMs: number;
  readonly headers?: { readonly [name: string]: string };
  /** What is posted; without it, it is a GET. */
  readonly text?: string;
}

export interface Said {
  readonly status: number;
  readonly said: string;
}

/** Makes one request, and follows no redirection. */
export function request(url: URL, { environment, limitMs, headers = {}, text }: Request): Promise<Said> {
  const proxy = proxyFor(url, environment);
  const options = {
    method: text === undefined ? 'GET' : 'POST',
    headers,
    signal: AbortSignal.timeout(limitMs),
    ...(proxy === undefined ? {} : { agent: agentFor(proxy) }),
  };
  return new Promise((resolve, reject) => {
    const asking = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      textOf(response).then((said) => resolve({ status: response.statusCode ?? 0, said }), reject);
    });
    asking.once('error', reject).end(text);
  });
}

/** Why there is no answer, without an address, which may hold a secret. */
export function noAnswer(error: unknown, limitMs: number): string {
  const { code = 'no reason given' } = error as { code?: string };
  return `no answer (${code === 'ABORT_ERR' ? `in ${limitMs / 1000} s` : code})`;
}

/** The object that a text is in JSON, if it is one. */
export function parseObject(text: string): PlainObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The proxy by way of which an address is asked; `undefined` for what is not HTTPS, this machine, and `no_proxy`. */
export function proxyFor(url: URL, environment: Environment): string | undefined {
  if (url.protocol !== 'https:' || isHere(url.hostname) || isDirect(url, environment)) return undefined;
  return proxyVariables.map((name) => environment[name]).find(Boolean);
}

function isHere(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i.test(host);
}

/** Whether one of the entries names the host: a name with all that is below it, perhaps with a port; `*` names every one. */
function isDirect({ hostname, port }: URL, environment: Environment): boolean {
  const entries = directVariables.map((name) => environment[name]).find(Boolean) ?? '';
  return entries
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', only = port] = /^(.*?)(?::(\d+))?$/.exec(entry.replace(/^\*?\./, '')) ?? [];
      return `.${hostname}`.endsWith(`.${name}`) && (only || usualPort) === (port || usualPort);
    });
}

/** The way through each proxy, whose connections are used again. */
const agents = new Map<string, HttpsProxyAgent<string>>();

function agentFor(proxy: string): HttpsProxyAgent<string> {
  const agent = agents.get(proxy) ?? new HttpsProxyAgent(proxy, { keepAlive: true });
  agents.set(proxy, agent);
  return agent;
}
