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
  const answersWeChat = access === 'push' || access === 'credentials';

  test('has the Chinese beside it where somebody can ask for it, and pays nothing for it elsewhere', () => {
    expect(existsSync(fileOf(name, 'in-chinese.js'))).toBe(!answersWeChat);
  });

  test('answers in the language that is asked for', async () => {
    // No function takes it.
    const wrong = { touser: 'oSomebodyElse', nobodys: 1 };
    const [en, zh] = await Promise.all([
      answer(name, { ...wrong, lang: 'en' }),
      answer(name, { ...wrong, lang: 'zh' }),
    ]);
    if (answersWeChat) return expect(zh).toEqual(en);
    expect(en['errMsg']).not.toMatch(han);
    expect(zh).toMatchObject({ errCode: en['errCode'], code: en['code'], retryable: en['retryable'] });
    expect([zh['errMsg'], zh['advice']]).toEqual([expect.stringMatching(han), expect.stringMatching(han)]);
  });
});

test('a language that is none of ours stays a field of the event', async () => {
  const { details } = await answer('kefu-send', { msgtype: 'text', text: { content: 'x' }, lang: 'fr' });
  expect(details).toMatchObject([{ path: 'lang' }]);
});
