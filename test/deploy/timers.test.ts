import { describe, expect, test } from '@jest/globals';
import { type PlannedFunction, runsAMonth, withNeededTimers } from '../../scripts/deploy/plan';
import { exampleRules } from '../../shared/functions/rules/example-rules';
import { leavesAnswers } from '../../shared/functions/rules/reply-rules';

describe('a timer', () => {
  test.each([
    ['0 * * * * * *', 43_200],
    ['0 */2 * * * * *', 21_600],
    ['0 */7 * * * * *', 9 * 24 * 30],
    ['*/10 * * * * * *', 6 * 43_200],
    ['0 0 * * * * *', 720],
    ['0 0,30 8,20 * * * *', 120],
    ['0 0 3 * * * *', 30],
  ])('of %j runs %d times a month', (config, runs) => {
    expect(runsAMonth(config)).toBe(runs);
  });

  test.each(['0 0 3 1 * * *', '0 0 9-17 * * * *', '0 0 3 * * MON *', 'x * * * * * *', '* */0 * * * * *'])(
    'of %j is not counted',
    (config) => expect(runsAMonth(config)).toBeUndefined(),
  );
});

describe('the timer of kefu-answer', () => {
  const trigger = { name: 't', type: 'timer', config: '30 * * * * * *' };
  const planned = (name: string) =>
    ({ name, triggers: [trigger], entry: { name, triggers: [trigger] } }) as unknown as PlannedFunction;
  const both = [planned('kefu-answer'), planned('kefu-outbox')];

  test('goes up where a rule leaves an answer to code or a model', () => {
    expect(withNeededTimers(both, true)).toEqual(both);
    expect(leavesAnswers({ rules: [{ on: { text: 'a' }, run: async () => undefined }] })).toBe(true);
    expect(leavesAnswers({ rules: [], otherwise: { ask: { instructions: 'a' } } })).toBe(true);
  });

  test('and is left out where none does, from the entry too', () => {
    const [answer, outbox] = withNeededTimers(both, false);
    expect(answer).toEqual({ name: 'kefu-answer', triggers: [], entry: { name: 'kefu-answer' } });
    expect(outbox).toEqual(both[1]);
    expect(leavesAnswers(exampleRules)).toBe(false);
    expect(leavesAnswers({ rules: [{ on: { text: 'a' }, transfer: true }] })).toBe(false);
  });
});
