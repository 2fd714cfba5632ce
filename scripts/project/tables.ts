import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { build, type Message } from 'esbuild';
import type { Notices } from '../../shared/functions/notify/notice';
import type { ReplyRules } from '../../shared/functions/rules/reply-rules';
import { writeIfOther } from './added';
import { type OwnersTables, ownersTables, refuseFaults } from './owners-tables';
import { packageFolder } from './package-folder';

/** The owner's tables of a project: each is built into a file that the prebuilt functions have beside them. */

/** The names of the tables; each is a file of that name and exports a value of that name. */
export const tableNames = ['rules', 'notices'] as const;
export type TableName = (typeof tableNames)[number];

/** The tables as they were built. */
export interface Tables extends OwnersTables {
  readonly code: { readonly [N in TableName]: string };
  /** Changes with every file that they are made of. */
  readonly version: () => Promise<string>;
}

/** The oldest Node that the functions run under. */
const target = 'node18';

/**
 * Builds the tables of a folder, TypeScript or JavaScript, with all that they import, and looks whether they can be used.
 * Throws a sentence with the place of each fault.
 *
 * @param folder of `rules.ts` and `notices.ts`, from the working folder, with slashes
 */
export async function buildTables(folder: string): Promise<Tables> {
  const files = { rules: await tableFile(folder, 'rules'), notices: await tableFile(folder, 'notices') };
  const result = await build({
    entryPoints: files,
    outdir: '.',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target,
    minify: true,
    charset: 'utf8',
    logLevel: 'silent',
    alias: { 'kefu-cloud/notices': path.join(packageFolder(), 'notices.js') },
  }).catch((error: { errors?: Message[]; message: string }) => {
    throw new Error(error.errors?.map(placeOf).join('\n') ?? error.message);
  });
  const codeOf = (name: TableName) =>
    result.outputFiles.find((file) => path.basename(file.path) === `${name}.js`)?.text ?? '';
  const code = { rules: codeOf('rules'), notices: codeOf('notices') };
  const { rules } = evaluate(code.rules, files.rules) as { rules?: ReplyRules };
  const { notices } = evaluate(code.notices, files.notices) as { notices?: Notices };
  if (rules === undefined) throw new Error(`${files.rules} exports no rules`);
  if (notices === undefined) throw new Error(`${files.notices} exports no notices`);
  const tables = ownersTables(files.rules, rules, notices);
  refuseFaults(tables);
  return {
    ...tables,
    code,
    version: () => versionOf([...Object.values(files), ...Object.keys(result.metafile.inputs)]),
  };
}

/** The file of a table, TypeScript before JavaScript. Throws where there is none. */
async function tableFile(folder: string, name: TableName): Promise<string> {
  const there = await readdir(folder).catch((): string[] => []);
  const file = [`${name}.ts`, `${name}.js`].find((each) => there.includes(each));
  if (file === undefined)
    throw new Error(`there is no ${folder}/${name}.ts or .js: npx kefu-cloud init adds it`);
  return `${folder}/${file}`;
}

function placeOf({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${location.line}:${location.column + 1} ${text}`;
}

/** Runs a built table as the function will. */
function evaluate(code: string, file: string): unknown {
  const module = { exports: {} };
  try {
    compileFunction(code, ['module', 'exports', 'require'], { filename: file })(
      module,
      module.exports,
      createRequire(path.resolve(file)),
    );
  } catch (error) {
    throw new Error(`${file} cannot be loaded: ${error instanceof Error ? error.message : error}`);
  }
  return module.exports;
}

async function versionOf(files: readonly string[]): Promise<string> {
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
        () => 'gone',
      ),
    ),
  );
  return times.join('\n');
}

/** The functions that come with the package, by name, with the names of their files. */
export async function prebuiltFunctions(): Promise<ReadonlyMap<string, readonly string[]>> {
  const root = path.join(packageFolder(), 'functions');
  const names = (await readdir(root)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readdir(path.join(root, name))] as const)),
  );
}

/** The example's tables, as the package has them. */
export async function exampleCode(): Promise<Tables['code']> {
  const read = (name: TableName) => readFile(path.join(packageFolder(), 'example', `${name}.js`), 'utf8');
  return { rules: await read('rules'), notices: await read('notices') };
}

/**
 * Writes all functions into a folder, each with the tables that it asks for. What stands there as it should is left
 * alone, so that DevTools, which watches the folder, sees no change where there is none.
 */
export async function writeFunctions(root: string, code: Tables['code']): Promise<void> {
  const tables = new Map<string, Buffer>(
    tableNames.map((name) => [`${name}.js`, Buffer.from(code[name])] as const),
  );
  for (const [name, files] of await prebuiltFunctions())
    for (const file of files) {
      const built = path.join(packageFolder(), 'functions', name, file);
      await writeIfOther(path.join(root, name, file), tables.get(file) ?? (await readFile(built)));
    }
}
