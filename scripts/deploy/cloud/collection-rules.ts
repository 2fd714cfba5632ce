import { type CollectionName, collectionNames } from '../../../shared/core/collections';
import { parseObject } from '../request';
import { type Asked, type CloudApi, callCloud } from './cloud-api';
import { askEach, type CloudEnvironment } from './questions';

/**
 * Who may read and write the functions' collections: nobody but the functions. A collection that is made by its first
 * document lets every client add documents of its own, so they are made here, and closed before anything is in them.
 */

/** The tag of a collection that is open to nobody but functions and the console. */
const closedTag = 'ADMINONLY';

/** How a collection stands: closed, open under the rule that is named, not made yet, or nobody could say, and why. */
export type RuleState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly tag: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface CollectionRule {
  readonly name: CollectionName;
  readonly state: RuleState;
}

/** How all collections of the functions stand. */
export function readRules(envId: string, api: CloudApi): Promise<readonly CollectionRule[]> {
  return forEach((name) => readRule(name, envId, api));
}

/** Makes what is not there, closes what is open, and reads it back. */
export async function closeCollections(
  { EnvId: envId, Databases }: CloudEnvironment,
  api: CloudApi,
  print: (line: string) => void,
): Promise<readonly CollectionRule[]> {
  const tag = Databases?.[0]?.InstanceId;
  return forEach(async (name) => {
    const before = await readRule(name, envId, api);
    if (before.kind === 'closed' || before.kind === 'unknown') return before;
    if (before.kind === 'absent' && tag !== undefined)
      await callCloud('flexdb', 'CreateTable', { Tag: tag, TableName: name }, api);
    const closing = { EnvId: envId, CollectionName: name, AclTag: closedTag };
    const closed = await callCloud('tcb', 'ModifyDatabaseACL', closing, api);
    if (!closed.ok) return { kind: 'unknown', why: closed.why };
    print(`  ${name}: ${before.kind === 'open' ? `was ${before.tag}, now` : 'made,'} closed`);
    return readRule(name, envId, api);
  });
}

function forEach(work: (name: CollectionName) => Promise<RuleState>): Promise<readonly CollectionRule[]> {
  return askEach(collectionNames, async (name) => ({ name, state: await work(name) }));
}

async function readRule(name: CollectionName, envId: string, api: CloudApi): Promise<RuleState> {
  const which = { EnvId: envId, CollectionName: name };
  const asked = await callCloud('tcb', 'DescribeDatabaseACL', which, api);
  if (!asked.ok) return isAbsent(asked) ? { kind: 'absent' } : { kind: 'unknown', why: asked.why };
  const tag = String(asked.value['AclTag'] ?? '');
  if (tag === closedTag) return { kind: 'closed' };
  if (tag !== 'CUSTOM') return tag === '' ? { kind: 'absent' } : { kind: 'open', tag };
  const ruled = await callCloud('tcb', 'DescribeSafeRule', which, api);
  if (!ruled.ok) return { kind: 'unknown', why: ruled.why };
  return isClosing(String(ruled.value['Rule'])) ? { kind: 'closed' } : { kind: 'open', tag };
}

/** Whether a refusal says that there is no such collection: the codes of `ResourceNotFound`, and `…NotExist`. */
function isAbsent(asked: Asked<unknown>): boolean {
  return !asked.ok && /NotFound|NotExist/i.test(asked.why);
}

/** Whether a rule of one's own lets nobody read and write. */
function isClosing(rule: string): boolean {
  const { read, write } = parseObject(rule) ?? {};
  return read === false && write === false;
}

/** What a person clicks, in both languages, for collections that are not known to be closed; nothing where all are. */
export function ruleSteps(rules: readonly CollectionRule[]): string[] {
  const open = rules.filter(({ state }) => state.kind !== 'closed');
  if (open.length === 0) return [];
  const names = open.map(({ name }) => name).join(', ');
  return [
    `${names}: in the console, Database, the collection (make it where it is not there), Data permissions, "no user may read or write", or the custom rule {"read": false, "write": false}.`,
    `${names}：云开发控制台 → 数据库 → 该集合（没有就先新建）→ 数据权限 → 选“所有用户不可读写”，或自定义安全规则 {"read": false, "write": false}。`,
  ];
}

/** How the collections stand, in a line. */
export function ruleLine(rules: readonly CollectionRule[]): string {
  const words = rules.map(({ state }) => {
    if (state.kind === 'open') return `OPEN (${state.tag})`;
    return state.kind === 'unknown' ? `unknown (${state.why})` : state.kind;
  });
  const counts = [...new Set(words)].map((word) => `${words.filter((each) => each === word).length} ${word}`);
  return `Collections: ${counts.join(', ')}`;
}
