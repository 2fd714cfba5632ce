// Runs a script of this folder, or the one after which another folder is named: `node scripts/run.mjs build --analyze`,
// `node scripts/run.mjs bench`. The scripts are TypeScript, and Node 20 does not read that; esbuild, which is here
// anyway, turns each into one module first.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Bundles a TypeScript file of the project, named from its root with slashes, and loads it. */
export async function load(file) {
  const outfile = path.join(root, 'dist', 'scripts', `${file.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
  await mkdir(path.dirname(outfile), { recursive: true });
  await build({
    entryPoints: [path.join(root, file)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, ...args] = process.argv.slice(2);
  process.chdir(root);
  try {
    const file = [`scripts/${name}.ts`, `${name}/${name}.ts`].find((place) => existsSync(place));
    if (file === undefined) throw new Error(`there is no script ${name}`);
    const { main } = await load(file);
    process.exitCode = (await main(args)) ?? 0;
  } catch (error) {
    // A wrong option or a table that does not hold is said in a sentence; the stack is for those who ask.
    console.error(process.env.KEFU_TRACE ? error : `${error.message}\n(KEFU_TRACE=1 shows where)`);
    process.exitCode = 1;
  }
}
