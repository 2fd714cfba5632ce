import path from 'node:path';

/**
 * What went wrong in a function, and where in its own files: `Error: Cannot find module 'lodash' (orders/index.js:3:17)`.
 * Paths are told from the folder that the function's stands in.
 */
export function describeError(error: unknown, entry: string): string {
  if (!(error instanceof Error)) return String(error);
  const folder = path.dirname(entry);
  const root = path.dirname(folder) + path.sep;
  // Node lists under a missing module who asked for it; the stack says so too.
  const [message = ''] = error.message.split('\nRequire stack:');
  const places = (error.stack ?? '').split('\n').flatMap((line) => {
    const at = line.indexOf(folder + path.sep);
    const place = at === -1 ? undefined : /^[^\n():]+:\d+(?::\d+)?/.exec(line.slice(at + root.length))?.[0];
    return place === undefined || place.includes('node_modules') ? [] : [place];
  });
  const [place] = places;
  const told = `${error.name}: ${message.replaceAll(root, '')}`;
  return place === undefined ? told : `${told} (${place})`;
}
