import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { createEmulator, defaultOpenid } from '../emulator/emulator';
import { strings } from '../emulator/page/strings';
import { startBrowser } from './browser/start-browser';
import { buildEmulator } from './build-emulator';
import { buildFunctions } from './build-functions';
import { drawDemo } from './screenshot/demo';
import { drawTwoPhones } from './screenshot/two-phones';

const usage = `Takes the pictures that the documents show: of the local WeChat, of the demo mini program, and of
both on two phones.

  node scripts/run.mjs screenshot [options]

  --only <name>    page, demo or phones
  --out <folder>   where to (default docs/images)
  --width <n>      of the window with the page (default 1280)
  --height <n>     (default 800)
  --help           this text

Chinese and emoji need fonts on this machine: fonts-noto-cjk and fonts-noto-color-emoji on Debian.`;

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      out: { type: 'string', default: 'docs/images' },
      width: { type: 'string', default: '1280' },
      height: { type: 'string', default: '800' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { only, out } = values;
  if (only !== undefined && !Object.hasOwn(pictures, only)) {
    console.error(`--only takes ${Object.keys(pictures).join(' or ')}`);
    return 2;
  }
  await Promise.all([buildFunctions(), buildEmulator(), mkdir(out, { recursive: true })]);
  const browser = await startBrowser();
  try {
    for (const [name, draw] of Object.entries(pictures)) {
      if (only !== undefined && only !== name) continue;
      const file = path.join(out, `${name}.png`);
      await draw(browser, file, { width: Number(values.width), height: Number(values.height) });
      console.log(file);
    }
    return 0;
  } finally {
    await browser.close();
  }
}

type Draw = (
  browser: Browser,
  file: string,
  viewport: { readonly width: number; readonly height: number },
) => Promise<void>;

const pictures: { readonly [name: string]: Draw } = {
  page: drawPage,
  demo: drawDemo,
  phones: drawTwoPhones,
};

/** The local WeChat, in the middle of a conversation. */
async function drawPage(browser: Browser, file: string, viewport: Parameters<Draw>[2]): Promise<void> {
  const emulator = await createEmulator({ pushes: false });
  try {
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
    await page.screenshot({ path: file });
  } finally {
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
