import { createSlots } from '../../../shared/core/parallel';
import type { PlainObject } from '../../../shared/wechat/fields/values';
import { parseObject } from '../request';
import { type Asked, type CloudApi, callCloud } from './cloud-api';

/**
 * What the deploy and the doctor ask the cloud: by the calls that @cloudbase/cli makes for `env list`, `config pull fn`,
 * `service list`, `service domain list` and `fn invoke`.
 */

/** How much is asked about at a time; the interface takes twenty calls a second, and of the database fifty. */
const atOnce = 4;

/** Asks about each; answers in their order. */
export function askEach<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const inTurn = createSlots(atOnce);
  return Promise.all(items.map((item) => inTurn(() => ask(item))));
}

/** How long a called function may take. */
const invocationMs = 90_000;

/** What is read of an environment. */
export interface CloudEnvironment {
  readonly EnvId: string;
  readonly Databases?: readonly { readonly InstanceId?: string }[];
}

/** The environment of this id, where it is the login's. */
export async function readEnv(envId: string, api: CloudApi): Promise<Asked<CloudEnvironment>> {
  const asked = await ask('tcb', 'DescribeEnvs', { EnvId: envId }, api);
  if (!asked.ok) return asked;
  const list = (asked.value['EnvList'] ?? []) as readonly CloudEnvironment[];
  const value = list.find((row) => row.EnvId === envId);
  return value === undefined
    ? { ok: false, why: `the login has no environment ${envId} in this region` }
    : { ok: true, value };
}

/** A deployed function. */
export interface OnlineFunction {
  readonly name: string;
  readonly handler?: string | undefined;
  readonly runtime?: string | undefined;
  readonly timeout?: number | undefined;
  readonly memorySize?: number | undefined;
  readonly envVariables?: { readonly [name: string]: string };
  readonly triggers?: readonly { readonly name: string; readonly config: string }[];
}

/** The same as the cloud has it. */
interface CloudFunction {
  readonly Handler?: string;
  readonly Runtime?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables?: readonly { readonly Key: string; readonly Value: string }[] };
  readonly Triggers?: readonly { readonly TriggerName: string; readonly TriggerDesc: string }[];
}

/** An environment, and what of ours is in it. */
export interface Online {
  readonly env: CloudEnvironment;
  readonly functions: readonly OnlineFunction[];
}

/** The environment of this id, and what is deployed in it under these names. */
export async function readOnline(
  names: readonly string[],
  envId: string,
  api: CloudApi,
): Promise<Asked<Online>> {
  const env = await readEnv(envId, api);
  if (!env.ok) return env;
  const functions = await readFunctions(names, env.value, api);
  return functions.ok ? { ok: true, value: { env: env.value, functions: functions.value } } : functions;
}

/**
 * What is deployed under these names. Functions that are not there are left out.
 *
 * @param env as it was read: of one that is not there the cloud would say that each of its functions is not
 */
export async function readFunctions(
  names: readonly string[],
  { EnvId: envId }: CloudEnvironment,
  api: CloudApi,
): Promise<Asked<readonly OnlineFunction[]>> {
  const asked = await askEach(names, (name) => readFunction(name, envId, api));
  const refused = asked.find((row) => !row.ok && !isAbsent(row.why));
  return refused?.ok === false
    ? refused
    : { ok: true, value: asked.flatMap((row) => (row.ok ? [row.value] : [])) };
}

const isAbsent = (why: string) => /^GetFunction: ResourceNotFound\.Function(?:Name)?$/.test(why);

async function readFunction(name: string, envId: string, api: CloudApi): Promise<Asked<OnlineFunction>> {
  const which = { FunctionName: name, ShowCode: 'FALSE', Namespace: envId };
  const asked = await ask('scf', 'GetFunction', which, api);
  if (!asked.ok) return asked;
  const held: CloudFunction = asked.value;
  return {
    ok: true,
    value: {
      name,
      handler: held.Handler,
      runtime: held.Runtime,
      timeout: held.Timeout,
      memorySize: held.MemorySize,
      envVariables: Object.fromEntries(
        (held.Environment?.Variables ?? []).map(({ Key, Value }) => [Key, Value]),
      ),
      triggers: (held.Triggers ?? []).map(({ TriggerName, TriggerDesc }) => ({
        name: TriggerName,
        config: cronOf(TriggerDesc),
      })),
    },
  };
}

/** When a timer runs: it is set by its expression alone, and comes back as `{"cron": …}`. */
function cronOf(description: string): string {
  return String(parseObject(description)?.['cron'] ?? description);
}

/**
 * Where HTTP access reaches a function: its path, on the first domain of one's own or else on the one that came with the
 * environment. `undefined` where the cloud tells no path or no domain.
 */
export async function readAddress(name: string, envId: string, api: CloudApi): Promise<string | undefined> {
  const which = { ServiceId: envId, EnableUnion: true };
  const [paths, domains] = await Promise.all([
    ask('tcb', 'DescribeCloudBaseGWAPI', which, api),
    ask('tcb', 'DescribeCloudBaseGWService', which, api),
  ]);
  if (!paths.ok || !domains.ok) return undefined;
  const { APISet = [] } = paths.value as { APISet?: readonly { Name?: string; Path?: string }[] };
  const { ServiceSet = [], DefaultDomain } = domains.value as {
    ServiceSet?: readonly { Domain?: string }[];
    DefaultDomain?: string;
  };
  const place = APISet.find((row) => row.Name === name && row.Path?.startsWith('/'))?.Path;
  const domain = ServiceSet.find((row) => row.Domain)?.Domain ?? DefaultDomain;
  return place === undefined || !domain ? undefined : `https://${domain}${place === '/' ? '' : place}`;
}

/** Calls a deployed function as its owner, without a user; answers what it returns. */
export async function invoke(
  name: string,
  event: object,
  envId: string,
  api: CloudApi,
): Promise<Asked<PlainObject>> {
  const call = {
    FunctionName: name,
    Namespace: envId,
    LogType: 'Tail',
    ClientContext: JSON.stringify(event),
  };
  const asked = await ask('scf', 'Invoke', call, api, invocationMs);
  if (!asked.ok) return asked;
  const { InvokeResult, RetMsg = '' } = (asked.value['Result'] ?? {}) as {
    InvokeResult?: number;
    RetMsg?: string;
  };
  const value = parseObject(RetMsg);
  if (InvokeResult === 0 && value !== undefined) return { ok: true, value };
  // What it says beside that may be anything, a secret of the function's too.
  const status = Number(value?.['statusCode']);
  const why = InvokeResult === 0 ? 'it answers without JSON' : 'the call failed';
  return { ok: false, why: Number.isInteger(status) ? `${why} (status ${status})` : why };
}

/** A call whose refusal says which it was. */
async function ask(...call: Parameters<typeof callCloud>): ReturnType<typeof callCloud> {
  const asked = await callCloud(...call);
  return asked.ok ? asked : { ok: false, why: `${call[1]}: ${asked.why}` };
}
