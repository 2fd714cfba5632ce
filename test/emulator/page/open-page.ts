import type { Browser, BrowserContext, Page } from 'playwright-core';

/** An open page of the local WeChat, and what must never happen on it. */
export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, and what the page's own security policy has stopped. */
  readonly errors: string[];
  /** Addresses outside the local WeChat that were asked for. Nothing is ever loaded from them. */
  readonly strangers: string[];
}

/** Opens a page in a fresh profile, from which only the local WeChat can be reached. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const errors: string[] = [];
  const strangers: string[] = [];
  await context.route('**/*', (route) => {
    const address = route.request().url();
    if (address.startsWith(url)) return route.continue();
    strangers.push(address);
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A picture that does not come is said by the browser, not by the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  await visit(page, url);
  return { page, context, errors, strangers };
}

/** Loads the page anew, as if nobody had used it before, and waits until the conversation is there. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  // What ours keeps is cleared where it does not run: to load it twice takes longer than most tests.
  await page.goto(`${url}/none`);
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  await page.goto(url);
  await page.getByTestId('bubble').first().waitFor();
}

/** Waits until something holds, and fails by telling what it was last. */
export async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`it never held; last it was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
