import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { findFile } from './app-files';

/** The module that stands for the mini program: a function for each of its scripts, which runs it once. */
const entry = 'mini-program';

/**
 * The scripts of a mini program as one: `modules['pages/send/index']()` runs that page's, with all that it requires
 * and that has not run yet.
 */
export async function bundleScripts(root: string, files: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: modulesOf(root, files), resolveDir: path.resolve(root), sourcefile: entry },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'modules',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [asWeChatFindsThem(root)],
  });
  return outputFiles[0]?.text ?? '';
}

function modulesOf(root: string, files: readonly string[]): string {
  const rows = files
    .filter((file) => findFile(root, 'app', `/${file}`, scriptEndings) !== undefined)
    .map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`/${file}`)})`);
  return `module.exports = {${rows.join(',\n')}};`;
}

const scriptEndings = ['.js', '.ts', '/index.js', '/index.ts', ''] as const;

/** Finds what a script requires where WeChat does. */
function asWeChatFindsThem(root: string): Plugin {
  const absolute = path.resolve(root);
  return {
    name: 'mini-program',
    setup(building) {
      building.onResolve({ filter: /.*/ }, ({ path: name, importer }) => {
        const from = importer === entry || importer === '<stdin>' ? 'app' : path.relative(absolute, importer);
        const found = findFile(root, from.split(path.sep).join('/'), name, scriptEndings);
        if (found === undefined)
          return { errors: [{ text: `${from} requires ${name}, which is no file of the mini program` }] };
        return { path: path.join(absolute, found) };
      });
    },
  };
}
