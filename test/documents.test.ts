import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';

/** The tables of documents that name tests: every test that they name is there, and the two languages are in step. */

const tests = async (file: string) =>
  [
    ...(await readFile(path.join('docs', file), 'utf8')).matchAll(
      /^\| .* \| (?:\[[^\]]+\]\(([^)]+)\)|—) \|$/gm,
    ),
  ].map(([, target = '']) => target);

test.each([
  ['documents', 45],
  ['security', 20],
])('every line of %s names a test that is there, in both languages alike', async (page, least) => {
  const [en, zh] = await Promise.all([tests(`${page}.md`), tests(`${page}.zh-CN.md`)]);
  expect(zh).toEqual(en);
  expect(en.length).toBeGreaterThanOrEqual(least);
  for (const target of en.filter((each) => each !== ''))
    expect([target, existsSync(path.join('docs', target))]).toEqual([target, true]);
});

/** The tests that stand in a page as `test/….test.ts`, and those beside them by their name alone. */
const namedIn = (text: string) =>
  [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+\.test\.ts)`/g)].map(([, name = '']) => name);

test.each(['delivery.md', 'delivery.zh-CN.md', 'architecture.md', 'deploy.md'])(
  'every test that %s names is there',
  async (page) => {
    const named = namedIn(await readFile(path.join('docs', page), 'utf8'));
    const there = (name: string) =>
      [name, path.join('test', name), path.join('test', 'functions', name)].some((place) =>
        existsSync(place),
      );
    expect(named.filter((name) => !there(name))).toEqual([]);
    if (page.startsWith('delivery')) expect(named.length).toBeGreaterThanOrEqual(10);
  },
);

test('the figures of scale and of the schedules are the same in both languages', async () => {
  const rows = async (page: string) =>
    [...(await readFile(path.join('docs', page), 'utf8')).matchAll(/^\|[^|]*(?:\| *[\d.,]* *)+\|$/gm)].map(
      ([row]) => row.split('|').slice(2).join('|'),
    );
  const [en, zh] = await Promise.all([rows('delivery.md'), rows('delivery.zh-CN.md')]);
  expect(zh).toEqual(en);
  expect(en.length).toBeGreaterThanOrEqual(9);
});
