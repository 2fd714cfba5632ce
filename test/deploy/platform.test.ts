import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { findCli } from '../../scripts/deploy/cloud/cloudbase-cli';
import { runtimeNames, runtimes, testedRuntimes, usualRuntime } from '../../scripts/deploy/runtimes';

/** The page about the platform, held against the tables; its figures of timers are held beside those. */

const pages = ['docs/platform.md', 'docs/platform.zh-CN.md'];

describe.each(pages)('%s', (page) => {
  test('has the runtimes, and under which Node the functions were run', async () => {
    const rows = [...(await readFile(page, 'utf8')).matchAll(/^\| (Nodejs[\d.]+) \|.* \| ([^|]+) \|$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(runtimeNames);
    for (const [, name = '', run = ''] of rows) {
      const runtime = runtimes[name as keyof typeof runtimes];
      expect([name, run.includes(runtime.node)]).toEqual([name, runtime.tested]);
    }
  });

  test('has the same sections as the other', async () => {
    const sections = await Promise.all(
      pages.map(async (each) => (await readFile(each, 'utf8')).match(/^##? |^\|/gm)?.join('')),
    );
    expect(sections[0]).toBe(sections[1]);
  });
});

test('what a deploy asks for is the newest runtime that is tested', () => {
  expect(usualRuntime).toBe(testedRuntimes.at(-1));
});

test('the pinned CLI knows every one of them, and none that is not in the table', async () => {
  const { bin } = findCli() ?? { bin: '' };
  const text = await readFile(bin.replace(/bin[\\/]tcb$/, 'dist/standalone/cli.js'), 'utf8');
  const offered = new Set(
    [...text.matchAll(/value: '(Nodejs(?:1[6-9]|[2-9]\d)\.\d+)'/g)].map(([, name]) => name),
  );
  expect([...offered].sort()).toEqual([...runtimeNames]);
});
