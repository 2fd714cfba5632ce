import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';
import { isPlainObject, type PlainObject } from '../../shared/wechat/fields/values';

/** What WeChat DevTools keeps of a project, as far as kefu-cloud reads it. */

/** The file by which a project is known. */
export const projectFile = 'project.config.json';

/** Where what is the owner's stands: rules and notices. */
export const tablesFolder = 'kefu';

/** Where functions are put in a project that has none yet. */
const usualFunctionRoot = 'cloudfunctions';

/** A project as its files describe it. Folders are told from its root, with slashes and without one at the end. */
export interface ProjectSettings {
  /** Of the mini program's own files; empty where they are the project's root. */
  readonly miniprogramRoot: string;
  readonly functionRoot: string;
  /** Whether {@link functionRoot} stands in `project.config.json`, so that DevTools knows it. */
  readonly namesFunctionRoot: boolean;
  /** Whether it is written in TypeScript. */
  readonly typeScript: boolean;
}

/** The nearest folder with a `project.config.json`, from this one upwards. Throws a sentence where there is none. */
export function findRoot(from: string): string {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, projectFile))) return folder;
    if (folder === path.dirname(folder))
      throw new Error(
        `there is no ${projectFile} in ${path.resolve(from)} or above it: run this in the folder of your mini program, the one that WeChat DevTools opens`,
      );
  }
}

/** Reads the project in the working folder. Throws a sentence where a file is not as it must be. */
export async function readSettings(): Promise<ProjectSettings> {
  const config = await readJson(projectFile);
  const miniprogramRoot = folderOf(config['miniprogramRoot']);
  const functionRoot = folderOf(config['cloudfunctionRoot']);
  const { useCompilerPlugins } = (config['setting'] ?? {}) as { useCompilerPlugins?: unknown };
  return {
    miniprogramRoot,
    functionRoot: functionRoot === '' ? usualFunctionRoot : functionRoot,
    namesFunctionRoot: functionRoot !== '',
    typeScript:
      existsSync('tsconfig.json') ||
      existsSync(path.join(miniprogramRoot, 'app.ts')) ||
      (Array.isArray(useCompilerPlugins) && useCompilerPlugins.includes('typescript')),
  };
}

function folderOf(value: unknown): string {
  return typeof value === 'string'
    ? path.posix.join('.', value.replaceAll('\\', '/'), '.').replace(/^\.$|\/$/, '')
    : '';
}

/** A JSON file as an object, comments and a mark of its byte order allowed. Throws a sentence where it is none. */
export async function readJson(file: string): Promise<PlainObject> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || !isPlainObject(value))
    throw new Error(`${file} is not a JSON object; nothing was changed`);
  return value;
}
