import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { versionOf } from '../folder-version';
import { type DeployedFunction, readFunctions, type Variables } from './deployed';

/** Other people's functions, which run beside ours: plain JavaScript, with modules and variables of their own. */
export interface OtherFunctions {
  /** Folders that hold a folder with an `index.js` for each function. */
  readonly folders: readonly string[];
  /** Files with variables for all of them. A later one wins, and each over a `.env` beside the functions. */
  readonly envFiles?: readonly string[];
  /**
   * Names that are passed over in the folders, which may then hold nothing else: those of ours, where they are built
   * beside other people's.
   */
  readonly passedOver?: readonly string[] | undefined;
}

/**
 * Reads them as they are now. Timeouts and memory stand in a `cloudbaserc.json` beside the folder, as in a CloudBase
 * project; variables in a `.env` in the folder, for all its functions, or in a function's own folder.
 *
 * Throws a sentence where a folder holds none, or a name is one of ours or stands twice.
 */
export async function readOthers(
  { folders, envFiles = [], passedOver }: OtherFunctions,
  ours: readonly DeployedFunction[],
): Promise<DeployedFunction[]> {
  const missing = envFiles.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`there is no file ${missing} to read variables from`);
  const given = await readVariables(envFiles);
  const found = (await Promise.all(folders.map((folder) => readFolder(folder, given, passedOver)))).flat();
  const names = new Map(ours.map(({ name }) => [name, 'one of ours']));
  for (const { name, folder, from } of found) {
    const taken = names.get(name);
    if (taken !== undefined)
      throw new Error(`the function ${folder} has the name of ${taken}: rename its folder, or leave it out`);
    names.set(name, `another in ${from}`);
  }
  return found;
}

async function readFolder(
  given: string,
  variables: Variables,
  passedOver: readonly string[] | undefined,
): Promise<DeployedFunction[]> {
  const from = path.resolve(given);
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`there is no folder ${from}`);
  if (existsSync(path.join(from, 'index.js')))
    throw new Error(`${from} is a function; name the folder that it stands in`);
  const found = await readFunctions(from, path.join(from, '..', 'cloudbaserc.json'));
  const functions = found.filter(({ name }) => passedOver?.includes(name) !== true);
  if (functions.length === 0 && passedOver === undefined)
    throw new Error(`${from} holds no function: each is a folder with an index.js`);
  return Promise.all(
    functions.map(async (row) => ({
      ...row,
      from,
      variables: {
        ...(await readVariables([path.join(from, '.env'), path.join(row.folder, '.env')])),
        ...variables,
      },
      version: await versionOf(row.folder),
    })),
  );
}

/** The variables of files that may not be there. */
async function readVariables(files: readonly string[]): Promise<Variables> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return Object.assign({}, ...texts.map((text) => parseEnv(text))) as Variables;
}
