import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid } from '../../emulator/emulator';
import { startBrowser } from '../../scripts/browser/start-browser';
import { clientRoot } from '../../scripts/build-client';
import { openPage } from '../emulator/page/open-page';

test('the built client runs on the chat page in a browser, over the local WeChat’s REST', async () => {
  const [emulator, browser] = await Promise.all([createEmulator(), startBrowser()]);
  try {
    const { page, errors } = await openPage(browser, emulator.url);
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
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await emulator.close();
  }
});
