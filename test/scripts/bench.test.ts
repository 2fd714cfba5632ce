import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { main } from '../../bench/bench';
import { ratiosOf, renderSection, spreadOf } from '../../bench/statistics';
import { functionNames } from '../../scripts/build-functions';

/** What the bench prints, and that it goes away as it came. What it measures is no matter for a test. */

const run = promisify(execFile);

describe('the statistics', () => {
  test('of a list are its median and its quartiles', () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, lower: 2, upper: 4 });
  });

  test('of two lists are those of each pair', () => {
    expect(ratiosOf([1, 4, 9], [1, 2, 3]).median).toBe(2);
  });

  test('are shown as a table, with a verdict where there is a limit', () => {
    const rows = [
      { name: 'fast', cells: { ratio: { median: 0.25, lower: 0.2, upper: 0.3 } }, limit: 0.28 },
      { name: 'slow', cells: { ratio: { median: 0.3, lower: 0.2, upper: 0.4 } }, limit: 0.28 },
    ].map(({ limit, ...row }) => ({ ...row, atMost: { column: 'ratio', limit } }));
    expect(renderSection({ title: 'Title', about: 'About.', rows }).split('\n')).toEqual([
      '## Title',
      '',
      'About.',
      '',
      '|  | ratio | at most |',
      '| --- | ---: | --- |',
      '| fast | 0.250 (0.200–0.300) | 0.28 ✓ |',
      '| slow | 0.300 (0.200–0.400) | 0.28 ✗ |',
    ]);
  });
});

describe('npm run bench', () => {
  let temporary: string;
  beforeAll(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'bench-test-'));
  });
  afterAll(() => rm(temporary, { recursive: true }));
  const bench = (...args: string[]) =>
    run(process.execPath, ['scripts/run.mjs', 'bench', ...args], {
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    });

  test('measures what it is told to, and leaves nothing behind', async () => {
    const { stdout } = await bench('--only', 'size', '--only', 'map', '--quick', '--json');
    const [size, map] = JSON.parse(stdout) as { title: string; rows: { name: string }[] }[];
    expect(size?.rows.map(({ name }) => name)).toEqual([
      ...(await functionNames()),
      'kefu-client.js, minified',
    ]);
    expect(map?.rows[0]?.name).toBe('toCloudCall');
    expect(await readdir(temporary)).toEqual([]);
  });

  test('says what it takes', async () => {
    const said: string[] = [];
    const print = (text: string) => void said.push(text);
    const terminal = { environment: {}, print, printError: print };
    expect(await main(['--help'], terminal)).toBe(0);
    expect(said.join()).toContain('--quick');
    expect(await main(['--only', 'szie'], terminal)).toBe(2);
    expect(said.at(-1)).toBe(
      '--only takes cold, size, warm, map, clients, desk, pushes, outbox, cloud, scale, cache; not szie',
    );
  });
});
