import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderSizes, weigh } from '../../scripts/build';
import { functionNames } from '../../scripts/build-functions';

/** The sizes that fail a build. */

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'build-'));
  await mkdir(path.join(root, 'some-function'));
  await writeFile(path.join(root, 'some-function', 'index.js'), 'exports.main = () => 1;'.repeat(100));
  await writeFile(path.join(root, 'some-function', 'config.json'), '{}');
});
afterAll(() => rm(root, { recursive: true }));

describe('a built function', () => {
  test('weighs what all its files weigh, and what they weigh as a zip', async () => {
    const { bytes, zipBytes, budgetBytes } = await weigh('some-function', root);
    expect(bytes).toBe(2302);
    expect(zipBytes).toBeLessThan(500);
    expect(budgetBytes).toBeGreaterThan(100_000);
  });

  test.each([
    ['ok', 120_000],
    ['over', 120_001],
  ])('is %s at %d bytes of 120000', (verdict, zipBytes) => {
    const table = renderSizes([{ name: 'a', bytes: 1, zipBytes, budgetBytes: 120_000 }]);
    expect(table.split('\n').at(-1)).toMatch(new RegExp(`^a .* ${zipBytes}  120000.* ${verdict}$`));
  });
});

test('every function of the project is within its budget', async () => {
  for (const name of await functionNames()) {
    const { zipBytes, budgetBytes } = await weigh(name);
    expect({ name, over: Math.max(0, zipBytes - budgetBytes) }).toEqual({ name, over: 0 });
  }
});
