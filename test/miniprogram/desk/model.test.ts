import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toBubble } from '../../../miniprogram/desk/model/bubbles';
import { changedOf } from '../../../miniprogram/desk/model/changed';
import type { Conversation, Day, Message } from '../../../miniprogram/desk/model/contract';
import { columnNames, toCsv } from '../../../miniprogram/desk/model/csv';
import {
  emptyDesk,
  idToRepeat,
  isNews,
  listOf,
  mayOf,
  type Outgoing,
  withChanges,
  withList,
  withOutgoing,
  withThread,
} from '../../../miniprogram/desk/model/desk-state';
import { chinaDay, clockTime, counted, isScarce, windowOf } from '../../../miniprogram/desk/model/format';
import { patienceMs, pauseMs } from '../../../miniprogram/desk/model/polling';
import { threadRows } from '../../../miniprogram/desk/model/views';
import { describeDeskRefusal, wordsFor } from '../../../miniprogram/desk/words';
import { messageExamples } from '../../../shared/wechat/messages/message-examples';
import { messageTypeNames } from '../../../shared/wechat/messages/message-types';
import { messagePushes } from '../../../shared/wechat/pushes/pushes';
import { depth } from '../../depth';

/** What the desk knows and shows, without a screen. */

const base: Conversation = {
  id: 'a',
  account: 'miniprogram',
  touser: 'oUser0000000000000000000000a',
  state: 'bot',
  lastText: '在吗',
  lastAt: 1,
  lastFrom: 'user',
  unread: 0,
  window: { remaining: 5, closesAt: 0 },
};
const me = { openid: 'oOPERATOR-lin', name: '林' };
const states = ['bot', 'waiting', 'person', 'closed'] as const;
const ids = ['a', 'b', 'c', 'd'];

const conversationOf = fc
  .record({
    id: fc.constantFrom(...ids),
    state: fc.constantFrom(...states),
    lastAt: fc.nat(50),
    waitingSince: fc.nat(50),
    unread: fc.nat(3),
    agent: fc.constantFrom('', me.openid, 'oOPERATOR-wang'),
  })
  .map((some): Conversation => ({ ...base, ...some }));
const messageOf = fc
  .record({ id: fc.constantFrom('1', '2', '3', '4', '5', '6'), text: fc.constantFrom('x', 'y') })
  .map(
    ({ id, text }): Message => ({
      id,
      at: Number(id) * 10,
      from: 'user',
      message: { msgtype: 'text', text: { content: text } },
      status: 'received',
    }),
  );
const changesOf = fc.record({
  at: fc.nat(1000),
  conversations: fc.array(conversationOf, { maxLength: 5 }),
  messages: fc.array(messageOf, { maxLength: 5 }),
});

describe('what is told', () => {
  const opened = withThread(withList(emptyDesk, { conversations: [base], at: 1, me }, 0), {
    conversation: base,
    messages: [],
    before: undefined as never,
  });

  test('for every answer, told twice it comes to the same as told once', () => {
    fc.assert(
      fc.property(changesOf, fc.nat(), (changes, now) => {
        const once = withChanges(opened, changes, 'a', now);
        const twice = withChanges(once, changes, 'a', now);
        expect(twice).toEqual(once);
        expect(isNews(once, twice)).toBe(false);
      }),
      { numRuns: depth(5000) },
    );
  });

  test('for every run of answers, messages stand in the order of their times, each once', () => {
    fc.assert(
      fc.property(fc.array(changesOf, { maxLength: 6 }), (all) => {
        const desk = all.reduce((known, changes) => withChanges(known, changes, 'a', 0), opened);
        const shown = desk.threads['a']?.messages ?? [];
        const wanted = new Map(all.flatMap(({ messages }) => messages).map((each) => [each.id, each]));
        expect(shown).toEqual([...wanted.values()].sort((one, other) => one.at - other.at));
      }),
      { numRuns: depth(5000) },
    );
  });

  test('for every filter, the list has what fits it and nothing else, and who waits longest comes first', () => {
    const filters = [...states, 'mine', 'all'] as const;
    fc.assert(
      fc.property(fc.array(conversationOf, { maxLength: 8 }), fc.constantFrom(...filters), (all, state) => {
        const desk = withList(emptyDesk, { conversations: all, at: 1, me }, 0);
        const shown = listOf(desk, { state, search: '' }, []);
        const known = Object.values(desk.conversations);
        const fits = (each: Conversation) =>
          state === 'all' || (state === 'mine' ? each.agent === me.openid : each.state === state);
        expect(new Set(shown)).toEqual(new Set(known.filter(fits)));
        const key = (each: Conversation) => (state === 'waiting' ? (each.waitingSince ?? 0) : -each.lastAt);
        const keys = shown.map(key);
        expect(keys).toEqual([...keys].sort((one, other) => one - other));
      }),
      { numRuns: depth(5000) },
    );
  });

  test('a search finds what the cloud found, and what is known here', () => {
    const other = { ...base, id: 'b', lastText: '退款' };
    const desk = withList(emptyDesk, { conversations: [base, other], at: 1, me }, 0);
    const shown = (search: string, found: string[]) =>
      listOf(desk, { state: 'all', search }, found).map(({ id }) => id);
    expect(shown('退款', [])).toEqual(['b']);
    expect(shown('退款', ['a'])).toEqual(['a', 'b']);
    expect(shown('OUSER', [])).toEqual(['a', 'b']);
    expect(shown('没有', [])).toEqual([]);
  });

  const at = (...places: number[]): Message[] =>
    places.map((place) => ({
      id: String(place),
      at: place,
      from: 'user',
      message: { msgtype: 'text', text: { content: '' } },
      status: 'received',
    }));
  const told = (messages: Message[], before?: string) => ({
    conversation: base,
    messages,
    ...(before === undefined ? {} : { before }),
  });
  const thread = (...answers: ReturnType<typeof told>[]) => {
    const { messages = [], before } = answers.reduce(withThread, emptyDesk).threads['a'] ?? {};
    return [messages.map((each) => each.at), before];
  };

  test('older messages come before those that are there, and say where still older ones begin', () => {
    expect(thread(told(at(5, 6), '5'), told(at(3, 4), '3'))).toEqual([[3, 4, 5, 6], '3']);
    expect(thread(told(at(5, 6), '5'), told(at(3, 4)))).toEqual([[3, 4, 5, 6], undefined]);
  });

  test('opened again, a thread keeps its older messages, but none from before a gap', () => {
    expect(thread(told(at(1, 2)), told(at(2, 3), '2'))).toEqual([[1, 2, 3], undefined]);
    expect(thread(told(at(1, 2)), told(at(8, 9), '8'))).toEqual([[8, 9], '8']);
    expect(thread(told(at(1, 2)), told([]))).toEqual([[], undefined]);
  });

  test('what the cloud has is no longer on its way', () => {
    const outgoing: Outgoing = {
      requestId: 'r1',
      message: { msgtype: 'text', text: { content: '您好' } },
      at: 5,
      state: 'sending',
    };
    const desk = withOutgoing(opened, 'a', outgoing);
    const kept = { ...(at(5)[0] as Message), requestId: 'r1', from: 'person' as const };
    const next = withChanges(desk, { at: 9, conversations: [], messages: [kept] }, 'a', 0);
    expect(next.outgoing['a']).toEqual([]);
    expect(next.threads['a']?.messages).toEqual([kept]);
  });

  test('a message that the cloud has without an outcome, and that failed here, is one row', () => {
    const message = { msgtype: 'text', text: { content: '您好' } };
    const begun = { ...(at(5)[0] as Message), from: 'person', by: me.openid, requestId: 'r1' } as const;
    const told = {
      at: 9,
      conversations: [],
      messages: [...at(3), { ...begun, message, status: 'unknown' } as const],
    };
    const kept = withChanges({ ...opened, me }, told, 'a', 0);
    const desk = withOutgoing(kept, 'a', { requestId: 'r1', message, at: 5, state: 'failed' });
    const words = wordsFor('zh_CN');
    expect(threadRows(desk, 'a', words, 5000).map(({ status }) => status)).toEqual([
      '',
      words.statuses.failed,
    ]);
  });

  test('what the cloud has without an outcome is being sent for a while, then may have arrived', () => {
    const begun = { ...(at(5)[0] as Message), from: 'person', by: me.openid, requestId: 'r1' } as const;
    const words = wordsFor('zh_CN');
    const rowOf = (message: Message, now: number) => {
      const told = { at: 9, conversations: [], messages: [message] };
      const [row] = threadRows(withChanges({ ...opened, me }, told, 'a', 0), 'a', words, now).slice(-1);
      return [row?.status, row?.mayRepeat];
    };
    const unknown = { ...begun, status: 'unknown' } as const;
    expect(rowOf(unknown, 5000)).toEqual([words.statuses.sending, false]);
    expect(rowOf(unknown, 20_000)).toEqual([words.statuses.unknown, true]);
    expect(rowOf({ ...unknown, errCode: -501002 }, 5000)).toEqual([words.statuses.unknown, true]);
    expect(rowOf({ ...begun, status: 'failed', errCode: 45015 }, 5000)).toEqual([
      `${words.statuses.failed} (45015)`,
      true,
    ]);
  });
});

describe('sent again', () => {
  const failed = (code: string, retryable: boolean): Outgoing => ({
    requestId: 'id',
    message: { msgtype: 'text' },
    at: 0,
    state: 'failed',
    refusal: { ok: false, errCode: 1, errMsg: '', code: code as 'taken', retryable, advice: '' },
  });

  test('what may have arrived keeps its id, and so does what may be repeated as it is', () => {
    expect(idToRepeat({ ...failed('offline', true), state: 'unknown' })).toBe('id');
    expect(idToRepeat({ ...failed('unknown-delivery', false), state: 'unknown' })).toBe('id');
    expect(idToRepeat(failed('wechat-busy', true))).toBe('id');
  });

  test('what was refused for good has the next id, the same however often it is asked for', () => {
    const refused = failed('window-closed', false);
    expect([idToRepeat(refused), idToRepeat(refused)]).toEqual(['id-r2', 'id-r2']);
    expect(idToRepeat({ ...refused, requestId: 'id-r2' })).toBe('id-r3');
  });
});

describe('who may do what', () => {
  test('only who has a conversation speaks in it, and nobody takes it from a colleague', () => {
    const may = (some: Partial<Conversation>) => mayOf({ ...base, ...some }, me.openid);
    expect(may({ state: 'waiting' })).toEqual({ say: false, claim: true, release: false, close: false });
    expect(may({ state: 'person', agent: me.openid })).toEqual({
      say: true,
      claim: false,
      release: true,
      close: true,
    });
    expect(may({ state: 'person', agent: 'oOPERATOR-wang' })).toEqual({
      say: false,
      claim: false,
      release: false,
      close: false,
    });
  });
});

describe('windows and times', () => {
  test('for every window and moment, one of four words fits, and nothing is left below zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 6 }), fc.nat(100), fc.nat(100), (remaining, closesAt, now) => {
        const left = windowOf({ remaining, closesAt }, now);
        expect(left.remaining).toBeGreaterThanOrEqual(0);
        expect(left.leftMs).toBeGreaterThanOrEqual(0);
        expect(left.state === 'open').toBe(remaining > 0 && closesAt > now);
        if (left.state !== 'open') expect(isScarce({ remaining, closesAt }, now)).toBe(true);
      }),
      { numRuns: depth(2000) },
    );
  });

  test('a window is over with its time, full with its messages, and scarce in its last hour or message', () => {
    const hour = 3_600_000;
    expect(windowOf({ remaining: 0, closesAt: 0 }, 5).state).toBe('never');
    expect(windowOf({ remaining: 3, closesAt: 5 }, 5).state).toBe('over');
    expect(windowOf({ remaining: 0, closesAt: 6 }, 5).state).toBe('full');
    expect(isScarce({ remaining: 5, closesAt: 2 * hour }, 0)).toBe(false);
    expect(isScarce({ remaining: 1, closesAt: 2 * hour }, 0)).toBe(true);
    expect(isScarce({ remaining: 5, closesAt: hour - 1 }, 0)).toBe(true);
  });

  test('durations are counted in seconds, and never run backwards', () => {
    expect([-5, 0, 7000, 754_000, 11_045_000].map(counted)).toEqual([
      '0:00',
      '0:00',
      '0:07',
      '12:34',
      '3:04:05',
    ]);
    fc.assert(
      fc.property(fc.nat(400_000_000), (ms) => {
        const [seconds = 0, minutes = 0, hours = 0] = counted(ms).split(':').reverse().map(Number);
        expect(hours * 3600 + minutes * 60 + seconds).toBe(Math.floor(ms / 1000));
      }),
      { numRuns: depth(2000) },
    );
  });

  test('a time of today is without its date, one of another year with the year', () => {
    const now = new Date(2026, 10, 21, 16, 5).getTime();
    expect(clockTime(now, now)).toBe('16:05');
    expect(clockTime(new Date(2026, 10, 20, 9, 30).getTime(), now)).toBe('11-20 09:30');
    expect(clockTime(new Date(2025, 0, 2, 3, 4).getTime(), now)).toBe('2025-01-02 03:04');
  });

  test('a day is China’s, wherever the phone is', () => {
    expect(chinaDay(Date.UTC(2026, 10, 20, 16, 0))).toBe('2026-11-21');
    expect(chinaDay(Date.UTC(2026, 10, 20, 15, 59))).toBe('2026-11-20');
    expect(chinaDay(Date.UTC(2026, 10, 20, 16, 0), -6)).toBe('2026-11-15');
  });
});

describe('how often it is asked', () => {
  test('every two seconds for a minute after something was new, then up to every ten', () => {
    expect([0, 59_999, 60_000, 179_999, 180_000].map((sinceMs) => pauseMs(sinceMs, 0))).toEqual([
      2000, 2000, 5000, 5000, 10_000,
    ]);
  });

  test('for every number of failures, soon again and never seldomer than every ten seconds', () => {
    expect([1, 2, 3, 4, 5, 600].map((failures) => pauseMs(0, failures))).toEqual([
      1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
    expect(patienceMs).toBeGreaterThan(10_000);
  });
});

describe('how a message is drawn', () => {
  test('every type that can be sent, and every type that users send, is', () => {
    for (const name of messageTypeNames) {
      const bubble = toBubble({ msgtype: name, [name]: messageExamples[name] });
      expect([name, bubble.kind === 'other' && bubble.text === '' && bubble.file === '']).toEqual([
        name,
        false,
      ]);
    }
    for (const name of Object.keys(messagePushes))
      expect([name, wordsFor('zh').kinds[name] ?? toBubble({ msgtype: name, [name]: {} }).kind]).not.toEqual([
        name,
        'other',
      ]);
  });

  test('with what it says, shows and leads to', () => {
    expect(toBubble({ msgtype: 'image', image: { media_id: 'm', fileID: 'cloud://a/b.png' } })).toMatchObject(
      {
        kind: 'image',
        file: 'cloud://a/b.png',
      },
    );
    expect(toBubble({ msgtype: 'msgmenu', msgmenu: messageExamples.msgmenu })).toMatchObject({
      kind: 'menu',
      title: '您对本次服务是否满意呢？',
      items: ['满意', '不满意'],
    });
    expect(
      toBubble({ msgtype: 'location', location: { latitude: 23.1, longitude: '113.3', label: '塔' } }),
    ).toMatchObject({ kind: 'location', title: '塔', latitude: 23.1, longitude: 113.3 });
    expect(toBubble({ msgtype: 'event', event: 'claimed' })).toMatchObject({
      kind: 'event',
      text: 'claimed',
    });
  });

  test('for every payload there is a bubble', () => {
    const msgtypes = [...messageTypeNames, 'location', 'event', '__proto__', 'constructor', 'toString'];
    fc.assert(
      fc.property(fc.constantFrom(...msgtypes), fc.anything(), (msgtype, body) => {
        const bubble = toBubble({ msgtype, [msgtype]: body });
        expect(typeof bubble.text + typeof bubble.title + typeof bubble.file).toBe('stringstringstring');
      }),
      { numRuns: depth(3000) },
    );
  });
});

describe('the figures as CSV', () => {
  const day: Day = {
    day: '2026-11-21',
    conversations: 3,
    firstAnswerMs: 12_340,
    answeredByRule: 4,
    answeredByCode: 1,
    answeredByModel: 2,
    answeredByPerson: 5,
    satisfaction: { good: 2, fair: 1, bad: 0 },
    refused: 1,
  };

  test('have a row a day under their titles', () => {
    expect(toCsv([day], wordsFor('en').page)).toBe(
      '\ufeffDay,Conversations,First answer (s),Rule,Code,Model,Person,Good,Fair,Bad,Refused by WeChat\r\n' +
        '2026-11-21,3,12.3,4,1,2,5,2,1,0,1\r\n',
    );
  });

  test('for every day, a cell is a cell and never a formula', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const titles = { ...wordsFor('zh').page };
        const rows = toCsv([{ ...day, day: text }], titles);
        const [first = ''] = rows.split('\r\n').slice(1);
        expect(first).not.toMatch(/^"?[=+@-]/);
        if (!/[",\r\n]/.test(text)) expect(first.split(',')).toHaveLength(columnNames.length);
      }),
      { numRuns: depth(2000) },
    );
  });
});

describe('what goes to the screen', () => {
  const dataOf = fc.record({
    rows: fc.array(fc.record({ id: fc.nat(3), text: fc.constantFrom('a', 'b') }), { maxLength: 4 }),
    head: fc.option(fc.record({ name: fc.constantFrom('x', 'y') })),
    isRead: fc.boolean(),
  });

  test('for every two states of a page, is enough to come from one to the other, and only what differs', () => {
    fc.assert(
      fc.property(dataOf, dataOf, (known, next) => {
        const shown: { [key: string]: unknown } = { ...known, rows: [...known.rows] };
        for (const [place, value] of Object.entries(changedOf(known, next))) {
          const [, key = '', index] = /^(\w+)(?:\[(\d+)\])?$/.exec(place) ?? [];
          if (index === undefined) shown[key] = value;
          else (shown[key] as unknown[])[Number(index)] = value;
        }
        expect(shown).toEqual(next);
        expect(changedOf(next, next)).toEqual({});
      }),
      { numRuns: depth(3000) },
    );
  });
});

describe('words', () => {
  test('are English where the phone is, and Chinese everywhere else', () => {
    expect(['en', 'en_US', 'EN-GB'].map((language) => wordsFor(language).desk)).toEqual([
      'Desk',
      'Desk',
      'Desk',
    ]);
    expect(['zh_CN', 'zh_TW', 'ja', ''].map((language) => wordsFor(language).desk)).toEqual(
      Array(4).fill('客服台'),
    );
  });

  test('are there in both languages for every word, and Chinese has no half-width punctuation', () => {
    const [zh, en] = [wordsFor('zh'), wordsFor('en')];
    for (const part of [
      'filters',
      'states',
      'speakers',
      'statuses',
      'events',
      'kinds',
      'refusals',
      'page',
    ] as const) {
      expect(Object.keys(en[part])).toEqual(Object.keys(zh[part]));
      for (const word of Object.values(zh[part])) expect(word).not.toMatch(/[\u4e00-\u9fff][,.;:?!]/);
      for (const word of Object.values(en[part])) expect(word).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('tell a refusal, with its number', () => {
    const refusal = { ok: false, errMsg: 'x', retryable: false, advice: '' } as const;
    const words = wordsFor('zh');
    expect(describeDeskRefusal({ ...refusal, code: 'window-closed', errCode: 45015 }, words)).toBe(
      '不在回复时限内 (45015)',
    );
    expect(describeDeskRefusal({ ...refusal, code: 'wechat-refused', errCode: 7 }, words)).toBe('x (7)');
  });
});
