import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';

/** The table of the four documents: every test that it names is there, and the two languages are in step. */

const tests = async (file: string) =>
  [
    ...(await readFile(path.join('docs', file), 'utf8')).matchAll(
      /^\| .* \| (?:\[[^\]]+\]\(([^)]+)\)|—) \|$/gm,
    ),
  ].map(([, target = '']) => target);

test('every line names a test that is there, in both languages alike', async () => {
  const [en, zh] = await Promise.all([tests('documents.md'), tests('documents.zh-CN.md')]);
  expect(zh).toEqual(en);
  expect(en.length).toBeGreaterThanOrEqual(45);
  for (const target of en.filter((each) => each !== ''))
    expect([target, existsSync(path.join('docs', target))]).toEqual([target, true]);
});
