// Loads the project's TypeScript, which Node 20 does not read: esbuild, which is here anyway, turns a file and all that
// it imports into one module first.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** The project's folder. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Bundles a TypeScript file, named from the project's root with slashes, and loads it. */
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
