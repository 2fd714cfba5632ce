import path from 'node:path';
import { sdkPackages } from './parts';

/** How the rows of `parts.ts` name files, with slashes of either kind. */

/** Matches paths whose last name is that of one of these modules, so that esbuild asks for few others. */
export function naming(modules: readonly string[], end: string): RegExp {
  const names = modules.map((id) => path.posix.basename(id).replaceAll('.', String.raw`\.`));
  return new RegExp(String.raw`(?:^|[\\/])(?:${[...new Set(names)].join('|')})${end}`);
}

/** The name of a file of the SDK; `undefined` for any other. */
export function fileId(file: string): string | undefined {
  const inside = /.*[\\/]node_modules[\\/](.+)$/.exec(file)?.[1]?.replaceAll('\\', '/');
  if (!sdkPackages.some((name) => inside?.startsWith(`${name}/`))) return undefined;
  return inside?.replace(/(?:\/index)?\.js$/, '');
}

/** The name of what a file of the SDK asks for; `undefined` where another file asks. */
export function askedId(asked: string, importer: string): string | undefined {
  const folder = fileId(importer.replace(/[^\\/]*$/, 'index.js'));
  if (folder === undefined) return undefined;
  return asked.startsWith('.') ? path.posix.join(folder, asked) : asked;
}
