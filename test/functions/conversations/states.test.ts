import { describe, expect, test } from '@jest/globals';
import { heedClaim, stopBots } from '../../../shared/functions/conversations/quiet';
import {
  isLapsed,
  silenceMs,
  takeStep,
  unknownConversation,
} from '../../../shared/functions/conversations/states';
import { enqueue } from '../../../shared/functions/outbox/outbox';
import { createWorld, textTo, type World } from '../../world/world';
import { deskIn, lane, lin, pushOf, user } from './people';

/** The steps of a conversation by themselves, and the end of what the bot had still to say. */

const desk = { desk: [lin] };
const day = 24 * 3_600_000;

const step = (
  world: World,
  name: Parameters<typeof takeStep>[0],
  database: Parameters<World['meet']>[0] = {},
) => {
  world.meet(database);
  const moment = { now: world.time.now(), me: lin };
  return world.time.until(
    world.run((ports) => takeStep(name, lane, moment, ports), { ...desk, limitMs: 60_000 }),
  );
};

describe('a step', () => {
  test('that asks for a person keeps the bot silent for a day', async () => {
    const world = createWorld({ databaseMs: 0 });
    const { receive, conversation } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    const now = world.time.now();
    expect(await step(world, 'ask')).toMatchObject({
      state: 'waiting',
      silentUntil: now + day,
      waitingSince: now,
    });
    expect(conversation()).toMatchObject({ state: 'waiting', silentUntil: now + day, changedAt: now });
    expect(await step(world, 'ask')).toBeUndefined();
    await world.time.pass(day);
    expect(await step(world, 'answer')).toMatchObject({ state: 'bot' });
  });

  test('is counted, so that who looks again sees that there was one', async () => {
    const world = createWorld();
    const { receive, conversation } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    const before = Number(conversation()?.['steps']);
    await step(world, 'claim');
    await step(world, 'close');
    expect(conversation()).toMatchObject({ steps: before + 2 });
  });

  test('of which the database does not say whether it was taken is not said to be', async () => {
    const world = createWorld();
    await world.time.until(deskIn(world).receive(pushOf('hi')));
    expect(await step(world, 'claim', { database: ['before', 'before', 'before'] })).toBe('failed');
  });

  test('is not one’s own where it comes at the moment at which one’s half hour is over', async () => {
    const world = createWorld({ databaseMs: 0 });
    await world.time.until(deskIn(world).receive(pushOf('hi')));
    await step(world, 'claim');
    await world.time.pass(silenceMs - 1);
    expect(await step(world, 'speak')).toBeDefined();
    await world.time.pass(silenceMs);
    expect(await step(world, 'speak')).toBeUndefined();
  });
});

test('a conversation is the bot’s again where its person has been silent, and where it had one', () => {
  expect(isLapsed({ state: 'person', silentUntil: 5 }, 4)).toBe(false);
  expect(isLapsed({ state: 'person', silentUntil: 5 }, 5)).toBe(true);
  expect(isLapsed({ state: 'waiting', silentUntil: 5 }, 9)).toBe(false);
  expect(unknownConversation()).toMatchObject({ errCode: 65413 });
});

describe('what the bot has waiting', () => {
  const waiting = async (world: World, options: object = desk) => {
    const message = textTo(user, 'later');
    const common = { message, account: 'miniprogram', fallback: [], priority: 0, deadline: 9e15 } as const;
    const kept = [
      { ...common, id: 'rule', by: 'rule' },
      { ...common, id: 'code', by: 'code' },
      { ...common, id: 'model', by: 'model' },
      { ...common, id: 'service' },
      { ...common, id: 'person', by: 'person' },
      { ...common, id: 'other', by: 'rule', message: textTo('oOther', 'later') },
    ] as const;
    await world.time.until(world.run((ports) => enqueue(kept, ports), options));
  };
  const states = (world: World) =>
    world
      .documents('kefu_outbox')
      .filter(({ state }) => state === 'dead')
      .map(({ _id }) => _id)
      .toSorted();

  test('is given up where a person took the conversation, with what it was and nothing else', async () => {
    const world = createWorld();
    const { receive } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    await waiting(world);
    const heed = () =>
      world.time.until(
        world.run((ports) => heedClaim({ account: 'miniprogram', touser: user }, ports), desk),
      );
    await heed();
    expect(states(world)).toEqual([]);
    await step(world, 'claim');
    world.meet({ database: ['before'] });
    await heed();
    expect(states(world)).toEqual(['code', 'model', 'rule']);
    expect(world.documents('kefu_outbox').find(({ _id }) => _id === 'rule')).toMatchObject({
      code: 'handed-over',
      errCode: -501002,
      payload: expect.stringContaining('later'),
    });
    const shown = world.documents('kefu_messages').filter(({ status }) => status === 'failed');
    expect(shown.map(({ _id, errCode }) => [_id, errCode]).toSorted()).toEqual(
      ['code', 'model', 'rule'].map((id) => [id, -501002]),
    );
  });

  test('is not looked at where no conversations are kept', async () => {
    const world = createWorld();
    await world.time.until(world.run((ports) => heedClaim({ account: 'miniprogram', touser: user }, ports)));
    expect(world.databaseCalls).toBe(0);
  });

  test('is given up without its text where none is to be kept, and an answer in the making is told', async () => {
    const world = createWorld({ databaseMs: 0 });
    const { receive } = deskIn(world);
    await world.time.until(receive(pushOf('hi')));
    const [book] = world.documents('kefu_windows');
    world.put('kefu_windows', { ...book, _id: 'another' });
    await waiting(world, { ...desk, keep: 'hashes' });
    await world.time.until(world.run((ports) => stopBots(lane, ports), { ...desk, keep: 'hashes' }));
    expect(states(world)).toEqual(['code', 'model', 'rule']);
    expect(world.documents('kefu_outbox').find(({ _id }) => _id === 'rule')).toMatchObject({ payload: '' });
    const handed = world.documents('kefu_windows').map(({ _id, handedAt }) => [_id === lane, handedAt]);
    expect(handed.toSorted()).toEqual([
      [false, 0],
      [true, Math.round(world.time.now())],
    ]);
  });
});
