import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { createEmulator, defaultOpenid } from '../emulator/emulator';
import { strings } from '../emulator/page/strings';
import { startBrowser } from '../test/emulator/page/open-page';
import { buildEmulator } from './build-emulator';
import { buildFunctions } from './build-functions';

const usage = `Takes the picture of the local WeChat that the documents show.

  node scripts/run.mjs screenshot [options]

  --out <file>     where to (default docs/images/page.png)
  --width <n>      of the window (default 1280)
  --height <n>     (default 800)
  --help           this text

Chinese needs a font on this machine: fonts-noto-cjk on Debian.`;

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: 'docs/images/page.png' },
      width: { type: 'string', default: '1280' },
      height: { type: 'string', default: '800' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  await Promise.all([buildFunctions(), buildEmulator()]);
  const emulator = await createEmulator({ pushes: false });
  const browser = await startBrowser();
  try {
    const viewport = { width: Number(values.width), height: Number(values.height) };
    const page = await browser.newPage({ viewport, locale: 'zh-CN', colorScheme: 'light' });
    // Only what this machine has: a picture that a message names elsewhere stays a drawing.
    await page.route('**/*', (route) =>
      route.request().url().startsWith(emulator.url) ? route.continue() : route.abort(),
    );
    const { fileID } = emulator.storage.put('uploads/parcel.png', await drawParcel(browser));
    // Uploaded before, so that the card's log shows the message alone.
    await emulator.call({
      name: 'kefu-upload-media',
      data: { fileID, type: 'image' },
      source: 'wx_client',
      openid: defaultOpenid,
    });
    await page.goto(emulator.url);
    await tellStory(page, fileID);
    await mkdir(path.dirname(values.out), { recursive: true });
    await page.screenshot({ path: values.out });
    console.log(values.out);
    return 0;
  } finally {
    await browser.close();
    await emulator.close();
  }
}

/** A picture for the card, in the size that WeChat asks for. */
async function drawParcel(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 520, height: 416 } });
  await page.setContent(`<body style="margin:0"><svg viewBox="0 0 520 416">
    <path fill="#cfe8ff" d="M0 0h520v416H0z"/><path fill="#9ccc9c" d="M0 300h520v116H0z"/>
    <path fill="#c98f52" d="M260 330L130 275V150l130 55z"/><path fill="#b57a3d" d="M260 330l130-55V150l-130 55z"/>
    <path fill="#e0ad73" d="M130 150l130-55 130 55-130 55z"/><path fill="#f4e3c8" d="M180 129l130 55v40l30-13v-40L210 116z"/>
    </svg></body>`);
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

/** A user asks for a parcel and gets a text and a card with a picture; the next event has a slip in it. */
async function tellStory(page: Page, fileID: string): Promise<void> {
  const composer = page.getByRole('region', { name: strings.composer.zh });
  const event = page.getByRole('textbox', { name: strings.event.zh });
  const send = async () => {
    const calls = page.getByTestId('log-card');
    const before = await calls.count();
    await composer.getByRole('button', { name: strings.send.zh, exact: true }).click();
    await calls.nth(before).waitFor();
  };
  const say = async (text: string) => {
    const input = page.getByRole('textbox', { name: strings.sayPlaceholder.zh });
    await input.fill(text);
    await input.press('Enter');
    await page.getByTestId('bubble').filter({ hasText: text }).waitFor();
  };
  const choose = (type: string) => composer.locator(`input[name=msgtype][value=${type}]`).check();

  await say('我的快递到哪了？');
  await send();
  await choose('miniprogrampage');
  await composer.getByRole('combobox', { name: strings.file.zh }).selectOption(fileID);
  await composer.getByRole('button', { name: strings.useFile.zh }).click();
  await send();
  await say('好的，谢谢 👍');
  await choose('image');
  await event.fill((await event.inputValue()).replace('"media_id"', '"mediaID"'));
  await send();
  await page.getByTestId('log-card').filter({ hasText: 'ok' }).first().locator('summary').click();
  await page.getByTestId('wire').first().getByRole('tab', { name: strings.cloud.zh }).click();
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  await page.waitForTimeout(300);
}
