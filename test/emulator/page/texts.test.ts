import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adviceIn, readAnswer, readOutcome } from '../../../emulator/page/composer/answer';
import { tokenizeJson } from '../../../emulator/page/json-tokens';
import * as texts from '../../../emulator/page/strings';
import { countdown, plusTime, separatorTime } from '../../../emulator/page/time';
import { errorCodes, errors } from '../../../shared/wechat/errors/errors';
import { errCodeAdviceZh, errorAdviceZh } from '../../../shared/wechat/errors/errors-zh';

const tables = Object.entries(texts).flatMap(([name, table]) =>
  typeof table === 'object' && !Array.isArray(table) && name !== 'languageTags'
    ? Object.entries(table as { [key: string]: texts.Text }).map(
        ([key, text]) => [`${name}.${key}`, text] as const,
      )
    : [],
);

test.each(tables)('%s says the same in both languages, with the same values filled in', (_, { zh, en }) => {
  const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  expect(zh).not.toBe('');
  expect(en).not.toBe('');
  expect(names(zh)).toEqual(names(en));
});

describe('adviceIn', () => {
  const refusal = (errCode: number, code: string, advice: string) => ({
    errCode,
    errMsg: '',
    code,
    advice,
    details: [],
    results: [],
    rest: {},
  });

  test('is Chinese for every word, and English as the function gives it', () => {
    for (const [code, { advice }] of Object.entries(errorCodes)) {
      const answer = refusal(1, code, advice);
      expect(adviceIn('zh', answer)).toBe(errorAdviceZh[code as keyof typeof errorAdviceZh]);
      expect(adviceIn('en', answer)).toBe(advice);
    }
  });

  test('is the number’s own where the function gave that, and the word’s where it did not', () => {
    const { code, advice } = errors[45002];
    expect(adviceIn('zh', refusal(45002, code, advice))).toBe(errCodeAdviceZh[45002]);
    expect(adviceIn('zh', refusal(45002, code, errorCodes[code].advice))).toBe(errorAdviceZh[code]);
  });

  test('is what the function says where the word is unknown', () => {
    expect(adviceIn('zh', refusal(1, 'of-tomorrow', 'wait'))).toBe('wait');
  });
});

describe('readOutcome', () => {
  test('tells an answer, another value, and the platform’s failure apart', () => {
    expect(readOutcome({ errMsg: 'ok', result: { errCode: 0, errMsg: 'ok', mediaId: 'M' } })).toMatchObject({
      kind: 'answer',
      answer: { errCode: 0, rest: { mediaId: 'M' } },
    });
    expect(readOutcome({ errMsg: 'ok', result: 'success' })).toEqual({ kind: 'value', value: 'success' });
    expect(readOutcome({ errMsg: 'no such function', errCode: -501000 })).toEqual({
      kind: 'failed',
      errCode: -501000,
      errMsg: 'no such function',
    });
  });

  test('for every value, answers without throwing', () => {
    fc.assert(fc.property(fc.anything(), (result) => void readOutcome({ errMsg: '', result })));
    expect(readAnswer({ errCode: 1, details: [null, 5, { path: 'a' }, { message: 'm' }] })?.details).toEqual([
      { path: '', message: 'm' },
    ]);
  });
});

test('for every text, the coloured pieces are the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(
        tokenizeJson(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }),
  );
  const coloured = tokenizeJson('{"a": [1.5, true, "b"]}').filter(({ kind }) => kind !== 'plain');
  expect(coloured.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'key "a"',
    'number 1.5',
    'word true',
    'string "b"',
  ]);
});

test('times read as on a phone', () => {
  expect(countdown(48 * 3_600_000 - 1)).toBe('47:59:59');
  expect(countdown(62_000)).toBe('1:02');
  expect(countdown(-5)).toBe('0:00');
  expect(plusTime(48 * 3_600_000 + 15_000)).toBe('+48 h 15 s');
  expect(plusTime(60_000)).toBe('+1 min');
  const noon = new Date(2026, 10, 21, 12, 5).getTime();
  expect(separatorTime(noon, noon + 1000, 'zh')).toBe('12:05');
  expect(separatorTime(noon, noon + 86_400_000, 'zh')).toBe('11月21日 12:05');
  expect(separatorTime(noon, noon + 86_400_000, 'en')).toBe('Nov 21 12:05');
});
