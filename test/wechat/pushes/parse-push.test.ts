import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exampleRules } from '../../../shared/functions/rules/example-rules';
import { decideReply } from '../../../shared/functions/rules/reply-rules';
import { accounts } from '../../../shared/wechat/account';
import { parsePush } from '../../../shared/wechat/pushes/parse-push';
import { actOf, isKnownPush, pushKey } from '../../../shared/wechat/pushes/push-meaning';
import {
  eventPushes,
  messagePushes,
  type Push,
  type UnknownPush,
} from '../../../shared/wechat/pushes/pushes';
import { windowRules } from '../../../shared/wechat/reply-window';
import { anyPush } from '../../arbitrary/pushes';
import { depth } from '../../depth';

const header = { ToUserName: 'gh_1', FromUserName: 'oUser', CreateTime: 1763712000 };
const text = { ...header, MsgType: 'text', Content: 'hi' };
const event = (Event: string, fields: object = {}) => ({ ...header, MsgType: 'event', Event, ...fields });

function read(input: unknown): Push | UnknownPush {
  const parsed = parsePush(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.push;
}

/** What a test says of a fault: `path errcode message`. */
function said(input: unknown): string[] {
  const parsed = parsePush(input);
  return parsed.ok ? [] : parsed.faults.map(({ path, errCode, message }) => `${path} ${errCode} ${message}`);
}

describe('a push', () => {
  test('has one form, for every push of the table in every form in which it may arrive', () => {
    fc.assert(
      fc.property(anyPush, ({ canonical, arrived }) => {
        expect(parsePush(arrived)).toEqual({ ok: true, push: canonical });
      }),
      { numRuns: depth(3000) },
    );
  });

  test('keeps the digits of an id, whatever it comes as', () => {
    const idOf = (MsgId: unknown) => (read({ ...text, MsgId }) as UnknownPush).MsgId;
    expect(idOf('18446744073709551615')).toBe('18446744073709551615');
    expect(idOf('49d72d67b16d115e7935ac386f2f0fa41535298877_1555684067')).toMatch(/_1555684067$/);
    expect(idOf(1234567890123456)).toBe('1234567890123456');
    expect(idOf(6574261948839470964n)).toBe('6574261948839470964');
    expect(Object.hasOwn(read(text), 'MsgId')).toBe(false);
    expect(Object.hasOwn(read({ ...text, MsgId: '' }), 'MsgId')).toBe(false);
  });

  test('has the names of the table, however they are capitalised', () => {
    expect(read(event('click', { EventKey: 'K' }))).toMatchObject({ Event: 'CLICK' });
    expect(read(event('Scan', { EventKey: 'K' }))).toMatchObject({ Event: 'SCAN' });
    expect(read({ ...text, MsgType: 'TEXT' })).toMatchObject({ MsgType: 'text' });
  });

  test('keeps what the table does not have', () => {
    const more = { NewField: { a: [1, 'b', null, { c: true }] }, Recognition: 'x' };
    expect(read({ ...text, ...more })).toEqual({ ...text, ...more });
    const entry = { TemplateId: 't', MsgID: 1, ErrorCode: 0, Extra: 'e' };
    expect(read(event('subscribe_msg_sent_event', { List: entry, Extra: 1 }))).toEqual(
      event('subscribe_msg_sent_event', { List: [{ ...entry, MsgID: '1', ErrorCode: '0' }], Extra: 1 }),
    );
  });

  test('without a row passes as it is', () => {
    const check = event('wxa_media_check', { isrisky: 0, trace_id: 't', detail: [{ errcode: 0 }] });
    expect(read({ ...check, CreateTime: '1763712000' })).toEqual(check);
    expect(isKnownPush(read(check))).toBe(false);
    const file = { ...header, MsgType: 'file', FileKey: 'k', MsgId: 5 };
    expect(read(file)).toEqual({ ...file, MsgId: '5' });
    expect(isKnownPush(read(event('toString')))).toBe(false);
    expect(isKnownPush(read({ ...text, MsgType: 'constructor' }))).toBe(false);
  });

  test('with an empty list has none, also where XML has an empty element', () => {
    for (const List of ['', []])
      expect(read(event('subscribe_msg_change_event', { List }))).toMatchObject({ List: [] });
  });

  test('with a list in its XML element that also stands outside keeps both', () => {
    const List = [{ TemplateId: 't', SubscribeStatusString: 'reject' }];
    const both = { List, SubscribeMsgChangeEvent: { List: [] } };
    expect(read(event('subscribe_msg_change_event', both))).toEqual(
      event('subscribe_msg_change_event', both),
    );
  });
});

describe('a malformed push', () => {
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
  const faults: readonly [string, unknown, string[]][] = [
    ['nothing', undefined, [' 47001 a push must be an object, not a undefined']],
    ['a list', [text], [' 47001 a push must be an object, not a list']],
    ['a text', '<xml></xml>', [' 47001 a push must be an object, not a string']],
    [
      'an empty object',
      {},
      [
        'ToUserName 47001 is missing',
        'FromUserName 41009 is missing',
        'CreateTime 47001 is missing',
        'MsgType 40008 is missing',
      ],
    ],
    ['no sender', { ...text, FromUserName: null }, ['FromUserName 41009 is missing']],
    [
      'a sender that is none',
      { ...text, FromUserName: 'o user' },
      ['FromUserName 40003 must be a name without spaces, not "o user"'],
    ],
    ['no type', { ...text, MsgType: undefined }, ['MsgType 40008 is missing']],
    ['a numeric type', { ...text, MsgType: 1 }, ['MsgType 40008 must be a name without spaces, not 1']],
    ['an event without a name', { ...header, MsgType: 'event' }, ['Event 47001 is missing']],
    [
      'a time that is no number',
      { ...text, CreateTime: 'today' },
      ['CreateTime 47001 must be a whole number, not "today"'],
    ],
    [
      'a time with a fraction',
      { ...text, CreateTime: 1.5 },
      ['CreateTime 47001 must be a whole number, not 1.5'],
    ],
    ['a time before time', { ...text, CreateTime: -1 }, ['CreateTime 47001 must be a whole number, not -1']],
    [
      'a time in a list',
      { ...text, CreateTime: [1] },
      ['CreateTime 47001 must be a whole number, not a list'],
    ],
    ['a text without content', { ...header, MsgType: 'text' }, ['Content 47001 is missing']],
    ['a content that is an object', { ...text, Content: {} }, ['Content 47001 must be text, not an object']],
    ['an id that is an object', { ...text, MsgId: {} }, ['MsgId 47001 must be an id, not an object']],
    ['an id below nothing', { ...text, MsgId: -1 }, ['MsgId 47001 must be an id, not -1']],
    [
      'an id of 65 bits',
      { ...text, MsgId: 2 ** 64 },
      ['MsgId 47001 must be an id, not 18446744073709552000'],
    ],
    [
      'a list of no objects',
      event('subscribe_msg_change_event', { List: ['x'] }),
      ['List[0] 47001 must be an object, not a string'],
    ],
    [
      'an entry without a template',
      event('subscribe_msg_change_event', { List: { SubscribeStatusString: 'reject' } }),
      ['List.TemplateId 47001 is missing'],
    ],
    [
      'a list of too many',
      event('subscribe_msg_change_event', { List: Array(101).fill({}) }),
      ['List 47001 has 101 entries; no push has so many'],
    ],
    [
      'a scan without its result',
      event('scancode_push', { EventKey: 'k', ScanCodeInfo: { ScanType: 'qrcode' } }),
      ['ScanCodeInfo.ScanResult 47001 is missing'],
    ],
    [
      'a latitude that is none',
      event('LOCATION', { Latitude: '1e400', Longitude: 1, Precision: 1 }),
      ['Latitude 47001 must be a number, not "1e400"'],
    ],
    [
      'an own __proto__',
      JSON.parse(`${JSON.stringify(text).slice(0, -1)},"__proto__":{"a":1}}`),
      ['__proto__ 47001 is no name of a field'],
    ],
    ['an own constructor', { ...text, constructor: 1 }, ['constructor 47001 is no name of a field']],
    [
      'a __proto__ within',
      { ...text, Extra: JSON.parse('{"a":[{"__proto__":{}}]}') },
      ['Extra 47001 holds a name that is none of a field'],
    ],
    ['depth', { ...text, Extra: deep }, ['Extra 47001 is more than 8 levels deep; no push is']],
    [
      'breadth',
      { ...text, Extra: Array(2000).fill(0) },
      ['Extra 47001 holds over 1000 values; no push has so many'],
    ],
    [
      'length',
      { ...text, Content: 'x'.repeat(70_000) },
      ['Content 47001 has 70000 characters; no push has so many'],
    ],
    [
      'too many fields',
      { ...text, ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`F${i}`, i])) },
      [' 47001 has 205 fields; no push has so many'],
    ],
    [
      'more fields than anything has',
      { ...text, ...Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`F${i}`, null])) },
      [' 47001 has 1005 fields; nothing has so many'],
    ],
    ['what is no data', { ...text, Extra: () => 1 }, ['Extra 47001 must be data, not a function']],
  ];

  test.each(faults)('is refused for %s, by name', (_what, input, expected) => {
    expect(said(input)).toEqual(expected);
  });

  test('with itself inside is refused', () => {
    const loop: Record<string, unknown> = { ...text };
    loop['Extra'] = loop;
    expect(said(loop)).toEqual(['Extra 47001 is more than 8 levels deep; no push is']);
  });

  test('never puts anything into a prototype', () => {
    parsePush(JSON.parse('{"__proto__":{"polluted":1},"List":{"__proto__":{"polluted":1}}}'));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('what a push means for the reply window', () => {
  const actsOf = (input: unknown) => accounts.map((account) => actOf(read(input), account));

  test.each([
    ['a text', text, ['message', 'message']],
    [
      'a click in a msgmenu, which an official account counts as a menu click',
      { ...text, bizmsgmenuid: '101' },
      ['message', 'menu-click'],
    ],
    ['an empty bizmsgmenuid', { ...text, bizmsgmenuid: '' }, ['message', 'message']],
    ['a message of a new type', { ...header, MsgType: 'sticker' }, ['message', 'message']],
    ['entering the session', event('user_enter_tempsession'), ['enter', undefined]],
    ['following', event('subscribe', { EventKey: '' }), [undefined, 'follow']],
    ['unfollowing', event('unsubscribe'), [undefined, 'unfollow']],
    ['scanning', event('SCAN', { EventKey: '1' }), [undefined, 'scan']],
    ['a menu click', event('CLICK', { EventKey: 'k' }), [undefined, 'menu-click']],
    ['a menu link', event('VIEW', { EventKey: 'u' }), [undefined, undefined]],
    ['an event of a new kind', event('wxa_media_check'), [undefined, undefined]],
  ] as const)('%s', (_what, input, expected) => {
    expect(actsOf(input)).toEqual(expected);
  });

  test('is of every row an act that the rules of its account know', () => {
    for (const row of [...Object.values(messagePushes), ...Object.values(eventPushes)]) {
      for (const [account, act] of Object.entries(row.acts)) {
        const known = [...Object.keys(windowRules[account as 'official']), 'unfollow'];
        expect(known).toContain(act);
      }
    }
  });
});

describe('the key of a push', () => {
  const keyOf = (input: unknown) => pushKey(read(input));

  test('is sender, second, name and MsgId, for a MsgId alone is not unique', () => {
    expect(keyOf({ ...text, MsgId: 5 })).toEqual(['oUser', '1763712000', 'text', '5']);
    expect(keyOf({ ...text, MsgId: 5, FromUserName: 'oOther' })).not.toEqual(keyOf({ ...text, MsgId: 5 }));
    expect(keyOf({ ...text, MsgId: 5, CreateTime: 1 })).not.toEqual(keyOf({ ...text, MsgId: 5 }));
  });

  test('is the same for a repeat, in whichever form', () => {
    expect(keyOf({ ...text, MsgId: 5, Extra: 1, userInfo: {} })).toEqual(keyOf({ ...text, MsgId: '5' }));
    const List = { TemplateId: 't', SubscribeStatusString: 'reject' };
    expect(keyOf(event('subscribe_msg_change_event', { SubscribeMsgChangeEvent: { List } }))).toEqual(
      keyOf(event('subscribe_msg_change_event', { List: [List] })),
    );
  });

  const sent = (MsgID: number, ErrorCode = 0) =>
    event('subscribe_msg_sent_event', { List: { TemplateId: 't', MsgID, ErrorCode } });
  test.each([
    ['two menu clicks', event('CLICK', { EventKey: 'a' }), event('CLICK', { EventKey: 'b' })],
    [
      'two template results',
      event('TEMPLATESENDJOBFINISH', { MsgID: 1, Status: 'success' }),
      event('TEMPLATESENDJOBFINISH', { MsgID: 2, Status: 'success' }),
    ],
    ['two subscribe results', sent(1), sent(2)],
    ['a subscribe result with another error', sent(1), sent(1, 3)],
    [
      'a location and a click',
      event('LOCATION', { Latitude: 1, Longitude: 1, Precision: 1 }),
      event('CLICK', { EventKey: 'a' }),
    ],
    ['two texts without MsgId', text, { ...text, Content: 'ho' }],
    [
      'two media checks',
      event('wxa_media_check', { isrisky: 0, trace_id: 'a' }),
      event('wxa_media_check', { isrisky: 0, trace_id: 'b' }),
    ],
  ])('tells apart, within one second, %s', (_what, one, other) => {
    expect(keyOf(one)).not.toEqual(keyOf(other));
    expect(keyOf(one)).toEqual(keyOf({ ...one }));
  });

  test('can be told which fields to take', () => {
    const check = read(event('wxa_media_check', { isrisky: 0, trace_id: 'a' }));
    expect(pushKey(check, { wxa_media_check: ['trace_id', 'absent'] })).toEqual([
      'oUser',
      '1763712000',
      'wxa_media_check',
      'a',
      '',
    ]);
  });
});

/** Values that no field takes, and some that reach into prototypes. */
const junk = fc.constantFrom<unknown>(
  null,
  undefined,
  true,
  -1,
  Number.NaN,
  1e308,
  '',
  ' ',
  'x'.repeat(70_000),
  '\ud800',
  [],
  [[]],
  {},
  { toString: 1 },
  JSON.parse('{"__proto__":{"polluted":1}}'),
  JSON.parse(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`),
  () => undefined,
  Symbol('s'),
  10n ** 30n,
);
const keys = fc.constantFrom(
  'ToUserName',
  'FromUserName',
  'CreateTime',
  'MsgType',
  'Event',
  'MsgId',
  'MsgID',
  'Content',
  'List',
  'SubscribeMsgSentEvent',
  'EventKey',
  'ScanCodeInfo',
  '__proto__',
  'constructor',
  'toString',
  '',
);

function withOwn(object: object, key: string, value: unknown): object {
  const copy = { ...object };
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

const arrivals = anyPush.map(({ arrived }) => arrived);
const anyInput = fc.oneof(
  { arbitrary: arrivals, weight: 3 },
  {
    arbitrary: fc.tuple(arrivals, keys, junk).map(([push, key, value]) => withOwn(push, key, value)),
    weight: 6,
  },
  {
    arbitrary: fc
      .tuple(arrivals, keys, fc.jsonValue())
      .map(([push, key, value]) => withOwn(push, key, value)),
    weight: 3,
  },
  { arbitrary: fc.dictionary(keys, fc.oneof(junk, fc.string()), { maxKeys: 8 }), weight: 2 },
  { arbitrary: fc.anything({ maxDepth: 3 }), weight: 1 },
  { arbitrary: junk, weight: 1 },
);

const runs = depth(100_000);
test(`${runs} generated pushes are read or refused, keyed and answered, and nothing throws`, () => {
  let passed = 0;
  fc.assert(
    fc.property(anyInput, fc.constantFrom(...accounts), (input, account) => {
      const parsed = parsePush(input);
      if (!parsed.ok) {
        const { path, message, errCode } = parsed.faults[0];
        if (path.length > 200 || message.length > 200 || errCode === 0) throw new Error(message);
        return;
      }
      passed += 1;
      const { push } = parsed;
      const key = pushKey(push);
      const decided = decideReply(exampleRules, push, account);
      actOf(push, account);
      // Whatever passes can be written and read again, and is then the same.
      const again = parsePush(JSON.parse(JSON.stringify(push)));
      if (!again.ok || JSON.stringify(pushKey(again.push)) !== JSON.stringify(key))
        throw new Error('changed');
      if (push.MsgType === 'event' && decided.transfer !== undefined) throw new Error('an event handed over');
    }),
    { numRuns: runs, seed: 20261121 },
  );
  expect(passed).toBeGreaterThan(runs / 5);
  expect(Object.keys(Object.prototype)).toEqual([]);
}, 300_000);

describe('a push at its limits', () => {
  const fieldsOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, number) => [`X${number}`, 1]));
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  const scan = (inner: unknown) => event('scancode_push', { EventKey: 'K', ScanCodeInfo: inner });
  const info = { ScanType: 'qrcode', ScanResult: 'x' };

  test.each<[string, unknown, unknown, string]>([
    ['fields', { ...text, ...fieldsOf(95) }, { ...text, ...fieldsOf(96) }, ' 47001 has 101 fields'],
    [
      'characters of a text',
      { ...text, Content: 'x'.repeat(65_536) },
      { ...text, Content: 'x'.repeat(65_537) },
      'Content 47001 has 65537 characters',
    ],
    [
      'characters of what no table has',
      { ...text, X: 'x'.repeat(65_536) },
      { ...text, X: ['x'.repeat(65_537)] },
      'X 47001 has 65537 characters',
    ],
    ['levels', { ...text, X: nested(8) }, { ...text, X: nested(9) }, 'X 47001 is more than 8 levels deep'],
    [
      'values',
      { ...text, X: Array(999).fill(1) },
      { ...text, X: Array(1000).fill(1) },
      'X 47001 holds over 1000 values',
    ],
    [
      'values in lists',
      { ...text, X: [Array(498).fill(1), Array(499).fill(1)] },
      { ...text, X: [Array(499).fill(1), Array(499).fill(1)] },
      'X 47001 holds over 1000 values',
    ],
    [
      'values of a group',
      scan({ ...info, X: Array(400).fill(1), Y: Array(400).fill(1) }),
      scan({ ...info, X: Array(400).fill(1), Y: Array(400).fill(1), Z: Array(400).fill(1) }),
      'ScanCodeInfo 47001 holds over 1000 values',
    ],
  ])('has as many %s as may be, and with one more it is none', (_what, most, more, fault) => {
    expect(said(most)).toEqual([]);
    expect(said(more)).toEqual([expect.stringContaining(fault)]);
  });

  test('has a hundred entries of a list at most', () => {
    const list = (count: number) =>
      event('subscribe_msg_popup_event', {
        List: Array.from({ length: count }, () => ({
          TemplateId: 't',
          SubscribeStatusString: 'accept',
          PopupScene: '1',
        })),
      });
    expect(said(list(100))).toEqual([]);
    expect(said(list(101))).toEqual([expect.stringContaining('has 101 entries')]);
  });

  test('keeps nothing of what is null, at any depth', () => {
    expect(read(scan({ ...info, X: null, Z: 1 }))).toMatchObject({
      ScanCodeInfo: { ...info, Z: 1 },
    });
    expect(Object.keys((read(scan({ ...info, X: null })) as UnknownPush)['ScanCodeInfo'] as object)).toEqual(
      Object.keys(info),
    );
  });

  test('names an event without spaces at its ends, and says what is asked for', () => {
    expect(said(event(' x '))).toEqual(['Event 47001 must be a name, not " x "']);
    expect(said(event('complaint callback'))).toEqual([]);
    expect(said({ ...text, FromUserName: 'a b' })).toEqual([
      'FromUserName 40003 must be a name without spaces, not "a b"',
    ]);
  });
});
