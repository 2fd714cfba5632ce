import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createEmulator, defaultOpenid } from '../../emulator/emulator';
import { main } from '../../scripts/deploy';
import { findCli, runCli } from '../../scripts/deploy/cloud/cloudbase-cli';
import type { Trigger } from '../../scripts/deploy/cloudbaserc';
import type { Terminal } from '../../scripts/deploy/command-line';
import { type CloudApiDouble, createCloudApiDouble } from './cloud-api-double';
import { fakeProgram } from './fake-program';
import { unzip } from './unzip';

/**
 * The deploy script with the real @cloudbase/cli, against a double of the Tencent Cloud API: what reaches the cloud,
 * and that what reached it runs. The CLI takes seconds to start, so each test asks many things of one run. As a program of its own, behind a
 * proxy, the deploy is run in test/package.
 */

const envId = 'kefu-test-1a2b3c';
const slow = 180_000;

/** Variables whose values must never be seen. */
const variables = {
  KEFU_OPERATORS: 'oOperatorSeen1,oOperatorSeen2',
  OFFICIAL_APPID: 'wx00000000000000ff',
  OFFICIAL_SECRET: 'SecretSeen0123456789',
};
const values = /oOperatorSeen|wx00000000000000ff|SecretSeen/;

let double: CloudApiDouble;
let folder: string;
/** For the temporary files of the processes that are started here. */
let temporary: string;
let environment: { readonly [name: string]: string };

beforeAll(async () => {
  double = await createCloudApiDouble(envId);
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-deploy-'));
  temporary = path.join(folder, 'temporary');
  await mkdir(temporary);
  environment = {
    PATH: process.env['PATH'] ?? '',
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    HOME: folder,
    XDG_CONFIG_HOME: path.join(folder, '.config'),
    ...double.environment,
  };
  const login = ['login', '--apiKeyId', 'AKIDtest', '--apiKey', 'key'];
  expect(await runCli(login, { bin: String(findCli()?.bin), environment })).toMatchObject({ code: 0 });
}, slow);
afterAll(async () => {
  await double.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => double.clear());

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

const actions = () => double.requests.map(({ action }) => action);

/** The files that are lent to the CLI, by the processes that were started here and by this one. */
const leftovers = async () => [
  ...(await readdir(temporary)).filter((name) => name.startsWith('kefu-cloud-')),
  ...(await readdir(tmpdir())).filter((name) => name.startsWith(`kefu-cloud-${process.pid}-`)),
];

/** Of those that are set, the ones that a function needs: what is the official account’s is nothing to subscribe messages. */
const variablesOf = (name: string) =>
  Object.entries(variables).filter(([key]) => name !== 'kefu-subscribe-send' || key === 'KEFU_OPERATORS');

describe('a deploy with the real CLI', () => {
  test(
    'brings every function into the cloud whole, and what is there runs',
    async () => {
      const { code, output } = await inProcess(['--no-build', '--env', envId, '--yes'], { more: variables });
      expect(output).toContain('Left to do');
      expect(code).toBe(0);

      const rc = JSON.parse(await readFile('cloudbaserc.json', 'utf8')) as {
        functions: {
          name: string;
          handler: string;
          runtime: string;
          timeout: number;
          memorySize: number;
          triggers?: readonly Trigger[];
        }[];
      };
      expect([...double.functions.keys()].sort()).toEqual(rc.functions.map(({ name }) => name).sort());
      const dist = path.join(folder, 'dist');
      for (const entry of rc.functions) {
        const held = double.functions.get(entry.name);
        expect(held).toMatchObject({
          Namespace: envId,
          Handler: entry.handler,
          Runtime: entry.runtime,
          Timeout: entry.timeout,
          MemorySize: entry.memorySize,
          InstallDependency: 'FALSE',
          Environment: { Variables: variablesOf(entry.name).map(([Key, Value]) => ({ Key, Value })) },
        });
        const files = unzip(held?.zip ?? Buffer.alloc(0));
        const built = path.join('dist', 'cloudfunctions', entry.name);
        const config = JSON.parse(String(files.get('config.json'))) as { triggers?: readonly Trigger[] };
        // No rule here leaves an answer to code or a model, so the timer that looks for those is left out.
        const timers = entry.name === 'kefu-answer' ? [] : (entry.triggers ?? config.triggers ?? []);
        expect(held?.Triggers).toEqual(
          timers.map((trigger) => ({
            TriggerName: trigger.name,
            Type: 'timer',
            TriggerDesc: trigger.config,
          })),
        );
        expect([...files.keys()].sort()).toEqual((await readdir(built)).sort());
        await mkdir(path.join(dist, 'cloudfunctions', entry.name), { recursive: true });
        for (const [name, bytes] of files) {
          expect(bytes.equals(await readFile(path.join(built, name)))).toBe(true);
          await writeFile(path.join(dist, 'cloudfunctions', entry.name, name), bytes);
        }
      }

      await symlink(path.resolve('dist', 'emulator'), path.join(dist, 'emulator'), 'junction');
      const settings = [...double.functions.values()].map((held) => ({
        name: held.FunctionName,
        timeout: held.Timeout,
        memorySize: held.MemorySize,
      }));
      await writeFile(path.join(folder, 'settings.json'), JSON.stringify({ functions: settings }));
      const emulator = await createEmulator({
        dist,
        cloudbaserc: path.join(folder, 'settings.json'),
        variables,
      });
      try {
        const data = { msgtype: 'text', text: { content: '您好' } };
        const invoked = await emulator.call({
          name: 'kefu-send',
          data,
          source: 'wx_client',
          openid: defaultOpenid,
        });
        expect(invoked).toMatchObject({ ok: true, result: { errCode: 0, errMsg: 'ok' } });
        expect(emulator.world.conversation('miniprogram', defaultOpenid).messages.at(-1)).toMatchObject({
          from: 'service',
          message: { text: { content: '您好' } },
        });
      } finally {
        await emulator.close();
      }

      // Names are shown, values are not; the file that held them is gone.
      for (const name of Object.keys(variables)) expect(output).toContain(name);
      expect(output).not.toMatch(values);
      expect(await leftovers()).toEqual([]);
      // Beside the cloud, the CLI asked only its own telemetry.
      expect([...double.strangers].filter((host) => host !== 'otheve.beacon.qq.com')).toEqual([]);
      expect(output).toContain('Permissions were NOT set');
      expect(output).toContain('customerServiceMessage.send');
      expect(output).toContain('Wait ten minutes');
      expect(output).toContain('kefu_media');
      // The collections are made and closed; nothing of them is left to do.
      expect(new Set(double.collections.values())).toEqual(new Set(['ADMINONLY']));
      // The environment is looked up once, before the upload; what the CLI asks ends with its last function.
      const uploading = actions().slice(0, actions().lastIndexOf('CreateFunction'));
      expect(uploading.slice(0, 2)).toEqual(['DescribeEnvs', 'GetFunction']);
      expect(actions().slice(uploading.length)).not.toContain('DescribeEnvs');
      expect(output).not.toContain('[ ] Database collections');
      expect(output).toContain('Bill of materials: dist/sbom.cdx.json');
      expect(output).toContain(`npm run doctor -- --env ${envId}`);
    },
    slow,
  );

  test(
    'replaces a function, sets its timer, and warns of what is lost and what stays',
    async () => {
      const rc = path.join(folder, 'timer.json');
      const whole = JSON.parse(await readFile('cloudbaserc.json', 'utf8')) as {
        functions: { name: string; timeout: number; memorySize: number }[];
      };
      const triggers = [{ name: 'sweep', type: 'timer', config: '0 */5 * * * * *' }];
      const functions = whole.functions.map((entry) =>
        entry.name === 'kefu-typing' ? { ...entry, triggers } : entry,
      );
      await writeFile(rc, JSON.stringify({ ...whole, region: 'gz', functions }));
      double.functions.set('kefu-typing', {
        FunctionName: 'kefu-typing',
        Namespace: envId,
        Handler: 'index.main',
        Runtime: 'Nodejs16.13',
        Timeout: 3,
        MemorySize: 128,
        InstallDependency: 'TRUE',
        Environment: {
          Variables: [
            { Key: 'KEFU_OPERATORS', Value: 'oOld' },
            { Key: 'MY_OWN', Value: 'ValueSeen' },
          ],
        },
        Triggers: [],
        zip: Buffer.from('old'),
      });

      const code = "console.log('uploaded', process.argv[8]);";
      const devtools = await fakeProgram(folder, 'devtools', code);
      const args = ['--no-build', '--env', envId, '--yes', '--only', 'kefu-typing', '--config', rc];
      const ran = await inProcess(args, {
        more: {
          ...variables,
          KEFU_RUNTIME: 'Nodejs20.19',
          WECHAT_DEVTOOLS_CLI: devtools,
          WECHAT_APPID: 'wx0123456789abcdef',
          // A machine without npm, whose deploys have no bill.
          PATH: folder,
        },
      });
      const { output } = ran;
      expect(output).toContain(`| uploaded ${path.resolve('dist/cloudfunctions/kefu-typing')}`);
      expect(output).not.toContain('NOT set');
      expect(output).toContain('No bill of materials: npm sbom did not do it (npm cannot be started)');
      expect([...double.functions.keys()]).toEqual(['kefu-typing']);
      // All that is asked, by the CLI too, is asked in the region of the file that was chosen.
      expect(new Set(double.requests.map(({ region }) => region))).toEqual(new Set(['ap-guangzhou']));
      const held = double.functions.get('kefu-typing');
      const typing = whole.functions.find(({ name }) => name === 'kefu-typing');
      expect(held).toMatchObject({
        Timeout: typing?.timeout,
        MemorySize: typing?.memorySize,
        Triggers: [{ TriggerName: 'sweep', Type: 'timer', TriggerDesc: '0 */5 * * * * *' }],
        Environment: { Variables: Object.entries(variables).map(([Key, Value]) => ({ Key, Value })) },
      });
      expect([...unzip(held?.zip ?? Buffer.alloc(0)).keys()]).toEqual(
        expect.arrayContaining(['config.json', 'index.js']),
      );
      expect(output).toContain('WARNING kefu-typing: online and not named here, so LOST: MY_OWN');
      expect(output).toContain('stays on Nodejs16.13');
      expect(output).toContain('sweep "0 */5 * * * * *"');
      // The CLI called it a success; what is online is not what was asked for.
      expect(output).toContain('runtime is Nodejs16.13 online, Nodejs20.19 here');
      expect(ran.code).toBe(1);
      expect(output).not.toMatch(values);
      expect(output).not.toContain('ValueSeen');
    },
    slow,
  );

  test(
    'fails where the cloud refuses, although the CLI ends with 0',
    async () => {
      double.errors.set('CreateFunction', {
        Code: 'InvalidParameterValue.Runtime',
        Message: 'too many functions',
      });
      const args = ['--no-build', '--env', envId, '--yes', '--only', 'kefu-typing'];
      const { code, output } = await inProcess(args, { more: variables });
      expect(output).toContain('Does the environment offer this runtime? KEFU_RUNTIME takes Nodejs18.15,');
      expect(output).toContain('too many functions');
      expect(output).toContain('Not everything was deployed');
      expect(output).not.toContain('Left to do');
      expect(code).toBe(1);
      expect(await leftovers()).toEqual([]);
    },
    slow,
  );

  test(
    'leaves the variables online alone where none are set here, and asks before it does anything',
    async () => {
      const asked: string[] = [];
      const { code, output } = await inProcess(['--env', envId, '--only', 'kefu-typing', '--no-build'], {
        ask: async (question) => {
          asked.push(question);
          expect(await leftovers()).toHaveLength(1);
          return false;
        },
      });
      expect(asked).toEqual([expect.stringContaining(`Upload kefu-typing to ${envId}? (y/N)`)]);
      expect(output).toContain('none are set here, so the CLI leaves those online as they are');
      expect(output).toContain('New: kefu-typing. Replaced: none.');
      expect(output).toContain('Nothing was uploaded.');
      expect(code).toBe(0);
      expect(actions()).not.toContain('CreateFunction');
      expect(await leftovers()).toEqual([]);
    },
    slow,
  );
});

/** The script in this process, with somebody to answer or nobody; what the CLI says meanwhile is among its output. */
async function inProcess(
  args: string[],
  { ask, more = {} }: { ask?: Terminal['ask']; more?: { readonly [name: string]: string } } = {},
): Promise<Ran> {
  let output = '';
  const print = (text: string) => {
    output += `${text}\n`;
  };
  const written = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    }),
  );
  const terminal: Terminal = { environment: { ...environment, ...more }, print, printError: print, ask };
  try {
    return { code: await main(args, terminal), output };
  } finally {
    for (const spy of written) spy.mockRestore();
  }
}

describe('before the CLI', () => {
  /** Runs, and looks that nothing reached the cloud. */
  const without = async (args: string[], more: { readonly [name: string]: string } = {}) => {
    const ran = await inProcess(['--no-build', ...args], { more });
    expect(actions()).toEqual([]);
    expect(ran.output).not.toMatch(values);
    return ran;
  };

  /** A plan of one function takes a tenth of the time. */
  const one = ['--env', envId, '--only', 'kefu-send'];

  test('a dry run shows the plan and stops', async () => {
    const { code, output } = await without(['--env', envId, '--dry-run'], variables);
    expect(code).toBe(0);
    expect(output).toContain('Runs a month by timers alone: kefu-outbox 21,600\n');
    expect(output).toMatch(/kefu-send +\d+ KB +Nodejs\d+\.\d+ +\d+ s +\d+ MB/);
    expect(output).toContain('kefu-typing: customerServiceMessage.setTyping');
    expect(output).toContain(
      'Variables (from the environment): KEFU_OPERATORS, OFFICIAL_APPID, OFFICIAL_SECRET',
    );
    expect(output).toContain('Not set here: ');
    // What the tests have built is the example’s.
    expect(output).toMatch(/EXAMPLE’s rules and notices.*\n {2}1\. .*any other message: says /s);
    expect(output).toMatch(/What they can be told:\n.*\n {2}order-paid \(付款成功\): template message/);
    expect(output).toContain('replaces ALL its variables online');
    expect(output).toMatch(/would leave to do.*\[ \] Database collections/s);
    expect(output).toContain('nothing was uploaded');
  });

  test('a runtime is chosen by one setting', async () => {
    const plan = await without([...one, '--dry-run'], { KEFU_RUNTIME: 'Nodejs18.15' });
    expect(plan.output).toMatch(/kefu-send +\d+ KB +Nodejs18\.15 /);
    const usual = await without([...one, '--dry-run']);
    expect(usual.output).toMatch(/kefu-send +\d+ KB +Nodejs24\.11 /);
    const { code, output } = await without([...one, '--dry-run'], { KEFU_RUNTIME: 'Nodejs16.13' });
    expect(code).toBe(2);
    expect(output).toContain('KEFU_RUNTIME is no runtime that the functions are tested on');
  });

  test('nobody to ask, and no --yes, says what to do', async () => {
    const { code, output } = await without(one);
    expect(code).toBe(2);
    expect(output).toContain('run it again with --yes');
  });

  test('nobody logged in says how', async () => {
    const { code, output } = await without([...one, '--yes'], {
      XDG_CONFIG_HOME: path.join(folder, 'none'),
    });
    expect(code).toBe(1);
    expect(output).toContain('npx tcb login');
  });

  test.each([
    ['no environment', [], 'which environment? npm run deploy -- --env <id>'],
    ['an environment that is none', ['--env', 'a b'], '"a b" is no environment id: letters'],
    ['an environment that is too short', ['--env', 'x'], '"x" is no environment id: one has 2 to 63'],
    [
      'an option that is none',
      ['--env', envId, '--dryrun'],
      'there is no option --dryrun; did you mean --dry-run?',
    ],
    [
      'a function that is none',
      ['--env', envId, '--only', 'kefu-sent'],
      'there is no function kefu-sent; did you mean kefu-send?',
    ],
    ['a file that is none', ['--env', envId, '--config', 'nowhere.json'], 'nowhere.json is not in order'],
  ])('%s is an error of its own', async (_what, args, expected) => {
    const { code, output } = await without(args);
    expect(code).toBe(2);
    expect(output).toContain(expected);
  });

  test('an unknown key is named, with the key probably meant', async () => {
    const file = path.join(folder, 'wrong.json');
    const rc = JSON.parse(await readFile('cloudbaserc.json', 'utf8')) as { functions: object[] };
    await writeFile(
      file,
      JSON.stringify({ ...rc, functions: rc.functions.map((entry) => ({ ...entry, timeOut: 9 })) }),
    );
    const { code, output } = await without(['--env', envId, '--config', file]);
    expect(code).toBe(2);
    expect(output).toContain('(kefu-send).timeOut: the CLI does not read this key; did you mean timeout?');
  });

  test.each([
    ['is wrong', { OFFICIAL_APPID: 'SecretSeen' }, 'the variable OFFICIAL_APPID must be an appid'],
    [
      'the CLI would read as a template',
      { KEFU_OPERATORS: '{{SecretSeen}}' },
      'the variable KEFU_OPERATORS cannot go',
    ],
    [
      'the CLI would read as JSON',
      { KEFU_OPERATORS: '["SecretSeen"]' },
      'the variable KEFU_OPERATORS cannot go',
    ],
  ])('a variable that %s is named, not shown', async (_what, more, expected) => {
    const { code, output } = await without([...one, '--dry-run'], more);
    expect(code).toBe(2);
    expect(output).toContain(expected);
  });

  test('--help goes through the options', async () => {
    const { code, output } = await without(['--help']);
    expect(code).toBe(0);
    for (const option of ['--env', '--only', '--dry-run', '--yes', '--config'])
      expect(output).toContain(option);
  });
});
