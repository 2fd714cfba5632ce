import { describe, expect, test } from '@jest/globals';
import { kefuOutbox } from '../../../shared/functions/outbox/kefu-outbox';
import { createWorld, textTo, type World } from '../../world/world';
import { message, put, texts } from './rows';

/** What operators do with messages that were given up: they are listed, shown, and put back, one at a time. */

const hour = 3_600_000;
const week = 7 * 24 * hour;

const ask = (world: World, event: object) =>
  world.time.until(
    world.run((ports) => kefuOutbox.handle(event, { source: 'wx_client', openid: 'oLin' }, ports), {
      desk: ['oLin'],
      limitMs: 60_000,
    }),
  ) as Promise<{ readonly errCode: number; readonly [field: string]: unknown }>;

const dead = (world: World, id: string, fields: object = {}) => {
  const why = { code: 'unknown-delivery', errCode: -501002, errMsg: 'may have arrived' };
  put(world, id, { state: 'dead', decidedAt: 1, attempts: 3, hash: 'h', keptAt: 5, ...why, ...fields });
};
const worldOf = () => createWorld({ databaseMs: 0, wechatMs: 0 });

describe('a message that was given up', () => {
  test('is put back as new, and no other is', async () => {
    const world = worldOf();
    const old = { deadline: 1, dueAt: 9e14, holder: 'x', leaseUntil: 9e14, endedBy: 'x' };
    dead(world, 'a.1', old);
    dead(world, 'a.2', old);
    dead(world, 'b.1', old);
    const whole = { message: JSON.stringify({ msgtype: 'text', text: { content: 'a.1' } }), lane: 'a' };
    for (const _id of ['a.1', 'a.2'])
      world.put('kefu_messages', { _id, ...whole, status: 'unknown', errCode: 5 });
    const others = ['a.2', 'b.1'].map((id) => message(world, id));
    expect(await ask(world, { action: 'retry', id: 'a.1' })).toEqual({ errCode: 0, errMsg: 'ok' });
    expect(message(world, 'a.1')).toMatchObject({
      ...{ state: 'waiting', holder: '', leaseUntil: 0, endedBy: '', attempts: 0, dueAt: 0, decidedAt: 0 },
      ...{ deadline: world.time.now() + week, code: '', errCode: 0, errMsg: '' },
    });
    expect(Number(message(world, 'a.1')?.['seq'])).toBeGreaterThan(1e15);
    expect(['a.2', 'b.1'].map((id) => message(world, id))).toEqual(others);
    expect(world.documents('kefu_messages').map(({ status }) => status)).toEqual(['waiting', 'unknown']);
    expect(await ask(world, {})).toMatchObject({ sent: 1 });
    expect(texts(world)).toEqual(['a.1']);
  });

  test('is put back once, and only where it was given up and its words were kept', async () => {
    const world = worldOf();
    dead(world, 'a.1');
    dead(world, 'b.1', { payload: '' });
    put(world, 'c.1');
    put(world, 'd.1', { state: 'sent' });
    await ask(world, { action: 'retry', id: 'a.1' });
    for (const id of ['a.1', 'c.1', 'd.1', 'none'])
      expect(await ask(world, { action: 'retry', id })).toMatchObject({ errCode: 40035, code: 'not-found' });
    expect(await ask(world, { action: 'retry', id: 'b.1' })).toMatchObject({ errCode: 44002 });
    expect(message(world, 'b.1')).toMatchObject({ state: 'dead' });
    expect(message(world, 'd.1')).toMatchObject({ state: 'sent' });
  });

  test('that another put back meanwhile is not put back again', async () => {
    const world = createWorld({ lagMs: 2000, databaseMs: 0 });
    let refused = 0;
    for (let round = 0; round < 10; round += 1) {
      dead(world, 'a.1');
      await world.time.pass(3000);
      put(world, 'a.1', { state: 'sending' });
      const { errCode } = await ask(world, { action: 'retry', id: 'a.1' });
      if (errCode !== 0) refused += 1;
      expect(message(world, 'a.1')).toMatchObject({ state: 'sending' });
    }
    expect(refused).toBe(10);
  });

  test('is shown whole, and without words where only a hash is left', async () => {
    const world = worldOf();
    dead(world, 'a.1');
    dead(world, 'b.1', { payload: '' });
    const entry = {
      ...{ state: 'dead', account: 'miniprogram', hash: 'h', keptAt: 5, decidedAt: 1, attempts: 3 },
      ...{ code: 'unknown-delivery', errCode: -501002, errMsg: 'may have arrived' },
    };
    expect((await ask(world, { action: 'show', id: 'a.1' }))['message']).toEqual({
      ...entry,
      ...{ id: 'a.1', touser: 'user a', msgtype: 'text', message: textTo('user a', 'a.1') },
    });
    expect((await ask(world, { action: 'show', id: 'b.1' }))['message']).toEqual({ ...entry, id: 'b.1' });
    expect(await ask(world, { action: 'show', id: 'none' })).toMatchObject({ code: 'not-found' });
  });

  test('is listed, the last first, a hundred on a page, each once', async () => {
    const world = worldOf();
    for (let number = 0; number < 250; number += 1)
      dead(world, `a.${String(number).padStart(3, '0')}`, {
        decidedAt: 1_700_000_000_000 + Math.floor(number / 60),
      });
    put(world, 'waits.1');
    const listed: { id: string; decidedAt: number; message?: object }[] = [];
    const sizes: number[] = [];
    for (let before: unknown = ''; before !== undefined; ) {
      const answer = await ask(world, { action: 'list', ...(before === '' ? {} : { before }) });
      const page = answer['messages'] as typeof listed;
      listed.push(...page);
      sizes.push(page.length);
      ({ before } = answer);
    }
    expect(sizes).toEqual([100, 100, 50]);
    const order = listed.toSorted(
      (one, other) => other.decidedAt - one.decidedAt || (one.id < other.id ? -1 : 1),
    );
    expect(listed).toEqual(order);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(250);
    expect(listed[0]).not.toHaveProperty('message');
  });
});

test('what goes with no action, or lacks what it needs, does nothing', async () => {
  const world = worldOf();
  put(world, 'a.1');
  const events: [object, string][] = [
    [{ action: 'show' }, 'id'],
    [{ action: 'retry' }, 'id'],
    [{ action: 'list', before: 'x' }, 'before'],
    [{ action: 'list', before: 'x1 a' }, 'before'],
    [{ action: 'list', before: '1 a b' }, 'before'],
    [{ action: 'list', share: '1/2' }, 'share'],
    [{ share: 'x' }, 'share'],
    [{ share: '9/8' }, 'share'],
    [{ action: 'drian' }, 'action'],
  ];
  for (const [event, path] of events)
    expect(await ask(world, event)).toMatchObject({ errCode: 40035, details: [{ path }] });
  expect(texts(world)).toEqual([]);
  expect(await ask(world, { share: '1/1' })).toMatchObject({ errCode: 0, sent: 1 });
});
