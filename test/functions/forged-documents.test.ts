import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { collections } from '../../shared/core/collections';
import { callingIn } from './calling';

/** Documents that the functions did not write, or not as they are: nothing is sent for them. */

const secret = 'a-secret-of-this-test-that-is-long-enough';
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ variables: { KEFU_SECRET: secret, KEFU_OPERATORS: 'oOperator' } });
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
function put(collectionName: string, document: Stored): void {
  emulator.database.handle('database.addCollection', { collectionName });
  emulator.database.handle('database.insertDocument', {
    collectionName,
    data: [JSON.stringify(document)],
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
    emulator.database.handle('database.modifyDocument', {
      collectionName: 'kefu_outbox',
      query: '{}',
      data: JSON.stringify({ $set: { payload: String(own?.['payload']).replace('own', 'changed') } }),
      multi: true,
      merge: true,
      upsert: false,
    });
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

test('what is sealed is a field of its collection, and so are those that it is bound to', () => {
  for (const row of Object.values(collections)) {
    const fields = Object.keys(row.fields);
    for (const field of 'sealed' in row ? row.sealed : []) expect(fields).toContain(field);
  }
});
