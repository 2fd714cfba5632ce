import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findCli, readLogin, readOnline } from '../../scripts/deploy/cloudbase-cli';
import { sign } from '../../scripts/deploy/database/cloud-api';
import {
  type CollectionRule,
  closeCollections,
  readRules,
  ruleLine,
  ruleSteps,
} from '../../scripts/deploy/database/collection-rules';
import { diagnose } from '../../scripts/deploy/diagnosis';
import { collectionNames } from '../../shared/core/collections';
import { type CloudApiDouble, createCloudApiDouble } from './cloud-api-double';

/** Who may read and write the functions' collections: what the deploy sets, and what the doctor finds. */

const envId = 'kefu-test-1a2b3c';
const login = { secretId: 'AKIDtest', secretKey: 'key', token: '' };

let double: CloudApiDouble;
let folder: string;
beforeAll(async () => {
  double = await createCloudApiDouble(envId);
  folder = await mkdtemp(path.join(tmpdir(), 'kefu-rules-'));
});
afterAll(async () => {
  await double.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => double.clear());

const api = () => ({ login, environment: double.environment });
const kinds = (rules: readonly CollectionRule[]) => [...new Set(rules.map(({ state }) => state.kind))];

/** Leaves a login where the CLI keeps it. */
async function keepLogin(credential: object): Promise<{ readonly XDG_CONFIG_HOME: string }> {
  const place = path.join(folder, '.config', '.cloudbase');
  await mkdir(place, { recursive: true });
  await writeFile(path.join(place, 'auth.json'), JSON.stringify({ credential }));
  return { XDG_CONFIG_HOME: path.join(folder, '.config') };
}

describe('the deploy', () => {
  test('makes every collection and closes it before anything is in it', async () => {
    const lines: string[] = [];
    const rules = await closeCollections(envId, api(), (line) => lines.push(line));
    expect(rules.map(({ name }) => name)).toEqual(collectionNames);
    expect(kinds(rules)).toEqual(['closed']);
    expect([...double.collections].sort()).toEqual(collectionNames.map((name) => [name, 'ADMINONLY']).sort());
    expect(lines).toContain('  kefu_outbox: made, closed');
    expect(ruleLine(rules)).toBe(`Collections: ${collectionNames.length} closed`);
    expect(ruleSteps(rules)).toEqual([]);
  });

  test('closes what is open, says under which rule it was, and leaves what is closed alone', async () => {
    for (const name of collectionNames) double.collections.set(name, 'ADMINONLY');
    double.collections.set('kefu_outbox', 'PRIVATE');
    double.collections.set('kefu_media', 'CUSTOM{"read": true, "write": false}');
    double.collections.set('kefu_tokens', 'CUSTOM{"read": false, "write": false}');
    double.collections.set('somebody_elses', 'READONLY');
    const lines: string[] = [];
    const rules = await closeCollections(envId, api(), (line) => lines.push(line));
    expect(kinds(rules)).toEqual(['closed']);
    expect(lines.sort()).toEqual([
      '  kefu_media: was CUSTOM, now closed',
      '  kefu_outbox: was PRIVATE, now closed',
    ]);
    const changed = double.requests.filter(({ action }) => /Modify|Create/.test(action));
    expect(changed).toHaveLength(2);
    expect(double.collections.get('somebody_elses')).toBe('READONLY');
  });

  test.each(['DescribeDatabaseACL', 'ModifyDatabaseACL'])(
    'says what to click, in both languages, where %s is refused',
    async (action) => {
      double.errors.set(action, { Code: 'UnauthorizedOperation', Message: 'secretSeen' });
      const rules = await closeCollections(envId, api(), () => undefined);
      expect(kinds(rules)).toEqual(['unknown']);
      expect(ruleLine(rules)).toBe(`Collections: ${collectionNames.length} unknown (UnauthorizedOperation)`);
      const [english = '', chinese = ''] = ruleSteps(rules);
      for (const name of collectionNames) {
        expect(english).toContain(name);
        expect(chinese).toContain(name);
      }
      expect(english).toContain('Data permissions');
      expect(chinese).toContain('数据权限 → 选“所有用户不可读写”');
    },
  );
});

describe('the doctor', () => {
  test('finds what is open, not there, or under a rule of its own, and changes nothing', async () => {
    for (const name of collectionNames) double.collections.set(name, 'ADMINONLY');
    double.collections.delete('kefu_notices');
    double.collections.set('kefu_outbox', 'PRIVATE');
    double.collections.set('kefu_tokens', 'CUSTOM{"read": false, "write": false}');
    const rules = await readRules(envId, api());
    const stateOf = (wanted: string) => rules.find(({ name }) => name === wanted)?.state;
    expect(stateOf('kefu_outbox')).toEqual({ kind: 'open', tag: 'PRIVATE' });
    expect(stateOf('kefu_notices')).toEqual({ kind: 'absent' });
    expect(stateOf('kefu_tokens')).toEqual({ kind: 'closed' });
    expect(ruleLine(rules)).toContain('1 OPEN (PRIVATE)');
    expect(ruleSteps(rules)[0]).toMatch(/^kefu_outbox, kefu_notices: in the console/);
    expect(double.requests.map(({ action }) => action)).not.toContain('ModifyDatabaseACL');

    const findings = diagnose([], [], 0, rules);
    expect(findings).toMatchObject({ well: false, collections: rules });
    expect(findings.todo).toEqual(ruleSteps(rules));
  });

  test('calls none ill of which it only could not ask', () => {
    const unknown = collectionNames.map((name) => ({ name, state: { kind: 'unknown', why: 'x' } }) as const);
    expect(diagnose([], [], 0, unknown).well).toBe(true);
    expect(diagnose([], [], 0).collections).toBeUndefined();
  });

  test('is told by a cloud that is out of reach, or answers something else, in a word', async () => {
    const environment = { TENCENTCLOUD_API_URL: 'http://127.0.0.1:9' };
    const rules = await readRules(envId, { login, environment });
    expect(rules[0]?.state).toMatchObject({ kind: 'unknown', why: expect.stringContaining('no answer') });
  });
});

describe('what calls are signed with', () => {
  test('is what the CLI keeps: a key of one’s own, or what a browser’s login lends', async () => {
    expect(await readLogin(await keepLogin({ secretId: 'a', secretKey: 'b' }))).toEqual({
      secretId: 'a',
      secretKey: 'b',
      token: '',
    });
    const lent = { tmpSecretId: 'a', tmpSecretKey: 'b', tmpToken: 'c' };
    expect(await readLogin(await keepLogin(lent))).toEqual({ secretId: 'a', secretKey: 'b', token: 'c' });
    expect(await readLogin(await keepLogin({}))).toBeUndefined();
    expect(await readLogin({ XDG_CONFIG_HOME: path.join(folder, 'none') })).toBeUndefined();
  });

  test('signs as the real CLI signs', async () => {
    const kept = await keepLogin({ secretId: login.secretId, secretKey: login.secretKey });
    const cli = findCli();
    if (cli === undefined) throw new Error('the CLI is not installed');
    const environment = { PATH: process.env['PATH'], HOME: folder, ...kept, ...double.environment };
    await readOnline([], envId, { ...cli, environment, configFile: 'cloudbaserc.json' });
    const signed = double.requests.filter(({ authorization }) =>
      authorization.includes('content-type;host,'),
    );
    expect(signed.length).toBeGreaterThan(0);
    for (const { host, type, text, timestamp: now, authorization } of signed) {
      const [service = ''] = host.split('.');
      expect(sign({ service, host, type, text, now }, login)).toBe(authorization);
    }
  }, 180_000);
});
