import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checklist } from '../../scripts/deploy/checklist';
import type { FunctionEntry } from '../../scripts/deploy/cloudbaserc';
import { type PlannedFunction, planFunctions } from '../../scripts/deploy/plan';

/** What there is to deploy, from folders; and what is then left to do, from the plan. */

const sweep = { name: 'sweep', type: 'timer', config: '0 */1 * * * * *' };
let root: string;

async function functionFolder(name: string, files: { readonly [file: string]: string }) {
  await mkdir(path.join(root, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(root, name, file), text);
}

const config = (openapi: readonly string[], triggers?: readonly object[]) =>
  JSON.stringify({ permissions: { openapi }, ...(triggers === undefined ? {} : { triggers }) });

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'kefu-plan-'));
  await functionFolder('kefu-receive', {
    'index.js': 'exports.main=()=>store("kefu_pushes")',
    'database.js': "const windows='kefu_windows'",
    'config.json': config(['customerServiceMessage.send']),
  });
  await functionFolder('kefu-outbox', { 'index.js': '`kefu_outbox`', 'config.json': config([], [sweep]) });
  await functionFolder('bare', { 'index.js': '' });
  await functionFolder('broken', { 'index.js': '', 'config.json': '{' });
  await functionFolder('large', {
    'index.js': Array.from({ length: 400_000 }, () => Math.random().toString(36)).join(''),
    'config.json': config([]),
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const entry = (name: string, changes: object = {}): FunctionEntry => ({
  name,
  handler: 'index.main',
  ...changes,
});
const all = ['kefu-receive', 'kefu-outbox', 'bare', 'broken', 'large'].map((name) => entry(name));

async function plan(only: readonly string[], functions: readonly FunctionEntry[] = all) {
  return planFunctions({ rc: { functionRoot: root, functions }, only }).then(
    (planned) => ({ functions: planned, problems: '' }),
    ({ message }: Error) => ({ functions: [], problems: message }),
  );
}

describe('the plan', () => {
  test('has what each folder says of its function', async () => {
    const { functions } = await plan(['kefu-receive', 'kefu-outbox']);
    expect(functions).toMatchObject([
      {
        name: 'kefu-receive',
        folder: path.join(root, 'kefu-receive'),
        permissions: ['customerServiceMessage.send'],
        collections: ['kefu_pushes', 'kefu_windows'],
        triggers: [],
        build: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
      { name: 'kefu-outbox', permissions: [], collections: ['kefu_outbox'], triggers: [sweep] },
    ]);
  });

  test.each([
    ['a folder without an entry', [], all.slice(1), 'the function kefu-receive has no entry'],
    [
      'an entry without a folder',
      [],
      [...all, entry('gone')],
      'gone is not there, so the CLI would skip gone',
    ],
    ['a function without config.json', ['bare'], all, 'bare: config.json is not there'],
    ['a config.json that is none', ['broken'], all, 'broken: config.json is not JSON'],
    [
      'a handler that is not there',
      ['bare'],
      [...all.filter(({ name }) => name !== 'bare'), entry('bare', { handler: 'main.run' })],
      'needs main.js',
    ],
    ['a zip too large', ['large'], all, 'large: its zip is'],
    [
      'two opinions of a timer',
      ['kefu-outbox'],
      [
        ...all.filter(({ name }) => name !== 'kefu-outbox'),
        entry('kefu-outbox', { triggers: [{ ...sweep, config: '0 0 * * * * *' }] }),
      ],
      'name different triggers',
    ],
  ])('is refused for %s', async (_what, only, functions, expected) => {
    expect((await plan(only, functions)).problems).toContain(expected);
  });
});

describe('the checklist', () => {
  const planned = (name: string, changes: Partial<PlannedFunction> = {}): PlannedFunction => ({
    name,
    folder: '/f',
    entry: { name },
    triggers: [],
    permissions: [],
    collections: [],
    variables: [],
    zipBytes: 1,
    build: '0',
    ...changes,
  });
  const text = (functions: readonly PlannedFunction[], permissionsSet = false) =>
    checklist(functions, 'env-1', { permissionsSet, rules: [] })
      .map(({ title, steps }) => [title, ...steps].join('\n'))
      .join('\n');

  test('names each pair of a push, with the function it goes to', () => {
    const lines = text([planned('kefu-receive')]);
    for (const MsgType of ['text', 'image', 'miniprogrampage'])
      expect(lines).toContain(`MsgType ${MsgType}, Event (empty) → env-1 / kefu-receive`);
    expect(lines).toContain('MsgType event, Event user_enter_tempsession → env-1 / kefu-receive');
    // An official account's own pushes are not for a mini program's settings.
    expect(lines).not.toContain('TEMPLATESENDJOBFINISH');
  });

  test('has the addresses of the gateway, the timers and the collections', () => {
    const lines = text([
      planned('kefu-gateway'),
      planned('kefu-outbox', { triggers: [sweep], collections: ['kefu_outbox'] }),
    ]);
    expect(lines).toContain('npx tcb service create -e env-1 -p /wechat -f kefu-gateway');
    expect(lines).toContain('https://<HTTP access domain>/wechat/callback');
    expect(lines).toContain('GATEWAY_URL=https://');
    expect(lines).toContain('kefu-outbox: sweep "0 */1 * * * * *"');
    expect(lines).toContain('kefu_outbox');
    expect(lines).toContain('{"read": false, "write": false}');
    expect(lines).toContain('kefu_outbox: state, dueAt');
    expect(lines).not.toContain('kefu_requests: at');
  });

  test('leaves out what was not deployed, and ends with the wait', () => {
    const lines = text([planned('kefu-send')], true);
    expect(lines).not.toMatch(/push|HTTP|Timers|collections|indexes/i);
    expect(lines).toContain('Wait ten minutes');
    expect(lines).toContain('npm run doctor -- --env env-1');
  });
});
