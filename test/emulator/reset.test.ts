import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEmulator, type Emulator } from '../../emulator/emulator';

/** What a reset leaves of an instance: its process, and only where nothing of it goes on. */

const code = `
let calls = 0;
exports.main = async ({ lasting }) => {
  calls += 1;
  const { LEFT } = process.env;
  process.env.LEFT = 'behind';
  if (lasting) setTimeout(() => { throw new Error('too late'); }, 2000);
  return { calls, left: LEFT, pid: process.pid };
};
`;

let dist: string;
let emulator: Emulator;
beforeAll(async () => {
  dist = await mkdtemp(path.join(tmpdir(), 'kefu-reset-'));
  const folder = path.join(dist, 'cloudfunctions', 'kefu-count');
  await mkdir(folder, { recursive: true });
  await cp('dist/emulator', path.join(dist, 'emulator'), { recursive: true });
  await writeFile(path.join(folder, 'index.js'), code);
  await writeFile(path.join(folder, 'config.json'), '{}');
  const cloudbaserc = path.join(dist, 'cloudbaserc.json');
  await writeFile(
    cloudbaserc,
    '{ "functions": [{ "name": "kefu-count", "timeout": 5, "memorySize": 128 }] }',
  );
  emulator = await createEmulator({ dist, cloudbaserc });
});
afterAll(async () => {
  await emulator.close();
  await rm(dist, { recursive: true, force: true });
});

interface Counted {
  readonly calls: number;
  readonly left?: string;
  readonly pid: number;
}

async function count(data: object = {}): Promise<Counted> {
  const invoked = await emulator.call({ name: 'kefu-count', data, source: 'wx_trigger' });
  return (invoked.ok ? invoked.result : invoked) as Counted;
}
const cold = () => emulator.log.since(0).flatMap((entry) => (entry.kind === 'call' ? entry.cold : []));

test('an instance goes on in its process, loads its code anew and has no variable of before', async () => {
  const { pid } = await count();
  expect(await count()).toEqual({ calls: 2, left: 'behind', pid });
  emulator.reset();
  expect(await count()).toEqual({ calls: 1, pid });
  expect(cold()).toEqual([true]);
});

test('an instance that has something going on is ended, and of that nothing is heard', async () => {
  const { pid } = await count({ lasting: true });
  emulator.reset();
  const fresh = await count();
  expect(fresh.calls).toBe(1);
  expect(fresh.pid).not.toBe(pid);
  expect(cold()).toEqual([true]);
});
