import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { defaultOpenid } from '../../../emulator/emulator';
import { openStage, type Stage } from './stage';

/** Jobs that the functions did not write, or not as they are: nobody is answered for them, and nobody waits for them. */

const victim = 'oVictim';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ KEFU_SECRET: 'a-secret-of-this-test-that-is-long-enough' });
}, 60_000);
afterAll(() => stage.close());
beforeEach(() => stage.emulator.reset());

/** A job of the user's own that waits, because its start was lost. */
async function waiting(): Promise<Record<string, unknown>> {
  const { emulator } = stage;
  emulator.world.act('miniprogram', victim, 'message');
  emulator.faults.put([{ api: 'functions.*', errcode: -1 }]);
  await stage.say('throws');
  emulator.faults.reset();
  const [job] = stage.documents('kefu_jobs') as Record<string, unknown>[];
  if (job === undefined) throw new Error('no job was kept');
  return job;
}

function put(documents: readonly object[]): void {
  stage.emulator.database.handle('database.insertDocument', {
    collectionName: 'kefu_jobs',
    data: documents.map((document) => JSON.stringify(document)),
  });
}

const stateOf = (id: string) => stage.documents('kefu_jobs').find(({ _id }) => _id === id)?.['state'];

async function answered() {
  stage.emulator.clock.advance(30_000);
  await stage.timer();
  return { own: stage.texts(), victims: stage.texts(victim) };
}

test('a job of another’s push, copied or changed, is given up; the user’s own is answered', async () => {
  const job = await waiting();
  const push = String(job['push']).replaceAll(defaultOpenid, victim);
  put([
    { ...job, _id: 'changed', push },
    { ...job, _id: 'of another lane', lane: 'x', push },
    { ...job, _id: 'marked', push, _openid: defaultOpenid },
  ]);
  expect(await answered()).toEqual({ own: ['otherwise'], victims: [] });
  expect([stateOf('changed'), stateOf('of another lane')]).toEqual(['dead', 'dead']);
});

test('hundreds of jobs that a client adds keep nobody’s answer back', async () => {
  const job = await waiting();
  put(Array.from({ length: 300 }, (_, index) => ({ ...job, _id: `${index}`, at: 1, _openid: 'oAttacker' })));
  expect(await answered()).toEqual({ own: ['otherwise'], victims: [] });
});
