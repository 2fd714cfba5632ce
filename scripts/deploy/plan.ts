import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import type { FunctionRow } from '../../shared/core/define-function';
import { type VariableName, variableNames, variablesOf } from '../../shared/core/settings';
import { nearestName } from '../../shared/wechat/fields/suggest';
import { type Cloudbaserc, checkTrigger, type FunctionEntry, type Trigger } from './cloudbaserc';
import { notInOrder } from './command-line';

/** A function as it will be uploaded: what the folder, its `config.json` and `cloudbaserc.json` say of it. */
export interface PlannedFunction {
  readonly name: string;
  /** Where its built folder is, absolute. */
  readonly folder: string;
  readonly entry: FunctionEntry;
  /** Of `cloudbaserc.json`, or else of `config.json`, which only WeChat DevTools reads. */
  readonly triggers: readonly Trigger[];
  /** `permissions.openapi` of `config.json`. */
  readonly permissions: readonly string[];
  /** The database collections that its code names. */
  readonly collections: readonly string[];
  /** The variables that it needs, as it says itself; all where it says nothing. It is given those and no others. */
  readonly variables: readonly VariableName[];
  /** What its zip will be, to within a few hundred bytes. */
  readonly zipBytes: number;
  /** Tells one build from another; a running function answers the same. */
  readonly build: string;
}

/** The variables that a function is given: its entry's own, and of those set here the ones that it needs. */
export function variablesFor(
  { entry, variables }: PlannedFunction,
  values: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const needed = Object.entries(values).filter(([name]) => variables.some((variable) => variable === name));
  return { ...entry.envVariables, ...Object.fromEntries(needed) };
}

/** A setting that the cloud has otherwise than `cloudbaserc.json`. */
export interface Difference {
  readonly key: string;
  readonly online: unknown;
  readonly here: unknown;
}

/** Where the cloud holds a function otherwise than its entry has it. */
export function differences(
  entry: FunctionEntry,
  online: { readonly [key in (typeof compared)[number]]?: unknown },
): Difference[] {
  return compared
    .filter((key) => online[key] !== entry[key])
    .map((key) => ({ key, online: online[key], here: entry[key] }));
}

const compared = ['timeout', 'memorySize', 'handler', 'runtime'] as const;

/** The largest zip that goes up in the request itself; anything larger needs another way of uploading. */
const mostZipBytes = 1.5 * 1024 * 1024;

/** What a zip adds to each file: its two headers. */
const zipOverheadBytes = 150;

interface PlanOptions {
  readonly rc: Cloudbaserc;
  /** The names to deploy; all where it is empty. */
  readonly only: readonly string[];
  /** Whether the folder holds more than ours: then what has no entry is left alone. */
  readonly mixed?: boolean;
}

/** Looks at what there is to deploy, and stops where something is not in order. Reads only. */
export async function planFunctions({
  rc,
  only,
  mixed = false,
}: PlanOptions): Promise<readonly PlannedFunction[]> {
  const folders = await folderNames(rc.functionRoot);
  const entries = rc.functions.map(({ name }) => name);
  const unknown = only.filter((name) => !entries.includes(name));
  refuse(unknown.map((name) => unknownFunction(name, entries)));
  refuse([
    ...folders
      .filter((name) => !mixed && !entries.includes(name))
      .map((name) => `the function ${name} has no entry in cloudbaserc.json, so the CLI would leave it out`),
    ...entries
      .filter((name) => !folders.includes(name))
      .map(
        (name) => `${rc.functionRoot}/${name} is not there, so the CLI would skip ${name}: build it first`,
      ),
  ]);

  const chosen = rc.functions.filter(({ name }) => only.length === 0 || only.includes(name));
  const planned = await Promise.all(chosen.map((entry) => planOne(rc.functionRoot, entry)));
  refuse(planned.flatMap(({ problems }) => problems));
  return planned.map(({ planned }) => planned);
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw notInOrder('The functions are', problems);
}

function unknownFunction(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `there is no function ${name}${near === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${near}?`}`;
}

async function folderNames(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function planOne(
  root: string,
  entry: FunctionEntry,
): Promise<{ readonly planned: PlannedFunction; readonly problems: readonly string[] }> {
  const { name } = entry;
  const folder = path.resolve(root, name);
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(names.map((file) => readFile(path.join(folder, file))));
  const file = (wanted: string) => files[names.indexOf(wanted)];

  const problems: string[] = [];
  const code = `${String(entry.handler).split('.')[0]}.js`;
  if (file(code) === undefined)
    problems.push(`${name}: the handler ${entry.handler} needs ${code}, which is not there`);
  const { permissions, triggers: own, problem } = readConfig(file('config.json'));
  if (problem !== undefined) problems.push(`${name}: config.json ${problem}`);
  for (const [index, trigger] of own.entries())
    problems.push(...checkTrigger(trigger, `${name}: config.json triggers[${index}]`));
  if (entry.triggers !== undefined && own.length > 0 && !isDeepStrictEqual(entry.triggers, own))
    problems.push(`${name}: cloudbaserc.json and config.json name different triggers`);
  const zipBytes = files.reduce((sum, bytes) => sum + deflateRawSync(bytes).length + zipOverheadBytes, 0);
  if (zipBytes > mostZipBytes)
    problems.push(`${name}: its zip is ${zipBytes} bytes; at most ${mostZipBytes} go up`);

  const planned: PlannedFunction = {
    name,
    folder,
    entry,
    triggers: entry.triggers ?? own,
    permissions,
    collections: collectionsIn(Buffer.concat(files).toString('utf8')),
    variables: variablesNeeded(path.join(folder, code)),
    zipBytes,
    build: buildOf(names, files),
  };
  return { planned, problems };
}

/** Reads what a built function says of itself: `main.row`. */
function variablesNeeded(file: string): readonly VariableName[] {
  try {
    const { main } = createRequire(file)(file) as { main?: { row?: FunctionRow } };
    return main?.row === undefined ? variableNames : variablesOf(main.row);
  } catch {
    return variableNames;
  }
}

interface ReadConfig {
  readonly permissions: readonly string[];
  readonly triggers: readonly Trigger[];
  readonly problem?: string;
}

function readConfig(bytes: Buffer | undefined): ReadConfig {
  const none = { permissions: [], triggers: [] };
  if (bytes === undefined)
    return { ...none, problem: 'is not there; every open API would be refused (-604101)' };
  try {
    const { permissions, triggers } = JSON.parse(bytes.toString('utf8')) as {
      permissions?: { openapi?: readonly string[] };
      triggers?: readonly Trigger[];
    };
    return { permissions: permissions?.openapi ?? [], triggers: triggers ?? [] };
  } catch {
    return { ...none, problem: 'is not JSON' };
  }
}

/** The collections stand in the code as plain texts. */
function collectionsIn(code: string): string[] {
  const found = [...code.matchAll(/["'`](kefu_[a-z0-9_]+)["'`]/g)].map(([, name = '']) => name);
  return [...new Set(found)].sort();
}

/** A short name for a build, of all its JavaScript. The self-check makes the same of what runs. */
function buildOf(names: readonly string[], files: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const [index, name] of names.entries()) if (name.endsWith('.js')) hash.update(files[index] ?? '');
  return hash.digest('hex').slice(0, 12);
}

const daysAMonth = 30;

/** How many values of a field of a timer apply; `undefined` where it is written in another way than is counted here. */
function valuesIn(field: string, range: number): number | undefined {
  if (field === '*') return range;
  const step = /^\*\/([1-9]\d*)$/.exec(field)?.[1];
  if (step !== undefined) return Math.ceil(range / Number(step));
  return /^\d+(?:,\d+)*$/.test(field) ? field.split(',').length : undefined;
}

/**
 * How often a timer of seven fields runs in a month of thirty days; `undefined` where it names days, or is written with
 * ranges.
 */
export function runsAMonth(config: string): number | undefined {
  const [second = '', minute = '', hour = '', ...days] = config.trim().split(/\s+/);
  if (days.some((field) => field !== '*')) return undefined;
  const counts = [valuesIn(second, 60), valuesIn(minute, 60), valuesIn(hour, 24)];
  return counts.reduce<number | undefined>(
    (runs, count) => (runs === undefined || count === undefined ? undefined : runs * count),
    daysAMonth,
  );
}

const answerer = 'kefu-answer';

/** The functions with the timers that have something to do: that of `kefu-answer` only where a rule leaves it an answer. */
export function withNeededTimers(
  functions: readonly PlannedFunction[],
  leavesAnswers: boolean,
): readonly PlannedFunction[] {
  return functions.map((planned) => {
    if (planned.name !== answerer || leavesAnswers) return planned;
    const { triggers: _triggers, ...entry } = planned.entry;
    return { ...planned, entry, triggers: [] };
  });
}
