import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

test('the compiler accepts every message that is right and refuses every one that is wrong', async () => {
  const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
  const checked = await promisify(execFile)(process.execPath, [tsc, '--project', 'test/types']).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? 'tsc did not run',
  );
  expect(checked).toBe('');
});
