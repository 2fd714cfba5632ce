import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEmulator, type Emulator } from '../../emulator/emulator';
import { diagnose, type Examined } from '../../scripts/deploy/diagnosis';
import type { PlannedFunction } from '../../scripts/deploy/plan';
import { main } from '../../scripts/doctor';
import type { SelfCheck } from '../../shared/runtime/self-check';
import { until } from '../until';
import { type CloudApiDouble, createCloudApiDouble } from './cloud-api-double';

/** The doctor in a local WeChat, against the double of the cloud, and what it makes of what it finds. */

const envId = 'kefu-test-1a2b3c';
const slow = 180_000;
const variables = {
  KEFU_SECRET: 'a-secret-of-this-test-that-is-long-enough',
  KEFU_OPERATORS: 'oOperatorSeen',
  OFFICIAL_APPID: 'wx00000000000000ff',
};
const token = 'TokenSeen_0123456789';

let folder: string;
let emulator: Emulator;
let double: CloudApiDouble;
let weChat: Server;
let environment: { readonly [name: string]: string };
let names: string[];
/** Whose functions WeChat calls. */
let called: Emulator;
/** What WeChat says the message push is set to. */
let pushSettings: object = { errcode: 40014, errmsg: 'invalid access_token' };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-doctor-'));
  emulator = await createEmulator({ variables });
  called = emulator;
  double = await createCloudApiDouble(envId);
  environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    XDG_CONFIG_HOME: path.join(folder, '.config'),
    ...double.environment,
  };
  // What `tcb login --apiKeyId … --apiKey …` leaves; the deploy test logs in with the CLI itself.
  const place = path.join(folder, '.config', '.cloudbase');
  await mkdir(place, { recursive: true });
  await writeFile(
    path.join(place, 'auth.json'),
    JSON.stringify({ credential: { secretId: 'AKIDtest', secretKey: 'key' } }),
  );
  const rc = JSON.parse(await readFile('cloudbaserc.json', 'utf8')) as {
    functions: { name: string; handler: string; runtime: string; timeout: number; memorySize: number }[];
  };
  names = rc.functions.map(({ name }) => name);
  for (const { name, handler, runtime, timeout, memorySize } of rc.functions) {
    double.functions.set(name, {
      FunctionName: name,
      Namespace: envId,
      Handler: handler,
      Runtime: runtime,
      Timeout: timeout,
      MemorySize: memorySize,
      InstallDependency: 'FALSE',
      Environment: {
        Variables: Object.entries(emulator.options.variables).map(([Key, Value]) => ({ Key, Value })),
      },
      Triggers: [],
      zip: Buffer.from('zip'),
    });
  }
  // A call with cloud credentials has neither an openid nor a source.
  double.invoke = async (name, data) => {
    const invoked = await emulator.call({ name, data, source: '' });
    return { ok: invoked.ok, text: invoked.ok ? JSON.stringify(invoked.result) : invoked.errMsg };
  };
  // WeChat calling a function with the app's own token.
  weChat = createServer((request, response) => {
    const { searchParams, pathname } = new URL(String(request.url), 'http://localhost');
    let text = '';
    request.on('data', (bytes) => (text += String(bytes)));
    request.on('end', async () => {
      if (pathname === '/tcb/getcallbackconfig') {
        response.end(JSON.stringify(pushSettings));
        return;
      }
      expect([pathname, searchParams.get('env')]).toEqual(['/tcb/invokecloudfunction', envId]);
      if (searchParams.get('access_token') !== token) {
        response.end(JSON.stringify({ errcode: 40001, errmsg: 'invalid credential' }));
        return;
      }
      const call = { name: String(searchParams.get('name')), data: JSON.parse(text), source: 'wx_http' };
      const invoked = await called.call(call);
      const answer = invoked.ok
        ? { errcode: 0, errmsg: 'ok', resp_data: JSON.stringify(invoked.result) }
        : { errcode: -1, errmsg: invoked.errMsg };
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => weChat.listen(0, '127.0.0.1', resolve));
}, slow);
afterAll(async () => {
  await emulator.close();
  await double.close();
  weChat.closeAllConnections();
  await new Promise<void>((resolve) => weChat.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

async function doctor(args: readonly string[], more: { readonly [name: string]: string } = {}) {
  let output = '';
  const print = (text: string) => {
    output += `${text}\n`;
  };
  const surroundings = { environment: { ...environment, ...more }, print, printError: print };
  const code = await main(['--no-build', ...args], surroundings);
  expect(output).not.toMatch(/Seen/);
  return { code, output };
}

/** What has the doctor call functions by WeChat. */
const byWeChat = () => ({
  WECHAT_ACCESS_TOKEN: token,
  WECHAT_API_URL: `http://127.0.0.1:${(weChat.address() as AddressInfo).port}`,
});

describe('in a local WeChat', () => {
  test('finds every function well', async () => {
    const { code, output } = await doctor(['--local']);
    expect(output).toContain('All is well.');
    for (const name of names)
      expect(output).toMatch(
        new RegExp(
          `^${name} +local +\\d+\\.\\d+\\.\\d+ .* granted +ok +— +(?:—|none today) +(?:—|ok, signed)$`,
          'm',
        ),
      );
    expect(code).toBe(0);
  });
});

describe('in the cloud', () => {
  test(
    'asks by the login, proves to be the owner, and says what cannot be seen that way',
    async () => {
      emulator.faults.put([{ api: 'customerServiceMessage.*', errcode: -604104 }]);
      double.functions.delete('kefu-get-media');
      const { code, output } = await doctor(['--env', envId, '--only', 'kefu-typing,kefu-get-media']);
      expect(output).toMatch(/^kefu-typing +yes +\d+\.\d+\.\d+ +\d+ set +not to be seen from here +ok +/m);
      expect(output).toMatch(/^kefu-get-media +no /m);
      expect(output).toMatch(/^Variables set: .*KEFU_OPERATORS.*OFFICIAL_APPID/m);
      expect(output).toContain('kefu-get-media: deploy it');
      expect(output).toContain('set WECHAT_ACCESS_TOKEN');
      expect(code).toBe(1);
      const events = double.requests
        .filter(({ action }) => action === 'Invoke')
        .map(({ body }) => body['ClientContext']);
      expect(events).toEqual([expect.stringMatching(/^\{"kefuSelfCheck":"[0-9a-f]{64}"\}$/)]);
    },
    slow,
  );

  test(
    'asks by WeChat where it has a token, and then sees the permissions, and what keeps pushes from kefu-receive',
    async () => {
      emulator.faults.put([{ api: 'customerServiceMessage.setTyping', errcode: -604101 }]);
      pushSettings = {
        errcode: 0,
        data: {
          function_config: {
            enable: true,
            callbacks: [
              { msgType: 'text', event: '', env: envId, functionName: 'kefu-receive', enable: true },
              { msgType: 'image', event: '', env: 'other-1', functionName: 'old', enable: true },
            ],
          },
        },
      };
      const only = ['--env', envId, '--only', 'kefu-send,kefu-typing,kefu-receive'];
      const { code, output } = await doctor(only, byWeChat());
      expect(output).toMatch(/^kefu-send +yes .* (\d) of \1 granted +ok +/m);
      expect(output).toMatch(/^kefu-typing +yes .* MISSING customerServiceMessage\.setTyping +ok +/m);
      expect(output).toContain('ten minutes');
      expect(code).toBe(1);
      expect(double.requests.filter(({ action }) => action === 'Invoke')).toHaveLength(1);
      expect(output).toContain('kefu-receive: the pushes image go to old of other-1; npm run deploy ends');
      expect(output).toMatch(/the pushes miniprogrampage, event user_enter_tempsession.* go to no function/);
    },
    slow,
  );

  test.each([
    ['without an environment', [], {}, 2, 'npm run doctor -- --env <id>'],
    ['without a login', ['--env', envId], { XDG_CONFIG_HOME: '/nowhere' }, 1, 'npx tcb login'],
    ['with an option that is none', ['--lokal'], {}, 2, 'did you mean --local?'],
  ])('%s it says what to do', async (_what, args, more, expected, words) => {
    const { code, output } = await doctor(args, more);
    expect(code).toBe(expected);
    expect(output).toContain(words);
  });
});

describe('a function that takes pushes, and the address WeChat calls', () => {
  const callbackToken = 'CallbackTokenSeen';
  const tokenVariables = {
    KEFU_OPERATORS: 'oOperatorSeen',
    KEFU_SECRET: 'a-secret-of-this-test-that-is-long-enough',
    CALLBACK_TOKEN: callbackToken,
    CALLBACK_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
    OFFICIAL_CHANNEL: 'https',
  };
  let other: Emulator;
  let before: typeof double.invoke;
  beforeAll(async () => {
    other = await createEmulator({ variables: tokenVariables });
    const gateway = double.functions.get('kefu-gateway');
    if (gateway === undefined) throw new Error('kefu-gateway is not deployed');
    const Variables = Object.entries(other.options.variables).map(([Key, Value]) => ({ Key, Value }));
    double.functions.set('kefu-gateway', { ...gateway, Environment: { Variables } });
    called = other;
    before = double.invoke;
    double.invoke = async (name, data) => {
      const invoked = await other.call({ name, data, source: '' });
      return { ok: invoked.ok, text: invoked.ok ? JSON.stringify(invoked.result) : invoked.errMsg };
    };
  }, slow);
  afterAll(async () => {
    called = emulator;
    double.invoke = before;
    await other.close();
  });

  test(
    'are asked as WeChat would ask them: the token, the last push, the callback address',
    async () => {
      await fetch(`${other.url}/_emulator/users/oFollower/act?account=official`, {
        method: 'POST',
        body: JSON.stringify({ act: 'follow' }),
      });
      const taken = () => other.log.since(0).some((entry) => entry.kind === 'push' && entry.ok);
      await until(taken);
      const args = ['--env', envId, '--only', 'kefu-gateway', '--callback', `${other.url}/gateway/callback`];
      const { output } = await doctor(args);
      expect(output).toMatch(/^kefu-gateway +yes .* +ok +ok +0 min ago +ok, encrypted$/m);
    },
    slow,
  );

  test(
    'the address is read where the cloud tells it, or is set; it is never made up',
    async () => {
      const only = ['--env', envId, '--only', 'kefu-gateway'];
      const unknown = await doctor(only, byWeChat());
      expect(unknown.output).toMatch(/^kefu-gateway .* not asked$/m);
      expect(unknown.output).toContain('GATEWAY_URL=https://');
      const set = await doctor(only, { ...byWeChat(), GATEWAY_URL: `${other.url}/gateway/` });
      expect(set.output).toMatch(/^kefu-gateway .* ok, encrypted$/m);
      double.access = [
        { Path: '/shop', Name: 'shop', Type: 1, CreateTime: 1_790_000_000 },
        { Path: '/wechat', Name: 'kefu-gateway', Type: 1, CreateTime: 1_790_000_000 },
      ];
      double.domains = ['kefu.invalid'];
      const read = await doctor(only, byWeChat());
      expect(read.output).toContain('https://kefu.invalid/wechat/callback does not answer');
    },
    slow,
  );

  test(
    'an address that does not answer, or answers something else, is named with what to do',
    async () => {
      const asked = (address: string) =>
        doctor(['--env', envId, '--only', 'kefu-gateway', '--callback', address], byWeChat());
      for (const [address, words] of [
        [`${other.url}/nothing/callback`, 'answered with status 404'],
        ['http://127.0.0.1:9/callback', 'does not answer'],
      ] as const) {
        const { code, output } = await asked(address);
        expect(output).toMatch(/^kefu-gateway .* NO ANSWER$/m);
        expect(output).toContain(words);
        expect(output).toContain('HTTP access path');
        expect(code).toBe(1);
      }
    },
    slow,
  );
});

describe('what it makes of what it finds', () => {
  const planned: PlannedFunction = {
    name: 'kefu-send',
    folder: '/f',
    entry: { name: 'kefu-send', handler: 'index.main', runtime: 'Nodejs18.15', timeout: 20, memorySize: 256 },
    triggers: [],
    permissions: ['a.b', 'c.d'],
    collections: [],
    variables: [],
    zipBytes: 1,
    build: 'abc',
  };
  const report: SelfCheck = {
    function: 'kefu-send',
    version: '1.2.3',
    build: 'abc',
    node: '18.15.0',
    variables: { KEFU_OPERATORS: 'set', OFFICIAL_APPID: 'missing' },
    database: 'ok',
    permissions: { 'a.b': 'granted', 'c.d': 'unused' },
    token: 'unused',
  };
  const now = 1_800_000_000_000;
  const online = {
    name: 'kefu-send',
    handler: 'index.main',
    runtime: 'Nodejs18.15',
    timeout: 20,
    memorySize: 256,
  };
  const told = (changes: object): Examined => ({
    name: 'kefu-send',
    online,
    answer: { ok: true, value: { errCode: 0, selfCheck: { ...report, ...changes } } },
  });
  const answered = (value: object): Examined => ({ name: 'kefu-send', online, answer: { ok: true, value } });

  test('nothing, where all is as it should be', () => {
    const findings = diagnose([planned], [told({})], now);
    expect(findings).toMatchObject({
      well: true,
      todo: [],
      rows: [{ permissions: '1 of 1 granted', variables: '1 set', token: '—', push: '—', callback: '—' }],
    });
  });

  test.each([
    ['another build', told({ build: 'def' }), 'another build is online'],
    ['a database that is off', told({ database: 'unclear: -501001' }), 'the database did not answer'],
    [
      'a permission missing',
      told({ permissions: { 'a.b': 'missing', 'c.d': 'granted' } }),
      'a.b: set the permissions',
    ],
    [
      'a name WeChat does not know',
      told({ permissions: { 'a.b': 'unknown-name', 'c.d': 'granted' } }),
      '-604100',
    ],
    [
      'an unclear answer',
      told({ permissions: { 'a.b': 'unclear: -501001', 'c.d': 'granted' } }),
      'no clear answer (unclear: -501001)',
    ],
    [
      'an older config.json',
      told({ permissions: { 'a.b': 'granted' } }),
      'c.d is not in the config.json online',
    ],
    [
      'another timeout',
      { ...told({}), online: { ...online, timeout: 3 } },
      'timeout is 3 online and 20 here',
    ],
    [
      'another runtime',
      { ...told({}), online: { ...online, runtime: 'Nodejs16.13' } },
      'runs on Nodejs16.13',
    ],
    ['no access token', told({ token: 'refused: 40164' }), '40164'],
    [
      'a callback address that does not answer',
      {
        ...told({ callback: 'encrypted' }),
        callback: { ok: false, address: 'https://there/wechat/callback', why: 'does not answer' },
      },
      'https://there/wechat/callback does not answer',
    ],
    ['a refusal', answered({ errCode: -604104, code: 'not-allowed' }), 'only tells the owner more'],
    [
      'a wrong variable',
      answered({ errCode: -1, code: 'configuration-invalid', errMsg: 'the variable X' }),
      'the variable X',
    ],
    ['somebody else’s function', answered({ hello: 1 }), 'is it an older version?'],
    [
      'no answer',
      { name: 'kefu-send', online, answer: { ok: false, why: 'timed out' } },
      'does not answer: timed out',
    ],
  ] as const)('%s', (_what, examined: Examined, expected) => {
    const findings = diagnose([planned], [examined], now);
    expect(findings.well).toBe(false);
    expect(findings.todo.join('\n')).toContain(expected);
  });

  test.each([
    ['a token', told({ token: 'ok' }), { token: 'ok' }],
    ['a push of a while ago', told({ lastPushAt: now - 3 * 60_000 }), { push: '3 min ago' }],
    ['a push of the morning', told({ lastPushAt: now - 5 * 3_600_000 }), { push: '5 h ago' }],
    ['a callback that nobody set up', told({ callback: 'not set up' }), { callback: 'not set up' }],
    [
      'a callback that answers',
      { ...told({ callback: 'signed' }), callback: { ok: true, address: 'https://there' } },
      { callback: 'ok, signed' },
    ],
  ] as const)('well, with %s', (_what, examined: Examined, cells) => {
    expect(diagnose([planned], [examined], now)).toMatchObject({ well: true, todo: [], rows: [cells] });
  });

  test('what to look at where no push has come, which need not be a fault', () => {
    const findings = diagnose([planned], [told({ lastPushAt: 0 })], now);
    expect(findings).toMatchObject({ well: true, rows: [{ push: 'none today' }] });
    expect(findings.todo.join()).toContain('message push settings');
  });

  test('no failure of what cannot be seen from where it asks', () => {
    const findings = diagnose(
      [planned],
      [told({ permissions: { 'a.b': 'no-context', 'c.d': 'unused' } })],
      now,
    );
    expect(findings).toMatchObject({ well: true, rows: [{ permissions: 'not to be seen from here' }] });
    expect(findings.todo.join()).toContain('WECHAT_ACCESS_TOKEN');
  });
});
