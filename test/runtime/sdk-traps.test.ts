import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Entry } from '../../emulator/entries';

/**
 * What wx-server-sdk 4.0.2 does that its documents do not say, each shown with the SDK from node_modules, and beside it
 * what the built function makes of it. Should an SDK to come mend one, the first half fails, and the cure can go.
 */

const run = promisify(execFile);
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

/** Runs a line against the bare SDK in a process of its own; `result` is what it returned or threw. */
async function bareSdk(
  expression: string,
  variables: Record<string, string> = {},
): Promise<{ stdout: string; code: number }> {
  const script = `
    const cloud = require('wx-server-sdk');
    cloud.init({ env: 'local', timeout: 2000 });
    (async () => ${expression})().then(
      (result) => console.log(JSON.stringify({ result })),
      (error) => console.log(JSON.stringify({ errCode: error.errCode, errMsg: error.errMsg })),
    ).then(() => process.exit()); // A request that timed out stays open.`;
  const env = {
    PATH: process.env['PATH'],
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    TENCENTCLOUD_SECRETID: 'local',
    TENCENTCLOUD_SECRETKEY: 'local',
    TENCENTCLOUD_SESSIONTOKEN: 'local',
    TCB_CONTEXT_KEYS: 'TCB_ENV',
    TCB_ENV: 'local',
    SCF_NAMESPACE: 'local',
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: `${emulator.url}/admin` }),
    ...variables,
  };
  try {
    const { stdout } = await run(process.execPath, ['-e', script], { env, cwd: process.cwd() });
    return { stdout, code: 0 };
  } catch (error) {
    const { stdout = '', code = 1 } = error as { stdout?: string; code?: number };
    return { stdout, code };
  }
}

async function outcome(
  expression: string,
): Promise<{ result?: Record<string, unknown>; errCode?: number; errMsg?: string }> {
  const { stdout } = await bareSdk(expression);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
}

async function kefuSend(data: object): Promise<Record<string, unknown>> {
  const invoked = await emulator.call({
    name: 'kefu-send',
    data,
    source: 'wx_client',
    openid: defaultOpenid,
  });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as Record<string, unknown>;
}

function lastWire(): Extract<Entry, { kind: 'wire' }> {
  const wire = emulator.log
    .since(0)
    .filter((entry): entry is Extract<Entry, { kind: 'wire' }> => entry.kind === 'wire')
    .at(-1);
  if (wire === undefined) throw new Error('nothing was on the wire');
  return wire;
}

const sendText = (content: string) =>
  `cloud.openapi.customerServiceMessage.send({ touser: '${defaultOpenid}', msgtype: 'text', text: { content: ${JSON.stringify(content)} } })`;
const api = 'customerServiceMessage.send';

describe('the bare SDK', () => {
  test('escapes zero-width joiners, which WeChat refuses with 40033; the function sends them as they are', async () => {
    expect(await outcome(sendText('👨‍💻'))).toMatchObject({ errCode: 40033 });
    expect(await kefuSend({ msgtype: 'text', text: { content: '👨‍💻' } })).toEqual({
      errCode: 0,
      errMsg: 'ok',
    });
  });

  test('takes an empty body for success; the function does not', async () => {
    emulator.faults.put([{ api, behaviour: 'empty' }]);
    expect(await outcome(sendText('hi'))).toMatchObject({
      result: { errCode: 0, contentType: '', buffer: {} },
    });
    expect(await kefuSend({ msgtype: 'text', text: { content: 'hi' } })).toMatchObject({
      code: 'unknown-delivery',
    });
  });

  test('turns the capital letters of any key into underscores, user data included; so no wrong spelling may reach it', async () => {
    await outcome(
      `cloud.openapi.customerServiceMessage.send({ touser: 'o', msgType: 'text', data: { CardNumber: 1, keyword1: 2 } })`,
    );
    expect(lastWire().https).toEqual({
      touser: 'o',
      msg_type: 'text',
      data: { card_number: 1, keyword1: 2 },
    });
    expect(await kefuSend({ msgType: 'text', text: { content: 'hi' } })).toMatchObject({ errCode: 40008 });
  });

  test('sends the camel value where both spellings are there; the function refuses the two', async () => {
    await outcome(
      `cloud.openapi.customerServiceMessage.send({ touser: 'o', msgtype: 'image', image: { media_id: 'A', mediaId: 'B' } })`,
    );
    expect(lastWire().https).toMatchObject({ image: { media_id: 'B' } });
    expect(await kefuSend({ msgtype: 'image', image: { media_id: 'A', mediaId: 'B' } })).toMatchObject({
      details: [{ path: 'image.mediaId' }],
    });
  });

  test('kills the process where the credentials are missing; the function answers', async () => {
    const bare = await bareSdk(sendText('hi'), { TENCENTCLOUD_SECRETID: '', TENCENTCLOUD_SECRETKEY: '' });
    expect(bare.code).not.toBe(0);

    const { stdout } = await run(
      process.execPath,
      [
        '-e',
        `require(${JSON.stringify(path.resolve('dist/cloudfunctions/kefu-send/index.js'))}).main(
           { msgtype: 'text', text: { content: 'hi' } },
           { environment: JSON.stringify({ WX_OPENID: 'oUser', TCB_SOURCE: 'wx_client' }) },
         ).then((answer) => console.log(JSON.stringify(answer)))`,
      ],
      { env: { PATH: process.env['PATH'] } },
    );
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')).toMatchObject({
      errCode: -501009,
      code: 'configuration-invalid',
    });
  });

  test('names a media file after its content type and puts that type nowhere on the wire; a false one becomes a PNG', async () => {
    const upload = (contentType: string) =>
      outcome(
        `cloud.openapi.customerServiceMessage.uploadTempMedia({ type: 'image', media: { contentType: '${contentType}', value: Buffer.from('x') } })`,
      );
    await upload('image/gif');
    expect(lastWire().https).toMatchObject({ media: { filename: 'media.gif' } });
    await upload('image/jpg');
    expect(lastWire().https).toMatchObject({ media: { filename: 'media.png' } });
  });

  test('counts its timeout from the last byte and calls it a system error; the function knows the message may have arrived', async () => {
    emulator.faults.put([{ api, behaviour: 'timeout' }]);
    expect(await outcome(sendText('hi'))).toMatchObject({
      errCode: -501001,
      errMsg: expect.stringContaining('request timeout'),
    });
  });

  test('calls an API named then where a part of the path is awaited, and never settles', async () => {
    const { stdout, code } = await bareSdk('cloud.openapi.customerServiceMessage');
    expect(lastWire().api).toBe('customerServiceMessage.then');
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
  });
});

describe('the gateway', () => {
  test('knows no API but those of the table (-604100)', async () => {
    expect(await outcome('cloud.openapi.customerServiceMessage.sendAll({})')).toMatchObject({
      errCode: -604100,
    });
  });

  test('lets a function call only what its config.json lists (-604101)', async () => {
    const dist = await mkdtemp(path.join(tmpdir(), 'kefu-'));
    await cp('dist', dist, { recursive: true });
    await writeFile(
      path.join(dist, 'cloudfunctions', 'kefu-send', 'config.json'),
      '{"permissions":{"openapi":[]}}',
    );
    const strict = await createEmulator({ dist });
    try {
      const data = { msgtype: 'text', text: { content: 'hi' } };
      const invoked = await strict.call({
        name: 'kefu-send',
        data,
        source: 'wx_client',
        openid: defaultOpenid,
      });
      expect(invoked).toMatchObject({ result: { errCode: -604101, code: 'permission-missing' } });
      expect(strict.world.conversation('miniprogram', defaultOpenid).messages).toHaveLength(1);
    } finally {
      await strict.close();
      await rm(dist, { recursive: true, force: true });
    }
  });
});
