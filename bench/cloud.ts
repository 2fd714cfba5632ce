import path from 'node:path';
import type { Emulator } from '../emulator/emulator';
import { bundleFunctions } from '../scripts/build-functions';
import { sendsAtOnce } from '../shared/functions/outbox/run';
import type { CallsResult } from './children/calls';
import type { OutboxResult } from './children/outbox';
import { countTrips, fillOutbox, openWithout } from './outbox';
import { type Section, spreadOf } from './statistics';
import { type Child, callContext, type Workplace } from './workplace';

/** How long the cloud’s database and WeChat take, in milliseconds: each of these as often as the others. */
const delays = { database: [5, 10, 15, 20], wechat: [50, 83, 117, 150] } as const;

/** How many calls are measured of each kind, and how many messages are drained. */
const calls = 40;
const messages = 2000;

/** Where the functions are that have the example's rules; and the one of them that is measured. */
const example = 'example';
const receive = `${example}/kefu-receive`;

/** What a user is sent by the row that measures its push. */
const waiting = 'it waited for this push';

/** A drain, a push and a send under an id, where the database and WeChat take as long as in the cloud. */
export async function measureCloud(workplace: Workplace): Promise<Section> {
  const folder = path.join(workplace.folder, example);
  await bundleFunctions({ 'kefu-receive': 'cloudfunctions/kefu-receive/index.ts' }, folder, {
    example: true,
  });
  workplace.progress('cloud: draining');
  const drained = await measureDrain(workplace);
  workplace.progress('cloud: calls');
  const bare = await measureCalls('bare SDK call', {}, workplace);
  const sent = await measureCalls('kefu-send', { ...text, requestId: 'order-#' }, workplace);
  const answered = await measureCalls('kefu-receive', pushOf('oUser', '#', '1'), workplace);
  workplace.progress('cloud: a push and what waited for it');
  const woken = await measureWoken(workplace);
  const row = (name: string, result: { readonly ms: readonly number[]; readonly trips: number }) => ({
    name,
    cells: { ms: spreadOf(result.ms), 'database round trips': result.trips },
  });
  return {
    title: 'With the cloud’s delays',
    about: `The database takes ${delays.database.join(', ')} ms, WeChat ${delays.wechat.join(', ')} ms, each as often as the others.`,
    rows: [
      row('the bare SDK call', bare),
      row('send with requestId', sent),
      row('push answered by a rule', answered),
      {
        ...row('a user’s push to the message that waited for it', woken),
        atMost: { column: 'ms', limit: 1000 },
      },
      {
        name: `draining ${messages.toLocaleString('en')} messages to ${messages / 5} users, each`,
        cells: { ms: drained.ms, 'database round trips': drained.trips, 'bare SDK ms': drained.bareMs },
        atMost: { column: 'database round trips', limit: 0.3 },
      },
    ],
  };
}

const text = { touser: 'oUser', msgtype: 'text', text: { content: 'Hello World' } };

const pushOf = (FromUserName: string, MsgId: string, Content: string) => ({
  ToUserName: 'gh_bench',
  FromUserName,
  CreateTime: 1_700_000_000,
  MsgType: 'text',
  MsgId: `id-${MsgId}`,
  Content,
});

/** A local WeChat with the cloud’s delays, and a count of its database’s calls. */
async function open(workplace: Workplace, lenient: boolean) {
  const emulator = await openWithout(workplace);
  const slow = (api: string, choices: readonly number[], more: object) =>
    choices.map((delayMs, index) => {
      const probability = 1 / (choices.length - index);
      return { api, behaviour: 'slow' as const, delayMs, probability, ...more };
    });
  emulator.faults.put([
    ...slow('database.*', delays.database, {}),
    // WeChat takes everything, whatever the windows say, where nothing is to wait.
    ...slow('customerServiceMessage.send', delays.wechat, lenient ? { errcode: 0 } : {}),
  ]);
  const trips = countTrips(emulator);
  return { emulator, trips };
}

async function measureCalls(name: string, event: object, workplace: Workplace) {
  const { emulator, trips } = await open(workplace, true);
  try {
    const file = workplace.fileOf(name === 'kefu-receive' ? receive : name);
    const context = callContext(name === 'kefu-receive' ? 'wx_push' : 'wx_http');
    const args = [file, JSON.stringify(event), context, String(calls)];
    const { calls: made } = await run<CallsResult>('calls', args, workplace, emulator);
    return { ms: made.map(({ ms }) => ms), trips: trips() / (calls + 1) };
  } finally {
    await emulator.close();
  }
}

async function run<Result>(
  child: Child,
  args: readonly string[],
  workplace: Workplace,
  { url: origin }: Emulator,
): Promise<Result> {
  return (await workplace.run<Result>(child, args, { origin })).result;
}

async function measureDrain(workplace: Workplace) {
  const { emulator, trips } = await open(workplace, true);
  try {
    const bareArgs = ['bare', workplace.fileOf('bare SDK call'), '{}', String(messages), String(sendsAtOnce)];
    const bare = await run<OutboxResult>('outbox', bareArgs, workplace, emulator);
    await fillOutbox(emulator, messages, messages / 5);
    const before = trips();
    const longCall = callContext('wx_trigger').replace('20000', '900000');
    const args = ['drain', workplace.fileOf('kefu-outbox'), longCall];
    const drained = await run<OutboxResult>('outbox', args, workplace, emulator);
    if (drained.sent !== messages) throw new Error(`${drained.sent} of ${messages} messages were sent`);
    return {
      ms: drained.wallMs / messages,
      bareMs: bare.wallMs / messages,
      trips: (trips() - before) / messages,
    };
  } finally {
    await emulator.close();
  }
}

/** From the moment at which a push is handed over to the arrival of what waited for it. */
async function measureWoken(workplace: Workplace) {
  const { emulator, trips } = await open(workplace, false);
  try {
    for (let user = 0; user <= calls; user += 1) emulator.world.meet('miniprogram', `oUser${user}`);
    await fillOutbox(emulator, calls + 1, calls + 1, waiting);
    const drain = ['drain', workplace.fileOf('kefu-outbox'), callContext('wx_trigger')];
    await run<OutboxResult>('outbox', drain, workplace, emulator);
    const arrived = new Map<string, number>();
    emulator.log.subscribe((entry) => {
      const said = JSON.stringify(entry);
      const user = /oUser\d+/.exec(said)?.[0];
      if (user !== undefined && said.includes(waiting) && !arrived.has(user)) arrived.set(user, entry.at);
    });
    for (let user = 0; user <= calls; user += 1)
      emulator.world.say('miniprogram', `oUser${user}`, { MsgType: 'text', Content: 'hello' });
    const before = trips();
    const context = callContext('wx_push').replaceAll('oUser', 'oUser#');
    const args = [
      workplace.fileOf(receive),
      JSON.stringify(pushOf('oUser#', '#', 'hello')),
      context,
      String(calls),
    ];
    const { calls: made } = await run<CallsResult>('calls', args, workplace, emulator);
    const ms = made.map(({ at }, index) => (arrived.get(`oUser${index + 1}`) ?? Number.NaN) - at);
    if (ms.some(Number.isNaN)) throw new Error('a message that waited did not arrive');
    return { ms, trips: (trips() - before) / (calls + 1) };
  } finally {
    await emulator.close();
  }
}
