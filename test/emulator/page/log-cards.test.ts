import { describe, expect, test } from '@jest/globals';
import type { Entry, EntryBody } from '../../../emulator/entries';
import {
  addEntries,
  type Card,
  keepCards,
  type LogCards,
  noCards,
} from '../../../emulator/page/local-wechat/log-cards';
import { factsOf } from '../../../emulator/page/log/card-facts';
import { applyFilters } from '../../../emulator/page/log/filters';

function entries(...bodies: EntryBody[]): Entry[] {
  return bodies.map((body, index) => ({ seq: index + 1, at: 1000 + index, ...body }));
}

const called = (id: string, name = 'kefu-send', data: object = {}) =>
  ({ id, name, source: 'wx_client', openid: 'oAnn', data }) as const;
const start = (id: string, more: object = {}): EntryBody => ({ kind: 'start', ...called(id), ...more });
const call = (id: string, more: object = {}): EntryBody => ({
  kind: 'call',
  ...called(id),
  answer: { errCode: 0 },
  failed: false,
  durationMs: 5,
  cold: false,
  ...more,
});
const wire = (callId?: string, more: object = {}): EntryBody => ({
  kind: 'wire',
  ...(callId === undefined ? {} : { callId }),
  api: 'customerServiceMessage.send',
  account: 'miniprogram',
  https: {},
  cloud: {},
  bytes: 1,
  answer: {},
  ok: true,
  ...more,
});
const line = (text: string, callId?: string): EntryBody => ({
  kind: 'log',
  name: 'kefu-send',
  line: text,
  ...(callId === undefined ? {} : { callId }),
});
const push = (id: string, more: object = {}): EntryBody => ({
  kind: 'push',
  id,
  openid: 'oAnn',
  account: 'miniprogram',
  to: 'kefu-receive',
  attempt: 1,
  push: { MsgType: 'text', Content: 'Is anybody there?' },
  answer: 'success',
  ok: true,
  durationMs: 7,
  ...more,
});
const model = (callId: string): EntryBody => ({
  kind: 'model',
  callId,
  messages: [{ role: 'user', content: 'hello' }],
  tools: [],
  hasKey: false,
  said: 'Good morning',
  durationMs: 3,
});

const cardsOf = (...bodies: EntryBody[]): Card[] => [
  ...addEntries(noCards, entries(...bodies)).cards.values(),
];
const shapes = ({ cards }: LogCards) =>
  [...cards.values()].map((card) =>
    card.kind === 'call'
      ? `${card.key}: ${[
          ...card.pushes.map(({ attempt }) => `push ${attempt}`),
          ...card.calls.map(
            ({ id, call, wires, models, lines }) =>
              `${id}${call === undefined ? ' running' : ''} w${wires.length} m${models.length} l${lines.length}`,
          ),
        ].join(', ')}`
      : card.kind,
  );
const shapesOf = (...bodies: EntryBody[]) => shapes(addEntries(noCards, entries(...bodies)));

describe('addEntries', () => {
  test('gathers what belongs to a call in one card', () => {
    expect(
      shapesOf(start('a'), start('b'), wire('a'), wire('b'), line('1', 'a'), call('a'), call('b')),
    ).toEqual(['call a: a w1 m0 l1', 'call b: b w1 m0 l0']);
  });

  test('shows a call that still runs, and one whose beginning is no longer there', () => {
    expect(shapesOf(start('a'), wire('b'), call('c'))).toEqual([
      'call a: a running w0 m0 l0',
      'call b: b running w1 m0 l0',
      'call c: c w0 m0 l0',
    ]);
  });

  test('puts a push, all its attempts and what handled them into one card, with what a model said', () => {
    expect(
      shapesOf(
        start('a', { push: 'p', name: 'kefu-receive', source: 'wx_push' }),
        start('b', { by: 'a', name: 'kefu-answer' }),
        call('a'),
        push('p', { ok: false, answer: 'no answer within 5 s' }),
        model('b'),
        wire('b'),
        start('c', { push: 'p' }),
        call('c'),
        push('p', { attempt: 2 }),
        call('b'),
      ),
    ).toEqual(['push p: push 1, push 2, a w0 m0 l0, b w1 m1 l0, c w0 m0 l0']);
  });

  test('gives a line that comes late to the newest call of its function', () => {
    const typing = { name: 'kefu-typing' };
    expect(
      shapesOf(
        start('a'),
        call('a'),
        start('b'),
        call('b'),
        start('c', typing),
        call('c', typing),
        line('late'),
      ),
    ).toEqual(['call a: a w0 m0 l0', 'call b: b w0 m0 l1', 'call c: c w0 m0 l0']);
    expect(shapesOf(line('of nobody'))).toEqual([]);
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
    expect(shapesOf(wire(), said, sent, act, { kind: 'clock', now: 5 })).toEqual([
      'wire',
      'note',
      'note',
      'note',
    ]);
  });

  test('begins anew after a reset', () => {
    expect(shapesOf(start('a'), call('a'), { kind: 'reset' }, start('b'), call('b'))).toEqual([
      'call b: b w0 m0 l0',
    ]);
  });

  test('keeps the newest cards', () => {
    const many = Array.from({ length: keepCards + 50 }, (_, index) => call(`c${index}`));
    const { cards, cardOf } = addEntries(noCards, entries(...many));
    expect([cards.size, cardOf.size]).toEqual([keepCards, keepCards]);
    expect([...cards.keys()].at(-1)).toBe(`call c${keepCards + 49}`);
  });

  test('for every way to cut a row of entries in two, comes to the same', () => {
    const row = entries(
      start('a'),
      wire('a'),
      call('a'),
      wire(),
      line('x', 'a'),
      { kind: 'clock', now: 1 },
      start('b', { push: 'p' }),
      call('b'),
      push('p'),
      line('y'),
    );
    const whole = addEntries(noCards, row);
    for (let at = 0; at <= row.length; at += 1) {
      expect(addEntries(addEntries(noCards, row.slice(0, at)), row.slice(at))).toEqual(whole);
    }
  });
});

describe('factsOf', () => {
  const facts = (...bodies: EntryBody[]) => factsOf(cardsOf(...bodies)[0] as Card);
  const text = { msgtype: 'text', text: { content: 'Your order\nis on its way' } };

  test('tells the type, the first words, to whom, by what, and what came of it', () => {
    expect(facts(start('a', { data: { touser: 'oBob', ...text } }), call('a'))).toMatchObject({
      type: { en: 'Text' },
      words: 'Your order is on its way',
      touser: 'oBob',
      users: ['oAnn', 'oBob'],
      functions: ['kefu-send'],
      tone: 'good',
      outcome: 'ok',
    });
    expect(
      facts(start('a', { data: text }), call('a', { answer: { errCode: 45015, code: 'window-closed' } })),
    ).toMatchObject({ tone: 'bad', outcome: '45015 window-closed' });
  });

  test('finds the words of every kind of event', () => {
    const words = (data: object) => facts(start('a', { data }), call('a')).words;
    expect(words({ msgtype: 'link', link: { url: 'https://…', title: 'Returns' } })).toBe('Returns');
    expect(words({ msgtype: 'image', image: { mediaId: 'M1' } })).toBe('M1');
    expect(words({ messages: [text, text] })).toBe('2 × Your order is on its way');
    expect(words({ template_id: 'T', data: { thing1: { value: 'Headphones' } } })).toBe('Headphones');
    expect(words({ touser: 'oBob', command: 'Typing' })).toBe('{"command":"Typing"}');
    expect(words({ httpMethod: 'GET', path: '/cgi-bin/token' })).toBe('GET /cgi-bin/token');
    expect(
      words({ httpMethod: 'POST', path: '/cgi-bin/message/custom/send', body: JSON.stringify(text) }),
    ).toBe('Your order is on its way');
  });

  test('of a push tells what the user wrote, and what was answered', () => {
    const sent = wire('a', {
      https: { touser: 'oAnn', msgtype: 'text', text: { content: 'Good morning' } },
    });
    expect(facts(start('a', { push: 'p' }), sent, call('a', { answer: 'success' }), push('p'))).toMatchObject(
      {
        words: 'Is anybody there?',
        reply: 'Good morning',
        users: ['oAnn'],
        sent: 1,
        tone: 'good',
      },
    );
  });

  test('of a push that was answered in passing tells the answer, and of a hand-over that it was one', () => {
    const answered = (answer: object) => facts(start('a', { push: 'p' }), call('a'), push('p', { answer }));
    expect(answered({ MsgType: 'text', Content: 'Welcome' })).toMatchObject({
      reply: 'Welcome',
      sent: 1,
      handedOver: false,
    });
    expect(answered({ MsgType: 'transfer_customer_service' })).toMatchObject({ sent: 0, handedOver: true });
  });

  test.each([
    [
      'an HTTP answer whose body is an error',
      call('a', { answer: { statusCode: 200, body: '{"errcode":40066}' } }),
      'bad',
      '40066',
    ],
    ['an HTTP answer that is an error', call('a', { answer: { statusCode: 403, body: 'no' } }), 'bad', '403'],
    [
      'WeChat’s own spelling of an error',
      call('a', { answer: { errcode: 40003, errmsg: 'x' } }),
      'bad',
      '40003',
    ],
    ['a function that threw', call('a', { failed: true, answer: { errCode: -504002 } }), 'bad', '-504002'],
  ])('is never good over %s', (_, ended, tone, outcome) => {
    expect(facts(start('a'), ended)).toMatchObject({ tone, outcome });
  });

  test('warns where a push was answered and its message was not taken', () => {
    const refused = wire('a', { ok: false, answer: { errcode: 45047 } });
    expect(
      facts(start('a', { push: 'p' }), refused, call('a', { answer: 'success' }), push('p')),
    ).toMatchObject({ tone: 'warn', outcome: '45047' });
  });

  test('runs until all of its calls have ended', () => {
    const beginning = [start('a', { push: 'p' }), start('b', { by: 'a' }), call('a'), push('p')];
    expect(facts(...beginning).tone).toBe('running');
    expect(facts(...beginning, call('b')).tone).toBe('good');
  });
});

describe('applyFilters', () => {
  const cards = cardsOf(
    start('a', { data: { msgtype: 'text', text: { content: 'One parcel' } } }),
    call('a'),
    start('b', { name: 'kefu-typing', openid: 'oBob' }),
    call('b', { answer: { errCode: 45080 } }),
    start('c'),
    { kind: 'clock', now: 5 },
  );
  const found = (filters: Parameters<typeof applyFilters>[1]) =>
    applyFilters(cards, filters).map(({ key }) => key);

  test.each([
    ['nothing', {}, ['call a', 'call b', 'call c', '6']],
    ['words, in any order, however written', { search: 'PARCEL one' }, ['call a']],
    ['an error’s number', { search: '45080' }, ['call b']],
    ['a function', { function: 'kefu-typing' }, ['call b']],
    ['a user', { user: 'oBob' }, ['call b']],
    ['what went well', { outcome: 'good' }, ['call a']],
    ['what did not', { outcome: 'bad' }, ['call b']],
    ['what runs', { outcome: 'running' }, ['call c']],
    ['two at once', { user: 'oAnn', outcome: 'bad' }, []],
  ] as const)('cuts down to %s', (_, filters, expected) => {
    expect(found(filters)).toEqual(expected);
  });
});
