import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Environment } from './command-line';
import { runProgram } from './program';

/** The file of a bill of materials, beside the folder of what was deployed. */
export const billName = 'sbom.cdx.json';

/**
 * The packages that the functions' code comes from; npm's lock file has what they stand on in turn. None of them is among
 * this package's own dependencies: whoever installs it gets the functions built.
 */
export const functionPackages: readonly string[] = [
  '@cloudbase/signature-nodejs',
  'busboy',
  'eventsource-parser',
  'fast-xml-parser',
  'fastest-levenshtein',
  'jose',
  'marked',
  'wx-server-sdk',
];

/** A CycloneDX document, as far as it is read here. */
interface Bill {
  readonly metadata: { readonly component: object };
  readonly components: readonly object[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly devDependencies: { readonly [name: string]: string };
}

/**
 * Writes the bill of materials of what was deployed: every package that the functions may hold, with version, licence
 * and integrity, by `npm sbom` from the lock file (CycloneDX). Says in a line where it is, or why there is none.
 */
export async function writeBill(functionRoot: string, environment: Environment): Promise<string> {
  const file = path.join(path.dirname(functionRoot), billName);
  const folder = await mkdtemp(path.join(tmpdir(), 'kefu-bill-'));
  try {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;
    const { name, version } = manifest;
    // As npm would see it if the functions were the package: what is theirs is installed, all else a tool.
    const entries = Object.entries(manifest.devDependencies);
    const isTheirs = ([each]: readonly [string, string]) => functionPackages.includes(each);
    const dependencies = Object.fromEntries(entries.filter(isTheirs));
    const devDependencies = Object.fromEntries(entries.filter((entry) => !isTheirs(entry)));
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ name, version, dependencies, devDependencies }),
    );
    await copyFile('package-lock.json', path.join(folder, 'package-lock.json'));
    const args = ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx'];
    const bill = JSON.parse(await runNpm(args, folder, environment)) as Bill;
    // npm names the folder that it runs in.
    const metadata = { ...bill.metadata, component: { ...bill.metadata.component, name, version } };
    await writeFile(file, `${JSON.stringify({ ...bill, metadata }, null, 2)}\n`);
    return `Bill of materials: ${file}, ${bill.components.length} packages`;
  } catch (error) {
    return `No bill of materials: npm sbom did not do it (${error instanceof Error ? error.message : 'unknown'})`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runNpm(args: readonly string[], cwd: string, environment: Environment): Promise<string> {
  const own = environment['npm_execpath'];
  const env = { ...environment };
  // npm started this; else the one of the path, which on Windows is a batch file.
  const { code, fault, stdout } =
    own?.endsWith('.js') === true
      ? await runProgram(process.execPath, [own, ...args], { cwd, env })
      : await runProgram('npm', args, { cwd, env, shell: process.platform === 'win32' });
  if (fault !== undefined) throw new Error('npm cannot be started');
  if (code !== 0) throw new Error(`npm ended with ${code ?? 'a signal'}`);
  return stdout;
}
