import { describe, expect, test } from '@jest/globals';
import type { Ports } from '../../../shared/core/ports';
import { kefuDesk } from '../../../shared/functions/desk/desk';
import type { Notices } from '../../../shared/functions/notify/notice';
import { switchIds } from '../../../shared/functions/notify/switches';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, digest, type World } from '../../world/world';
import { deskIn, lane, lin, pushOf, text, user, wang } from './people';

/** What the desk does that cannot be taken back: erasing, and speaking under an id. */

const collections = [
  'kefu_messages',
  'kefu_outbox',
  'kefu_windows',
  'kefu_jobs',
  'kefu_turns',
  'kefu_conversations',
  'kefu_notices',
] as const;

/** Something of each kind, of a user’s lane and of another’s. */
const fill = (world: World) => {
  for (const [id, touser] of [
    [lane, user],
    ['other', 'oOther'],
  ] as const) {
    const fields = { lane: id, account: 'miniprogram', at: 1 };
    const image = JSON.stringify({ msgtype: 'image', image: { fileID: `cloud://${id}` } });
    world.put('kefu_messages', {
      _id: `${id} text`,
      ...fields,
      media: 'none',
      message: JSON.stringify(text('x')),
    });
    world.put('kefu_messages', { _id: `${id} file`, ...fields, media: 'kept', message: image });
    world.put('kefu_outbox', { _id: `${id} waits`, ...fields, state: 'waiting', payload: '' });
    world.put('kefu_jobs', { _id: `${id} job`, ...fields, state: 'waiting', push: '{}' });
    for (const name of ['kefu_windows', 'kefu_turns'] as const) world.put(name, { _id: id });
    world.put('kefu_conversations', { _id: id, account: 'miniprogram', touser, state: 'bot', agent: '' });
    world.put('kefu_notices', { _id: `${id} notice`, touser: digest(touser) });
  }
};
const counts = (world: World, of: string) =>
  collections.map((name) => world.documents(name).filter(({ _id }) => _id.startsWith(of)).length);

describe('erasing', () => {
  test('takes all that is kept of a user, with the files, and nothing of anybody else', async () => {
    const world = createWorld();
    fill(world);
    const { desk } = deskIn(world);
    expect(await world.time.until(desk(lin, { action: 'erase', id: lane }))).toMatchObject({
      errCode: 0,
      erased: 8,
    });
    expect(counts(world, lane)).toEqual(collections.map(() => 0));
    expect(counts(world, 'other')).toEqual([2, 1, 1, 1, 1, 1, 1]);
    expect(await world.time.until(desk(lin, { action: 'erase', id: lane }))).toMatchObject({
      errCode: 65413,
    });
  });

  test('is gone on with where the database failed it', async () => {
    for (let place = 0; place < 10; place += 1) {
      const world = createWorld();
      fill(world);
      const { desk } = deskIn(world);
      world.meet({ database: [...Array.from({ length: place }, () => undefined), 'before'] });
      await world.time.until(desk(lin, { action: 'erase', id: lane }));
      world.meet({});
      await world.time.until(desk(lin, { action: 'erase', id: lane }));
      expect(counts(world, lane)).toEqual(collections.map(() => 0));
      expect(counts(world, 'other')).toEqual([2, 1, 1, 1, 1, 1, 1]);
    }
  });
});

describe('the files of a user', () => {
  /** Erases by a cloud storage that does as it is told, in which `stays` is what cannot be deleted. */
  const erase = async (count: number, { lagMs = 0, seed = 1, stays = '' } = {}) => {
    const world = createWorld({ lagMs, seed });
    fill(world);
    for (let number = 0; number < count; number += 1) {
      const message = JSON.stringify({ msgtype: 'image', image: { fileID: `cloud://${number}` } });
      world.put('kefu_messages', {
        _id: `${lane} ${number}`,
        lane,
        at: number % 300,
        media: 'kept',
        message,
      });
    }
    await world.time.pass(lagMs);
    const removed = new Set<string>();
    const remove = async (fileIDs: readonly string[]) => {
      if (fileIDs.includes(stays)) return false;
      for (const fileID of fileIDs) removed.add(fileID);
      return true;
    };
    const work = (ports: Ports<CallName>) =>
      kefuDesk({}).handle(
        { action: 'erase', id: lane },
        { source: 'wx_client', openid: lin },
        { ...ports, files: { ...ports.files, remove } },
      );
    const answer = await world.time.until(world.run(work, { desk: [lin], limitMs: 20_000 }));
    return { world, answer, removed };
  };

  test('go with it, however many they are and however old the reads', async () => {
    for (let seed = 0; seed < 5; seed += 1) {
      const { world, answer, removed } = await erase(450, { lagMs: 2000, seed });
      expect(answer).toMatchObject({ errCode: 0, erased: 458 });
      expect(removed.size).toBe(451);
      expect([...removed]).not.toContain('cloud://other');
      expect(counts(world, lane)).toEqual(collections.map(() => 0));
    }
  });

  test('that cannot be deleted keep what names them, and what it is all found by', async () => {
    const { world, answer } = await erase(1, { stays: 'cloud://0' });
    expect(answer).toMatchObject({ errCode: -503001 });
    expect(counts(world, lane)).toEqual([3, 1, 1, 1, 1, 1, 1]);
  });
});

test('a user’s switches go with the rest, and nobody else’s', async () => {
  const world = createWorld();
  fill(world);
  const notices = { 'order-paid': {} } as unknown as Notices;
  const ids = (touser: string) => switchIds(touser, ['order-paid', 'desk-waiting'], { digest });
  for (const touser of [user, 'oOther'])
    for (const _id of ids(touser)) world.put('kefu_switches', { _id, type: 'x', state: 'off', at: 1 });
  const work = (ports: Ports<CallName>) =>
    kefuDesk(notices).handle({ action: 'erase', id: lane }, { source: 'wx_client', openid: lin }, ports);
  await world.time.until(world.run(work, { desk: [lin] }));
  const left = world.documents('kefu_switches').map(({ _id }) => _id);
  expect(left).not.toContain(ids(user)[0]);
  expect(left).toEqual(expect.arrayContaining(ids('oOther')));
});

describe('what a person says', () => {
  const claimed = async () => {
    const world = createWorld();
    const { desk, receive } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    await world.time.until(desk(lin, { action: 'claim', id: lane }));
    const say = (content: string, fields: object = {}) =>
      world.time.until(
        desk(lin, { action: 'say', id: lane, requestId: 'r', message: text(content), ...fields }),
      );
    return { world, desk, say, texts: () => world.delivered.map((delivery) => delivery.text) };
  };

  test('under an id that was used for other words is refused, and not sent', async () => {
    const { say, texts } = await claimed();
    expect(await say('one')).toMatchObject({ errCode: 0 });
    expect(await say('other')).toMatchObject({ errCode: 40035, details: [{ path: 'requestId' }] });
    expect(texts()).toEqual(['hello', 'one']);
  });

  test('is counted in the window', async () => {
    const { say } = await claimed();
    expect(await say('one')).toMatchObject({ window: { remaining: 3 } });
  });

  test('goes to nobody where there is no such conversation, and no words are sent that are none', async () => {
    const { say, texts } = await claimed();
    expect(await say('one', { id: 'none' })).toMatchObject({ errCode: 65413 });
    for (const message of ['x', undefined, { msgtype: 'text' }])
      expect(await say('', { message, requestId: 's' })).not.toMatchObject({ errCode: 0 });
    expect(texts()).toEqual(['hello']);
  });

  test('stays with who has it: a conversation is handed on to people of the desk only', async () => {
    const { world, desk } = await claimed();
    const release = (to: string) => world.time.until(desk(lin, { action: 'release', id: lane, to }));
    expect(await release('oStranger')).toMatchObject({ errCode: 40035, details: [{ path: 'to' }] });
    expect(await release(wang)).toMatchObject({ conversation: { agent: wang } });
  });
});
