import { describe, expect, test } from '@jest/globals';
import type { Entry, EntryBody } from '../../../emulator/entries';
import { addEntries, type Card, keepCards } from '../../../emulator/page/local-wechat/log-cards';

function entries(...bodies: EntryBody[]): Entry[] {
  return bodies.map((body, index) => ({ seq: index + 1, at: 1000 + index, ...body }));
}

const call = (id: string, name = 'kefu-send'): EntryBody => ({
  kind: 'call',
  id,
  name,
  source: 'wx_client',
  data: {},
  answer: { errCode: 0 },
  failed: false,
  durationMs: 5,
  cold: false,
});
const wire = (callId?: string): EntryBody => ({
  kind: 'wire',
  ...(callId === undefined ? {} : { callId }),
  api: 'customerServiceMessage.send',
  account: 'miniprogram',
  https: {},
  cloud: {},
  bytes: 1,
  answer: {},
  ok: true,
});
const line = (text: string, callId?: string): EntryBody => ({
  kind: 'log',
  name: 'kefu-send',
  line: text,
  ...(callId === undefined ? {} : { callId }),
});

const shapes = (cards: readonly Card[]) =>
  cards.map((card) =>
    card.kind === 'call'
      ? `${card.key}${card.call === undefined ? ' running' : ''}, wires ${card.wires.length}, lines ${card.lines.length}`
      : card.kind,
  );

describe('addEntries', () => {
  test('gathers what belongs to a call in one card, newest first', () => {
    expect(
      shapes(addEntries([], entries(wire('a'), wire('b'), line('1', 'a'), call('a'), call('b')))),
    ).toEqual(['call b, wires 1, lines 0', 'call a, wires 1, lines 1']);
  });

  test('shows a call that still runs', () => {
    expect(shapes(addEntries([], entries(wire('a'))))).toEqual(['call a running, wires 1, lines 0']);
  });

  test('gives a line that comes late to the newest call of its function', () => {
    expect(
      shapes(addEntries([], entries(call('a'), call('b'), call('c', 'kefu-typing'), line('late')))),
    ).toEqual(['call c, wires 0, lines 0', 'call b, wires 0, lines 1', 'call a, wires 0, lines 0']);
    expect(addEntries([], entries(line('of nobody')))).toEqual([]);
  });

  test('shows a call of WeChat that no function made, and notes what users do', () => {
    const said: EntryBody = {
      kind: 'message',
      openid: 'o',
      account: 'miniprogram',
      message: { id: 'm', at: 1, from: 'user', msgtype: 'text', message: {}, media: {} },
    };
    const sent: EntryBody = { ...said, message: { ...said.message, from: 'service' } };
    const act: EntryBody = { kind: 'act', openid: 'o', account: 'miniprogram', act: 'enter' };
    expect(shapes(addEntries([], entries(wire(), said, sent, act, { kind: 'clock', now: 5 })))).toEqual([
      'note',
      'note',
      'note',
      'wire',
    ]);
  });

  test('begins anew after a reset', () => {
    expect(shapes(addEntries([], entries(call('a'), { kind: 'reset' }, call('b'))))).toEqual([
      'call b, wires 0, lines 0',
    ]);
  });

  test('keeps the newest cards', () => {
    const many = Array.from({ length: keepCards + 50 }, (_, index) => call(`c${index}`));
    const cards = addEntries([], entries(...many));
    expect(cards).toHaveLength(keepCards);
    expect(cards[0]?.key).toBe(`call c${keepCards + 49}`);
  });

  test('for every way to cut a row of entries in two, comes to the same', () => {
    const row = entries(
      wire('a'),
      call('a'),
      wire(),
      line('x', 'a'),
      { kind: 'clock', now: 1 },
      call('b'),
      line('y'),
    );
    const whole = addEntries([], row);
    for (let at = 0; at <= row.length; at += 1) {
      expect(addEntries(addEntries([], row.slice(0, at)), row.slice(at))).toEqual(whole);
    }
  });
});
