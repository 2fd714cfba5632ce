import { createHash } from 'node:crypto';
import type { Ports } from '../../shared/core/ports';
import { parseSettings } from '../../shared/core/settings';
import { kefuDesk } from '../../shared/functions/desk/desk';
import type { CallName } from '../../shared/wechat/calls';
import { ratiosOf, type Section, spreadOf } from '../statistics';
import type { Workplace } from '../workplace';
import { createIndexedStore, type IndexedStore } from './indexed-store';

/** The desk's list and threads with few conversations and with many, over a database that reads by its indexes. */

/** How many messages each conversation has. */
const messagesEach = 20;

const me = 'oOPERATOR';
const now = Date.parse('2026-11-21T04:00:00Z');

/** How long a round trip to the database takes: less than in the cloud, so that what the desk itself does shows. */
const tripMs = 2;

/** How many calls make one time. */
const callsEach = 20;

/** A desk with so many conversations, each with its messages. */
export function openDesk(conversations: number, trip = 0) {
  const store = createIndexedStore(trip);
  fill(store, conversations);
  const parsed = parseSettings({ KEFU_OPERATORS: me, KEFU_HISTORY_DAYS: '30' });
  if (!parsed.ok) throw new Error(parsed.message);
  const failed = { ok: false, errCode: -1, errMsg: 'not asked for' } as const;
  let names = 0;
  const ports: Ports<CallName> = {
    database: store.database,
    settings: parsed.settings,
    digest: (text) => createHash('sha256').update(text).digest('hex').slice(0, 32),
    newId: () => {
      names += 1;
      return `new${names}`;
    },
    clock: { now: () => now, remainingMs: () => Number.POSITIVE_INFINITY },
    log: () => undefined,
    sleep: () => Promise.resolve(),
    every: () => () => undefined,
    startFunction: () => Promise.resolve(),
    files: {
      read: () => Promise.resolve(failed),
      write: () => Promise.resolve(failed),
      remove: () => Promise.resolve(true),
    },
    wechat: { call: () => Promise.resolve(failed) },
  };
  const desk = kefuDesk({});
  return {
    counts: store.counts,
    call: (event: object) =>
      desk.handle(event, { source: 'wx_client', openid: me }, ports) as Promise<{
        readonly errCode: number;
        readonly conversations?: readonly { readonly id: string }[];
        readonly messages?: readonly object[];
      }>,
  };
}

function fill(store: IndexedStore, conversations: number): void {
  const laneOf = (index: number) => createHash('sha256').update(`${index}`).digest('hex').slice(0, 32);
  const states = ['bot', 'bot', 'waiting', 'person', 'closed'];
  const rows = Array.from({ length: conversations }, (_, index) => {
    const lastAt = now - index * 1000;
    const state = states[index % states.length] ?? 'bot';
    return {
      _id: laneOf(index),
      touser: `oUser${index}`,
      account: 'miniprogram',
      state,
      agent: state === 'person' ? (index % 10 === 3 ? me : 'oOTHER') : '',
      silentUntil: state === 'person' ? now + 60_000 : 0,
      lastText: 'hello',
      lastAt,
      lastFrom: 'user',
      words: `ouser${index} hello`,
      unread: 0,
      waitingSince: 0,
      changedAt: lastAt,
    };
  });
  store.fill('kefu_conversations', rows);
  const message = JSON.stringify({ msgtype: 'text', text: { content: 'hello' } });
  store.fill(
    'kefu_messages',
    rows.flatMap(({ _id: lane, lastAt }) =>
      Array.from({ length: messagesEach }, (_, place) => {
        const at = lastAt - place * 60_000;
        return { _id: `${lane}${place}`, lane, at, changedAt: at, from: 'user', message, status: 'received' };
      }),
    ),
  );
  store.fill(
    'kefu_windows',
    rows.map(({ _id }) => ({ _id, remaining: 5, closesAt: now + 1000 })),
  );
}

/** How many conversations a page has: as many as a hundred have of each kind. */
const limit = 10;

/** What is measured, by what the desk is asked. */
export const deskEvents = (id: string) => ({
  list: { action: 'list', limit },
  'list, waiting': { action: 'list', limit, state: 'waiting' },
  'list, mine': { action: 'list', limit, mine: true },
  open: { action: 'open', id },
  'changes, none': { action: 'changes', since: now + 60_000, id },
});

export async function measureDesk(workplace: Workplace): Promise<Section> {
  const sizes = workplace.quick ? [100, 2000] : [100, 10_000];
  const desks = sizes.map((size) => openDesk(size, tripMs));
  const first = await desks[0]?.call({ action: 'list' });
  const id = first?.conversations?.[0]?.id ?? '';
  const rows = [];
  for (const [name, event] of Object.entries(deskEvents(id))) {
    const times: number[][] = desks.map(() => []);
    const trips: number[] = [];
    for (let round = 0; round < workplace.rounds; round += 1) {
      workplace.progress(`desk: ${name}, round ${round + 1} of ${workplace.rounds}`);
      for (const [place, desk] of desks.entries()) {
        const before = desk.counts.trips;
        const startedAt = performance.now();
        for (let call = 0; call < callsEach; call += 1) await desk.call(event);
        times[place]?.push((performance.now() - startedAt) / callsEach);
        trips[place] = (desk.counts.trips - before) / callsEach;
      }
    }
    const [few = [], many = []] = times;
    rows.push({
      name,
      cells: {
        'round trips': trips[1] ?? 0,
        'few ms': spreadOf(few).median,
        'many ms': spreadOf(many).median,
        ratio: ratiosOf(many, few),
      },
      atMost: { column: 'ratio', limit: 1.5 },
    });
  }
  return {
    title: 'Desk',
    about: `kefu-desk with ${sizes[1]?.toLocaleString('en')} conversations of ${messagesEach} messages each, against ${sizes[0]}; over a database of ${tripMs} ms a round trip that reads by its indexes.`,
    rows,
  };
}
