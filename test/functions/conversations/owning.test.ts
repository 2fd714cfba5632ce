import { describe, expect, test } from '@jest/globals';
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
