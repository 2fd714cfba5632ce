import { spawn } from 'node:child_process';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { weigh } from '../../scripts/build';
import { functionNames } from '../../scripts/build-functions';
import { createCloudApiDouble } from '../deploy/cloud-api-double';
import { loadBuiltClient } from '../miniprogram/built-client';
import { copyProject, filesIn } from './files';
import { serveFolder } from './git-server';
import { ended, type Installed, installPackage, type Started } from './installed';

/**
 * The package in other people's projects: packed and installed once, and then run as it is, from `init` to the first
 * message. What the command stands on is in the package, or a peer that npm installed beside it.
 */

interface ProjectOfOthers {
  readonly name: string;
  readonly functionRoot: string;
  readonly miniprogramRoot: string;
  readonly rules: string;
  /** Their own functions. */
  readonly theirs: readonly string[];
  /** Their own files in which something is put. */
  readonly edited: readonly string[];
  readonly lineEnds?: '\r\n';
}

const projects: readonly ProjectOfOthers[] = [
  {
    name: 'devtools',
    functionRoot: 'cloudfunctions',
    miniprogramRoot: 'miniprogram/',
    rules: 'kefu/rules.js',
    theirs: ['quickstartFunctions'],
    edited: [],
  },
  {
    name: 'own-functions',
    functionRoot: 'functions',
    miniprogramRoot: 'client/',
    rules: 'kefu/rules.js',
    theirs: ['login', 'order-paid'],
    edited: ['package.json'],
    lineEnds: '\r\n',
  },
  {
    name: 'typescript',
    functionRoot: 'cloud',
    miniprogramRoot: 'miniprogram/',
    rules: 'kefu/rules.ts',
    theirs: ['hello'],
    edited: ['package.json'],
  },
  {
    name: 'no-cloud',
    functionRoot: 'cloudfunctions',
    miniprogramRoot: '',
    rules: 'kefu/rules.js',
    theirs: [],
    edited: ['project.config.json'],
  },
];

const slow = 180_000;

let installed: Installed;
beforeAll(async () => {
  installed = await installPackage();
}, slow);
afterAll(() => installed.remove());

/** A fresh copy of a project, under the installed package. */
async function place(name: string, as: string = name, lineEnds?: '\r\n'): Promise<string> {
  const folder = path.join(installed.folder, 'projects', as);
  await copyProject(name, folder, lineEnds);
  return folder;
}

const openid = 'oVisitor00000000000000000001';

interface Conversation {
  readonly messages: readonly { readonly from: string; readonly message: { readonly text?: unknown } }[];
}

/** What the user was sent, in order. */
async function textsSentTo({ rest }: Started): Promise<unknown[]> {
  const { messages } = (await rest(`users/${openid}/conversation`)) as Conversation;
  return messages.filter(({ from }) => from === 'service').map(({ message }) => message.text);
}

/** The user writes; waits for what is sent in answer. */
async function say(started: Started, Content: string): Promise<unknown> {
  const before = (await textsSentTo(started)).length;
  await started.rest(`users/${openid}/say`, { MsgType: 'text', Content });
  await waitFor(async () => (await textsSentTo(started)).length > before);
  return (await textsSentTo(started)).at(-1);
}

const rulesWith = (words: string, answer: string) =>
  `exports.rules = { rules: [{ on: { contains: '${words}' }, say: [{ msgtype: 'text', text: { content: '${answer}' } }] }] };\n`;

describe.each(projects)('in the project $name', (project) => {
  const { name, functionRoot, miniprogramRoot, rules, theirs, edited, lineEnds } = project;
  let folder: string;
  let before: { readonly [file: string]: string };
  beforeAll(async () => {
    folder = await place(name, name, lineEnds);
    before = await filesIn(folder);
  });

  test('init shows what it would do, and does nothing where nobody says yes', async () => {
    const { code, output } = await installed.ask(folder, ['init']);
    expect(code).toBe(2);
    for (const file of [rules, `${functionRoot}/`, `${miniprogramRoot}kefu-client.js`, ...edited])
      expect(output).toContain(file);
    expect(output).toContain('nothing was changed. To do it: npx kefu-cloud init --yes');
    for (const each of theirs) expect(output).toContain(each);
    expect(await filesIn(folder)).toEqual(before);
  });

  test('init --yes adds what is needed and leaves every byte that was there', async () => {
    const { code, output } = await installed.kefu(folder, ['init', '--yes']);
    expect({ code, output }).toMatchObject({ code: 0 });
    const after = await filesIn(folder);
    for (const [file, bytes] of Object.entries(before))
      if (!edited.includes(file)) expect([file, after[file]]).toEqual([file, bytes]);
    const added = Object.keys(after).filter((file) => !(file in before));
    const ours = (await functionNames()).map((each) => `${functionRoot}/${each}/`);
    const strange = added.filter(
      (file) =>
        !file.startsWith('kefu/') &&
        !ours.some((place) => file.startsWith(place)) &&
        !/(^|\/)kefu-client\.(js|d\.ts)$|^package\.json$/.test(file),
    );
    expect(strange).toEqual([]);
    for (const place of ours)
      expect(Object.keys(after)).toEqual(expect.arrayContaining([`${place}index.js`, `${place}config.json`]));
    const config = JSON.parse(after[`${functionRoot}/kefu-outbox/config.json`] ?? '') as object;
    expect(config).toMatchObject({ triggers: [{ type: 'timer' }] });
    expect(after[rules]).toBeDefined();
    const manifest = JSON.parse(after['package.json'] ?? '') as { devDependencies: object };
    expect(manifest.devDependencies).toMatchObject({
      'kefu-cloud': expect.stringMatching(/^file:\.\.\/\.\./),
    });
  });

  test('a second init does nothing', async () => {
    const between = await filesIn(folder);
    const { code, output } = await installed.ask(folder, ['init', '--yes']);
    expect({ code, output }).toEqual({
      code: 0,
      output: 'Everything is there already. Nothing was changed.\n',
    });
    expect(await filesIn(folder)).toEqual(between);
  });

  test(
    'start runs their functions and ours, and a change to the rules is live at once',
    async () => {
      const started = await installed.start(folder);
      try {
        expect(started.output()).toContain('the example’s, here only');
        expect(await say(started, '你好')).toMatchObject({ content: expect.stringContaining('人工客服') });
        await writeFile(path.join(folder, rules), rulesWith('退款', '请发送订单号'));
        expect(await say(started, '我要退款')).toEqual({ content: '请发送订单号' });
        expect(started.output()).toContain(`${rules}: read anew`);

        const call = ({ name: called, data }: { name: string; data: object }) =>
          started.rest('call', { name: called, data, openid });
        const client = loadBuiltClient(path.join(folder, miniprogramRoot), { cloud: { callFunction: call } });
        const sent = await client
          .createCustomerService()
          .send({ msgtype: 'text', text: { content: '您好' } });
        expect(sent).toEqual({ ok: true, errCode: 0, errMsg: 'ok' });
        const phone = await fetch(`${started.url}/phone/app.js`);
        expect(await phone.text()).toContain('startMiniProgram(');
        for (const each of theirs)
          expect(await call({ name: each, data: { type: 'getOpenId', openid, order: 'KF1' } })).toMatchObject(
            {
              errMsg: 'cloud.callFunction:ok',
            },
          );
        const last = (await textsSentTo(started)).at(-1);
        expect(last).toEqual({ content: theirs.includes('order-paid') ? '订单 KF1 已付款' : '您好' });
      } finally {
        expect([0, null]).toContain(await started.end());
      }
    },
    slow,
  );

  test('undo takes away what was added, and keeps the rules that the owner has written', async () => {
    const shown = await installed.ask(folder, ['undo']);
    expect(shown.code).toBe(2);
    const { code, output } = await installed.kefu(folder, ['undo', '--yes']);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain(`keep    ${rules}  you have changed it`);
    const { [rules]: kept, ...rest } = await filesIn(folder);
    expect(kept).toBe(Buffer.from(rulesWith('退款', '请发送订单号')).toString('latin1'));
    expect(rest).toEqual(before);
    expect((await installed.ask(folder, ['undo', '--yes'])).output).toContain('Nothing was changed.');
  });
});

describe('a project that is set up', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await place('own-functions', 'shop');
    expect((await installed.kefu(folder, ['init', '--yes'])).code).toBe(0);
    await writeFile(path.join(folder, 'kefu', 'rules.js'), rulesWith('退款', '请发送订单号'));
  });

  test('doctor --local finds the built functions well', async () => {
    const { code, output } = await installed.kefu(folder, ['doctor', '--local']);
    expect(output).toContain('All is well.');
    expect(code).toBe(0);
  });

  test(
    'deploy uploads ours with the project’s rules, says so, and leaves theirs as they are',
    async () => {
      const envId = 'kefu-test-1a2b3c';
      const double = await createCloudApiDouble(envId);
      try {
        const modules = path.join(installed.folder, 'node_modules', '@cloudbase');
        await mkdir(modules, { recursive: true });
        await symlink(path.resolve('node_modules/@cloudbase/cli'), path.join(modules, 'cli'), 'junction');
        const home = path.join(installed.folder, 'home');
        await mkdir(path.join(home, '.config', '.cloudbase'), { recursive: true });
        await writeFile(
          path.join(home, '.config', '.cloudbase', 'auth.json'),
          JSON.stringify({ credential: { secretId: 'AKIDtest', secretKey: 'key' } }),
        );
        const before = await filesIn(path.join(folder, 'functions', 'login'));
        const { code, output } = await installed.kefu(folder, ['deploy', '--env', envId, '--yes'], {
          ...double.environment,
          // Only the proxy leads to the double, for the CLI and for what is asked without it.
          TENCENTCLOUD_API_URL: '',
          HOME: home,
          XDG_CONFIG_HOME: path.join(home, '.config'),
        });
        expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Left to do') });
        expect(output).toContain('Yours, left as they are and not uploaded: login, order-paid');
        expect(output).toContain('Bill of materials: ');
        expect(output).toContain('1. text with "退款"');
        expect(output).toContain('npx kefu-cloud doctor --env kefu-test-1a2b3c');
        expect([...double.functions.keys()].sort()).toEqual(await functionNames());
        const hosts = double.requests.map(({ host }) => host.replace(/^\w+\./, ''));
        expect(new Set(hosts)).toEqual(new Set(['tencentcloudapi.com']));
        expect(double.functions.get('kefu-answer')?.Timeout).toBe(60);
        expect(await filesIn(path.join(folder, 'functions', 'login'))).toEqual(before);
      } finally {
        await double.close();
      }
    },
    slow,
  );

  test('a wrong rule is told with its place, by the build and by a call, and nothing built is lost', async () => {
    const rules = path.join(folder, 'kefu', 'rules.js');
    const right = await readFile(rules);
    const built = await filesIn(path.join(folder, 'functions'));
    for (const [text, told] of [
      ["exports.rules = { rules: [{ on: { contain: 'x' }, say: [] }] };", 'rules[0].on'],
      ['exports.rules = {', 'kefu/rules.js:1:18 '],
      ['exports.regeln = {};', 'kefu/rules.js exports no rules'],
      ["require('not-there');", 'kefu/rules.js:1:9 Could not resolve "not-there"'],
      ["throw new Error('too early');", 'kefu/rules.js cannot be loaded: too early'],
    ] as const) {
      await writeFile(rules, text);
      const { code, output } = await installed.kefu(folder, ['build']);
      expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining(told) });
    }
    expect(await filesIn(path.join(folder, 'functions'))).toEqual(built);

    await writeFile(rules, right);
    const started = await installed.start(folder);
    await writeFile(rules, 'exports.rules = {');
    expect(await started.rest('call', { name: 'kefu-send', data: {}, openid })).toMatchObject({
      errMsg: expect.stringContaining('kefu/rules.js:1:18'),
    });
    expect(started.output()).toContain('kefu/rules.js:1:18');
    await writeFile(rules, right);
    expect(await say(started, '退款')).toEqual({ content: '请发送订单号' });
    await started.end();
  });

  test('a build that finds nothing changed writes nothing', async () => {
    const files = await filesIn(folder);
    const place = path.join(folder, 'functions', 'kefu-send', 'index.js');
    const { mtimeMs } = await stat(place);
    const { code, output } = await installed.kefu(folder, ['build']);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('Built into functions/'),
    });
    expect((await stat(place)).mtimeMs).toBe(mtimeMs);
    expect(await filesIn(folder)).toEqual(files);
  });

  test('a port that is taken gives the next one', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) =>
      taken.listen(8520, '127.0.0.1', resolve).once('error', () => resolve()),
    );
    const started = await installed.start(folder, ['--port=']).catch((error: Error) => error.message);
    expect(started).toContain('--port must be a number from 0 to 65535');
    taken.close();
  });

  test('what was put beside ours in package.json stays when init is undone', async () => {
    const manifest = path.join(folder, 'package.json');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"shop"', '"shop-2"'));
    const { output } = await installed.kefu(folder, ['undo', '--yes']);
    expect(output).toContain('change  package.json  without devDependencies.kefu-cloud');
    const { name, dependencies, devDependencies } = JSON.parse(await readFile(manifest, 'utf8')) as {
      [key: string]: unknown;
    };
    expect({ name, dependencies, devDependencies }).toEqual({
      name: 'shop-2',
      dependencies: { 'wx-server-sdk': '4.0.2' },
      devDependencies: {},
    });
  });
});

test(
  'init --desk adds the desk as a subpackage, which the second phone runs, and undo takes it away to the byte',
  async () => {
    const folder = await place('devtools', 'with-desk');
    const before = await filesIn(folder);
    expect((await installed.kefu(folder, ['init', '--yes'])).code).toBe(0);
    // What the owner does between two runs is no less the owner's.
    const app = path.join(folder, 'miniprogram', 'app.json');
    await writeFile(
      app,
      `${JSON.stringify({ ...JSON.parse(await readFile(app, 'utf8')), style: 'v3' }, null, 2)}\n`,
    );
    const changed = await filesIn(folder);
    const { code, output } = await installed.kefu(folder, ['init', '--yes', '--desk']);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('miniprogram/desk/') });
    expect(output).toMatch(/change +miniprogram\/app\.json +subPackages/);
    expect(JSON.parse(await readFile(app, 'utf8'))).toMatchObject({
      pages: ['pages/index/index'],
      subPackages: [{ root: 'desk', pages: expect.arrayContaining(['list/list', 'thread/thread']) }],
    });
    expect((await installed.ask(folder, ['init', '--yes', '--desk'])).output).toContain(
      'Nothing was changed.',
    );

    const started = await installed.start(folder);
    const phone = await (await fetch(`${started.url}/phone/app.js`)).text();
    expect(phone).toContain('"desk/list/list"');
    expect(phone).toContain('startMiniProgram(');
    await started.end();

    expect((await installed.kefu(folder, ['undo', '--yes'])).code).toBe(0);
    const { 'miniprogram/app.json': ownApp, ...rest } = await filesIn(folder);
    expect(ownApp).toBe(changed['miniprogram/app.json']);
    expect(rest).toEqual(
      Object.fromEntries(Object.entries(before).filter(([file]) => file !== 'miniprogram/app.json')),
    );
  },
  slow,
);

describe('what is not as it should be is said in a sentence, and nothing is touched', () => {
  test('no mini program, here or above', async () => {
    const { code, output } = await installed.ask(installed.folder, ['init', '--yes']);
    expect(code).toBe(1);
    expect(output).toContain('there is no project.config.json in');
  });

  test('a folder in the project is as good as the project', async () => {
    const folder = await place('devtools', 'inside');
    const { output } = await installed.ask(path.join(folder, 'miniprogram', 'pages'), ['init']);
    expect(output).toContain(`In ${folder}:`);
  });

  test.each([
    [
      'a project file that is none',
      'project.config.json',
      '{ "appid": ',
      'project.config.json is not a JSON object',
    ],
    ['a package.json that is none', 'package.json', '[]', 'package.json is not a JSON object'],
    [
      'a function of theirs with a name of ours',
      'cloudfunctions/kefu-send/index.js',
      '',
      'cloudfunctions/kefu-send is there, and not of kefu-cloud',
    ],
    [
      'a client of theirs with the name of ours',
      'miniprogram/kefu-client.js',
      'x',
      'miniprogram/kefu-client.js is there, and not of kefu-cloud',
    ],
  ])('%s', async (what, file, text, told) => {
    const folder = await place('devtools', what.replaceAll(/\W/g, '-'));
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
    const before = await filesIn(folder);
    const { code, output } = await installed.ask(folder, ['init', '--yes']);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining(told) });
    expect(await filesIn(folder)).toEqual(before);
  });

  test.each([
    [['strat'], 2, 'there is no command strat; did you mean start?'],
    [['deploi'], 2, 'did you mean deploy?'],
    [[], 2, 'npx kefu-cloud <command>'],
    [['--help'], 0, 'npx kefu-cloud <command>'],
    [['--version'], 0, '0.1.0'],
    [['init', '--yess'], 2, 'there is no option --yess; did you mean --yes?'],
    [['start', '--prt', '1'], 2, 'did you mean --port?'],
    [['start'], 1, 'there is no kefu/rules.ts or .js: npx kefu-cloud init adds it'],
    [['build'], 1, 'npx kefu-cloud init adds it'],
    [['deploy', '--env', 'kefu-test'], 1, 'npx kefu-cloud init adds it'],
    [['deploy'], 2, 'which environment? npx kefu-cloud deploy --env <id>'],
    [['secret'], 0, ''],
  ])('kefu-cloud %j', async (args, code, told) => {
    const folder = path.join(installed.folder, 'projects', 'inside');
    const ran = await installed.ask(folder, args);
    expect(ran).toMatchObject({ code, output: expect.stringContaining(told) });
  });

  test.each(['init', 'start', 'build', 'deploy', 'doctor', 'secret', 'undo'])(
    '%s has its own --help',
    async (name) => {
      const { code, output } = await installed.ask(installed.folder, [name, '--help']);
      expect(code).toBe(0);
      expect(output).toContain(`npx kefu-cloud ${name}`);
      expect(output).not.toContain('npm run');
    },
  );
});

describe('the package', () => {
  test('depends on nothing: DevTools’ 构建 npm packs what a package depends on, and breaks at esbuild', async () => {
    const manifest = JSON.parse(
      await readFile(path.join(installed.folder, 'node_modules/kefu-cloud/package.json'), 'utf8'),
    ) as { miniprogram: string; dependencies?: object; optionalDependencies?: object };
    expect(manifest).toMatchObject({ miniprogram: 'dist/package/miniprogram' });
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    const client = await filesIn(
      path.join(installed.folder, 'node_modules/kefu-cloud', manifest.miniprogram),
    );
    expect(Object.keys(client)).toEqual(['index.d.ts', 'index.js']);
    expect(client['index.js']).not.toMatch(/\brequire\(/);
  });

  test('has its functions, with tables beside them, within the budgets of ours', async () => {
    const root = path.join(installed.folder, 'node_modules/kefu-cloud/dist/package/functions');
    for (const name of await functionNames()) {
      const { zipBytes, budgetBytes } = await weigh(name, root);
      expect({ name, over: Math.max(0, zipBytes - budgetBytes) }).toEqual({ name, over: 0 });
    }
  });

  test('holds what it needs and is small', async () => {
    const { size } = await stat(installed.tarball);
    expect(size).toBeLessThan(3 * 1024 * 1024);
    const files = Object.keys(await filesIn(path.join(installed.folder, 'node_modules/kefu-cloud')));
    expect(files).toContain('dist/package/sbom.cdx.json');
    expect(files.filter((file) => /^(test|emulator|shared|scripts|node_modules)\//.test(file))).toEqual([]);
  });
});

describe('the template', () => {
  test(
    'is pulled by the real @cloudbase/cli from a git repository, and answers after init and start',
    async () => {
      const cloud = await createCloudApiDouble('kefu-test');
      const place = path.join(installed.folder, 'git');
      const git = await serveFolder('template', 'someone/kefu-cloud', place);
      try {
        const home = path.join(place, 'home');
        await mkdir(home);
        await writeFile(path.join(home, '.gitconfig'), git.configuration);
        const source = 'https://github.com/someone/kefu-cloud/tree/main/template';
        const pulled = await ended(
          spawn(
            process.execPath,
            [path.resolve('node_modules/@cloudbase/cli/bin/tcb'), 'pull', '-s', source, '-o', 'shop'],
            {
              cwd: place,
              stdio: ['ignore', 'pipe', 'pipe'],
              env: {
                PATH: process.env['PATH'],
                ...cloud.environment,
                NO_PROXY: '127.0.0.1',
                no_proxy: '127.0.0.1',
                HOME: home,
                XDG_CONFIG_HOME: path.join(home, '.config'),
              },
            },
          ),
        );
        expect({ ...pulled }).toMatchObject({ code: 0 });
        const folder = path.join(place, 'shop');
        const { code, output } = await installed.kefu(folder, ['init', '--yes']);
        expect({ code, output }).toMatchObject({ code: 0 });
        const started = await installed.start(folder);
        expect(await say(started, '你好')).toEqual({ content: '您好，我在。' });
        expect(await say(started, '我要退款')).toEqual({ content: '请发送订单号，我们为您查询。' });
        await started.end();
      } finally {
        await git.close();
        await cloud.close();
      }
    },
    slow,
  );
});

describe('SKILL.md', () => {
  /** The blocks of a language, in order. */
  const blocksOf = (text: string, language: string) =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
      ([, code = '']) => code,
    );

  test('is true: its commands, its rules, its calls and its page, one after the other', async () => {
    const folder = await place('devtools', 'skill');
    const before = await filesIn(folder);
    const text = await readFile('SKILL.md', 'utf8');
    const [rules = '', page = ''] = blocksOf(text, 'js');
    const commands = blocksOf(text, 'sh').join('').trim().split('\n');
    expect(commands.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'npx kefu-cloud init',
      'npx kefu-cloud start',
      'curl -X POST',
      'curl http://127.0.0.1:8520/_emulator/users/oUser/conversation',
      'curl -X POST',
      'npx kefu-cloud build',
      'npx kefu-cloud doctor',
      'npx kefu-cloud deploy',
    ]);
    let started: Started | undefined;
    for (const command of commands) {
      const [, args] = /^npx kefu-cloud (.*)$/.exec(command) ?? [];
      if (args?.startsWith('start')) {
        await writeFile(path.join(folder, 'kefu', 'rules.js'), rules);
        started = await installed.start(folder);
        continue;
      }
      if (args !== undefined) {
        const ran = await installed.kefu(folder, args.replace('<environment id>', 'kefu-test').split(' '));
        expect([command, ran]).toEqual([command, expect.objectContaining({ code: 0 })]);
        continue;
      }
      const [, where = '', body] =
        /^curl (?:-X POST )?http:\/\/127\.0\.0\.1:8520\/_emulator\/(\S+)(?: -d '(.+)')?$/.exec(command) ?? [];
      expect(where).not.toBe('');
      const answer = await started?.rest(
        where,
        body === undefined ? undefined : (JSON.parse(body) as object),
      );
      if (where === 'call') expect(answer).toMatchObject({ result: { errCode: 0 } });
      if (where.endsWith('/say'))
        await waitFor(async () =>
          JSON.stringify(await started?.rest('users/oUser/conversation')).includes('请发送订单号'),
        );
    }
    const call = ({ name, data }: { name: string; data: object }) =>
      started?.rest('call', { name, data, openid: 'oUser' });
    const client = loadBuiltClient(path.join(folder, 'miniprogram'), { cloud: { callFunction: call } });
    const run = new Function('require', `return (async () => { ${page}; return result; })()`) as (
      require: () => object,
    ) => Promise<unknown>;
    expect(await run(() => client)).toEqual({ ok: true, errCode: 0, errMsg: 'ok' });
    await started?.end();

    await writeFile(path.join(folder, 'kefu', 'rules.js'), '');
    expect((await installed.kefu(folder, ['undo', '--yes'])).code).toBe(0);
    expect(await filesIn(folder)).toEqual({ ...before, 'kefu/rules.js': '' });
  });
});

describe('the types that the package brings', () => {
  const compile = async (code: string, more: readonly string[]) => {
    const file = path.join(installed.folder, 'projects', 'types.ts');
    await writeFile(file, code);
    const tsc = path.resolve('node_modules/typescript/bin/tsc');
    const args = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--types',
      '',
      ...more,
      file,
    ];
    return ended(
      spawn(process.execPath, [tsc, ...args], { cwd: installed.folder, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  };

  test.each([
    ['a bundler', ['--module', 'preserve', '--moduleResolution', 'bundler']],
    ['Node', ['--module', 'node16', '--moduleResolution', 'node16']],
  ])(
    'take rules, notices and messages that are right, and no others, as %s finds them',
    async (_who, more) => {
      const { code, output } = await compile(
        `
import { createCustomerService } from 'kefu-cloud';
import { notice, type Notices } from 'kefu-cloud/notices';
import type { ReplyRules } from 'kefu-cloud/rules';
import type { Run } from 'kefu-cloud/turn';

const service = createCustomerService();
const run: Run = async ({ text, openid }) => ({ say: [{ msgtype: 'text', text: { content: text + openid } }] });
export const rules: ReplyRules = { rules: [{ on: { pattern: /KF\\d+/ }, run }], otherwise: { transfer: true } };
export const notices = {
  sent: notice({ title: '发货', takes: ['order'], send: [{ subscribe: { template_id: 't', data: { thing1: 'order' } } }] }),
} satisfies Notices;
void service.send({ msgtype: 'text', text: { content: 'hi' } }, { queue: true, deadline: 1 });
void service.send({ msgtype: 'voice', voice: { media_id: 'm' } }, { account: 'official' });

// @ts-expect-error a rule is no condition of its own making
export const wrong: ReplyRules = { rules: [{ on: { contain: 'x' } }] };
// @ts-expect-error a mini program sends no voice
void service.send({ msgtype: 'voice', voice: { media_id: 'm' } });
// @ts-expect-error nor by its short form
void service.sendVoice('m');
// @ts-expect-error a deadline is the outbox's
void service.send({ msgtype: 'text', text: { content: 'hi' } }, { deadline: 1 });
// @ts-expect-error a path on the phone is no file of cloud storage
void service.uploadMedia('http://tmp/a.png');
// @ts-expect-error
void service.uploadMedia('wxfile://tmp_a.png');
`,
        more,
      );
      expect({ code, output }).toEqual({ code: 0, output: '' });
    },
  );
});

describe('docs/project.md', () => {
  const pages = ['docs/project.md', 'docs/project.zh-CN.md'];

  test.each(pages)('%s has every command', async (file) => {
    const text = await readFile(file, 'utf8');
    const { output } = await installed.ask(installed.folder, ['--help']);
    const names = [...output.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThanOrEqual(7);
    for (const name of names) expect(text).toContain(`npx kefu-cloud ${name}`);
  });

  test('is in step in both languages', async () => {
    const [english, chinese] = await Promise.all(
      pages.map(async (file) => {
        const text = await readFile(file, 'utf8');
        return {
          headings: text.match(/^#+ /gm),
          blocks: text.match(/^```\w+\n[\s\S]*?```/gm),
          rows: text.match(/^\| /gm)?.length,
          commands: text.match(/npx kefu-cloud \w+/g)?.sort(),
        };
      }),
    );
    expect(chinese).toEqual(english);
  });
});

/** Waits until something holds; fails after 20 seconds. */
async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
