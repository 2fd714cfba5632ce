import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { billName } from '../deploy/bill-of-materials';
import { cacheFolder, readAdded, writeAdded } from './added';
import { clientCopies, copyAll, deskCopies, functionPlaces } from './copies';
import { packageFolder, packageVersion } from './package-folder';
import type { Project, Stage, StageOptions } from './project';
import { readSettings, tablesFolder } from './settings';
import { buildTables, exampleCode, prebuiltFunctions, type Tables, writeFunctions } from './tables';

/** The project of a mini program that kefu-cloud was added to: the one in the working folder. */
export async function findProject(): Promise<Project> {
  const { functionRoot, miniprogramRoot } = await readSettings();
  const typeScript = existsSync(`${tablesFolder}/rules.ts`);
  const ours = new Set((await prebuiltFunctions()).keys());
  return {
    rulesFile: `${tablesFolder}/rules.${typeScript ? 'ts' : 'js'}`,
    functionRoot,
    mixed: true,
    theirs: async () => {
      const names = await readdir(functionRoot).catch(() => []);
      return names.filter((name) => !ours.has(name) && existsSync(path.join(functionRoot, name, 'index.js')));
    },
    cloudbaserc: path.join(packageFolder(), 'cloudbaserc.json'),
    dist: packageFolder(),
    tables: () => buildTables(tablesFolder),
    build: () => build(functionRoot, miniprogramRoot),
    bill: async () => `Bill of materials: ${path.join(path.relative('.', packageFolder()), billName)}`,
    buildLocal: async () => undefined,
    stage: async (options) => ({
      ...(await stage(functionRoot, [...ours], options)),
      miniProgram: existsSync(path.join(miniprogramRoot, 'app.json'))
        ? { root: miniprogramRoot === '' ? '.' : miniprogramRoot }
        : undefined,
    }),
  };
}

/** What the commands say is written for this repository: a project has no such npm scripts, and other folders. */
const words: readonly (readonly [RegExp, string])[] = [
  [/npm (?:run )?(?:-s )?(start|deploy|doctor|secret|build)\b(?: --(?= ))?/g, 'npx kefu-cloud $1'],
  [
    /@cloudbase\/cli is not installed: npm install/g,
    '@cloudbase/cli is not installed: npm install --save-dev @cloudbase/cli@2.12.10',
  ],
  [/shared\/(rules|notices)\.ts/g, `${tablesFolder}/$1`],
  [/(?<![\w/-])docs\//g, 'node_modules/kefu-cloud/docs/'],
];

/** What a command says, for who works in a project. */
export function inProject(text: string): string {
  return words.reduce((said, [pattern, instead]) => said.replace(pattern, instead), text);
}

/** Builds all functions, and copies client and desk anew where `init` has put them. */
async function build(functionRoot: string, miniprogramRoot: string): Promise<void> {
  const added = await readAdded();
  const functions = await functionPlaces(functionRoot, added);
  const strange = functions.find(({ isStrange }) => isStrange);
  if (strange !== undefined)
    throw new Error(`${strange.folder} is there, and kefu-cloud init has not put it there: rename it`);
  const { code } = await buildTables(tablesFolder);
  const built = new Set([...added.built, ...functions.flatMap(({ files }) => files)]);
  if (built.size > added.built.length)
    await writeAdded({ ...added, version: packageVersion(), built: [...built] });
  await writeFunctions(functionRoot, code);
  const copies = [...clientCopies(miniprogramRoot), ...(await deskCopies(miniprogramRoot))];
  await copyAll(copies.filter(({ file }) => added.built.includes(file)));
}

async function stage(
  functionRoot: string,
  ours: readonly string[],
  { example, build: isBuilt }: StageOptions,
): Promise<Stage> {
  // The local WeChat has a build of its own, away from what DevTools uploads.
  const functions = `${cacheFolder}/functions-${packageVersion()}`;
  const others = existsSync(functionRoot) ? { others: [functionRoot], passedOver: ours } : { others: [] };
  if (!isBuilt && existsSync(functions)) return { functions, ...others, example: () => false };
  const examples = await exampleCode();
  let tables: Tables;
  let version: string;
  const write = async () => {
    tables = await buildTables(tablesFolder);
    version = await tables.version();
    await writeFunctions(functions, (example ?? tables.isFresh()) ? examples : tables.code);
  };
  await write();
  let going: Promise<boolean> | undefined;
  const rebuild = async (): Promise<boolean> => {
    if ((await tables.version()) === version) return false;
    await write();
    return true;
  };
  return {
    functions,
    ...others,
    example: () => example ?? tables.isFresh(),
    // Calls that come together wait for one build.
    rebuild() {
      going ??= rebuild().finally(() => {
        going = undefined;
      });
      return going;
    },
  };
}
