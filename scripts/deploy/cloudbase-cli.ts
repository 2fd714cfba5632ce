import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Environment } from './variables';

/**
 * The pinned @cloudbase/cli, as a program of its own. It exits with 0 when functions failed to deploy, prints in the
 * language of its settings and has no form for machines, so what it says is read by its signs, not by its words.
 */

/** The installed CLI: its version and its program; `undefined` before `npm install`. */
export function findCli(): { readonly version: string; readonly bin: string } | undefined {
  const require = createRequire(path.resolve('package.json'));
  try {
    const manifest = require.resolve('@cloudbase/cli/package.json');
    const { version, bin } = require(manifest) as { version: string; bin: { tcb: string } };
    return { version, bin: path.join(path.dirname(manifest), bin.tcb) };
  } catch {
    return undefined;
  }
}

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Its program: {@link findCli}. */
  readonly bin: string;
  readonly environment: Environment;
  /** The configuration that the CLI reads instead of the project's. */
  readonly configFile: string;
  /** Where its output goes as it comes. Left out, nobody sees it. */
  readonly show?: { readonly out: (text: string) => void; readonly err: (text: string) => void };
  /** After how long it is given up, in milliseconds. Default: never. */
  readonly limitMs?: number;
}

/** Runs one command of the CLI in the working folder. It is asked nothing: its input is closed. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const child = spawn(process.execPath, [options.bin, ...args, '--config-file', options.configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...options.environment, FORCE_COLOR: '0', NODE_NO_WARNINGS: '1' },
  });
  const timer =
    options.limitMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.limitMs);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.show?.out(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.show?.err(text);
  });
  return new Promise((resolve) => {
    const end = (code: number) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    };
    child.once('error', (error) => {
      stderr += error.message;
      end(1);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}

/**
 * Whether somebody has logged in with the CLI. It does not tell whether the login is still good; asked without one,
 * the CLI would open a browser and wait. (TENCENTCLOUD_SECRETID in the environment is not a login to this version.)
 */
export async function hasLogin(environment: Environment): Promise<boolean> {
  return Object.keys(await readAuth(environment)).length > 0;
}

/** What calls of the cloud are signed with; `token` is empty where the keys are lasting ones. */
export interface Login {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token: string;
}

/** The login that the CLI keeps: a key of one's own, or those that a browser's login lends for some hours. */
export async function readLogin(environment: Environment): Promise<Login | undefined> {
  const { secretId, secretKey, token, tmpSecretId, tmpSecretKey, tmpToken } = await readAuth(environment);
  const login = {
    secretId: secretId ?? tmpSecretId ?? '',
    secretKey: secretKey ?? tmpSecretKey ?? '',
    token: token ?? tmpToken ?? '',
  };
  return login.secretId === '' || login.secretKey === '' ? undefined : login;
}

async function readAuth(environment: Environment): Promise<{ readonly [field: string]: string }> {
  const folder = environment['XDG_CONFIG_HOME'] || path.join(homedir(), '.config');
  try {
    const text = await readFile(path.join(folder, '.cloudbase', 'auth.json'), 'utf8');
    return (JSON.parse(text) as { credential?: { readonly [field: string]: string } }).credential ?? {};
  } catch {
    return {};
  }
}

/** How long a question to the cloud may take. The CLI alone needs some seconds to start. */
const questionMs = 90_000;

/** A deployed function as the CLI reports it. */
export interface OnlineFunction {
  readonly name: string;
  readonly handler?: string;
  readonly runtime?: string;
  readonly timeout?: number;
  readonly memorySize?: number;
  readonly envVariables?: { readonly [name: string]: string };
  readonly triggers?: readonly { readonly name: string; readonly type: string; readonly config: string }[];
}

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** What is deployed under these names. Functions that are not there are left out. */
export async function readOnline(
  names: readonly string[],
  envId: string,
  options: CliOptions,
): Promise<Asked<readonly OnlineFunction[]>> {
  const listed = await runCli(['fn', 'list', '-e', envId, '--limit', '100'], {
    ...options,
    limitMs: questionMs,
  });
  if (listed.code !== 0 || failures(listed).length > 0) return { ok: false, why: reason(listed) };
  const there = tableCells(listed.stdout);
  const existing = names.filter((name) => there.has(name));
  return existing.length === 0 ? { ok: true, value: [] } : pullOnline(existing, envId, options);
}

/** The same for functions that are known to be there: asked for another, the CLI makes up its settings. */
export async function pullOnline(
  names: readonly string[],
  envId: string,
  options: CliOptions,
): Promise<Asked<readonly OnlineFunction[]>> {
  const args = ['config', 'pull', 'fn', ...names, '-e', envId, '--stdout'];
  const pulled = await runCli(args, { ...options, limitMs: questionMs });
  const json = firstJson(pulled.stdout) as { functions?: readonly OnlineFunction[] } | undefined;
  return json?.functions === undefined
    ? { ok: false, why: reason(pulled) }
    : { ok: true, value: json.functions };
}

/** A host's name, as a table has it. */
const hostName = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d-]+)+$/i;

/**
 * Where HTTP access reaches a function: its path, on the first domain of one's own. `undefined` where one of the two is
 * not there; the domain that an environment comes with is printed by `service create` alone.
 */
export async function readAddress(
  name: string,
  envId: string,
  options: CliOptions,
): Promise<string | undefined> {
  const ask = async (...args: readonly string[]) =>
    rows((await runCli(['service', ...args, '-e', envId], { ...options, limitMs: questionMs })).stdout);
  const path = (await ask('list')).find((cells) => cells[1] === name && cells[0]?.startsWith('/'))?.[0];
  if (path === undefined) return undefined;
  const domain = (await ask('domain', 'list')).flat().find((cell) => hostName.test(cell));
  return domain === undefined ? undefined : `https://${domain}${path === '/' ? '' : path}`;
}

/** Uploads what the configuration names. Told by its signs: every function must have been reported as done. */
export async function deployAll(
  count: number,
  envId: string,
  options: CliOptions,
): Promise<{ readonly ok: boolean; readonly why: string; readonly isRuntime?: boolean }> {
  // --yes, not --force: that one uploads an existing function a second time, through a bucket.
  const run = await runCli(['fn', 'deploy', '--all', '--yes', '--deployMode', 'zip', '-e', envId], options);
  const failed = failures(run);
  if (run.code !== 0 || failed.length > 0)
    return {
      ok: false,
      why: failed[0] ?? `the CLI ended with ${run.code}`,
      // The cloud's own word is in the lines after the CLI's.
      isRuntime: failed.some((line) => /runtime/i.test(line)),
    };
  const done = [...run.stdout.matchAll(/^[✔√].*?(\d+)/gm)].at(-1)?.[1];
  return Number(done) === count
    ? { ok: true, why: '' }
    : { ok: false, why: `the CLI reported ${done ?? 'none'} of ${count} functions as deployed` };
}

/**
 * Calls a deployed function with the event that the configuration has for it as `params`: what stands in a command line
 * is seen by every user of the machine. Its answer is one line of JSON among others.
 */
export async function invoke(
  name: string,
  envId: string,
  options: CliOptions,
): Promise<Asked<{ readonly [field: string]: unknown }>> {
  const run = await runCli(['fn', 'invoke', name, '-e', envId], { ...options, limitMs: questionMs });
  for (const line of run.stdout.split('\n')) {
    const text = line.slice(line.indexOf('：') + 1).trim();
    if (!text.startsWith('{')) continue;
    const answer = parseObject(text);
    if (answer !== undefined) return { ok: true, value: answer };
  }
  return { ok: false, why: reason(run) };
}

/** The lines that the CLI marks as failed. */
function failures({ stdout, stderr }: CliRun): string[] {
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /^\s*[✖×]/.test(line))
    .map((line) => line.replace(/^\s*[✖×]\s*/, '').trim());
}

/** Why a run came to nothing, by its marked lines alone: others may hold what it was to read, variables included. */
function reason(run: CliRun): string {
  return failures(run)[0] ?? `the CLI ended with ${run.code} and does not say why`;
}

/** All cells of the tables in an output. */
function tableCells(text: string): ReadonlySet<string> {
  return new Set(rows(text).flat());
}

/** The rows of the tables in an output, as their cells. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The JSON object that stands in an output from the beginning of a line to the beginning of another. */
function firstJson(text: string): object | undefined {
  const from = text.search(/^\{/m);
  const to = text.lastIndexOf('\n}');
  return from < 0 || to < from ? undefined : parseObject(text.slice(from, to + 2));
}

function parseObject(text: string): { readonly [field: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
