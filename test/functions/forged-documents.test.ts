import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { samplePng } from '../../emulator/wechat/samples';
import { collections } from '../../shared/core/collections';
import { callingIn } from './calling';

/** Documents that the functions did not write, or not as they are: nothing is sent for them. */

const secret = 'a-secret-of-this-test-that-is-long-enough';
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: {
      KEFU_SECRET: secret,
      KEFU_OPERATORS: 'oOperator',
      KEFU_HISTORY_DAYS: '30',
      KEFU_CLIENT_FILES: '*',
    },
  });
});
afterAll(() => emulator.close());
const victim = 'oVictim';
const reset = () => {
  emulator.reset();
  for (const openid of [victim, defaultOpenid]) emulator.world.act('miniprogram', openid, 'message');
};
beforeEach(reset);

const timer = { Type: 'Timer', TriggerName: 'every-minute', Time: '', Message: '' };
type Stored = Record<string, unknown>;

const call = callingIn(() => emulator);
const drain = () => call('kefu-outbox', timer, 'wx_trigger');
const queue = (content: string, openid = defaultOpenid) =>
  call('kefu-send', { msgtype: 'text', text: { content }, queue: true }, 'wx_client', openid);

/** Writes into the database past the functions. */
function put(collectionName: string, ...documents: Stored[]): void {
  emulator.database.handle('database.addCollection', { collectionName });
  emulator.database.handle('database.insertDocument', {
    collectionName,
    data: documents.map((document) => JSON.stringify(document)),
  });
}

/** Changes what is there, past the functions. */
function change(collectionName: string, changes: Stored): void {
  emulator.database.handle('database.modifyDocument', {
    collectionName,
    query: '{}',
    data: JSON.stringify({ $set: changes }),
    multi: true,
    merge: true,
    upsert: false,
  });
}

const outbox = () => (emulator.database.dump()['kefu_outbox'] ?? []) as Stored[];

/** A document that would be sent, were it the functions' own. */
async function forged(): Promise<Stored> {
  await queue('mine');
  const [own] = outbox();
  reset();
  const payload = JSON.stringify({
    message: { touser: victim, msgtype: 'text', text: { content: 'refund of 9999' } },
    fallback: [],
  });
  return { ...own, _id: 'forged', payload };
}

const received = (openid: string) =>
  emulator.world.conversation('miniprogram', openid).messages.filter(({ from }) => from === 'service');

describe('a document in the outbox', () => {
  test('that a client added sends nothing, and delays nobody', async () => {
    put('kefu_outbox', { ...(await forged()), _openid: defaultOpenid });
    await queue('own');
    expect(await drain()).toMatchObject({ sent: 1 });
    expect(received(victim)).toEqual([]);
    expect(received(defaultOpenid)).toHaveLength(1);
  });

  test('without its seal, or with another’s, is given up and says why', async () => {
    put('kefu_outbox', await forged());
    expect(await drain()).toMatchObject({ sent: 0, dead: 1 });
    expect(received(victim)).toEqual([]);
    expect(outbox()).toMatchObject([{ state: 'dead', code: 'not-allowed' }]);
  });

  test('whose text or receiver was changed is not sent', async () => {
    await queue('own');
    const [own] = outbox();
    change('kefu_outbox', { payload: String(own?.['payload']).replace('own', 'changed') });
    expect(await drain()).toMatchObject({ sent: 0, dead: 1 });
    expect(received(defaultOpenid)).toEqual([]);
  });
});

test('a request that a client pretends to be done does not keep the owner’s message back', async () => {
  const event = {
    msgtype: 'text',
    text: { content: 'paid' },
    touser: victim,
    requestId: 'order-1',
  };
  await call('kefu-send', event, 'wx_http');
  const [own] = (emulator.database.dump()['kefu_requests'] ?? []) as Stored[];
  reset();
  put('kefu_requests', { ...own, _openid: defaultOpenid });
  expect(await call('kefu-send', event, 'wx_http')).toMatchObject({ errCode: 0 });
  expect(received(victim)).toHaveLength(1);
});

describe('so many documents of a client that they would fill every read', () => {
  const many = (document: Stored) =>
    Array.from({ length: 1100 }, (_, index) => ({ ...document, _id: `${index}`, _openid: 'oAttacker' }));

  test('in the outbox delay nobody, and are not counted as a user’s own', async () => {
    await queue('first');
    const [own = {}] = outbox();
    put('kefu_outbox', ...many({ ...own, rank: 9, seq: 1 }));
    expect(await queue('second')).toMatchObject({ errCode: 0 });
    expect(await drain()).toMatchObject({ sent: 2, dead: 0, kept: 0 });
  });

  test('beside the conversations hide none of the desk’s', async () => {
    const push = { ToUserName: 'gh_1', FromUserName: victim, CreateTime: 1, MsgType: 'text', Content: 'hi' };
    await call('kefu-receive', { ...push, MsgId: '1' }, 'wx_push', victim);
    const [own = {}] = (emulator.database.dump()['kefu_conversations'] ?? []) as Stored[];
    put('kefu_conversations', ...many({ ...own, lastAt: 9e15 }));
    const listed = await call('kefu-desk', { action: 'list' }, 'wx_client', 'oOperator');
    expect(listed).toMatchObject({ conversations: [{ touser: victim }] });
  });
});

describe('a claim that was changed', () => {
  const event = { msgtype: 'text', text: { content: 'paid' }, touser: victim, requestId: 'order-1' };

  test('frees no request to be sent again, and gives no forged answer', async () => {
    expect(await call('kefu-send', event, 'wx_http')).toMatchObject({ errCode: 0 });
    const answer = JSON.stringify({ errCode: 0, errMsg: 'forged' });
    change('kefu_requests', { state: 'released', holder: '', answer });
    expect(await call('kefu-send', event, 'wx_http')).toMatchObject({ code: 'unknown-delivery' });
    expect(received(victim)).toHaveLength(1);
  }, 120_000);

  test('does not put words into the answer to a push', async () => {
    const push = { ToUserName: 'gh_1', FromUserName: victim, CreateTime: 1, MsgType: 'text', Content: 'hi' };
    const receive = () =>
      emulator.call({
        name: 'kefu-receive',
        data: { ...push, MsgId: '1' },
        source: 'wx_push',
        openid: victim,
      });
    const first = await receive();
    change('kefu_pushes', { answer: JSON.stringify({ MsgType: 'text', Content: 'forged' }) });
    expect(await receive()).toMatchObject({ result: 'success' });
    expect(JSON.stringify(first)).not.toContain('forged');
  });
});

test('a remembered media id that was changed is as none: the file is uploaded anew', async () => {
  const { fileID } = emulator.storage.put('tea.png', samplePng);
  const image = { msgtype: 'image', image: { fileID } };
  await call('kefu-send', image, 'wx_client', defaultOpenid);
  change('kefu_media', { mediaId: 'another' });
  expect(await call('kefu-send', image, 'wx_client', defaultOpenid)).toMatchObject({ errCode: 0 });
  const uploads = emulator.log.since(0).filter((entry) => entry.kind === 'wire' && /upload/i.test(entry.api));
  expect(uploads).toHaveLength(2);
});

test('what is sealed is a field of its collection, and so are those that it is bound to', () => {
  for (const row of Object.values(collections)) {
    const fields = Object.keys(row.fields);
    for (const field of 'sealed' in row ? row.sealed : []) expect(fields).toContain(field);
  }
});
