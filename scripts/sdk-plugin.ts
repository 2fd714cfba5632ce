import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { findUnknownPackages } from './sdk/known';
import {
  edits,
  inOwnFiles,
  instead,
  keptMessages,
  knownPackages,
  leftOut,
  loadedWhenUsed,
  messagesModule,
} from './sdk/parts';
import { editWebpackModules, keepMessages, loadWhenUsed, replaceOnce, webpackModule } from './sdk/source';

/** The files that a bundle loads when it needs them: their names beside `index.js`, and what esbuild makes them from. */
export const ownFiles: readonly { readonly name: string; readonly entry: string }[] = Object.entries(
  inOwnFiles,
).map(([module, { file }]) => ({ name: file, entry: `own-file:${module}` }));

/**
 * Puts wx-server-sdk into a bundle: without what the functions never reach, with the rest loaded when it is used, and
 * with what it does wrong repaired. `sdk/parts.ts` has each change, and why.
 *
 * The build fails where the SDK's files are no longer those that the rows were written for.
 */
export function sdkPlugin(root: string = process.cwd()): Plugin {
  const packageFolder = (name: string) =>
    path.dirname(createRequire(path.join(root, 'package.json')).resolve(`${name}/package.json`));
  return {
    name: 'wx-server-sdk',
    setup(build) {
      const met = new Set<string>();
      build.onStart(async () => ({ errors: (await findUnknownPackages(root)).map((text) => ({ text })) }));

      build.onResolve({ filter: /^own-file:/ }, ({ path: entry }) => ({
        path: entry.replace('own-file:', ''),
        namespace: 'own-file',
      }));
      build.onLoad({ filter: /./, namespace: 'own-file' }, ({ path: id }) => ({
        contents: `module.exports = require(${JSON.stringify(id)});`,
        resolveDir: packageFolder(inOwnFiles[id]?.askedBy ?? ''),
      }));

      build.onResolve({ filter: /^stand-in:/ }, ({ path: name }) => ({
        path: name.replace('stand-in:', ''),
        namespace: 'stand-in',
      }));
      // CommonJS, which is made once; esbuild makes a new object of an ECMAScript module for each require.
      build.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path: name }) => ({
        contents: `module.exports = require("./${name}");`,
        resolveDir: path.join(root, 'scripts', 'sdk', 'stand-ins'),
      }));

      const replaced = [leftOut, instead, inOwnFiles].flatMap((table) => Object.keys(table));
      build.onResolve({ filter: naming(replaced, '(?:/|$)') }, ({ path: asked, importer }) => {
        const id = askedId(asked, importer);
        if (id === undefined) return undefined;
        const part = leftOutPart(id);
        met.add(part ?? id);
        const ownFile = inOwnFiles[id]?.file;
        if (ownFile !== undefined) return { path: `./${ownFile}.js`, external: true };
        if (id in instead) return { path: id, namespace: 'instead', pluginData: path.dirname(importer) };
        return part === undefined ? undefined : { path: id, namespace: 'left-out' };
      });
      build.onLoad({ filter: /./, namespace: 'left-out' }, ({ path: id }) => ({
        contents: `module.exports = ${leftOutCode(id)};`,
      }));
      build.onLoad({ filter: /./, namespace: 'instead' }, ({ path: id, pluginData }) => ({
        contents: `module.exports = ${ourCode(instead[id]?.code ?? '')};`,
        resolveDir: String(pluginData),
      }));

      const changed = [...edits.flatMap(({ modules }) => modules), ...Object.keys(loadedWhenUsed)];
      const files = [...changed.filter((id) => !id.startsWith(`${sdk}/`)), sdk];
      build.onLoad({ filter: naming(files, String.raw`(?:[\\/]index)?\.js$`) }, async ({ path: file }) => {
        const id = fileId(file);
        if (id === undefined || !files.includes(id)) return undefined;
        met.add(id);
        const source = await readFile(file, 'utf8');
        try {
          return { contents: id === sdk ? editSdk(source, met) : editModule(id, source) };
        } catch (error) {
          return { errors: [{ text: `${id}: ${error instanceof Error ? error.message : error}` }] };
        }
      });

      build.onEnd(({ errors }) => {
        if (errors.length > 0 || !met.has(sdk)) return undefined;
        const idle = [...replaced, ...changed].filter((id) => !met.has(id));
        return {
          errors: idle.map((id) => ({
            text: `scripts/sdk/parts.ts has a row for ${id}, which nothing asks for`,
          })),
        };
      });
    },
  };
}

const sdk = 'wx-server-sdk';

/** Matches paths whose last name is that of one of these modules, so that esbuild asks for few others. */
function naming(modules: readonly string[], end: string): RegExp {
  const names = modules.map((id) => path.posix.basename(id).replaceAll('.', String.raw`\.`));
  return new RegExp(String.raw`(?:^|[\\/])(?:${[...new Set(names)].join('|')})${end}`);
}

/** The name that `parts.ts` has for a file of a package; `undefined` for a file of a package it does not know. */
function fileId(file: string): string | undefined {
  const inside = /.*[\\/]node_modules[\\/](.+)$/.exec(file)?.[1]?.replaceAll('\\', '/');
  if (inside === undefined || !knownPackages.some(({ name }) => inside.startsWith(`${name}/`)))
    return undefined;
  return inside.replace(/(?:\/index)?\.[jt]s$/, '');
}

/** The name of what such a file asks for. */
function askedId(asked: string, importer: string): string | undefined {
  const folder = fileId(`${path.dirname(importer)}/index.js`);
  if (folder === undefined) return undefined;
  return asked.startsWith('.') ? path.posix.join(folder, asked) : asked;
}

/** The row of what is left out that a module falls under. */
function leftOutPart(id: string): string | undefined {
  return Object.keys(leftOut).find((part) => id === part || id.startsWith(`${part}/`));
}

/** Makes the changes to a file, or to a module of the SDK's webpack bundle, that `parts.ts` has for it. */
function editModule(id: string, source: string): string {
  const edited = edits
    .filter(({ modules }) => modules.includes(id))
    .reduce((text, edit) => replaceOnce(text, { ...edit, to: ourCode(edit.to) }), source);
  return (loadedWhenUsed[id] ?? []).reduce(loadWhenUsed, edited);
}

/** The SDK itself: one webpack bundle. */
function editSdk(source: string, met: Set<string>): string {
  const edited = editWebpackModules(source, (name, text) => {
    if (!name.startsWith('./')) return text;
    const id = `${sdk}/${name.slice(2).replace(/(?:\/index)?\.[jt]s$/, '')}`;
    met.add(id);
    if (id in leftOut) return webpackModule(name, leftOutCode(id));
    if (leftOutPart(id) !== undefined) return undefined;
    if (id === messagesModule) return keepMessages(text, keptMessages, (part) => leftOutCode(part));
    return editModule(id, text);
  });
  // As an ECMAScript module it stands at the top of the bundle, and V8 reads it once; in a function of its own, twice.
  return replaceOnce(edited, { from: 'module.exports =\n/******/ (', to: 'export default (' });
}

function leftOutCode(part: string): string {
  return ourCode(`leftOut(${JSON.stringify(part)})`);
}

/** Lets code that goes into the SDK's files find ours: `leftOut(…)` and `standIn("…")`. */
function ourCode(code: string): string {
  return code
    .replaceAll('leftOut(', 'standIn("left-out").leftOut(')
    .replaceAll(/\bstandIn\("([\w-]+)"\)/g, 'require("stand-in:$1")');
}
