import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { version } from '../../package.json';
import { decideRole } from '../core/access';
import { refusal, success } from '../core/answer';
import type { CloudFunction, FunctionRow } from '../core/define-function';
import { type Ports, stepMs } from '../core/ports';
import { variables } from '../core/settings';
import { callNames, callRow } from '../wechat/calls';
import { hasCredentials, type OpenApiOptions, openApiCloud, type SdkObject } from './sdk';
import { isProof } from './self-check-proof';
import { within } from './within';

/**
 * What a function says of itself when it is asked by `{kefuSelfCheck: true}`: `npm run doctor` does. It sends nothing,
 * and writes nothing but the access token, which every call of the official account's over HTTPS keeps. Loaded when it
 * is asked for, so that no other call pays for it.
 */

/** Whether the function may make a call to WeChat; `unclear` bears the errcode that left it open. */
export type PermissionState =
  | 'granted'
  /** -604101: not set, or set less than ten minutes ago. */
  | 'missing'
  /** -604100: WeChat has no call of this name. */
  | 'unknown-name'
  /** -604104, -501007: whoever asked did not come by way of WeChat, so WeChat does not say. */
  | 'no-context'
  /** Belongs to an official account that is not set up, or that goes by HTTPS. */
  | 'unused'
  | `unclear: ${number}`;

export interface SelfCheck {
  readonly function: string;
  readonly version: string;
  /** The beginning of the SHA-256 of the code that runs. */
  readonly build: string;
  readonly node: string;
  readonly variables: { readonly [name: string]: 'set' | 'missing' };
  readonly database: 'ok' | `unclear: ${number}`;
  readonly permissions: { readonly [api: string]: PermissionState };
  /** The official account's access token, where calls go over HTTPS; the errCode for which there is none. */
  readonly token: 'ok' | 'unused' | `refused: ${number}`;
  /** When the last push was taken, in milliseconds since 1970; 0 where none is known. Of functions that take pushes. */
  readonly lastPushAt?: number;
  /** What the callback address asks of a push. Of the function that has one. */
  readonly callback?: 'not set up' | 'signed' | 'encrypted';
}

/** Answers the self-check for the owner's code and for operators. Anyone else is refused. */
export function selfCheck({ name, access }: FunctionRow): CloudFunction['handle'] {
  return async (event, caller, ports) => {
    const role = decideRole(caller, ports.settings.operators);
    const offered = (event as { kefuSelfCheck?: unknown }).kefuSelfCheck;
    if (role !== 'owner' && role !== 'operator' && !isProof(offered, process.env)) {
      return refusal('not-allowed', -604104, 'the self-check is for the owner’s code and for operators');
    }
    const takesPushes = access === 'push' || access === 'credentials';
    const [build, permissions, database, token, pushes] = await Promise.all([
      readBuild(),
      checkPermissions(ports),
      checkDatabase(ports),
      checkOfficialToken(ports),
      takesPushes ? lastPush(ports) : {},
    ]);
    const report: SelfCheck = {
      function: name,
      version,
      build,
      node: process.versions.node,
      variables: Object.fromEntries(
        Object.keys(variables).map((variable) => [variable, process.env[variable] ? 'set' : 'missing']),
      ),
      database,
      permissions,
      token,
      ...pushes,
      ...(access === 'credentials' ? { callback: callbackOf(ports) } : {}),
    };
    return success({ selfCheck: report });
  };
}

/** The short name that the deploy script gives to a build: of all JavaScript beside this. */
async function readBuild(): Promise<string> {
  const names = (await readdir(__dirname)).filter((name) => name.endsWith('.js')).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(await readFile(path.join(__dirname, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Reads a document that is not there. */
async function checkDatabase({ database }: Ports): Promise<SelfCheck['database']> {
  if (!hasCredentials()) return 'unclear: -501009';
  try {
    await database('kefu_media').get('self-check');
    return 'ok';
  } catch (error) {
    return `unclear: ${errCodeOf(error)}`;
  }
}

async function checkOfficialToken(ports: Ports): Promise<SelfCheck['token']> {
  const { officialAppid, officialChannel } = ports.settings;
  if (officialAppid === '' || officialChannel !== 'https') return 'unused';
  const { checkToken } = await import('./wechat-https');
  const errCode = await checkToken(ports);
  return errCode === 0 ? 'ok' : `refused: ${errCode}`;
}

async function lastPush({ database }: Ports): Promise<Pick<SelfCheck, 'lastPushAt'>> {
  if (!hasCredentials()) return { lastPushAt: 0 };
  const newest = { order: [['at', 'desc']], limit: 1, fields: ['at'] } as const;
  const [push] = await database('kefu_pushes')
    .find({}, newest)
    .catch(() => []);
  return { lastPushAt: push?.at ?? 0 };
}

function callbackOf({ settings }: Ports): NonNullable<SelfCheck['callback']> {
  if (settings.callbackToken === '') return 'not set up';
  return settings.callbackAesKey === '' ? 'signed' : 'encrypted';
}

/** Asks for each call that `config.json` names, which lies beside the code in the cloud too. */
async function checkPermissions(ports: Ports): Promise<SelfCheck['permissions']> {
  const text = await readFile(path.join(__dirname, 'config.json'), 'utf8').catch(() => '{}');
  const { permissions } = JSON.parse(text) as { permissions?: { openapi?: readonly string[] } };
  const apis = permissions?.openapi ?? [];
  return Object.fromEntries(
    await Promise.all(apis.map(async (api) => [api, await checkPermission(api, ports)])),
  );
}

/**
 * A call that can do nothing: it names nobody to send to, no kind of message, no content, no file and no media id.
 * The gateway looks at the permission first; with it, WeChat refuses what is missing (40003, 41005, 41006 …).
 */
const nothing = { touser: '' };

const states: { readonly [errCode: number]: PermissionState } = {
  [-604101]: 'missing',
  [-604100]: 'unknown-name',
  [-604104]: 'no-context',
  [-501007]: 'no-context',
};

async function checkPermission(api: string, { settings }: Ports): Promise<PermissionState> {
  const official = callNames.every((name) => callRow(name).cloud.miniprogram !== api);
  if (official && (settings.officialAppid === '' || settings.officialChannel === 'https')) return 'unused';
  if (!hasCredentials()) return 'unclear: -501009';
  try {
    const options = { convertCase: true, ...(official ? { appid: settings.officialAppid } : {}) };
    await within(stepMs, callByName(api, options));
    return 'granted';
  } catch (error) {
    const errCode = errCodeOf(error);
    // A number of WeChat's own: the call came through the gateway.
    return errCode > 0 ? 'granted' : (states[errCode] ?? `unclear: ${errCode}`);
  }
}

/** Calls an open API by the name that `config.json` has for it. No part of the path reaches a promise. */
function callByName(api: string, options: OpenApiOptions): Promise<SdkObject> {
  let target: unknown = openApiCloud(options).openapi;
  for (const step of api.split('.')) target = (target as { readonly [name: string]: unknown })[step];
  return (target as (payload: object) => Promise<SdkObject>)(nothing);
}

function errCodeOf(error: unknown): number {
  const { errCode } = (error ?? {}) as { errCode?: unknown };
  return typeof errCode === 'number' ? errCode : -1;
}
