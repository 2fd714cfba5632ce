import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes a program that this system starts by its name, from JavaScript. Its arguments are `process.argv.slice(2)`. */
export async function fakeProgram(folder: string, name: string, code: string): Promise<string> {
  const script = path.join(folder, `${name}.cjs`);
  await writeFile(script, `#!${process.execPath}\n${code}\n`);
  if (process.platform !== 'win32') {
    await chmod(script, 0o755);
    return script;
  }
  const batch = path.join(folder, `${name}.bat`);
  await writeFile(batch, `@"${process.execPath}" "${script}" %*\r\n`);
  return batch;
}
