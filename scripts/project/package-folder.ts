import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of the built package: the command itself, the prebuilt functions, the local WeChat's files, the client. */
export function packageFolder(): string {
  // The package's command is one CommonJS file, whatever it was written in.
  return __dirname;
}

/** The package's own folder, which its `package.json` stands in. */
const manifestFolder = () => path.join(packageFolder(), '..', '..');

type Manifest = {
  readonly version: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
};

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

export function packageVersion(): string {
  return readManifest(path.join(manifestFolder(), 'package.json')).version;
}

/**
 * What a `package.json` of the working folder names this package by: that by which it came, a file's place for a tarball
 * that `npx` was given, else its version.
 */
export function packageSpec(): string {
  const home = path.join(manifestFolder(), '..', '..');
  const spec = readSpec(path.join(home, 'package.json'));
  if (spec === undefined || !spec.startsWith('file:')) return `^${packageVersion()}`;
  const file = path.relative('.', path.resolve(home, spec.slice('file:'.length)));
  return `file:${file.split(path.sep).join('/')}`;
}

function readSpec(file: string): string | undefined {
  try {
    const { dependencies, devDependencies } = readManifest(file);
    return dependencies?.['kefu-cloud'] ?? devDependencies?.['kefu-cloud'];
  } catch {
    return undefined;
  }
}
