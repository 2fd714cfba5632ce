import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { createEmulator, defaultOpenid, type Emulator } from '../../../emulator/emulator';
import { strings } from '../../../emulator/page/strings';
import { samplePng } from '../../../emulator/wechat/samples';
import { startBrowser } from '../../../scripts/browser/start-browser';
import { clientRoot } from '../../../scripts/build-client';
import { openPage, until } from './open-page';

/**
 * A customer and two operators, in a browser: the bot answers, hands over, two claim at once, pictures go both ways, the
 * window is used up and opened again, the bot answers again, the conversation is closed.
 */

const [lin, wang] = ['oOPERATOR-lin', 'oOPERATOR-wang'];

let browser: Browser;
let emulator: Emulator;
beforeAll(async () => {
  [browser, emulator] = await Promise.all([
    startBrowser(),
    createEmulator({
      variables: { KEFU_OPERATORS: `${lin},${wang}`, KEFU_HISTORY_DAYS: '30' },
      miniProgram: { root: clientRoot },
    }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await emulator?.close();
});

/** One operator's desk: a frame of the page, or a page of its own. */
type Desk = FrameLocator | Page;

const button = (desk: Desk, name: string) => desk.getByRole('button', { name, exact: true }).last();
const claim = (desk: Desk) => button(desk, '接入');
/** What a screen reader is told of the button that sends. */
const isSaidToBeDisabled = (desk: Desk) => button(desk, '发送').getAttribute('aria-disabled');
const draft = (desk: Desk) => desk.getByRole('textbox', { name: '回复用户' }).last();
const thread = (desk: Desk) => desk.locator('.thread').last();

async function answer(desk: Desk, text: string): Promise<void> {
  await draft(desk).fill(text);
  await button(desk, '发送').click();
  await thread(desk).locator('.said', { hasText: text, hasNotText: '发送中' }).waitFor();
}

/** Which of two it is, as soon as it is one of them. */
async function whichOf(...desks: readonly { readonly holds: () => Promise<boolean> }[]): Promise<number> {
  const found = await until(
    async () => Promise.all(desks.map(({ holds }) => holds())),
    (holding) => holding.includes(true),
  );
  expect(found.filter(Boolean)).toHaveLength(1);
  return found.indexOf(true);
}

test('a customer, a bot and two operators talk in one browser', async () => {
  const opened = await openPage(browser, emulator.url);
  const { page, context, errors } = opened;
  const phone = page.getByTestId('phone');
  const bubbles = phone.locator('[data-testid=bubble][data-from=service]');
  const arrives = (text: string) => bubbles.filter({ hasText: text }).last().waitFor();
  const say = async (text: string) => {
    await phone.getByRole('textbox').fill(text);
    await phone.getByRole('textbox').press('Enter');
  };

  // The bot answers, until the customer asks for a person.
  await say('我的快递到哪了?');
  await arrives('订单号');
  await say('转人工');

  // Both operators have the desk open, each on a phone.
  const desks: readonly Desk[] = [page.frameLocator('[data-testid=second-phone]'), await openDesk(wang)];
  async function openDesk(openid: string): Promise<Page> {
    const own = await context.newPage();
    own.setDefaultTimeout(15_000);
    own.on('pageerror', (error) => errors.push(error.message));
    await own.goto(`${emulator.url}/phone/?openid=${openid}&path=/desk/list/list`);
    await own.setViewportSize({ width: 360, height: 700 });
    return own;
  }
  await page.evaluate((openid) => {
    localStorage.setItem(`phone.stack/${openid}`, JSON.stringify(['/desk/list/list']));
  }, lin);
  await page.getByRole('button', { name: strings.reloadMiniProgram.zh }).click();
  for (const desk of desks) {
    const row = desk.getByRole('button', { name: /转人工|等待/ }).first();
    await row.click();
    await thread(desk).getByText('转人工', { exact: true }).waitFor();
    await claim(desk).waitFor();
    expect(await isSaidToBeDisabled(desk)).toBe('true');
  }

  // Both claim at once: one has it, the other is told who.
  await Promise.all(desks.map((desk) => claim(desk).click()));
  const first = await whichOf(
    ...desks.map((desk) => ({ holds: () => button(desk, '交回机器人').isVisible() })),
  );
  const [mine, other] = first === 0 ? desks : desks.toReversed();
  if (mine === undefined || other === undefined) throw new Error('there are two');
  await other.getByText('正在由同事接待').last().waitFor();
  expect(await claim(other).isVisible()).toBe(false);
  expect([await isSaidToBeDisabled(mine), await isSaidToBeDisabled(other)]).toEqual(['false', 'true']);

  // From now on no rule answers; the person does, with a picture, and sees the customer's.
  const before = await bubbles.count();
  await say('我的快递到哪了?');
  await answer(mine, '您好，我来帮您查。');
  await arrives('我来帮您查');
  const [chooser] = await Promise.all([
    (first === 0 ? page : (mine as Page)).waitForEvent('filechooser'),
    button(mine, '图片').click(),
  ]);
  await chooser.setFiles({ name: 'parcel.png', mimeType: 'image/png', buffer: samplePng });
  await until(
    () => bubbles.count(),
    (count) => count === before + 2,
  );
  await phone.getByRole('button', { name: strings.more.zh }).click();
  await phone.getByRole('button', { name: strings.sayImage.zh }).click();
  // What each message shows: its words, and how wide its picture is.
  const said = () =>
    thread(mine)
      .locator('.said')
      .evaluateAll((all) =>
        all.map((each) => [each.textContent, each.querySelector('img')?.naturalWidth ?? 0] as const),
      );
  await until(said, (all) => all.filter(([, width]) => width > 0).length === 2);

  // The window is used up, which is said; the customer's next words open it again.
  for (let count = 1; count <= 5; count += 1) await answer(mine, `第 ${count} 条`);
  await mine.getByText('可发条数已用完').last().waitFor();
  await say('还在吗');
  await until(
    () => mine.getByText('可发条数已用完').last().isVisible(),
    (visible) => !visible,
  );
  await answer(mine, '在的。');
  await arrives('在的。');

  // Back to the bot, which answers again; then the other takes it, and closes it.
  await button(mine, '交回机器人').click();
  await claim(other).waitFor();
  await say('我的快递到哪了?');
  await until(
    async () => (await bubbles.last().textContent()) ?? '',
    (text) => text.includes('订单号'),
  );
  await claim(other).click();
  await button(other, '结束会话').click();
  await other.getByRole('dialog').getByRole('button').first().click();
  await other.getByText('结束了会话').last().waitFor();
  await mine.getByText('结束了会话').last().waitFor();

  const { messages } = emulator.world.conversation('miniprogram', defaultOpenid);
  expect(messages.filter(({ from }) => from === 'service').map(({ msgtype }) => msgtype)).toEqual(
    expect.arrayContaining(['text', 'image']),
  );
  // Two desks have asked every two seconds what is new; the log shows what was done.
  const calls = emulator.log.since(0).filter((entry) => entry.kind === 'call');
  const actions = calls.map(({ data }) => (data as { readonly action?: string }).action);
  expect(actions).toEqual(expect.arrayContaining(['list', 'open', 'claim', 'say', 'release', 'close']));
  expect(actions).not.toContain('changes');
  expect(errors).toEqual([]);
});
