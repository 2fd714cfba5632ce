import { exec, execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { source } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { createEmulator, defaultOpenid, type Emulator } from '../../../emulator/emulator';
import { keepCards } from '../../../emulator/page/local-wechat/log-cards';
import { type Language, strings, type Text } from '../../../emulator/page/strings';
import type { Story } from '../../../emulator/story';
import { loadBuiltClient } from '../../miniprogram/built-client';
import { openPage, sharePage, until } from './open-page';

/** The page as it is used all day: thousands of cards, reloads, copies, stories, every size, every function. */

let browser: Browser;
let emulator: Emulator;
let page: Page;
// The desk keeps what was said; nothing else asks for it.
sharePage({ variables: { KEFU_HISTORY_DAYS: '30' } }, (shared) => {
  ({ browser, emulator, page } = shared);
});

const textOf = async (part: Locator) => (await part.textContent()) ?? '';
const contains = (part: string) => (text: string) => text.includes(part);
const cards = () => page.getByTestId('log-card');
const answer = () => page.getByTestId('answer');
const editor = () => page.locator('#event');
const composer = () => page.locator('.composer');
const sendButton = () => composer().locator('button[type=submit]');
const button = ({ zh }: Text, within: Page | Locator = page) =>
  within.getByRole('button', { name: zh, exact: true });

/** Sends what the editor holds, and waits for its answer. */
async function send(): Promise<string> {
  await sendButton().click();
  return until(
    () => textOf(answer()),
    (text) => !text.includes(strings.sending.zh) && !text.includes(strings.noAnswerYet.zh),
  );
}

function say(Content: string): void {
  const { log } = emulator;
  emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content });
  void emulator.pusher?.push('miniprogram', defaultOpenid, { MsgType: 'text', Content }, log.seq);
}

/** Puts calls into the log, as if they had been made. */
function fillLog(count: number, after = 0): void {
  for (let number = after + 1; number <= after + count; number += 1) {
    const called = {
      id: `made${number}`,
      name: number % 10 === 0 ? 'kefu-typing' : 'kefu-send',
      source: 'wx_client',
      openid: `oUser${number % 7}`,
      data: { msgtype: 'text', text: { content: `message number ${number}` } },
    };
    const failed = number % 100 === 0;
    emulator.log.add({ kind: 'start', ...called });
    emulator.log.add({
      kind: 'call',
      ...called,
      answer: failed ? { errCode: 45015, code: 'window-closed' } : { errCode: 0 },
      failed: false,
      durationMs: 3,
      cold: false,
    });
  }
}

describe('the log', () => {
  test('shows five thousand cards, of which it draws those in sight, wherever it is read', async () => {
    fillLog(keepCards);
    await until(() => textOf(cards().first()), contains(`number ${keepCards}`));
    const list = page.locator('.virtual-list');
    expect(await list.locator('li').first().getAttribute('aria-setsize')).toBe(String(keepCards));
    const mostDrawn = await list.evaluate(async (scroller) => {
      let most = 0;
      const { scrollHeight } = scroller;
      for (let step = 0; step < 60; step += 1) {
        scroller.scrollTop = (scrollHeight * step) / 60;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        most = Math.max(most, scroller.querySelectorAll('li').length);
      }
      return most;
    });
    expect(mostDrawn).toBeLessThan(60);
    await list.evaluate((scroller) => {
      scroller.scrollTop = scroller.scrollHeight;
    });
    await list.getByText('message number 1', { exact: true }).waitFor();

    // What is being read stays where it is while more comes in.
    await list.evaluate((scroller) => {
      scroller.scrollTop = scroller.scrollHeight / 2;
    });
    const firstPlace = () => list.locator('li').first().getAttribute('aria-posinset').then(Number);
    await until(firstPlace, (place) => place > 1000 && place < 4000);
    const middle = cards().nth(10);
    const read = (await middle.locator('strong').textContent()) ?? '';
    const placeOf = async () => (await page.getByText(read, { exact: true }).first().boundingBox())?.y ?? -1;
    const before = await placeOf();
    const place = await firstPlace();
    fillLog(3, keepCards);
    await until(firstPlace, (now) => now === place + 3);
    expect(Math.abs((await placeOf()) - before)).toBeLessThan(4);
  });

  test('is searched and cut down, and a reload keeps that', async () => {
    fillLog(300);
    await until(() => textOf(cards().first()), contains('number 300'));
    await page.getByRole('searchbox', { name: strings.search.zh }).fill('NUMBER 123');
    await until(
      () => cards().count(),
      (count) => count === 1,
    );
    await page.getByRole('searchbox', { name: strings.search.zh }).fill('');
    await page.getByRole('combobox', { name: strings.filterOutcome.zh }).selectOption('bad');
    await until(
      () => cards().count(),
      (count) => count === 3,
    );
    await page.getByRole('combobox', { name: strings.filterUser.zh }).selectOption('oUser2');
    await until(
      () => cards().allTextContents(),
      (texts) => texts.length === 1 && texts.join().includes('100'),
    );
    await page.reload();
    await until(
      () => cards().allTextContents(),
      (texts) => texts.length === 1 && texts.join().includes('100'),
    );
  });

  test('puts a push, what handled it and what a model was asked into one card', async () => {
    emulator.log.add({
      kind: 'start',
      id: 'a',
      name: 'kefu-receive',
      source: 'wx_push',
      openid: defaultOpenid,
      data: { MsgType: 'text', Content: '讲个故事' },
      push: 'p',
    });
    emulator.log.add({
      kind: 'start',
      id: 'b',
      name: 'kefu-answer',
      source: 'wx_client,scf',
      data: {},
      by: 'a',
    });
    await until(() => textOf(cards().first()), contains(strings.running.zh));
    emulator.log.add({
      kind: 'model',
      callId: 'b',
      messages: [{ role: 'user', content: '讲个故事' }],
      tools: [],
      hasKey: false,
      said: '从前有座山',
      durationMs: 40,
    });
    const card = cards().first();
    expect(await cards().count()).toBe(1);
    await card.locator('summary').click();
    expect(await textOf(card.getByTestId('model'))).toContain('从前有座山');
  });
});

describe('a card', () => {
  const copied = async (name: Text, card = cards().first()) => {
    await button(name, card).click();
    return until(
      () => textOf(card.getByTestId('copied')),
      (text) => text !== '',
    );
  };

  async function openFirst(): Promise<void> {
    await editor().fill(
      JSON.stringify({ msgtype: 'text', text: { content: 'a $HOME `b` "c" \\d 100% 您好 📦' } }),
    );
    await send();
    await cards().first().locator('summary').click();
  }

  test('is copied as callFunction, as client code, and as a curl that a shell reads right', async () => {
    await openFirst();
    const data = { msgtype: 'text', text: { content: 'a $HOME `b` "c" \\d 100% 您好 📦' }, lang: 'zh' };
    const calls: unknown[] = [];
    const run = async (code: string, names: object) => {
      const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
      await new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
    };
    const callFunction = async (call: unknown) => {
      calls.push(call);
      return { result: { errCode: 0, errMsg: 'ok' } };
    };
    await run(await copied(strings.copyCall), { wx: { cloud: { callFunction } } });

    const { createCustomerService } = loadBuiltClient('dist/miniprogram', { cloud: { callFunction } });
    const client = await until(
      () => copied(strings.copyClient),
      (text) => text.startsWith('import { createCustomerService }'),
    );
    await run(client.replace(/^import .*$/m, ''), { createCustomerService });
    const { lang: _, ...message } = data;
    expect(calls).toEqual([
      { name: 'kefu-send', data },
      { name: 'kefu-send', data: message },
    ]);

    const curl = await until(
      () => copied(strings.copyCurl),
      (text) => text.startsWith('curl '),
    );
    const before = emulator.log.seq;
    await promisify(exec)(curl.replace('curl', 'curl -s'));
    expect(emulator.log.since(before).find(({ kind }) => kind === 'start')).toMatchObject({
      data,
      openid: defaultOpenid,
    });
  });

  test('is sent again, a push as a push', async () => {
    await openFirst();
    await button(strings.again, cards().first()).click();
    await until(
      () => cards().count(),
      (count) => count === 2,
    );
    say('转人工');
    await until(() => textOf(cards().first()), contains(strings.handedOverWord.zh));
    await cards().first().locator('summary').click();
    await button(strings.again, cards().first()).click();
    await until(
      () => cards().count(),
      (count) => count === 4,
    );
    await until(() => textOf(cards().first()), contains(strings.handedOverWord.zh));
  });

  test('becomes a test that passes as it stands', async () => {
    await button({ zh: '+48 h', en: '' }).click();
    await until(
      () => page.getByTestId('window').getAttribute('data-open'),
      (isOpen) => isOpen === 'false',
    );
    await page.getByTestId('phone').getByRole('textbox').fill('我的快递到哪了?');
    await page.getByTestId('phone').getByRole('textbox').press('Enter');
    await until(() => textOf(cards().first()), contains(strings.replied.zh.replace('{count}', '1')));
    await cards().first().locator('summary').click();
    const ofPush = await copied(strings.copyTest);
    await openFirst();
    const ofCall = await copied(strings.copyTest);
    expect(ofPush).toContain('advanceMs: 172800000');

    const folder = path.resolve('dist', 'copied-tests');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await Promise.all([
      writeFile(path.join(folder, 'push.test.ts'), ofPush),
      writeFile(path.join(folder, 'call.test.ts'), ofCall),
    ]);
    // As jest runs all tests here, but for the build before them, which has been.
    const config = {
      rootDir: process.cwd(),
      roots: ['<rootDir>/dist/copied-tests'],
      transform: {
        '^.+\\.tsx?$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
      },
    };
    const jest = createRequire(path.resolve('package.json')).resolve('jest/bin/jest');
    const { stderr } = await promisify(execFile)(process.execPath, [
      jest,
      '--config',
      JSON.stringify(config),
      '--runInBand',
    ]).catch((error: { stderr: string }) => error);
    expect(stderr).toContain('2 passed, 2 total');
    await rm(folder, { recursive: true });
  }, 120_000);
});

describe('a story', () => {
  test('is kept as a file, and played again after it was asked for', async () => {
    await editor().fill('{"msgtype":"text","text":{"content":"from the story"}}');
    await send();
    const [download] = await Promise.all([page.waitForEvent('download'), button(strings.storySave).click()]);
    const file = await download.path();
    const story = JSON.parse(await readFile(file, 'utf8')) as { steps: unknown[] };
    expect(story.steps).toHaveLength(1);

    emulator.reset();
    await until(
      () => cards().count(),
      (count) => count === 0,
    );
    await page.locator('.story input[type=file]').setInputFiles(file);
    await button(strings.storyPlay, page.getByRole('dialog')).click();
    await until(() => textOf(cards().first()), contains('from the story'));
    await until(() => textOf(page.getByTestId('bubble').last()), contains('from the story'));
  });

  test('that is none is said to be none, and nothing is lost', async () => {
    await send();
    const buffer = Buffer.from('{"name": "not a story"}');
    await page
      .locator('.story input[type=file]')
      .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer });
    await button(strings.storyPlay, page.getByRole('dialog')).click();
    await until(() => textOf(page.getByRole('alert')), contains('a story is'));
    expect(await cards().count()).toBe(1);
  });
});

test('a user enters, is welcomed, asks with a keyword, and is handed to a person', async () => {
  const story = JSON.parse(await readFile('emulator/stories/parcel.json', 'utf8')) as Story;
  // With the rules that the bundle ships, and no desk.
  const other = await createEmulator();
  const guest = await openPage(browser, other.url);
  try {
    const played = await other.stories.play(story);
    const phone = guest.page.getByTestId('phone');
    const answers = phone.locator('[data-testid=bubble][data-from=service]');
    await until(
      () => answers.allTextContents(),
      (texts) => texts.length === 4,
    );
    const texts = await answers.allTextContents();
    for (const [index, part] of ['欢迎光临', '订单号', '已收到订单号', '今天下午送到'].entries())
      expect(texts[index]).toContain(part);
    await until(
      async () => (await guest.page.getByTestId('act').allTextContents()).join(),
      contains('转人工客服'),
    );
    const pushes = played.flatMap(({ entries }) => entries).filter((entry) => entry.kind === 'push');
    expect(pushes.map(({ ok }) => ok)).toEqual([true, true, true, true]);

    // A card a push, with what was answered; what the user wrote stands nowhere else.
    const log = guest.page.getByTestId('log-card');
    await until(
      async () => (await log.allTextContents()).join('\n'),
      (text) => ['转人工', '今天下午送到', '↳ ', 'kefu-typing'].every((part) => text.includes(part)),
    );
    expect(await log.count()).toBe(6);
    expect(await guest.page.locator('.note', { hasText: '转人工' }).count()).toBe(1);

    // And by hand: the user writes on the phone, and is answered.
    await phone.getByRole('textbox').fill('我的快递到哪了?');
    await phone.getByRole('textbox').press('Enter');
    await until(
      () => log.count(),
      (count) => count === 7,
    );
    expect(guest.errors).toEqual([]);
  } finally {
    await guest.context.close();
    await other.close();
  }
});

describe('a reload', () => {
  test('keeps the function, the caller, the draft, the tab and the user', async () => {
    emulator.world.say('miniprogram', 'oSomeoneElse', { MsgType: 'text', Content: 'it is me' });
    const users = page.getByRole('combobox', { name: strings.user.zh, exact: true });
    await until(() => textOf(users), contains('oSomeoneElse'));
    await users.selectOption('oSomeoneElse');
    await composer().locator('input[name=msgtype][value=image]').check();
    await editor().fill('{"msgtype": "image", "image": {"media_id": "half a th');
    await page.getByRole('tab', { name: strings.outbox.zh }).click();
    await page.reload();
    await page.getByText('it is me').waitFor();
    expect(await editor().inputValue()).toContain('half a th');
    expect(await composer().locator('input[name=msgtype][value=image]').isChecked()).toBe(true);
    expect(await page.getByRole('tab', { name: strings.outbox.zh }).getAttribute('aria-selected')).toBe(
      'true',
    );
  });

  test('and a reset keeps the draft, and is asked for first', async () => {
    await editor().fill('{"msgtype": "text", "text": {"content": "mine"}}');
    await send();
    await button(strings.reset).click();
    await button(strings.cancel, page.getByRole('dialog')).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await cards().count()).toBe(1);
    await button(strings.reset).click();
    await button(strings.reset, page.getByRole('dialog')).click();
    await until(
      () => cards().count(),
      (count) => count === 0,
    );
    expect(await editor().inputValue()).toContain('mine');
  });
});

describe('every function', () => {
  test('has an example that works, by who it is for', async () => {
    const choice = composer().getByRole('combobox', { name: strings.functionLabel.zh });
    const names = [...emulator.runner.functions.keys()];
    await until(
      () => choice.locator('option').count(),
      (count) => count === names.length,
    );
    for (const name of names) {
      emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: 'hello' });
      await choice.selectOption(name);
      const text = await send();
      expect(`${name}: ${text}`).toContain(strings.succeeded.zh);
      expect(await answer().getAttribute('class')).toContain('good');
    }
  });

  test('says who it is for where another is chosen, and is never green over an error', async () => {
    const choice = composer().getByRole('combobox', { name: strings.functionLabel.zh });
    await choice.selectOption('kefu-outbox');
    await composer().getByRole('combobox', { name: strings.callerLabel.zh }).selectOption('user');
    await until(() => textOf(composer()), contains('not-allowed'));
    await send();
    expect(await answer().getAttribute('class')).toContain('bad');
    await choice.selectOption('kefu-gateway');
    await editor().fill('{}');
    await send();
    expect(await answer().getAttribute('class')).toContain('bad');
    await until(async () => (await cards().first().getAttribute('class')) ?? '', contains('bad'));
  });
});

test('the answer of before is gone while a call runs', async () => {
  await send();
  emulator.faults.put([{ api: 'customerServiceMessage.send', behaviour: 'slow', delayMs: 3000, times: 1 }]);
  await sendButton().click();
  await until(() => textOf(answer()), contains(strings.sending.zh));
  expect(await textOf(answer())).not.toContain(strings.succeeded.zh);
  await until(() => textOf(cards().first()), contains(strings.running.zh));
  await until(() => textOf(answer()), contains(strings.succeeded.zh));
});

test('a user of the official account says where it is', async () => {
  await page.locator('input[name=account][value=official]').check();
  await button(strings.more).click();
  await button(strings.sayLocation).click();
  await until(() => textOf(page.getByTestId('bubble').last()), contains('新港中路'));
  await until(() => textOf(cards().first()), contains('新港中路'));
  await until(
    async () => emulator.log.since(0).findLast(({ kind }) => kind === 'push'),
    (push) => push !== undefined,
  );
  expect(emulator.log.since(0).findLast(({ kind }) => kind === 'push')).toMatchObject({
    ok: true,
    push: { MsgType: 'location', Location_X: 23.097486 },
  });
});

test('an English browser gets an English page, and answers in English', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  const english = await context.newPage();
  await english.goto(emulator.url);
  await english.getByRole('region', { name: strings.composer.en }).waitFor();
  expect(await english.evaluate(() => document.documentElement.lang)).toBe('en');
  await english.locator('#event').fill('{"msgtype": "link", "link": {"desciption": "x"}}');
  await english.locator('.composer button[type=submit]').click();
  await until(() => textOf(english.getByTestId('answer')), contains('did you mean description?'));
  await context.close();
});

const sizes = [
  [1280, 720],
  [1920, 1080],
  [390, 844],
] as const;

describe.each(sizes)('at %i × %i', (width, height) => {
  test('axe finds nothing, light and dark, with and without a question open', async () => {
    await page.setViewportSize({ width, height });
    say('我的快递到哪了?');
    await send();
    await editor().fill('{"msgtype": "text", "text": {"contnt": "x"}}');
    await send();
    await until(
      () => cards().count(),
      (count) => count === 3,
    );
    await cards().nth(1).locator('summary').click();
    await page.locator('.templates summary').click();
    // By the debugger's way in: the page itself runs no script but its own.
    await page.evaluate(source);
    const look = async () => {
      const found: Record<string, readonly string[]> = {};
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        found[colorScheme] = await violations();
      }
      return found;
    };
    expect(await look()).toEqual({ light: [], dark: [] });
    await button(strings.reset).click();
    expect(await look()).toEqual({ light: [], dark: [] });
    await page.keyboard.press('Escape');
    await page.emulateMedia({ colorScheme: null });
  });

  test.each(['zh', 'en'] as const satisfies readonly Language[])(
    'nothing is out of reach, in %s',
    async (language) => {
      await page.setViewportSize({ width, height });
      if (language === 'en') await button(strings.switchLanguage).click();
      await editor().fill('{"msgtype": "text", "text": {"contnt": "x"}}');
      await sendButton().click();
      await until(
        () => answer().getAttribute('class'),
        (names) => names?.includes('bad') === true,
      );
      const [scrollWidth, clientWidth] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(scrollWidth).toBe(clientWidth);
      await until(
        () => isInSight(answer().locator('h3'), width, height),
        (isSeen) => isSeen,
      );
      if (width < 760) {
        // One tap leads to each part.
        await page.locator('.panes button').first().click();
        await until(
          () => isInSight(page.getByTestId('title'), width, height),
          (isSeen) => isSeen,
        );
        await page.locator('.panes button').last().click();
        await until(
          () => isInSight(cards().first(), width, height),
          (isSeen) => isSeen,
        );
        return;
      }
      for (const part of await page
        .locator('.platform button:visible, .platform select, .top-bar button')
        .all())
        expect([await part.textContent(), await isInSight(part, width, height)]).toEqual([
          expect.anything(),
          true,
        ]);
      expect(await isInSight(page.getByTestId('window'), width, height)).toBe(true);
    },
  );
});

test('what the keyboard comes to stands clear of the bars, where the page scrolls as a whole', async () => {
  await page.setViewportSize({ width: 600, height: 700 });
  for (let index = 0; index < 3; index += 1) await send();
  const covered = new Set<string>();
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let step = 0; step < 45; step += 1) {
      await page.keyboard.press(key);
      const found = await page.evaluate(() => {
        const part = document.activeElement;
        if (part === null || part === document.body || part.closest('.top-bar, .panes') !== null) return '';
        const { top, bottom } = part.getBoundingClientRect();
        const edge = (bar: string) => document.querySelector(bar)?.getBoundingClientRect();
        const above = edge('.top-bar')?.bottom ?? 0;
        const below = edge('.panes')?.top ?? 0;
        const isTall = bottom - top > below - above;
        return isTall || (top >= above - 1 && bottom <= below + 1) ? '' : part.outerHTML.slice(0, 80);
      });
      if (found !== '') covered.add(found);
    }
  }
  expect([...covered]).toEqual([]);
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds on the page, which has it already. All its rules are looked at; what is right is not written down. */
const violations = () =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: readonly Violation[] }> };
    };
    const found = await axe.run({ resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });

/** Whether a part stands within the window, as a whole but for a pixel. */
async function isInSight(part: Locator, width: number, height: number): Promise<boolean> {
  const box = await part.boundingBox();
  return (
    box !== null &&
    box.x >= -1 &&
    box.y >= -1 &&
    box.x + box.width <= width + 1 &&
    box.y + box.height <= height + 1
  );
}
