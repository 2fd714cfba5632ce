import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { callCloud, sign } from '../../scripts/deploy/cloud/cloud-api';
import { findCli } from '../../scripts/deploy/cloud/cloudbase-cli';
import { readLogin, readRegion } from '../../scripts/deploy/cloud/login';
import {
  invoke,
  readAddress,
  readEnv,
  readFunctions,
  readOnline,
} from '../../scripts/deploy/cloud/questions';
import { ended } from '../package/installed';
import { type CloudApiDouble, type CloudRequest, createCloudApiDouble } from './cloud-api-double';

/** What the cloud is asked without the CLI: the same questions as the CLI's, and what is made of the answers. */

const envId = 'kefu-test-1a2b3c';
const login = { secretId: 'AKIDtest', secretKey: 'key', token: '' };
const slow = 180_000;
const secret = 'SecretSeen0123456789';
const hour = 3_600_000;

let double: CloudApiDouble;
let folder: string;
beforeAll(async () => {
  double = await createCloudApiDouble(envId);
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-questions-'));
});
afterAll(async () => {
  await double.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => double.clear());

const api = (more: object = {}) => ({
  login,
  region: 'ap-shanghai',
  environment: double.environment,
  ...more,
});

/** Deploys a function to the double. */
function put(name: string, more: object = {}) {
  double.functions.set(name, {
    FunctionName: name,
    Namespace: envId,
    Handler: 'index.main',
    Runtime: 'Nodejs18.15',
    Timeout: 20,
    MemorySize: 256,
    InstallDependency: 'FALSE',
    Environment: { Variables: [{ Key: 'OFFICIAL_SECRET', Value: secret }] },
    Triggers: [],
    zip: Buffer.from('zip'),
    ...more,
  });
}

/** Leaves a login where the CLI keeps it. */
async function keepLogin(credential: object): Promise<{ readonly XDG_CONFIG_HOME: string }> {
  const place = path.join(folder, '.config', '.cloudbase');
  await mkdir(place, { recursive: true });
  await writeFile(path.join(place, 'auth.json'), JSON.stringify({ credential }));
  return { XDG_CONFIG_HOME: path.join(folder, '.config') };
}

/** The environment of a CLI that this login is kept for. */
const cliEnvironment = async (credential: object) => ({
  PATH: process.env['PATH'],
  HOME: folder,
  ...(await keepLogin(credential)),
  ...double.environment,
});

describe('the real CLI', () => {
  test(
    'asks as we do, word for word, and signs as we sign',
    async () => {
      put('kefu-send');
      double.invoke = async () => ({ ok: true, text: '{"errCode":0}' });
      const cli = findCli();
      if (cli === undefined) throw new Error('the CLI is not installed');
      const environment = await cliEnvironment({ secretId: login.secretId, secretKey: login.secretKey });
      const event = { kefuSelfCheck: true };
      const functions = [{ name: 'kefu-send', params: event }];
      await writeFile(
        path.join(folder, 'cloudbaserc.json'),
        JSON.stringify({ envId, region: 'gz', functions }),
      );

      for (const question of [
        ['config', 'pull', 'fn', 'kefu-send', '--stdout'],
        ['service', 'list'],
        ['service', 'domain', 'list'],
        ['fn', 'invoke', 'kefu-send'],
      ]) {
        const program = [cli.bin, ...question, '-e', envId];
        await ended(spawn(process.execPath, program, { cwd: folder, env: environment, stdio: 'ignore' }));
      }
      const theirs = double.requests.splice(0);
      const asking = api({ region: await readRegion(folder) });
      await readOnline(['kefu-send'], envId, asking);
      await readAddress('kefu-send', envId, asking);
      await invoke('kefu-send', event, envId, asking);

      const wordsOf = ({ action, version, region, type, token, body }: CloudRequest) => ({
        action,
        version,
        region,
        type,
        token,
        // The CLI has the code of each function come along, which nobody looks at.
        body: 'ShowCode' in body ? { ...body, ShowCode: 'TRUE' } : body,
      });
      expect(double.requests.map(({ action }) => action)).toEqual([
        'DescribeEnvs',
        'GetFunction',
        'DescribeCloudBaseGWAPI',
        'DescribeCloudBaseGWService',
        'Invoke',
      ]);
      for (const request of double.requests) expect(theirs.map(wordsOf)).toContainEqual(wordsOf(request));
      for (const { host, text, timestamp: now, authorization } of theirs) {
        const [service = ''] = host.split('.');
        expect(sign({ service, host, text, now }, login)).toBe(authorization);
      }
    },
    slow,
  );
});

describe('what is deployed', () => {
  test('is told with its settings, its variables and when its timers run; what is not there is left out', async () => {
    put('kefu-outbox', {
      Triggers: [{ TriggerName: 'drain', Type: 'timer', TriggerDesc: '0 */2 * * * * *' }],
    });
    put('kefu-send');
    const wanted = ['kefu-outbox', 'kefu-typing', 'kefu-send'];
    const asked = await readFunctions(wanted, { EnvId: envId }, api());
    expect(asked).toMatchObject({ ok: true, value: [{ name: 'kefu-outbox' }, { name: 'kefu-send' }] });
    expect(asked.ok && asked.value[0]).toEqual({
      name: 'kefu-outbox',
      handler: 'index.main',
      runtime: 'Nodejs18.15',
      timeout: 20,
      memorySize: 256,
      envVariables: { OFFICIAL_SECRET: secret },
      triggers: [{ name: 'drain', config: '0 */2 * * * * *' }],
    });
  });

  test.each(['AuthFailure.SecretIdNotFound', 'ResourceNotFound.Namespace', 'RequestLimitExceeded'])(
    'is not known where the cloud answers %s, and no word of the answer is passed on',
    async (Code) => {
      put('kefu-send');
      double.errors.set('GetFunction', { Code, Message: secret });
      expect(await readOnline(['kefu-send'], envId, api())).toEqual({
        ok: false,
        why: `GetFunction: ${Code}`,
      });
    },
  );

  test('in an environment that the login has not is not taken for nothing', async () => {
    expect(await readOnline(['kefu-send'], 'kefu-other-1', api())).toEqual({
      ok: false,
      why: 'the login has no environment kefu-other-1 in this region',
    });
    expect(double.requests.map(({ action }) => action)).toEqual(['DescribeEnvs']);
  });
});

describe('a cloud that does not answer as it should', () => {
  let server: Server;
  let answer: string | undefined;
  const environment = () => ({
    TENCENTCLOUD_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  beforeAll(async () => {
    server = createServer((_request, response) => {
      if (answer !== undefined) response.writeHead(502).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test.each([
    ['a page', `<p>${secret}</p>`],
    ['a list that is cut off', `{"Response":{"Variables":["${secret}"`],
    ['no JSON object', '[]'],
  ])('but with %s is named by its status', async (_what, text) => {
    answer = text;
    expect(await readEnv(envId, api({ environment: environment() }))).toEqual({
      ok: false,
      why: 'DescribeEnvs: status 502',
    });
  });

  test('but behind a proxy that lets nobody through is named by the proxy’s', async () => {
    const proxy = createServer();
    proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Who are you\r\n\r\n'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      expect(await readEnv(envId, api({ environment: { http_proxy } }))).toEqual({
        ok: false,
        why: 'DescribeEnvs: status 407',
      });
    } finally {
      proxy.close();
    }
  });

  test('but not at all is given up', async () => {
    answer = undefined;
    const asking = api({ environment: environment() });
    expect(await callCloud('tcb', 'DescribeEnvs', {}, asking, 50)).toEqual({
      ok: false,
      why: 'no answer (in 0.05 s)',
    });
  });
});

describe('the address of a function', () => {
  const path = (Path: string, Name = 'kefu-gateway') => ({ Path, Name, Type: 1, CreateTime: 1 });

  test.each([
    [
      'its path on a domain of one’s own',
      [path('/shop', 'shop'), path('/wechat')],
      ['kefu.invalid'],
      'kefu.invalid/wechat',
    ],
    ['that domain itself', [path('/')], ['kefu.invalid'], 'kefu.invalid'],
    [
      'its path on the domain that came with the environment',
      [path('/wechat')],
      [],
      `${envId}.ap-shanghai.app.tcloudbase.com/wechat`,
    ],
    ['not made up where it has no path', [path('/shop', 'shop')], ['kefu.invalid'], undefined],
  ])('is %s', async (_what, access, domains, expected) => {
    double.access = access;
    double.domains = domains;
    const address = await readAddress('kefu-gateway', envId, api());
    expect(address).toBe(expected && `https://${expected}`);
  });

  test('is not known where the cloud does not tell', async () => {
    double.access = [path('/wechat')];
    double.errors.set('DescribeCloudBaseGWService', { Code: 'UnauthorizedOperation', Message: secret });
    expect(await readAddress('kefu-gateway', envId, api())).toBeUndefined();
  });
});

describe('a call of a function', () => {
  test.each([
    ['that answers', true, '{"errCode":0}', { ok: true, value: { errCode: 0 } }],
    ['that answers without JSON', true, secret, { ok: false, why: 'it answers without JSON' }],
    ['that fails', false, secret, { ok: false, why: 'the call failed' }],
    [
      'that takes too long',
      false,
      JSON.stringify({ statusCode: 433, errorMessage: secret }),
      { ok: false, why: 'the call failed (status 433)' },
    ],
  ])('%s is told for what it is', async (_what, ok, text, expected) => {
    put('kefu-send');
    double.invoke = async () => ({ ok, text });
    expect(await invoke('kefu-send', {}, envId, api())).toEqual(expected);
  });

  test('that is not there is refused', async () => {
    expect(await invoke('kefu-send', {}, envId, api())).toEqual({
      ok: false,
      why: 'Invoke: ResourceNotFound.Function',
    });
  });
});

test.each([
  ['that is named in short', '{"region":"gz"}', 'ap-guangzhou'],
  ['that is named', '{"region":"ap-singapore"}', 'ap-singapore'],
  ['that is not named', '{}', 'ap-shanghai'],
  ['of a file that is none', '{', 'ap-shanghai'],
])('the region %s is the CLI’s', async (_what, text, expected) => {
  await writeFile(path.join(folder, 'cloudbaserc.json'), text);
  expect(await readRegion(folder)).toBe(expected);
});

describe('the login', () => {
  test('is what the CLI keeps: a key of one’s own, or what a browser’s login lends', async () => {
    expect(await readLogin(await keepLogin({ secretId: 'a', secretKey: 'b' }))).toEqual({
      secretId: 'a',
      secretKey: 'b',
      token: '',
    });
    const lent = { tmpSecretId: 'a', tmpSecretKey: 'b', tmpToken: 'c' };
    expect(await readLogin(await keepLogin(lent))).toEqual({ secretId: 'a', secretKey: 'b', token: 'c' });
    expect(await readLogin(await keepLogin({}))).toBeUndefined();
    expect(await readLogin({ XDG_CONFIG_HOME: path.join(folder, 'none') })).toBeUndefined();
  });

  test('goes along with each call where its keys are lent', async () => {
    await readEnv(envId, api({ login: { ...login, token: 'lent' } }));
    await readEnv(envId, api());
    expect(double.requests.map(({ token }) => token)).toEqual(['lent', '']);
  });

  /** A browser's login whose keys are over, and which may have them renewed until then. */
  const over = (expired: number) => ({
    tmpSecretId: 'AKIDold',
    tmpSecretKey: 'b',
    tmpToken: 'old',
    tmpExpired: Date.now() + 60_000,
    refreshToken: 'r',
    expired,
  });

  test(
    'is renewed by the real CLI where its keys are over, and kept',
    async () => {
      const renewed = {
        ...over(Date.now() + 700 * hour),
        tmpSecretId: 'AKIDnew',
        tmpToken: 'new',
        tmpExpired: Date.now() + 2 * hour,
      };
      double.renewal = renewed;
      const environment = await cliEnvironment(over(Date.now() + 700 * hour));
      const fresh = { secretId: 'AKIDnew', secretKey: 'b', token: 'new' };
      expect(await readLogin(environment)).toEqual(fresh);
      const kept = await readFile(path.join(folder, '.config', '.cloudbase', 'auth.json'), 'utf8');
      expect(JSON.parse(kept)).toMatchObject({ credential: { tmpSecretId: 'AKIDnew' } });
      expect(await readLogin({ ...environment, PATH: undefined })).toEqual(fresh);
    },
    slow,
  );

  test('is none where they can no longer be renewed, which is known without asking', async () => {
    expect(await readLogin(await keepLogin(over(Date.now() - hour)))).toBeUndefined();
    expect(double.requests).toEqual([]);
  });
});
