import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import type { Entry } from '../../emulator/entries';
import { outcomeOf } from '../../emulator/outcome';
import { openVariables, readStory, type Story } from '../../emulator/story';
import { main as demo } from '../../scripts/demo';

/** Stories: what was done, written down as it is done, and done again to the same end. */

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({
    variables: { KEFU_OPERATORS: 'oOPERATOR-lin' },
    startsAt: 1_795_000_000_000,
  });
});
afterAll(() => emulator?.close());
beforeEach(() => emulator.reset());

async function rest(method: string, path: string, body?: unknown) {
  const response = await fetch(`${emulator.url}/_emulator${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const told = async (until = '') => (await rest('GET', `/story${until}`)).body as unknown as Story;
const said = () =>
  emulator.world
    .conversation('miniprogram', defaultOpenid)
    .messages.map(({ from, message }) => [from, message]);

/** Waits until nothing runs any more. */
async function quiet(): Promise<void> {
  const ends = () => emulator.log.since(0).filter(({ kind }) => kind === 'call').length;
  const begins = () => emulator.log.since(0).filter(({ kind }) => kind === 'start').length;
  do await new Promise((resolve) => setTimeout(resolve, 100));
  while (ends() < begins());
}

const hi = { msgtype: 'text', text: { content: 'hi' } };

describe('GET /_emulator/story', () => {
  test('tells each step, with what a call answered, and not what only looked or was refused', async () => {
    await rest('POST', `/users/${defaultOpenid}/say`, { MsgType: 'text', Content: 'hello' });
    await rest('POST', '/call', { name: 'kefu-send', data: { ...hi, touser: 'oElse' } });
    await rest('GET', '/log');
    await rest('POST', '/call', { no: 'name' });
    await rest('POST', '/call', { name: 'kefu-notify', data: {}, quiet: true });
    await rest('POST', '/clock', { advanceMs: 60_000 });
    expect(await told()).toEqual({
      story: '',
      variables: { KEFU_OPERATORS: 'oOPERATOR-lin' },
      steps: [
        {
          request: `POST /users/${defaultOpenid}/say`,
          body: { MsgType: 'text', Content: 'hello' },
        },
        {
          request: 'POST /call',
          body: { name: 'kefu-send', data: { ...hi, touser: 'oElse' } },
          answer: { result: { errCode: -604104, code: 'not-allowed' } },
        },
        { request: 'POST /clock', body: { advanceMs: 60_000 } },
      ],
    });
  });

  test('tells the story up to an entry of the log, and how long a user waited', async () => {
    await rest('POST', '/call', { name: 'kefu-typing', data: {} });
    emulator.clock.advance(20_000);
    await rest('POST', '/call', { name: 'kefu-typing', data: {} });
    const [first, second] = emulator.log.since(0).filter(({ kind }) => kind === 'start') as [Entry, Entry];
    expect((await told(`?until=${first.seq}`)).steps).toHaveLength(1);
    expect((await told(`?until=${second.seq}`)).steps).toMatchObject([{}, { afterMs: 20_000 }]);
    // Played without the wait, the second sign would be refused: the first one still shows.
    expect(await rest('POST', '/story', await told())).toEqual({ status: 200, body: { played: 2 } });
  });

  test('never tells a secret', async () => {
    expect(openVariables.filter((name) => /SECRET|KEY|TOKEN|CLIENTS|URL/.test(name))).toEqual([]);
    expect(await rest('PUT', '/variables', { MODEL_KEY: 'sk-secret' })).toMatchObject({ status: 400 });
    expect(JSON.stringify(await told())).not.toMatch(/secret/i);
  });
});

describe('a story that is played', () => {
  test('comes to the same conversation, the same answers and the same calls to WeChat', async () => {
    await rest('PUT', '/files/uploads/cat.png', emulator.storage.get('samples/picture.png')?.bytes);
    await rest('POST', `/users/${defaultOpenid}/enter`, {});
    await quiet();
    await rest('POST', `/users/${defaultOpenid}/say`, { MsgType: 'text', Content: '我的快递到哪了?' });
    await quiet();
    const image = { fileID: 'cloud://local.local/uploads/cat.png' };
    await rest('POST', '/call', { name: 'kefu-send', data: { msgtype: 'image', image } });
    await rest('PUT', '/faults', [{ api: 'customerServiceMessage.send', errcode: 45047, times: 1 }]);
    await rest('POST', '/call', { name: 'kefu-send', data: hi });
    const before = { said: said(), outcome: outcomeOf(emulator.log.since(0)) };
    expect(before.said.length).toBeGreaterThan(4);
    const story = await told();

    const played = await emulator.stories.play(story);
    const after = { said: said(), outcome: outcomeOf(emulator.log.since(0)) };
    const masked = (value: unknown) => JSON.stringify(value).replace(/media-[0-9a-z]{6}/g, 'media-…');
    expect(masked(after)).toBe(masked(before));
    expect(outcomeOf(played.at(-1)?.entries ?? [])).toMatchObject({
      answers: [{ 'kefu-send': { errCode: 45047 } }],
      wechat: [{ payload: hi, ok: false }],
    });
    // Played, it is the story that is told.
    expect(await told()).toEqual(story);
  });

  test('sets the variables that it needs, until a reset', async () => {
    const list = { name: 'kefu-outbox', data: { action: 'list' }, openid: 'oWang' };
    const steps = [{ request: 'POST /call', body: list }];
    const codeOf = async (variables: Record<string, string>) => {
      const played = await emulator.stories.play({ story: '', variables, steps });
      return played.map(({ answer }) => (answer as { result: { code?: string } }).result.code).join();
    };
    expect(await codeOf({})).toBe('not-allowed');
    expect(await codeOf({ KEFU_OPERATORS: 'oWang' })).not.toBe('not-allowed');
    emulator.reset();
    expect((await rest('GET', '')).body['operators']).toBe('oOPERATOR-lin');
  });

  test.each([
    ['a step that is refused', { request: 'POST /clock', body: {} }, 'step 1, POST /clock: '],
    [
      'another answer than the story has',
      {
        request: 'POST /call',
        body: { name: 'kefu-send', data: hi },
        answer: { result: { errCode: 45015 } },
      },
      'should have answered {"result":{"errCode":45015}}, not ',
    ],
  ])('ends at %s, and names it', async (_, step, words) => {
    const answered = await rest('POST', '/story', { steps: [step] });
    expect(answered.status).toBe(400);
    expect(answered.body['error']).toContain(words);
  });
});

test('PUT /_emulator/variables makes an operator without a restart, and refuses what is none', async () => {
  const send = () =>
    rest('POST', '/call', { name: 'kefu-send', openid: 'oNew', data: { ...hi, touser: defaultOpenid } });
  expect((await send()).body).toMatchObject({ result: { code: 'not-allowed' } });
  expect(await rest('PUT', '/variables', { KEFU_OPERATORS: 'oNew' })).toMatchObject({
    status: 200,
    body: { KEFU_OPERATORS: 'oNew' },
  });
  expect((await send()).body).toMatchObject({ result: { errCode: 0 } });
  expect(await rest('PUT', '/variables', { KEFU_CLIENT_SENDS: 'maybe' })).toEqual({
    status: 400,
    body: { error: 'KEFU_CLIENT_SENDS must be on or off' },
  });
});

test.each([
  [{}, 'a story is'],
  [{ steps: [{}] }, 'steps[0].request'],
  [{ steps: [{ request: 'DELETE /call' }] }, 'steps[0].request'],
  [{ steps: [{ request: 'POST /reset' }] }, 'neither resets nor plays'],
  [{ steps: [], variables: { MODEL_KEY: 'x' } }, 'variables: MODEL_KEY'],
  [{ steps: [{ request: 'POST /call', afterMs: -1 }] }, 'afterMs'],
  [null, 'a story is'],
])('%j is no story', (value, words) => {
  expect(readStory(value)).toContain(words);
});

test.each(['local-wechat.md', 'local-wechat.zh-CN.md'])('the story of docs/%s plays', async (file) => {
  const text = await readFile(`docs/${file}`, 'utf8');
  const [json = ''] = text.match(/\{\n {2}"story"[\s\S]*?\n\}/) ?? [];
  expect(await emulator.stories.play(JSON.parse(json) as Story)).toHaveLength(2);
});

test('npm run demo plays every message type to its end', async () => {
  const printed: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  expect(await demo(['--no-build'])).toBe(0);
  log.mockRestore();
  expect(printed.join()).toMatch(/(\d+) of \1 messages arrived as they were meant/);
});
