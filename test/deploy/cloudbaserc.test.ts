import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { checkCloudbaserc, functionKeys } from '../../scripts/deploy/cloudbaserc';

/** The schema of what the CLI reads, against right and wrong files, and against the CLI itself. */

const entry = {
  name: 'kefu-send',
  handler: 'index.main',
  runtime: 'Nodejs18.15',
  timeout: 20,
  memorySize: 256,
  installDependency: false,
};
const whole = {
  version: '2.0',
  envId: '{{env.ENV_ID}}',
  functionRoot: 'dist/cloudfunctions',
  functions: [entry],
};
const withEntry = (changes: object) => ({ ...whole, functions: [{ ...entry, ...changes }] });

test('takes the project’s own file', async () => {
  expect(checkCloudbaserc(JSON.parse(await readFile('cloudbaserc.json', 'utf8')))).toEqual([]);
});

test.each([
  ['a timer', withEntry({ triggers: [{ name: 'sweep', type: 'timer', config: '0 */5 * * * * *' }] })],
  ['a default for all functions', { ...whole, functionDefaultConfig: { timeout: 20 } }],
  ['the older nested form', { ...whole, functions: [{ name: 'a', config: { ...entry, name: 'a' } }] }],
  ['variables', withEntry({ envVariables: { KEFU_OPERATORS: 'oSomeone' } })],
  ['a region', { ...whole, region: 'ap-beijing' }],
])('takes %s', (_what, rc) => {
  expect(checkCloudbaserc(rc)).toEqual([]);
});

const wrong: readonly [string, unknown, string][] = [
  [
    'another capital',
    withEntry({ timeOut: 5 }),
    'functions[0] (kefu-send).timeOut: the CLI does not read this key; did you mean timeout?',
  ],
  [
    'the key of an older CLI',
    withEntry({ memory: 256 }),
    'functions[0] (kefu-send).memory: the CLI does not read this key; did you mean memorySize?',
  ],
  ['a swapped letter', withEntry({ hanlder: 'index.main' }), 'did you mean handler?'],
  ['a plural', withEntry({ trigger: [] }), 'did you mean triggers?'],
  [
    'a name of Tencent Cloud’s',
    withEntry({ environmentVariables: {} }),
    'environmentVariables: the CLI does not read this key',
  ],
  [
    'permissions, which no CLI reads',
    withEntry({ permissions: {} }),
    'permissions: the CLI does not read this key',
  ],
  [
    'a key at the top',
    { ...whole, functionsRoot: 'x' },
    'functionsRoot: the CLI does not read this key; did you mean functionRoot?',
  ],
  [
    'a key of the default',
    { ...whole, functionDefaultConfig: { runTime: 'x' } },
    'functionDefaultConfig.runTime: the CLI does not read this key; did you mean runtime?',
  ],
  [
    'a key of a trigger',
    withEntry({ triggers: [{ name: 'a', type: 'timer', cron: '* * * * * * *' }] }),
    'triggers[0].cron: the CLI does not read this key',
  ],
  [
    'a timer of six fields',
    withEntry({ triggers: [{ name: 'a', type: 'timer', config: '0 */5 * * * *' }] }),
    'must have seven fields',
  ],
  [
    'a trigger that is no timer',
    withEntry({ triggers: [{ name: 'a', type: 'cos', config: '* * * * * * *' }] }),
    'type must be timer',
  ],
  [
    'a timeout that is a text',
    withEntry({ timeout: '20' }),
    'timeout must be a number of seconds from 1 to 900',
  ],
  ['no timeout', withEntry({ timeout: undefined }), 'functions (kefu-send).timeout is missing'],
  ['a memory that is no step', withEntry({ memorySize: 300 }), 'memorySize must be 64, or a multiple of 128'],
  ['a runtime that is gone', withEntry({ runtime: 'Nodejs10.15' }), 'runtime must be one of Nodejs16.13'],
  ['an install in the cloud', withEntry({ installDependency: true }), 'installDependency must be false'],
  [
    'a variable that is a number',
    withEntry({ envVariables: { A: 1 } }),
    'envVariables must be an object of texts',
  ],
  ['a function twice', { ...whole, functions: [entry, entry] }, 'functions has kefu-send twice'],
  ['no functions', { ...whole, functions: [] }, 'functions must be a list'],
  ['no environment', { ...whole, envId: undefined }, 'envId is missing'],
  ['no folder', { ...whole, functionRoot: '' }, 'functionRoot is missing'],
  ['a list', [], 'must be an object'],
];
test.each(wrong)('refuses %s', (_what, rc, expected) => {
  const problems = checkCloudbaserc(JSON.parse(JSON.stringify(rc)));
  expect(problems.join('\n')).toContain(expected);
});

describe('the table of keys', () => {
  test('has only keys that the installed CLI knows', async () => {
    const cli = await readFile('node_modules/@cloudbase/cli/dist/standalone/cli.js', 'utf8');
    const from = cli.lastIndexOf('const AUTO_CONVERT_FIELDS');
    // configToParams and the service behind it, where every key is read.
    const service = cli
      .slice(from, cli.indexOf('exports.FunctionService = FunctionService', from))
      .toLowerCase();
    const elsewhere = ['dir', 'params', 'timeout', 'runtime'];
    const unread = Object.keys(functionKeys).filter(
      (key) => !elsewhere.includes(key) && !new RegExp(`(?:func\\??\\.|['"])${key}\\b`, 'i').test(service),
    );
    expect(unread).toEqual([]);
    expect(cli).toContain('functionDirFromConfig: func.dir');
  });
});
