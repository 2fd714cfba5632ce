import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { optionNames } from '../../scripts/deploy';
import { indexes } from '../../scripts/deploy/checklist';
import { errorPages, main } from '../../scripts/docs';
import { errors } from '../../shared/wechat/errors/errors';

/** The pages about deploying and about trouble, held against the tables and against each other. */

const page = (file: string) => readFile(`docs/${file}`, 'utf8');

/** The errcodes in the headings of a page, in their order. */
function codesIn(text: string): string[] {
  return [...text.matchAll(/^### (.*)$/gm)].flatMap(
    ([, title = '']) => title.match(/-\d{6}\b|(?<!\d)[48]\d{4}\b/g) ?? [],
  );
}

/** Numbers of `wx.cloud.callFunction` itself: no function ever sees them. */
const clientCodes = ['-501000', '-404011', '-504003'];

describe.each(['delivery.md', 'delivery.zh-CN.md'])('%s', (file) => {
  test('shows the indexes that the deploy lists', async () => {
    const text = await page(file);
    const rows = [...text.matchAll(/^\| `(kefu_\w+)` \| (`\w+`(?:(?:, |、)`\w+`)*) \|$/gm)].map(
      ([, collection, fields = '']) => ({
        collection,
        fields: [...fields.matchAll(/\w+/g)].map(([field]) => field),
      }),
    );
    expect(rows).toEqual(indexes);
  });
});

describe('troubleshooting', () => {
  test('has the same errors in both languages', async () => {
    const [en, zh] = await Promise.all([page('troubleshooting.md'), page('troubleshooting.zh-CN.md')]);
    expect(codesIn(zh)).toEqual(codesIn(en));
    expect(codesIn(en).length).toBeGreaterThan(30);
    const sections = (text: string) => (text.match(/^##/gm) ?? []).length;
    expect(sections(zh)).toBe(sections(en));
  });

  test('knows every error it names', async () => {
    const unknown = codesIn(await page('troubleshooting.md')).filter(
      (code) => !Object.hasOwn(errors, code) && !clientCodes.includes(code),
    );
    expect(unknown).toEqual([]);
  });

  test('has what users meet most', async () => {
    const codes = codesIn(await page('troubleshooting.md'));
    for (const code of [
      '-604101',
      '-604100',
      '-604104',
      '45015',
      '45047',
      '40003',
      '40007',
      '40164',
      '43101',
      '41030',
    ])
      expect(codes).toContain(code);
  });
});

describe.each(['deploy.md', 'deploy.zh-CN.md'])('%s', (file) => {
  test('has every option of the deploy', async () => {
    const text = await page(file);
    for (const name of optionNames.filter((name) => name !== 'help' && name !== 'build'))
      expect(text).toContain(`--${name}`);
  });

  test('links to places that are there', async () => {
    const text = await page(file);
    for (const [, target = ''] of text.matchAll(/\]\(([\w.-]+\.md)/g))
      expect(await page(target)).not.toBe('');
  });
});

test('the pages of the errors are written by the script, and by the check only named', async () => {
  const pageOf = (file: string) => readFile(path.join(process.cwd(), file), 'utf8');
  const files = Object.keys(errorPages);
  const root = await mkdtemp(path.join(tmpdir(), 'kefu-docs-'));
  const outdated = await Promise.all(
    files.map(async (file) => ({ file, page: (await pageOf(file)).replace(/^\| 45015 .*\n/m, '') })),
  );
  await mkdir(path.join(root, 'docs'));
  for (const { file, page } of outdated) await writeFile(path.join(root, file), page);
  const cwd = jest.spyOn(process, 'cwd').mockReturnValue(root);
  const log = jest.spyOn(console, 'log').mockReturnValue();
  try {
    expect(await main(['--check'])).toBe(1);
    expect(log.mock.calls.flat()).toEqual(
      expect.arrayContaining(files.map((file) => expect.stringContaining(file))),
    );
    for (const { file, page } of outdated) expect(await pageOf(file)).toBe(page);
    expect(await readdir(root)).toEqual(['docs']);
    expect(await main([])).toBe(0);
    for (const file of files) expect(await pageOf(file)).toContain('| 45015 |');
    expect(await main(['--check'])).toBe(0);
  } finally {
    cwd.mockRestore();
    log.mockRestore();
    await rm(root, { recursive: true });
  }
});
