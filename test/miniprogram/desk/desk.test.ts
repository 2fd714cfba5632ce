import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type {
  ActionName,
  Actions,
  CallDesk,
  Conversation,
  DeskRefusal,
  DeskResult,
  Message,
} from '../../../miniprogram/desk/model/contract';
import { createDesk, type DeskStore } from '../../../miniprogram/desk/model/create-desk';
import { type Desk, listOf } from '../../../miniprogram/desk/model/desk-state';
import { depth } from '../../depth';

/** The desk over a network that is slow, lossy or gone, against a desk in the cloud that anything may happen to. */

const me = { openid: 'oOPERATOR-lin', name: '林' };
const offline: DeskRefusal = {
  ok: false,
  errCode: -1,
  errMsg: '',
  code: 'offline',
  retryable: true,
  advice: '',
};
const notAllowed: DeskRefusal = { ...offline, code: 'not-allowed', errCode: -604104, retryable: false };

/** Virtual time: what is due is done in its order, and each step waits for what it set going. */
function createTime() {
  let now = 0;
  let count = 0;
  const due = new Map<number, { readonly at: number; readonly work: () => void }>();
  return {
    now: () => now,
    after(ms: number, work: () => void) {
      count += 1;
      const id = count;
      due.set(id, { at: now + ms, work });
      return () => void due.delete(id);
    },
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        const [next] = [...due].filter(([, { at }]) => at <= end).sort(([, one], [, two]) => one.at - two.at);
        if (next === undefined) break;
        due.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].work();
      }
      now = end;
    },
  };
}

/** A desk in the cloud, as its contract has it, and the way to it. */
function createCloud(time: ReturnType<typeof createTime>) {
  const conversations = new Map<string, Conversation & { changedAt: number }>();
  const messages = new Map<string, Message & { lane: string; changedAt: number }>();
  /** What is sent to users, by id. */
  const sent: string[] = [];
  const asked: ActionName[] = [];
  const way = { delayMs: 50, isUp: true, isHeard: true, allowed: true };
  let count = 0;
  // Its clock is far from the phone's.
  const now = () => time.now() + 5_000_000;

  const change = (id: string, some: Partial<Conversation>) => {
    const known = conversations.get(id);
    conversations.set(id, {
      account: 'miniprogram',
      touser: `oUser-${id}`,
      state: 'bot',
      lastText: '',
      lastAt: now(),
      lastFrom: 'user',
      unread: 0,
      window: { remaining: 5, closesAt: now() + 1e8 },
      ...known,
      ...some,
      id,
      changedAt: now(),
    });
  };
  const view = ({ changedAt: _changedAt, ...conversation }: Conversation & { changedAt: number }) =>
    conversation;
  const say = (id: string, some: Partial<Message>) => {
    count += 1;
    const message = {
      id: `m${String(count).padStart(5, '0')}`,
      at: now(),
      from: 'user',
      message: { msgtype: 'text', text: { content: `第 ${count} 句` } },
      status: 'received',
      ...some,
      lane: id,
      changedAt: now(),
    } as const;
    messages.set(message.id, message);
    const unread = (conversations.get(id)?.unread ?? 0) + (message.from === 'user' ? 1 : 0);
    change(id, { lastAt: now(), lastText: String(count), unread });
  };
  const viewMessage = ({
    changedAt: _changedAt,
    lane: _lane,
    ...message
  }: Message & { lane: string; changedAt: number }) => message;

  const answers: {
    readonly [A in ActionName]?: (event: Actions[A]['event']) => Actions[A]['answer'] | DeskRefusal;
  } = {
    list: () => ({ conversations: [...conversations.values()].map(view), at: now(), me }),
    open: ({ id }) => {
      const held = conversations.get(id);
      if (held === undefined) return { ...offline, code: 'not-found', retryable: false };
      if (held.unread > 0) change(id, { unread: 0 });
      const all = [...messages.values()].filter(({ lane }) => lane === id).map(viewMessage);
      return { conversation: view(conversations.get(id) ?? held), messages: all.slice(-50), at: now() };
    },
    changes: ({ since, id }) => ({
      at: now(),
      conversations: [...conversations.values()].filter((each) => each.changedAt > since - 5000).map(view),
      messages: [...messages.values()]
        .filter((each) => each.lane === id && each.changedAt > since - 5000)
        .map(viewMessage),
    }),
    claim: ({ id }) => {
      change(id, { state: 'person', agent: me.openid });
      return { conversation: view(conversations.get(id) as Conversation & { changedAt: number }) };
    },
    say: ({ id, message, requestId }) => {
      // Once under its id, as the function has it.
      if (!sent.includes(requestId)) {
        sent.push(requestId);
        say(id, { from: 'person', by: me.openid, message, status: 'sent', requestId });
      }
      const window = { remaining: 4, closesAt: 1e9 };
      change(id, { window });
      return { window };
    },
  };

  const call: CallDesk = async <A extends ActionName>(action: A, event: Actions[A]['event']) => {
    asked.push(action);
    const { isUp, isHeard, delayMs } = way;
    await new Promise<void>((resolve) => void time.after(delayMs / 2, resolve));
    if (!isUp) return offline;
    if (!way.allowed) return notAllowed;
    const answer = answers[action]?.(event) ?? offline;
    // What is done in the cloud although its answer is lost.
    if (!isHeard) return new Promise<DeskResult<A>>(() => undefined);
    await new Promise<void>((resolve) => void time.after(delayMs / 2, resolve));
    return ('ok' in answer ? answer : { ok: true, ...answer }) as DeskResult<A>;
  };
  return { call, way, change, say, sent, asked, conversations, messages, view };
}

function openDesk() {
  const time = createTime();
  const cloud = createCloud(time);
  let kept: Desk['outgoing'] = {};
  let ids = 0;
  const create = (): DeskStore =>
    createDesk({
      call: cloud.call,
      now: time.now,
      after: time.after,
      newId: () => {
        ids += 1;
        return `id${ids}`;
      },
      readOutgoing: () => JSON.parse(JSON.stringify(kept)) as Desk['outgoing'],
      writeOutgoing: (outgoing) => {
        kept = JSON.parse(JSON.stringify(outgoing)) as Desk['outgoing'];
      },
    });
  return { time, cloud, create };
}

const text = { msgtype: 'text', text: { content: '您好' } };
const all = { state: 'all', search: '' } as const;
const threadOf = (desk: DeskStore, id: string) =>
  desk.state.threads[id]?.messages.map((each) => each.id) ?? [];
const outgoingOf = (desk: DeskStore, id: string) => (desk.state.outgoing[id] ?? []).map(({ state }) => state);

/** A desk that shows its list and the conversation `a`. */
async function openThread() {
  const opened = openDesk();
  const { time, cloud, create } = opened;
  cloud.change('a', {});
  const desk = create();
  desk.show();
  desk.look(all);
  desk.open('a');
  await time.pass(1000);
  return { ...opened, desk };
}

describe('the desk', () => {
  test('asks nothing before it is shown, nor after it is left', async () => {
    const { time, cloud, create } = openDesk();
    const desk = create();
    await time.pass(60_000);
    expect(cloud.asked).toEqual([]);
    desk.show();
    await time.pass(10_000);
    expect(cloud.asked.slice(0, 3)).toEqual(['list', 'changes', 'changes']);
    desk.hide();
    const before = cloud.asked.length;
    await time.pass(60_000);
    expect(cloud.asked).toHaveLength(before);
  });

  test('shows what is new within two seconds and a call, and asks less often when nothing is', async () => {
    const { time, cloud, desk } = await openThread();
    await time.pass(20_000);
    cloud.say('a', {});
    await time.pass(2100);
    expect(threadOf(desk, 'a')).toHaveLength(1);
    expect(listOf(desk.state, all, [])[0]?.lastText).toBe('1');
    // It was looked at when it came: it has been read.
    await time.pass(1000);
    expect(cloud.conversations.get('a')?.unread).toBe(0);
    await time.pass(240_000);
    const before = cloud.asked.length;
    await time.pass(60_000);
    expect(cloud.asked.length - before).toBeLessThanOrEqual(6);
    // Somebody touches the screen: as often as before.
    desk.touch();
    cloud.say('a', {});
    await time.pass(2100);
    expect(threadOf(desk, 'a')).toHaveLength(2);
  });

  test('says that the network is gone, and shows all when it is back', async () => {
    const { time, cloud, desk } = await openThread();
    cloud.way.isUp = false;
    await time.pass(3000);
    expect(desk.status.offline).toBe(true);
    for (let count = 0; count < 5; count += 1) cloud.say('a', {});
    cloud.change('b', {});
    await time.pass(600_000);
    expect(threadOf(desk, 'a')).toEqual([]);
    cloud.way.isUp = true;
    desk.wake();
    await time.pass(200);
    expect(desk.status.offline).toBe(false);
    expect(threadOf(desk, 'a')).toHaveLength(5);
    expect(
      listOf(desk.state, all, [])
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['a', 'b']);
  });

  test('does not wait for ever for an answer that a sleeping phone has missed', async () => {
    const { time, cloud, desk } = await openThread();
    cloud.way.isHeard = false;
    await time.pass(30_000);
    expect(desk.status.offline).toBe(true);
    cloud.way.isHeard = true;
    cloud.say('a', {});
    await time.pass(26_000);
    expect(desk.status.offline).toBe(false);
    expect(threadOf(desk, 'a')).toHaveLength(1);
  });

  test('shows nothing any more to one who is no operator any more', async () => {
    const { time, cloud, desk } = await openThread();
    cloud.say('a', {});
    await time.pass(3000);
    cloud.way.allowed = false;
    await time.pass(3000);
    expect(desk.status.refusal?.code).toBe('not-allowed');
    expect([desk.state.conversations, desk.state.threads]).toEqual([{}, {}]);
    cloud.way.allowed = true;
    await time.pass(11_000);
    expect(desk.status.refusal).toBeUndefined();
    expect(threadOf(desk, 'a')).toHaveLength(1);
  });

  test('is not set back by an answer that was asked for before something was done', async () => {
    const { time, cloud, desk } = await openThread();
    await time.pass(980);
    cloud.way.delayMs = 1500;
    // The question leaves now, and is answered before the claim; the claim's answer is there first.
    await time.pass(100);
    cloud.way.delayMs = 20;
    cloud.change('a', { state: 'waiting' });
    desk.act('claim', { id: 'a' });
    await time.pass(100);
    expect(desk.state.conversations['a']?.state).toBe('person');
    await time.pass(1600);
    expect(desk.state.conversations['a']?.state).toBe('person');
  });
});

describe('what is said', () => {
  test('stands in the thread at once, and once', async () => {
    const { time, desk } = await openThread();
    desk.say('a', text);
    expect(outgoingOf(desk, 'a')).toEqual(['sending']);
    await time.pass(3000);
    expect(outgoingOf(desk, 'a')).toEqual([]);
    expect(threadOf(desk, 'a')).toHaveLength(1);
    expect(desk.state.conversations['a']?.window.remaining).toBe(4);
  });

  test('is sent once, however often it is sent again where no answer came', async () => {
    const { time, cloud, desk } = await openThread();
    cloud.way.isHeard = false;
    desk.say('a', text);
    await time.pass(1000);
    cloud.way.isHeard = true;
    const [outgoing] = desk.state.outgoing['a'] ?? [];
    for (let count = 0; count < 3; count += 1) {
      if (outgoing !== undefined) desk.again('a', outgoing);
      await time.pass(3000);
    }
    expect(cloud.sent).toHaveLength(1);
    expect(threadOf(desk, 'a')).toHaveLength(1);
    expect(outgoingOf(desk, 'a')).toEqual([]);
  });

  test('is still there when the phone was switched off while it was on its way', async () => {
    const { time, cloud, create, desk } = await openThread();
    cloud.way.isUp = false;
    desk.say('a', text);
    await time.pass(10);
    desk.hide();
    cloud.way.isUp = true;
    const again = create();
    expect(again.state.outgoing['a']).toMatchObject([{ state: 'unknown', message: text }]);
    const [outgoing] = again.state.outgoing['a'] ?? [];
    again.show();
    again.open('a');
    if (outgoing !== undefined) again.again('a', outgoing);
    await time.pass(3000);
    expect(cloud.sent).toEqual(['id1']);
    expect(create().state.outgoing).toEqual({});
  });
});

test('for every run of what happens, of slow and lost answers, the desk comes to show what is', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('say' as const), id: fc.constantFrom('a', 'b') }),
    fc.record({
      do: fc.constant('change' as const),
      id: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom('bot' as const, 'waiting' as const, 'closed' as const),
    }),
    fc.record({ do: fc.constant('answer' as const) }),
    fc.record({ do: fc.constant('claim' as const), id: fc.constantFrom('a', 'b') }),
    fc.record({ do: fc.constant('open' as const), id: fc.constantFrom('a', 'b') }),
    fc.record({
      do: fc.constant('way' as const),
      delayMs: fc.constantFrom(20, 900, 4000, 20_000),
      isUp: fc.boolean(),
      isHeard: fc.boolean(),
    }),
    fc.record({ do: fc.constant('sleep' as const) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(100, 1500, 7000, 90_000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { time, cloud, desk } = await openThread();
      let id = 'a';
      let said = 0;
      for (const each of steps) {
        if (each.do === 'say') cloud.say(each.id, {});
        if (each.do === 'change') cloud.change(each.id, { state: each.state });
        if (each.do === 'answer') {
          said += 1;
          desk.say(id, text);
        }
        if (each.do === 'claim' && cloud.conversations.has(each.id)) desk.act('claim', { id: each.id });
        if (each.do === 'open' && cloud.conversations.has(each.id)) {
          desk.leave(id);
          id = each.id;
          desk.open(id);
        }
        if (each.do === 'way') Object.assign(cloud.way, each);
        if (each.do === 'sleep') {
          desk.hide();
          await time.pass(3_600_000);
          desk.show();
        }
        if (each.do === 'pass') await time.pass(each.ms);
      }
      Object.assign(cloud.way, { delayMs: 20, isUp: true, isHeard: true });
      await time.pass(60_000);
      for (const outgoing of desk.state.outgoing[id] ?? [])
        if (outgoing.state !== 'sent') desk.again(id, outgoing);
      await time.pass(10_000);
      const shown = Object.fromEntries(Object.entries(desk.state.conversations));
      expect(shown).toEqual(
        Object.fromEntries([...cloud.conversations].map(([key, held]) => [key, cloud.view(held)])),
      );
      expect(threadOf(desk, id)).toEqual(
        [...cloud.messages.values()].filter(({ lane }) => lane === id).map((each) => each.id),
      );
      expect(desk.state.outgoing[id] ?? []).toEqual([]);
      expect(new Set(cloud.sent).size).toBe(cloud.sent.length);
      expect(cloud.sent.length).toBeLessThanOrEqual(said);
      expect(desk.status.offline).toBe(false);
    }),
    { numRuns: depth(3000) },
  );
});
