import { readdirSync } from 'node:fs';
import path from 'node:path';

/** All files of a built mini program with an ending, named as the mini program names them: with slashes. */
export function filesOf(root: string, ending: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => file.endsWith(ending));
}
