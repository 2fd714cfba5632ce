import { afterEach, expect, jest, test } from '@jest/globals';
import { main } from '../../scripts/start';

/** The options of `npm start` that end it at once. */

const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
afterEach(() => {
  said.mockClear();
});

test.each([
  ['a port that is none', ['--port', '80x'], '--port must be a number from 0 to 65535, not "80x"'],
  ['a variable that is none', ['--set', 'KEFU_OPERATOR=oUser'], 'not KEFU_OPERATOR=oUser'],
  ['a variable without a value', ['--set', 'KEFU_OPERATORS'], 'not KEFU_OPERATORS'],
  ['a name of every object', ['--set', 'toString=1'], 'not toString=1'],
])('%s is refused in a sentence', async (_what, args, sentence) => {
  expect(await main(args)).toBe(2);
  expect(said).toHaveBeenCalledWith(expect.stringContaining(sentence));
});
