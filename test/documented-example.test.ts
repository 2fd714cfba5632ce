import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../emulator/emulator';
import { until } from './until';

/**
 * Why not `cloud.openapi` itself: the example of WeChat's page and kefu-send meet the same events, each by the SDK, in
 * the same local WeChat. Every row of the READMEs' table is one of these.
 */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ others: { folders: ['test/fixtures/documented'] } });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const api = 'customerServiceMessage.send';
const stranger = 'oSomebodyElse0000000000001';
const text = (content: string) => ({ msgtype: 'text', text: { content } });

type Answer = { readonly [field: string]: unknown };

async function call(name: string, data: object): Promise<Answer> {
  const invoked = await emulator.call({ name, data, source: 'wx_client', openid: defaultOpenid });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as Answer;
}

/** What a user has on the phone that we sent. */
const received = (openid = defaultOpenid) =>
  emulator.world.conversation('miniprogram', openid).messages.filter(({ from }) => from === 'service');

/** The user writes, and WeChat pushes it. */
const say = (Content: string) =>
  fetch(`${emulator.url}/_emulator/users/${defaultOpenid}/say`, {
    method: 'POST',
    body: JSON.stringify({ MsgType: 'text', Content }),
  });

/** The outbox's timer comes, and learns that WeChat takes no more. */
const outbox = () => emulator.call({ name: 'kefu-outbox', data: { Type: 'Timer' }, source: 'wx_trigger' });

const isText = (message: object, content: string) => JSON.stringify(message).includes(`"${content}"`);

/** A row: what happens to the one and what to the other; `begin` is done before each. */
interface Row {
  readonly begin?: () => unknown;
  readonly documented: () => Promise<void>;
  readonly kefu: () => Promise<void>;
}

const family = '👨‍👩‍👧';
const long = '长'.repeat(1000);

const rows: { readonly [title: string]: Row } = {
  'a client names somebody else as `touser`': {
    begin: () => emulator.world.say('miniprogram', stranger, { MsgType: 'text', Content: 'hi' }),
    async documented() {
      expect(await call('send', { touser: stranger, ...text('You have won') })).toMatchObject({ errCode: 0 });
      expect(received(stranger)).toHaveLength(1);
    },
    async kefu() {
      expect(await call('kefu-send', { touser: stranger, ...text('You have won') })).toMatchObject({
        code: 'not-allowed',
      });
      expect(received(stranger)).toEqual([]);
    },
  },
  'an emoji of several, 👨‍👩‍👧': {
    async documented() {
      expect(await call('send', text(family))).toMatchObject({ errCode: 40033 });
    },
    async kefu() {
      expect(await call('kefu-send', text(family))).toMatchObject({ errCode: 0 });
      expect(received()).toMatchObject([{ message: text(family) }]);
    },
  },
  'a text of 3,000 bytes': {
    async documented() {
      expect(await call('send', text(long))).toMatchObject({ errCode: 45002 });
      expect(received()).toEqual([]);
    },
    async kefu() {
      expect(await call('kefu-send', { ...text(long), split: true })).toMatchObject({ errCode: 0 });
      expect(received()).toHaveLength(2);
    },
  },
  '`mediaID` for `mediaId`': {
    async documented() {
      const answer = await call('send', { msgtype: 'image', image: { mediaID: 'M' } });
      expect(answer).toMatchObject({ errCode: expect.any(Number) });
      expect(JSON.stringify(answer)).not.toContain('mediaID');
    },
    async kefu() {
      const { details } = await call('kefu-send', { msgtype: 'image', image: { mediaID: 'M' } });
      expect(details).toContainEqual({
        path: 'image.mediaID',
        message: 'is not a field; did you mean mediaId?',
      });
    },
  },
  'the answer is lost, and the call made again': {
    begin: () => emulator.faults.put([{ api, behaviour: 'cut', delivered: true, times: 1 }]),
    async documented() {
      const again = text('Your order is paid');
      expect(await call('send', again)).not.toMatchObject({ errCode: 0 });
      expect(await call('send', again)).toMatchObject({ errCode: 0 });
      expect(received()).toHaveLength(2);
    },
    async kefu() {
      const again = { ...text('Your order is paid'), requestId: 'order-1' };
      expect(await call('kefu-send', again)).toMatchObject({ code: 'unknown-delivery', retryable: false });
      expect(await call('kefu-send', again)).toMatchObject({ code: 'unknown-delivery', retryable: false });
      expect(received()).toHaveLength(1);
    },
  },
  'an empty answer from the gateway': {
    begin: () => emulator.faults.put([{ api, behaviour: 'empty', times: 1 }]),
    async documented() {
      expect(await call('send', text('hi'))).toMatchObject({ errCode: 0 });
      expect(received()).toEqual([]);
    },
    async kefu() {
      expect(await call('kefu-send', text('hi'))).toMatchObject({ code: 'unknown-delivery' });
    },
  },
  'the sixth message since the user wrote': {
    async begin() {
      for (let sent = 0; sent < 5; sent += 1) await call('kefu-send', text(String(sent)));
    },
    async documented() {
      expect(await call('send', text('sixth'))).toMatchObject({ errCode: 45047 });
      await say('hello?');
      expect(await call('send', text('seventh'))).toMatchObject({ errCode: 0 });
      expect(received()).toHaveLength(6);
    },
    async kefu() {
      expect(await call('kefu-send', { ...text('sixth'), queue: true })).toMatchObject({ errCode: 0 });
      await outbox();
      await say('hello?');
      await until(() => received().some(({ message }) => isText(message, 'sixth')));
    },
  },
};

test('the READMEs’ tables have these rows, and the two of the bench', async () => {
  const titles = async (file: string) => {
    const [, table = ''] =
      /\n\| \| .*kefu-cloud \|\n\|---\|---\|---\|\n([\s\S]*?)\n\n/.exec(await readFile(file, 'utf8')) ?? [];
    return [...table.matchAll(/^\| (.*?) \|/gm)].map(([, title]) => title);
  };
  const english = await titles('README.md');
  expect(english.slice(0, -2)).toEqual(Object.keys(rows));
  expect(await titles('README.zh-CN.md')).toHaveLength(english.length);
});

describe.each(Object.entries(rows))('%s', (_title, { begin, documented, kefu }) => {
  beforeEach(async () => {
    await begin?.();
  });
  test('by the documented example', documented);
  test('by kefu-send', kefu);
});
