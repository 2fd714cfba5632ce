import { parseArgs } from 'node:util';
import { createEmulator } from '../emulator/emulator';
import { proofOf } from '../shared/runtime/self-check-proof';
import { buildEmulator } from './build-emulator';
import { buildFunctions } from './build-functions';
import { probeCallback } from './deploy/callback-probe';
import { gateway, gatewayAddress } from './deploy/checklist';
import { findCli, hasLogin, invoke, type OnlineFunction, readOnline } from './deploy/cloudbase-cli';
import { readCloudbaserc } from './deploy/cloudbaserc';
import { checkEnvId, readNames, refuseOptions, renderTable } from './deploy/command-line';
import { diagnose, type Examined, type Row, type SelfCheckAnswer } from './deploy/diagnosis';
import { postToWeChat } from './deploy/permissions';
import { type PlannedFunction, planFunctions } from './deploy/plan';
import type { Environment } from './deploy/variables';

const usage = `Asks each deployed function how it is, and says what to do where it is not well. Nothing is sent to anyone.

  npm run doctor -- --env <id>     the functions of a cloud environment
  npm run doctor -- --local        the built functions in a local WeChat

  --only <a,b>      these functions only
  --no-build        compare with what is built already
  --config <file>   another cloudbaserc.json
  --callback <url>  the callback address, where it is not the environment’s own
  --json            the findings as JSON
  --help            this text

The cloud is asked with the login of @cloudbase/cli (npx tcb login). Calls of that CLI carry no WeChat context, so
permissions show only with WECHAT_ACCESS_TOKEN, an access token of the mini program: then WeChat itself calls the
functions. Exits 0 when all is well, 1 otherwise.`;

const optionTypes = {
  env: { type: 'string' },
  local: { type: 'boolean' },
  only: { type: 'string' },
  build: { type: 'boolean', default: true },
  config: { type: 'string', default: 'cloudbaserc.json' },
  callback: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const columns = [
  'function',
  'deployed',
  'version',
  'variables',
  'permissions',
  'database',
  'token',
  'push',
  'callback',
] as const satisfies readonly (keyof Row)[];

/** What the script needs of the world. */
export interface Surroundings {
  readonly environment: Environment;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

const usual: Surroundings = {
  environment: process.env,
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
};

export async function main(args: string[], surroundings: Surroundings = usual): Promise<number> {
  const { environment, print, printError } = surroundings;
  const misused = (...lines: readonly string[]): number => {
    for (const line of lines) printError(line);
    return 2;
  };
  const refused = refuseOptions(args, Object.keys(optionTypes));
  if (refused !== undefined) return misused(refused);
  const { values } = parseArgs({ args, allowNegative: true, options: optionTypes });
  if (values.help) {
    print(usage);
    return 0;
  }
  const envId = values.env ?? environment['ENV_ID'];
  const wrongEnv = values.local ? undefined : checkEnvId(envId, 'doctor');
  if (wrongEnv !== undefined) return misused(wrongEnv, 'or npm run doctor -- --local, for a local WeChat');
  const read = await readCloudbaserc(values.config);
  if (!read.ok)
    return misused(`${values.config} is not in order:`, ...read.problems.map((line) => `  ${line}`));
  if (values.build) await Promise.all([buildFunctions(), values.local ? buildEmulator() : undefined]);
  const planned = await planFunctions({ rc: read.rc, only: readNames(values.only) });
  if (!planned.ok)
    return misused('The functions are not in order:', ...planned.problems.map((line) => `  ${line}`));

  const examined = values.local
    ? await examineLocal(planned.functions, values.config)
    : await examineCloud(
        {
          functions: planned.functions,
          envId: envId ?? '',
          configFile: values.config,
          callback: values.callback,
        },
        surroundings,
      );
  if (typeof examined === 'string') {
    printError(examined);
    return 1;
  }
  const findings = diagnose(planned.functions, examined, Date.now());
  print(
    values.json
      ? JSON.stringify(findings, null, 2)
      : renderTable(
          columns,
          findings.rows.map((row) => columns.map((column) => row[column])),
        ),
  );
  if (!values.json) {
    if (findings.variablesSet.length > 0) print(`\nVariables set: ${findings.variablesSet.join(', ')}`);
    print(findings.todo.length === 0 ? '\nAll is well.' : '\nTo do:');
    for (const line of findings.todo) print(`  - ${line}`);
  }
  return findings.well ? 0 : 1;
}

/** Calls the built functions in a local WeChat, as the owner's own code does. */
async function examineLocal(
  functions: readonly PlannedFunction[],
  config: string,
): Promise<readonly Examined[]> {
  const emulator = await createEmulator({ cloudbaserc: config });
  try {
    return await Promise.all(
      functions.map(async ({ name }): Promise<Examined> => {
        const invoked = await emulator.call({ name, data: { kefuSelfCheck: true }, source: 'wx_http' });
        return {
          name,
          online: undefined,
          answer: invoked.ok
            ? { ok: true, value: invoked.result as object }
            : { ok: false, why: invoked.errMsg },
          ...(await askCallback(name, emulator.options.variables, `${emulator.url}/gateway/callback`)),
        };
      }),
    );
  } finally {
    await emulator.close();
  }
}

/** How many calls of the CLI run at a time: each is a process of some hundred megabytes. */
const atOnce = 2;

interface CloudExamination {
  readonly functions: readonly PlannedFunction[];
  readonly envId: string;
  readonly configFile: string;
  /** The callback address; by default that of the environment's HTTP access. */
  readonly callback: string | undefined;
}

/** Asks the cloud what is deployed and calls it; a text says why the cloud could not be asked. */
async function examineCloud(
  { functions, envId, configFile, callback }: CloudExamination,
  { environment, printError }: Surroundings,
): Promise<readonly Examined[] | string> {
  const cli = findCli();
  if (cli === undefined) return '@cloudbase/cli is not installed: npm install';
  if (!(await hasLogin(environment))) return 'Nobody has logged in to the cloud here: npx tcb login';
  const options = { bin: cli.bin, environment: { ...environment, ENV_ID: envId }, configFile };
  const online = await readOnline(
    functions.map(({ name }) => name),
    envId,
    options,
  );
  if (!online.ok)
    return `The cloud could not be asked: ${online.why}\nIs the login still good? npx tcb login`;

  const token = environment['WECHAT_ACCESS_TOKEN'];
  const call = (row: OnlineFunction): Promise<SelfCheckAnswer> =>
    token === undefined || token === ''
      ? invoke(row.name, { kefuSelfCheck: proofOf(row.envVariables ?? {}) ?? true }, envId, options)
      : invokeByWeChat(row.name, envId, token, environment);
  const waiting = [...functions];
  const examined: Examined[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name } = next;
      const row = online.value.find((candidate) => candidate.name === name);
      if (row !== undefined) printError(`asking ${name} …`);
      examined.push({
        name,
        online: row ?? 'absent',
        answer: row === undefined ? undefined : await call(row),
        ...(await askCallback(
          name,
          row?.envVariables ?? {},
          callback ?? `${gatewayAddress(envId)}/callback`,
        )),
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return examined;
}

/** Asks the callback address of the function that has one, where its token is set. */
async function askCallback(
  name: string,
  { CALLBACK_TOKEN: token = '' }: { readonly [variable: string]: string | undefined },
  address: string,
): Promise<Pick<Examined, 'callback'>> {
  if (name !== gateway || token === '') return {};
  return { callback: await probeCallback(address, token, Date.now()) };
}

/** Has WeChat call a function, which makes it a call of the owner's with a WeChat context. */
async function invokeByWeChat(
  name: string,
  env: string,
  token: string,
  environment: Environment,
): Promise<SelfCheckAnswer> {
  const query = { access_token: token, env, name };
  const answer = await postToWeChat(environment, '/tcb/invokecloudfunction', query, { kefuSelfCheck: true });
  if (answer.errcode !== 0) return { ok: false, why: `WeChat answered ${answer.errcode} ${answer.errmsg}` };
  try {
    return { ok: true, value: JSON.parse(String(answer['resp_data'])) as object };
  } catch {
    return { ok: false, why: 'the function answered without JSON' };
  }
}
