import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { exampleRules } from '../shared/functions/receive/example-rules';
import { renderRules } from '../shared/functions/receive/render-rules';
import { rules } from '../shared/rules';
import { buildFunctions, functionsRoot, hasExample } from './build-functions';
import { checklist } from './deploy/checklist';
import {
  type CliOptions,
  deployAll,
  findCli,
  hasLogin,
  type OnlineFunction,
  pullOnline,
  readOnline,
} from './deploy/cloudbase-cli';
import { type Cloudbaserc, readCloudbaserc } from './deploy/cloudbaserc';
import { checkEnvId, readNames, refuseOptions, renderTable } from './deploy/command-line';
import { applyPermissions } from './deploy/permissions';
import { type PlannedFunction, planFunctions } from './deploy/plan';
import { type Environment, notSet, readVariables } from './deploy/variables';

const usage = `Builds the functions and uploads them to a cloud environment with the pinned @cloudbase/cli.

  npm run deploy -- --env <id> [options]

  --env <id>          the environment (or ENV_ID)
  --only <a,b>        these functions only
  --dry-run           show what would be uploaded and then be left to do, and stop before the CLI
  --yes               do not ask
  --no-build          use what is built already
  --config <file>     another cloudbaserc.json
  --help              this text

Variables of the functions come from the environment, .env.<id> and .env, in this order. They are shown by name only.
WECHAT_DEVTOOLS_CLI names the command line of WeChat DevTools where it is in no usual place; WECHAT_ACCESS_TOKEN is a
token that may set permissions. docs/deploy.md goes through all of it.`;

/** The end of a run: all well, something failed, or the command was not understood. */
const exits = { done: 0, failed: 1, misused: 2 } as const;

/** What the script needs of the world, so that a test can be the one who answers. */
export interface Terminal {
  readonly environment: Environment;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Asks for a yes; `undefined` where nobody can answer. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

export async function main(args: string[], terminal: Terminal = processTerminal()): Promise<number> {
  const { print, printError, environment } = terminal;
  const fail = (problems: readonly string[], about = ''): number => {
    if (about !== '') printError(about);
    for (const problem of problems) printError(about === '' ? problem : `  ${problem}`);
    return exits.misused;
  };
  const options = readOptions(args);
  if (typeof options === 'string') return fail([options]);
  if (options.help) {
    print(usage);
    return exits.done;
  }
  const envId = options.env ?? environment['ENV_ID'];
  const wrongEnv = checkEnvId(envId, 'deploy');
  if (wrongEnv !== undefined || envId === undefined) return fail([wrongEnv ?? '']);

  const read = await readCloudbaserc(options.config);
  if (!read.ok) return fail(read.problems, `${options.config} is not in order:`);
  const { rc } = read;
  if (options.build) {
    if (path.normalize(rc.functionRoot) !== path.normalize(functionsRoot))
      return fail([
        `functionRoot is ${rc.functionRoot}; the build goes to ${functionsRoot} (--no-build leaves it out)`,
      ]);
    await buildFunctions();
  }
  const planned = await planFunctions({ rc, only: options.only });
  if (!planned.ok) return fail(planned.problems, 'The functions are not in order:');
  const variables = await readVariables(envId, environment);
  if (!variables.ok) return fail([variables.problem]);

  const { functions } = planned;
  print(showPlan(functions, envId, variables.values, variables.files, rc.functionRoot));
  if (options.dryRun) {
    print('\nA deploy would leave to do, in the console and in WeChat DevTools:');
    print(renderChecklist(checklist(functions, envId, false)));
    print('\nA dry run: nothing was uploaded.');
    return exits.done;
  }
  return upload({ envId, rc, functions, values: variables.values, yes: options.yes }, terminal);
}

interface Options {
  readonly env: string | undefined;
  readonly only: readonly string[];
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly build: boolean;
  readonly config: string;
  readonly help: boolean;
}

const optionTypes = {
  env: { type: 'string' },
  only: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  build: { type: 'boolean', default: true },
  config: { type: 'string', default: 'cloudbaserc.json' },
  help: { type: 'boolean' },
} as const;

export const optionNames: readonly string[] = Object.keys(optionTypes);

/** Reads the options, or says which one is not one. */
function readOptions(args: string[]): Options | string {
  const refused = refuseOptions(args, optionNames);
  if (refused !== undefined) return refused;
  try {
    const { values } = parseArgs({ args, allowNegative: true, options: optionTypes });
    return {
      env: values.env,
      only: readNames(values.only),
      dryRun: values['dry-run'] === true,
      yes: values.yes === true,
      build: values.build,
      config: values.config,
      help: values.help === true,
    };
  } catch (error) {
    return error instanceof Error ? error.message : 'the options cannot be read';
  }
}

/** What would go up, in words and without values. */
function showPlan(
  functions: readonly PlannedFunction[],
  envId: string,
  values: { readonly [name: string]: string },
  files: readonly string[],
  root: string,
): string {
  const rows = functions.map(({ name, zipBytes, entry, triggers }) => [
    name,
    `${Math.ceil(zipBytes / 1024)} KB`,
    String(entry.runtime),
    `${entry.timeout} s`,
    `${entry.memorySize} MB`,
    triggers.map((trigger) => `${trigger.name} "${trigger.config}"`).join(', ') || '—',
  ]);
  const names = Object.keys(values);
  const own = functions.flatMap(({ entry }) => Object.keys(entry.envVariables ?? {}));
  const source =
    files.length === 0 ? 'the environment' : `the environment, ${[...files].reverse().join(', ')}`;
  return [
    `To the environment ${envId}:`,
    '',
    renderTable(['function', 'zip', 'runtime', 'timeout', 'memory', 'timers'], rows),
    '',
    'Permissions to call WeChat:',
    ...functions.map(({ name, permissions }) => `  ${name}: ${permissions.join(', ') || 'none'}`),
    '',
    ...showRules(hasExample(root)),
    '',
    names.length === 0
      ? 'Variables: none are set here, so the CLI leaves those online as they are.'
      : `Variables (from ${source}): ${[...new Set([...names, ...own])].join(', ')}`,
    `Not set here: ${notSet(values).join(', ') || 'none'}`,
    ...(names.length === 0
      ? []
      : [
          'Each function is given those that it needs; the CLI replaces ALL its variables online by them:',
          ...functions.map(
            (planned) =>
              `  ${planned.name}: ${Object.keys(variablesFor(planned, values)).join(', ') || 'none'}`,
          ),
        ]),
  ].join('\n');
}

/** What users will be answered, a line for each rule of what is built. */
function showRules(isExample: boolean): string[] {
  const lines = renderRules(isExample ? exampleRules : rules).map((line) => `  ${line}`);
  return isExample
    ? ['WARNING: what is built has the EXAMPLE’s rules; without --no-build it has yours:', ...lines]
    : ['What users will be answered (shared/rules.ts):', ...lines];
}

interface Upload {
  readonly envId: string;
  readonly rc: Cloudbaserc;
  readonly functions: readonly PlannedFunction[];
  readonly values: { readonly [name: string]: string };
  readonly yes: boolean;
}

async function upload(job: Upload, terminal: Terminal): Promise<number> {
  const { envId, functions } = job;
  const { print, printError, environment, ask } = terminal;
  const cli = findCli();
  if (cli === undefined) {
    printError('@cloudbase/cli is not installed: npm install');
    return exits.failed;
  }
  if (!job.yes && ask === undefined) {
    printError('\nNobody is here to say yes. Look at the plan above, then run it again with --yes.');
    return exits.misused;
  }
  if (!(await hasLogin(environment))) {
    printError('\nNobody has logged in to the cloud here: npx tcb login');
    printError('(without a browser: npx tcb login --apiKeyId <SecretId> --apiKey <SecretKey>)');
    return exits.failed;
  }

  return withTemporaryConfig(job, async (configFile) => {
    const options: CliOptions = { bin: cli.bin, environment, configFile };
    const names = functions.map(({ name }) => name);
    const online = await readOnline(names, envId, options);
    if (!online.ok) {
      printError(`\nThe cloud could not be asked what is deployed: ${online.why}`);
      printError('Is the login still good, and the environment yours? npx tcb login; npx tcb env list');
      return exits.failed;
    }
    for (const line of comparison(job, online.value)) print(line);
    if (!job.yes && !(await ask?.(`\nUpload ${names.join(', ')} to ${envId}? (y/N) `))) {
      print('Nothing was uploaded.');
      return exits.done;
    }

    print(`\n@cloudbase/cli ${cli.version}:`);
    const uploaded = await deployAll(names.length, envId, {
      ...options,
      show: { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
    });
    if (!uploaded.ok) {
      printError(`\nNot everything was deployed: ${uploaded.why}`);
      printError('What the CLI said stands above. The same command again is safe.');
      return exits.failed;
    }
    const differences = await verify(job, options);
    for (const line of differences) printError(line);

    print('');
    const permissionsSet = await applyPermissions({
      envId,
      functions: functions.filter(({ permissions }) => permissions.length > 0),
      environment,
      print,
    });
    print('\nLeft to do, in the console and in WeChat DevTools:');
    print(renderChecklist(checklist(functions, envId, permissionsSet)));
    return differences.length === 0 ? exits.done : exits.failed;
  });
}

/** The variables that a function is given: its entry's own, and of those set here the ones that it needs. */
function variablesFor({ entry, variables }: PlannedFunction, values: Upload['values']) {
  const needed = Object.entries(values).filter(([name]) => variables.some((variable) => variable === name));
  return { ...entry.envVariables, ...Object.fromEntries(needed) };
}

function renderChecklist(items: ReturnType<typeof checklist>): string {
  return items
    .map(({ title, steps }) => [`  [ ] ${title}`, ...steps.map((step) => `      ${step}`)].join('\n'))
    .join('\n');
}

/** What this deploy changes, and what it takes away. */
function comparison({ functions, values }: Upload, online: readonly OnlineFunction[]): string[] {
  const isNew = functions
    .filter(({ name }) => online.every((row) => row.name !== name))
    .map(({ name }) => name);
  const lines = [
    '',
    `New: ${isNew.join(', ') || 'none'}. Replaced: ${online.map(({ name }) => name).join(', ') || 'none'}.`,
  ];
  for (const { name, envVariables = {}, runtime } of online) {
    const planned = functions.find((row) => row.name === name);
    const going = planned === undefined ? values : variablesFor(planned, values);
    const lost =
      Object.keys(going).length === 0 ? [] : Object.keys(envVariables).filter((key) => !(key in going));
    if (lost.length > 0)
      lines.push(`WARNING ${name}: online and not named here, so LOST: ${lost.join(', ')}`);
    if (runtime !== undefined && runtime !== planned?.entry.runtime)
      lines.push(
        `WARNING ${name}: stays on ${runtime}; the runtime of a function that exists cannot be changed`,
      );
  }
  return lines;
}

/** Reads back what is online and says where it is not what was sent. */
async function verify({ functions, envId, values }: Upload, options: CliOptions): Promise<string[]> {
  const names = functions.map(({ name }) => name);
  const online = await pullOnline(names, envId, options);
  if (!online.ok) return [`The deployed functions could not be read back: ${online.why}`];
  return functions.flatMap((planned) => {
    const { name, entry, triggers } = planned;
    const row = online.value.find((candidate) => candidate.name === name);
    if (row === undefined) return [`${name}: is not online`];
    const missing = Object.keys(variablesFor(planned, values)).filter(
      (key) => !(key in (row.envVariables ?? {})),
    );
    const timers = triggers.filter(
      (trigger) => !row.triggers?.some(({ config }) => config === trigger.config),
    );
    return [
      ...(['timeout', 'memorySize', 'handler', 'runtime'] as const)
        .filter((key) => row[key] !== entry[key])
        .map((key) => `${name}: ${key} is ${row[key]} online, ${entry[key]} here`),
      ...(missing.length === 0 ? [] : [`${name}: online without ${missing.join(', ')}`]),
      ...timers.map((trigger) => `${name}: the timer ${trigger.name} is not online`),
    ];
  });
}

/**
 * Writes the configuration for the CLI, values included, where only this user can read it, and takes it away again
 * whatever happens. It names the chosen functions alone.
 */
async function withTemporaryConfig<T>(job: Upload, use: (configFile: string) => Promise<T>): Promise<T> {
  const { envId, rc, functions, values } = job;
  const configFile = path.join('dist', 'deploy', `cloudbaserc-${process.pid}.json`);
  const config = {
    envId,
    ...(rc.region === undefined ? {} : { region: rc.region }),
    // The CLI puts its own working folder before it.
    functionRoot: path.relative(process.cwd(), path.resolve(rc.functionRoot)),
    functions: functions.map((planned) => ({
      ...planned.entry,
      ...(planned.triggers.length === 0 ? {} : { triggers: planned.triggers }),
      envVariables: variablesFor(planned, values),
    })),
  };
  await mkdir(path.dirname(configFile), { recursive: true });
  const remove = () => rmSync(configFile, { force: true });
  // Ctrl+C ends the CLI, which this waits for. Whatever else ends this process, the file does not outlive it.
  const stay = () => undefined;
  const leave = () => process.exit(exits.failed);
  process.on('SIGINT', stay).on('SIGTERM', leave).on('exit', remove);
  try {
    remove();
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600, flag: 'wx' });
    return await use(configFile);
  } finally {
    remove();
    process.off('SIGINT', stay).off('SIGTERM', leave).off('exit', remove);
  }
}

function processTerminal(): Terminal {
  const { stdin, stdout } = process;
  return {
    environment: process.env,
    print: (text) => console.log(text),
    printError: (text) => console.error(text),
    ask:
      stdin.isTTY && stdout.isTTY
        ? async (question) => {
            const reader = createInterface({ input: stdin, output: stdout });
            try {
              // Ctrl+C, or the end of the input, is a no.
              const closed = once(reader, 'close').then(() => '');
              const answer = await Promise.race([reader.question(question), closed]);
              return /^y(es)?$/i.test(answer.trim());
            } finally {
              reader.close();
            }
          }
        : undefined,
  };
}
