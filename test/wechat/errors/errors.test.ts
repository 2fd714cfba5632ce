import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errorPages, renderErrors } from '../../../scripts/docs';
import { errorMeaning, errorMeanings } from '../../../shared/wechat/errors/error-meanings';
import { errorCodes, errorRow, errors } from '../../../shared/wechat/errors/errors';
import { errorAdviceZh } from '../../../shared/wechat/errors/errors-zh';

/** Every errcode that WeChat's and Tencent Cloud's pages, the SDK and the well-known libraries name for our calls. */
const namedErrCodes = [
  // Customer message, typing, media
  -1, 40001, 40002, 40003, 40004, 40005, 40006, 40007, 40008, 40009, 40010, 40011, 40012, 40013, 40014, 40033,
  40035, 40097, 40118, 40121, 40164, 40200, 41001, 41002, 41003, 41004, 41005, 41006, 41009, 42001, 42007,
  43001, 43002, 43003, 43004, 43019, 44001, 44002, 44003, 44004, 45001, 45002, 45003, 45004, 45005, 45006,
  45007, 45008, 45009, 45011, 45015, 45047, 45050, 45051, 45072, 45080, 45081, 45162, 45166, 45168, 46001,
  46004, 47001, 48001, 48002, 48004, 48006, 48008, 50001, 50002, 50005, 61450, 61451, 61452, 61453, 61454,
  61455, 61456, 61457, 61500, 65400, 65401, 65402, 65403, 65404, 65405, 65406, 65407, 65408, 65409, 65410,
  65411, 65412, 65413, 65414, 70000, 45070, 45071, 45077, 45078, 45079, 45091, 76001, 76002, 76003, 76004,
  // Template, subscribe, uniform message
  40036, 40037, 41028, 41029, 41030, 43101, 43106, 43107, 43108, 43116, 45026, 45027, 45065, 45066, 45067,
  47003, 200001, 200011, 200012, 200013, 200014, 200016, 200017, 200018, 200019, 200020, 200021, 200022,
  200100, 20001, 20002,
  // The cloud-call layer
  -604100, -604101, -604102, -604103, -604104, -601001, -601002, -601003, -601008, -601004, -601012, -601013,
  -601015, -601016, -601017, -601018, -602018, -501001, -501002, -501003, -501004, -501005, -501006, -501007,
  -501008, -501009, -504001, -504002, -503001, -503002, -503003, -503004,
];

/** What kefu-cloud finds by itself: no errcode of WeChat's says it. */
const ownCodes = ['not-allowed', 'unknown-delivery'];

const rows = Object.keys(errors).map((errCode) => ({
  errCode: Number(errCode),
  row: errorRow(Number(errCode)),
}));

describe('the error table', () => {
  test.each(namedErrCodes)('has %i', (errCode) => {
    expect(errors).toHaveProperty([`${errCode}`]);
    expect(errorMeanings).toHaveProperty([`${errCode}`]);
  });

  test('gives every errcode a word of the closed set', () => {
    expect(rows.filter(({ row }) => !Object.hasOwn(errorCodes, row.code))).toEqual([]);
  });

  test('has no word without an errcode, but for those that only kefu-cloud gives', () => {
    const used = new Set<string>(rows.map(({ row }) => row.code));
    expect(Object.keys(errorCodes).filter((code) => !used.has(code))).toEqual(ownCodes);
  });

  test('lets a call be repeated for two words only, and every ambiguous errcode has one of them', () => {
    const retryable = Object.entries(errorCodes).filter(([, code]) => code.retryable);
    expect(retryable.map(([name]) => name)).toEqual(['rate-limited', 'wechat-busy']);
    expect(rows.filter(({ row }) => row.ambiguous && !errorCodes[row.code].retryable)).toEqual([]);
  });

  test('calls seven numbers ambiguous, all of the cloud’s own: the message may have arrived', () => {
    const ambiguous = rows.filter(({ row }) => row.ambiguous).map(({ errCode }) => errCode);
    expect(ambiguous.toSorted((one, other) => other - one)).toEqual([
      -501001, -501002, -601001, -601003, -601008, -604102, -604103,
    ]);
  });

  test('lets be repeated, beside those, only what was refused before anything was sent', () => {
    const retryable = rows.filter(({ row }) => errorCodes[row.code].retryable && !row.ambiguous);
    expect(retryable.map(({ errCode }) => errCode).toSorted((one, other) => other - one)).toEqual([
      200001, 61450, 45066, 45011, 43108, 20001, -1, -501003, -501004, -502001, -503001, -504001,
    ]);
  });

  test('has a word for what is no use to repeat: the window, the quota, the day', () => {
    expect([45015, 45047, 45009, 45065, 43101].map((errCode) => errorRow(errCode))).toEqual([
      { code: 'window-closed' },
      { code: 'quota-exceeded' },
      { code: 'daily-limit' },
      { code: 'already-sent' },
      { code: 'not-subscribed' },
    ]);
  });

  test('calls a number that no source names a refusal of WeChat’s', () => {
    expect(errorRow(99999)).toEqual({ code: 'wechat-refused' });
    expect(errorRow(0)).toEqual({ code: 'wechat-refused' });
  });
});

describe('the meaning of an errcode', () => {
  test('is a missing media id for 41006, which WeChat’s template page has wrong', () => {
    expect(errorRow(41006).code).toBe('invalid-message');
    expect(errorMeaning(41006)).toMatchObject({ en: 'media_id missing', zh: '缺少 media_id 参数' });
  });

  test('is an expired token for 42001, which WeChat’s template page has wrong', () => {
    expect(errorRow(42001).code).toBe('token-invalid');
    expect(errorMeaning(42001)).toMatchObject({ en: 'access_token expired', zh: 'access_token 超时' });
  });

  test('is a fragment of one line, in English and in Chinese', () => {
    for (const { en, zh } of Object.keys(errorMeanings).map((errCode) => errorMeaning(Number(errCode)))) {
      expect(en).toMatch(/^[^\n]*[^.\s]$/);
      expect(zh).toMatch(/^[^\n]*\p{Script=Han}[^\n]*[^。\s]$/u);
    }
  });

  test('says so where no source names the number', () => {
    expect(errorMeaning(99999)).toEqual({
      en: 'no source says what 99999 means',
      zh: '没有资料说明返回码 99999 的含义',
      source: '',
    });
  });

  test('stands beside advice in Chinese for every word', () => {
    expect(Object.keys(errorAdviceZh)).toEqual(Object.keys(errorCodes));
  });
});

describe('the pages of the errors', () => {
  const pages = Object.entries(errorPages).map(([file, language]) => ({ file, language }));
  const pageOf = (file: string) => readFile(path.join(process.cwd(), file), 'utf8');

  test.each(pages)('$file is what the tables say', async ({ language, file }) => {
    const page = await pageOf(file);
    expect(renderErrors(language, page)).toBe(page);
  });

  test('must have a place for each table', () => {
    expect(() => renderErrors('en', '# Errors')).toThrow('<!-- answer -->');
  });

  test.each(pages)('$file has every errcode and every word once', async ({ file }) => {
    const lines = (await pageOf(file)).split('\n');
    const first = lines
      .flatMap((line) => /^\| (\S+) \|/.exec(line)?.[1] ?? [])
      .filter((cell) => cell !== '---');
    const words = Object.keys(errorCodes).map((code) => `\`${code}\``);
    const headings = ['code', 'errcode', 'errcode', 'errcode'];
    expect(first.toSorted()).toEqual([...headings, ...words, ...Object.keys(errors)].toSorted());
  });

  test.each(pages)('$file explains every source that it names', async ({ file }) => {
    const sources = new Set(Object.values(errorMeanings).flatMap(({ source }) => source.split(' ')));
    const page = await pageOf(file);
    for (const source of sources) expect(page).toMatch(new RegExp(`^- ${source}[:：]`, 'm'));
  });
});
