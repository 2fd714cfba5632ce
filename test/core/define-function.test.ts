import { describe, expect, test } from '@jest/globals';
import type { Access, Caller } from '../../shared/core/access';
import { success } from '../../shared/core/answer';
import { readDocument, sealedFields } from '../../shared/core/collections';
import {
  accountField,
  defineFunction,
  ownFields,
  readInput,
  requestIdField,
  touserField,
  wantsChinese,
} from '../../shared/core/define-function';
import { createMeter, refuseWaiting, userLimits } from '../../shared/core/limits';
import type { Ports } from '../../shared/core/ports';
import { isSending } from '../../shared/core/settings';
import type { CallName } from '../../shared/wechat/calls';
import { createWorld, type World } from '../world/world';

/** The one way to make a function: what happens before its work, in which order, and to whom. */

const fields = { word: { kind: 'text', need: 'never' }, touser: touserField } as const;

/** A function that says what it was given. */
function telling(access: Access = 'own-user', calls: readonly CallName[] = ['sendCustomMessage']) {
  const asked: unknown[] = [];
  const told = defineFunction({
    name: 'kefu-telling',
    access,
    fields: { ...fields, account: accountField, requestId: requestIdField },
    calls,
    timeoutSeconds: 5,
    timers: [{ name: 't', type: 'timer', config: '0 * * * * * *' }],
    check: ({ word }) => (word === 'bad' ? [{ path: 'word', message: 'is bad', errCode: 40035 }] : []),
    run: async (input) => {
      asked.push(input);
      return success({ input });
    },
  });
  return { told, asked };
}

type Result = Record<string, unknown>;

const call = (
  { told }: ReturnType<typeof telling>,
  event: unknown,
  caller: Caller = { source: 'wx_client', openid: 'oUser' },
  change: (ports: Ports<CallName>) => Partial<Ports<CallName>> = () => ({}),
  world: World = createWorld(),
) =>
  world.time.until(
    world.run((ports) => told.handle(event, caller, { ...ports, ...change(ports) })),
  ) as Promise<Result>;

describe('a function', () => {
  test('keeps its row, its fields among it, for all that is made from it', () => {
    const { told } = telling();
    expect(told).toMatchObject({ name: 'kefu-telling', access: 'own-user', timeoutSeconds: 5 });
    expect(Object.keys(told.fields ?? {})).toEqual(['word', 'touser', 'account', 'requestId']);
    expect(told).not.toHaveProperty('run');
    const own = defineFunction({
      name: 'kefu-own',
      access: 'owner',
      fields: 'own',
      calls: [],
      timeoutSeconds: 5,
      run: async (event) => event,
    });
    expect(own).not.toHaveProperty('fields');
  });

  test('asks who calls before it looks at anything', async () => {
    const made = telling();
    expect(await call(made, { word: 5, touser: 'oOther' })).toMatchObject({ code: 'not-allowed' });
    expect(await call(made, { word: 5 })).toMatchObject({ code: 'invalid-message' });
    expect(await call(made, { word: 'bad' })).toMatchObject({
      details: [{ path: 'word', message: 'is bad' }],
    });
    expect(made.asked).toEqual([]);
  });

  test('takes the caller for a user that is left out, and no other', async () => {
    for (const event of [{}, { touser: undefined }, { touser: null }, { touser: 'oUser' }])
      expect(await call(telling(), event)).toMatchObject({ input: { touser: 'oUser' } });
    const owner = { source: 'wx_client,scf', openid: 'oUser' };
    expect(await call(telling(), { touser: 'oOther' }, owner)).toMatchObject({ input: { touser: 'oOther' } });
    const timer = { source: 'wx_http' };
    expect(await call(telling(), {}, timer)).toMatchObject({ errCode: 41009 });
    expect(await call(telling(), { touser: 'oOther' }, timer)).toMatchObject({ input: { touser: 'oOther' } });
  });

  test('does what a timer asks without its event, where it has a timer', async () => {
    const operators = telling('operators-and-shares');
    const event = { Type: 'timer', TriggerName: 't', touser: 'oUser' };
    expect(await call(operators, event, { source: 'wx_trigger' })).toMatchObject({ errCode: 41009 });
    const without = defineFunction({
      name: 'kefu-without',
      access: 'operators-and-shares',
      fields: { word: fields.word },
      calls: [],
      timeoutSeconds: 5,
      run: async (input) => success({ input }),
    });
    const made = { told: without, asked: [] };
    expect(await call(made, event, { source: 'wx_trigger' })).toMatchObject({
      details: [{ path: 'Type' }, {}, {}],
    });
    expect(await call(made, { word: 'x' }, { source: 'wx_trigger', openid: 'oUser' })).toEqual(
      success({ input: { word: 'x' } }),
    );
  });

  test('that sends is not for users where that is left to the owner’s side', async () => {
    const off = ({ settings }: Ports<CallName>) => ({ settings: { ...settings, clientSends: false } });
    const user = { source: 'wx_client', openid: 'oUser' };
    expect(await call(telling(), {}, user, off)).toMatchObject({ code: 'not-allowed' });
    expect(await call(telling('own-user', ['uploadTempMedia']), {}, user, off)).toMatchObject({ errCode: 0 });
    expect(await call(telling(), {}, { ...user, source: 'wx_client,scf' }, off)).toMatchObject({
      errCode: 0,
    });
  });

  test('does once what has an id, and each time what has none', async () => {
    const world = createWorld();
    const made = telling();
    const ask = (event: object) => call(made, event, undefined, undefined, world);
    expect(await ask({ word: 'a', requestId: 'r' })).toMatchObject({ errCode: 0, input: { word: 'a' } });
    expect(await ask({ word: 'a', requestId: 'r' })).toMatchObject({ errCode: 0, input: { word: 'a' } });
    expect(await ask({ word: 'b', requestId: 'r' })).toMatchObject({ errCode: 40035 });
    expect(made.asked).toHaveLength(1);
    await ask({ word: 'a' });
    await ask({ word: 'a' });
    expect(made.asked).toHaveLength(3);
    expect(world.documents('kefu_requests')).toHaveLength(1);
    const other = { source: 'wx_client', openid: 'oOther' };
    expect(await call(made, { word: 'a', requestId: 'r' }, other, undefined, world)).toMatchObject({
      errCode: 0,
    });
    expect(made.asked).toHaveLength(4);
  });

  test('knows no official account where there is none', async () => {
    const none = ({ settings }: Ports<CallName>) => ({ settings: { ...settings, officialAppid: '' } });
    const official = { account: 'official' };
    expect(await call(telling(), official, undefined, none)).toMatchObject({
      errCode: 40013,
      details: [{ path: 'account' }],
    });
    expect(await call(telling(), official)).toMatchObject({ errCode: 0, input: { account: 'official' } });
    expect(await call(telling(), {}, undefined, none)).toMatchObject({ input: { account: 'miniprogram' } });
  });
});

describe('one user', () => {
  let minutes = 0;
  const times = async (access: Access, caller: Caller, count: number) => {
    const world = createWorld();
    // All functions of an instance count together, so each case has a minute of its own.
    minutes += 1;
    await world.time.pass(minutes * 60_000);
    const made = telling(access, []);
    const { ports } = world.createProcess();
    const results = [];
    for (let index = 0; index < count; index += 1)
      results.push((await made.told.handle({ touser: 'oUser' }, caller, ports)) as Result);
    return results.filter(({ code }) => code === 'rate-limited').length;
  };

  test('may call 120 times a minute; operators, the owner’s code and WeChat as often as they want', async () => {
    expect(await times('own-user', { source: 'wx_client', openid: 'oUser' }, 125)).toBe(5);
    expect(await times('own-user', { source: 'wx_client,scf', openid: 'oUser' }, 125)).toBe(0);
    expect(await times('push', { source: 'wx_push', openid: 'oUser' }, 125)).toBe(0);
    expect(await times('credentials', { source: 'wx_client' }, 125)).toBe(0);
  });

  test('has each minute for itself', () => {
    let now = 60_000 * 1000;
    const clock = { now: () => now };
    const meter = createMeter();
    const refused = (openid: string, count: number) =>
      Array.from({ length: count }, () => meter.refuse(openid, clock)).filter((each) => each !== undefined);
    expect(refused('oA', 121)).toMatchObject([{ errCode: 45011, code: 'rate-limited' }]);
    expect(refused('oB', userLimits.callsAMinute)).toEqual([]);
    now += 59_999;
    expect(refused('oA', 1)).toHaveLength(1);
    now += 1;
    expect(refused('oA', userLimits.callsAMinute)).toEqual([]);
  });

  test('has room for a hundred messages that wait', () => {
    expect([refuseWaiting(99, 1), refuseWaiting(0, 100)]).toEqual([undefined, undefined]);
    expect(refuseWaiting(99, 2)).toMatchObject({ errCode: 45011, code: 'rate-limited' });
  });
});

describe('the fields of an event', () => {
  test('are those that nobody added: not the platform’s, nor the language of the answer', () => {
    const event = { word: 1, userInfo: {}, tcbContext: {}, lang: 'zh' };
    expect(ownFields(event)).toEqual({ word: 1 });
    expect(ownFields({ lang: 'en' })).toEqual({});
    expect(ownFields({ lang: 'zh_CN', word: 'zh' })).toEqual({ lang: 'zh_CN', word: 'zh' });
    for (const none of [null, undefined, 5, 'x', [1]]) expect(ownFields(none)).toEqual({});
  });

  test('are as many as show that they are too many', () => {
    const event = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]));
    expect(Object.keys(ownFields(event))).toHaveLength(1004);
    const added = { userInfo: 1, tcbContext: 1, lang: 'zh', ...event };
    expect(Object.keys(ownFields(added))).toHaveLength(1001);
  });

  test('are read with the names of others known for help', () => {
    const { ports } = createWorld().createProcess();
    const asked = { role: 'owner', caller: { source: 'scf' }, ports } as const;
    const read = readInput({ word: fields.word }, { wrod: 'x', otter: 1 }, asked, ['other']);
    expect(JSON.stringify(read)).toContain('other');
    expect(readInput({ word: fields.word }, { word: 'x' }, asked)).toEqual({
      ok: true,
      values: { word: 'x' },
    });
  });
});

test.each<[unknown, Access, boolean]>([
  [{ lang: 'zh' }, 'own-user', true],
  [{ lang: 'zh' }, 'any-user', true],
  [{ lang: 'zh' }, 'operators', true],
  [{ lang: 'en' }, 'own-user', false],
  [{}, 'own-user', false],
  ['zh', 'own-user', false],
  [null, 'own-user', false],
  [{ lang: 'zh' }, 'push', false],
  [{ lang: 'zh' }, 'credentials', false],
  [{ lang: 'zh' }, 'owner', false],
])('%j of a function that is open by %s: an answer in Chinese %j', (event, access, wanted) => {
  expect(wantsChinese(event, { access })).toBe(wanted);
});

test('a function sends where one of its calls would do harm by a repeat', () => {
  expect(isSending({ calls: ['uploadTempMedia', 'sendCustomMessage'] })).toBe(true);
  expect(isSending({ calls: ['uploadTempMedia'] })).toBe(false);
  expect(isSending({ calls: [] })).toBe(false);
});

describe('a document', () => {
  test('is read by its row, whatever somebody made of it', () => {
    expect(readDocument('kefu_canned', { _id: 5, title: 7, text: 'x', at: '9', more: 1 })).toEqual({
      _id: '5',
      title: '',
      text: 'x',
      at: 0,
    });
    expect(readDocument('kefu_canned', { title: 't', text: 'x', at: 9 }, ['at'])).toEqual({ _id: '', at: 9 });
    expect(readDocument('kefu_pushes', { state: 'done' }, ['state'])).toMatchObject({ state: 'done' });
    expect(readDocument('kefu_pushes', { state: 'odd' }, ['state'])).toMatchObject({ state: 'claimed' });
  });

  test('has sealed fields where its row says so', () => {
    expect(sealedFields('kefu_outbox')).toEqual(['payload', 'lane', 'account']);
    expect(sealedFields('kefu_canned')).toEqual([]);
  });
});
