import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CollectionRule,
  closeCollections,
  readRules,
  ruleLine,
  ruleSteps,
} from '../../scripts/deploy/cloud/collection-rules';
import { diagnose } from '../../scripts/deploy/diagnosis';
import { collectionNames } from '../../shared/core/collections';
import { type CloudApiDouble, createCloudApiDouble } from './cloud-api-double';

/** Who may read and write the functions' collections: what the deploy sets, and what the doctor finds. */

const envId = 'kefu-test-1a2b3c';
const env = { EnvId: envId, Databases: [{ InstanceId: 'tnt-1' }] };
const login = { secretId: 'AKIDtest', secretKey: 'key', token: '' };

let double: CloudApiDouble;
beforeAll(async () => {
  double = await createCloudApiDouble(envId);
});
afterAll(async () => {
  await double.close();
});
beforeEach(() => double.clear());

const api = () => ({ login, region: 'ap-shanghai', environment: double.environment });
const kinds = (rules: readonly CollectionRule[]) => [...new Set(rules.map(({ state }) => state.kind))];

describe('the deploy', () => {
  test('makes every collection and closes it before anything is in it', async () => {
    const lines: string[] = [];
    const rules = await closeCollections(env, api(), (line) => lines.push(line));
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
    const rules = await closeCollections(env, api(), (line) => lines.push(line));
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
      const rules = await closeCollections(env, api(), () => undefined);
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
    const rules = await readRules(envId, { ...api(), environment });
    expect(rules[0]?.state).toMatchObject({ kind: 'unknown', why: expect.stringContaining('no answer') });
  });
});
