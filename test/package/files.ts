import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** All files of a folder with their bytes, by their path with slashes; what npm installed is left out. */
export async function filesIn(folder: string): Promise<{ readonly [file: string]: string }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !file.split('/').includes('node_modules'))
    .sort();
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file, await readFile(path.join(folder, file), 'latin1')] as const),
    ),
  );
}

/** Copies a project of `test/fixtures/projects`; its line ends are Windows' where that is said. */
export async function copyProject(name: string, to: string, lineEnds: '\n' | '\r\n' = '\n'): Promise<void> {
  await cp(path.join('test', 'fixtures', 'projects', name), to, { recursive: true });
  if (lineEnds === '\n') return;
  for (const [file, text] of Object.entries(await filesIn(to)))
    await writeFile(path.join(to, file), text.replaceAll('\n', '\r\n'), 'latin1');
}
