import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../../emulator/emulator';
import { startBrowser } from '../../../scripts/browser/start-browser';

/** An open page of the local WeChat, and what must never happen on it. */
export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, and what the page's own security policy has stopped. */
  readonly errors: string[];
  /** Addresses outside the local WeChat that were asked for. Nothing is ever loaded from them. */
  readonly strangers: string[];
}

/** What a page is called whose storage is to be cleared before anything of it runs. */
const forgetful = 'forgetful';

/** Opens a page in a fresh profile, from which only the local WeChat can be reached. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  // All but the local WeChat is to be had by way of a proxy that is not there. To look at each request takes longer.
  const proxy = { server: 'http://127.0.0.1:9', bypass: `<-loopback>,${new URL(url).host}` };
  const context = await browser.newContext({ locale: 'zh-CN', proxy });
  const errors: string[] = [];
  const strangers: string[] = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(url)) strangers.push(request.url());
  });
  await context.addInitScript((name) => {
    if (window.name !== name) return;
    window.name = '';
    localStorage.clear();
    sessionStorage.clear();
  }, forgetful);
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

/** What the tests of a file share. */
interface Shared extends OpenPage {
  readonly browser: Browser;
  readonly emulator: Emulator;
}

/**
 * A local WeChat and a page of it for all tests of a file, as new before each: to open one takes longer than most tests.
 * After each, nothing may have gone wrong on the page.
 */
export function sharePage(options: EmulatorOptions, take: (shared: Shared) => void): void {
  let browser: Browser | undefined;
  let emulator: Emulator | undefined;
  let opened: OpenPage | undefined;
  let isNew = true;
  beforeAll(async () => {
    browser = await startBrowser();
    emulator = await createEmulator(options);
    opened = await openPage(browser, emulator.url);
    take({ ...opened, browser, emulator });
  });
  afterAll(async () => {
    await browser?.close();
    await emulator?.close();
  });
  beforeEach(async () => {
    if (emulator === undefined || opened === undefined) return;
    const wasNew = isNew;
    isNew = false;
    if (wasNew) return;
    emulator.reset();
    opened.strangers.length = 0;
    await visit(opened.page, emulator.url);
  });
  afterEach(() => {
    expect(opened?.errors.splice(0) ?? []).toEqual([]);
  });
}

/** Loads the page anew, as if nobody had used it before, and waits until the conversation is there. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.evaluate((name) => {
    window.name = name;
  }, forgetful);
  await page.goto(url);
  await page.getByTestId('bubble').first().waitFor();
}

/** Waits until something holds, and fails by telling what it was last. It looks ever less often: each look costs. */
export async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`it never held; last it was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
