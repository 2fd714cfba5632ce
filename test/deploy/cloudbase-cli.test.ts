import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deployAll } from '../../scripts/deploy/cloud/cloudbase-cli';

/** What is made of what the CLI says, with a program in its place that says what it was told to. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A CLI that says this and ends so. */
async function cliThatSays(stdout: string, code: number) {
  const bin = path.join(folder, 'cli.cjs');
  await writeFile(
    bin,
    `process.stdout.write(${JSON.stringify(stdout)});
     process.exitCode = ${code};`,
  );
  return { bin, environment: {}, region: 'ap-shanghai', configFile: path.join(folder, 'rc.json') };
}

describe('a deploy', () => {
  test.each([
    ['all', '✔ 2 functions deployed\n', 0, { ok: true, why: '' }],
    [
      'fewer',
      '✔ 1 function deployed\n',
      0,
      { ok: false, why: 'the CLI reported 1 of 2 functions as deployed' },
    ],
    ['none', '', 0, { ok: false, why: 'the CLI reported none of 2 functions as deployed' }],
    [
      'a failure',
      '✔ 2 functions\n✖ [kefu-send] too many\n',
      0,
      { ok: false, why: '[kefu-send] too many', isRuntime: false },
    ],
    [
      'a failure by the sign of another system',
      '  × no such environment\n',
      0,
      { ok: false, why: 'no such environment', isRuntime: false },
    ],
    [
      'all, and then fails',
      '✔ 2 functions deployed\nSecretSeen',
      1,
      { ok: false, why: 'the CLI ended with 1', isRuntime: false },
    ],
  ])('that reports %s is known for what it is', async (_what, stdout, code, expected) => {
    expect(await deployAll(2, 'env', await cliThatSays(stdout, code))).toEqual(expected);
  });
});
