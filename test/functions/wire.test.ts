import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Entry } from '../../emulator/entries';
import type { Account } from '../../shared/wechat/account';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import { messageTypeNames, messageTypes } from '../../shared/wechat/messages/message-types';
import { anyCoins, anyMessage, respell } from '../arbitrary/messages';
import { depth } from '../depth';

/** What reaches WeChat: the built function, the real SDK, the loopback gateway, the decoded bytes. */

type Wire = Extract<Entry, { kind: 'wire' }>;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ seed: 7 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function call(
  name: string,
  data: unknown,
  source = 'wx_client',
  openid: string | undefined = defaultOpenid,
) {
  const before = lastSeq();
  const invoked = await emulator.call({ name, data, source, openid });
  const wire = emulator.log.since(before).filter((entry): entry is Wire => entry.kind === 'wire');
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return { answer: invoked.result as Record<string, unknown>, wire };
}

function lastSeq(): number {
  return emulator.log.since(0).at(-1)?.seq ?? 0;
}

const accountOf = (msgtype: (typeof messageTypeNames)[number]): Account => messageTypes[msgtype].accounts[0];

describe('for every message type', () => {
  test.each(messageTypeNames)(
    'the example of %s arrives as the HTTPS payload, field for field',
    async (msgtype) => {
      const message = { msgtype, [msgtype]: messageExamples[msgtype] };
      const { answer, wire } = await call('kefu-send', { ...message, account: accountOf(msgtype) });
      expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
      expect(wire.map(({ https }) => https)).toEqual([{ touser: defaultOpenid, ...message }]);
      expect(wire[0]?.api).toBe('customerServiceMessage.send');
      const { messages } = emulator.world.conversation(accountOf(msgtype), defaultOpenid);
      expect(messages.at(-1)).toMatchObject({ from: 'service', msgtype, message });
    },
  );
});

describe('for every message in either spelling', () => {
  test.each(['miniprogram', 'official'] as const)(
    'of a %s account, the decoded pairs equal the HTTPS payload exactly',
    async (account) => {
      // errcode 0 on demand: WeChat says yes whatever its rules of window and media say.
      emulator.faults.put([{ api: 'customerServiceMessage.send', errcode: 0 }]);
      await fc.assert(
        fc.asyncProperty(anyMessage(account), anyCoins, async (message, coins) => {
          const event = respell(message, coins) as object;
          const { answer, wire } = await call('kefu-send', { ...event, account }, 'wx_client,scf');
          expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
          expect(wire.map(({ https }) => https)).toEqual([message]);
        }),
        { numRuns: depth(1500) },
      );
    },
  );
});

describe('text', () => {
  test.each([
    ['an emoji with zero-width joiners', '👨‍💻 and 👩‍👩‍👧‍👦'],
    [
      'soft hyphens, byte-order marks and other marks without width',
      'a\u00ad\u200b\u200d\u2028\u2060\ufeff\u0600b',
    ],
    ['the upper end of the first plane', '\ufff0\uffff'],
    ['a backslash and a u that are just that', '\\u200d'],
  ])('with %s reaches WeChat as it is, unescaped', async (_what, content) => {
    const { answer, wire } = await call('kefu-send', { msgtype: 'text', text: { content } });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(wire[0]?.https).toMatchObject({ text: { content } });
  });

  test('over 2048 bytes is refused, and sent in parts when asked', async () => {
    const content = '汉'.repeat(1000);
    const refused = await call('kefu-send', { msgtype: 'text', text: { content } });
    expect(refused.answer).toMatchObject({ errCode: 45002, code: 'invalid-message' });
    expect(refused.wire).toEqual([]);

    const sent = await call('kefu-send', { msgtype: 'text', text: { content }, split: true });
    const ok = { errCode: 0, errMsg: 'ok' };
    expect(sent.answer).toEqual({ ...ok, results: [ok, ok] });
    const parts = sent.wire.map(({ https }) => (https['text'] as { content: string }).content);
    expect(parts.join('')).toBe(content);
  });

  test('in parts stops at the first that fails, and says how far it got', async () => {
    const { answer, wire } = await call('kefu-send', {
      msgtype: 'text',
      text: { content: 'x'.repeat(2048 * 6) },
      split: true,
    });
    expect(answer).toMatchObject({ errCode: 45047, code: 'quota-exceeded' });
    expect((answer['results'] as { errCode: number }[]).map(({ errCode }) => errCode)).toEqual([
      0, 0, 0, 0, 0, 45047,
    ]);
    expect(wire).toHaveLength(6);
  });

  test('that fits is one message also when splitting is allowed', async () => {
    const { answer, wire } = await call('kefu-send', {
      msgtype: 'text',
      text: { content: 'hi' },
      split: true,
    });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(wire).toHaveLength(1);
  });
});

describe('typing', () => {
  test('shows the sign, once, and takes it away', async () => {
    expect((await call('kefu-typing', {})).answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(emulator.world.conversation('miniprogram', defaultOpenid).typing).toBe(true);
    expect((await call('kefu-typing', {})).answer).toMatchObject({ errCode: 45081, code: 'already-typing' });
    const { answer, wire } = await call('kefu-typing', { command: 'CancelTyping' });
    expect(answer).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(wire[0]?.https).toEqual({ touser: defaultOpenid, command: 'CancelTyping' });
    expect(emulator.world.conversation('miniprogram', defaultOpenid).typing).toBe(false);
  });

  test('with any other command is refused with 45072, before WeChat is asked', async () => {
    const { answer, wire } = await call('kefu-typing', { command: 'typing' });
    expect(answer).toMatchObject({ errCode: 45072, code: 'invalid-message', details: [{ path: 'command' }] });
    expect(wire).toEqual([]);
  });

  test('needs an exchange within 30 seconds', async () => {
    emulator.clock.advance(31_000);
    expect((await call('kefu-typing', {})).answer).toMatchObject({ errCode: 45080, code: 'typing-refused' });
  });
});

describe('the reply window', () => {
  const hi = { msgtype: 'text', text: { content: 'hi' } };

  test('allows five messages, then answers 45047', async () => {
    const codes: unknown[] = [];
    for (let sent = 0; sent < 6; sent += 1) codes.push((await call('kefu-send', hi)).answer['errCode']);
    expect(codes).toEqual([0, 0, 0, 0, 0, 45047]);
    emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content: 'still here' });
    expect((await call('kefu-send', hi)).answer['errCode']).toBe(0);
  });

  test('shuts after 48 hours', async () => {
    emulator.clock.advance(48 * 60 * 60 * 1000);
    expect((await call('kefu-send', hi)).answer).toMatchObject({
      errCode: 45015,
      code: 'window-closed',
      retryable: false,
      advice: expect.stringContaining('Wait until the user writes'),
    });
  });

  test('of a user who never wrote is shut', async () => {
    expect((await call('kefu-send', hi, 'wx_client', 'oQuietUser')).answer).toMatchObject({ errCode: 45015 });
  });
});
