import { cp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build, type Metafile } from 'esbuild';
import { checkRules } from '../shared/functions/receive/check-rules';
import { rules } from '../shared/rules';
import { ownFiles, sdkPlugin } from './sdk-plugin';

/** Where the functions' sources are, and where each is built to as a folder of its own. */
export const functionsSource = 'cloudfunctions';
export const functionsRoot = 'dist/cloudfunctions';

/** The runtime that a deploy asks for, and the oldest one that the functions are built for. */
export const functionsRuntime = 'Nodejs18.15';
export const functionsTarget = 'node18';

/** The names of all functions: one folder each. */
export async function functionNames(): Promise<string[]> {
  const entries = await readdir(functionsSource, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Builds every function into a folder of its own, ready to be deployed with no install step: `index.js`, the files that
 * it loads when it needs them, and `config.json`. Says what is in each.
 */
export async function buildFunctions(outdir: string = functionsRoot): Promise<Metafile> {
  refuseWrongRules();
  const names = await functionNames();
  // Built beside its place and then moved there: whoever runs from the folder does not see it half made.
  const beside = `${outdir}.${process.pid}`;
  await rm(beside, { recursive: true, force: true });
  const metafile = await bundleFunctions(
    Object.fromEntries(names.map((name) => [name, path.join(functionsSource, name, 'index.ts')])),
    beside,
  );
  await Promise.all(
    names.map((name) =>
      cp(path.join(functionsSource, name, 'config.json'), path.join(beside, name, 'config.json')),
    ),
  );
  await rm(outdir, { recursive: true, force: true, maxRetries: 5 });
  await moveFolder(beside, outdir);
  return metafile;
}

/** Renames a folder. On Windows whoever looks at new files, a virus scanner say, keeps it from that for a moment. */
async function moveFolder(from: string, to: string, attempts = 5): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (attempts <= 1 || !['EACCES', 'EBUSY', 'EPERM'].includes(code)) throw error;
    await setTimeout(200);
    await moveFolder(from, to, attempts - 1);
  }
}

/** Stops the build where the owner's table of rules cannot work, with each fault's place in it. */
function refuseWrongRules(): void {
  const faults = checkRules(rules);
  if (faults.length === 0) return;
  throw new Error(
    `shared/rules.ts:\n${faults.map(({ path: at, message }) => `  ${at} ${message}`).join('\n')}`,
  );
}

/** Bundles entry files with the SDK, each into a folder of the name that it is given under. */
export async function bundleFunctions(
  entries: { readonly [name: string]: string },
  outdir: string,
): Promise<Metafile> {
  // One build for all: the SDK is parsed once.
  const { metafile } = await build({
    entryPoints: Object.entries(entries).flatMap(([name, file]) => [
      { in: file, out: path.join(name, 'index') },
      ...ownFiles.map((own) => ({ in: own.entry, out: path.join(name, own.name) })),
    ]),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: functionsTarget,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
    metafile: true,
    plugins: [sdkPlugin()],
  });
  return metafile;
}
