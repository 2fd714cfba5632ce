import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Environment } from '../command-line';
import { parseObject } from '../request';
import type { CloudApi, Login } from './cloud-api';
import { findCli, runCli } from './cloudbase-cli';

/** The regions that a `cloudbaserc.json` may name in short. */
const shortRegions: { readonly [name: string]: string } = {
  gz: 'ap-guangzhou',
  bj: 'ap-beijing',
  sh: 'ap-shanghai',
  nj: 'ap-nanjing',
  cd: 'ap-chengdu',
  cq: 'ap-chongqing',
};
const usualRegion = 'ap-shanghai';

/**
 * Whom the cloud is asked for, and where; `undefined` where nobody has logged in.
 *
 * @param named the region of the configuration that was chosen; left out, that of the working folder
 */
export async function openCloud(
  environment: Environment,
  named: string | undefined,
): Promise<CloudApi | undefined> {
  const [login, region] = await Promise.all([
    readLogin(environment),
    named === undefined ? readRegion() : (shortRegions[named] ?? named),
  ]);
  return login && { login, region, environment };
}

/**
 * The region that the CLI works in where it is told none: that of the working folder's `cloudbaserc.json`, whatever other
 * file it is given, and Shanghai where that has none.
 */
export async function readRegion(folder = '.'): Promise<string> {
  const text = await readFile(path.join(folder, 'cloudbaserc.json'), 'utf8').catch(() => '');
  const region = String(parseObject(text)?.['region'] || usualRegion);
  return shortRegions[region] ?? region;
}

/** What the CLI keeps of a login, under its newer names or its older ones; times are in milliseconds since 1970. */
type Kept = { readonly [field: string]: string | number | undefined };

/** Keys that end sooner than this are renewed first, as by the CLI. */
const soonMs = 120_000;

/** How long a renewal may take. The CLI alone needs some seconds to start. */
const renewalMs = 60_000;

/**
 * The login that the CLI keeps: a key of one's own, or those that a browser's login lends for two hours. When these are
 * over, the CLI is started once: it alone knows how to have them renewed, which it may for a month.
 *
 * Whether the cloud still takes the login shows with the first call. (TENCENTCLOUD_SECRETID in the environment is no
 * login to this version of the CLI.)
 */
export async function readLogin(environment: Environment): Promise<Login | undefined> {
  const kept = await readKept(environment);
  if (!isOver(kept)) return loginOf(kept);
  const cli = findCli();
  // Without a month's right to it, the CLI would open a browser and wait.
  if (cli === undefined || !(Number(kept['expired']) > Date.now())) return undefined;
  await runCli(['env', 'list'], { ...cli, environment, timeout: renewalMs });
  const renewed = await readKept(environment);
  return isOver(renewed) ? undefined : loginOf(renewed);
}

/** Whether keys that were lent are over, or nearly. */
function isOver(kept: Kept): boolean {
  const until = Number(kept['accessTokenExpired'] || kept['tmpExpired']);
  return Boolean(kept['refreshToken']) && until < Date.now() + soonMs;
}

function loginOf(kept: Kept): Login | undefined {
  const read = (newer: string, older: string) => String(kept[newer] || kept[older] || '');
  const secretId = read('secretId', 'tmpSecretId');
  const secretKey = read('secretKey', 'tmpSecretKey');
  return secretId && secretKey ? { secretId, secretKey, token: read('token', 'tmpToken') } : undefined;
}

async function readKept(environment: Environment): Promise<Kept> {
  const folder = environment['XDG_CONFIG_HOME'] || path.join(homedir(), '.config');
  const text = await readFile(path.join(folder, '.cloudbase', 'auth.json'), 'utf8').catch(() => '');
  return (parseObject(text)?.['credential'] ?? {}) as Kept;
}
