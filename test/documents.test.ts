import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';

/** The documents: every test and every place that they name is there, and the two languages are in step. */

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

/** A heading's name in an address, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

/** What a page's links may name: its headings, and what has an id of its own. */
async function placesOf(page: string): Promise<string[]> {
  const text = await readFile(page, 'utf8');
  return [
    ...[...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)),
    ...[...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id),
  ];
}

test('every link of every document leads to a place that is there', async () => {
  const pages = [...(await readdir('.')), ...(await readdir('docs')).map((page) => `docs/${page}`)].filter(
    (page) => page.endsWith('.md'),
  );
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/security.zh-CN.md']));
  const lost: string[] = [];
  for (const page of pages) {
    const text = (await readFile(page, 'utf8')).replace(/```.*?```/gs, '');
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      const isThere =
        existsSync(target) && (anchor === undefined || (await placesOf(target)).includes(anchor));
      if (!isThere) lost.push(`${page}: ${link}`);
    }
  }
  expect(lost).toEqual([]);
});

test('SECURITY.md says how to report, and the pages that it names hold what it says of them', async () => {
  const text = await readFile('SECURITY.md', 'utf8');
  expect(text).toContain('Security → Report a vulnerability');
  const scripts = (JSON.parse(await readFile('package.json', 'utf8')) as { scripts: object }).scripts;
  for (const [, script = ''] of text.matchAll(/`npm (\w+)`/g)) expect(scripts).toHaveProperty(script);
  const [, en, zh] = /\[docs\/security\.md\]\((.*?)\).*\[中文\]\((.*?)\)/.exec(text) ?? [];
  expect([en, zh]).toEqual(['docs/security.md', 'docs/security.zh-CN.md']);
  expect(await placesOf('docs/security.md')).toEqual(
    expect.arrayContaining(['what-was-tried', 'what-is-not-protected', 'files']),
  );
  const read = await readFile('docs/security.md', 'utf8');
  expect(read).toContain('| attack | what stands against it | test |');
  expect(read).toContain('[SECURITY.md](../SECURITY.md)');
});
