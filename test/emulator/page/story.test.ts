import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createEmulator, type Emulator } from '../../../emulator/emulator';
import type { Story } from '../../../emulator/story';
import { startBrowser } from '../../../scripts/browser/start-browser';
import { openPage, until } from './open-page';

/** A user's whole story in the browser, with the rules that the bundle ships. */

let browser: Browser;
let emulator: Emulator;
beforeAll(async () => {
  browser = await startBrowser();
  emulator = await createEmulator();
});
afterAll(async () => {
  await browser?.close();
  await emulator?.close();
});

test('a user enters, is welcomed, asks with a keyword, and is handed to a person', async () => {
  const story = JSON.parse(await readFile('emulator/stories/parcel.json', 'utf8')) as Story;
  const played = await emulator.stories.play(story);
  const { page, errors } = await openPage(browser, emulator.url);
  const answers = page.getByTestId('phone').locator('[data-testid=bubble][data-from=service]');
  await until(
    () => answers.allTextContents(),
    (texts) => texts.length === 4,
  );
  const texts = await answers.allTextContents();
  for (const [index, part] of ['欢迎光临', '订单号', '已收到订单号', '今天下午送到'].entries())
    expect(texts[index]).toContain(part);
  await until(
    async () => (await page.getByTestId('act').allTextContents()).join(),
    (acts) => acts.includes('转人工客服'),
  );
  const pushes = played.flatMap(({ entries }) => entries).filter((entry) => entry.kind === 'push');
  expect(pushes.map(({ ok }) => ok)).toEqual([true, true, true, true]);

  // A card a push, with what was answered; what the user wrote stands nowhere else.
  const cards = page.getByTestId('log-card');
  await until(
    async () => (await cards.allTextContents()).join('\n'),
    (log) => ['转人工', '今天下午送到', '↳ ', 'kefu-typing'].every((part) => log.includes(part)),
  );
  expect(await cards.count()).toBe(6);
  expect(await page.locator('.note', { hasText: '转人工' }).count()).toBe(1);

  // And by hand: the user writes on the phone, and is answered.
  await page.getByTestId('phone').getByRole('textbox').fill('我的快递到哪了?');
  await page.getByTestId('phone').getByRole('textbox').press('Enter');
  await until(
    () => cards.count(),
    (count) => count === 7,
  );
  expect(errors).toEqual([]);
});
