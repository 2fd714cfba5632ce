import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { type Language, languages, languageTags, strings } from '../../emulator/page/strings';
import type { Story } from '../../emulator/story';
import type { Built } from './built';

/** The pictures of the local WeChat's page: each size, by day and by night, in both languages. */

export interface Series {
  readonly languages: readonly Language[];
  readonly sizes: readonly (readonly [width: number, height: number])[];
  readonly schemes: readonly ('light' | 'dark')[];
}

const all: Series = {
  languages,
  sizes: [
    [1280, 720],
    [1920, 1080],
    [390, 844],
  ],
  schemes: ['light', 'dark'],
};

/** What is written on the page, in its language. */
const words = {
  zh: { ask: '好的，我想转人工', answer: '您的包裹今天下午送到 📦', card: '我的订单' },
  en: { ask: 'Where is my parcel?', answer: 'It arrives this afternoon 📦', card: 'My order' },
} as const satisfies Record<Language, object>;

/** Draws them, all by default, into a folder; answers their files. The first of each language has the plain name. */
export async function drawPage(
  browser: Browser,
  folder: string,
  { functions }: Built,
  { languages, sizes, schemes }: Series = all,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const language of languages) {
    // The example's rules answer in Chinese.
    const emulator = await createEmulator({
      functions,
      pushes: language === 'zh',
      variables: {},
    });
    try {
      const page = await browser.newPage({
        viewport: { width: 1280, height: 720 },
        locale: languageTags[language],
      });
      await keepHere(page, emulator.url);
      await tellStory(page, language, emulator, await drawParcel(browser));
      for (const [width, height] of sizes) {
        for (const colorScheme of schemes) {
          await page.setViewportSize({ width, height });
          await page.emulateMedia({ colorScheme });
          await page.evaluate(() => scrollTo(0, 0));
          await page.waitForTimeout(300);
          const isFirst = files.every((file) => !file.includes(`page${ending(language)}`));
          const size = isFirst ? '' : `-${width}x${height}-${colorScheme}`;
          const file = path.join(folder, `page${size}${ending(language)}`);
          await page.screenshot({ path: file });
          files.push(file);
        }
      }
      await page.close();
    } finally {
      await emulator.close();
    }
  }
  return files;
}

/** Loads only what this machine has: a picture that a message names elsewhere stays a drawing. */
export async function keepHere(page: Page, url: string): Promise<void> {
  await page.route('**/*', (route) =>
    route.request().url().startsWith(url) ? route.continue() : route.abort(),
  );
}

/** How the file of a picture in a language ends. */
export function ending(language: Language): string {
  return language === 'zh' ? '.png' : `.${language}.png`;
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
async function tellStory(page: Page, language: Language, emulator: Emulator, parcel: Buffer): Promise<void> {
  const { ask, answer, card } = words[language];
  if (language === 'zh') {
    const story = JSON.parse(await readFile('emulator/stories/parcel.json', 'utf8')) as Story;
    // The last step hands the conversation over to a person.
    await emulator.stories.play({ ...story, steps: story.steps.slice(0, -1) });
  }
  const { fileID } = emulator.storage.put('uploads/parcel.png', parcel);
  // Uploaded before, so that the card's log shows the message alone.
  await emulator.call({
    name: 'kefu-upload-media',
    data: { fileID, type: 'image' },
    source: 'wx_client',
    openid: defaultOpenid,
  });
  await page.goto(emulator.url);
  await page.getByTestId('bubble').first().waitFor();
  const composer = page.locator('.composer');
  const event = page.locator('#event');
  const write = async (message: object) => {
    await event.fill(JSON.stringify(message, null, 2));
    const cards = page.getByTestId('log-card');
    const before = await cards.count();
    await composer.locator('button[type=submit]').click();
    await cards.nth(before).waitFor();
  };
  if (language === 'en') {
    // Somebody whose conversation has nothing Chinese in it.
    await page.getByRole('combobox', { name: strings.user.en, exact: true }).selectOption('new');
    await say(page, ask);
    await write({ msgtype: 'text', text: { content: answer } });
  }
  await write({
    msgtype: 'miniprogrampage',
    miniprogrampage: {
      title: card,
      appid: 'wx00000000000000aa',
      pagepath: 'pages/order/detail?id=1',
      fileID,
    },
  });
  if (language === 'zh') await say(page, ask);
  await write({ msgtype: 'image', image: { mediaID: 'MEDIA_ID' } });
  await page.getByTestId('log-card').filter({ hasText: card }).first().locator('summary').click();
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
}

/** Writes as the user on the phone. */
export async function say(page: Page, text: string): Promise<void> {
  const input = page.getByTestId('phone').getByRole('textbox');
  await input.fill(text);
  await input.press('Enter');
  await page.getByTestId('bubble').filter({ hasText: text }).waitFor();
}
