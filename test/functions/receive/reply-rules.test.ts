import { describe, expect, test } from '@jest/globals';
import { assistantRule, orderRule } from '../../../shared/functions/answer/example-answers';
import { checkRules } from '../../../shared/functions/rules/check-rules';
import { exampleRules } from '../../../shared/functions/rules/example-rules';
import { decideReply, leavesAnswers, type ReplyRules } from '../../../shared/functions/rules/reply-rules';
import { rules } from '../../../shared/rules';
import type { Account } from '../../../shared/wechat/account';
import { parsePush } from '../../../shared/wechat/pushes/parse-push';

const header = { ToUserName: 'gh_1', FromUserName: 'oUser', CreateTime: 1763712000 };
const text = (Content: string, fields: object = {}) => ({ ...header, MsgType: 'text', Content, ...fields });
const event = (Event: string, fields: object = {}) => ({ ...header, MsgType: 'event', Event, ...fields });
const image = { ...header, MsgType: 'image', PicUrl: 'u', MediaId: 'M' };
const say = [{ msgtype: 'text', text: { content: 'a' } }] as const;

function decide(rules: ReplyRules, input: unknown, account: Account = 'miniprogram') {
  const parsed = parsePush(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return decideReply(rules, parsed.push, account);
}

/** Which of the conditions a push meets, by its place; -1 where none. */
function metBy(input: unknown, ...conditions: ReplyRules['rules'][number]['on'][]): number {
  return decide({ rules: conditions.map((on) => ({ on, say })) }, input).rule ?? -1;
}

describe('a condition', () => {
  test.each([
    ['the text', text('人工'), { text: '人工' }, true],
    ['one of the texts', text('客服'), { text: ['人工', '客服'] }, true],
    ['more than the text', text('转人工'), { text: '人工' }, false],
    ['the text in capitals, full width, with spaces', text(' ＨＥＬＬＯ　1 '), { text: 'Hello 1' }, true],
    ['a part', text('我要查物流信息'), { contains: '物流' }, true],
    ['a part in another case', text('My ORDER please'), { contains: ['x', 'order'] }, true],
    ['no part', text('你好'), { contains: '物流' }, false],
    ['a pattern', text('单号KF20260001谢谢'), { pattern: /KF\d{8}/ }, true],
    ['no match', text('KF2026'), { pattern: /KF\d{8}/ }, false],
    ['a message type', image, { message: 'image' }, true],
    ['another message type', text('a'), { message: 'image' }, false],
    ['any message', image, { message: 'any' }, true],
    ['any message, for an event', event('CLICK', { EventKey: 'k' }), { message: 'any' }, false],
    ['an event', event('user_enter_tempsession'), { event: 'user_enter_tempsession' }, true],
    ['another event', event('SCAN', { EventKey: 'k' }), { event: 'CLICK' }, false],
    [
      'an event with its key',
      event('subscribe', { EventKey: 'qrscene_1' }),
      { event: 'subscribe', key: 'qrscene_1' },
      true,
    ],
    [
      'an event with another key',
      event('subscribe', { EventKey: '' }),
      { event: 'subscribe', key: 'qrscene_1' },
      false,
    ],
    ['a menu click', event('CLICK', { EventKey: 'orders' }), { click: ['help', 'orders'] }, true],
    [
      'a scan from the menu',
      event('scancode_push', { EventKey: 'k', ScanCodeInfo: { ScanType: 'q', ScanResult: 'r' } }),
      { click: 'k' },
      true,
    ],
    ['a click in a msgmenu', text('满意', { bizmsgmenuid: 101 }), { click: '101' }, true],
    ['a key that was not clicked', event('SCAN', { EventKey: 'k' }), { click: 'k' }, false],
    ['a text that is a key', text('k'), { click: 'k' }, false],
    ['a picture, asked for a text', image, { text: 'M' }, false],
    ['a picture, asked for a part', image, { contains: 'u' }, false],
    ['a picture, asked for a pattern', image, { pattern: /./ }, false],
    ['an event of a new kind', event('brand_new'), { event: 'CLICK' }, false],
  ] as const)('of %s is met or not', (_what, input, on, met) => {
    expect(metBy(input, on) === 0).toBe(met);
  });

  test('with a pattern that keeps its place is met by every text alike', () => {
    const rules: ReplyRules = { rules: [{ on: { pattern: /a/g }, say }] };
    expect([1, 2, 3].map(() => decide(rules, text('a')).rule)).toEqual([0, 0, 0]);
  });
});

describe('a decision', () => {
  test('is by the first rule that applies', () => {
    expect(metBy(text('查物流'), { text: 'x' }, { contains: '物流' }, { message: 'text' })).toBe(1);
  });

  test('passes over the rules of the other account', () => {
    const rules: ReplyRules = {
      rules: [
        { on: { text: 'a' }, account: 'official', say },
        { on: { text: 'a' }, transfer: true },
      ],
    };
    expect(decide(rules, text('a'), 'official').rule).toBe(0);
    expect(decide(rules, text('a'), 'miniprogram').rule).toBe(1);
  });

  test('without a rule is otherwise for a message and nothing for an event', () => {
    const rules: ReplyRules = { rules: [], otherwise: { say, typing: true } };
    expect(decide(rules, image)).toEqual({ say, typing: true, keep: false });
    expect(decide(rules, event('LOCATION', { Latitude: 1, Longitude: 1, Precision: 1 }))).toEqual({
      say: [],
      typing: false,
      keep: false,
    });
    expect(decide({ rules: [] }, image)).toEqual({ say: [], typing: false, keep: false });
  });

  test('is to say nothing where the rule says nothing', () => {
    const rules: ReplyRules = { rules: [{ on: { text: 'a' } }], otherwise: { say } };
    expect(decide(rules, text('a'))).toEqual({ rule: 0, say: [], typing: false, keep: false });
  });

  test('keeps what the user sent where the rule says so', () => {
    const rules: ReplyRules = {
      rules: [{ on: { message: 'image' }, keep: true }],
      otherwise: { keep: true },
    };
    expect(decide(rules, image)).toEqual({ rule: 0, say: [], typing: false, keep: true });
    expect(decide(rules, text('a')).keep).toBe(true);
    expect(checkRules(rules)).toEqual([]);
  });

  test('hands a message over to anyone or to one, and an event never', () => {
    const anyone: ReplyRules = { rules: [{ on: { click: 'k' }, say, transfer: true }] };
    expect(decide(anyone, text('a', { bizmsgmenuid: 'k' }))).toMatchObject({ say, transfer: {} });
    expect(decide(anyone, event('CLICK', { EventKey: 'k' }))).toEqual({
      rule: 0,
      say,
      typing: false,
      keep: false,
    });
    const one: ReplyRules = { rules: [], otherwise: { transfer: { kf_account: 'a@b' } } };
    expect(decide(one, image)).toMatchObject({ transfer: { kfAccount: 'a@b' } });
  });
});

describe('the example', () => {
  test('has nothing wrong with it', () => {
    expect(checkRules(exampleRules)).toEqual([]);
  });

  const firstSaid = (input: unknown, account?: Account) => {
    const [first] = decide(exampleRules, input, account).say;
    return first?.msgtype === 'text' ? first.text.content : first?.msgtype;
  };

  test('welcomes who enters or follows, with a menu', () => {
    expect(firstSaid(event('user_enter_tempsession'))).toMatch(/1 查物流/);
    const followed = decide(exampleRules, event('subscribe', { EventKey: '' }), 'official');
    expect(followed.say.map(({ msgtype }) => msgtype)).toEqual(['text', 'msgmenu']);
  });

  test.each(['1', ' １ ', '我的快递到哪了', '查物流'])('answers %j about a delivery', (content) => {
    expect(firstSaid(text(content))).toMatch(/订单号/);
  });

  test('answers an order number after a typing sign', () => {
    expect(decide(exampleRules, text('kf20260001'))).toMatchObject({ typing: true });
  });

  test.each([text('3'), text('转人工谢谢'), text('人工客服', { bizmsgmenuid: 'person' })])(
    'hands over to a person: %j',
    (input) => {
      expect(decide(exampleRules, input, 'official')).toMatchObject({ say: [], transfer: {} });
    },
  );

  test('answers what it does not understand, and no event that no rule names', () => {
    expect(firstSaid(text('?'))).toMatch(/没有理解/);
    expect(decide(exampleRules, event('unsubscribe'), 'official')).toEqual({
      say: [],
      typing: false,
      keep: false,
    });
  });
});

const noAnswer = () => Promise.resolve(undefined);

describe('the worked examples of answers', () => {
  test('have nothing wrong with them, and are off', () => {
    expect(checkRules({ rules: [orderRule, assistantRule] })).toEqual([]);
    expect(rules.rules.some(({ run, ask }) => run !== undefined || ask !== undefined)).toBe(false);
  });
});

describe('the check of a table', () => {
  const said = (table: unknown) =>
    checkRules(table).map(({ path, errCode, message }) => `${path} ${errCode} ${message}`);
  const one = (rule: object) => said({ rules: [{ on: { text: 'a' }, ...rule }] });
  const on = (condition: unknown, rule: object = {}) => said({ rules: [{ on: condition, ...rule }] });
  const five = Array(6).fill(say[0]);

  test('holds the links of its texts against the mini program’s own appid, as kefu-send does', () => {
    const text = { content: '<a href="https://a.b" data-miniprogram-appid="wx2">去看看</a>' };
    const own = { on: { message: 'any' }, say: [{ msgtype: 'text', text }] };
    const wrong = '"wx2" is not the mini program’s own appid; WeChat opens no other from here: wx1';
    const paths = (table: object, appid?: string) =>
      checkRules(table, appid).map(({ path, errCode, message }) => [path, errCode, message]);
    expect(paths({ rules: [own], otherwise: { say: own.say } }, 'wx1')).toEqual([
      ['rules[0].say[0].text.content', 40013, wrong],
      ['otherwise.say[0].text.content', 40013, wrong],
      ['otherwise', 40035, expect.stringContaining('can never apply')],
    ]);
    expect(paths({ rules: [own] }, 'wx2')).toEqual([]);
    expect(paths({ rules: [own] })).toEqual([]);
    expect(paths({ rules: [{ ...own, account: 'official' }] }, 'wx1')).toEqual([]);
  });

  test.each<[string, string[], string[]]>([
    ['a list', said([]), [' 40035 must be an object with rules, not a list']],
    ['no rules', said({}), ['rules 40035 must be a list, not a undefined']],
    ['a misspelt table', said({ rules: [], default: {} }), ['default 40035 is not a field here']],
    ['a rule that is none', said({ rules: [1] }), ['rules[0] 40035 must be an object, not a number']],
    ['a rule without condition', said({ rules: [{}] }), ['rules[0].on 40035 is missing']],
    [
      'a misspelt field',
      one({ trasfer: true }),
      ['rules[0].trasfer 40035 is no field; did you mean transfer?'],
    ],
    [
      'no condition',
      on({}),
      ['rules[0].on 40035 must have one of text, contains, pattern, message, event, click'],
    ],
    [
      'two conditions',
      on({ text: 'a', event: 'SCAN' }),
      ['rules[0].on 40035 must have one of text, contains, pattern, message, event, click'],
    ],
    ['an empty word', on({ contains: ['a', ' '] }), ['rules[0].on.contains 40035 must be text, not " "']],
    ['no words', on({ text: [] }), ['rules[0].on.text 40035 is empty']],
    [
      'a word that is none',
      on({ click: undefined }),
      ['rules[0].on.click 40035 must be text, not undefined'],
    ],
    [
      'a pattern as text',
      on({ pattern: 'a+' }),
      ['rules[0].on.pattern 40035 must be a regular expression, not "a+"'],
    ],
    [
      'a pattern that keeps its place',
      on({ pattern: /a/gi }),
      ['rules[0].on.pattern 40035 has the flag "gi": g and y mean nothing here'],
    ],
    [
      'a pattern for nothing',
      on({ pattern: /a*/ }),
      ["rules[0].on.pattern 40035 matches every text; write { message: 'text' }"],
    ],
    [
      'no such message',
      on({ message: 'vioce' }),
      ['rules[0].on.message 40035 "vioce" is no message; did you mean voice?'],
    ],
    [
      'no such event',
      on({ event: 'click' }),
      ['rules[0].on.event 40035 "click" is no event; did you mean CLICK?'],
    ],
    [
      'a key without an event',
      on({ text: 'a', key: 'b' }),
      ['rules[0].on.key 40035 goes only with an event that has an EventKey'],
    ],
    [
      'a key of an event without',
      on({ event: 'LOCATION', key: 'b' }),
      ['rules[0].on.key 40035 goes only with an event that has an EventKey'],
    ],
    ['an empty key', on({ event: 'SCAN', key: '' }), ['rules[0].on.key 40035 must be text, not ""']],
    [
      'no such account',
      one({ account: 'oa' }),
      ['rules[0].account 40035 must be "miniprogram" or "official", not "oa"'],
    ],
    [
      'an event that the account has not',
      on({ event: 'CLICK' }, { account: 'miniprogram' }),
      ['rules[0].on 40035 does not happen to a "miniprogram" account'],
    ],
    [
      'code that is none',
      one({ run: 'x', otherwise: { say, keep: true } }),
      [
        'rules[0].run 40035 must be a function, not a string',
        'rules[0].otherwise.keep 40035 is not a field here',
        'rules[0].otherwise.keep 40035 goes with a picture, a sound or a film',
      ],
    ],
    [
      'code and a model',
      one({ run: noAnswer, ask: { instructions: 'x' }, transfer: true, typing: true, say }),
      [
        'rules[0].ask 40035 does not go with run',
        'rules[0].transfer 40035 does not go with run or ask; they may hand over',
        'rules[0].typing 40035 does not go with run or ask; it is shown for them',
      ],
    ],
    [
      'an otherwise of nothing',
      one({ otherwise: { say } }),
      ['rules[0].otherwise 40035 goes with run or ask'],
    ],
    [
      'a model that is told nothing',
      one({ ask: { label: 1, pictures: 'yes', seconds: 90, instruction: 'x' } }),
      [
        'rules[0].ask.instruction 40035 is no field; did you mean instructions?',
        'rules[0].ask.instructions 40035 must be text: what the model is told',
        'rules[0].ask.label 40035 must be true or false, not 1',
        'rules[0].ask.pictures 40035 must be true or false, not "yes"',
        'rules[0].ask.seconds 40035 must be a whole number from 5 to 50, not 90',
      ],
    ],
    [
      'a check where there is none',
      one({ ask: { instructions: 'x', check: true } }),
      ["rules[0].ask.check 40035 is for the mini program; give the rule account: 'miniprogram'"],
    ],
    [
      'tools that are none',
      one({
        ask: {
          instructions: 'x',
          tools: {
            'a b': { description: 'x', run: noAnswer },
            hand_over: { description: 'x', run: noAnswer },
            look: { parameters: { id: { type: 'text' } } },
          },
        },
      }),
      [
        'rules[0].ask.tools.a b 40035 must have a name of letters, digits, _ and -',
        'rules[0].ask.tools.hand_over 40035 is a tool that is there already; handOver: false takes it away',
        'rules[0].ask.tools.look.description 40035 must be text: the model chooses by it',
        'rules[0].ask.tools.look.run 40035 must be a function',
        'rules[0].ask.tools.look.parameters.id 40035 must have a type: string, number, integer, boolean',
      ],
    ],
    [
      'a message outside a list',
      one({ say: say[0] }),
      ['rules[0].say 40035 must be a list of messages, not an object'],
    ],
    ['no messages', one({ say: [] }), ['rules[0].say 40035 is empty; leave it out to say nothing']],
    [
      'an empty text',
      one({ say: [{ msgtype: 'text', text: { content: '' } }] }),
      ['rules[0].say[0].text.content 44004 is empty'],
    ],
    [
      'a message without type',
      one({ say: ['hi'] }),
      ['rules[0].say[0] 47001 a message must be an object, not a string'],
    ],
    [
      'a receiver',
      one({ say: [{ ...say[0], touser: 'o' }] }),
      ['rules[0].say[0].touser 40035 has no place here: the answer goes to whoever the push is from'],
    ],
    [
      'a menu where a mini program may have to send it',
      one({ say: [{ msgtype: 'msgmenu', msgmenu: { list: [{ id: '1', content: 'a' }] } }] }),
      ['rules[0].say[0].msgtype 40008 is msgmenu, which the miniprogram account cannot send; official can'],
    ],
    [
      'too many messages',
      one({ say: five }),
      ['rules[0].say 45047 has 6 messages; WeChat lets 5 through here'],
    ],
    [
      'three messages on entering',
      on({ event: 'user_enter_tempsession' }, { say: five.slice(3) }),
      ['rules[0].say 45047 has 3 messages; WeChat lets 2 through here'],
    ],
    [
      'four messages on following',
      on({ event: 'subscribe' }, { say: five.slice(2) }),
      ['rules[0].say 45047 has 4 messages; WeChat lets 3 through here'],
    ],
    ['typing that is false', one({ typing: false, say }), ['rules[0].typing 40035 must be true, not false']],
    ['typing alone', one({ typing: true }), ['rules[0].typing 40035 goes with messages to say']],
    [
      'a transfer to nobody',
      one({ transfer: {} }),
      ["rules[0].transfer 65401 must be true, 'wechat' or { kf_account: 'name@account' }"],
    ],
    [
      'a transfer of an event',
      on({ event: 'subscribe' }, { transfer: true }),
      ['rules[0].transfer 40035 is for messages; an event shows at the customer service as nothing'],
    ],
    [
      'a default that is none',
      said({ rules: [], otherwise: [] }),
      ['otherwise 40035 must be an object, not a list'],
    ],
    [
      'a fault in the default',
      said({ rules: [], otherwise: { say: [{ msgtype: 'image', image: {} }], on: 1 } }),
      ['otherwise.on 40035 is not a field here', 'otherwise.say[0].image.media_id 41006 is missing'],
    ],
  ])('names %s', (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  test('takes a file in cloud storage, either spelling, and what only the official account sends where it is for that', () => {
    const list = [{ id: '1', content: 'a' }];
    expect(one({ say: [{ msgtype: 'image', image: { fileID: 'cloud://a/b' } }] })).toEqual([]);
    expect(
      one({ account: 'official', say: [{ msgtype: 'msgmenu', msgmenu: { headContent: 'h', list } }] }),
    ).toEqual([]);
    expect(on({ event: 'CLICK' }, { say: [{ msgtype: 'msgmenu', msgmenu: { list } }] })).toEqual([]);
    expect(one({ transfer: { kf_account: 'a@b' } })).toEqual([]);
    expect(said({ rules: [] })).toEqual([]);
  });

  const never = (...conditions: object[]) =>
    said({ rules: conditions.map((condition) => ('on' in condition ? condition : { on: condition })) });
  const second = ['rules[1] 40035 can never apply: rules[0] applies to all that this one would'];
  test.each<[string, string[], string[]]>([
    ['after any message: a text', never({ message: 'any' }, { text: 'a' }), second],
    ['after any message: a picture', never({ message: 'any' }, { message: 'image' }), second],
    ['after any message: an event, which comes through', never({ message: 'any' }, { event: 'SCAN' }), []],
    ['after any message: a click, which may be an event', never({ message: 'any' }, { click: 'k' }), []],
    ['after all texts: a pattern', never({ message: 'text' }, { pattern: /a/ }), second],
    ['after all pictures: a text, which comes through', never({ message: 'image' }, { text: 'a' }), []],
    ['after the same text, spelled otherwise', never({ text: ['Ａ', 'b'] }, { text: ' a ' }), second],
    ['after one of two texts: both', never({ text: 'a' }, { text: ['a', 'b'] }), []],
    ['after a part: a text with it', never({ contains: '物流' }, { text: '查物流' }), second],
    [
      'after a part: a longer part',
      never({ contains: '物流' }, { contains: ['查物流', '物流信息'] }),
      second,
    ],
    ['after a longer part: the part', never({ contains: '查物流' }, { contains: '物流' }), []],
    ['after a text: a part', never({ text: 'a' }, { contains: 'a' }), []],
    ['after an equal pattern', never({ pattern: /a/i }, { pattern: /a/i }), second],
    ['after a pattern: a text', never({ pattern: /a/ }, { text: 'a' }), []],
    ['after an event: the event with a key', never({ event: 'SCAN' }, { event: 'SCAN', key: 'a' }), second],
    ['after an event with a key: the event', never({ event: 'SCAN', key: 'a' }, { event: 'SCAN' }), []],
    ['after a click on it', never({ click: ['a', 'b'] }, { click: 'a' }), second],
    ['after one for the other account', never({ on: { text: 'a' }, account: 'official' }, { text: 'a' }), []],
    ['after one for both accounts', never({ text: 'a' }, { on: { text: 'a' }, account: 'official' }), second],
  ])('names a rule that can never apply: %s', (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  test('names a default that can never apply', () => {
    expect(said({ rules: [{ on: { message: 'any' }, say }], otherwise: { say } })).toEqual([
      'otherwise 40035 can never apply: rules[0] applies to all that this one would',
    ]);
    const official = { on: { message: 'any' }, account: 'official', say };
    expect(said({ rules: [official], otherwise: { say } })).toEqual([]);
  });

  test('lists all that is wrong, not only the first', () => {
    expect(said({ rules: [{ on: { text: '' } }, { on: { event: 'SCAN' }, say: [] }] })).toHaveLength(2);
  });
});

describe('what a table decides', () => {
  const run = async () => undefined;
  const ask = { instructions: 'x' };
  const on = { message: 'any' } as const;

  test('is who makes the answer, where that is code or a model', () => {
    for (const action of [{ run }, { ask }, { run, say }])
      expect(decide({ rules: [{ on, ...action }] }, text('x')).action).toMatchObject(action);
    expect(decide({ rules: [{ on, say }] }, text('x'))).not.toHaveProperty('action');
    expect(decide({ rules: [], otherwise: { run } }, text('x')).action).toEqual({ run });
    const tables: [ReplyRules, boolean][] = [
      [{ rules: [] }, false],
      [{ rules: [{ on, say }], otherwise: { say } }, false],
      [
        {
          rules: [
            { on, say },
            { on, run },
          ],
        },
        true,
      ],
      [
        {
          rules: [
            { on, say },
            { on, ask },
          ],
          otherwise: { say },
        },
        true,
      ],
      [{ rules: [], otherwise: { ask } }, true],
      [{ rules: [{ on, say }], otherwise: { run } }, true],
    ];
    for (const [table, leaves] of tables) expect(leavesAnswers(table)).toBe(leaves);
  });

  test('is of whom a person is asked for, and that of messages only', () => {
    const target = (transfer: true | 'wechat' | { kf_account: string }, input: unknown = text('x')) =>
      decide(
        {
          rules: [
            { on, transfer },
            { on: { event: 'user_enter_tempsession' }, transfer },
          ],
        },
        input,
      ).transfer;
    expect(target(true)).toEqual({ wechat: false });
    expect(target('wechat')).toEqual({ wechat: true });
    expect(target({ kf_account: 'a@b' })).toEqual({ wechat: true, kfAccount: 'a@b' });
    expect(target(true, event('user_enter_tempsession'))).toBeUndefined();
  });

  test('hangs on the words of a text, and on the entry that was clicked', () => {
    expect(
      metBy({ ...image, Content: '人工' }, { text: '人工' }, { contains: '人' }, { pattern: /人/ }),
    ).toBe(-1);
    expect(metBy(event('CLICK', { EventKey: 'other' }), { click: ['help', 'orders'] })).toBe(-1);
    expect(metBy(text('help'), { click: 'help' })).toBe(-1);
  });
});
