import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createEmulator, type Emulator } from '../../../emulator/emulator';
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
  const { page, errors } = await openPage(browser, emulator.url);
  const phone = page.getByTestId('phone');
  const answers = phone.locator('[data-testid=bubble][data-from=service]');
  const lastAnswer = async () => (await answers.last().textContent()) ?? '';
  const say = async (text: string) => {
    await phone.getByRole('textbox').fill(text);
    await phone.getByRole('textbox').press('Enter');
  };

  await page.getByRole('button', { name: '进入会话' }).click();
  await until(
    () => answers.count(),
    (count) => count === 1,
  );
  expect(await lastAnswer()).toContain('欢迎光临');

  await say('我的快递到哪了?');
  await until(lastAnswer, (text) => text.includes('订单号'));

  await say('KF20260001');
  await until(lastAnswer, (text) => text.includes('已收到订单号'));

  await say('转人工');
  await until(
    async () => (await phone.getByTestId('act').allTextContents()).join(),
    (acts) => acts.includes('转人工客服'),
  );
  expect(await answers.count()).toBe(3);

  const pushes = emulator.log.since(0).filter((entry) => entry.kind === 'push');
  expect(pushes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  expect(errors).toEqual([]);
});
