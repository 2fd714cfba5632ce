import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ports } from '../../../shared/core/ports';
import { kefuDesk } from '../../../shared/functions/desk/desk';
import { isCursor, type Range, readPage } from '../../../shared/functions/desk/pages';
import type { CallName } from '../../../shared/wechat/calls';
import { depth } from '../../depth';
import { createWorld, type World } from '../../world/world';
import { deskIn, lin, text, wang } from './people';

/** What the desk shows: pages in which nothing is missing and nothing stands twice, whose it is, and what has changed. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const worldOf = () => createWorld({ databaseMs: 0 });

function putConversation(world: World, _id: string, fields: object = {}) {
  const now = world.time.now();
  const known = {
    touser: `o${_id}`,
    account: 'miniprogram',
    state: 'bot',
    agent: '',
    lastText: 'x',
    lastFrom: 'user',
  };
  world.put('kefu_conversations', {
    ...known,
    lastAt: now,
    changedAt: now,
    words: `o${_id} x`,
    unread: 0,
    _id,
    ...fields,
  });
}
function putMessage(world: World, _id: string, fields: object = {}) {
  const at = world.time.now();
  const known = {
    lane: 'a',
    account: 'miniprogram',
    from: 'user',
    status: 'received',
    media: 'none',
    at,
    changedAt: at,
  };
  world.put('kefu_messages', { ...known, message: JSON.stringify(text(_id)), _id, ...fields });
}

type View = { readonly id: string; readonly [field: string]: unknown };

/** What the desk answers to somebody. */
const asking = (world: World, openid = lin) => {
  const { desk } = deskIn(world);
  return async (action: string, fields: object = {}) =>
    (await world.time.until(desk(openid, { action, ...fields }))) as unknown as {
      readonly conversations: readonly View[];
      readonly messages: readonly View[];
      readonly conversation: View;
      readonly before?: string;
      readonly [field: string]: unknown;
    };
};
const idsOf = (views: readonly View[]) => views.map(({ id }) => id);

describe('pages', () => {
  interface Document {
    readonly _id: string;
    readonly at: number;
  }
  /** The database: by time alone, and in any order within a moment. */
  const finding = (documents: readonly Document[], turn: number) => (range: Range<'at'>, limit: number) => {
    const { at } = range;
    const holds = (document: Document) =>
      at === undefined || (typeof at === 'number' ? document.at === at : document.at <= at.atMost);
    const found = documents.filter(holds);
    const turned = [...found.slice(turn % (found.length + 1)), ...found.slice(0, turn % (found.length + 1))];
    return Promise.resolve(turned.toSorted((one, other) => other.at - one.at).slice(0, limit));
  };

  test('of any size show everything once, the newest first, whatever falls on one moment', async () => {
    const documents = fc.uniqueArray(
      fc.record({
        _id: fc.string({ unit: fc.constantFrom('a', 'b', '0', '1'), minLength: 1, maxLength: 3 }),
        at: fc.nat(6),
      }),
      {
        selector: ({ _id }) => _id,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 12 }), fc.nat(30), async (all, size, turn) => {
        const shown: Document[] = [];
        const sizes: number[] = [];
        let before: string | undefined = '';
        for (let page = 0; before !== undefined; page += 1) {
          const next: { readonly found: readonly Document[]; readonly before?: string } = await readPage(
            'at',
            before,
            size,
            finding(all, turn + page),
          );
          shown.push(...next.found);
          sizes.push(next.found.length);
          ({ before } = next);
          if (before !== undefined) expect(isCursor(before)).toBe(true);
        }
        const order = all.toSorted((one, other) => other.at - one.at || (one._id < other._id ? -1 : 1));
        expect(shown).toEqual(order);
        expect(sizes.slice(0, -1).every((length) => length === size)).toBe(true);
        expect(sizes.length).toBe(Math.max(1, Math.ceil(all.length / size)));
      }),
      { numRuns: depth(3000) },
    );
  });

  test('cost one round trip, and another where a border falls between two of one moment', async () => {
    const trips = async (ats: readonly number[], before = '') => {
      const asked: unknown[] = [];
      const all = ats.map((at, place) => ({ _id: `${place}`, at }));
      await readPage('at', before, 2, (range, limit) => {
        asked.push([range, limit]);
        return finding(all, 0)(range, limit);
      });
      return asked;
    };
    expect(await trips([3, 2, 1])).toEqual([[{}, 3]]);
    expect(await trips([2, 1, 1])).toEqual([
      [{}, 3],
      [{ at: 1 }, 1000],
    ]);
    expect(await trips([1, 1])).toEqual([[{}, 3]]);
    expect(await trips([3, 2, 1], '3 0')).toEqual([
      [{ at: 3 }, 1000],
      [{ at: { atMost: 2 } }, 3],
    ]);
  });
});

describe('the list', () => {
  test('is of those in a state, of one’s own, of those with some words: the newest first', async () => {
    const world = worldOf();
    const now = world.time.now();
    const mine = { state: 'person', agent: lin, silentUntil: now + hour };
    putConversation(world, 'old', { lastAt: now - 2 });
    putConversation(world, 'mine', { ...mine, lastAt: now - 1, words: 'omine hello there' });
    putConversation(world, 'wangs', { ...mine, agent: wang });
    putConversation(world, 'waits', { state: 'waiting', waitingSince: now - minute, lastAt: now - 3 });
    const ask = asking(world);
    const list = async (fields: object) => idsOf((await ask('list', fields)).conversations);
    expect(await list({})).toEqual(['wangs', 'mine', 'old', 'waits']);
    expect(await list({ state: 'person' })).toEqual(['wangs', 'mine']);
    expect(await list({ state: 'waiting' })).toEqual(['waits']);
    expect(await list({ mine: true })).toEqual(['mine']);
    // What is not wanted takes no place on a page.
    expect(await list({ state: 'waiting', limit: 1 })).toEqual(['waits']);
    expect(await list({ mine: true, limit: 1 })).toEqual(['mine']);
    expect(await list({ mine: false })).toHaveLength(4);
    expect(await list({ search: '  HELLO ' })).toEqual(['mine']);
    expect(await list({ search: '  ' })).toHaveLength(4);
    expect((await ask('list', {})).conversations.at(-1)).toMatchObject({ waitingSince: now - minute });
    expect(await ask('list')).toMatchObject({ at: now, me: { openid: lin, name: lin.slice(-6) } });
  });

  test('shows no conversation as somebody’s who has been silent for too long', async () => {
    const world = worldOf();
    const person = { state: 'person', agent: lin, waitingSince: 1 };
    putConversation(world, 'silent', { ...person, silentUntil: world.time.now() });
    putConversation(world, 'busy', { ...person, silentUntil: world.time.now() + 1, lastAt: 1 });
    const ask = asking(world);
    const [silent, busy] = (await ask('list')).conversations;
    expect(silent).toMatchObject({ id: 'silent', state: 'bot' });
    for (const field of ['agent', 'agentName', 'waitingSince']) expect(silent).not.toHaveProperty(field);
    expect(busy).toMatchObject({ state: 'person', agent: lin, agentName: lin.slice(-6), waitingSince: 1 });
    expect(idsOf((await ask('list', { state: 'person' })).conversations)).toEqual(['busy']);
    expect(idsOf((await ask('list', { mine: true })).conversations)).toEqual(['busy']);
  });

  test('begins with the newest, however many there are', async () => {
    const world = worldOf();
    for (let number = 0; number < 1005; number += 1) putConversation(world, `c${number}`, { lastAt: number });
    expect(idsOf((await asking(world)('list', { limit: 2 })).conversations)).toEqual(['c1004', 'c1003']);
    for (let number = 0; number < 1005; number += 1)
      putMessage(world, `m${number}`, { lane: 'c0', at: number });
    const { messages } = await asking(world)('open', { id: 'c0' });
    expect([messages.at(-1)?.id, messages.length]).toEqual(['m1004', 50]);
  });

  test('has thirty on a page, or as many as are asked for, up to a hundred', async () => {
    const world = worldOf();
    for (let number = 0; number < 120; number += 1) putConversation(world, `c${number}`, { lastAt: number });
    const ask = asking(world);
    for (const [limit, length] of [
      [undefined, 30],
      [7, 7],
      [0, 1],
      [500, 100],
    ] as const) {
      const { conversations, before } = await ask('list', limit === undefined ? {} : { limit });
      expect([conversations.length, typeof before]).toEqual([length, 'string']);
    }
    const { before } = await ask('list', { limit: 100 });
    const rest = await ask('list', { limit: 100, before });
    expect(idsOf(rest.conversations)).toEqual(Array.from({ length: 20 }, (_, place) => `c${19 - place}`));
    expect(rest).not.toHaveProperty('before');
  });

  test('shows what is left of each window', async () => {
    const world = worldOf();
    const closesAt = world.time.now() + hour;
    putConversation(world, 'open');
    putConversation(world, 'shut', { lastAt: 2 });
    putConversation(world, 'unknown', { lastAt: 1 });
    world.put('kefu_windows', { _id: 'open', remaining: 3, closesAt });
    world.put('kefu_windows', { _id: 'shut', remaining: 3, closesAt: world.time.now() });
    const { conversations } = await asking(world)('list');
    expect(conversations.map(({ window }) => (window as { remaining: number }).remaining)).toEqual([3, 0, 0]);
    expect(conversations[0]?.['window']).toEqual({ remaining: 3, closesAt });
  });
});

describe('opening', () => {
  test('shows the last messages, the oldest first, and counts as read', async () => {
    const world = worldOf();
    putConversation(world, 'a', { unread: 2, changedAt: 1 });
    for (let number = 0; number < 52; number += 1) putMessage(world, `m${number}`, { at: number });
    putMessage(world, 'other', { lane: 'b' });
    const ask = asking(world);
    const { conversation, messages, before, at } = await ask('open', { id: 'a' });
    expect(conversation).toMatchObject({ id: 'a', unread: 0 });
    expect(idsOf(messages)).toEqual(Array.from({ length: 50 }, (_, place) => `m${place + 2}`));
    expect(at).toBe(world.time.now());
    expect(world.documents('kefu_conversations')).toMatchObject([{ unread: 0, changedAt: world.time.now() }]);
    const rest = await ask('open', { id: 'a', before });
    expect(idsOf(rest.messages)).toEqual(['m0', 'm1']);
    expect(rest).not.toHaveProperty('before');
  });

  test('counts as read there and nowhere else', async () => {
    const world = worldOf();
    for (const id of ['a', 'b']) putConversation(world, id, { unread: 2 });
    await asking(world)('open', { id: 'a' });
    expect(world.documents('kefu_conversations').map(({ unread }) => unread)).toEqual([0, 2]);
  });

  test('an older page counts as nothing, and neither does what is read already', async () => {
    const world = worldOf();
    putConversation(world, 'a', { unread: 2, changedAt: 1 });
    const ask = asking(world);
    expect((await ask('open', { id: 'a', before: '5 m' })).conversation).toMatchObject({ unread: 2 });
    putConversation(world, 'b', { unread: 0, changedAt: 1 });
    await ask('open', { id: 'b' });
    expect(world.documents('kefu_conversations')).toMatchObject([
      { unread: 2, changedAt: 1 },
      { changedAt: 1 },
    ]);
  });

  test('waits for pictures two seconds and no longer', async () => {
    const world = worldOf();
    putConversation(world, 'a');
    const image = JSON.stringify({ msgtype: 'image', image: { media_id: 'M' } });
    putMessage(world, 'picture', { media: 'wanted', message: image });
    putMessage(world, 'words');
    const open = (ms: number) => (ports: Ports<CallName>) =>
      kefuDesk({}).handle(
        { action: 'open', id: 'a' },
        { source: 'wx_client', openid: lin },
        {
          ...ports,
          wechat: {
            call: async () => {
              await world.time.wait(ms);
              return {
                ok: true,
                file: { contentType: 'image/png', bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
              };
            },
          },
          files: { ...ports.files, write: async () => ({ ok: true, fileID: 'cloud://copy' }) },
        },
      );
    for (const [ms, waitsMs] of [
      [3000, 2000],
      [1000, 1000],
    ] as const) {
      const startedAt = world.time.now();
      const answer = (await world.time.until(world.run(open(ms), { desk: [lin] }))) as {
        messages: readonly View[];
      };
      expect(world.time.now() - startedAt).toBe(waitsMs);
      expect(JSON.stringify(answer.messages).includes('cloud://copy')).toBe(waitsMs === 1000);
      if (ms === 3000) await world.time.pass(5000);
      putMessage(world, 'picture', { media: 'wanted', message: image });
    }
  });
});

describe('what has changed', () => {
  test('since a moment is told with the five seconds before it, and nothing costs one read', async () => {
    const world = worldOf();
    const since = world.time.now();
    putConversation(world, 'young', { changedAt: since - 4999 });
    putConversation(world, 'old', { changedAt: since - 5000 });
    const ask = asking(world, 'oSomebody');
    expect(await ask('changes', { since })).toMatchObject({ errCode: expect.any(Number) });
    const own = asking(world);
    await own('list');
    const answer = await own('changes', { since });
    expect(idsOf(answer.conversations)).toEqual(['young']);
    expect([answer['at'], 'messages' in answer]).toEqual([since, false]);
    const before = world.databaseCalls;
    expect(await own('changes', { since: since + 1 })).toEqual({
      errCode: 0,
      errMsg: 'ok',
      at: since,
      conversations: [],
    });
    expect(world.databaseCalls - before).toBe(1);
  });

  test('in the conversation that is open is told with its messages, the oldest first', async () => {
    const world = worldOf();
    const since = world.time.now();
    putConversation(world, 'a', { changedAt: since - 1 });
    putConversation(world, 'b');
    for (const [id, at] of [
      ['late', 9],
      ['early', 3],
      ['c', 5],
      ['b', 5],
      ['a', 5],
    ] as const)
      putMessage(world, id, { at });
    putMessage(world, 'unchanged', { changedAt: since - 5000 });
    putMessage(world, 'other', { lane: 'b' });
    const ask = asking(world);
    const { conversations, messages } = await ask('changes', { since, id: 'a' });
    expect([idsOf(conversations), idsOf(messages)]).toEqual([
      ['b', 'a'],
      ['early', 'c', 'b', 'a', 'late'],
    ]);
    expect(await ask('changes', { since, id: 'none' })).not.toHaveProperty('messages');
  });

  test('is told with fifty messages at most, the newest', async () => {
    const world = worldOf();
    const since = world.time.now();
    putConversation(world, 'a');
    for (let number = 0; number < 60; number += 1)
      putMessage(world, `m${number}`, { at: number, changedAt: since + number });
    const { messages } = await asking(world)('changes', { since, id: 'a' });
    expect([messages.length, messages[0]?.id, messages.at(-1)?.id]).toEqual([50, 'm10', 'm59']);
  });

  test('is told of fifty at most, the newest', async () => {
    const world = worldOf();
    const since = world.time.now();
    for (let number = 0; number < 51; number += 1)
      putConversation(world, `c${number}`, { changedAt: since + number });
    const { conversations } = await asking(world)('changes', { since });
    expect([conversations.length, conversations[0]?.id, conversations.at(-1)?.id]).toEqual([50, 'c50', 'c1']);
  });
});

test('a message is shown as it was sent, with who sent it, what WeChat said, and the files by their names', async () => {
  const world = worldOf();
  putConversation(world, 'a');
  const image = JSON.stringify({ msgtype: 'image', image: { media_id: 'cloud://x' } });
  const film = JSON.stringify({ msgtype: 'video', video: { media_id: 'M', thumb_media_id: 'cloud://t' } });
  putMessage(world, '1', {
    at: 1,
    by: wang,
    from: 'person',
    requestId: 'r',
    status: 'failed',
    errCode: 45015,
    errMsg: 'out',
  });
  putMessage(world, '2', { at: 2, message: image, by: 'oGoneSince' });
  putMessage(world, '3', { at: 3, message: film });
  putMessage(world, '4', { at: 4, message: 'no JSON' });
  putMessage(world, '5', { at: 5, message: '{"msgtype":"image","image":null}' });
  const { messages } = await asking(world)('open', { id: 'a' });
  expect(messages).toEqual([
    {
      ...{ id: '1', at: 1, from: 'person', by: wang, byName: wang.slice(-6), message: text('1') },
      ...{ status: 'failed', requestId: 'r', errCode: 45015, errMsg: 'out' },
    },
    {
      ...{ id: '2', at: 2, from: 'user', by: 'oGoneSince', byName: 'eSince', status: 'received' },
      message: { msgtype: 'image', image: { media_id: 'cloud://x', fileID: 'cloud://x' } },
    },
    {
      ...{ id: '3', at: 3, from: 'user', status: 'received' },
      message: {
        msgtype: 'video',
        video: { media_id: 'M', thumb_media_id: 'cloud://t', thumbFileID: 'cloud://t' },
      },
    },
    { id: '4', at: 4, from: 'user', status: 'received', message: {} },
    { id: '5', at: 5, from: 'user', status: 'received', message: { msgtype: 'image', image: null } },
  ]);
});

describe('an export', () => {
  test('has everything, page by page, and the outbox on the first', async () => {
    const world = worldOf();
    putConversation(world, 'a');
    for (let number = 0; number < 201; number += 1) putMessage(world, `m${number}`, { at: number });
    const message = { touser: 'oa', ...text('later') };
    world.put('kefu_outbox', {
      _id: 'kept',
      lane: 'a',
      state: 'waiting',
      keptAt: 5,
      payload: JSON.stringify({ message }),
    });
    world.put('kefu_outbox', { _id: 'sent', lane: 'a', state: 'sent', keptAt: 4, payload: '' });
    world.put('kefu_outbox', { _id: 'other', lane: 'b', state: 'waiting', keptAt: 5, payload: '{}' });
    const ask = asking(world);
    const first = await ask('export', { id: 'a' });
    expect(first.conversation).toMatchObject({ id: 'a', touser: 'oa' });
    expect([first.messages.length, first.messages[0]?.id]).toEqual([200, 'm200']);
    expect(first['outbox']).toEqual([
      { id: 'kept', state: 'waiting', keptAt: 5, message },
      { id: 'sent', state: 'sent', keptAt: 4 },
    ]);
    const rest = await ask('export', { id: 'a', before: first.before });
    expect(idsOf(rest.messages)).toEqual(['m0']);
    for (const field of ['before', 'outbox']) expect(rest).not.toHaveProperty(field);
  });
});

describe('the people of the desk', () => {
  test('are told by name, who is there and who was never', async () => {
    const world = worldOf();
    await world.time.pass(hour);
    const { desk } = deskIn(world, ['oChen', 'oZhao']);
    const team = (name?: string) =>
      world.time.until(desk('oChen', { action: 'team', ...(name === undefined ? {} : { name }) }));
    const chen = { openid: 'oChen', name: 'oChen', seenAt: world.time.now() };
    const zhao = { openid: 'oZhao', name: 'oZhao', seenAt: 0 };
    expect((await team())['agents']).toEqual([chen, zhao]);
    expect((await team('陈'))['agents']).toEqual([{ ...chen, name: '陈' }, zhao]);
    expect((await team())['agents']).toEqual([{ ...chen, name: '陈' }, zhao]);
    expect(world.documents('kefu_team')).toMatchObject([
      { openid: 'oChen', name: '陈', seenAt: world.time.now() },
    ]);
  });

  test('have each a name of their own, and the end of the openid where they gave none', async () => {
    const world = worldOf();
    const { desk } = deskIn(world, ['oChenWei', 'oZhaoMin', 'oNameless']);
    for (const [openid, name] of [
      ['oChenWei', '陈'],
      ['oZhaoMin', '赵'],
    ] as const)
      await world.time.until(desk(openid, { action: 'team', name }));
    const { agents } = await world.time.until(desk('oNameless', { action: 'team' }));
    expect((agents as { name: string }[]).map(({ name }) => name)).toEqual(['陈', '赵', 'meless']);
    putConversation(world, 'a', {
      state: 'person',
      agent: 'oGoneSince',
      silentUntil: world.time.now() + hour,
    });
    const { conversations } = await asking(world)('list');
    expect(conversations).toMatchObject([{ agent: 'oGoneSince', agentName: 'eSince' }]);
    expect(conversations[0]).not.toHaveProperty('waitingSince');
  });

  test('are noted as there every twenty seconds at most', async () => {
    const world = worldOf();
    await world.time.pass(2 * hour);
    const { desk } = deskIn(world, ['oSun']);
    const seen = async (afterMs: number) => {
      await world.time.pass(afterMs);
      await world.time.until(desk('oSun', { action: 'list' }));
      return Number(world.documents('kefu_team')[0]?.['seenAt']);
    };
    const first = await seen(0);
    expect(first).toBe(world.time.now());
    expect(await seen(19_999)).toBe(first);
    expect(await seen(1)).toBe(first + 20_000);
  });
});

describe('the answers to pick from', () => {
  test('are added, changed in their place, and removed, and each answer has them all', async () => {
    const world = worldOf();
    const ask = asking(world);
    const canned = async (fields: object) => (await ask('canned', fields))['canned'] as View[];
    const [one] = await canned({ save: { title: 'one', text: '1' } });
    await world.time.pass(10);
    await canned({ save: { title: 'two', text: '2' } });
    await world.time.pass(10);
    const changed = await canned({ save: { id: one?.id, title: 'one', text: '1!' } });
    expect(changed.map((row) => row['text'])).toEqual(['1!', '2']);
    const { time } = createWorld();
    const times = () => world.documents('kefu_canned').map(({ at }) => Number(at) - time.now());
    expect(times()).toEqual([0, 10]);
    await canned({ save: { id: changed[1]?.id, title: 'two', text: '2' } });
    expect(times()).toEqual([0, 10]);
    world.put('kefu_canned', { _id: 'first', title: 'zero', text: '0', at: 1 });
    expect((await canned({ remove: 'first' })).map((row) => row['text'])).toEqual(['1!', '2']);
    world.put('kefu_canned', { _id: 'first', title: 'zero', text: '0', at: 1 });
    expect((await canned({})).map((row) => row['text'])).toEqual(['0', '1!', '2']);
    await canned({ remove: 'first' });
    expect(await canned({})).toEqual(changed);
    expect(await canned({ remove: one?.id })).toMatchObject([{ title: 'two', text: '2' }]);
    expect(await canned({})).toMatchObject([{ title: 'two' }]);
    const odd = { save: { id: 'a b', title: 'x', text: 'x' } };
    expect(await ask('canned', odd)).toMatchObject({ errCode: 40035, details: [{ path: 'save.id' }] });
  });
});

describe('the figures', () => {
  const today = '2023-11-15';
  const noon = Date.parse(`${today}T12:00:00+08:00`);

  test('are of the last seven days, or of those that are asked for, a month at most', async () => {
    const world = worldOf();
    await world.time.pass(noon - world.time.now());
    const ask = asking(world);
    const days = async (fields: object) => {
      const answer = await ask('stats', fields);
      return (answer['days'] as { day: string }[] | undefined)?.map((one) => one.day) ?? answer['details'];
    };
    const wrong = (path: string) => [{ path, message: expect.any(String) }];
    expect(await days({})).toEqual(
      [9, 10, 11, 12, 13, 14, 15].map((date) => `2023-11-${`${date}`.padStart(2, '0')}`),
    );
    expect(await days({ from: '2023-11-14' })).toEqual(['2023-11-14', today]);
    expect(await days({ from: '2023-11-01', to: '2023-11-01' })).toEqual(['2023-11-01']);
    expect(await days({ from: '2023-10-16' })).toHaveLength(31);
    expect(await days({ from: '2023-10-15' })).toEqual(wrong('from'));
    expect(await days({ from: '2023-11-16' })).toEqual(wrong('from'));
    expect(await days({ from: 'x' })).toEqual(wrong('from'));
    expect(await days({ to: 'x' })).toEqual(wrong('to'));
  });

  test('count what falls on a day in China’s time, and what users answered to the question how it was', async () => {
    const world = worldOf();
    await world.time.pass(noon - world.time.now());
    const begin = noon - day / 2;
    const satisfied = (score: unknown) => ({
      from: 'event',
      message: JSON.stringify({ msgtype: 'event', event: 'satisfaction', score }),
    });
    putMessage(world, 'before', { at: begin - 1, lane: 'c' });
    putMessage(world, 'first', { at: begin });
    putMessage(world, 'answer', { at: begin + 4000, from: 'person', status: 'sent' });
    putMessage(world, 'refused', { at: begin + 5000, from: 'person', status: 'failed' });
    putMessage(world, 'last', { at: begin + day - 1, lane: 'b' });
    putMessage(world, 'after', { at: begin + day, lane: 'd' });
    putMessage(world, 'yesterday', { at: begin - 1, ...satisfied(3) });
    putMessage(world, 'no event', { at: begin + 1, message: '{"score":3}' });
    putMessage(world, 'good too', { at: begin + 1, ...satisfied(3) });
    putMessage(world, 'good', { at: begin + 1, ...satisfied(3) });
    putMessage(world, 'none', { at: begin + 2, ...satisfied('3') });
    putMessage(world, 'event', { at: begin + 3, from: 'event', message: 'no JSON' });
    const answer = await asking(world)('stats', { from: today, to: today });
    expect(answer['days']).toMatchObject([
      {
        day: today,
        conversations: 2,
        firstAnswerMs: 4000,
        answeredByPerson: 1,
        satisfaction: { good: 2, fair: 0, bad: 0 },
        refused: 1,
      },
    ]);
  });

  test('count each of many messages', async () => {
    const world = worldOf();
    await world.time.pass(noon - world.time.now());
    for (let number = 0; number < 2100; number += 1)
      putMessage(world, `${number}`, { at: noon + (number % 700), lane: `${number}` });
    const answer = await asking(world)('stats', { from: today, to: today });
    expect(answer['days']).toMatchObject([{ conversations: 2100 }]);
  });
});
