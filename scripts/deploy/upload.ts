import path from 'node:path';
import { checklist, renderChecklist } from './checklist';
import type { CloudApi } from './cloud/cloud-api';
import { type CliOptions, deployAll, findCli } from './cloud/cloudbase-cli';
import { closeCollections, ruleLine } from './cloud/collection-rules';
import { openCloud } from './cloud/login';
import { type CloudEnvironment, type OnlineFunction, readFunctions, readOnline } from './cloud/questions';
import type { Cloudbaserc } from './cloudbaserc';
import { type Environment, exits, Stop, type Terminal } from './command-line';
import { applyPermissions } from './permissions';
import { differences, type PlannedFunction, variablesFor } from './plan';
import { withPrivateFile } from './private-file';
import { setPush } from './push-settings';
import { testedRuntimes } from './runtimes';

/** What is to go up. */
export interface Upload {
  readonly envId: string;
  readonly rc: Cloudbaserc;
  readonly functions: readonly PlannedFunction[];
  /** The variables that are set here; each function is given those that it needs. */
  readonly values: { readonly [name: string]: string };
  /** Nobody is asked. */
  readonly yes: boolean;
  /** Writes what the functions are made of, or says where it stands. */
  readonly bill: () => Promise<string>;
  /** The message push is set to `kefu-receive`. */
  readonly push: boolean;
  /** The environment and what `.env` files add to it. */
  readonly all: Environment;
}

/** Uploads functions, sets their permissions, and says what came of it and what is left to do. */
export async function upload(job: Upload, terminal: Terminal): Promise<number> {
  const { environment, ask } = terminal;
  const cli = findCli();
  if (cli === undefined) throw new Stop(['@cloudbase/cli is not installed: npm install'], exits.failed);
  if (!job.yes && ask === undefined)
    throw new Stop(['\nNobody is here to say yes. Look at the plan above, then run it again with --yes.']);
  const api = await openCloud(environment, job.rc.region);
  if (api === undefined)
    throw failed(
      'Nobody has logged in to the cloud here: npx tcb login',
      '(without a browser: npx tcb login --apiKeyId <SecretId> --apiKey <SecretKey>)',
    );
  return withPrivateFile(configOf(job), (configFile) =>
    uploadWith({ ...cli, environment, configFile }, api, job, terminal),
  );
}

/** Ends the upload with an empty line, and these. */
function failed(...lines: readonly string[]): Stop {
  return new Stop(['', ...lines], exits.failed);
}

async function uploadWith(
  cli: CliOptions & { readonly version: string; readonly configFile: string },
  before: CloudApi,
  job: Upload,
  { print, printError, ask }: Terminal,
): Promise<number> {
  const { envId, functions } = job;
  const names = functions.map(({ name }) => name);
  const online = await readOnline(names, envId, before);
  if (!online.ok)
    throw failed(
      `The cloud could not be asked what is deployed: ${online.why}`,
      'Is the login still good, and the environment yours? npx tcb login; npx tcb env list',
    );
  const { env } = online.value;
  for (const line of comparison(job, online.value.functions)) print(line);
  if (!job.yes && !(await ask?.(`\nUpload ${names.join(', ')} to ${envId}? (y/N) `))) {
    print('Nothing was uploaded.');
    return exits.done;
  }

  print(`\n@cloudbase/cli ${cli.version}:`);
  const uploaded = await deployAll(names.length, envId, {
    ...cli,
    region: before.region,
    onText: (text, stream) => process[stream].write(text),
  });
  if (!uploaded.ok)
    throw failed(
      `Not everything was deployed: ${uploaded.why}`,
      'What the CLI said stands above. The same command again is safe.',
      ...(uploaded.isRuntime
        ? [`Does the environment offer this runtime? KEFU_RUNTIME takes ${testedRuntimes.join(', ')}.`]
        : []),
    );
  // Keys that are lent may have been renewed meanwhile.
  const api = (await openCloud(cli.environment, job.rc.region)) ?? before;
  const wrong = await verify(job, env, api);
  for (const line of wrong) printError(line);

  print('');
  const permissionsSet = await applyPermissions({
    envId,
    functions: functions.filter(({ permissions }) => permissions.length > 0),
    environment: job.all,
    print,
  });
  if (job.push) await setPush({ envId, environment: job.all, print });
  print('\nCollections, to be read and written by the functions alone:');
  const rules = await closeCollections(env, api, print);
  print(`  ${ruleLine(rules)}`);
  print(`\n${await job.bill()}`);
  print('\nLeft to do, in the console and in WeChat DevTools:');
  print(renderChecklist(checklist(functions, envId, { permissionsSet, rules })));
  return wrong.length === 0 ? exits.done : exits.failed;
}

/** The configuration for the CLI, values included. It names the chosen functions alone. */
function configOf({ envId, rc, functions, values }: Upload): string {
  return JSON.stringify({
    envId,
    // The CLI puts its own working folder before it.
    functionRoot: path.relative(process.cwd(), path.resolve(rc.functionRoot)),
    functions: functions.map((planned) => ({
      ...planned.entry,
      ...(planned.triggers.length === 0 ? {} : { triggers: planned.triggers }),
      envVariables: variablesFor(planned, values),
    })),
  });
}

/** What this deploy changes, and what it takes away. */
function comparison({ functions, values }: Upload, online: readonly OnlineFunction[]): string[] {
  const isNew = functions.flatMap(({ name }) => (online.some((row) => row.name === name) ? [] : [name]));
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
        `WARNING ${name}: stays on ${runtime}; the runtime of a function that exists cannot be changed. KEFU_RUNTIME=${runtime} asks for that one`,
      );
  }
  return lines;
}

/** Reads back what is online and says where it is not what was sent. */
async function verify(
  { functions, values }: Upload,
  env: CloudEnvironment,
  api: CloudApi,
): Promise<string[]> {
  const names = functions.map(({ name }) => name);
  const online = await readFunctions(names, env, api);
  if (!online.ok) return [`The deployed functions could not be read back: ${online.why}`];
  return functions.flatMap((planned) => {
    const { name, entry, triggers } = planned;
    const row = online.value.find((candidate) => candidate.name === name);
    if (row === undefined) return [`${name}: is not online`];
    const wanted = Object.keys(variablesFor(planned, values));
    const missing = wanted.filter((key) => !(key in (row.envVariables ?? {})));
    const timers = triggers.filter(({ config }) => !row.triggers?.some((timer) => timer.config === config));
    return [
      ...differences(entry, row).map(
        ({ key, online, here }) => `${name}: ${key} is ${online} online, ${here} here`,
      ),
      ...(missing.length === 0 ? [] : [`${name}: online without ${missing.join(', ')}`]),
      ...timers.map((timer) => `${name}: the timer ${timer.name} is not online`),
    ];
  });
}
