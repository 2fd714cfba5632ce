import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { applyPermissions, devtoolsCommand, findDevTools } from '../../scripts/deploy/permissions';
import type { PlannedFunction } from '../../scripts/deploy/plan';
import { fakeProgram } from './fake-program';

/** Setting the permissions: by WeChat DevTools, by a token, by the reader. */

const token = 'TokenSeen_0123456789';
const envId = 'kefu-test-1a2b3c';

function planned(name: string, permissions: readonly string[]): PlannedFunction {
  return {
    name,
    folder: path.resolve('dist/cloudfunctions', name),
    entry: { name },
    triggers: [],
    permissions,
    collections: [],
    variables: [],
    zipBytes: 1,
    build: '0',
  };
}
const functions = [
  planned('kefu-send', ['customerServiceMessage.send', 'customerServiceMessage.uploadTempMedia']),
  planned('kefu-typing', ['customerServiceMessage.setTyping']),
];

let folder: string;
let weChat: Server;
let apiUrl: string;
/** What WeChat was asked, and what it answers. */
const asked: { method: string; place: string; query: URLSearchParams; body: unknown }[] = [];
let answers: { errcode: number; errmsg: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-devtools-'));
  weChat = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => (text += String(bytes)));
    request.on('end', () => {
      const url = new URL(String(request.url), 'http://localhost');
      asked.push({
        method: String(request.method),
        place: url.pathname,
        query: url.searchParams,
        body: JSON.parse(text),
      });
      response.end(JSON.stringify(answers.shift() ?? { errcode: 0, errmsg: 'ok' }));
    });
  });
  await new Promise<void>((resolve) => weChat.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(weChat.address() as AddressInfo).port}`;
});
afterAll(async () => {
  weChat.closeAllConnections();
  await new Promise<void>((resolve) => weChat.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked.length = 0;
  answers = [];
});

async function apply(environment: { readonly [name: string]: string }) {
  const lines: string[] = [];
  const set = await applyPermissions({ envId, functions, environment, print: (line) => lines.push(line) });
  const output = lines.join('\n');
  expect(output).not.toContain(token);
  return { set, output };
}

/** A program in the place of DevTools' command line, that writes down what it was called with. */
async function fakeDevTools(name: string, ending: string): Promise<{ file: string; record: string }> {
  const record = path.join(folder, `${name}.json`);
  const keep = `require('node:fs').writeFileSync(${JSON.stringify(record)}, JSON.stringify(process.argv.slice(2)));`;
  return { file: await fakeProgram(folder, name, `${keep}\n${ending}`), record };
}

describe('WeChat DevTools', () => {
  const appid = 'wx0123456789abcdef';

  test('is asked to upload each function, by its documented command', async () => {
    const { file, record } = await fakeDevTools('cli', "console.log('√ deploy');");
    const { set, output } = await apply({ WECHAT_DEVTOOLS_CLI: file, WECHAT_APPID: appid });
    expect(set).toBe(true);
    expect(output).toContain('| √ deploy');
    expect(JSON.parse(await readFile(record, 'utf8'))).toEqual([
      'cloud',
      'functions',
      'deploy',
      '--env',
      envId,
      '--paths',
      path.resolve('dist/cloudfunctions/kefu-send'),
      path.resolve('dist/cloudfunctions/kefu-typing'),
      '--appid',
      appid,
    ]);
    expect(asked).toEqual([]);
  });

  test.each([
    ['ends with an error', 'process.exitCode = 255;', 'it ended with 255'],
    ['says an error and ends with 0', "console.log('[error] port off');", '[error] port off'],
  ])('that %s leaves it to the reader', async (_what, ending, why) => {
    const { file } = await fakeDevTools('broken', ending);
    const { set, output } = await apply({ WECHAT_DEVTOOLS_CLI: file, WECHAT_APPID: appid });
    expect(set).toBe(false);
    expect(output).toContain(`did not do it: ${why}`);
    expect(output).toContain('Permissions were NOT set');
  });

  test('is not asked without an appid', async () => {
    const { file, record } = await fakeDevTools('unasked', '');
    const { set, output } = await apply({ WECHAT_DEVTOOLS_CLI: file });
    expect(set).toBe(false);
    expect(output).toContain('names no appid of yours');
    await expect(readFile(record)).rejects.toThrow();
  });

  test('is not found where it is not', async () => {
    expect(await findDevTools({ WECHAT_DEVTOOLS_CLI: path.join(folder, 'nowhere') })).toBeUndefined();
  });

  test('is started through the shell where it is a batch file, with every name in quotes', () => {
    const cli = 'C:\\Program Files (x86)\\Tencent\\微信web开发者工具\\cli.bat';
    expect(devtoolsCommand(cli, ['--paths', 'C:\\my shop & co\\dist'])).toEqual({
      file: `"${cli}" "--paths" "C:\\my shop & co\\dist"`,
      args: [],
      shell: true,
    });
    expect(devtoolsCommand('/Applications/wechat cli', ['--paths', '/a b'])).toEqual({
      file: '/Applications/wechat cli',
      args: ['--paths', '/a b'],
      shell: false,
    });
  });
});

describe('a token', () => {
  const withToken = () => apply({ WECHAT_ACCESS_TOKEN: token, WECHAT_API_URL: apiUrl });

  test('sets the permissions of each function by uploadfuncconfig, type 1', async () => {
    const { set, output } = await withToken();
    expect(set).toBe(true);
    expect(output).toContain('kefu-typing: set (customerServiceMessage.setTyping)');
    expect(asked.map(({ method, place, query }) => [method, place, query.get('access_token')])).toEqual([
      ['POST', '/tcb/uploadfuncconfig', token],
      ['POST', '/tcb/uploadfuncconfig', token],
    ]);
    expect(asked.map(({ body }) => body)).toEqual(
      functions.map(({ name, permissions }) => ({
        type: 1,
        env: envId,
        function_name: name,
        config: JSON.stringify({ permissions: { openapi: permissions } }),
      })),
    );
  });

  test('that is the app’s own is explained, and the rest is left to the reader', async () => {
    answers = [{ errcode: 40014, errmsg: `invalid access_token ${token}` }];
    const { set, output } = await withToken();
    expect(set).toBe(false);
    expect(output).toContain('40014');
    expect(output).toContain('authorizer_access_token');
    expect(output).toContain('Permissions were NOT set');
    expect(asked).toHaveLength(1);
  });

  test('is not shown where nobody answers', async () => {
    const { set, output } = await apply({ WECHAT_ACCESS_TOKEN: token, WECHAT_API_URL: 'http://127.0.0.1:9' });
    expect(set).toBe(false);
    expect(output).toContain('no answer');
  });
});

test('the reader gets each step, with the values filled in', async () => {
  const { set, output } = await apply({});
  expect(set).toBe(false);
  expect(output).toContain(envId);
  expect(output).toContain('kefu-send: customerServiceMessage.send, customerServiceMessage.uploadTempMedia');
  expect(output).toContain('-604101');
  expect(output).toContain('ten minutes');
});
