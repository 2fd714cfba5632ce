import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Added, writeIfOther } from './added';
import { packageFolder } from './package-folder';
import { prebuiltFunctions } from './tables';

/** What goes from the package into a mini program: our functions, and as they are the typed client and the desk. */

/** The desk's folder in a mini program, a subpackage; in the package it has the same name. */
export const deskFolder = 'desk';

/** A file of a project, and the one of the package that it is a copy of. */
export interface Copy {
  readonly file: string;
  readonly source: string;
}

/** The typed client's files in the package, and what they are called in a mini program. */
const clientFiles = { 'index.js': 'kefu-client.js', 'index.d.ts': 'kefu-client.d.ts' } as const;

export function clientCopies(miniprogramRoot: string): Copy[] {
  return Object.entries(clientFiles).map(([source, name]) => ({
    file: path.posix.join(miniprogramRoot, name),
    source: path.join(packageFolder(), 'miniprogram', source),
  }));
}

export async function deskCopies(miniprogramRoot: string): Promise<Copy[]> {
  const root = path.join(packageFolder(), deskFolder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((source) => ({
      file: path.posix.join(miniprogramRoot, deskFolder, ...path.relative(root, source).split(path.sep)),
      source,
    }));
}

/** Those that are not there; and of those that are, the ones that are not ours. */
export async function missingCopies(copies: readonly Copy[], { built }: Added) {
  const missing = copies.filter(({ file }) => !existsSync(file));
  const strange: string[] = [];
  for (const { file, source } of copies)
    if (existsSync(file) && !built.includes(file) && !(await readFile(file)).equals(await readFile(source)))
      strange.push(file);
  return { missing, strange };
}

/** Copies files, those that are the same already left alone. */
export async function copyAll(copies: readonly Copy[]): Promise<void> {
  for (const { file, source } of copies) await writeIfOther(file, await readFile(source));
}

/** A function of ours in a project. */
interface FunctionPlace {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
  /** Whether the folder is there and is not ours: `init` has not put it there. */
  readonly isStrange: boolean;
}

export async function functionPlaces(functionRoot: string, { built }: Added): Promise<FunctionPlace[]> {
  return Array.from(await prebuiltFunctions(), ([name, files]) => {
    const folder = `${functionRoot}/${name}`;
    const isStrange = existsSync(folder) && !built.includes(`${folder}/index.js`);
    return { name, folder, files: files.map((file) => `${folder}/${file}`), isStrange };
  });
}
