import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rowsOfBuilt } from './rows';

/** `lang: 'zh'` beside any event, at the door of the built functions. */

type Main = (event: unknown, context: unknown) => Promise<Record<string, unknown>>;

const rows = rowsOfBuilt();
const fileOf = (name: string, file: string) => path.resolve('dist/cloudfunctions', name, file);
const answer = (name: string, event: object) =>
  (require(fileOf(name, 'index.js')) as { main: Main }).main(event, {
    environment: JSON.stringify({ WX_OPENID: 'oUser', TCB_SOURCE: 'wx_client' }),
  });
const han = /\p{Script=Han}/u;

const write = console.log;
beforeAll(() => {
  console.log = () => undefined;
});
afterAll(() => {
  console.log = write;
});

describe.each(rows.map((row) => [row.name, row.access] as const))('%s', (name, access) => {
  const isAsked = access !== 'push' && access !== 'credentials' && access !== 'owner';

  test('has the Chinese beside it where somebody can ask for it, and pays nothing for it elsewhere', () => {
    expect(existsSync(fileOf(name, 'in-chinese.js'))).toBe(isAsked);
  });

  test('answers in the language that is asked for', async () => {
    // No function takes it.
    const wrong = { touser: 'oSomebodyElse', nobodys: 1 };
    const [en, zh] = await Promise.all([
      answer(name, { ...wrong, lang: 'en' }),
      answer(name, { ...wrong, lang: 'zh' }),
    ]);
    if (!isAsked) return expect(zh).toEqual(en);
    expect(en['errMsg']).not.toMatch(han);
    expect(zh).toMatchObject({ errCode: en['errCode'], code: en['code'], retryable: en['retryable'] });
    expect([zh['errMsg'], zh['advice']]).toEqual([expect.stringMatching(han), expect.stringMatching(han)]);
  });
});

describe('a language that is not spoken', () => {
  const asking = { msgtype: 'text', text: { content: 'x' } };

  test.each(['fr', 'zh_CN', 1, {}])('is refused with those that are: %j', async (lang) => {
    for (const [name, event] of [
      ['kefu-send', asking],
      ['kefu-send', { messages: [asking] }],
      ['kefu-typing', {}],
      ['kefu-upload-media', { folder: true }],
    ] as const) {
      const { errCode, details } = await answer(name, { ...event, lang });
      expect([name, errCode]).toEqual([name, 40035]);
      expect(details).toEqual([
        { path: 'lang', message: expect.stringMatching(/^must be "en" or "zh", not /) },
      ]);
    }
  });

  test('is nobody’s where it is null, and a subscribe message’s own where it is one of WeChat’s', async () => {
    expect(await answer('kefu-upload-media', { folder: true, lang: null })).toMatchObject({ errCode: 0 });
    const { details } = await answer('kefu-subscribe-send', { lang: 'zh_TW' });
    expect(details).not.toEqual(expect.arrayContaining([expect.objectContaining({ path: 'lang' })]));
  });
});
