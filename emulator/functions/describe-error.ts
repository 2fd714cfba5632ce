import path from 'node:path';

/**
 * What went wrong in a function, and where in its own files: `Error: Cannot find module 'lodash' (orders/index.js:3:17)`.
 * Paths are told from the folder that the function's stands in, with slashes.
 */
export function describeError(
  error: unknown,
  entry: string,
  { dirname, sep }: Pick<typeof path, 'dirname' | 'sep'> = path,
): string {
  if (!(error instanceof Error)) return String(error);
  const folder = dirname(entry);
  const root = dirname(folder) + sep;
  const slashed = (text: string) => text.split(sep).join('/');
  // Node lists under a missing module who asked for it; the stack says so too.
  const [message = ''] = error.message.split('\nRequire stack:');
  const places = (error.stack ?? '').split('\n').flatMap((line) => {
    const at = line.indexOf(folder + sep);
    const place = at === -1 ? undefined : /^[^\n():]+:\d+(?::\d+)?/.exec(line.slice(at + root.length))?.[0];
    return place === undefined || place.includes('node_modules') ? [] : [slashed(place)];
  });
  const [place] = places;
  const [start = '', ...parts] = message.split(root);
  const told = [start, ...parts.map((part) => part.replace(/^[^\s:'"]+/, slashed))].join('');
  return place === undefined ? `${error.name}: ${told}` : `${error.name}: ${told} (${place})`;
}
