import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { buildEmulator } from '../../scripts/build-emulator';
import { bundleFunctions } from '../../scripts/build-functions';
import type { CallbackResult } from '../children/callback';
import { type Row, ratiosOf, type Section, type Spread, spreadOf } from '../statistics';
import type { Workplace } from '../workplace';

/** How much longer each round trip to the database is made, so that those that are waited for can be counted. */
const delayMs = 100;

/** What a push costs: one that a rule answers, one that is left to a slow model, and the callback's own work. */
export async function measurePushes(workplace: Workplace): Promise<Section> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kefu-pushes-'));
  try {
    const entries = ['kefu-receive', 'kefu-answer'].map((name) => [name, `bench/pushes/${name}.ts`] as const);
    await Promise.all([bundleFunctions(Object.fromEntries(entries), folder), buildEmulator()]);
    const emulator = await createEmulator({ functions: folder, pushes: false, variables: {} });
    try {
      return {
        title: 'Pushes',
        about: `A text as the platform hands it to kefu-receive, warm, in the local WeChat; and as it comes encrypted to the callback, in processor time, with a database that answers at once, against co-wechat with wechat-crypto.`,
        rows: [
          ...(await measureRule(emulator, workplace)),
          await measureModel(emulator, workplace),
          ...(await measureCallback(workplace)),
        ],
      };
    } finally {
      await emulator.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let pushed = 0;

/** Hands a push to kefu-receive; how long it took until WeChat had its answer. */
async function push(emulator: Emulator, Content: string): Promise<number> {
  pushed += 1;
  emulator.world.say('miniprogram', defaultOpenid, { MsgType: 'text', Content });
  const data = {
    ToUserName: emulator.world.appids.miniprogram,
    FromUserName: defaultOpenid,
    CreateTime: Math.floor(Date.now() / 1000),
    MsgType: 'text',
    Content,
    MsgId: `bench-${pushed}`,
  };
  const startedAt = performance.now();
  const answer = await emulator.call({
    name: 'kefu-receive',
    data,
    source: 'wx_push',
    openid: defaultOpenid,
  });
  if (!answer.ok || answer.result !== 'success')
    throw new Error(`kefu-receive did not take a push: ${JSON.stringify(answer)}`);
  return performance.now() - startedAt;
}

async function measureRule(emulator: Emulator, { rounds, progress }: Workplace): Promise<Row[]> {
  progress('pushes: answered by a rule');
  // The first makes the collections.
  await push(emulator, '1');
  await push(emulator, '1');
  const { handle } = emulator.database;
  let trips = 0;
  Object.assign(emulator.database, {
    handle: (...args: Parameters<typeof handle>) => {
      trips += 1;
      return handle(...args);
    },
  });
  const [usual, delayed, counts]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    trips = 0;
    usual?.push(await push(emulator, '1'));
    counts?.push(trips);
    emulator.faults.put([{ api: 'database.*', behaviour: 'slow', delayMs }]);
    delayed?.push(await push(emulator, '1'));
    emulator.faults.put([]);
  }
  Object.assign(emulator.database, { handle });
  const waits = (delayed ?? []).map((ms, round) => Math.round((ms - (usual?.[round] ?? 0)) / delayMs));
  return [
    row('answered by a rule: ms', spreadOf(usual ?? [])),
    row('answered by a rule: round trips to the database', spreadOf(counts ?? []), 4),
    row('answered by a rule: how often one is waited for', spreadOf(waits), 3),
  ];
}

async function measureModel(emulator: Emulator, { rounds, progress }: Workplace): Promise<Row> {
  progress('pushes: left to a model');
  emulator.model.misbehave({ behaviour: 'slow', delayMs: 30_000 });
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) times.push(await push(emulator, '几点发货'));
  return row('left to a model that takes 30 s: ms until WeChat has its answer', spreadOf(times), 1000);
}

async function measureCallback({ rounds, progress, run }: Workplace): Promise<Row[]> {
  const results: CallbackResult[] = [];
  for (let round = 0; round < rounds; round += 1) {
    progress(`pushes: callback, round ${round + 1} of ${rounds}`);
    results.push((await run<CallbackResult>('callback', [])).result);
  }
  const of = (field: keyof CallbackResult) => results.map((result) => result[field]);
  const beside = (name: string, field: 'ownUs' | 'wholeUs') => ({
    name: `callback, encrypted: ${name}, of what co-wechat takes`,
    cells: {
      'own µs': spreadOf(of(field)).median,
      'co-wechat µs': spreadOf(of('theirUs')).median,
      value: ratiosOf(of(field), of('theirUs')),
    },
  });
  return [
    {
      ...beside('signature, decryption, XML, rules, encryption', 'ownUs'),
      atMost: { column: 'value', limit: 1 },
    },
    beside('with what has it taken once', 'wholeUs'),
  ];
}

function row(name: string, value: Spread, limit?: number): Row {
  return { name, cells: { value }, ...(limit === undefined ? {} : { atMost: { column: 'value', limit } }) };
}
