import path from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { createEmulator, defaultOpenid } from '../../emulator/emulator';
import { type Language, languages } from '../../emulator/page/strings';
import { buildClient, clientRoot } from '../build-client';
import { exampleRoot } from '../build-functions';
import { ending, keepHere, say } from './page';

/**
 * The picture of two phones: a customer, the bot that answers and hands over, and a person at the desk, which is the
 * mini program's own page on the second phone.
 */

const operator = 'oOPERATOR-lin';

/** What the pages say in each language, as far as it is tapped here. */
const names = {
  zh: {
    locale: 'zh-CN',
    claim: '接入',
    toBot: '交回机器人',
    draft: '回复用户',
    send: '发送',
    answer: '您好，我是小林。您的包裹今天下午送到 📦',
  },
  en: {
    locale: 'en-US',
    claim: 'Take',
    toBot: 'Back to the bot',
    draft: 'Answer the user',
    send: 'Send',
    answer: 'Hello, this is Lin. It arrives today 📦',
  },
} as const satisfies { readonly [L in Language]: object };

/** Draws the two phones in each language into a folder; answers the files. */
export async function drawTwoPhones(browser: Browser, folder: string): Promise<readonly string[]> {
  await buildClient();
  const files: string[] = [];
  for (const language of languages) {
    const file = path.join(folder, `phones${ending(language)}`);
    await drawIn(language, browser, file);
    files.push(file);
  }
  return files;
}

async function drawIn(language: Language, browser: Browser, file: string): Promise<void> {
  const emulator = await createEmulator({
    functions: exampleRoot,
    variables: { KEFU_OPERATORS: operator, KEFU_HISTORY_DAYS: '30' },
    miniProgram: { root: clientRoot },
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 860 },
    locale: names[language].locale,
    colorScheme: 'light',
    deviceScaleFactor: 1.5,
  });
  try {
    const page = await context.newPage();
    await keepHere(page, emulator.url);
    await page.addInitScript(
      ([key, stack, chosen]) => {
        localStorage.setItem(key, stack);
        localStorage.setItem('kefu-cloud.language', JSON.stringify(chosen));
      },
      [`phone.stack/${operator}`, JSON.stringify(['/desk/list/list']), language] as const,
    );
    await page.goto(emulator.url);
    await tellStory(page, page.frameLocator('[data-testid=second-phone]'), language);
    const boxes = await Promise.all(
      ['.phone-column', '.second-phone'].map((part) => page.locator(part).boundingBox()),
    );
    const [left, right] = boxes;
    if (!left || !right) throw new Error('there are not two phones on the page');
    await page.screenshot({
      path: file,
      clip: {
        x: left.x - 14,
        y: left.y - 6,
        width: right.x + right.width - left.x + 28,
        height: left.height + 16,
      },
    });
  } finally {
    await context.close();
    await emulator.close();
  }
}

async function tellStory(page: Page, desk: FrameLocator, language: Language): Promise<void> {
  const { claim, toBot, draft, send, answer } = names[language];
  const phone = page.getByTestId('phone');
  await say(page, '我的快递到哪了？');
  await phone.getByTestId('bubble').filter({ hasText: '订单号' }).waitFor();
  await say(page, '转人工');
  await desk
    .getByRole('button', { name: new RegExp(defaultOpenid.slice(-6)) })
    .first()
    .click();
  await desk.getByRole('button', { name: claim, exact: true }).click();
  await desk.getByRole('button', { name: toBot, exact: true }).waitFor();
  await desk.getByRole('textbox', { name: draft }).fill(answer);
  await desk.getByRole('button', { name: send, exact: true }).click();
  await phone
    .getByTestId('bubble')
    .filter({ hasText: answer.slice(0, 8) })
    .waitFor();
  await say(page, '好的，谢谢 👍');
  await desk.locator('.said', { hasText: '谢谢' }).waitFor();
  await desk.getByRole('textbox', { name: draft }).fill('');
  await page.waitForTimeout(500);
}
