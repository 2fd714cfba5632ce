import { describe, expect, test } from '@jest/globals';
import type { Files } from '../../../shared/core/ports';
import { type ReceivePorts, takePush } from '../../../shared/functions/receive/receive';
import type { ReplyRules } from '../../../shared/functions/rules/reply-rules';
import type { UnknownPush } from '../../../shared/wechat/pushes/pushes';
import { createWorld, type ProcessOptions, type World } from '../../world/world';

/** Rules that the bundle does not ship, answers that come too late, and claims that run out. */

const text = (content: string) => ({ msgtype: 'text', text: { content } }) as const;

const rules: ReplyRules = {
  rules: [
    { on: { message: 'image' }, keep: true },
    { on: { text: 'three' }, say: [text('one'), text('two'), text('three')] },
    { on: { text: 'hi' }, say: [text('hello')] },
  ],
};

const push = (fields: object): UnknownPush => ({
  ToUserName: 'wx1',
  FromUserName: 'oUser',
  CreateTime: 1_700_000_000,
  MsgType: 'text',
  MsgId: '1',
  ...fields,
});

const door = { account: 'miniprogram', passive: false } as const;

const take = (
  world: World,
  fields: object,
  options: ProcessOptions = {},
  changes: Partial<ReceivePorts> = {},
) =>
  world.run((ports) => takePush(push(fields), door, { ...ports, ...changes, rules }), {
    limitMs: 20_000,
    ...options,
  });

describe('a push', () => {
  test('whose rule keeps what the user sent saves the picture, and says nothing', async () => {
    const world = createWorld();
    const written: { path: string; bytes: Uint8Array }[] = [];
    const files: Files = {
      read: async () => ({ ok: false, errCode: -503003, errMsg: 'not asked for' }),
      remove: async () => true,
      write: async (path, bytes) => {
        written.push({ path, bytes });
        return { ok: true, fileID: `cloud://x/${path}` };
      },
    };
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const asked: string[] = [];
    const wechat: ReceivePorts['wechat'] = {
      call: async (name, payload) => {
        asked.push(`${name} ${JSON.stringify(payload)}`);
        return { ok: true, file: { contentType: 'image/png', bytes: png } };
      },
    };
    const image = { MsgType: 'image', MediaId: 'M1', PicUrl: 'http://p' };
    expect(await world.time.until(take(world, image, {}, { files, wechat }))).toBe('success');
    expect(asked).toEqual(['getTempMedia {"media_id":"M1"}']);
    expect(written).toEqual([{ path: expect.stringMatching(/^kefu-media\/[0-9a-f]{32}\.png$/), bytes: png }]);
  });

  test('whose answers do not all fit into the time sends what fits and keeps the rest for the outbox', async () => {
    const world = createWorld({ seed: 5, wechatMs: 4500 });
    expect(await world.time.until(take(world, { Content: 'three' }))).toBe('success');
    expect(world.delivered.map((delivery) => delivery.text)).toEqual(['one']);
    const kept = world.documents('kefu_outbox').toSorted((a, b) => Number(a['seq']) - Number(b['seq']));
    expect(
      kept.map(({ payload }) => (JSON.parse(String(payload)) as { message: object }).message),
    ).toMatchObject([{ text: { content: 'two' } }, { text: { content: 'three' } }]);
  });

  test('costs four round trips to the database, in three waits', async () => {
    for (const known of [false, true]) {
      const world = createWorld({ databaseMs: 100, wechatMs: 1 });
      if (known) await world.time.until(take(world, { Content: 'hi', MsgId: '0' }));
      const [trips, startedAt] = [world.databaseCalls, world.time.now()];
      expect(await world.time.until(take(world, { Content: 'hi' }))).toBe('success');
      expect(world.databaseCalls - trips).toBe(4);
      // Of 50 to 150 ms each.
      expect(world.time.now() - startedAt).toBeLessThan(3 * 150 + 10);
    }
  });

  test('that takes longer than a claim lasts keeps it: a repeat waits', async () => {
    const world = createWorld({ wechatMs: 40_000 });
    const limitMs = 120_000;
    const first = take(world, { Content: 'hi' }, { limitMs });
    const second = world.time.wait(5000).then(() => take(world, { Content: 'hi' }, { limitMs }));
    expect(await world.time.until(Promise.all([first, second]))).toEqual(['success', 'success']);
    expect(world.delivered).toHaveLength(1);
    expect(world.documents('kefu_outbox')).toEqual([]);
  });

  test('that fails is gone on with by a repeat at once, from where it failed', async () => {
    const world = createWorld();
    const failing = async () => {
      throw new Error('the table of windows is gone');
    };
    const first = world.run(
      (ports) =>
        takePush(push({ Content: 'three' }), door, {
          ...ports,
          rules,
          database: (name) =>
            name === 'kefu_windows'
              ? { ...ports.database(name), insert: failing, update: failing }
              : ports.database(name),
        }),
      { limitMs: 20_000 },
    );
    expect(await world.time.until(first)).toBe('failed');
    const [claim] = world.documents('kefu_pushes');
    expect(claim).toMatchObject({ state: 'claimed', until: 0, dealt: 3 });
    const startedAt = world.time.now();
    expect(await world.time.until(take(world, { Content: 'three' }))).toBe('success');
    expect(world.time.now() - startedAt).toBeLessThan(1000);
    expect(world.delivered.map((delivery) => delivery.text)).toEqual(['one', 'two', 'three']);
    expect(world.documents('kefu_outbox')).toEqual([]);
  });

  test('is refused where its claim cannot be made, so that WeChat comes again', async () => {
    const world = createWorld();
    const failing = async () => {
      throw new Error('no database');
    };
    const taken = world.run(
      (ports) =>
        takePush(push({ Content: 'hi' }), door, {
          ...ports,
          rules,
          database: (name) => ({ ...ports.database(name), insert: failing, get: failing }),
        }),
      { limitMs: 20_000 },
    );
    expect(await world.time.until(taken)).toBe('failed');
    expect(world.delivered).toEqual([]);
  });

  test('whose handler was frozen is completed by the repeat, and by nobody twice', async () => {
    for (let freezeAt = 1; freezeAt <= 12; freezeAt += 1) {
      const world = createWorld({ seed: freezeAt });
      const first = take(world, { Content: 'three' }, { freezeAt, freezeMs: 12_000, limitMs: 60_000 });
      const second = world.time.wait(5000).then(() => take(world, { Content: 'three' }));
      await world.time.until(Promise.all([first, second]));
      const arrived = world.delivered.map((delivery) => delivery.text);
      expect(new Set(arrived).size).toBe(arrived.length);
      const unknown = world.documents('kefu_outbox').filter(({ code }) => code === 'unknown-delivery');
      expect(arrived.length + unknown.length).toBeGreaterThanOrEqual(3);
    }
  });
});
