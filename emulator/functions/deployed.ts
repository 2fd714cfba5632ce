import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What is known of a deployed function. */
export interface DeployedFunction {
  readonly name: string;
  /** The folder of its code; `index.js` in it is what runs. */
  readonly folder: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly permissions: readonly string[];
  /** The variables that are set for it, beside the platform's own. */
  readonly variables: Variables;
  /** The folder of other people's functions that it stands in; absent for a function of this project. */
  readonly from?: string;
  /** Changes with every file of it; absent for a function of this project, which is read once. */
  readonly version?: string;
}

export type Variables = { readonly [name: string]: string };

/** The platform's defaults for what a configuration leaves out. */
const defaults = { timeout: 3, memorySize: 256 };

/**
 * Reads what is deployed: every folder of the root that has an `index.js`, with its `config.json` and its entry in
 * `cloudbaserc.json`. Throws a sentence that names the file where one is no JSON.
 */
export async function readFunctions(root: string, cloudbaserc: string): Promise<DeployedFunction[]> {
  const { functions = [] } = await readJson<{
    functions?: { name: string; timeout?: number; memorySize?: number }[];
  }>(cloudbaserc);
  const names = (await readdir(root)).filter((name) => existsSync(path.join(root, name, 'index.js')));
  return Promise.all(
    names.map(async (name) => {
      const folder = path.join(root, name);
      const { timeout, memorySize } = { ...defaults, ...functions.find((row) => row.name === name) };
      const { permissions } = await readJson<{ permissions?: { openapi?: string[] } }>(
        path.join(folder, 'config.json'),
      );
      return {
        name,
        folder,
        timeoutSeconds: timeout,
        memorySizeMb: memorySize,
        permissions: permissions?.openapi ?? [],
        variables: {},
      };
    }),
  );
}

/** A JSON file's object, every field of which may be missing: a file that is not there has none. */
async function readJson<Fields extends object>(file: string): Promise<Partial<Fields>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Partial<Fields>;
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}
