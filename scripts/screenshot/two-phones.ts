import path from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { createEmulator, defaultOpenid } from '../../emulator/emulator';
import { type Language, languages, languageTags } from '../../emulator/page/strings';
import { wordsFor } from '../../miniprogram/desk/words';
import type { Built } from './built';
import { ending, keepHere, say } from './page';

/**
 * The picture of two phones: a customer, the bot that answers and hands over, and a person at the desk, which is the
 * mini program's own page on the second phone.
 */

const operator = 'oOPERATOR-lin';

/** What the operator says. */
const answers = {
  zh: '您好，我是小林。您的包裹今天下午送到 📦',
  en: 'Hello, this is Lin. It arrives today 📦',
} as const satisfies { readonly [L in Language]: string };

/** Draws the two phones, in each language by default, into a folder; answers the files. */
export async function drawTwoPhones(
  browser: Browser,
  folder: string,
  built: Built,
  chosen: readonly Language[] = languages,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const language of chosen) {
    const file = path.join(folder, `phones${ending(language)}`);
    await drawIn(language, browser, file, built);
    files.push(file);
  }
  return files;
}

async function drawIn(
  language: Language,
  browser: Browser,
  file: string,
  { functions, client }: Built,
): Promise<void> {
  const emulator = await createEmulator({
    functions,
    variables: { KEFU_OPERATORS: operator, KEFU_HISTORY_DAYS: '30' },
    miniProgram: { root: client },
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 860 },
    locale: languageTags[language],
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
  const { claim, toBot, reply, send } = wordsFor(language).page;
  const answer = answers[language];
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
  await desk.getByRole('textbox', { name: reply }).fill(answer);
  await desk.getByRole('button', { name: send, exact: true }).click();
  await phone
    .getByTestId('bubble')
    .filter({ hasText: answer.slice(0, 8) })
    .waitFor();
  await say(page, '好的，谢谢 👍');
  await desk.locator('.said', { hasText: '谢谢' }).waitFor();
  await desk.getByRole('textbox', { name: reply }).fill('');
  await page.waitForTimeout(500);
}
