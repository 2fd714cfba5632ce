import { createRequire } from 'node:module';
import path from 'node:path';
import type { Environment } from '../command-line';
import { type Ended, type ProgramOptions, runProgram } from '../program';

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

export interface CliOptions extends Pick<ProgramOptions, 'onText' | 'timeout'> {
  /** Its program: {@link findCli}. */
  readonly bin: string;
  readonly environment: Environment;
}

/** Runs one command of the CLI in the working folder. */
export function runCli(
  args: readonly string[],
  { bin, environment, ...options }: CliOptions,
): Promise<Ended> {
  const env = { ...environment, FORCE_COLOR: '0', NODE_NO_WARNINGS: '1' };
  return runProgram(process.execPath, [bin, ...args], { ...options, env });
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
      why: failed[0] ?? `the CLI ended with ${run.code ?? 1}`,
      // The cloud's own word is in the lines after the CLI's.
      isRuntime: failed.some((line) => /runtime/i.test(line)),
    };
  const done = [...run.stdout.matchAll(/^[✔√].*?(\d+)/gm)].at(-1)?.[1];
  return Number(done) === count
    ? { ok: true, why: '' }
    : { ok: false, why: `the CLI reported ${done ?? 'none'} of ${count} functions as deployed` };
}

/** The lines that the CLI marks as failed. */
function failures({ stdout, stderr }: Ended): string[] {
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /^\s*[✖×]/.test(line))
    .map((line) => line.replace(/^\s*[✖×]\s*/, '').trim());
}
