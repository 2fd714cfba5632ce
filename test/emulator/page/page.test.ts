import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { createEmulator, defaultOpenid, type Emulator } from '../../../emulator/emulator';
import { spellings } from '../../../emulator/page/composer/event-text';
import { accountNames, messageTypeTexts, strings, type Text } from '../../../emulator/page/strings';
import { clientRoot } from '../../../scripts/build-client';
import { errorCodes } from '../../../shared/wechat/errors/errors';
import { errorAdviceZh } from '../../../shared/wechat/errors/errors-zh';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import {
  type MessageTypeName,
  messageTypeNames,
  messageTypes,
} from '../../../shared/wechat/messages/message-types';
import { type OpenPage, openPage, sharePage, until } from './open-page';

let browser: Browser;
let emulator: Emulator;
let page: Page;
let opened: OpenPage;
// Without pushes, so that no reply rule of the bundle answers what the user says here.
sharePage({ pushes: false }, (shared) => {
  ({ browser, emulator, page } = shared);
  opened = shared;
});

const phone = () => page.getByTestId('phone');
const bubbles = () => phone().getByTestId('bubble');
const answer = () => page.getByTestId('answer');
const editor = () => page.getByRole('textbox', { name: strings.event.zh });
const window = () => page.getByTestId('window');
const composer = () => page.getByRole('region', { name: strings.composer.zh });
const sendButton = () => composer().getByRole('button', { name: strings.send.zh, exact: true });
const button = ({ zh }: Text) => page.getByRole('button', { name: zh, exact: true });
const radio = ({ zh }: Text) => page.getByRole('radio', { name: zh, exact: true });

const textOf = (locator: Locator) => locator.evaluate((element) => element.textContent ?? '');
const contains = (part: string) => (text: string) => text.includes(part);

/** Puts an event in the editor. */
async function write(event: object): Promise<void> {
  await editor().fill(JSON.stringify(event));
}

/** Sends what the editor holds, and waits for its bubble. */
async function sendAndSee(msgtype: string): Promise<Locator> {
  const sent = page.locator(`[data-testid=bubble][data-msgtype=${msgtype}][data-from=service]`);
  const before = await sent.count();
  await sendButton().click();
  await sent.nth(before).waitFor();
  return sent.nth(before);
}

/** The user writes, so that the reply window is full again. */
function userWrites(account: 'miniprogram' | 'official' = 'miniprogram'): void {
  emulator.world.say(account, defaultOpenid, { MsgType: 'text', Content: 'hello' });
}

/** What a bubble shows of its example: whatever of it is Chinese is for people, links by their words. */
function shownOf(example: unknown): string[] {
  if (typeof example === 'object' && example !== null) return Object.values(example).flatMap(shownOf);
  return /\p{Script=Han}/u.test(String(example)) ? [String(example).replace(/<[^>]*>/g, '')] : [];
}

/** What else some show. */
const alsoShown: { readonly [K in MessageTypeName]?: string } = {
  mpnews: messageExamples.mpnews.media_id,
  mpnewsarticle: messageExamples.mpnewsarticle.article_id,
  wxcard: messageExamples.wxcard.card_id,
  miniprogrampage: strings.miniprogram.zh,
};

describe('the composer', () => {
  test.each(spellings)(
    'sends the example of every type in the spelling %s, and its bubble arrives',
    async (spelling) => {
      for (const msgtype of messageTypeNames) {
        const [account = 'miniprogram'] = messageTypes[msgtype].accounts;
        userWrites(account);
        await radio(accountNames[account]).check();
        await radio(messageTypeTexts[msgtype]).check();
        await radio(strings[spelling]).check();
        const bubble = await sendAndSee(msgtype);
        for (const part of [...shownOf(messageExamples[msgtype]), alsoShown[msgtype] ?? ''])
          expect(await textOf(bubble)).toContain(part);
        expect(await textOf(bubble)).not.toContain(strings.unknownType.zh.slice(0, 4));
      }
    },
  );

  test('offers an account only the types that it may send', async () => {
    const offered = () =>
      page
        .locator('input[name=msgtype]')
        .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
    const typesOf = (account: 'miniprogram' | 'official') =>
      messageTypeNames.filter((name) => (messageTypes[name].accounts as readonly string[]).includes(account));
    expect(await offered()).toEqual(typesOf('miniprogram'));
    await radio(accountNames.official).check();
    expect(await offered()).toEqual(typesOf('official'));
    expect(await editor().inputValue()).toContain('"account": "official"');
  });

  test('follows an account that is written in the event', async () => {
    await write({ account: 'official', msgtype: 'wxcard', wxcard: messageExamples.wxcard });
    expect(await radio(accountNames.official).isChecked()).toBe(true);
    expect(await radio(messageTypeTexts.wxcard).isChecked()).toBe(true);
    await sendAndSee('wxcard');
  });

  test('puts a file of cloud storage in the message, and the picture shows', async () => {
    await radio(messageTypeTexts.image).check();
    await button(strings.useFile).click();
    expect(JSON.parse(await editor().inputValue())).toEqual({
      msgtype: 'image',
      image: { fileID: emulator.sampleFileID },
    });
    const bubble = await sendAndSee('image');
    expect(await naturalWidth(bubble)).toBeGreaterThan(0);
  });

  test('uploads a file, which can then be sent', async () => {
    const bytes = emulator.storage.get('samples/picture.png')?.bytes ?? new Uint8Array();
    await radio(messageTypeTexts.image).check();
    await page
      .locator('.files input[type=file]')
      .setInputFiles({ name: '猫 cat.png', mimeType: 'image/png', buffer: Buffer.from(bytes) });
    await page.locator('option', { hasText: 'uploads/猫 cat.png' }).waitFor({ state: 'attached' });
    await button(strings.useFile).click();
    expect(await editor().inputValue()).toContain('uploads/猫 cat.png');
    const bubble = await sendAndSee('image');
    expect(await naturalWidth(bubble)).toBeGreaterThan(0);
  });

  test('explains an error in Chinese, and in English after a click', async () => {
    await button({ zh: '+48 h', en: '+48 h' }).click();
    await until(
      () => window().getAttribute('data-open'),
      (open) => open === 'false',
    );
    await sendButton().click();
    const zh = await until(() => textOf(answer()), contains('45015'));
    expect(zh).toContain('window-closed');
    expect(zh).toContain(errorAdviceZh['window-closed']);
    await button(strings.switchLanguage).click();
    const en = await until(() => textOf(answer()), contains(strings.refused.en));
    expect(en).toContain(errorCodes['window-closed'].advice);
  });

  test('names the field that a misspelt one probably means', async () => {
    await write({ msgtype: 'link', link: { ...messageExamples.link, desciption: 'x' } });
    await sendButton().click();
    const text = await until(() => textOf(answer()), contains('link.desciption'));
    expect(text).toContain('是否想写 description');
    expect(await textOf(answer().locator('.details code').first())).toBe('link.desciption');
  });

  test('keeps text that is no JSON, says where it is wrong, and sends nothing', async () => {
    const wrong = '{\n  "msgtype": "text",\n  "text": { "content": "半句" },\n}';
    await editor().fill(wrong);
    const problem = await until(() => textOf(page.getByTestId('problem')), contains('JSON'));
    expect(problem).toContain('4');
    expect(problem).toContain(strings.hintComma.zh);
    expect(problem).toContain(strings.textKept.zh);
    expect(await sendButton().isDisabled()).toBe(true);
    await editor().press('Control+Enter');

    // Neither another type nor another account nor the other language loses it.
    await radio(messageTypeTexts.image).check();
    await radio(accountNames.official).check();
    await radio(messageTypeTexts.text).check();
    await button(strings.switchLanguage).click();
    expect(await page.locator('#event').inputValue()).toBe(wrong);
    expect(await page.getByTestId('log-card').count()).toBe(0);
  });

  test('names the line of an error that has full-width punctuation', async () => {
    await editor().fill('{"msgtype"：“text”}');
    expect(await until(() => textOf(page.getByTestId('problem')), contains('JSON'))).toContain(
      strings.hintFullWidth.zh,
    );
  });

  test('keeps an edited text while another type is looked at, and restores the example', async () => {
    await write({ msgtype: 'text', text: { content: 'my words' } });
    await radio(messageTypeTexts.image).check();
    expect(await editor().inputValue()).toContain('media_id');
    await radio(messageTypeTexts.text).check();
    expect(await editor().inputValue()).toContain('my words');
    await button(strings.restore).click();
    expect(JSON.parse(await editor().inputValue())).toEqual({ msgtype: 'text', text: messageExamples.text });
  });

  test('sends with Ctrl+Enter', async () => {
    await editor().press('Control+Enter');
    await until(() => textOf(answer()), contains(strings.succeeded.zh));
  });

  test('splits a text that is too long where that is asked for', async () => {
    await write({ msgtype: 'text', text: { content: '长'.repeat(1000) } });
    await sendButton().click();
    await until(() => textOf(answer()), contains('45002'));
    await page.getByRole('checkbox', { name: 'split' }).check();
    await sendButton().click();
    await until(() => textOf(answer()), contains(strings.succeeded.zh));
    expect(await answer().locator('.results li').count()).toBe(2);
    await bubbles().nth(2).waitFor();
  });

  test('makes an operator where there is none, without a restart', async () => {
    await page.getByRole('combobox', { name: strings.callerLabel.zh }).selectOption('operator');
    await sendAndSee('text');
    expect(emulator.log.since(0).findLast(({ kind }) => kind === 'start')).toMatchObject({
      openid: 'oOPERATOR-lin',
      data: { touser: defaultOpenid },
    });
    expect(await textOf(page.locator('option[value=operator]'))).toContain('oOPERATOR-lin');
  });

  test('calls as a timer and as another function, which name the user', async () => {
    const caller = page.getByRole('combobox', { name: strings.callerLabel.zh });
    for (const [value, source] of [
      ['timer', 'wx_trigger'],
      ['function', 'wx_client,scf'],
    ] as const) {
      await caller.selectOption(value);
      expect(JSON.parse(await editor().inputValue())).toMatchObject({ touser: defaultOpenid });
      await sendAndSee('text');
      expect(emulator.log.since(0).findLast(({ kind }) => kind === 'call')).toMatchObject({ source });
    }
    await caller.selectOption('user');
    expect(JSON.parse(await editor().inputValue())).not.toHaveProperty('touser');
  });

  test('sends template and subscribe messages, which show what they say', async () => {
    const choice = page.getByRole('combobox', { name: strings.functionLabel.zh });
    await choice.selectOption('kefu-template-send');
    expect(await textOf(await sendAndSee('template'))).toContain('CardNumber0426');
    await choice.selectOption('kefu-subscribe-send');
    expect(await textOf(await sendAndSee('subscribe'))).toContain('SF1002003004');
  });

  test('calls the media functions with events that work', async () => {
    const choice = page.getByRole('combobox', { name: strings.functionLabel.zh });
    await choice.selectOption('kefu-upload-media');
    await sendButton().click();
    await until(() => textOf(answer()), contains('mediaId'));
    await choice.selectOption('kefu-get-media');
    await sendButton().click();
    await until(() => textOf(answer()), contains('fileID'));
  });
});

describe('the phone', () => {
  test('shows a text’s markup as text and runs nothing', async () => {
    const content =
      '<script>window.ran = 1</script>\n<img src=x onerror="window.ran = 1"><a href="javascript:window.ran=1">press</a><a href="https://example.com/?a=1&b=2">seen</a>';
    await write({ msgtype: 'text', text: { content } });
    const bubble = await sendAndSee('text');
    emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: content });
    await bubbles().nth(2).waitFor();
    expect(await textOf(bubble.locator('.bubble'))).toBe(
      content.replace('<a href="https://example.com/?a=1&b=2">seen</a>', 'seen'),
    );
    expect(await textOf(bubbles().nth(2).locator('.bubble'))).toBe(content);
    expect(await bubble.locator('.bubble').evaluate((element) => getComputedStyle(element).whiteSpace)).toBe(
      'pre-wrap',
    );
    expect(await page.locator('#app').locator('script, img, [onerror], a[href^="javascript"]').count()).toBe(
      0,
    );
    expect(await bubble.getByRole('link').getAttribute('href')).toBe('https://example.com/?a=1&b=2');
    expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
  });

  test('shows that an answer is being written, until it comes or 15 seconds have passed', async () => {
    const title = () => textOf(page.getByTestId('title'));
    await page.getByRole('combobox', { name: strings.functionLabel.zh }).selectOption('kefu-typing');
    await sendButton().click();
    await until(title, contains(strings.typing.zh));
    await button({ zh: '+15 s', en: '+15 s' }).click();
    await until(title, (text) => text !== strings.typing.zh);

    await sendButton().click();
    await until(title, contains(strings.typing.zh));
    emulator.world.deliver('miniprogram', defaultOpenid, { msgtype: 'text', text: { content: 'here' } });
    await until(title, (text) => text !== strings.typing.zh);
  });

  test('counts the reply window down as messages are sent, and up when the user writes', async () => {
    const remaining = () => window().getAttribute('data-remaining');
    await until(remaining, (count) => count === '5');
    await sendAndSee('text');
    await until(remaining, (count) => count === '4');
    await sendAndSee('text');
    await until(remaining, (count) => count === '3');
    const input = page.getByRole('textbox', { name: strings.sayPlaceholder.zh });
    await input.fill('thanks');
    await input.press('Enter');
    await until(remaining, (count) => count === '5');
    expect(await textOf(bubbles().last())).toBe('thanks');
    expect(await input.inputValue()).toBe('');
    expect(await textOf(window())).toMatch(/4[78]:\d\d:\d\d/);
  });

  test('leaves what could not be said in its place, and takes nothing before it knows the user', async () => {
    const input = page.getByRole('textbox', { name: strings.sayPlaceholder.zh });
    await page.route('**/say?*', (route) => route.abort());
    await input.fill('thanks');
    await input.press('Enter');
    await page.getByRole('alert').waitFor();
    await until(
      () => input.inputValue(),
      (text) => text === 'thanks',
    );
    await page.unroute('**/say?*');
    await input.press('Enter');
    await until(
      () => textOf(bubbles().last()),
      (text) => text === 'thanks',
    );

    let go = () => {};
    const asked = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route('**/_emulator', (route) => asked.then(() => route.continue()));
    await page.reload();
    await input.waitFor();
    expect(await input.isDisabled()).toBe(true);
    go();
    await until(
      () => input.isDisabled(),
      (isDisabled) => !isDisabled,
    );
    await page.unroute('**/_emulator');
  });

  test('says a menu’s item as the user at a click', async () => {
    await radio(accountNames.official).check();
    await radio(messageTypeTexts.msgmenu).check();
    const menu = await sendAndSee('msgmenu');
    await menu.getByRole('button', { name: '不满意' }).click();
    await until(
      () => textOf(bubbles().last()),
      (text) => text === '不满意',
    );
    expect(emulator.world.conversation('official', defaultOpenid).messages.at(-1)?.message).toMatchObject({
      MsgType: 'text',
      Content: '不满意',
      bizmsgmenuid: '102',
    });
  });

  test('shows what the user does without words, and the pictures and cards that the user sends', async () => {
    await page.getByRole('button', { name: '进入会话' }).click();
    await phone().getByTestId('act').waitFor();
    await button(strings.more).click();
    await button(strings.sayImage).click();
    const picture = page.locator('[data-testid=bubble][data-from=user][data-msgtype=image]');
    await picture.waitFor();
    expect(await naturalWidth(picture)).toBeGreaterThan(0);
    await button(strings.sayCard).click();
    await page.locator('[data-testid=bubble][data-from=user][data-msgtype=miniprogrampage]').waitFor();
  });

  test('names the account that answers, and says where an AI does', async () => {
    await write({
      msgtype: 'text',
      text: { content: 'hi' },
      customservice: { kf_account: 'anna@kefu' },
      aimsgcontext: { is_ai_msg: 1 },
    });
    const text = await textOf(await sendAndSee('text'));
    expect(text).toContain('anna@kefu');
    expect(text).toContain(strings.aiLine.zh);
  });

  test('shows another user’s conversation', async () => {
    emulator.world.say('miniprogram', 'oSomeoneElse', { MsgType: 'text', Content: 'it is me' });
    const users = page.getByRole('combobox', { name: strings.user.zh });
    await until(() => textOf(users), contains('oSomeoneElse'));
    await users.selectOption('oSomeoneElse');
    await until(() => textOf(bubbles().first()), contains('it is me'));
    await sendAndSee('text');
    expect(emulator.world.conversation('miniprogram', 'oSomeoneElse').messages).toHaveLength(2);
  });

  test('shows the newest hundred of a long conversation, the last in sight', async () => {
    for (let count = 1; count <= 150; count += 1) {
      emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: `message ${count}` });
    }
    await until(() => textOf(bubbles().last()), contains('message 150'));
    expect(await bubbles().count()).toBe(100);
    const [bubble, screen] = await Promise.all([bubbles().last().boundingBox(), phone().boundingBox()]);
    expect((bubble?.y ?? 0) + (bubble?.height ?? 0)).toBeLessThan((screen?.y ?? 0) + (screen?.height ?? 0));
  });
});

describe('the log', () => {
  test('shows both spellings of what reached WeChat', async () => {
    await radio(messageTypeTexts.miniprogrampage).check();
    await sendAndSee('miniprogrampage');
    const card = page.getByTestId('log-card').first();
    await until(() => textOf(card), contains('ok'));
    expect(await textOf(card)).toContain(strings.cold.zh);
    await card.locator('summary').click();
    const wire = card.getByTestId('wire');
    expect(await textOf(wire)).toContain('POST /cgi-bin/message/custom/send');
    expect(await textOf(wire)).toContain('"thumb_media_id"');
    await wire.getByRole('tab', { name: strings.cloud.zh }).click();
    expect(await textOf(wire)).toContain('cloud.openapi.customerServiceMessage.send');
    expect(await textOf(wire)).toContain('"thumbMediaId"');
    await wire.getByRole('tab', { name: strings.cloud.zh }).press('ArrowLeft');
    expect(await textOf(wire)).toContain('"thumb_media_id"');
  });

  test('shows a call that was refused before WeChat saw it', async () => {
    await write({ msgtype: 'text', text: { content: '' } });
    await sendButton().click();
    const card = page.getByTestId('log-card').first();
    await until(() => textOf(card), contains('44004 invalid-message'));
    await card.locator('summary').click();
    await until(() => textOf(card), contains(strings.noWire.zh));
  });
});

describe('the log, of what comes from elsewhere', () => {
  test('shows what WeChat pushed to the functions, and that a person took over', async () => {
    emulator.log.add({
      kind: 'push',
      id: 'push9',
      openid: defaultOpenid,
      account: 'miniprogram',
      to: 'kefu-receive',
      attempt: 2,
      push: { MsgType: 'text', Content: 'is anybody there' },
      answer: 'no answer within 5 s',
      ok: false,
      durationMs: 5001,
    });
    emulator.world.handOver('miniprogram', defaultOpenid, 'anna@kefu');
    const card = page.getByTestId('log-card').first();
    await until(() => textOf(card), contains('kefu-receive'));
    await card.locator('summary').click();
    await until(() => textOf(card), contains('is anybody there'));
    await until(() => textOf(phone().getByTestId('act')), contains('anna@kefu'));
  });
});

describe('the platform', () => {
  test('makes the next call fail, once', async () => {
    await page.getByRole('combobox', { name: strings.faultKind.zh }).selectOption('45011');
    await button(strings.setFault).click();
    await page.locator('.faults li').waitFor();
    await sendButton().click();
    await until(() => textOf(answer()), contains('45011'));
    await until(
      () => page.locator('.faults li').count(),
      (count) => count === 0,
    );
    await sendButton().click();
    await until(() => textOf(answer()), contains(strings.succeeded.zh));
  });

  test('takes a fault back before it strikes', async () => {
    await page.getByRole('combobox', { name: strings.faultKind.zh }).selectOption('cut');
    await button(strings.setFault).click();
    await page.locator('.faults button').click();
    await until(
      () => page.locator('.faults li').count(),
      (count) => count === 0,
    );
    expect(emulator.faults.list()).toEqual([]);
  });

  test('goes back to the beginning', async () => {
    await sendAndSee('text');
    await button({ zh: '+1 h', en: '+1 h' }).click();
    await page.locator('.emulator-time em').waitFor();
    await button(strings.reset).click();
    await page.getByRole('dialog').getByRole('button', { name: strings.reset.zh }).click();
    await until(
      () => bubbles().count(),
      (count) => count === 1,
    );
    await until(
      () => page.locator('.emulator-time em').count(),
      (count) => count === 0,
    );
    expect(await page.getByTestId('log-card').count()).toBe(0);
  });
});

describe('the page', () => {
  test('speaks Chinese at first, and after a reload the language that was chosen', async () => {
    const language = () => page.evaluate(() => document.documentElement.lang);
    expect(await language()).toBe('zh-CN');
    await button(strings.switchLanguage).click();
    await until(language, (lang) => lang === 'en');
    await page.reload();
    await page.getByRole('region', { name: strings.composer.en }).waitFor();
    expect(await language()).toBe('en');
    expect(await page.title()).toContain(strings.subtitle.en);
  });

  test('works where the browser forbids storage', async () => {
    const strict = await opened.context.newPage();
    await strict.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new Error('forbidden');
        },
      });
    });
    await strict.goto(emulator.url);
    await strict.getByRole('button', { name: strings.switchLanguage.zh }).click();
    await strict.getByRole('region', { name: strings.composer.en }).waitFor();
    await strict.close();
  });

  test('asks for nothing twice when it is loaded', async () => {
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    await page.reload();
    await bubbles().first().waitFor();
    await until(
      () => textOf(page.locator('.status')),
      (text) => text === strings.online.zh,
    );
    // Whoever asks again does so when the log has come, which is gathered for a moment.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked).toHaveLength(new Set(asked).size);
    expect(asked.length).toBeGreaterThan(8);
  });

  test('loads nothing from elsewhere of its own accord', async () => {
    await sendAndSee('text');
    expect(opened.strangers).toEqual([]);
  });

  test('runs no script but its own, and stands in nobody’s frame', async () => {
    const ran = await page.evaluate(async () => {
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = 1">');
      const script = document.createElement('script');
      script.textContent = 'window.ran = 2';
      document.body.append(script);
      const frame = document.createElement('iframe');
      frame.src = '/';
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      await loaded;
      return [(window as { ran?: number }).ran, frame.contentDocument?.body.childElementCount ?? 0];
    });
    expect(ran).toEqual([undefined, 0]);
    const stopped = ['inline script violates', 'inline event handler violates', 'Framing'];
    await until(
      async () => opened.errors.join(),
      (text) => stopped.every((part) => text.includes(part)),
    );
    opened.errors.splice(0);
  });

  test('fits a narrow screen without scrolling sideways', async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    await sendAndSee('text');
    await page.getByTestId('log-card').first().locator('summary').click();
    const [scroll, client] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(scroll).toBe(client);
  });

  test('gives every control a name', async () => {
    const nameless = await page.locator('button, select, input, textarea').evaluateAll((controls) =>
      controls
        .filter((control) => {
          const labels = (control as HTMLInputElement).labels ?? [];
          const text = [
            control.getAttribute('aria-label'),
            control.textContent,
            ...[...labels].map((label) => label.textContent),
          ];
          return text.every((part) => (part ?? '').trim() === '');
        })
        .map((control) => control.outerHTML),
    );
    expect(nameless).toEqual([]);
  });
});

describe('the page and another local WeChat', () => {
  test('recovers when the local WeChat is started anew at the same address', async () => {
    let other = await createEmulator({ pushes: false });
    const port = Number(new URL(other.url).port);
    const guest = await openPage(browser, other.url);
    try {
      await other.call({
        name: 'kefu-send',
        data: { msgtype: 'text', text: { content: 'old' } },
        source: 'wx_client',
        openid: defaultOpenid,
      });
      const seen = guest.page.getByTestId('bubble');
      await until(
        () => seen.count(),
        (count) => count === 2,
      );
      await other.close();
      await until(
        () => textOf(guest.page.locator('.status')),
        (text) => text === strings.offline.zh,
      );

      other = await createEmulator({ port, pushes: false });
      await until(
        () => textOf(guest.page.locator('.status')),
        (text) => text === strings.online.zh,
      );
      await until(
        () => seen.count(),
        (count) => count === 1,
      );
      other.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: 'new' });
      await until(() => textOf(seen.last()), contains('new'));
    } finally {
      await guest.context.close();
      await other.close();
    }
  });

  test('lets an operator send to the user on the phone', async () => {
    const other = await createEmulator({
      variables: { KEFU_OPERATORS: 'oOperator1, oOperator2' },
      pushes: false,
    });
    const guest = await openPage(browser, other.url);
    try {
      await guest.page.getByRole('combobox', { name: strings.callerLabel.zh }).selectOption('operator');
      await guest.page.getByRole('button', { name: strings.send.zh, exact: true }).first().click();
      await until(
        () => guest.page.getByTestId('bubble').count(),
        (count) => count === 2,
      );
      expect(other.log.since(0).findLast(({ kind }) => kind === 'start')).toMatchObject({
        source: 'wx_client',
        openid: 'oOperator1',
        data: { touser: defaultOpenid },
      });
    } finally {
      await guest.context.close();
      await other.close();
    }
  });
});

test('the built client runs on the chat page in a browser, over the local WeChat’s REST', async () => {
  const client = await readFile(path.join(clientRoot, 'kefu-client.js'), 'utf8');
  const results: unknown = await page.evaluate(`(async () => {
    const module = { exports: {} };
    (function (module, exports) {${client}\n})(module, module.exports);
    const { createCustomerService } = module.exports;
    const call = (request) =>
      fetch('/_emulator/call', { method: 'POST', body: JSON.stringify(request) }).then((response) => response.json());
    const service = createCustomerService({ call });
    return [
      await service.withTyping(() => service.send({ msgtype: 'text', text: { content: '从浏览器发出' } })),
      await service.send({ msgtype: 'text', text: { content: '' } }),
      await createCustomerService({ call: ({ data }) => call({ name: 'kefu-none', data }) }).typing(),
    ];
  })()`);
  expect(results).toMatchObject([
    { ok: true },
    { ok: false, code: 'invalid-message' },
    { ok: false, errCode: -501000, code: 'not-found' },
  ]);
  await page.getByText('从浏览器发出').first().waitFor();
  expect(emulator.world.conversation('miniprogram', defaultOpenid).messages).toHaveLength(2);
});

async function naturalWidth(bubble: Locator): Promise<number> {
  const picture = bubble.locator('img');
  await picture.waitFor();
  return until(
    () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth),
    (width) => width > 0,
  );
}
