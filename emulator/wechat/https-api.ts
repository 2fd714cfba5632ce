import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { type Account, accounts } from '../../shared/wechat/account';
import { type CallName, callNames, callRow } from '../../shared/wechat/calls';
import { isPlainObject, type PlainObject } from '../../shared/wechat/fields/values';
import { type Form, readForm } from '../cloudbase/multipart';
import type { Fault } from '../faults';
import { respondThrough } from '../network-faults';
import type { EmulatorParts } from '../parts';
import { type Refused, refuse } from './check-message';
import {
  answerOfFault,
  holdsEscapes,
  isRefusal,
  type OpenApiAnswer,
  type OpenApiCall,
  openApis,
  refusal,
  shown,
  writeJson,
} from './open-api';

type Handler = Context<{ Bindings: HttpBindings }>;

/** Calls with a second path: the mini program's page of the typing sign names another than the official account's. */
const otherPaths: { readonly [path: string]: CallName } = {
  '/cgi-bin/message/custom/business/typing': 'setTyping',
};

/** `api.weixin.qq.com` as far as it is used here: `/cgi-bin/…`, with access tokens. */
export function createHttpsApi(parts: EmulatorParts): Hono<{ Bindings: HttpBindings }> {
  const api = new Hono<{ Bindings: HttpBindings }>();
  api.all('/cgi-bin/token', (context) =>
    answer(context, parts, '/cgi-bin/token', 'GET', async () => giveToken(context.req.query(), parts, false)),
  );
  api.all('/cgi-bin/stable_token', (context) =>
    answer(context, parts, '/cgi-bin/stable_token', 'POST', async () => {
      const body = await readJson(context);
      return 'errcode' in body ? { json: { ...body } } : giveToken(body.fields, parts, true);
    }),
  );
  const paths: [string, CallName][] = [
    ...callNames.map((name): [string, CallName] => [callRow(name).path, name]),
    ...Object.entries(otherPaths),
  ];
  for (const [path, name] of paths) {
    api.all(path, (context) =>
      answer(context, parts, path, callRow(name).method, (fault) =>
        answerCall(context, parts, path, name, fault),
      ),
    );
  }
  return api;
}

/** The method, then what the route says, then what a fault makes of it. */
async function answer(
  context: Handler,
  { faults }: EmulatorParts,
  path: string,
  method: 'GET' | 'POST',
  run: (fault: Fault | undefined) => Promise<OpenApiAnswer>,
): Promise<Response> {
  if (context.req.method !== method) return respond(context, refusal(method === 'POST' ? 43002 : 43001));
  const fault = faults.strike(path);
  const given = answerOfFault(fault, (errcode) => refuse(errcode).errmsg) ?? (await run(fault));
  return respondThrough(fault, context, () => respond(context, given));
}

function respond(context: Handler, given: OpenApiAnswer): Response {
  if ('json' in given) {
    return context.body(writeJson(given.json), 200, { 'content-type': 'application/json; encoding=utf-8' });
  }
  const { bytes, contentType, filename } = given.file;
  return context.body(Buffer.from(bytes), 200, {
    'content-type': contentType,
    'content-disposition': `attachment; filename="${filename}"`,
  });
}

function giveToken(
  fields: PlainObject,
  { world, log, options: { secrets } }: EmulatorParts,
  stable: boolean,
): OpenApiAnswer {
  const { grant_type: grantType, appid, secret, force_refresh: force } = fields;
  const account = accounts.find((kind) => world.appids[kind] === appid);
  const note = (answer: object, ok: boolean) =>
    log.add({
      kind: 'wire',
      api: stable ? '/cgi-bin/stable_token' : '/cgi-bin/token',
      account: account ?? 'official',
      https: {},
      cloud: {},
      bytes: 0,
      answer,
      ok,
    });
  const refused = (errcode: number) => {
    const json = { ...refuse(errcode) };
    note(json, false);
    return { json };
  };
  if (grantType !== 'client_credential') return refused(40002);
  if (typeof appid !== 'string' || appid === '') return refused(41002);
  if (typeof secret !== 'string' || secret === '') return refused(41004);
  if (account === undefined) return refused(40013);
  if (secret !== secrets[account]) return refused(40001);
  const { token, expiresInSeconds } = stable
    ? world.tokens.stable(account, force === true)
    : world.tokens.fresh(account);
  note({ expires_in: expiresInSeconds }, true);
  return { json: { access_token: token, expires_in: expiresInSeconds } };
}

async function answerCall(
  context: Handler,
  { world, log }: EmulatorParts,
  path: string,
  name: CallName,
  fault: Fault | undefined,
): Promise<OpenApiAnswer> {
  const token = context.req.query('access_token') ?? '';
  if (token === '') return refusal(41001);
  const account = world.tokens.read(token);
  if (typeof account === 'number') return refusal(account);
  const call = await readCall(context, account, name, fault?.errcode === 0);
  if ('errcode' in call) return { json: { ...call } };
  const given = openApis[name](call, world);
  log.add({
    kind: 'wire',
    api: path,
    account,
    https: call.payload,
    cloud: call.payload,
    bytes: Number(context.req.header('content-length') ?? 0),
    answer: shown(given),
    ok: !isRefusal(given),
  });
  return given;
}

async function readCall(
  context: Handler,
  account: Account,
  name: CallName,
  lenient: boolean,
): Promise<OpenApiCall | Refused> {
  const { method, binary } = callRow(name);
  const { access_token: _token, ...query } = context.req.query();
  if (method === 'GET') return { account, payload: query, files: {}, lenient };
  if (binary === 'request') {
    const contentType = context.req.header('content-type') ?? '';
    if (!contentType.startsWith('multipart/form-data')) return refuse(41005);
    const body = Buffer.from(await context.req.arrayBuffer());
    const { files } = await readForm(contentType, body).catch((): Pick<Form, 'files'> => ({ files: {} }));
    const { media } = files;
    return { account, payload: query, files: media === undefined ? {} : { media }, lenient };
  }
  const body = await readJson(context);
  return 'errcode' in body ? body : { account, payload: body.fields, files: {}, lenient };
}

async function readJson(context: Handler): Promise<{ readonly fields: PlainObject } | Refused> {
  const text = await context.req.text();
  if (text === '') return refuse(44002);
  if (holdsEscapes(text)) return refuse(40033);
  try {
    const parsed: unknown = JSON.parse(text);
    return isPlainObject(parsed) ? { fields: parsed } : refuse(47001);
  } catch {
    return refuse(47001);
  }
}
