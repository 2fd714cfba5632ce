import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { createEmulator, defaultOpenid, type Emulator } from '../../../emulator/emulator';
import { strings } from '../../../emulator/page/strings';
import { samplePng } from '../../../emulator/wechat/samples';
import { startBrowser } from '../../../scripts/browser/start-browser';
import { clientRoot } from '../../../scripts/build-client';
import { type OpenPage, openPage, until, visit } from './open-page';

/** The second phone on the page: the mini program's own pages, as an operator's. */

const [lin, wang] = ['oOPERATOR-lin', 'oOPERATOR-wang'];

let browser: Browser;
let root: string;
let emulator: Emulator;
let fixture: Emulator;
const pages = new Map<Emulator, OpenPage>();
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mini-program-'));
  await cp('test/fixtures/mini-program', root, { recursive: true });
  const variables = { KEFU_OPERATORS: `${lin},${wang}` };
  [browser, emulator, fixture] = await Promise.all([
    startBrowser(),
    createEmulator({ variables, miniProgram: { root: clientRoot }, pushes: false }),
    createEmulator({ variables, miniProgram: { root }, pushes: false }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([emulator?.close(), fixture?.close()]);
  await rm(root, { recursive: true });
});
afterEach(() => {
  const errors = [...pages.values()].flatMap((opened) => opened.errors.splice(0));
  expect(errors).toEqual([]);
});

/** A page of a local WeChat, as new: opened once for all tests, which takes longer than to load it. */
async function open(local: Emulator): Promise<{ page: Page; phone: FrameLocator }> {
  local.reset();
  const known = pages.get(local);
  if (known !== undefined) await visit(known.page, local.url);
  const opened = known ?? (await openPage(browser, local.url));
  pages.set(local, opened);
  const { page } = opened;
  return { page, phone: page.frameLocator('[data-testid=second-phone]') };
}

const picture = { name: 'picture.png', mimeType: 'image/png', buffer: samplePng };

describe('the demo', () => {
  /** The operator's page with the customer's conversation. */
  async function openConversation(phone: FrameLocator): Promise<void> {
    await phone.getByRole('button', { name: '客服台' }).click();
    await phone.getByPlaceholder('用户的 openid').fill(defaultOpenid);
    await phone.getByRole('button', { name: '打开会话' }).click();
    await phone.getByPlaceholder('回复').waitFor();
  }

  test('runs there, and what an operator sends from it reaches the customer’s phone beside it', async () => {
    const { page, phone } = await open(emulator);
    await openConversation(phone);
    const bubbles = page.locator('[data-testid=bubble][data-from=service]');
    await phone.getByPlaceholder('回复').fill('在的，\n您请说。');
    await phone.getByRole('button', { name: '发送' }).click();
    await bubbles.filter({ hasText: '您请说。' }).waitFor();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      phone.getByRole('button', { name: '图片' }).click(),
    ]);
    await chooser.setFiles(picture);
    await until(
      () => bubbles.count(),
      (count) => count === 2,
    );
    await phone.locator('.answer img').first().waitFor();
    expect(emulator.world.conversation('miniprogram', defaultOpenid).messages.at(-1)?.message).toMatchObject({
      msgtype: 'image',
    });
  });

  test('whose it is can be chosen, and that and the open pages survive a reload', async () => {
    const { page, phone } = await open(emulator);
    await openConversation(phone);
    const user = page.getByRole('combobox', { name: strings.secondPhoneUser.zh });
    expect(await user.inputValue()).toBe(lin);
    await user.selectOption(wang);
    await phone.getByRole('heading', { name: '联系客服' }).waitFor();
    await user.selectOption(lin);
    await phone.getByRole('heading', { name: '会话' }).waitFor();
    await page.reload();
    await phone.getByRole('heading', { name: '会话' }).waitFor();
    expect(await user.inputValue()).toBe(lin);
    await phone.getByRole('button', { name: '返回' }).click();
    await phone.getByText(defaultOpenid).waitFor();
  });

  test('can be shown as a window for desks, and be put away', async () => {
    const { page, phone } = await open(emulator);
    const width = () => phone.locator('body').evaluate((body) => body.clientWidth);
    await phone.getByRole('heading', { name: '联系客服' }).waitFor();
    expect(await width()).toBeLessThan(400);
    await page.getByRole('button', { name: strings.deskForm.zh }).click();
    await until(width, (now) => now > 700);
    await page.getByRole('button', { name: strings.deskForm.zh }).click();
    await page.getByRole('button', { name: strings.closeSecondPhone.zh }).click();
    await page.reload();
    await page.getByRole('button', { name: strings.openSecondPhone.zh }).click();
    await phone.getByRole('heading', { name: '联系客服' }).waitFor();
  });
});

describe('a mini program', () => {
  test('has WeChat’s elements and APIs', async () => {
    const { page, phone } = await open(fixture);
    const seen = phone.locator('[id$="--seen"]');
    const shows = (text: string) => seen.filter({ hasText: text }).waitFor();
    const tap = (name: string) => phone.getByRole('button', { name, exact: true }).click();

    await phone.locator('.row').click();
    await shows('row 7 number');
    await phone.getByText('外关').click();
    await shows('opened 外 true');
    await phone.getByText('外开').waitFor();
    expect(await phone.getByText('槽').count()).toBe(1);
    // White space between elements is not drawn; in a text it is.
    expect(await phone.locator('.gaps').evaluate((element) => element.textContent)).toBe(' 甲 乙');

    await phone.getByLabel('双向').fill('两边');
    await phone.getByLabel('名字').fill('王');
    await phone.getByLabel('名字').press('Enter');
    await shows('confirm 王 两边');
    await until(
      () => phone.getByLabel('名字').inputValue(),
      (value) => value === '',
    );

    await phone.getByRole('checkbox', { name: '开关' }).check();
    await shows('on true');
    await phone.locator('[id$="--day"] input').fill('2026-12-01');
    await shows('day 2026-12-01');
    await phone.locator('[id$="--one"] select').selectOption('乙');
    await shows('one 1');

    await phone.getByText('按住').click({ delay: 600 });
    await shows('held');
    await phone.getByText('按住').click();
    await shows('tapped');

    await tap('问');
    await phone.getByRole('dialog').getByRole('textbox').fill('新');
    await phone.getByRole('dialog').getByRole('button', { name: '确定' }).click();
    await shows('modal true 新');
    await tap('选');
    await phone.getByRole('dialog').getByRole('button', { name: '乙' }).click();
    await shows('sheet 1');
    await tap('选');
    await phone.getByRole('dialog').getByRole('button', { name: '取消' }).click();
    await shows('showActionSheet:fail cancel');

    await tap('量');
    const width = await phone.locator('body').evaluate((body) => body.clientWidth);
    await shows(`canvas true 2 ${width}`);
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), tap('文件')]);
    await chooser.setFiles(picture);
    await shows('true cloud://');
    expect(fixture.storage.get('from-phone/a.png')?.bytes.length).toBe(samplePng.length);
    await tap('声音');
    await shows('sound stop 10001 true 0.5');
    await tap('存');
    await shows('times 1 true false');
    await tap('订阅');
    await phone.getByRole('dialog').getByRole('button', { name: '允许' }).click();
    await shows('accept filter');
    await tap('滚动');
    await shows('lower');

    // By keyboard too.
    await phone.getByRole('button', { name: '下一页' }).focus();
    await page.keyboard.press('Enter');
    await phone.getByRole('heading', { name: '第二页' }).waitFor();
    await phone.getByText('王').waitFor();
    await tap('返回上一页');
    await shows('又见 王');
  });

  test('keeps a component’s styles to itself, measures in the phone’s width, and lets no page out of its place', async () => {
    const { page, phone } = await open(fixture);
    const styleOf = (selector: string, name: string) =>
      phone
        .locator(selector)
        .evaluate((element, wanted) => getComputedStyle(element).getPropertyValue(wanted), name);
    // The component's own rule, and none of the app's of the same name.
    expect(await styleOf('wx-box > wx-view', 'color')).toBe('rgb(4, 5, 6)');
    expect(await styleOf('[id$="--seen"]', 'color')).toBe('rgb(1, 2, 3)');
    const [width, half] = await phone
      .locator('[id$="--seen"]')
      .evaluate((element) => [document.body.clientWidth, element.getBoundingClientRect().width]);
    expect(Math.round(half ?? 0)).toBe(Math.round((width ?? 0) / 2));
    const top = await phone.locator('.fixed').evaluate((element) => element.getBoundingClientRect().top);
    expect(top).toBe(44);
    expect(await page.locator('.phone-column wx-view').count()).toBe(0);
  });

  test('that goes to the customer service opens the conversation on the other phone', async () => {
    const { page, phone } = await open(fixture);
    await phone.getByRole('button', { name: '联系客服' }).click();
    const user = page.getByRole('combobox', { name: strings.user.zh });
    await until(
      () => user.inputValue(),
      (value) => value === lin,
    );
    expect(fixture.world.conversation('miniprogram', lin).window.remaining).toBeGreaterThan(0);
  });

  test('is seen as it has changed when it is loaded anew', async () => {
    const { page, phone } = await open(fixture);
    const file = path.join(root, 'page/index.wxml');
    await phone.getByText('按住').waitFor();
    await writeFile(file, (await readFile(file, 'utf8')).replace('按住', '已经改了'));
    await page.getByRole('button', { name: strings.reloadMiniProgram.zh }).click();
    await phone.getByText('已经改了').waitFor();
    await writeFile(path.join(root, 'page/index.js'), 'require("./gone")');
    await page.getByRole('button', { name: strings.reloadMiniProgram.zh }).click();
    await phone.getByText('page/index.js requires ./gone').waitFor();
  });
});
