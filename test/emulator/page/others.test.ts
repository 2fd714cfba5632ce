import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { defaultOpenid, type Emulator } from '../../../emulator/emulator';
import { accountNames, strings } from '../../../emulator/page/strings';
import { sharePage, until } from './open-page';

/** Other people's functions on the page. */

const fixtures = path.resolve('test/fixtures/functions');

let emulator: Emulator;
let page: Page;
sharePage({ others: { folders: [fixtures], envFiles: ['test/fixtures/functions.env'] } }, (shared) => {
  ({ emulator, page } = shared);
});

const answer = () => page.getByTestId('answer');
const send = () =>
  page
    .getByRole('region', { name: strings.composer.zh })
    .getByRole('button', { name: strings.send.zh, exact: true })
    .click();
const choose = (name: string) =>
  page.getByRole('combobox', { name: strings.functionLabel.zh }).selectOption(name);
const templates = () =>
  page.getByText(strings.templates.zh.replace('{account}', accountNames.miniprogram.zh));

test('other people’s functions stand under their folder, and can be called', async () => {
  const choice = page.getByRole('combobox', { name: strings.functionLabel.zh });
  const groups = choice.locator('optgroup');
  await until(
    () => groups.count(),
    (count) => count === 1,
  );
  expect(await groups.first().getAttribute('label')).toBe(fixtures);
  expect(await groups.locator('option').allTextContents()).toEqual(['answer', 'greet', 'picture', 'remind']);
  await choose('greet');
  await page.getByRole('textbox', { name: strings.event.zh }).fill('{"name": "Ann"}');
  await send();
  await until(
    async () => (await answer().textContent()) ?? '',
    (text) => text.includes('Good morning, Ann'),
  );
});

test('the function that gets the pushes is chosen there', async () => {
  const choice = page.getByRole('combobox', { name: strings.receiver.zh });
  expect(await choice.inputValue()).toBe('kefu-receive');
  await choice.selectOption('answer');
  await until(
    async () => emulator.pusher?.receiver,
    (receiver) => receiver === 'answer',
  );
  const phone = page.getByTestId('phone');
  await phone.getByRole('textbox').fill('hello');
  await phone.getByRole('textbox').press('Enter');
  await until(
    async () => (await phone.getByTestId('bubble').last().textContent()) ?? '',
    (text) => text.includes('You said hello'),
  );
  emulator.reset();
  await until(
    () => choice.inputValue(),
    (value) => value === 'kefu-receive',
  );
});

test('a template is added by its text, allowed by the user, and used', async () => {
  await templates().click();
  const add = page.getByRole('button', { name: strings.addTemplate.zh });
  expect(await add.isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: strings.templateId.zh }).fill('tkQ9xJ2m0vR7');
  await page
    .getByRole('textbox', { name: strings.templateContent.zh })
    .fill('商品：{{thing1.DATA}}\n时间：{{time2.DATA}}');
  await add.click();
  const row = page.getByRole('listitem').filter({ hasText: 'tkQ9xJ2m0vR7' });
  await until(
    async () => (await row.allTextContents()).join(),
    (text) => text.includes('thing1 time2'),
  );
  await row.getByRole('button', { name: strings.allowOnce.zh }).click();
  await choose('remind');
  await send();
  await page.locator('[data-testid=bubble][data-msgtype=subscribe]').waitFor();
  expect(emulator.world.conversation('miniprogram', defaultOpenid).messages.at(-1)).toMatchObject({
    message: { template_id: 'tkQ9xJ2m0vR7' },
  });
});

test('a template that is refused keeps what was written, and says why', async () => {
  await templates().click();
  await page.getByRole('textbox', { name: strings.templateId.zh }).fill('mine');
  await page.getByRole('textbox', { name: strings.templateContent.zh }).fill('no field at all');
  await page.getByRole('button', { name: strings.addTemplate.zh }).click();
  await until(
    async () => (await page.getByRole('alert').allTextContents()).join(),
    (text) => text.includes('{{thing1.DATA}}'),
  );
  expect(await page.getByRole('textbox', { name: strings.templateId.zh }).inputValue()).toBe('mine');
});
