import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { billName, functionPackages, writeBill } from '../../scripts/deploy/bill-of-materials';

/** What is said of the packages that a deploy brings along. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-bill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the bill of materials has every package that the functions stand on, with integrity, and no tool', async () => {
  const said = await writeBill(path.join(folder, 'cloudfunctions'), process.env);
  expect(said).toMatch(/^Bill of materials: .*sbom\.cdx\.json, \d+ packages$/);
  const bill = JSON.parse(await readFile(path.join(folder, billName), 'utf8')) as {
    bomFormat: string;
    metadata: { component: { name: string; version: string } };
    components: { name: string; version: string; hashes?: readonly object[] }[];
  };
  const { name, version, devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    name: string;
    version: string;
    devDependencies: Record<string, string>;
  };
  expect(bill.bomFormat).toBe('CycloneDX');
  expect(bill.metadata.component).toMatchObject({ name, version });
  const held = new Map(bill.components.map((component) => [component.name, component]));
  for (const each of functionPackages)
    expect(held.get(each)).toMatchObject({ version: devDependencies[each] });
  expect(bill.components.filter(({ hashes = [] }) => hashes.length === 0)).toEqual([]);
  for (const tool of ['jest', 'esbuild', 'typescript', '@cloudbase/cli']) expect(held.has(tool)).toBe(false);
}, 60_000);

test('where npm cannot be had, that is said, and is no failure', async () => {
  const said = await writeBill(path.join(folder, 'cloudfunctions'), { PATH: folder });
  expect(said).toMatch(/^No bill of materials: npm sbom did not do it \(.+\)$/);
});

test('it knows every package that the functions import', () => {
  const files = execFileSync('git', ['ls-files', 'shared', 'cloudfunctions'], { encoding: 'utf8' });
  const imported = files
    .split('\n')
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bfrom '((?!\.|node:)(?:@[\w-]+\/)?[\w.-]+)[^'\n]*';$/gm)].map(
        ([, name = '']) => name,
      ),
    );
  expect([...new Set(imported)].sort()).toEqual(functionPackages);
});
