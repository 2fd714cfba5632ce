import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Environment } from '../variables';

/**
 * The pinned @cloudbase/cli, as a program of its own, for what it is there for: the login, and the upload of functions.
 * It exits with 0 when functions failed to deploy, prints in the language of its settings and has no form for machines,
 * so what it says is read by its signs, not by its words.
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
  /** Where its output goes as it comes. Left out, nobody sees it. */
  readonly show?: { readonly out: (text: string) => void; readonly err: (text: string) => void };
  /** After how long it is given up, in milliseconds. Default: never. */
  readonly limitMs?: number;
}

/** Runs one command of the CLI in the working folder. It is asked nothing: its input is closed. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const child = spawn(process.execPath, [options.bin, ...args], {
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
 * Uploads what a configuration names. Told by its signs: every function must have been reported as done.
 *
 * @param configFile what the CLI reads instead of the project's `cloudbaserc.json`, but for the `region`: that it reads
 *   in the working folder, unless it is told one
 */
export async function deployAll(
  count: number,
  envId: string,
  { configFile, region, ...options }: CliOptions & { readonly configFile: string; readonly region: string },
): Promise<{ readonly ok: boolean; readonly why: string; readonly isRuntime?: boolean }> {
  // --yes, not --force: that one uploads an existing function a second time, through a bucket.
  const upload = ['fn', 'deploy', '--all', '--yes', '--deployMode', 'zip', '-e', envId, '-r', region];
  const run = await runCli([...upload, '--config-file', configFile], options);
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

/** The lines that the CLI marks as failed. */
function failures({ stdout, stderr }: CliRun): string[] {
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /^\s*[✖×]/.test(line))
    .map((line) => line.replace(/^\s*[✖×]\s*/, '').trim());
}
