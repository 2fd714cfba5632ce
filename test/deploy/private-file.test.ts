import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withPrivateFile } from '../../scripts/deploy/private-file';

/** The file that holds secrets while the CLI runs, and that it is gone whatever ends the run. */

/** Windows knows no modes, and ends a process without a word to it. */
const isWindows = process.platform === 'win32';
const testHere = isWindows ? test.skip : test;

let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'private-file-'));
});
afterAll(() => rm(temporary, { recursive: true }));

const left = () => readdir(temporary);
const lend = <T>(text: string, use: (file: string) => Promise<T>) => withPrivateFile(text, use, temporary);

describe('a private file', () => {
  test('holds its text while it is used, where nobody else can read it', async () => {
    const used = await lend('SecretSeen', async (file) => {
      expect(await readFile(file, 'utf8')).toBe('SecretSeen');
      if (!isWindows) {
        expect((await stat(file)).mode & 0o777).toBe(0o600);
        expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
      }
      expect(path.dirname(path.dirname(file))).toBe(temporary);
      return 'used';
    });
    expect(used).toBe('used');
    expect(await left()).toEqual([]);
  });

  test('is gone where its use fails', async () => {
    await expect(lend('', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await left()).toEqual([]);
  });

  test('of a process that runs is not swept away', async () => {
    await lend('one', async (one) => {
      await lend('two', async () => expect(await readFile(one, 'utf8')).toBe('one'));
      // Whoever runs under this id, it is there: the parent of this process.
      await mkdir(path.join(temporary, `kefu-cloud-${process.ppid}-a`));
      await lend('three', async () => undefined);
      expect(await left()).toContain(`kefu-cloud-${process.ppid}-a`);
      await rm(path.join(temporary, `kefu-cloud-${process.ppid}-a`), { recursive: true });
    });
  });
});

describe('in a process of its own', () => {
  const program = `
    const { load } = await import('./scripts/load.mjs');
    const { withPrivateFile } = await load('scripts/deploy/private-file.ts');
    await withPrivateFile('SecretSeen', async (file) => {
      console.log(file);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;

  /** Starts the program, and waits until its file is there. */
  async function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    });
    if (child.stdout !== null) await once(child.stdout, 'data');
    expect(await left()).toHaveLength(1);
    return child;
  }

  testHere.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('it goes with %s', async (signal) => {
    const child = await start();
    child.kill(signal);
    await once(child, 'exit');
    expect(await left()).toEqual([]);
  });

  test('it stays where the process is killed outright, until the next one sweeps it away', async () => {
    const child = await start();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await left()).toHaveLength(1);
    await lend('', async () => expect(await left()).toHaveLength(1));
    expect(await left()).toEqual([]);
  });
});
