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
}

/** The platform's defaults for what a configuration leaves out. */
const defaults = { timeout: 3, memorySize: 256 };

/** Reads what is deployed: every folder of the root, with its `config.json` and its entry in `cloudbaserc.json`. */
export async function readFunctions(root: string, cloudbaserc: string): Promise<DeployedFunction[]> {
  const { functions = [] } = await readJson<{
    functions?: { name: string; timeout?: number; memorySize?: number }[];
  }>(cloudbaserc);
  const entries = await readdir(root, { withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
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
        };
      }),
  );
}

/** A JSON file's object, every field of which may be missing: a file that is not there has none. */
async function readJson<Fields extends object>(file: string): Promise<Partial<Fields>> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Partial<Fields>;
}
