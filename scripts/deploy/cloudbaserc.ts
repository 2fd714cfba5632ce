import { readFile } from 'node:fs/promises';
import { nearestName } from '../../shared/wechat/fields/suggest';
import { isPlainObject, type PlainObject } from '../../shared/wechat/fields/values';
import { notInOrder } from './command-line';
import { runtimeNames } from './runtimes';

/**
 * What `cloudbaserc.json` may say. @cloudbase/cli reads the keys below and passes over any other in silence: a
 * `memory` for `memorySize` deploys with the default, and nobody is told.
 *
 * Source: @cloudbase/cli 2.12.10, `configToParams`, `updateFunctionConfig` and the commands `fn deploy`, `fn invoke`.
 */

/** A timer of a function. The CLI knows no other trigger. */
export interface Trigger {
  readonly name: string;
  readonly type: string;
  /** Seven fields: second, minute, hour, day, month, weekday, year. The cloud's clock is UTC+8. */
  readonly config: string;
}

/** One function's entry, with `functionDefaultConfig` and a nested `config` already worked in. */
export interface FunctionEntry {
  readonly name: string;
  readonly handler?: string;
  readonly runtime?: string;
  readonly timeout?: number;
  readonly memorySize?: number;
  readonly installDependency?: boolean;
  readonly envVariables?: { readonly [name: string]: string };
  readonly triggers?: readonly Trigger[];
  readonly [key: string]: unknown;
}

export interface Cloudbaserc {
  readonly functionRoot: string;
  readonly region?: string;
  readonly functions: readonly FunctionEntry[];
}

/** What stands behind a key: whether a value will do, and in words what would. */
interface Kind {
  readonly fits: (value: unknown) => boolean;
  readonly words: string;
}

const isInteger = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const kinds = {
  text: { fits: (value) => typeof value === 'string' && value !== '', words: 'a text' },
  flag: { fits: (value) => typeof value === 'boolean', words: 'true or false' },
  object: { fits: isPlainObject, words: 'an object' },
  list: { fits: Array.isArray, words: 'a list' },
  seconds: { fits: (value) => isInteger(value, 1, 900), words: 'a number of seconds from 1 to 900' },
  memory: {
    fits: (value) => isInteger(value, 64, 3072) && (value === 64 || value % 128 === 0),
    words: '64, or a multiple of 128 up to 3072 (MB)',
  },
  runtime: {
    fits: (value) => runtimeNames.some((name) => name === value),
    words: `one of ${runtimeNames.join(', ')}`,
  },
  texts: {
    fits: (value) => isPlainObject(value) && Object.values(value).every((entry) => typeof entry === 'string'),
    words: 'an object of texts',
  },
} as const satisfies Record<string, Kind>;

/** The keys of a function's entry that the CLI reads, with what belongs there. */
export const functionKeys = {
  name: 'text',
  description: 'text',
  dir: 'text',
  handler: 'text',
  runtime: 'runtime',
  type: 'text',
  memorySize: 'memory',
  timeout: 'seconds',
  initTimeout: 'seconds',
  installDependency: 'flag',
  isWaitInstall: 'flag',
  ignore: 'list',
  envVariables: 'texts',
  triggers: 'list',
  path: 'text',
  params: 'object',
  vpc: 'object',
  layers: 'list',
  role: 'text',
  tags: 'list',
  clsLogsetId: 'text',
  clsTopicId: 'text',
  autoCreateClsTopic: 'flag',
  autoDeployClsTopicIndex: 'flag',
  ignoreSysLog: 'flag',
  publicNetConfig: 'object',
  intranetConfig: 'object',
  cfsConfig: 'object',
  deadLetterConfig: 'object',
  asyncRunEnable: 'flag',
  traceEnable: 'flag',
  dnsCache: 'flag',
  l5: 'flag',
  publish: 'flag',
  codeSecret: 'text',
  protocolType: 'text',
  protocolParams: 'object',
  instanceConcurrencyConfig: 'object',
  imageConfig: 'object',
} as const satisfies Record<string, keyof typeof kinds>;

const triggerKeys = { name: 'text', type: 'text', config: 'text' } as const satisfies Record<
  string,
  keyof typeof kinds
>;

const rootKeys: readonly string[] = [
  '$schema',
  'version',
  'envId',
  'region',
  'functionRoot',
  'functionDefaultConfig',
  'functions',
];

/** What is wrong with a `cloudbaserc.json`, a line each; none where all is well. */
export function checkCloudbaserc(rc: unknown): string[] {
  if (!isPlainObject(rc)) return ['must be an object'];
  const problems = unknownKeys(rc, rootKeys, '');
  if (typeof rc['envId'] !== 'string' || rc['envId'] === '') {
    problems.push('envId is missing; "{{env.ENV_ID}}" takes the environment from --env');
  }
  if (typeof rc['functionRoot'] !== 'string' || rc['functionRoot'] === '') {
    problems.push('functionRoot is missing; the CLI would look in ./functions');
  }
  if (rc['functionDefaultConfig'] !== undefined)
    problems.push(...checkFields(rc['functionDefaultConfig'], functionKeys, 'functionDefaultConfig'));
  if (!Array.isArray(rc['functions']) || rc['functions'].length === 0) {
    problems.push('functions must be a list with an entry for each function');
    return problems;
  }
  for (const [index, entry] of rc['functions'].entries()) {
    const name = isPlainObject(entry) && typeof entry['name'] === 'string' ? ` (${entry['name']})` : '';
    problems.push(...checkEntry(entry, `functions[${index}]${name}`));
  }
  const entries = normalize(rc);
  problems.push(...entries.flatMap((entry) => checkWhole(entry)));
  const names = entries.map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
    problems.push(`functions has ${name} twice`);
  return problems;
}

function checkEntry(entry: unknown, at: string): string[] {
  if (!isPlainObject(entry)) return [`${at} must be an object`];
  const { config, ...rest } = entry;
  const problems = checkFields(rest, functionKeys, at);
  // An older form that the CLI still flattens.
  if (config !== undefined) problems.push(...checkFields(config, functionKeys, `${at}.config`));
  if (typeof entry['name'] !== 'string') problems.push(`${at}.name is missing`);
  for (const [index, trigger] of listOf(entry['triggers']).entries())
    problems.push(...checkTrigger(trigger, `${at}.triggers[${index}]`));
  return problems;
}

/** A trigger of `cloudbaserc.json` or of a `config.json`. */
export function checkTrigger(trigger: unknown, at: string): string[] {
  const problems = checkFields(trigger, triggerKeys, at);
  if (problems.length > 0 || !isPlainObject(trigger)) return problems;
  for (const key of Object.keys(triggerKeys))
    if (trigger[key] === undefined) problems.push(`${at}.${key} is missing`);
  if (trigger['type'] !== 'timer') problems.push(`${at}.type must be timer; the CLI sets no other trigger`);
  if (String(trigger['config']).trim().split(/\s+/).length !== 7)
    problems.push(
      `${at}.config must have seven fields: second, minute, hour, day, month, weekday, year ("0 */1 * * * * *")`,
    );
  return problems;
}

/** What a function of this project needs, once defaults are worked in. */
function checkWhole(entry: FunctionEntry): string[] {
  const at = `functions (${entry.name})`;
  const problems: string[] = [];
  if (entry.installDependency !== false)
    problems.push(`${at}.installDependency must be false: a built function carries all it needs`);
  for (const key of ['handler', 'runtime', 'timeout', 'memorySize'] as const)
    if (entry[key] === undefined)
      problems.push(`${at}.${key} is missing; the CLI would take a default of its own`);
  return problems;
}

function checkFields(
  value: unknown,
  known: { readonly [key: string]: keyof typeof kinds },
  at: string,
): string[] {
  if (!isPlainObject(value)) return [`${at} must be an object`];
  const problems = unknownKeys(value, Object.keys(known), `${at}.`);
  for (const [key, entry] of Object.entries(value)) {
    const kind = Object.hasOwn(known, key) ? known[key] : undefined;
    if (kind !== undefined && !kinds[kind].fits(entry))
      problems.push(`${at}.${key} must be ${kinds[kind].words}`);
  }
  return problems;
}

function unknownKeys(value: PlainObject, known: readonly string[], at: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const near = nearestName(key, known);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return `${at}${key}: the CLI does not read this key${hint}`;
    });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The entries as the CLI sees them: `config` wins over its surroundings, both win over the default. */
function normalize(rc: PlainObject): FunctionEntry[] {
  const defaults = isPlainObject(rc['functionDefaultConfig']) ? rc['functionDefaultConfig'] : {};
  return listOf(rc['functions'])
    .filter(isPlainObject)
    .map((entry) => {
      const { config, ...own } = entry;
      return { ...defaults, ...own, ...(isPlainObject(config) ? config : {}) } as unknown as FunctionEntry;
    });
}

/** Reads a `cloudbaserc.json`, and stops where it is not in order. */
export async function readCloudbaserc(file: string): Promise<Cloudbaserc> {
  const rc: unknown = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch(({ message }: Error) => {
      throw notInOrder(`${file} is`, [message]);
    });
  const problems = checkCloudbaserc(rc);
  if (problems.length > 0 || !isPlainObject(rc)) throw notInOrder(`${file} is`, problems);
  const { region, functionRoot } = rc;
  return {
    functionRoot: String(functionRoot),
    functions: normalize(rc),
    ...(typeof region === 'string' ? { region } : {}),
  };
}
