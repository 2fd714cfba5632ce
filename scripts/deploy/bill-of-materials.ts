import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from './variables';

/** The file's name, beside the folder of what was deployed. */
export const billName = 'sbom.cdx.json';

/** A CycloneDX document, as far as it is read here. */
interface Bill {
  readonly metadata: { readonly component: object };
  readonly components: readonly object[];
}

/**
 * Writes the bill of materials of what was deployed: every package that the functions may hold, with version, licence
 * and integrity, by `npm sbom` from the lock file (CycloneDX). Says in a line where it is, or why there is none.
 */
export async function writeBill(functionRoot: string, environment: Environment): Promise<string> {
  const file = path.join(path.dirname(functionRoot), billName);
  try {
    const args = ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx'];
    const bill = JSON.parse(await runNpm(args, environment)) as Bill;
    const { name, version } = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, string>;
    // npm names the folder that it runs in.
    const metadata = { ...bill.metadata, component: { ...bill.metadata.component, name, version } };
    await writeFile(file, `${JSON.stringify({ ...bill, metadata }, null, 2)}\n`);
    return `Bill of materials: ${file}, ${bill.components.length} packages`;
  } catch (error) {
    return `No bill of materials: npm sbom did not do it (${error instanceof Error ? error.message : 'unknown'})`;
  }
}

function runNpm(args: readonly string[], environment: Environment): Promise<string> {
  const own = environment['npm_execpath'];
  // npm started this; else the one of the path, which on Windows is a batch file.
  const child =
    own?.endsWith('.js') === true
      ? spawn(process.execPath, [own, ...args], { env: { ...environment } })
      : spawn('npm', args, { env: { ...environment }, shell: process.platform === 'win32' });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error('npm cannot be started')));
    child.once('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`npm ended with ${code ?? 'a signal'}`)),
    );
  });
}
