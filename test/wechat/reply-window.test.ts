import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Account } from '../../shared/wechat/account';
import {
  decideSend,
  decideTyping,
  type Happening,
  isTypingAt,
  windowAt,
  windowRules,
} from '../../shared/wechat/reply-window';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function at(kind: Happening['kind'], ms: number): Happening {
  return { kind, at: ms };
}

describe('the reply window', () => {
  const rules: readonly [Account, Happening['kind'], number, number][] = [
    ['miniprogram', 'message', 5, 48 * hour],
    ['miniprogram', 'enter', 2, minute],
    ['official', 'message', 5, 48 * hour],
    ['official', 'menu-click', 3, minute],
    ['official', 'follow', 3, minute],
    ['official', 'scan', 3, minute],
  ];

  test.each(rules)(
    'of a %s account opens by %s for %i messages in %i ms',
    (account, kind, messages, forMs) => {
      const happenings = [at(kind, 1000)];
      expect(windowAt(account, happenings, 1000)).toEqual({ remaining: messages, closesAt: 1000 + forMs });
      expect(windowAt(account, happenings, 1000 + forMs - 1).remaining).toBe(messages);
      expect(windowAt(account, happenings, 1000 + forMs).remaining).toBe(0);
    },
  );

  test('has a rule in this table for every act', () => {
    const named = rules.map(([account, kind]) => `${account} ${kind}`);
    const known = Object.entries(windowRules).flatMap(([account, acts]) =>
      Object.keys(acts).map((act) => `${account} ${act}`),
    );
    expect(named.sort()).toEqual(known.sort());
  });

  test('is shut before anything happened, and an act of the other account kind opens nothing', () => {
    expect(decideSend(windowAt('miniprogram', [], 0), 0)).toBe(45015);
    expect(decideSend(windowAt('miniprogram', [at('menu-click', 0)], 1), 1)).toBe(45015);
    expect(decideSend(windowAt('official', [at('enter', 0)], 1), 1)).toBe(45015);
  });

  test('is used up by messages (45047) and shut by time (45015)', () => {
    const five = [at('message', 0), ...Array.from({ length: 5 }, (_, index) => at('sent', index + 1))];
    expect(decideSend(windowAt('miniprogram', five.slice(0, 5), 10), 10)).toBe(0);
    expect(decideSend(windowAt('miniprogram', five, 10), 10)).toBe(45047);
    expect(decideSend(windowAt('miniprogram', five, 48 * hour), 48 * hour)).toBe(45015);
  });

  test('is raised, not added to, by a further act', () => {
    expect(windowAt('miniprogram', [at('message', 0), at('message', 1)], 2)).toEqual({
      remaining: 5,
      closesAt: 1 + 48 * hour,
    });
    expect(windowAt('miniprogram', [at('message', 0), at('enter', 1)], 2)).toEqual({
      remaining: 5,
      closesAt: 48 * hour,
    });
    const used = [at('message', 0), ...Array.from({ length: 5 }, () => at('sent', 1)), at('enter', 2)];
    expect(windowAt('miniprogram', used, 3)).toEqual({ remaining: 2, closesAt: 48 * hour });
  });

  test('ends when the user unfollows', () => {
    expect(decideSend(windowAt('official', [at('message', 0), at('unfollow', 1)], 2), 2)).toBe(45015);
  });

  test('never holds more than the largest grant nor less than nothing, whatever happens', () => {
    const kinds = fc.constantFrom<Happening['kind']>(
      'message',
      'enter',
      'menu-click',
      'follow',
      'scan',
      'sent',
      'typing',
    );
    fc.assert(
      fc.property(
        fc.constantFrom<Account>('miniprogram', 'official'),
        fc.array(fc.tuple(kinds, fc.integer({ min: 0, max: 2 * hour }))),
        (account, steps) => {
          let now = 0;
          const happenings = steps.map(([kind, waitMs]) => {
            now += waitMs;
            return at(kind, now);
          });
          const { remaining } = windowAt(account, happenings, now);
          expect(remaining).toBeGreaterThanOrEqual(0);
          expect(remaining).toBeLessThanOrEqual(5);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the typing sign', () => {
  test('needs an exchange within 30 s', () => {
    expect(decideTyping('Typing', [], 0)).toBe(45080);
    expect(decideTyping('Typing', [at('message', 0)], 30 * second)).toBe(0);
    expect(decideTyping('Typing', [at('message', 0)], 30 * second + 1)).toBe(45080);
    expect(decideTyping('Typing', [at('enter', 0)], 1)).toBe(45080);
  });

  test('lasts 15 s and is not shown twice', () => {
    const shown = [at('message', 0), at('typing', 1000)];
    expect(isTypingAt(shown, 15_999)).toBe(true);
    expect(decideTyping('Typing', shown, 15_999)).toBe(45081);
    expect(isTypingAt(shown, 16_000)).toBe(false);
    expect(decideTyping('Typing', shown, 16_000)).toBe(0);
  });

  test('ends with a message or a cancel, and can always be cancelled', () => {
    expect(isTypingAt([at('typing', 0), at('sent', 1)], 2)).toBe(false);
    expect(isTypingAt([at('typing', 0), at('cancel-typing', 1)], 2)).toBe(false);
    expect(decideTyping('CancelTyping', [], 0)).toBe(0);
  });
});
