import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type KnownPackage, knownPackages } from './parts';

/**
 * Compares the installed packages with those that `parts.ts` was written for, and says in a sentence each what is
 * different.
 */
export async function findUnknownPackages(root: string): Promise<string[]> {
  const found = await Promise.all(knownPackages.map((known) => readPackage(root, known)));
  return found.flatMap(({ version, digest }, index) => {
    const known = knownPackages[index];
    if (known === undefined || (known.version === version && known.digest === digest)) return [];
    return `${known.name} is ${version} with the digest ${digest}, and scripts/sdk/parts.ts was written for ${known.version} with ${known.digest}: look at its rows again, then enter this one there`;
  });
}

async function readPackage(
  root: string,
  { name, broughtBy, files }: KnownPackage,
): Promise<{ version: string; digest: string }> {
  const from = createRequire(path.join(root, 'package.json'));
  const manifest =
    broughtBy === undefined
      ? from.resolve(`${name}/package.json`)
      : createRequire(from.resolve(`${broughtBy}/package.json`)).resolve(`${name}/package.json`);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return { version, digest: await digestOf(path.join(path.dirname(manifest), files)) };
}

async function digestOf(place: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await listFiles(place)) {
    hash.update(`${path.relative(place, file).replaceAll(path.sep, '/')}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A file itself, or all code beneath a folder, in one order everywhere. */
async function listFiles(place: string): Promise<string[]> {
  if ((await stat(place)).isFile()) return [place];
  const names = await readdir(place, { recursive: true });
  return names
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => path.join(place, name));
}
