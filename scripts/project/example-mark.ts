import { existsSync } from 'node:fs';
import path from 'node:path';

/** The file that marks a folder as built with the example. No deploy uploads it. */
export const exampleMark = 'EXAMPLE';

/** Whether a folder of built functions has the example's tables, which must not go live unseen. */
export function hasExample(outdir: string): boolean {
  return existsSync(path.join(outdir, exampleMark));
}
