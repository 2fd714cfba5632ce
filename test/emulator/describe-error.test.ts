import path from 'node:path';
import { expect, test } from '@jest/globals';
import { describeError } from '../../emulator/functions/describe-error';

/** Where a function's mistake is, on the systems that this is not. */

test.each([
  ['Windows', path.win32, 'C:\\Users\\ann\\shop\\functions', '\\'],
  ['macOS', path.posix, '/Users/ann/shop/functions', '/'],
])('on %s too it is told from the functions’ folder, with slashes', (_system, paths, root, sep) => {
  const file = `${root}${sep}orders${sep}lib${sep}pay.js`;
  const error = new Error(`Cannot read '${root}${sep}orders${sep}keys.json': not there`);
  error.stack = `Error: no\n    at load (${root}${sep}orders${sep}node_modules${sep}x${sep}a.js:1:1)\n    at pay (${file}:3:17)`;
  expect(describeError(error, `${root}${sep}orders${sep}index.js`, paths)).toBe(
    "Error: Cannot read 'orders/keys.json': not there (orders/lib/pay.js:3:17)",
  );
});
