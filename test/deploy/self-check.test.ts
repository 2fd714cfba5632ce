import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { functionNames } from '../../scripts/build-functions';
import { proofOf } from '../../shared/runtime/self-check-proof';

/** The self-check of the built functions: who gets it, what it says, and that it does nothing. */

const operator = 'oOperator';
const variables = {
  KEFU_OPERATORS: operator,
  KEFU_SECRET: 'a-secret-of-this-test-that-is-long-enough',
  OFFICIAL_APPID: 'wx00000000000000ff',
  OFFICIAL_SECRET: 'SecretSeen0123456789',
  GATEWAY_CLIENTS: 'shop:SecretSeenToo1SecretSeenToo1SecretSeenToo1',
};

let emulator: Emulator;
/** What only who can read the functions' variables can say. */
let proof: string | undefined;
beforeAll(async () => {
  emulator = await createEmulator({ variables });
  proof = proofOf(emulator.options.variables);
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function check(name: string, data: object, source: string, openid?: string) {
  const invoked = await emulator.call({ name, data, source, openid });
  if (!invoked.ok) throw new Error(invoked.errMsg);
  return invoked.result as { errCode: number; code?: string; selfCheck?: { [field: string]: unknown } };
}

const ask = { kefuSelfCheck: true };

describe('is for', () => {
  const cases: readonly [string, object, string, string | undefined, 'told' | 'not-allowed'][] = [
    ['the HTTP API', ask, 'wx_http', undefined, 'told'],
    ['a timer', ask, 'wx_trigger', undefined, 'told'],
    ['another function', ask, 'wx_client,scf', defaultOpenid, 'told'],
    ['an operator', ask, 'wx_client', operator, 'told'],
    ['no client', ask, 'wx_client', defaultOpenid, 'not-allowed'],
    ['nobody without a name', ask, '', undefined, 'not-allowed'],
    ['no source that is not known', ask, 'wx_unknown', undefined, 'not-allowed'],
    ['nobody who guesses', { kefuSelfCheck: 'f'.repeat(64) }, '', undefined, 'not-allowed'],
    [
      'nobody who knows the operators alone',
      { kefuSelfCheck: proofOf({ KEFU_SECRET: 'another-secret-that-is-long-enough-too' }) },
      '',
      undefined,
      'not-allowed',
    ],
  ];
  test.each(cases)('%s', async (_who, data, source, openid, expected) => {
    const answer = await check('kefu-send', data, source, openid);
    expect(answer.code ?? 'told').toBe(expected);
    expect(answer.selfCheck !== undefined).toBe(expected === 'told');
  });

  test('who knows the variables, whatever way it comes', async () => {
    expect(await check('kefu-send', { kefuSelfCheck: proof }, '')).toMatchObject({ errCode: 0 });
    const listed = await check('kefu-send', { kefuSelfCheck: [proof] }, '');
    expect(listed).toMatchObject({ code: 'not-allowed' });
  });

  test('no one by an empty proof, where no operator is named', () => {
    expect(proofOf({})).toBeUndefined();
    expect(proofOf({ OFFICIAL_SECRET: 'x' })).toBeUndefined();
  });

  test('an event that has it and nothing else; with anything else it is a field like any other', async () => {
    const answer = await check(
      'kefu-send',
      { ...ask, msgtype: 'text', text: { content: 'hi' } },
      'wx_client',
      defaultOpenid,
    );
    expect(answer).toMatchObject({ errCode: 40035, details: [{ path: 'kefuSelfCheck' }] });
  });
});

describe('of every function', () => {
  test('says what it is, what it has, and sends nothing', async () => {
    const names = await functionNames();
    const before = JSON.stringify(emulator.world.conversation('miniprogram', defaultOpenid));
    for (const name of names) {
      const { errCode, selfCheck } = await check(name, ask, 'wx_http');
      expect(errCode).toBe(0);
      const { permissions } = emulator.runner.functions.get(name) ?? { permissions: [] };
      expect(selfCheck).toMatchObject({
        function: name,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        build: expect.stringMatching(/^[0-9a-f]{12}$/),
        database: 'ok',
        permissions: Object.fromEntries(permissions.map((api) => [api, 'granted'])),
        variables: { KEFU_OPERATORS: 'set', OFFICIAL_CHANNEL: 'missing' },
      });
      expect(JSON.stringify(selfCheck)).not.toMatch(/SecretSeen|oOperator|wx00000000000000ff/);
    }
    expect(JSON.stringify(emulator.world.conversation('miniprogram', defaultOpenid))).toBe(before);
    const wire = emulator.log.since(0).filter((entry) => entry.kind === 'wire');
    expect(wire.length).toBeGreaterThan(names.length);
    for (const entry of wire) {
      // No receiver, no type, no content; and WeChat refused each.
      expect(entry).toMatchObject({ https: { touser: '' }, answer: { errcode: expect.any(Number) } });
      expect(Object.keys((entry as { https: object }).https)).toEqual(['touser']);
      expect((entry as { answer: { errcode: number } }).answer.errcode).toBeGreaterThan(0);
    }
  }, 120_000);

  test.each([
    ['missing', -604101],
    ['unknown-name', -604100],
    ['no-context', -604104],
    ['no-context', -501007],
    ['unclear: -604102', -604102],
  ])('says %s where the gateway answers %i', async (state, errcode) => {
    emulator.faults.put([{ api: 'customerServiceMessage.setTyping', errcode }]);
    const { selfCheck } = await check('kefu-typing', ask, 'wx_http');
    expect(selfCheck?.['permissions']).toEqual({ 'customerServiceMessage.setTyping': state });
  });

  test('says so where the database does not answer', async () => {
    emulator.faults.put([{ api: 'database.*', errcode: -502001 }]);
    const { selfCheck } = await check('kefu-typing', ask, 'wx_http');
    expect(selfCheck?.['database']).toMatch(/^unclear: -\d+$/);
  });
});
