import { describe, expect, test } from '@jest/globals';
import type { Files, Ports, WeChatReply } from '../../../shared/core/ports';
import { askForPersonHere, callPeople, wordsOf } from '../../../shared/functions/conversations/call-people';
import { type FilePorts, withFiles } from '../../../shared/functions/conversations/files';
import { countDay } from '../../../shared/functions/conversations/stats';
import { keepHouse } from '../../../shared/functions/conversations/upkeep';
import type { CallName } from '../../../shared/wechat/calls';
import { createWorld, type World } from '../../world/world';
import { lane, lin, text, user, wang } from './people';

/** What is done about conversations beside them: what is old goes, files are copied, and people are called. */

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
/** As the world's processes have it where there is a desk. */
const keptForMs = 30 * day;

const run = <T>(
  world: World,
  work: (ports: Ports<CallName>) => Promise<T>,
  desk: readonly string[] = [lin],
) => world.time.until(world.run(work, { desk }));

/** A world at the beginning of an hour, in which no time passes by itself. */
const worldAt = async (atMinute = 0) => {
  const world = createWorld({ databaseMs: 0 });
  await world.time.pass(hour - (world.time.now() % hour) + atMinute * 60 * second);
  return world;
};
const put = (world: World, _id: string, at: number, fields: object = {}) =>
  world.put('kefu_messages', {
    ...{ _id, lane, at, from: 'user', status: 'received', media: 'none', account: 'miniprogram' },
    ...{ message: JSON.stringify(text('x')), ...fields },
  });
const image = (fields: object = {}) =>
  JSON.stringify({ msgtype: 'image', image: { media_id: 'M', ...fields } });
const ids = (world: World) => world.documents('kefu_messages').map(({ _id }) => _id);

describe('what is older than it is to be kept', () => {
  const old = async (atMinute = 0) => {
    const world = await worldAt(atMinute);
    const now = world.time.now();
    for (const [age, at] of [
      ['old', now - keptForMs],
      ['young', now - keptForMs + 1],
    ] as const) {
      put(world, `${age} text`, at);
      put(world, `${age} wanted`, at, { media: 'wanted', message: image() });
      put(world, `${age} kept`, at, { media: 'kept', message: image({ fileID: `cloud://${age}` }) });
      world.put('kefu_conversations', { _id: age, lastAt: at, state: 'bot' });
    }
    return world;
  };
  const house = (world: World, removing: Files['remove'] = async () => true) => {
    const removed: string[][] = [];
    const work = (ports: Ports<CallName>) =>
      keepHouse({
        ...ports,
        files: {
          ...ports.files,
          remove: async (names) => {
            removed.push([...names]);
            return removing(names);
          },
        },
      });
    return run(world, work).then(() => removed);
  };

  test('is cleared once an hour, files first, and nothing else', async () => {
    const world = await old();
    expect(await house(world)).toEqual([['cloud://old']]);
    expect(ids(world)).toEqual(['young text', 'young wanted', 'young kept']);
    expect(world.documents('kefu_conversations').map(({ _id }) => _id)).toEqual(['young']);
    const other = await old(1);
    expect(await house(other)).toEqual([]);
    expect(ids(other)).toHaveLength(6);
  });

  test('stays where its files cannot be deleted, so that what names them is not lost', async () => {
    const world = await old();
    await house(world, async () => false);
    expect(ids(world)).toHaveLength(6);
    expect(world.documents('kefu_conversations')).toHaveLength(2);
  });

  test('is cleared fifty files at a time', async () => {
    const world = await worldAt();
    for (let index = 0; index < 120; index += 1)
      put(world, `${index}`, 1, { media: 'kept', message: image({ fileID: `cloud://${index}` }) });
    put(world, 'text', 1);
    const removed = await house(world);
    expect(removed.map((names) => names.length)).toEqual([50, 50, 20]);
    expect(new Set(removed.flat()).size).toBe(120);
    expect(ids(world)).toEqual([]);
  });

  test('asks for no file to be deleted where there is none', async () => {
    const world = await worldAt();
    put(world, 'text', 1);
    put(world, 'kept', 1, { media: 'kept', message: image() });
    put(world, 'empty', 1, { media: 'kept', message: '{"msgtype":"image"}' });
    expect(await house(world)).toEqual([]);
    expect(ids(world)).toEqual([]);
  });
});

test('a person who has said nothing for too long gives the conversation back, and nobody else does', async () => {
  const world = await worldAt(5);
  const now = world.time.now();
  const common = { agent: lin, steps: 1, changedAt: 0 };
  world.put('kefu_conversations', { _id: 'silent', ...common, state: 'person', silentUntil: now });
  world.put('kefu_conversations', { _id: 'speaking', ...common, state: 'person', silentUntil: now + 1 });
  world.put('kefu_conversations', { _id: 'waiting', ...common, state: 'waiting', silentUntil: now });
  await run(world, (ports) => keepHouse(ports));
  expect(world.documents('kefu_conversations')).toMatchObject([
    { state: 'bot', agent: '', steps: 2, changedAt: now },
    { state: 'person', agent: lin, steps: 1, changedAt: 0 },
    { state: 'waiting', steps: 1, changedAt: 0 },
  ]);
});

describe('a file that a user sent', () => {
  const copying = async (
    world: World,
    reply: WeChatReply,
    work: (ports: FilePorts) => Promise<unknown>,
    asked: unknown[] = [],
  ) =>
    run(world, (ports) =>
      work({
        ...ports,
        wechat: {
          call: async (_name: string, payload: object) => {
            asked.push(payload);
            return reply;
          },
        },
        files: { ...ports.files, write: async (path) => ({ ok: true, fileID: `cloud://x/${path}` }) },
      }),
    );
  const got: WeChatReply = { ok: true, file: { contentType: 'image/png', bytes: Uint8Array.from([1]) } };
  const copyAll = (world: World, reply: WeChatReply, asked?: unknown[]) =>
    copying(
      world,
      reply,
      async (ports) => withFiles(await ports.database('kefu_messages').find({}), ports),
      asked,
    );
  const no = (errCode: number): WeChatReply => ({ ok: false, errCode, errMsg: 'no' });

  test('is copied where it is wanted, and stands beside its media id from then on', async () => {
    const world = await worldAt();
    put(world, '1', 5, { media: 'wanted', message: image() });
    for (const media of ['none', 'kept', 'gone']) put(world, media, 5, { media, message: image() });
    const asked: unknown[] = [];
    const fileID = expect.stringMatching(/^cloud:\/\/x\/kefu-media\//);
    const answered = (await copyAll(world, got, asked)) as { media: string; message: string }[];
    expect(asked).toEqual([{ media_id: 'M' }]);
    expect(answered.map(({ media }) => media)).toEqual(['kept', 'none', 'kept', 'gone']);
    for (const { message } of [answered[0], world.documents('kefu_messages')[0]] as { message: string }[])
      expect(JSON.parse(message)).toEqual({ msgtype: 'image', image: { media_id: 'M', fileID } });
    expect(world.documents('kefu_messages').map(({ media }) => media)).toEqual([
      'kept',
      'none',
      'kept',
      'gone',
    ]);
    expect(world.lines).toEqual([]);
  });

  test.each([
    [40007, 0, 'gone'],
    [-1, 3 * day + 1, 'gone'],
    [-1, 3 * day, 'wanted'],
  ])('that WeChat answers with %i after %i ms is %s', async (errCode, ageMs, media) => {
    const world = await worldAt();
    put(world, '1', world.time.now() - ageMs, { media: 'wanted', message: image() });
    expect(await copyAll(world, no(errCode))).toMatchObject([{ media, message: image() }]);
    expect(world.documents('kefu_messages')).toMatchObject([{ media, message: image() }]);
    expect(world.lines.map((line) => JSON.parse(line) as object)).toEqual([
      { step: 'copy-file', failed: true, errCode },
    ]);
  });

  test('is copied by the timer too, the oldest first, ten in a go', async () => {
    const world = await worldAt(5);
    for (let index = 11; index >= 0; index -= 1)
      put(world, `m${index}`, index, { media: 'wanted', message: image() });
    put(world, 'other', 0);
    await copying(world, got, keepHouse);
    const wanted = world.documents('kefu_messages').filter(({ media }) => media === 'wanted');
    expect(wanted.map(({ _id }) => _id)).toEqual(['m11', 'm10']);
  });
});

describe('calling the people of the desk', () => {
  const whose = { account: 'miniprogram', touser: user } as const;
  const told = (world: World) =>
    world.started.map(({ name, data }) => ({ name, ...data }) as Record<string, unknown>);
  const call = (world: World, words: string, desk: readonly string[] = [lin, wang]) =>
    run(world, (ports) => callPeople(whose, words, ports), desk);

  test('tells each who was not there in the last minute, each under an id of its own', async () => {
    const world = await worldAt();
    const now = world.time.now();
    world.put('kefu_team', { _id: '1', openid: lin, seenAt: now - 60 * second });
    world.put('kefu_team', { _id: '2', openid: 'oThere', seenAt: now - 60 * second + 1 });
    world.put('kefu_team', { _id: '3', openid: wang, seenAt: 0 });
    await call(world, 'help', [lin, wang, 'oThere']);
    expect(told(world)).toMatchObject(
      [lin, wang].map((touser) => ({ name: 'kefu-notify', type: 'desk-waiting', touser })),
    );
    const [first, other] = told(world);
    expect(first?.['data']).toEqual({
      text: 'help',
      at: expect.stringMatching(/^\d{4}年\d+月\d+日 \d\d:00$/),
    });
    expect(first?.['requestId']).not.toBe(other?.['requestId']);
    await world.time.pass(1);
    await call(world, 'help', [lin]);
    expect(new Set(told(world).map(({ requestId }) => requestId)).size).toBe(3);
  });

  test('tells twenty at most', async () => {
    const world = await worldAt();
    await call(
      world,
      '',
      Array.from({ length: 25 }, (_, index) => `o${index}`),
    );
    expect(told(world)).toHaveLength(20);
    expect(told(world)[0]).toMatchObject({ data: { text: '人工服务' } });
  });

  test('uses twenty characters of what the user wrote, in one line', async () => {
    const world = await worldAt();
    const words = wordsOf(text(`a \n b${'😀'.repeat(30)}`));
    expect(words).toBe(`a b${'😀'.repeat(30)}`);
    await call(world, words, [lin]);
    expect(told(world)).toMatchObject([{ data: { text: `a b${'😀'.repeat(17)}` } }]);
  });

  test('is done once while the user waits, and is kept', async () => {
    const world = await worldAt();
    for (const id of ['1', '2']) await run(world, (ports) => askForPersonHere(id, whose, ports));
    expect(told(world)).toMatchObject([{ touser: lin, data: { text: '人工服务' } }]);
    expect(world.documents('kefu_conversations')).toMatchObject([{ _id: lane, state: 'waiting' }]);
    expect(world.documents('kefu_messages')).toMatchObject([
      { _id: '1', from: 'event', status: 'received', message: '{"msgtype":"event","event":"asked"}' },
      { _id: '2', from: 'event' },
    ]);
  });
});

test('a day without answers has none, and its median is the middle one of the first answers', () => {
  const at = (seconds: number, from: 'user' | 'rule', ofLane: string) =>
    ({ at: seconds * second, from, lane: ofLane, status: 'sent' }) as const;
  expect(countDay('2026-11-21', [at(1, 'user', 'a')])).toMatchObject({ conversations: 1, firstAnswerMs: 0 });
  const messages = [30, 4, 100, 5, 9].flatMap((waits, index) => {
    const asked = 1 + 200 * index;
    return [at(asked, 'user', `${index}`), at(asked + waits, 'rule', `${index}`)];
  });
  expect(countDay('2026-11-21', messages)).toMatchObject({ firstAnswerMs: 9 * second, answeredByRule: 5 });
  const twice = [at(1, 'user', 'a'), at(3, 'user', 'a'), at(9, 'rule', 'a')];
  expect(countDay('2026-11-21', twice)).toMatchObject({ firstAnswerMs: 8 * second, answeredByRule: 1 });
  const scored = [3, 3, 2, 1, 1, 1].map((score) => ({ ...at(1, 'user', 'a'), score }));
  expect(countDay('2026-11-21', scored)).toMatchObject({ satisfaction: { good: 2, fair: 1, bad: 3 } });
});
