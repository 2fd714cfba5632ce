import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Account } from '../../shared/wechat/account';
import {
  afterHappening,
  decideSend,
  decideTyping,
  type Happening,
  isTypingAt,
  unlimited,
  windowAt,
  windowRules,
} from '../../shared/wechat/reply-window';
import { depth } from '../depth';

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
    ['official', 'payment', unlimited, 48 * hour],
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

  test.each([
    ['at the moment it shuts', 48 * hour],
    ['later', 50 * hour],
  ])('what was left when it shut is gone: who enters %s may be sent two, not five', (_when, enteredAt) => {
    const happenings = [at('message', 0), at('enter', enteredAt)];
    expect(windowAt('miniprogram', happenings, enteredAt)).toEqual({
      remaining: 2,
      closesAt: enteredAt + minute,
    });
    // Neither does what is sent meanwhile, against the rule, make it less than nothing.
    const late = [at('message', 0), at('sent', enteredAt), at('enter', enteredAt)];
    expect(windowAt('miniprogram', late, enteredAt).remaining).toBe(2);
  });

  test('is of another length for each account: the larger time is kept, the larger count too', () => {
    const asked = [at('message', 0), at('sent', 1), at('sent', 2), at('sent', 3), at('menu-click', 4)];
    expect(windowAt('official', asked, 5)).toEqual({ remaining: 3, closesAt: 48 * hour });
    const late = [at('message', 0), at('menu-click', 48 * hour - 1)];
    expect(windowAt('official', late, 48 * hour)).toEqual({
      remaining: 5,
      closesAt: 48 * hour - 1 + minute,
    });
  });

  test('is counted happening by happening as it is from the list of all', () => {
    const before = { remaining: 4, closesAt: 10 };
    expect(afterHappening('miniprogram', before, at('sent', 9))).toEqual({ remaining: 3, closesAt: 10 });
    expect(afterHappening('miniprogram', before, at('sent', 10))).toEqual({ remaining: 0, closesAt: 10 });
    expect(afterHappening('miniprogram', before, at('typing', 9))).toEqual(before);
    expect(afterHappening('miniprogram', before, at('typing', 10))).toEqual({ remaining: 0, closesAt: 10 });
    expect(afterHappening('official', before, at('unfollow', 9))).toEqual({ remaining: 0, closesAt: 0 });
    expect(afterHappening('miniprogram', before, at('scan', 9))).toEqual(before);
  });

  test('lets a message out until the very last millisecond', () => {
    const window = { remaining: 1, closesAt: 100 };
    expect(decideSend(window, 99)).toBe(0);
    expect(decideSend(window, 100)).toBe(45015);
    expect(decideSend({ remaining: 0, closesAt: 100 }, 99)).toBe(45047);
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
      { numRuns: depth(2000) },
    );
  });
});

describe('the typing sign', () => {
  test('needs an exchange within 30 s', () => {
    expect(decideTyping('Typing', [], 0)).toBe(45080);
    expect(decideTyping('Typing', [at('message', 0)], 30 * second)).toBe(0);
    expect(decideTyping('Typing', [at('message', 0)], 30 * second + 1)).toBe(45080);
    expect(decideTyping('Typing', [at('enter', 0)], 1)).toBe(45080);
    expect(decideTyping('Typing', [at('sent', hour)], hour + 30 * second)).toBe(0);
    expect(decideTyping('Typing', [at('sent', hour)], hour + 30 * second + 1)).toBe(45080);
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
    expect(decideTyping('CancelTyping', [at('typing', 0)], 1)).toBe(0);
  });

  test('stays whatever the user does', () => {
    for (const act of ['message', 'enter', 'menu-click', 'unfollow'] as const)
      expect(isTypingAt([at('typing', 0), at(act, 1)], 2)).toBe(true);
  });
});
