import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { gatewayActions } from '../../emulator/cloudbase/gateway';
import { coverage } from '../../emulator/coverage';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Conversation, Entry } from '../../emulator/entries';
import { routes } from '../../emulator/rest/rest';
import { createHttpsApi } from '../../emulator/wechat/https-api';
import { accounts } from '../../shared/wechat/account';
import { callNames, callRow } from '../../shared/wechat/calls';

let emulator: Emulator;
beforeAll(async () => {
  // What users say is not answered here; receive.test.ts is about that.
  emulator = await createEmulator({ pushes: false });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function rest(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${emulator.url}/_emulator${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const hi = { msgtype: 'text', text: { content: 'hi' } };

async function conversation(openid = defaultOpenid, account = 'miniprogram'): Promise<Conversation> {
  return (await rest('GET', `/users/${openid}/conversation?account=${account}`))
    .body as unknown as Conversation;
}

describe('POST /_emulator/call', () => {
  test('does what wx.cloud.callFunction does', async () => {
    expect(await rest('POST', '/call', { name: 'kefu-send', data: hi })).toEqual({
      status: 200,
      body: {
        errMsg: 'cloud.callFunction:ok',
        result: { errCode: 0, errMsg: 'ok' },
        requestID: expect.any(String),
      },
    });
    expect((await conversation()).messages.at(-1)).toMatchObject({
      from: 'service',
      message: { touser: defaultOpenid, ...hi },
    });
  });

  test('takes the user and the source that are named', async () => {
    await rest('POST', '/users/oAnn/say', { MsgType: 'text', Content: 'hello' });
    const send = (data: object) =>
      rest('POST', '/call', { name: 'kefu-send', data: { ...hi, ...data }, openid: 'oAnn' });
    expect((await send({})).body).toMatchObject({ result: { errCode: 0 } });
    expect((await send({ touser: defaultOpenid })).body).toMatchObject({ result: { code: 'not-allowed' } });
    const timer = await rest('POST', '/call', {
      name: 'kefu-send',
      data: { ...hi, touser: 'oAnn' },
      source: 'wx_trigger',
    });
    expect(timer.body).toMatchObject({ result: { errCode: 0 } });
  });

  test('answers as the platform does where there is no such function', async () => {
    expect((await rest('POST', '/call', { name: 'kefu-fly' })).body).toMatchObject({
      errCode: -501000,
      errMsg: expect.stringContaining('FunctionName parameter could not be found'),
    });
  });

  test.each([
    ['no name', {}],
    ['a list', []],
    ['no JSON', '{'],
  ])('refuses %s with a sentence', async (_what, body) => {
    expect(await rest('POST', '/call', body)).toEqual({
      status: 400,
      body: { error: expect.stringContaining('{name, data}') },
    });
  });
});

describe('the people', () => {
  test('write, and open the window', async () => {
    emulator.clock.advance(49 * 60 * 60 * 1000);
    expect((await conversation()).window).toMatchObject({ open: false, remaining: 0 });
    await rest('POST', `/users/${defaultOpenid}/say`, { MsgType: 'text', Content: 'again' });
    const after = await conversation();
    expect(after.window).toMatchObject({ open: true, remaining: 5 });
    expect(after.messages.at(-1)).toMatchObject({
      from: 'user',
      msgtype: 'text',
      message: { Content: 'again' },
    });
  });

  test('enter the conversation, which is good for two messages in a minute', async () => {
    const { body } = await rest('POST', '/users/oBob/enter');
    expect(body['window']).toMatchObject({ remaining: 2, open: true });
    await rest('POST', '/clock', { advanceMs: 60_000 });
    expect((await conversation('oBob')).window).toMatchObject({ remaining: 0, open: false });
  });

  test('of an official account follow, scan and click, good for three', async () => {
    for (const act of ['follow', 'scan', 'menu-click']) {
      const { body } = await rest('POST', `/users/oEve/act?account=official`, { act });
      expect(body['window']).toMatchObject({ remaining: 3 });
    }
    expect((await rest('POST', '/users/oEve/act?account=official', { act: 'dance' })).status).toBe(400);
  });

  test('of an official account pay, good for any number in two days, and nothing is pushed', async () => {
    const pushes = () => emulator.log.since(0).filter((entry) => entry.kind === 'push').length;
    const before = pushes();
    await rest('POST', '/users/oPay/act?account=official', { act: 'payment' });
    const send = () =>
      emulator.call({
        name: 'kefu-send',
        data: { touser: 'oPay', account: 'official', msgtype: 'text', text: { content: 'thanks' } },
        source: 'wx_http',
      });
    for (let message = 0; message < 7; message += 1)
      expect(await send()).toMatchObject({ result: { errCode: 0 } });
    await rest('POST', '/clock', { advanceMs: 48 * 60 * 60 * 1000 });
    expect(await send()).toMatchObject({ result: { errCode: 45015 } });
    expect(pushes()).toBe(before);
  });

  test.each([
    ['/users/oAnn/say', { MsgType: 'poem' }, 'MsgType must be one of'],
    ['/users/oAnn/say', { MsgType: 'text' }, 'Content must be a string'],
    ['/users/oAnn/say', { msgtype: 'text', text: { content: 'x' } }, 'needs what WeChat pushes: {"MsgType"'],
    [
      '/users/oAnn/say?account=oa',
      { MsgType: 'text', Content: 'x' },
      'account must be miniprogram or official',
    ],
    ['/users/oAnn/enter?account=official', {}, 'only a mini program'],
    ['/clock', { advanceMs: -5 }, 'advanceMs must be a number'],
    ['/clock', {}, 'advanceMs must be a number'],
    ['/clock', { advanceMs: 1e18 }, 'advanceMs leads beyond every date'],
    ['/call', { name: 'kefu-send', openId: 'oAnn' }, 'openId is not taken here; a call has name, data'],
    ['/call', { name: 'kefu-send', openid: 5 }, 'openid must be a string'],
    ['/call', { name: 'kefu-send', source: 5 }, 'source must be a string'],
  ])('are told what is wrong with POST %s %j', async (path, body, error) => {
    expect(await rest('POST', path, body)).toEqual({
      status: 400,
      body: { error: expect.stringContaining(error) },
    });
  });
});

describe('faults', () => {
  test('strike as often as they say, by name or prefix', async () => {
    await rest('PUT', '/faults', [{ api: 'customerServiceMessage.*', errcode: 45009, times: 1 }]);
    expect((await rest('POST', '/call', { name: 'kefu-send', data: hi })).body).toMatchObject({
      result: { errCode: 45009 },
    });
    expect((await rest('POST', '/call', { name: 'kefu-send', data: hi })).body).toMatchObject({
      result: { errCode: 0 },
    });
    expect((await rest('GET', '/faults')).body).toEqual([]);
  });

  test('of a probability strike the same calls for the same seed', async () => {
    const story = async () => {
      emulator.reset();
      emulator.faults.put([{ api: 'customerServiceMessage.setTyping', errcode: 45011, probability: 0.5 }]);
      const codes: unknown[] = [];
      for (let call = 0; call < 12; call += 1) {
        const { body } = await rest('POST', '/call', {
          name: 'kefu-typing',
          data: { command: 'CancelTyping' },
        });
        codes.push((body['result'] as { errCode: number }).errCode);
      }
      return codes;
    };
    const first = await story();
    expect(new Set(first)).toEqual(new Set([0, 45011]));
    expect(await story()).toEqual(first);
  });

  test.each([
    [{}, 'faults must be a list'],
    [[{}], 'faults[0].api is missing'],
    [[{ api: 'a' }], 'needs an errcode or a behaviour'],
    [[{ api: 'a', behaviour: 'sulk' }], 'behaviour must be one of timeout, cut, empty, garbage, slow'],
    [[{ api: 'a', errcode: 1.5 }], 'errcode must be a whole number'],
    [[{ api: 'a', errcode: 1, probability: 2 }], 'probability must be from 0 to 1'],
    [[{ api: 'a', errcode: 1, times: 0 }], 'times must be 1 or more'],
    [[{ api: 5, errcode: 1 }], 'api must be a string'],
    [[{ api: 'a', behaviour: 'slow', delayMs: 'long' }], 'delayMs must be a number, 0 or more'],
    [[{ api: 'a', behaviour: 'cut', delivered: 1 }], 'delivered must be true or false'],
    [[{ api: 'a', errcode: 1, errmsg: 1 }], 'errmsg must be a string'],
    [[{ api: 'a', errcode: 1, time: 1 }], 'faults[0].time is no field of a fault; known: api, errcode'],
  ])('that make no sense are refused: %j', async (faults, error) => {
    expect(await rest('PUT', '/faults', faults)).toEqual({
      status: 400,
      body: { error: expect.stringContaining(error) },
    });
  });
});

describe('the log', () => {
  test('holds the call, and the wire in both spellings', async () => {
    await rest('POST', '/call', {
      name: 'kefu-send',
      data: { msgtype: 'image', image: { media_id: 'MEDIA_ID' } },
    });
    const entries = (await rest('GET', '/log')).body as unknown as Entry[];
    const wire = entries.find((entry) => entry.kind === 'wire');
    expect(wire).toMatchObject({
      https: { touser: defaultOpenid, msgtype: 'image', image: { media_id: 'MEDIA_ID' } },
      cloud: { touser: defaultOpenid, msgtype: 'image', image: { mediaId: 'MEDIA_ID' } },
      ok: true,
    });
    expect(entries.find((entry) => entry.kind === 'call')).toMatchObject({
      name: 'kefu-send',
      source: 'wx_client',
      answer: { errCode: 0 },
    });
    const last = entries.at(-1)?.seq ?? 0;
    expect((await rest('GET', `/log?since=${last}`)).body).toEqual([]);
  });

  /** Listens to the feed until a text has come; the events as they came. */
  async function listenFor(text: string, headers: Record<string, string> = {}): Promise<string[]> {
    const response = await fetch(`${emulator.url}/_emulator/feed`, { headers });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    while (!heard.includes(text)) heard += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    return heard.split('\n\n').filter((event) => event !== '');
  }

  test('is fed live, and resumes where a listener left off', async () => {
    const say = (Content: string) =>
      rest('POST', `/users/${defaultOpenid}/say`, { MsgType: 'text', Content });
    const listening = listenFor('"first"');
    await say('first');
    const heard = await listening;
    expect(heard.at(-1)).toMatch(/^event: message$/m);
    const id = /^id: (\d+)$/m.exec(heard.at(-1) ?? '')?.[1] ?? '';

    await say('second');
    const resumed = await listenFor('"second"', { 'last-event-id': id });
    expect(resumed.join()).not.toContain('"first"');
  });
});

describe('a story', () => {
  test('replays to the millisecond from the same start and seed', async () => {
    const tell = async () => {
      const told = await createEmulator({ startsAt: 1_700_000_000_000, seed: 42 });
      try {
        const say = (data: object) =>
          told.call({ name: 'kefu-send', data, source: 'wx_client', openid: defaultOpenid });
        await say(hi);
        told.clock.advance(60_000);
        await say({ msgtype: 'image', image: { fileID: told.sampleFileID } });
        return {
          conversation: told.world.conversation('miniprogram', defaultOpenid),
          stored: told.database.dump(),
        };
      } finally {
        await told.close();
      }
    };
    expect(await tell()).toEqual(await tell());
  });

  test('begins anew after a reset', async () => {
    await rest('POST', '/call', {
      name: 'kefu-send',
      data: { msgtype: 'image', image: { fileID: emulator.sampleFileID } },
    });
    await rest('POST', '/clock', { advanceMs: 1000 });
    await rest('POST', '/reset');
    expect((await conversation()).messages).toHaveLength(1);
    expect(emulator.database.dump()).toEqual({});
  });
});

describe('a stranger', () => {
  /** `fetch` sets these headers itself, so they are forged with `node:http`. */
  const forged = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(`${emulator.url}/_emulator/call`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end(JSON.stringify({ name: 'kefu-send', data: hi }));
    });

  test('on another page of the same browser is refused, and so is a name that only leads here', async () => {
    expect(await forged({ origin: 'https://evil.example' })).toBe(403);
    expect(await forged({ host: 'evil.example' })).toBe(403);
    expect(await forged({ origin: emulator.url })).toBe(200);
  });
});

describe('a browser', () => {
  test.each([
    '/',
    '/app.js',
    '/_emulator',
    '/_emulator/media/official/MEDIA_ID',
    '/_storage/samples/picture.png',
  ])('is told what it may do with %s', async (path) => {
    const { status, headers } = await fetch(emulator.url + path);
    expect(status).toBe(200);
    const policy = new Map(
      (headers.get('content-security-policy') ?? '').split('; ').map((part) => {
        const [name = '', ...sources] = part.split(' ');
        return [name, sources.join(' ')] as const;
      }),
    );
    expect(Object.fromEntries(policy)).toMatchObject({
      'default-src': "'self'",
      'object-src': "'none'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(policy.has('script-src')).toBe(false);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test.each(['/phone/', '/phone/frame.js', '/phone/app.js'])(
    'takes the second phone’s %s into the page’s own frame only, with scripts from here only',
    async (path) => {
      const { status, headers } = await fetch(emulator.url + path);
      expect(status).toBe(200);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("frame-ancestors 'self'");
      expect(policy).toContain("default-src 'self'");
      expect(policy).not.toMatch(/unsafe|script-src|style-src/);
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    },
  );

  test('gets of the mini program’s files pictures and sounds, and nothing beside it', async () => {
    for (const file of ['app.json', '..%2F..%2Fpackage.json', '%2e%2e/page/app.css', 'gone.png'])
      expect((await fetch(`${emulator.url}/phone/files/${file}`)).status).toBe(404);
  });

  test('finds no script and no style in the page itself', async () => {
    const html = await (await fetch(emulator.url)).text();
    expect(html).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|javascript:/i);
  });

  test('gets what was uploaded as bytes, whatever its name says', async () => {
    emulator.storage.put('page.html', Buffer.from('<script>alert(1)</script>'));
    const { headers } = await fetch(`${emulator.url}/_storage/page.html`);
    expect(headers.get('content-type') ?? '').not.toContain('html');
  });
});

describe('a path', () => {
  test.each([
    ['GET', '/%'],
    ['GET', '/_emulator/%E4%BD'],
    ['PUT', '/_emulator/files/%zz.png'],
    ['GET', '/_emulator/users/%/conversation'],
    ['GET', '/_storage/%ff'],
    ['PUT', '/_storage/%'],
    ['POST', '/gateway/%'],
  ])('whose % begins no character is refused: %s %s', async (method, path) => {
    const response = await fetch(emulator.url + path, { method });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'the path has a % that begins no character; a % itself is written %25' },
    ]);
  });

  test('may hold any character that is written as its bytes', async () => {
    for (const name of ['100%.png', '图 片?.png', 'a&b#c.png']) {
      const path = `/_emulator/files/${encodeURIComponent(name)}`;
      const response = await fetch(emulator.url + path, { method: 'PUT', body: 'x' });
      expect(await response.json()).toMatchObject({ fileID: expect.stringMatching(/^cloud:/) });
      expect(emulator.storage.get(name)).toBeDefined();
      expect((await fetch(`${emulator.url}/_storage/${encodeURIComponent(name)}`)).status).toBe(200);
    }
  });
});

describe('the coverage table', () => {
  test('names every route of the REST interface, and no other', () => {
    const there = Object.keys(routes).map((route) =>
      route.replace(/ (?=\/)/, ' /_emulator').replace(/\/$/, ''),
    );
    const named = Object.keys(coverage).filter((name) => name.includes('/_emulator'));
    expect(there.sort()).toEqual(named.sort());
  });

  test('names every path of WeChat’s HTTPS interface that is there', () => {
    const paths = createHttpsApi(emulator).routes.map(({ path }) => path);
    const named = Object.entries(coverage).filter(
      ([name, row]) => row.emulated && / \/(?:cgi-bin|wxa)\//.test(name),
    );
    expect(paths.sort()).toEqual(named.map(([name]) => name.split(' ')[1]).sort());
  });

  test('names every action of the gateway as emulated, and every open API', () => {
    const emulated = Object.entries(coverage)
      .filter(([name, row]) => row.emulated && !name.includes('/'))
      .map(([name]) => name);
    const apis = callNames.flatMap((name) =>
      accounts.flatMap((account) => callRow(name).cloud[account] ?? []),
    );
    expect(emulated.sort()).toEqual([...new Set([...gatewayActions(emulator), ...apis])].sort());
  });

  test('is what an unknown action and an unknown path point at', async () => {
    const response = await fetch(`${emulator.url}/admin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'storage.batchCopyFile' }),
    });
    expect(await response.json()).toMatchObject({
      code: 'INVALID_PARAM',
      message:
        'the local CloudBase has no action "storage.batchCopyFile" yet; it would stand in emulator/cloudbase/gateway.ts',
    });
    const path = await fetch(`${emulator.url}/cgi-bin/nothing`, { method: 'POST' });
    expect(path.status).toBe(404);
    expect(await path.json()).toMatchObject({ error: expect.stringContaining('/_emulator/coverage') });
  });
});

describe('an instance', () => {
  test('is killed at its function’s timeout, and the next call gets a fresh one', async () => {
    // The typing function is given three seconds here, and WeChat does not answer.
    const slow = await createEmulator({ cloudbaserc: '/nowhere/cloudbaserc.json' });
    try {
      slow.faults.put([{ api: 'customerServiceMessage.setTyping', behaviour: 'timeout', times: 1 }]);
      const call = () =>
        slow.call({ name: 'kefu-typing', data: {}, source: 'wx_client', openid: defaultOpenid });
      expect(await call()).toMatchObject({
        ok: false,
        errCode: -504003,
        errMsg: 'Invoking task timed out after 3 seconds',
      });
      expect(await call()).toMatchObject({ ok: true });
      const colds = slow.log.since(0).flatMap((entry) => (entry.kind === 'call' ? [entry.cold] : []));
      expect(colds).toEqual([true, true]);
    } finally {
      await slow.close();
    }
  });

  test('handles one event at a time: calls at once get instances of their own, up to the limit', async () => {
    const crowd = await createEmulator({ maxInstances: 3 });
    try {
      const calls = Array.from({ length: 8 }, () =>
        crowd.call({
          name: 'kefu-typing',
          data: { command: 'CancelTyping' },
          source: 'wx_client',
          openid: defaultOpenid,
        }),
      );
      const answers = await Promise.all(calls);
      expect(
        answers.every((answer) => answer.ok && (answer.result as { errCode: number }).errCode === 0),
      ).toBe(true);
      const colds = crowd.log.since(0).filter((entry) => entry.kind === 'call' && entry.cold);
      expect(colds).toHaveLength(3);
    } finally {
      await crowd.close();
    }
  });
});
