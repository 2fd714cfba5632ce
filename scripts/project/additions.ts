import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Added, hashOf, nameOf, readAdded, readText, writeAdded, writeText } from './added';
import { clientCopies, copyAll, deskCopies, deskFolder, functionPlaces, missingCopies } from './copies';
import { freshTables } from './fresh-tables';
import { type JsonEdit, putIn, takeOut, valueAt } from './json-edits';
import { packageFolder, packageSpec, packageVersion } from './package-folder';
import { type ProjectSettings, projectFile, readJson, tablesFolder } from './settings';
import { buildTables, type TableName, tableNames, writeFunctions } from './tables';

/** What `init` adds to a project: each a step that can be shown before it is taken. */

export interface AdditionsOptions {
  readonly settings: ProjectSettings;
  /** Whether the typed client is put into the mini program as one file. */
  readonly client: boolean;
  /** Whether the desk is put into the mini program as a subpackage; it needs the client. */
  readonly desk: boolean;
}

/** What would be added; `problems` where that would touch something of the owner's. */
export interface Additions {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  readonly run: () => Promise<void>;
}

/** Looks what is missing here. Reads only. */
export async function planAdditions({ settings, client, desk }: AdditionsOptions): Promise<Additions> {
  const added = await readAdded();
  const tables = missingTables(settings);
  const { miniprogramRoot, functionRoot } = settings;
  const functions = await functionPlaces(functionRoot, added);
  const missing = functions
    .filter(({ files }) => files.some((file) => !existsSync(file)))
    .map(({ name }) => name);
  const clients = await missingCopies(client || desk ? clientCopies(miniprogramRoot) : [], added);
  const desks = await missingCopies(desk ? await deskCopies(miniprogramRoot) : [], added);
  const copies = [...clients.missing, ...desks.missing];
  const built = [...functions.flatMap(({ files }) => files), ...copies.map(({ file }) => file)];
  const edits = [...(await missingEdits(settings)), ...(desk ? await deskEdits(settings) : [])];
  const lines = [
    ...tables.map(([file, , about]) => addition('add', file, about)),
    ...(missing.length === 0
      ? []
      : [addition('add', `${functionRoot}/`, `our functions, built: ${missing.join(', ')}`)]),
    ...clients.missing.map(({ file }) => addition('add', file, 'the typed client')),
    ...(desks.missing.length === 0
      ? []
      : [addition('add', `${path.posix.join(miniprogramRoot, deskFolder)}/`, 'the desk, a subpackage')]),
    ...edits.map(({ file, before, edits }) =>
      addition(before === null ? 'add' : 'change', file, edits.map(nameOf).join(', ')),
    ),
  ];
  return {
    lines,
    problems: [
      ...functions
        .filter(({ isStrange }) => isStrange)
        .map(({ folder }) => `${folder} is there, and not of kefu-cloud: rename it, or take it away`),
      ...clients.strange.map(
        (file) => `${file} is there, and not of kefu-cloud: rename it, or leave the client out (--no-client)`,
      ),
      ...desks.strange.map((file) => `${file} is there, and not of kefu-cloud: the desk needs its name`),
    ],
    async run() {
      const after: Added = {
        version: packageVersion(),
        built: [...new Set([...added.built, ...built])],
        files: {
          ...added.files,
          ...Object.fromEntries(tables.map(([file, text]) => [file, hashOf(text)])),
        },
        edited: {
          ...added.edited,
          ...Object.fromEntries(edits.map((one) => [one.file, recordOf(one, added)])),
        },
      };
      // Written first, so that what is cut short can be undone too.
      await writeAdded(after);
      for (const [file, text] of tables) await writeText(file, text);
      for (const { file, text } of edits) await writeText(file, text);
      await copyAll(copies);
      if (missing.length > 0) await writeFunctions(functionRoot, (await buildTables(tablesFolder)).code);
    },
  };
}

function addition(what: 'add' | 'change', file: string, about: string): string {
  return `${what.padEnd(7)} ${file.padEnd(29)} ${about}`;
}

/** Rules and notices that are not there, in the project's language. */
function missingTables({ typeScript }: ProjectSettings): [file: string, text: string, about: string][] {
  const isMissing = (name: TableName) =>
    !['ts', 'js'].some((ending) => existsSync(`${tablesFolder}/${name}.${ending}`));
  return tableNames.filter(isMissing).map((name) => {
    const { about, text } = freshTables[name];
    const ending = typeScript ? 'ts' : 'js';
    return [`${tablesFolder}/${name}.${ending}`, text[ending], about];
  });
}

/** A file of the owner's, before and after. */
interface FileEdit {
  readonly file: string;
  readonly before: string | null;
  readonly text: string;
  readonly edits: readonly JsonEdit[];
}

function edited(file: string, before: string | null, edits: readonly JsonEdit[]): FileEdit {
  return { file, before, text: putIn(before ?? '{\n  "private": true\n}\n', edits), edits };
}

function recordOf({ file, before, text, edits }: FileEdit, added: Added): Added['edited'][string] {
  const earlier = added.edited[file];
  if (earlier === undefined) return { before, after: hashOf(text), edits };
  // What the owner has written in it since stays when all of ours is undone.
  const isOurs = before !== null && hashOf(before) === earlier.after;
  return {
    before: isOurs || before === null ? earlier.before : takeOut(before, earlier.edits),
    after: hashOf(text),
    edits: [...earlier.edits, ...edits],
  };
}

/** The desk's pages in the mini program's `app.json`, where they are not. */
async function deskEdits({ miniprogramRoot }: ProjectSettings): Promise<FileEdit[]> {
  const file = path.posix.join(miniprogramRoot, 'app.json');
  const before = await readText(file);
  if (before === undefined) throw new Error(`there is no ${file} to name the desk's pages in`);
  await readJson(file);
  // Both spellings are WeChat's.
  const key = valueAt(before, ['subpackages']) === undefined ? 'subPackages' : 'subpackages';
  const listed = valueAt(before, [key]);
  const list = Array.isArray(listed) ? (listed as readonly { readonly root?: string }[]) : undefined;
  if (list?.some(({ root = '' }) => root.replaceAll('/', '') === deskFolder)) return [];
  const demo = await readJson(path.join(packageFolder(), 'app.json'));
  const [value] = (demo['subPackages'] as readonly { readonly root: string }[]).filter(
    ({ root }) => root === deskFolder,
  );
  const edits =
    list === undefined ? [{ path: [key], value: [value] }] : [{ path: [key], value, append: true }];
  return [edited(file, before, edits)];
}

/** What is missing in the project's own files: where npm finds the command, and DevTools the functions. */
async function missingEdits(settings: ProjectSettings): Promise<FileEdit[]> {
  const [manifest, config] = [await readText('package.json'), (await readText(projectFile)) ?? '{}'];
  if (manifest !== undefined) await readJson('package.json');
  const isThere = ['dependencies', 'devDependencies'].some(
    (key) => valueAt(manifest ?? '{}', [key, 'kefu-cloud']) !== undefined,
  );
  const dependency = isThere ? [] : [{ path: ['devDependencies', 'kefu-cloud'], value: packageSpec() }];
  const root = settings.namesFunctionRoot
    ? []
    : [{ path: ['cloudfunctionRoot'], value: `${settings.functionRoot}/` }];
  return [
    edited('package.json', manifest ?? null, dependency),
    edited(projectFile, config, [...root, ...leftOutOfUpload(settings, config)]),
  ].filter(({ edits }) => edits.length > 0);
}

/** Where the mini program's files are the project's root, DevTools would upload ours with them. */
function leftOutOfUpload(
  { miniprogramRoot, functionRoot, namesFunctionRoot }: ProjectSettings,
  config: string,
): JsonEdit[] {
  if (miniprogramRoot !== '') return [];
  const ignored = valueAt(config, ['packOptions', 'ignore']);
  const list = Array.isArray(ignored) ? (ignored as readonly { readonly value?: unknown }[]) : [];
  const folders = namesFunctionRoot ? [tablesFolder] : [tablesFolder, functionRoot];
  const missing = folders
    .filter((folder) => !list.some(({ value }) => value === folder))
    .map((value) => ({ type: 'folder', value }));
  if (Array.isArray(ignored))
    return missing.map((value) => ({ path: ['packOptions', 'ignore'], value, append: true }));
  return missing.length === 0 ? [] : [{ path: ['packOptions', 'ignore'], value: missing }];
}
