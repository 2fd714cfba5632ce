import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type JsonEdit, takeOut } from './json-edits';
import { readJson, tablesFolder } from './settings';

/** What `init` added to a project, kept beside the rules, so that `undo` takes away that and nothing else. */
export interface Added {
  readonly version: string;
  /** Files that are built or copied: written anew by a build, taken away whatever stands in them. */
  readonly built: readonly string[];
  /** Files for the owner to edit, with a hash of each as it came: taken away only while it is so. */
  readonly files: { readonly [file: string]: string };
  /** Files of the owner's in which something was put. */
  readonly edited: { readonly [file: string]: Edited };
}

/** A file before and after. */
interface Edited {
  /** Its text before; `null` where it was not there. */
  readonly before: string | null;
  /** A hash of its text after. */
  readonly after: string;
  readonly edits: readonly JsonEdit[];
}

/** Where `start` keeps its own build. */
export const cacheFolder = 'node_modules/.cache/kefu-cloud';

const addedFile = `${tablesFolder}/added.json`;

const nothing: Added = { version: '', built: [], files: {}, edited: {} };

/** What was added here; nothing where `init` never ran. */
export async function readAdded(): Promise<Added> {
  const there = await readText(addedFile);
  return there === undefined ? nothing : { ...nothing, ...(await readJson(addedFile)) };
}

export async function writeAdded(added: Added): Promise<void> {
  const about = 'What npx kefu-cloud init added here: npx kefu-cloud undo takes it away again.';
  await writeText(addedFile, `${JSON.stringify({ about, ...added }, null, 2)}\n`);
}

/** A hash of a text that line ends do not change: git may have written them anew. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16);
}

/** A file's text; `undefined` where there is none. */
export function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Writes a file, and the folders that it stands in. */
export async function writeText(file: string, text: string | Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Writes a file that is not as it should be; one that is stays untouched. */
export async function writeIfOther(file: string, wanted: Buffer): Promise<void> {
  const there = await readFile(file).catch(() => undefined);
  if (there?.equals(wanted) !== true) await writeText(file, wanted);
}

/** What an undo does, a line each: with what it leaves, and why. */
export interface Undoing {
  readonly lines: readonly string[];
  readonly run: () => Promise<void>;
}

/** Looks what there is to take away; `undefined` where `init` has added nothing. */
export async function planUndo(): Promise<Undoing | undefined> {
  const added = await readAdded();
  if ((await readText(addedFile)) === undefined) return undefined;
  const lines: string[] = [];
  const gone: string[] = [...added.built, addedFile];
  const restored: (readonly [file: string, text: string])[] = [];
  for (const place of builtPlaces(added.built)) lines.push(`remove  ${place}`);
  for (const [file, hash] of Object.entries(added.files)) {
    const text = await readText(file);
    if (text === undefined) continue;
    if (hashOf(text) === hash) gone.push(file);
    lines.push(hashOf(text) === hash ? `remove  ${file}` : `keep    ${file}  you have changed it`);
  }
  for (const [file, { before, after, edits }] of Object.entries(added.edited)) {
    const text = await readText(file);
    if (text === undefined) continue;
    if (hashOf(text) !== after) {
      restored.push([file, takeOut(text, edits)]);
      lines.push(`change  ${file}  without ${edits.map(nameOf).join(', ')}`);
    } else if (before === null) {
      gone.push(file);
      lines.push(`remove  ${file}`);
    } else {
      restored.push([file, text.includes('\r\n') ? before.replace(/\r?\n/g, '\r\n') : before]);
      lines.push(`restore ${file}  as it was before`);
    }
  }
  return {
    lines,
    async run() {
      for (const [file, text] of restored) await writeFile(file, text);
      for (const file of gone) await rm(file, { force: true });
      await rm(cacheFolder, { recursive: true, force: true });
      for (const file of [...gone, cacheFolder]) await removeEmpty(path.posix.dirname(file));
    },
  };
}

/** What was built, a function and the desk as their folders. */
function builtPlaces(files: readonly string[]): ReadonlySet<string> {
  return new Set(
    files.map((file) => {
      const folder = path.posix.dirname(file);
      const [desk] = /^(?:.*\/)?desk\/(?=.)/.exec(file) ?? [];
      return files.includes(`${folder}/config.json`) ? `${folder}/` : (desk ?? file);
    }),
  );
}

/** What an edit is called: `devDependencies.kefu-cloud`. */
export function nameOf({ path: keys }: JsonEdit): string {
  return keys.join('.');
}

/** Removes a folder, and those that it stands in, as far as nothing is left in them. */
async function removeEmpty(folder: string): Promise<void> {
  if (folder === '.' || folder === '') return;
  const isGone = await rmdir(folder).then(
    () => true,
    (error: { code?: string }) => error.code === 'ENOENT',
  );
  if (isGone) await removeEmpty(path.posix.dirname(folder));
}
