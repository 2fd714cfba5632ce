import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { askedId, fileId, naming } from './sdk/names';
import { edits, inOwnFiles, instead, leftOut, leftOutCode, loadedWhenUsed } from './sdk/parts';
import { edit, loadWhenUsed } from './sdk/source';

/** The files that a bundle loads when it needs them: their names beside `index.js`, and what esbuild makes them from. */
export const ownFiles: readonly { readonly name: string; readonly entry: string }[] = Object.entries(
  inOwnFiles,
).map(([module, { file }]) => ({ name: file, entry: `own-file:${module}` }));

/**
 * Puts wx-server-sdk into a bundle: without what the functions never reach, with the rest loaded when it is used, and
 * with what it does wrong repaired. `sdk/parts.ts` has each change, and why.
 *
 * Only what the SDK itself asks for is changed: an `axios` of your own is whole. The build fails where a text is not
 * in the SDK as its row has it, and where a row has nothing to change.
 */
export function sdkPlugin(root: string = process.cwd()): Plugin {
  return {
    name: 'wx-server-sdk',
    setup(build) {
      const used = new Set<string>();

      build.onResolve({ filter: /^own-file:/ }, async ({ path: entry }) => {
        const id = entry.replace('own-file:', '');
        const from = createRequire(path.join(root, 'package.json')).resolve(
          `${inOwnFiles[id]?.askedBy}/package.json`,
        );
        return build.resolve(id, { kind: 'require-call', resolveDir: path.dirname(from) });
      });
      build.onResolve({ filter: /^stand-in:/ }, ({ path: name }) => ({
        path: path.join(root, 'scripts', 'sdk', 'stand-ins', `${name.replace('stand-in:', '')}.ts`),
      }));

      const replaced = [leftOut, instead, inOwnFiles].flatMap((table) => Object.keys(table));
      build.onResolve({ filter: naming(replaced, '(?:/|$)') }, ({ path: asked, importer }) => {
        const id = askedId(asked, importer);
        const row = replaced.find((part) => id === part || id?.startsWith(`${part}/`));
        if (row === undefined) return undefined;
        used.add(row);
        const ownFile = inOwnFiles[row]?.file;
        if (ownFile !== undefined) return { path: `./${ownFile}.js`, external: true };
        return { path: row, namespace: 'replaced', pluginData: path.dirname(importer) };
      });
      build.onLoad({ filter: /./, namespace: 'replaced' }, ({ path: id, pluginData: resolveDir }) => ({
        contents: instead[id]?.code ?? `module.exports = ${leftOutCode(id)};`,
        resolveDir,
      }));

      const changed = [...edits.map(({ module }) => module), ...Object.keys(loadedWhenUsed)];
      build.onLoad({ filter: naming(changed, String.raw`(?:[\\/]index)?\.js$`) }, async ({ path: file }) => {
        const id = fileId(file);
        if (id === undefined || !changed.includes(id)) return undefined;
        used.add(id);
        try {
          return { contents: change(id, await readFile(file, 'utf8')) };
        } catch (error) {
          return { errors: [{ text: `${id}: ${error instanceof Error ? error.message : error}` }] };
        }
      });

      build.onEnd(({ errors }) => {
        if (errors.length > 0 || !used.has('wx-server-sdk')) return undefined;
        const idle = [...replaced, ...changed].filter((id) => !used.has(id));
        return {
          errors: idle.map((id) => ({
            text: `scripts/sdk/parts.ts has a row for ${id}, and nothing asks for it`,
          })),
        };
      });
    },
  };
}

/** Makes the changes to a file that `parts.ts` has for it. */
function change(id: string, source: string): string {
  const edited = edits.filter(({ module }) => module === id).reduce(edit, source);
  return (loadedWhenUsed[id] ?? []).reduce(loadWhenUsed, edited);
}
