import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { DocumentOf } from '../../shared/core/collections';
import type { Clock, Collection, Database } from '../../shared/core/ports';
import {
  type AccessTokens,
  createAccessTokens,
  lockMs,
  type TokenFetch,
} from '../../shared/runtime/access-token';
import { createHistory, meets } from '../world/database';

/** The access token: one for all instances, fetched once, renewed once. */

const hour = 60 * 60 * 1000;

/** A database that behaves as the cloud's does: each step atomic, and others may come in between. */
function createDatabase() {
  const history = createHistory();
  const state = { broken: false };
  const step = async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (state.broken) throw new Error('the database is out of reach');
    return work();
  };
  const tokens: Collection<DocumentOf<'kefu_tokens'>> = {
    get: (_id) => step(() => history.find('kefu_tokens', { _id }, undefined, Infinity)[0] as never),
    set: (id, document) => step(() => history.write('kefu_tokens', id, { ...document, _id: id }, 0)),
    insert: ([document]) =>
      step(() => document !== undefined && history.insertOne('kefu_tokens', { ...document }, 0)),
    update: (condition, changes) =>
      step(() => history.updateOne('kefu_tokens', String(condition._id), meets(condition), changes, 0)),
    find: () => Promise.reject(new Error('not used')),
    remove: () => Promise.reject(new Error('not used')),
    count: () => Promise.reject(new Error('not used')),
  };
  return Object.assign(state, { database: (() => tokens) as unknown as Database });
}

/** A WeChat that hands out tokens, and counts. */
function createWorld() {
  let now = 1_700_000_000_000;
  let fetches = 0;
  let answer: ((force: boolean) => Promise<TokenFetch> | TokenFetch) | undefined;
  const store = createDatabase();
  const clock: Clock = { now: () => now, remainingMs: () => 20_000 };
  const lines: string[] = [];
  const call = { clock, log: (line: object) => void lines.push(JSON.stringify(line)) };
  const world = {
    store,
    call,
    /** Whether the clock moves while an instance waits, so that a lock runs out. */
    waitingTakesTime: false,
    lines,
    get fetches() {
      return fetches;
    },
    advance(ms: number) {
      now += ms;
    },
    answerWith(next: typeof answer) {
      answer = next;
    },
    instance: (holder: string): AccessTokens =>
      createAccessTokens({
        appid: 'wx1',
        database: store.database,
        now: clock.now,
        holder,
        async fetchToken(force) {
          fetches += 1;
          await new Promise((resolve) => setTimeout(resolve, 5));
          return answer?.(force) ?? { ok: true, token: `token-${fetches}`, expiresInSeconds: 7200 };
        },
        async sleep(ms) {
          if (world.waitingTakesTime) now += ms;
          await new Promise((resolve) => setTimeout(resolve, 1));
        },
      }),
  };
  return world;
}

describe('the access token', () => {
  test('is fetched once for 100 cold instances at once', async () => {
    const world = createWorld();
    const instances = Array.from({ length: 100 }, (_, index) => world.instance(`i${index}`));
    const results = await Promise.all(instances.map((instance) => instance.get(world.call)));
    expect(new Set(results.map((result) => (result.ok ? result.token : 'none')))).toEqual(
      new Set(['token-1']),
    );
    expect(world.fetches).toBe(1);
  });

  test('is kept in memory, then in the database, until shortly before its end', async () => {
    const world = createWorld();
    const first = world.instance('a');
    await first.get(world.call);
    world.advance(2 * hour - 5 * 60 * 1000);
    expect(await first.get(world.call)).toEqual({ ok: true, token: 'token-1' });
    expect(await world.instance('b').get(world.call)).toEqual({ ok: true, token: 'token-1' });
    world.advance(2 * 60 * 1000);
    expect(await first.get(world.call)).toEqual({ ok: true, token: 'token-2' });
    expect(world.fetches).toBe(2);
  });

  test('that WeChat refuses is renewed once, however many instances were refused', async () => {
    const world = createWorld();
    const instances = Array.from({ length: 50 }, (_, index) => world.instance(`i${index}`));
    await Promise.all(instances.map((instance) => instance.get(world.call)));
    const renewed = await Promise.all(
      instances.map((instance) => instance.get({ ...world.call, refused: 'token-1' })),
    );
    expect(renewed.every((result) => result.ok && result.token === 'token-2')).toBe(true);
    expect(world.fetches).toBe(2);
  });

  test('is forced anew where WeChat gives out the one it has just refused', async () => {
    const world = createWorld();
    const forces: boolean[] = [];
    world.answerWith((force) => {
      forces.push(force);
      return { ok: true, token: force ? 'forced' : 'same', expiresInSeconds: 7200 };
    });
    const instance = world.instance('a');
    await instance.get(world.call);
    expect(await instance.get({ ...world.call, refused: 'same' })).toEqual({ ok: true, token: 'forced' });
    expect(forces).toEqual([false, false, true]);
  });

  test('is fetched by another when the holder of the lock has died', async () => {
    const world = createWorld();
    let died: () => void = () => undefined;
    world.answerWith(
      () =>
        new Promise<TokenFetch>(() => {
          died();
        }),
    );
    const held = new Promise<void>((resolve) => {
      died = resolve;
    });
    void world.instance('dead').get(world.call);
    await held;
    world.waitingTakesTime = true;
    world.answerWith(undefined);
    const waited = world.instance('alive').get(world.call);
    expect(await waited).toEqual({ ok: true, token: 'token-2' });
    expect(lockMs).toBeLessThan(10_000);
  });

  test('near its end stays in use while its renewal fails, and not after', async () => {
    const world = createWorld();
    const instance = world.instance('a');
    await instance.get(world.call);
    world.advance(2 * hour - 60 * 1000);
    world.answerWith(() => ({ ok: false, errCode: -1, errMsg: 'system error' }));
    expect(await instance.get(world.call)).toEqual({ ok: true, token: 'token-1' });
    expect(world.lines.join()).toContain('renew-token');
    world.advance(61 * 1000);
    expect(await instance.get(world.call)).toMatchObject({
      ok: false,
      refusal: { errCode: -1, code: 'wechat-busy' },
    });
    world.answerWith(undefined);
    expect((await instance.get(world.call)).ok).toBe(true);
  });

  test('of an address that is not listed (40164) is explained', async () => {
    const world = createWorld();
    world.answerWith(() => ({ ok: false, errCode: 40164, errMsg: 'invalid ip, not in whitelist' }));
    expect(await world.instance('a').get(world.call)).toMatchObject({
      ok: false,
      refusal: { errCode: 40164, code: 'configuration-invalid', advice: expect.stringContaining('IP list') },
    });
  });

  test('is had without the database, each instance for itself', async () => {
    const world = createWorld();
    world.store.broken = true;
    expect((await world.instance('a').get(world.call)).ok).toBe(true);
    expect((await world.instance('b').get(world.call)).ok).toBe(true);
    expect(world.fetches).toBe(2);
  });

  test('stands in no log line', async () => {
    const world = createWorld();
    const instance = world.instance('a');
    await instance.get(world.call);
    world.advance(2 * hour);
    world.answerWith(() => ({ ok: false, errCode: 40001, errMsg: 'invalid access_token=token-1' }));
    await instance.get(world.call);
    expect(world.lines.length).toBeGreaterThan(0);
    expect(world.lines.join()).not.toContain('token-1');
  });
});

describe('over the wire', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await createEmulator({ variables: { OFFICIAL_CHANNEL: 'https' }, maxInstances: 25 });
  });
  afterAll(() => emulator.close());
  beforeEach(() => emulator.reset());

  const send = () =>
    emulator.call({
      name: 'kefu-typing',
      data: { account: 'official', command: 'CancelTyping' },
      source: 'wx_client',
      openid: defaultOpenid,
    });

  test('25 cold instances of a function ask WeChat for one token', async () => {
    const answers = await Promise.all(Array.from({ length: 25 }, send));
    expect(
      answers.filter((answer) => answer.ok && (answer.result as { errCode: number }).errCode === 0),
    ).toHaveLength(25);
    expect(emulator.log.since(0).filter((entry) => entry.kind === 'call' && entry.cold)).toHaveLength(25);
    expect(emulator.world.tokens.fetches).toBe(1);
  });

  test.each([40001, 40014, 42001])(
    'a refusal with %i renews the token and repeats the call, twice at most',
    async (errcode) => {
      await send();
      const api = '/cgi-bin/message/custom/typing';
      emulator.faults.put([{ api, errcode, times: 2 }]);
      expect(await send()).toMatchObject({ result: { errCode: 0 } });
      emulator.faults.put([{ api, errcode, times: 3 }]);
      expect(await send()).toMatchObject({ result: { errCode: errcode, code: 'token-invalid' } });
    },
  );

  test('an instance whose token is old finds the shared one old too, and gets a new one', async () => {
    await send();
    emulator.world.tokens.revoke('official');
    const fileID = 'cloud://local.local-bucket/samples/picture.png';
    const data = { account: 'official', fileID };
    const other = await emulator.call({
      name: 'kefu-upload-media',
      data,
      source: 'wx_client',
      openid: defaultOpenid,
    });
    expect(other).toMatchObject({ result: { errCode: 0 } });
    emulator.world.tokens.revoke('official');
    expect(await send()).toMatchObject({ result: { errCode: 0 } });
  });

  test('a token that ran out is renewed before it is used, also by an instance that slept', async () => {
    await send();
    emulator.clock.advance(3 * hour);
    expect(await send()).toMatchObject({ result: { errCode: 0 } });
    expect(emulator.world.tokens.fetches).toBe(2);
  });

  test('an account whose tokens were all ended gets a new one', async () => {
    await send();
    emulator.world.tokens.revoke('official');
    expect(await send()).toMatchObject({ result: { errCode: 0 } });
  });

  test('neither secret nor token is in any answer or log line', async () => {
    const wrong = await createEmulator({
      variables: { OFFICIAL_CHANNEL: 'https', OFFICIAL_SECRET: 'a-wrong-secret' },
    });
    try {
      const invoked = await wrong.call({
        name: 'kefu-typing',
        data: { account: 'official' },
        source: 'wx_client',
        openid: defaultOpenid,
      });
      expect(invoked).toMatchObject({ result: { errCode: 40001, code: 'token-invalid' } });
      await send();
      const told = JSON.stringify([invoked, wrong.log.since(0), emulator.log.since(0)]);
      expect(told).not.toMatch(/a-wrong-secret|local-official-secret|local-official-token/);
    } finally {
      await wrong.close();
    }
  });
});
