import { describe, expect, test } from '@jest/globals';
import {
  begunWithClaim,
  type Door,
  handedOver,
  isAnswered,
  planFor,
  silenced,
} from '../../../shared/functions/receive/plan';
import type { Rule } from '../../../shared/functions/rules/reply-rules';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { createWorld } from '../../world/world';

/** What is decided about a push: what goes back in the response, what goes out by itself, and what is said to nobody. */

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;
const picture = { msgtype: 'image', image: { fileID: 'cloud://x/y.png' } } as const;
const voice = { msgtype: 'voice', voice: { media_id: 'M' } } as const;
const menu = {
  msgtype: 'msgmenu',
  msgmenu: { head_content: 'How was it?', list: [{ id: '1', content: 'Good' }] },
} as const;

const callback: Door = { account: 'official', passive: true };
const official: Door = { account: 'official', passive: false };
const miniprogram: Door = { account: 'miniprogram', passive: false };

const push = (fields: object = {}): UnknownPush => ({
  ...{ ToUserName: 'gh_1', FromUserName: 'oUser', CreateTime: 1_700_000_000, MsgType: 'text', MsgId: '1' },
  Content: 'hi',
  ...fields,
});

type Action = Omit<Rule, 'on'>;

const plan = (
  action: Action,
  door: Door,
  { fields = {}, desk = undefined as readonly string[] | undefined, world = createWorld() } = {},
) => {
  const { ports } = world.createProcess(desk === undefined ? {} : { desk });
  const rules = { rules: [{ on: { message: 'any' }, ...action } satisfies Rule] };
  return planFor(push(fields), door, { ...ports, rules });
};

const run: Action = { run: async () => undefined };
const transfer = { MsgType: 'transfer_customer_service', ToUserName: 'oUser', FromUserName: 'gh_1' };

describe('the response to a callback', () => {
  test('is the answer where that is one message of a passive form, and nothing goes out beside it', () => {
    expect(plan({ say: [text('hello')] }, callback)).toMatchObject({
      answer: { MsgType: 'text', Content: 'hello', ToUserName: 'oUser', FromUserName: 'gh_1' },
      passive: { touser: 'oUser', ...text('hello') },
      messages: [],
    });
  });

  test.each<[string, Action, number]>([
    ['are several', { say: [text('one'), text('two')] }, 2],
    ['are none', {}, 0],
    ['is one with a file that WeChat does not have yet', { say: [picture] }, 1],
    ['is one without a passive form', { say: [menu] }, 1],
  ])('is the word success where the messages %s: they go out by themselves', (_what, action, count) => {
    const { answer, passive, messages } = plan(action, callback);
    expect([answer, passive]).toEqual(['success', undefined]);
    expect(messages).toHaveLength(count);
    for (const { touser } of messages) expect(touser).toBe('oUser');
  });

  test('is the hand-over where there is one, and the message goes out by itself', () => {
    const { answer, passive, messages } = plan({ say: [text('wait')], transfer: 'wechat' }, callback);
    expect(answer).toMatchObject(transfer);
    expect(passive).toBeUndefined();
    expect(messages).toEqual([{ touser: 'oUser', ...text('wait') }]);
    expect(plan({ transfer: { kf_account: 'k@x' } }, callback).answer).toMatchObject({
      ...transfer,
      TransInfo: { KfAccount: 'k@x' },
    });
  });

  test('is no message where the door has no room for one', () => {
    for (const door of [official, miniprogram])
      expect(plan({ say: [text('hello')] }, door)).toMatchObject({
        answer: 'success',
        passive: undefined,
        messages: [{ touser: 'oUser', ...text('hello') }],
      });
  });
});

test('a message that this account cannot send is left out, with a line in the log', () => {
  const world = createWorld();
  const say = [voice, text('hello')] as const;
  expect(plan({ say }, miniprogram, { world }).messages).toMatchObject([text('hello')]);
  expect(world.lines).toEqual([
    expect.stringMatching(/^\{"step":"answer","failed":true,"errCode":\d+,"path":"msgtype"\}$/),
  ]);
  const other = createWorld();
  expect(plan({ say }, official, { world: other }).messages).toMatchObject([voice, text('hello')]);
  expect(other.lines).toEqual([]);
});

test('a person is asked for at the desk where there is one, at WeChat’s tool where the rule says so or there is none', () => {
  const asked = (action: Action, desk?: readonly string[]) => {
    const { asksHere, answer } = plan(action, miniprogram, { desk });
    return [asksHere, answer === 'success'];
  };
  expect(asked({ transfer: true }, ['oLin'])).toEqual([true, true]);
  expect(asked({ transfer: true }, [])).toEqual([false, false]);
  expect(asked({ transfer: true })).toEqual([false, false]);
  expect(asked({ transfer: 'wechat' }, ['oLin'])).toEqual([false, false]);
  expect(asked({}, ['oLin'])).toEqual([false, true]);
});

test('an answer to the question how it was is thanked for and counted, and no rule’s; without a desk it is a rule’s', () => {
  const fields = { bizmsgmenuid: 'kefu-satisfaction-2' };
  const action: Action = { say: [text('rule')], typing: true, keep: true };
  expect(plan(action, miniprogram, { fields, desk: ['oLin'] })).toMatchObject({
    score: 2,
    decided: { say: [{ text: { content: '感谢您的评价！' } }], typing: false, keep: false },
  });
  expect(plan(action, miniprogram, { fields })).toMatchObject({
    score: 2,
    decided: { say: [text('rule')], typing: true, keep: true },
  });
});

describe('with the claim', () => {
  test.each<[string, Action, number]>([
    ['the first message of several is begun', { say: [text('one'), text('two')] }, 1],
    ['the only message is begun', { say: [text('one')] }, 1],
    ['nothing is begun where there is nothing', {}, 0],
    ['nothing is begun where a file is to be kept first', { say: [text('one')], keep: true }, 0],
    ['nothing is begun where a job is to be kept first', { say: [text('one')], ...run }, 0],
  ])('%s', (_what, action, begun) => {
    expect(begunWithClaim(plan(action, miniprogram))).toBe(begun);
  });
});

test('a push is answered where anything is said, at once or later, or handed over, and by nothing else', () => {
  const cases: readonly (readonly [Action, Door, boolean])[] = [
    [{}, miniprogram, false],
    [{ keep: true, typing: true }, miniprogram, false],
    [{ say: [text('one')] }, miniprogram, true],
    [{ say: [text('one')] }, callback, true],
    [{ transfer: 'wechat' }, miniprogram, true],
    [run, miniprogram, true],
  ];
  for (const [action, door, answered] of cases) expect(isAnswered(plan(action, door))).toBe(answered);
});

test('where a person has the conversation nothing is said, asked for or answered; what the user sent is still kept', () => {
  for (const keep of [true, undefined] as const) {
    const action: Action = {
      say: [text('one')],
      typing: true,
      transfer: true,
      ...run,
      ...(keep && { keep }),
    };
    for (const door of [miniprogram, callback]) {
      const whole = plan(action, door, { desk: ['oLin'] });
      const silent = silenced(whole);
      expect(silent).toMatchObject({
        answer: 'success',
        passive: undefined,
        asksHere: false,
        isSilent: true,
      });
      expect(silent.decided).toEqual({ say: [], typing: false, keep: keep ?? false });
      // What was begun before the claim of another is told from these.
      expect(silent.messages).toEqual(whole.messages);
    }
  }
});

test('where a model or code asked for a person the next message is handed over, and nothing else is done', () => {
  const whole = plan({ say: [text('one')], typing: true, keep: true, ...run }, callback, { desk: ['oLin'] });
  const handed = handedOver(whole, 1_700_000_123_456);
  expect(handed).toMatchObject({ passive: undefined, asksHere: false, isSilent: false, messages: [] });
  expect(handed.decided).toEqual({ say: [], typing: false, keep: true, transfer: { wechat: true } });
  expect(handed.answer).toMatchObject({ ...transfer, CreateTime: 1_700_000_123 });
});
