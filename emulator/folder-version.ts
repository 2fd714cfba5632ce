import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** What changes with any file of a folder, in whatever depth; what is installed there is not looked at. */
export async function versionOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const visit = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') await visit(file);
        continue;
      }
      // A file that goes away meanwhile is missed the next time.
      const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }));
      hash.update(`${file} ${mtimeMs} ${size}\n`);
    }
  };
  await visit(folder);
  return hash.digest('hex');
}
