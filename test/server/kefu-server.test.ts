import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { buildServer, serverBudgetBytes, serverRoot } from '../../scripts/build-server';
import type * as Server from '../../server/kefu-server';
import { helperForms } from '../../shared/wechat/messages/build-message';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import { type MessageTypeName, messageTypes } from '../../shared/wechat/messages/message-types';

/** The helpers for server code, as they are built: in somebody's own function, under the real SDK, and on a server. */

const secret = 'a-secret-'.repeat(4);
const built = path.resolve(serverRoot, 'kefu-server.js');
const { createCustomMessage } = require(built) as typeof Server;
const pages = ['docs/server.md', 'docs/server.zh-CN.md'];

/** The code of a page that begins with this word. */
async function codeOf(page: string, file: string): Promise<string> {
  const text = await readFile(page, 'utf8');
  const code = new RegExp(`\`\`\`js\\n// ${file}[^\\n]*\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (code === undefined) throw new Error(`${page} has no ${file}`);
  return code;
}

let folder: string;
let emulator: Emulator;
beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'kefu-server-')), 'cloudfunctions');
  const write = async (name: string, code: string) => {
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, 'index.js'), code);
    await copyFile(built, path.join(folder, name, 'kefu-server.js'));
  };
  for (const [index, page] of pages.entries()) await write(`page-${index}`, await codeOf(page, 'index\\.js'));
  await write(
    'any',
    `const cloud = require('wx-server-sdk');
     const { createCustomMessage } = require('./kefu-server');
     cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });
     const call = (request) => cloud.callFunction(request);
     exports.main = ({ account, helper, given }) => createCustomMessage({ call, account })[helper](...given);`,
  );
  await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction');
  emulator = await createEmulator({
    others: { folders: [folder] },
    variables: {
      OFFICIAL_CHANNEL: 'https',
      GATEWAY_CLIENTS: `crm:${secret}:official,mini:${secret}:miniprogram`,
    },
  });
});
afterAll(async () => {
  await emulator.close();
  await rm(path.dirname(folder), { recursive: true });
});
/** What was there when a test began. Nothing is reset for it, or each would load the SDK anew. */
const before = { official: 0, miniprogram: 0, logged: 0 };
const messagesOf = (account: 'miniprogram' | 'official') =>
  emulator.world.conversation(account, defaultOpenid).messages;
beforeEach(() => {
  emulator.world.say('official', defaultOpenid, { MsgType: 'text', Content: 'hi' });
  emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: 'hi' });
  before.official = messagesOf('official').length;
  before.miniprogram = messagesOf('miniprogram').length;
  before.logged = emulator.log.seq;
});

const received = (account: 'miniprogram' | 'official' = 'official') =>
  messagesOf(account)
    .slice(before[account])
    .filter(({ from }) => from === 'service')
    .map(({ message }) => message);

async function call(name: string, data: object) {
  const invoked = await emulator.call({ name, data, source: 'wx_client', openid: defaultOpenid });
  return (invoked.ok ? invoked.result : invoked) as Record<string, unknown>;
}

/** A helper, called in somebody's own function. */
const help = (helper: string, given: readonly unknown[], account?: string) =>
  call('any', { helper, given, account });

const onServer = (id: string) => createCustomMessage({ base: `${emulator.url}/gateway/`, id, secret });
type Any = (openid: string, body: unknown, options?: unknown) => Promise<Server.Result>;
const anyOf = (helpers: object, name: string) => (helpers as { readonly [name: string]: Any })[name];

const rows = helperForms.map((form) => {
  const [helper = '', msgtype = '', field] = form.split('.');
  const row = messageTypes[msgtype as MessageTypeName];
  const body: Record<string, unknown> = messageExamples[msgtype as MessageTypeName];
  const account = (row.accounts as readonly string[]).includes('official') ? 'official' : 'miniprogram';
  const list = field?.replace('[]', '') ?? '';
  const short = field === undefined ? body : field === list ? body[field] : (body[list] as unknown[])[0];
  return { helper, msgtype, account, body, field, short } as const;
});

describe.each(rows)('$helper', ({ helper, msgtype, account, body, field, short }) => {
  test('sends its type from a function of one’s own, by the body and by what stands for it', async () => {
    for (const given of [body, short])
      expect(await help(helper, [defaultOpenid, given, 'a@b'], account)).toMatchObject({ ok: true });
    const message = { touser: defaultOpenid, msgtype, customservice: { kf_account: 'a@b' } };
    const [first, second] = received(account);
    expect(first).toMatchObject({ ...message, [msgtype]: body });
    expect(second).toMatchObject({
      ...message,
      [msgtype]: field === undefined || field.endsWith('[]') ? body : { [field]: short },
    });
  });

  test('and from a server, over the gateway', async () => {
    const send = anyOf(onServer(account === 'official' ? 'crm' : 'mini'), helper);
    expect(await send?.(defaultOpenid, short, { kf_account: 'a@b' })).toEqual({
      ok: true,
      errCode: 0,
      errMsg: 'ok',
    });
    expect(received(account)).toMatchObject([{ msgtype, customservice: { kf_account: 'a@b' } }]);
  });
});

describe('in a function of one’s own', () => {
  test.each(pages.map((page, index) => [page, `page-${index}`]))(
    '%s’s runs as it stands',
    async (_page, name) => {
      expect(await call(name, { openid: defaultOpenid })).toMatchObject({ ok: true, errCode: 0 });
      expect(received()).toMatchObject([
        { msgtype: 'text', text: { content: '您好' }, customservice: { kf_account: 'test1@kftest' } },
        { msgtype: 'msgmenu', msgmenu: { list: [{ id: '101' }, { id: '102' }] } },
      ]);
    },
  );

  test('options go along, and answers come back whole', async () => {
    const options = { requestId: 'r-1', window: true };
    const first = await help('send_text', [defaultOpenid, 'once', options]);
    expect(first).toMatchObject({ ok: true, window: { closesAt: 0 } });
    expect(await help('send_text', [defaultOpenid, 'once', options])).toEqual(first);
    expect(received('miniprogram')).toHaveLength(1);
    expect(await help('send_image', [defaultOpenid, emulator.sampleFileID])).toMatchObject({ ok: true });
    expect(await help('send_msg', [{ touser: defaultOpenid, msgtype: 'text', text: {} }])).toMatchObject({
      ok: false,
      code: 'invalid-message',
      details: [{ path: 'text.content', message: 'is missing' }],
    });
  });

  test('typing shows the sign, and ends it', async () => {
    for (const isTyping of [true, false])
      expect(await help('typing', [defaultOpenid, isTyping])).toMatchObject({ ok: true });
    const commands = emulator.log.since(before.logged).flatMap((entry) => {
      const { api = '', https = {} } = entry as { api?: string; https?: { command?: string } };
      return api === 'customerServiceMessage.setTyping' ? [https.command] : [];
    });
    expect(commands).toEqual(['Typing', 'CancelTyping']);
  });
});

describe('a call of a function that fails', () => {
  const text = (call: Server.ByFunction['call'], options?: Server.SendOptions) =>
    createCustomMessage({ call }).send_text('oUser', 'hi', options);
  const fail = (error: unknown) => () => Promise.reject(error);

  test.each([
    [
      'where there is no such function',
      { errCode: -1, errMsg: 'FunctionName parameter could not be found' },
      'not-found',
    ],
    ['where no answer came', new Error('ESOCKETTIMEDOUT'), 'unknown-delivery'],
    ['in whatever way', undefined, 'unknown-delivery'],
  ])('%s is told', async (_what, error, code) => {
    expect(await text(fail(error))).toMatchObject({ ok: false, code, retryable: false });
  });

  test('can be made again under a requestId', async () => {
    expect(await text(fail(new Error('timeout')), { requestId: 'r' })).toMatchObject({
      code: 'wechat-busy',
      retryable: true,
    });
  });

  test.each([[undefined], [{}], [{ result: 'hello' }]])(
    'with %j for an answer may have arrived',
    async (answer) => {
      expect(await text(() => Promise.resolve(answer))).toMatchObject({ code: 'unknown-delivery' });
    },
  );

  test('is told where the call itself throws', async () => {
    const call = () => {
      throw new Error('not initialised');
    };
    expect(await text(call)).toMatchObject({ ok: false, errMsg: 'not initialised' });
    expect(await createCustomMessage({ call }).typing('oUser')).toMatchObject({
      code: 'wechat-busy',
      retryable: true,
    });
  });
});

describe('on a server', () => {
  test.each(pages)('the code of %s runs as it stands', async (page) => {
    const module = { exports: {} as { answer?: (openid: string) => Promise<Server.Result> } };
    const environment = { env: { KEFU_GATEWAY: `${emulator.url}/gateway`, KEFU_CLIENT_SECRET: secret } };
    const run = new Function('require', 'process', 'exports', await codeOf(page, 'server\\.js'));
    run(() => ({ createCustomMessage }), environment, module.exports);
    expect(await module.exports.answer?.(defaultOpenid)).toMatchObject({ ok: true });
    expect(received()).toMatchObject([{ news: { articles: [{ title: 'Happy Day' }] } }]);
  });

  const tokens = () =>
    emulator.log
      .since(before.logged)
      .filter((entry) => entry.kind === 'log' && /"step":"gateway-token"/.test(entry.line)).length;

  test('one token serves many calls at once, and a spent one is renewed by itself', async () => {
    const mini = onServer('mini');
    const send = () => mini.send_text(defaultOpenid, 'hi');
    const both = await Promise.all([send(), send()]);
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    expect(tokens()).toBe(1);
    const stale = createCustomMessage({ base: `${emulator.url}/gateway`, id: 'mini', secret });
    await stale.typing(defaultOpenid, false);
    emulator.clock.advance(3 * 60 * 60 * 1000);
    expect(await stale.send_text(defaultOpenid, 'later')).toMatchObject({ ok: true });
    expect(tokens()).toBe(3);
    expect(received('miniprogram')).toHaveLength(3);
  });

  test('a refusal is WeChat’s', async () => {
    expect(await onServer('mini').send_voice(defaultOpenid, 'MEDIA_ID')).toMatchObject({
      ok: false,
      errCode: 40008,
      code: 'wechat-refused',
      retryable: false,
    });
    const wrong = createCustomMessage({ base: `${emulator.url}/gateway`, id: 'mini', secret: 'wrong' });
    const refused = await wrong.send_text(defaultOpenid, 'hi');
    expect(refused).toMatchObject({ errCode: 40001, code: 'token-invalid' });
    expect(JSON.stringify(refused)).not.toContain('wrong');
  });
});

describe('a gateway that fails', () => {
  /** Answers tokens as the gateway does, and everything else as it is told to. */
  async function against(
    listener: RequestListener,
    use: (helpers: Server.CustomMessage<Server.Accompanying>, sends: () => number) => Promise<void>,
  ): Promise<void> {
    let sends = 0;
    const server = createServer((request, response) => {
      if (request.url?.includes('stable_token'))
        return void response.end(JSON.stringify({ access_token: `t${sends}`, expires_in: 7200 }));
      sends += 1;
      return listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await use(createCustomMessage({ base, id: 'a', secret, timeoutMs: 300 }), () => sends);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const json =
    (body: object, status = 200): RequestListener =>
    (_request, response) =>
      void response.writeHead(status).end(JSON.stringify(body));

  test.each<[string, RequestListener, string, boolean]>([
    ['that is cut', (request) => request.socket.destroy(), 'unknown-delivery', false],
    ['that never comes', () => undefined, 'unknown-delivery', false],
    ['of the platform, that it failed', json({ code: 'FAILED' }, 500), 'unknown-delivery', false],
    [
      'that it is not known',
      json({ errcode: -501001, errmsg: 'unknown delivery: no answer' }),
      'unknown-delivery',
      false,
    ],
    ['that there is nothing here', json({ code: 'INVALID_PATH' }, 404), 'not-found', false],
    ['that it is busy', json({ errcode: -1, errmsg: 'system error' }), 'wechat-busy', true],
    [
      'that the token is spent, again and again',
      json({ errcode: 42001, errmsg: '' }),
      'wechat-refused',
      false,
    ],
  ])('by an answer %s says so, and sends nothing again', async (_what, listener, code, retryable) => {
    await against(listener, async (helpers, sends) => {
      expect(await helpers.send_text('oUser', 'hi')).toMatchObject({ ok: false, code, retryable });
      expect(sends()).toBe(code === 'wechat-refused' ? 2 : 1);
    });
  });

  test('so that it cannot be reached has sent nothing', async () => {
    const helpers = createCustomMessage({ base: 'http://127.0.0.1:1', id: 'a', secret });
    expect(await helpers.send_text('oUser', 'hi')).toMatchObject({ code: 'wechat-busy', retryable: true });
  });
});

describe('the two files', () => {
  test('import nothing and stay small', async () => {
    const at = path.join(path.dirname(folder), 'built');
    const { minifiedBytes } = await buildServer(at);
    expect(minifiedBytes).toBeLessThanOrEqual(serverBudgetBytes);
    for (const file of ['kefu-server.js', 'kefu-server.d.ts'])
      expect(await readFile(path.join(at, file), 'utf8')).not.toMatch(/\brequire\(|\bimport\b|\bfrom '/);
    const kilobytes = `${(minifiedBytes / 1024).toFixed(1)} KB`;
    for (const page of pages) expect(await readFile(page, 'utf8')).toContain(kilobytes);
  });

  test('are typed from the table: what is right compiles, what is wrong does not', async () => {
    const at = path.join(path.dirname(folder), 'typed');
    await buildServer(at);
    await writeFile(
      path.join(at, 'use.ts'),
      `import { createCustomMessage } from './kefu-server';
const own = createCustomMessage({ call: async () => ({}) });
const far = createCustomMessage({ base: 'https://a.b/wechat/', id: 'crm', secret: 's' });
own.send_text('o', 'hi', 'a@b');
own.send_text('o', { content: 'hi' }, { requestId: '1', queue: true });
own.send_image('o', { mediaId: 'm' });
own.send_image('o', 'cloud://a/b.png');
own.send_news('o', { title: 't', url: 'u' });
own.send_news('o', { articles: [{ title: 't', url: 'u' }] });
own.send_card('o', 'c');
own.send_menu('o', { head_content: 'h', list: [{ id: '1', content: 'c' }] });
own.send_mini_program_page('o', { title: 't', appid: 'a', pagepath: 'p', thumb_media_id: 'm' });
far.send_text('o', 'hi', { kf_account: 'a@b', aimsgcontext: { is_ai_msg: 1 } });
far.typing('o', false).then((result) => (result.ok ? result.errMsg : result.code));
// @ts-expect-error a film is made of more than one text
own.send_video('o', 'm');
// @ts-expect-error an article needs its address
own.send_news('o', { title: 't' });
// @ts-expect-error a menu has a list
own.send_menu('o', { head_content: 'h' });
// @ts-expect-error the gateway takes no requestId
far.send_text('o', 'hi', { requestId: '1' });
// @ts-expect-error there is no such helper
own.send_wxcard('o', 'c');
// @ts-expect-error a server needs its secret
createCustomMessage({ base: 'https://a.b', id: 'a' });
`,
    );
    const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
    const args = ['--ignoreConfig', '--noEmit', '--strict', '--types', '', path.join(at, 'use.ts')];
    const said = await promisify(execFile)(process.execPath, [tsc, ...args]).then(
      () => '',
      (error: { stdout?: string }) => error.stdout ?? 'tsc did not run',
    );
    expect(said).toBe('');
  });
});

test.each(pages)('%s lists every helper, by the table', async (page) => {
  const listed = [
    ...(await readFile(page, 'utf8')).matchAll(/^\| `(send_\w+)` \| `(\w+)` \| (?:[^`|]*`(\w+)`)?/gm),
  ];
  expect(listed.map(([, helper, msgtype, field]) => [helper, msgtype, field])).toEqual(
    rows.map(({ helper, msgtype, field }) => [helper, msgtype, field?.replace('[]', '')]),
  );
});
