import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { defaultOpenid, type Emulator } from '../../../emulator/emulator';
import type { OutboxState } from '../../../emulator/outbox-view';
import { outboxReasonTexts, strings } from '../../../emulator/page/strings';
import { errorMeaning } from '../../../shared/wechat/errors/error-meanings';
import { sharePage, until } from './open-page';

/** The outbox on the page, in a real browser: what waits, what was sent, what was given up, and why. */

let emulator: Emulator;
let page: Page;
sharePage({ variables: { KEFU_OPERATORS: 'oOperator' }, pushes: false }, (shared) => {
  ({ emulator, page } = shared);
});
beforeEach(() => page.getByRole('tab', { name: strings.outbox.zh }).click());

const send = 'customerServiceMessage.send';
const outbox = () => page.getByTestId('outbox');
const cards = (state: OutboxState) => page.getByTestId(`outbox-${state}`).getByTestId('log-card');
const drain = () => outbox().getByRole('button', { name: strings.drainNow.zh }).click();
const bubbles = () => page.getByTestId('phone').locator('[data-testid=bubble][data-from=service]');

const textOf = async (part: Locator) => (await part.textContent()) ?? '';

const counted = (state: OutboxState, wanted: number) =>
  until(
    () => cards(state).count(),
    (count) => count === wanted,
  );

/** Opens the one message that was given up, and reads why. */
async function reasonOfDead(): Promise<string> {
  await counted('dead', 1);
  await cards('dead').locator('summary').click();
  return textOf(page.getByTestId('outbox-reason'));
}

async function queue(content: string, more: object = {}): Promise<void> {
  const invoked = await emulator.call({
    name: 'kefu-send',
    data: { msgtype: 'text', text: { content }, queue: true, ...more },
    source: 'wx_client',
    openid: defaultOpenid,
  });
  expect(invoked).toMatchObject({ ok: true, result: { errCode: 0 } });
}

describe('the outbox on the page', () => {
  test('says how to fill it while it is empty', async () => {
    await until(
      () => textOf(outbox()),
      (text) => text.includes(strings.emptyOutbox.zh),
    );
  });

  test('shows a message that the composer queues as waiting, and as sent after a drain', async () => {
    const before = await bubbles().count();
    await page.getByRole('checkbox', { name: 'queue' }).check();
    await page.getByRole('button', { name: strings.send.zh, exact: true }).first().click();
    await counted('waiting', 1);
    expect(await cards('waiting').textContent()).toContain(strings.dueNow.zh);
    expect(await cards('waiting').textContent()).toContain(defaultOpenid);
    expect(await page.getByRole('tab', { name: strings.outbox.zh }).textContent()).toContain('1');
    expect(await bubbles().count()).toBe(before);

    await drain();
    await counted('sent', 1);
    await counted('waiting', 0);
    await until(
      () => bubbles().count(),
      (count) => count === before + 1,
    );
  });

  test('says why a message was given up, and puts it back at a click', async () => {
    emulator.faults.put([{ api: send, errcode: 40003, times: 1 }]);
    await queue('to nobody');
    await drain();
    await counted('dead', 1);
    expect(await cards('dead').textContent()).toContain('40003');
    expect(await reasonOfDead()).toContain(errorMeaning(40003).zh);

    await cards('dead').getByRole('button', { name: strings.putBack.zh }).click();
    await counted('waiting', 1);
    await counted('dead', 0);
    await drain();
    await counted('sent', 1);
    expect(await bubbles().last().textContent()).toContain('to nobody');
  });

  test('says that a message whose send was cut off may have arrived', async () => {
    emulator.faults.put([{ api: send, behaviour: 'cut', times: 1 }]);
    await queue('perhaps');
    await drain();
    expect(await reasonOfDead()).toContain(outboxReasonTexts['unknown-delivery'].zh);
  });

  test('says what waits for a while, with how long, and what waits for the user', async () => {
    emulator.faults.put([{ api: send, errcode: -1, times: 1 }]);
    await queue('busy');
    await drain();
    await until(
      () => textOf(cards('waiting')),
      (text) => /-1/.test(text) && /0:[0-3]\d/.test(text),
    );
    emulator.clock.advance(60_000);
    emulator.faults.put([{ api: send, errcode: 45015, times: 1 }]);
    await drain();
    await until(
      () => textOf(cards('waiting')),
      (text) => text.includes('45015') && text.includes(strings.waitsForUser.zh),
    );
  });

  test('says that a message came too late', async () => {
    await queue('too late', { deadline: emulator.clock.now() + 1000 });
    emulator.clock.advance(60_000);
    await drain();
    expect(await reasonOfDead()).toContain(outboxReasonTexts['deadline-passed'].zh);
  });

  test('speaks English at a click', async () => {
    await queue('hello');
    await counted('waiting', 1);
    await page.getByRole('button', { name: strings.switchLanguage.zh }).click();
    await until(
      () => textOf(outbox()),
      (text) => text.includes(strings.drainNow.en) && text.includes(strings.dueNow.en),
    );
  });
});
