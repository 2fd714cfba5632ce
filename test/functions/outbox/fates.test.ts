import { describe, expect, test } from '@jest/globals';
import { refusal, success } from '../../../shared/core/answer';
import {
  deadForeign,
  deadTooLate,
  type Fate,
  fateOf,
  fates,
  mostAttempts,
  nameOf,
  refusalOf,
} from '../../../shared/functions/outbox/fates';
import { whenWoken } from '../../../shared/functions/outbox/outbox';
import { errorCodes } from '../../../shared/wechat/errors/errors';

/** The table of fates: what an answer means for a message, and what is written of it. */

const second = 1000;
const minute = 60 * second;
const busy = refusal('wechat-busy', -1, 'system busy');
const moment = { now: 1_000_000, share: 0.5, keepText: true };

const written = (fate: Fate, keepText = true) => fates[fate.kind].changes(fate, { ...moment, keepText });

describe('a message', () => {
  test('that WeChat took is sent, and counted where it was no fallback', () => {
    expect(fateOf(success(), 0)).toMatchObject({ kind: 'sent', counted: true });
    expect(fateOf(success({ sent: 'message' as const }), 3)).toMatchObject({ kind: 'sent', counted: true });
    expect(fateOf(success({ sent: 'template' as const }), 0)).toMatchObject({ kind: 'sent', counted: false });
    expect(written(fateOf(success(), 0))).toEqual({
      state: 'sent',
      decidedAt: moment.now,
      payload: '',
      code: '',
      errCode: 0,
      errMsg: '',
    });
  });

  test.each([45015, 45047] as const)(
    'that was refused by %i sleeps until the user is back, however often',
    (errCode) => {
      const fate = fateOf(refusal('window-closed', errCode, 'no'), 99);
      expect(fate).toMatchObject({ kind: 'asleep', counted: false });
      expect(refusalOf(fate)).toBe(errCode);
      expect(written(fate)).toEqual({
        state: 'waiting',
        holder: '',
        leaseUntil: 0,
        dueAt: whenWoken,
        code: 'window-closed',
        errCode,
      });
    },
  );

  test.each(['daily-limit', 'token-invalid', 'permission-missing', 'configuration-invalid'] as const)(
    'that waits for what mends %s is tried every half hour, and that does not count',
    (code) => {
      const fate = fateOf(refusal(code, 1, 'no'), 99);
      expect(fate).toMatchObject({ kind: 'held', delayMs: 30 * minute });
      expect(refusalOf(fate)).toBeUndefined();
      expect(written(fate)).toEqual({
        state: 'waiting',
        holder: '',
        leaseUntil: 0,
        dueAt: moment.now + 15 * minute,
        code,
        errCode: 1,
      });
    },
  );

  test('that failed for a while is tried after twice as long each time, an hour at most, ten times', () => {
    const delays = Array.from({ length: mostAttempts - 1 }, (_, attempts) => fateOf(busy, attempts).delayMs);
    expect(delays).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600].map((seconds) => seconds * second));
    expect(fateOf(busy, mostAttempts - 2).kind).toBe('again');
    expect(fateOf(busy, mostAttempts - 1).kind).toBe('dead');
    expect(written(fateOf(busy, 1))).toEqual({
      state: 'waiting',
      holder: '',
      leaseUntil: 0,
      dueAt: moment.now + 30 * second,
      code: 'wechat-busy',
      errCode: -1,
      attempts: { add: 1 },
    });
  });

  test('of which nobody knows, and one that WeChat refuses for good, is never sent again by itself', () => {
    const final = Object.keys(errorCodes).filter(
      (code) =>
        !errorCodes[code as keyof typeof errorCodes].retryable &&
        !['daily-limit', 'token-invalid', 'permission-missing', 'configuration-invalid'].includes(code),
    );
    expect(final).toContain('unknown-delivery');
    for (const code of final)
      expect(fateOf(refusal(code as keyof typeof errorCodes, 1, 'no'), 0)).toMatchObject({
        kind: 'dead',
        counted: false,
      });
  });

  test.each([
    ['too late', deadTooLate, 'deadline-passed', -501002],
    ['not the functions’ own', deadForeign, 'not-allowed', -604104],
  ])(
    'that is %s is given up with its reason, and its text goes where only hashes are kept',
    (_what, fate, code, errCode) => {
      const given = {
        state: 'dead',
        decidedAt: moment.now,
        leaseUntil: 0,
        attempts: { add: 1 },
        code,
        errCode,
      };
      expect(written(fate)).toEqual({ ...given, errMsg: expect.stringMatching(/./) });
      expect(written(fate, false)).toEqual({ ...given, errMsg: expect.stringMatching(/./), payload: '' });
    },
  );
});

test('only what was begun and is still being sent may be changed by who sent it, but for what is known to be sent', () => {
  for (const [kind, { stillSending }] of Object.entries(fates)) expect(stillSending).toBe(kind !== 'sent');
  for (const [kind, { blocks }] of Object.entries(fates))
    expect(blocks).toBe(!['sent', 'dead'].includes(kind));
});

test('two fates are written in one step where all of them is the same', () => {
  expect(nameOf(fateOf(busy, 1))).toBe(nameOf(fateOf({ ...busy, errMsg: 'other words' }, 1)));
  expect(nameOf(fateOf(busy, 1))).not.toBe(nameOf(fateOf(busy, 2)));
  expect(nameOf(fateOf(busy, 1))).not.toBe(nameOf(fateOf(refusal('rate-limited', 45009, 'no'), 1)));
});
