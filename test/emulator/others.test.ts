import { cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Invoked } from '../../emulator/functions/runner';
import { until } from '../until';

/** Other people's functions beside ours: plain JavaScript, with modules, variables and mistakes of their own. */

const fixtures = path.resolve('test/fixtures/functions');

const by =
  (emulator: Emulator) =>
  (name: string, data: object = {}) =>
    emulator.call({ name, data, source: 'wx_client', openid: defaultOpenid });

async function rest(emulator: Emulator, method: string, route: string, body?: unknown) {
  const response = await fetch(`${emulator.url}/_emulator${route}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const lastMessage = (emulator: Emulator) =>
  emulator.world.conversation('miniprogram', defaultOpenid).messages.at(-1);

describe('a folder of functions', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await createEmulator({
      others: { folders: [fixtures], envFiles: ['test/fixtures/functions.env'] },
      variables: { KEFU_OPERATORS: 'oOperator0000000000000000001' },
    });
  });
  afterAll(() => emulator.close());
  beforeEach(() => emulator.reset());

  test('runs with the real SDK, its variables, the caller and the database', async () => {
    const greet = () => by(emulator)('greet', { name: 'Ann' });
    await greet();
    expect(await greet()).toMatchObject({
      ok: true,
      result: {
        text: 'Good morning, Ann',
        greeting: 'Good morning',
        OPENID: defaultOpenid,
        SOURCE: 'wx_client',
        total: 2,
      },
    });
    expect(emulator.database.dump()['greetings']).toHaveLength(2);
  });

  test('is told beside ours, with where it stands, and without anybody’s variables', async () => {
    const { body } = await rest(emulator, 'GET', '');
    const functions = body['functions'] as { name: string; from?: string }[];
    expect(functions.find(({ name }) => name === 'greet')).toEqual({
      name: 'greet',
      timeoutSeconds: 3,
      memorySizeMb: 256,
      permissions: [],
      from: fixtures,
    });
    expect(functions.find(({ name }) => name === 'kefu-send')).not.toHaveProperty('from');
    expect(JSON.stringify(body)).not.toContain('Good morning');
  });

  test('gets the pushes, where it is chosen, until the next reset', async () => {
    const say = () =>
      rest(emulator, 'POST', `/users/${defaultOpenid}/say`, { MsgType: 'text', Content: 'hello' });
    expect((await rest(emulator, 'GET', '')).body).toMatchObject({ receiver: 'kefu-receive' });
    expect(await rest(emulator, 'PUT', '/receiver', { name: 'answer' })).toEqual({
      status: 200,
      body: { name: 'answer' },
    });
    expect((await rest(emulator, 'GET', '')).body).toMatchObject({ receiver: 'answer' });
    await say();
    await until(() => lastMessage(emulator)?.from === 'service');
    expect(lastMessage(emulator)?.message).toMatchObject({ text: { content: 'You said hello' } });
    const pushes = () => emulator.log.since(0).filter((entry) => entry.kind === 'push');
    await until(() => pushes().length === 1);
    expect(pushes()).toMatchObject([{ to: 'answer', ok: true, answer: 'success' }]);

    emulator.reset();
    await say();
    await until(() => pushes().length === 1);
    expect(pushes()).toMatchObject([{ to: 'kefu-receive' }]);
  });

  test('must have the function that is to get the pushes', async () => {
    expect(await rest(emulator, 'PUT', '/receiver', { name: 'nobody' })).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/^needs \{name\}, one of .*kefu-receive.*greet/) },
    });
  });

  test('finds its files, whatever environment their ids name', async () => {
    await fetch(`${emulator.url}/_emulator/files/goods/milk.png`, { method: 'PUT', body: 'a picture' });
    expect(await by(emulator)('picture')).toMatchObject({
      result: {
        text: 'a picture',
        fileID: 'cloud://shop-7g2x.7368-shop-7g2x-1300000000/goods/milk.png',
        status: 0,
      },
    });
  });

  describe('with a template of its own', () => {
    const template = {
      account: 'miniprogram',
      template_id: 'tkQ9xJ2m0vR7',
      title: '取货提醒',
      content: '商品：{{thing1.DATA}}\n时间：{{ time2.DATA }}\n',
    };
    const remind = async (data: object = {}) => {
      const invoked = await by(emulator)('remind', data);
      return (invoked as { result?: { errCode?: number; errMsg?: string } }).result;
    };
    const allow = () =>
      rest(emulator, 'POST', `/users/${defaultOpenid}/subscribe`, { template_id: 'tkQ9xJ2m0vR7' });

    test('sends it once it was added and the user allowed it', async () => {
      expect(await remind()).toMatchObject({ errCode: 40037 });
      expect((await allow()).status).toBe(400);
      expect(await rest(emulator, 'POST', '/templates', template)).toEqual({
        status: 200,
        body: {
          account: 'miniprogram',
          template_id: 'tkQ9xJ2m0vR7',
          title: '取货提醒',
          fields: ['thing1', 'time2'],
        },
      });
      expect(await remind()).toMatchObject({ errCode: 43101 });
      expect((await allow()).status).toBe(200);
      expect(await remind()).toMatchObject({ errCode: 0 });
      expect(lastMessage(emulator)).toMatchObject({ msgtype: 'subscribe' });

      emulator.reset();
      expect(await remind()).toMatchObject({ errCode: 40037 });
    });

    test('is refused where a field of the template is missing', async () => {
      const fields = ['thing1', 'time2', 'amount3'];
      const { content: _, ...named } = template;
      await rest(emulator, 'POST', '/templates', { ...named, fields });
      await allow();
      expect(await remind()).toMatchObject({
        errCode: 47003,
        errMsg: expect.stringContaining('data.amount3.value'),
      });
    });

    test.each([
      [1, 47001],
      [['pages/index/index'], 47001],
      ['/pages/index/index', 41030],
      ['', 0],
      ['pages/index/index?id=1', 0],
    ])('of page %j gets %d', async (page, errCode) => {
      await rest(emulator, 'POST', '/templates', template);
      await allow();
      expect(await remind({ page })).toMatchObject({ errCode });
    });

    test('lists it beside those that are there from the start, of one id only the last', async () => {
      for (const title of ['old', 'new']) await rest(emulator, 'POST', '/templates', { ...template, title });
      const { body } = await rest(emulator, 'GET', '/templates');
      const list = body as unknown as { account: string; template_id: string; title: string }[];
      expect(list).toContainEqual(expect.objectContaining({ account: 'official', template_id: 'TM00015' }));
      expect(list.filter(({ template_id: id }) => id === 'tkQ9xJ2m0vR7')).toEqual([
        expect.objectContaining({ title: 'new' }),
      ]);
    });

    test.each([
      [{ ...template, account: 'shop' }, 'account must be miniprogram or official'],
      [{ account: 'official' }, 'needs {account, template_id'],
      [{ ...template, content: 5 }, 'content must be a template’s text'],
      [{ ...template, content: undefined, fields: 'thing1' }, 'fields a list such as'],
      [{ ...template, content: undefined, fields: ['thing 1'] }, 'fields a list such as'],
      [{ ...template, fields: ['thing1'] }, 'content or fields, not both'],
      [{ ...template, content: '商品：{thing1}' }, 'one is written {{thing1.DATA}}'],
    ])('is told what is wrong with %j', async (wrong, error) => {
      expect(await rest(emulator, 'POST', '/templates', wrong)).toEqual({
        status: 400,
        body: { error: expect.stringContaining(error) },
      });
    });
  });
});

describe('a function that is being written', () => {
  let folder: string;
  let emulator: Emulator;
  beforeAll(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'others-')), 'cloudfunctions');
    await write('draft/index.js', 'exports.main = () => 1;');
    await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction');
    await write('../cloudbaserc.json', '{"functions": [{"name": "slow", "timeout": 1}]}');
    emulator = await createEmulator({
      others: { folders: [folder] },
      variables: { KEFU_OPERATORS: 'oBoss' },
    });
  });
  afterAll(async () => {
    await emulator.close();
    await rm(path.dirname(folder), { recursive: true });
  });

  let moments = 0;
  /** Writes a file, each time with a time of its own: two edits of a test come closer than a disk can tell. */
  async function write(file: string, text: string): Promise<void> {
    const at = path.join(folder, file);
    await mkdir(path.dirname(at), { recursive: true });
    await writeFile(at, text);
    moments += 1;
    await utimes(at, moments, moments);
  }
  const call = (name: string, data: object = {}): Promise<Invoked> => by(emulator)(name, data);
  const result = async (name: string) => ((await call(name)) as { result?: unknown }).result;
  const failure = async (name: string) => ((await call(name)) as { errMsg?: string }).errMsg;

  test('is started anew when any file of it changes, and not otherwise', async () => {
    await write('draft/index.js', "let n = 0;\nexports.main = () => [require('./lib/a').a, (n += 1)];");
    await write('draft/lib/a.js', "exports.a = 'one';");
    expect([await result('draft'), await result('draft')]).toEqual([
      ['one', 1],
      ['one', 2],
    ]);
    await write('draft/lib/a.js', "exports.a = 'two';");
    expect(await result('draft')).toEqual(['two', 1]);
    await rm(path.join(folder, 'draft/lib/a.js'));
    expect(await failure('draft')).toContain("Cannot find module './lib/a' (draft/index.js:2:");
  });

  test('ends what it is doing with the code it began with', async () => {
    const code = (word: string) =>
      `exports.main = () => new Promise((done) => { console.log('${word}'); setTimeout(done, 500, '${word}'); });`;
    await write('draft/index.js', code('old'));
    const running = result('draft');
    await until(() => emulator.log.since(0).some((entry) => entry.kind === 'log' && entry.line === 'old'));
    await write('draft/index.js', code('new'));
    expect([await result('draft'), await running]).toEqual(['new', 'old']);
  });

  test('has its pauses over when the local WeChat’s time was moved that far', async () => {
    const code = "const { setTimeout: pause } = require('node:timers/promises');";
    await write(
      'pause/index.js',
      `${code} exports.main = () => (console.log('tired'), pause(3600000, 'rested'));`,
    );
    const running = result('pause');
    await until(() => emulator.log.since(0).some((entry) => entry.kind === 'log' && entry.line === 'tired'));
    emulator.clock.advance(3_000_000);
    emulator.clock.advance(600_000);
    expect(await running).toBe('rested');
  });

  test('has its own node_modules', async () => {
    await write('owner/index.js', "exports.main = () => require('kefu-greeting');");
    expect(await failure('owner')).toMatch(/Cannot find module 'kefu-greeting' \(owner\/index\.js:1:\d+\)$/);
    await write('owner/node_modules/kefu-greeting/index.js', "module.exports = 'installed';");
    expect(await result('owner')).toBe('installed');
  });

  test('has the variables of the .env files beside it, and none of ours', async () => {
    await write('variables/index.js', 'exports.main = () => process.env;');
    await write('.env', 'SHOP=one\nCOLOUR=red');
    await write('variables/.env', 'COLOUR="green"');
    expect(await result('variables')).toMatchObject({ SHOP: 'one', COLOUR: 'green', TCB_ENV: 'local' });
    expect(await result('variables')).not.toHaveProperty('KEFU_OPERATORS');
    expect(await result('variables')).not.toHaveProperty('GATEWAY_CLIENTS');
    await write('.env', 'SHOP=two');
    expect(await result('variables')).toMatchObject({ SHOP: 'two', COLOUR: 'green' });
  });

  test('may come later, and go', async () => {
    expect(await failure('late')).toContain('FunctionName parameter could not be found: late');
    await write('late/index.js', "exports.main = () => 'here';");
    expect(await result('late')).toBe('here');
    await rm(path.join(folder, 'late'), { recursive: true });
    expect(await failure('late')).toContain('could not be found');
    const { body } = await rest(emulator, 'GET', '');
    expect((body['functions'] as { name: string }[]).map(({ name }) => name)).not.toContain('late');
  });

  test('gets the permissions that its config.json has now', async () => {
    await cp(path.join(fixtures, 'answer'), path.join(folder, 'answer'), { recursive: true });
    await write('answer/config.json', '{}');
    expect(await failure('answer')).toContain('-604101');
    await write('answer/config.json', '{"permissions": {"openapi": ["customerServiceMessage.send"]}}');
    expect(await result('answer')).toBe('success');
    await write('answer/config.json', '{"permissions": ');
    expect(await failure('answer')).toMatch(/answer\/config\.json is not JSON/);
    await write('answer/config.json', '{}');
  });

  test('is killed at the timeout that cloudbaserc.json gives it', async () => {
    await write('slow/index.js', 'exports.main = () => new Promise(() => setInterval(() => 0, 1000));');
    expect(await failure('slow')).toBe('Invoking task timed out after 1 seconds');
  });

  test.each([
    [
      'a missing module',
      "\nconst _ = require('left-out');",
      /^Error: Cannot find module 'left-out' \(broken\/index\.js:2:\d+\)$/,
    ],
    [
      'a syntax error',
      'exports.main = () => {\n  retrun 5;\n};',
      /^SyntaxError: .+ \(broken\/index\.js:2\)$/,
    ],
    [
      'a throw at load',
      'const a = {};\n\nconst { b } = a.list[0];',
      /^TypeError: .+ \(broken\/index\.js:3:\d+\)$/,
    ],
    ['a text thrown at load', "throw 'no settings';", /^no settings$/],
    [
      'a file that is no JSON',
      "require('./settings.json');",
      /^SyntaxError: broken\/settings\.json: .+ \(broken\/index\.js:1:\d+\)$/,
    ],
    ['no main', 'exports.handler = () => 1;', /^Error: index\.js exports no main$/],
    ['an end at load', 'process.exit(3);', /^the instance ended with code 3$/],
    [
      'a throw in a call',
      'exports.main = (event) => event.list.map(String);',
      /^TypeError: .+ \(broken\/index\.js:1:\d+\)$/,
    ],
  ])('with %s answers with the mistake and its place', async (_what, code, told) => {
    await write('broken/settings.json', '{');
    await write('broken/index.js', code);
    const prefix = 'functions execute fail | errMsg: ';
    for (const attempt of [1, 2]) {
      const message = (await failure('broken')) ?? '';
      expect([attempt, message.slice(0, prefix.length)]).toEqual([attempt, prefix]);
      expect(message.slice(prefix.length)).toMatch(told);
    }
    await write('broken/index.js', "exports.main = () => 'mended';");
    expect(await result('broken')).toBe('mended');
  });

  test('may call ours, and ours’ rules are kept', async () => {
    await write(
      'caller/index.js',
      `const cloud = require('wx-server-sdk');
       cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });
       exports.main = async (data) => (await cloud.callFunction({ name: 'kefu-send', data })).result;`,
    );
    emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: 'hi' });
    const send = (content: unknown) =>
      call('caller', { touser: defaultOpenid, msgtype: 'text', text: { content } });
    expect(await send('from a shop')).toMatchObject({ result: { errCode: 0 } });
    expect(lastMessage(emulator)?.message).toMatchObject({ text: { content: 'from a shop' } });
    expect(await send(5)).toMatchObject({ result: { code: 'invalid-message' } });
  });
});

describe('functions that cannot be taken', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'others-'));
    for (const at of ['ours/kefu-send', 'one/twice', 'two/twice', 'alone'])
      await mkdir(path.join(root, at), { recursive: true });
    for (const at of ['ours/kefu-send', 'one/twice', 'two/twice', 'alone'])
      await writeFile(path.join(root, at, 'index.js'), 'exports.main = () => 1;');
    await mkdir(path.join(root, 'empty'));
  });
  afterAll(() => rm(root, { recursive: true }));

  test.each([
    [['ours'], [], /ours\/kefu-send has the name of one of ours: rename its folder, or leave it out$/],
    [['one', 'two'], [], /two\/twice has the name of another in .*\/one: rename/],
    [['nowhere'], [], /^there is no folder .*\/nowhere$/],
    [['empty'], [], /empty holds no function: each is a folder with an index\.js$/],
    [['alone'], [], /alone is a function; name the folder that it stands in$/],
    [['one'], ['missing.env'], /^there is no file .*missing\.env to read variables from$/],
  ])('of %j, with the variables of %j, are refused in a sentence', async (folders, envFiles, told) => {
    const others = {
      folders: folders.map((folder) => path.join(root, folder)),
      envFiles: envFiles.map((file) => path.join(root, file)),
    };
    await expect(createEmulator({ others })).rejects.toThrow(told);
  });
});
