import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CliOptions,
  deployAll,
  invoke,
  pullOnline,
  readOnline,
} from '../../scripts/deploy/cloudbase-cli';

/** What is made of what the CLI says, with a program in its place that says what it was told to. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A CLI that says this and ends so. It writes down how it was called. */
async function cliThatSays(stdout: string, code = 0): Promise<CliOptions> {
  const bin = path.join(folder, 'cli.cjs');
  await writeFile(
    bin,
    `require('node:fs').writeFileSync(${JSON.stringify(path.join(folder, 'called'))}, process.argv.join(' '));
     process.stdout.write(${JSON.stringify(stdout)});
     process.exitCode = ${code};`,
  );
  return { bin, environment: {}, configFile: path.join(folder, 'rc.json') };
}

const secret = 'SecretSeen0123456789';
const cut = `ℹ Cloud function [kefu-send] config:\n{\n  "functions": [\n    { "envVariables": { "OFFICIAL_SECRET": "${secret}" }`;

describe('a question that came to nothing', () => {
  test.each([
    ['a list that is cut off', cut, 'the CLI ended with 0 and does not say why'],
    ['an error after it', `${cut}\n✖ [GetFunction] the login is over\n`, '[GetFunction] the login is over'],
    ['an error of a system without the sign', '  × no such environment\n', 'no such environment'],
  ])('says why, and no secret, after %s', async (_what, stdout, why) => {
    expect(await pullOnline(['kefu-send'], 'env', await cliThatSays(stdout))).toEqual({ ok: false, why });
  });

  test.each([
    ['fn list', () => cliThatSays(`last words: ${secret}`, 1), readOnline],
    ['fn invoke', () => cliThatSays(`log: ${secret}`, 1), undefined],
  ] as const)('says no more than how %s ended', async (_what, cli, ask) => {
    const options = await cli();
    const asked =
      ask === undefined
        ? await invoke('kefu-send', 'env', options)
        : await ask(['kefu-send'], 'env', options);
    expect(asked).toEqual({ ok: false, why: 'the CLI ended with 1 and does not say why' });
  });
});

describe('a call of a function', () => {
  test('has its event from the configuration, where no command line shows it', async () => {
    const cli = await cliThatSays('✔ [kefu-send] call succeeded\nReturn result：{"errCode":0}\n');
    expect(await invoke('kefu-send', 'env', cli)).toEqual({ ok: true, value: { errCode: 0 } });
    expect((await readFile(path.join(folder, 'called'), 'utf8')).split(' ').slice(2)).toEqual([
      ...['fn', 'invoke', 'kefu-send', '-e', 'env'],
      ...['--config-file', cli.configFile],
    ]);
  });
});

describe('a deploy', () => {
  test.each([
    ['all', '✔ 2 functions deployed\n', { ok: true, why: '' }],
    ['fewer', '✔ 1 function deployed\n', { ok: false, why: 'the CLI reported 1 of 2 functions as deployed' }],
    ['none', '', { ok: false, why: 'the CLI reported none of 2 functions as deployed' }],
    [
      'a failure',
      '✔ 2 functions\n✖ [kefu-send] too many\n',
      { ok: false, why: '[kefu-send] too many', isRuntime: false },
    ],
  ])('that reports %s is known for what it is', async (_what, stdout, expected) => {
    expect(await deployAll(2, 'env', await cliThatSays(stdout))).toEqual(expected);
  });
});
