import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pushPairs } from '../../scripts/deploy/checklist';
import {
  type PushCallback,
  type PushSettings,
  pushFaults,
  setPush,
  withReceiver,
} from '../../scripts/deploy/push-settings';

/** What WeChat's message push is set to, read and set with a token, as the documents have the two calls. */

const envId = 'env-1';
const callback = (
  msgType: string,
  event: string,
  functionName: string,
  changes: object = {},
): PushCallback => ({
  msgType,
  event,
  env: envId,
  functionName,
  enable: true,
  ...changes,
});
const ours = pushPairs().map(({ MsgType, Event }) => callback(MsgType, Event, 'kefu-receive'));
const set = (callbacks: readonly PushCallback[], changes: object = {}): PushSettings => ({
  function_config: { enable: true, callbacks, ...changes },
});

describe('pushes', () => {
  test.each<[string, PushSettings, string[]]>([
    ['that all come', set(ours), []],
    ['that nothing is set for', {}, ['message push to functions is off']],
    ['that are off', set(ours, { enable: false }), ['message push to functions is off']],
    [
      'that go to a container',
      { container_config: { enable: true }, ...set(ours) },
      ['message push goes to Cloud Hosting (云托管): while that is on, no function gets one'],
    ],
    [
      'of which one goes elsewhere',
      set(ours.map((one) => (one.msgType === 'image' ? { ...one, functionName: 'old' } : one))),
      ['the pushes image go to old of env-1'],
    ],
    [
      'of which one is off, and one of another environment',
      set(
        ours.map((one) => ({
          ...one,
          ...(one.msgType === 'image' ? { enable: false } : {}),
          ...(one.msgType === 'text' ? { env: 'env-2' } : {}),
        })),
      ),
      [
        'the pushes text go to kefu-receive of env-2',
        'the pushes image go to no function: they reach WeChat’s own customer service, or a server',
      ],
    ],
  ])('%s', (_what, settings, faults) => {
    expect(pushFaults(settings, envId)).toEqual(faults);
    if (settings.container_config === undefined)
      expect(pushFaults(withReceiver(settings, envId), envId)).toEqual([]);
  });

  test('of others go where they went', () => {
    const others = [
      callback('event', 'wxa_media_check', 'checker'),
      callback('voice', '', 'listener', { enable: false }),
    ];
    const { function_config: after } = withReceiver(set([...others, callback('text', '', 'old')]), envId);
    expect(after?.callbacks).toEqual([...others, ...ours]);
  });
});

describe('setting them', () => {
  const token = 'TokenSeen_0123456789';
  let weChat: Server;
  let base: string;
  const asked: { place: string; body: unknown }[] = [];
  let answers: object[] = [];
  beforeAll(async () => {
    weChat = createServer((request, response) => {
      let text = '';
      request.on('data', (bytes) => (text += String(bytes)));
      request.on('end', () => {
        asked.push({ place: String(request.url), body: JSON.parse(text) });
        response.end(JSON.stringify(answers.shift() ?? { errcode: 0, errmsg: 'ok' }));
      });
    });
    await new Promise<void>((resolve) => weChat.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(weChat.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    weChat.closeAllConnections();
    weChat.close();
  });
  beforeEach(() => {
    asked.length = 0;
    answers = [];
  });

  async function run(more: { readonly [name: string]: string } = { WECHAT_ACCESS_TOKEN: token }) {
    const lines: string[] = [];
    const environment = { WECHAT_API_URL: base, ...more };
    const done = await setPush({ envId, environment, print: (line) => lines.push(line) });
    const output = lines.join('\n');
    expect(output).not.toContain(token);
    return { done, output };
  }

  test('reads first, keeps what is others’, and says what it was', async () => {
    const other = callback('event', 'wxa_media_check', 'checker');
    answers = [{ errcode: 0, data: set([other, callback('text', '', 'old')]) }];
    const { done, output } = await run();
    expect(done).toBe(true);
    expect(asked).toEqual([
      { place: `/tcb/getcallbackconfig?access_token=${token}`, body: {} },
      {
        place: `/tcb/setcallbackconfig?access_token=${token}`,
        body: { function_config: { enable: true, callbacks: [other, ...ours] } },
      },
    ]);
    expect(output).toContain('Message push, before: the pushes text go to old of env-1.');
    expect(output).toContain('Message push: set to kefu-receive of env-1.');
  });

  test.each<[string, object[], number, string]>([
    [
      'where they cannot be read',
      [{ errcode: 40014, errmsg: 'no' }],
      1,
      'WeChat answered 40014 no; it was left',
    ],
    [
      'where a container has them',
      [{ errcode: 0, data: { container_config: { enable: true } } }],
      1,
      'Turn that off first.',
    ],
    [
      'where WeChat refuses',
      [
        { errcode: 0, data: {} },
        { errcode: 48001, errmsg: 'x' },
      ],
      2,
      'answered 48001 x',
    ],
  ])('%s leaves them as they are', async (_what, given, calls, words) => {
    answers = given;
    const { done, output } = await run();
    expect([done, asked.length]).toEqual([false, calls]);
    expect(output).toContain(words);
  });

  test('without a token asks nobody', async () => {
    const { done, output } = await run({});
    expect([done, asked.length]).toEqual([false, 0]);
    expect(output).toContain('--push needs WECHAT_ACCESS_TOKEN');
  });
});
