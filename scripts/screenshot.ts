import { mkdir } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { startBrowser } from './browser/start-browser';
import { buildClient, clientRoot } from './build-client';
import { buildEmulator } from './build-emulator';
import { buildFunctions, exampleRoot } from './build-functions';
import { command, Stop } from './deploy/command-line';
import type { Built } from './screenshot/built';
import { drawDemo } from './screenshot/demo';
import { drawPage } from './screenshot/page';
import { drawTwoPhones } from './screenshot/two-phones';

const usage = `Takes the pictures that the documents show: of the local WeChat, of the demo mini program, and of
both on two phones.

  npm run screenshot -- [options]

  --only <name>    page, demo or phones
  --out <folder>   where to (default docs/images)
  --help           this text

Chinese and emoji need fonts on this machine: fonts-noto-cjk and fonts-noto-color-emoji on Debian.`;

const options = { only: { type: 'string' }, out: { type: 'string', default: 'docs/images' } } as const;

export const main = command(usage, options, async ({ only, out }, terminal) => {
  if (only !== undefined && !Object.hasOwn(pictures, only))
    throw new Stop([`--only takes ${Object.keys(pictures).join(' or ')}`]);
  await Promise.all([
    buildFunctions(exampleRoot, { example: true }),
    buildEmulator(),
    buildClient(),
    mkdir(out, { recursive: true }),
  ]);
  const browser = await startBrowser();
  try {
    for (const [name, draw] of Object.entries(pictures)) {
      if (only === undefined || only === name)
        for (const file of await draw(browser, out, built)) terminal.print(file);
    }
    return 0;
  } finally {
    await browser.close();
  }
});

const built: Built = { functions: exampleRoot, client: clientRoot };

/** Each draws pictures of what was built into a folder, and answers their files. */
const pictures: {
  readonly [name: string]: (browser: Browser, folder: string, built: Built) => Promise<readonly string[]>;
} = { page: drawPage, demo: drawDemo, phones: drawTwoPhones };
