import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { hasTemplateCompiler } from '../../emulator/phone/mini-program';
import { startBrowser } from '../../scripts/browser/start-browser';
import { clientRoot } from '../../scripts/build-client';
import { functionsRoot } from '../../scripts/build-functions';
import { drawDemo } from '../../scripts/screenshot/demo';
import { drawPage } from '../../scripts/screenshot/page';
import { drawTwoPhones } from '../../scripts/screenshot/two-phones';
import { pictureSize } from '../../shared/wechat/picture-size';

/**
 * The pictures of the documents can still be taken: each story is told to its end once, in one language and one size.
 * What they show is for who commits them to look at.
 */

const built = { functions: functionsRoot, client: clientRoot };

let browser: Browser;
let folder: string;
beforeAll(async () => {
  [browser, folder] = await Promise.all([startBrowser(), mkdtemp(path.join(tmpdir(), 'kefu-screenshot-'))]);
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const sizeOf = async (file: string) => pictureSize(await readFile(file));

test('of the local WeChat', async () => {
  const series = { languages: ['zh'], sizes: [[1280, 720]], schemes: ['light'] } as const;
  const files = await drawPage(browser, folder, built, series);
  expect(files).toEqual([path.join(folder, 'page.png')]);
  expect(await sizeOf(path.join(folder, 'page.png'))).toEqual({ width: 1280, height: 720 });
});

(hasTemplateCompiler ? test : test.skip)('of the demo mini program', async () => {
  const [file = ''] = await drawDemo(browser, folder, built);
  expect((await sizeOf(file))?.width).toBe(1620);
});

test('of two phones', async () => {
  const [file = ''] = await drawTwoPhones(browser, folder, built, ['en']);
  expect((await sizeOf(file))?.width).toBeGreaterThan(1000);
});
