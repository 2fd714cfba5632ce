import { createEmulator, type EmulatorOptions } from '../emulator/emulator';
import { proofOf } from '../shared/runtime/self-check-proof';
import { probeCallback } from './deploy/callback-probe';
import { gateway, receiver } from './deploy/checklist';
import type { CloudApi } from './deploy/cloud/cloud-api';
import { readRules, ruleLine } from './deploy/cloud/collection-rules';
import { openCloud } from './deploy/cloud/login';
import { askEach, invoke, type OnlineFunction, readAddress, readOnline } from './deploy/cloud/questions';
import { command, type Environment, envIdFault, exits, Stop, type Terminal } from './deploy/command-line';
import { columns, diagnose, type Examined, type Findings, type SelfCheckAnswer } from './deploy/diagnosis';
import { postToWeChat } from './deploy/permissions';
import type { PlannedFunction } from './deploy/plan';
import { prepare } from './deploy/prepare';
import { pushFaults, readPushSettings } from './deploy/push-settings';
import { parseObject } from './deploy/request';
import { onRuntime } from './deploy/runtimes';
import { readEnvironment } from './deploy/variables';
import { findProject } from './project/here';
import { renderTable } from './table';

const usage = `Asks each deployed function how it is, and says what to do where it is not well. Nothing is sent to anyone.

  npm run doctor -- --env <id>     the functions of a cloud environment
  npm run doctor -- --local        the built functions in a local WeChat

  --only <a,b>      these functions only
  --no-build        compare with what is built already
  --config <file>   another cloudbaserc.json
  --callback <url>  the callback address, where neither GATEWAY_URL nor the cloud tells it
  --json            the findings as JSON
  --help            this text

The cloud is asked with the login of @cloudbase/cli (npx tcb login). Calls by a login carry no WeChat context, so
permissions show only with WECHAT_ACCESS_TOKEN, an access token of the mini program, in the environment, .env.<id> or
.env: then WeChat itself calls the functions. Exits 0 when all is well, 1 otherwise.`;

const options = {
  env: { type: 'string' },
  local: { type: 'boolean' },
  only: { type: 'string' },
  build: { type: 'boolean', default: true },
  config: { type: 'string' },
  callback: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const main = command(usage, options, async (chosen, terminal) => {
  const { environment, print, printError } = terminal;
  const envId = chosen.env ?? environment['ENV_ID'] ?? '';
  const wrongEnv = chosen.local ? '' : envIdFault(envId, 'doctor');
  if (wrongEnv !== '') throw new Stop([wrongEnv, 'or npm run doctor -- --local, for a local WeChat']);
  const project = await findProject();
  const { rc, functions: planned } = await prepare(project, chosen, async () => {
    if (chosen.build)
      await Promise.all([project.build(), chosen.local === true ? project.buildLocal() : undefined]);
  });
  const { all } = await readEnvironment(envId, environment);
  const functions = chosen.local ? planned : onRuntime(planned, all);

  const config = chosen.config ?? project.cloudbaserc;
  const api = chosen.local ? undefined : await openCloud(environment, rc.region);
  if (api === undefined && !chosen.local)
    throw new Stop(['Nobody has logged in to the cloud here: npx tcb login'], exits.failed);
  const examined =
    api === undefined
      ? await examineLocal(functions, {
          cloudbaserc: config,
          dist: project.dist,
          functions: rc.functionRoot,
        })
      : await examineCloud({ functions, envId, api, all, callback: chosen.callback }, printError);
  const rules = api === undefined ? undefined : await readRules(envId, api);
  const findings = diagnose(functions, examined, Date.now(), rules);
  print(chosen.json ? JSON.stringify(findings, null, 2) : renderFindings(findings));
  return findings.well ? exits.done : exits.failed;
});

function renderFindings({ rows, variablesSet, collections, todo }: Findings): string {
  const cells = rows.map((row) => columns.map((column) => row[column]));
  return [
    renderTable(columns, cells),
    ...(variablesSet.length === 0 ? [] : [`\nVariables set: ${variablesSet.join(', ')}`]),
    ...(collections === undefined ? [] : [ruleLine(collections)]),
    todo.length === 0 ? '\nAll is well.' : '\nTo do:',
    ...todo.map((line) => `  - ${line}`),
  ].join('\n');
}

/** Calls the built functions in a local WeChat, as the owner's own code does. */
async function examineLocal(
  functions: readonly PlannedFunction[],
  options: EmulatorOptions,
): Promise<readonly Examined[]> {
  const emulator = await createEmulator(options);
  const address = `${emulator.url}/gateway/callback`;
  const examine = async ({ name }: PlannedFunction): Promise<Examined> => {
    const invoked = await emulator.call({ name, data: { kefuSelfCheck: true }, source: 'wx_http' });
    return {
      name,
      online: undefined,
      answer: invoked.ok ? { ok: true, value: invoked.result as object } : { ok: false, why: invoked.errMsg },
      ...(await askCallback(name, emulator.options.variables, address, {})),
    };
  };
  try {
    return await Promise.all(functions.map(examine));
  } finally {
    await emulator.close();
  }
}

interface CloudExamination {
  readonly functions: readonly PlannedFunction[];
  readonly envId: string;
  readonly api: CloudApi;
  /** The environment and what `.env` files add to it. */
  readonly all: Environment;
  /** The callback address; by default that of the environment's HTTP access. */
  readonly callback: string | undefined;
}

/** Asks the cloud what is deployed and calls it. */
async function examineCloud(
  { functions, envId, api, all, callback }: CloudExamination,
  printError: Terminal['printError'],
): Promise<readonly Examined[]> {
  const names = functions.map(({ name }) => name);
  const read = await readOnline(names, envId, api);
  if (!read.ok)
    throw new Stop(
      [`The cloud could not be asked: ${read.why}`, 'Is the login still good? npx tcb login'],
      exits.failed,
    );
  const online = read.value.functions;

  const address = callback ?? (await callbackOf(online, envId, api, all));
  const pushes = await pushFaultsOf(names, envId, all);
  const call = callerOf(envId, api, all);
  return askEach(names, async (name): Promise<Examined> => {
    const row = online.find((candidate) => candidate.name === name);
    if (row !== undefined) printError(`asking ${name} …`);
    const answer = row === undefined ? undefined : await call(row);
    const asked = await askCallback(name, row?.envVariables ?? {}, address, all);
    const push = name === receiver ? pushes : {};
    return { name, online: row ?? 'absent', answer, ...asked, ...push };
  });
}

/** The callback address: under the gateway's that is set here, or that the cloud tells. */
async function callbackOf(
  online: readonly OnlineFunction[],
  envId: string,
  api: CloudApi,
  { GATEWAY_URL: given = '' }: Environment,
): Promise<string | undefined> {
  const isSetUp = online.some((row) => row.name === gateway && row.envVariables?.['CALLBACK_TOKEN']);
  const base = given !== '' || !isSetUp ? given : await readAddress(gateway, envId, api);
  return base === undefined || base === '' ? undefined : `${base.replace(/\/+$/, '')}/callback`;
}

/** What keeps pushes from the function that takes them, as far as a token lets it be seen. */
async function pushFaultsOf(
  names: readonly string[],
  envId: string,
  environment: Environment,
): Promise<Pick<Examined, 'pushFaults'>> {
  const token = environment['WECHAT_ACCESS_TOKEN'] ?? '';
  if (token === '' || !names.includes(receiver)) return {};
  const read = await readPushSettings(token, environment);
  return read.ok ? { pushFaults: pushFaults(read.value, envId) } : {};
}

/** How deployed functions are called as their owner: by WeChat where there is a token, else by the login. */
function callerOf(
  envId: string,
  api: CloudApi,
  environment: Environment,
): (row: OnlineFunction) => Promise<SelfCheckAnswer> {
  const token = environment['WECHAT_ACCESS_TOKEN'] ?? '';
  return token === ''
    ? ({ name, envVariables = {} }) =>
        invoke(name, { kefuSelfCheck: proofOf(envVariables) ?? true }, envId, api)
    : ({ name }) => invokeByWeChat(name, envId, token, environment);
}

/** Asks the callback address of the function that has one, where its token is set. */
async function askCallback(
  name: string,
  { CALLBACK_TOKEN: token = '' }: { readonly [variable: string]: string | undefined },
  address: string | undefined,
  environment: Environment,
): Promise<Pick<Examined, 'callback'>> {
  if (name !== gateway || token === '') return {};
  if (address === undefined) return { callback: 'unknown' };
  return { callback: await probeCallback(address, token, Date.now(), environment) };
}

/** Has WeChat call a function, which makes it a call of the owner's with a WeChat context. */
async function invokeByWeChat(
  name: string,
  env: string,
  token: string,
  environment: Environment,
): Promise<SelfCheckAnswer> {
  const event = { kefuSelfCheck: true };
  const answer = await postToWeChat(token, environment, '/tcb/invokecloudfunction', event, { env, name });
  if (!answer.ok) return answer;
  const value = parseObject(String(answer.value['resp_data']));
  return value === undefined ? { ok: false, why: 'the function answered without JSON' } : { ok: true, value };
}
