import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Names a folder after the process that made it, so that a later one sees whom it has outlived. */
const prefix = 'kefu-cloud-';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lends a program a text in a file, for as long as it needs it: among the system's temporary files, in a folder that
 * only this user can open (on Windows that of all temporary files is the user's own).
 *
 * The file goes when the work is done, and before that with whatever ends this process, Ctrl+C among it. Only a process
 * that is killed outright leaves it; the next call sweeps it away.
 */
export async function withPrivateFile<T>(
  text: string,
  use: (file: string) => Promise<T>,
  place: string = tmpdir(),
): Promise<T> {
  sweep(place);
  const folder = await mkdtemp(path.join(place, `${prefix}${process.pid}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const leave = () => process.exit(1);
  for (const signal of signals) process.on(signal, leave);
  process.on('exit', remove);
  try {
    const file = path.join(folder, 'config.json');
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return await use(file);
  } finally {
    remove();
    for (const signal of signals) process.off(signal, leave);
    process.off('exit', remove);
  }
}

/** Removes what killed processes of this user have left. */
function sweep(place: string): void {
  for (const name of readdirSync(place)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    try {
      rmSync(path.join(place, name), { recursive: true, force: true });
    } catch {
      // Another user's, who sweeps it.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}
