import type { DeployedFunction } from './deployed';
import type { InvokeMessage } from './instance';

/** A call of a function, as the platform sees it. */
export interface Invocation {
  readonly name: string;
  readonly data: unknown;
  /** `TCB_SOURCE`: `wx_client`, `wx_trigger`, `wx_client,scf` … */
  readonly source: string;
  /** The user at the other end, where there is one. */
  readonly openid?: string | undefined;
  /** The call that makes it, where a function calls. */
  readonly by?: string | undefined;
  /** The push that it handles. */
  readonly push?: string | undefined;
  /** Whether it is not worth a line in the log where nothing comes of it but an answer. */
  readonly quiet?: boolean;
}

/** Where a function runs: what its processes are told of the platform. */
export interface Environment {
  readonly envId: string;
  readonly appid: string;
}

/** Whether a call comes from a user of the mini program, or from a developer who plays one. */
export function isClientSource(source: string): boolean {
  return source === 'wx_client' || source === 'wx_devtools';
}

/** What a process of a function has, whoever calls: its own variables, and the platform's. */
export function processVariables({ variables }: DeployedFunction, { envId }: Environment): NodeJS.ProcessEnv {
  return {
    ...variables,
    PATH: process.env['PATH'],
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    TENCENTCLOUD_SECRETID: 'local',
    TENCENTCLOUD_SECRETKEY: 'local',
    TENCENTCLOUD_SESSIONTOKEN: 'local',
    SCF_NAMESPACE: envId,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
  };
}

/** The event, context and variables of one call. `gatewayUrl` is the call's own, so that the gateway knows who asks. */
export function invokeMessage(
  deployed: DeployedFunction,
  { data, source, openid }: Invocation,
  { envId, appid }: Environment,
  call: { readonly requestId: string; readonly gatewayUrl: string; readonly now: number },
): InvokeMessage {
  const fromClient = openid !== undefined && isClientSource(source);
  const event =
    fromClient && typeof data === 'object' && data !== null
      ? { ...data, userInfo: { appId: appid, openId: openid } }
      : data;
  const called = {
    ...(openid === undefined ? {} : { WX_OPENID: openid }),
    WX_APPID: appid,
    WX_API_TOKEN: 'local',
    WX_CLIENTIP: '127.0.0.1',
    TCB_ENV: envId,
    TCB_SEQID: call.requestId,
    TCB_SOURCE: source,
    TCB_SESSIONTOKEN: 'local',
  };
  const variables = {
    ...called,
    WX_CONTEXT_KEYS: namesWith('WX_', called),
    TCB_CONTEXT_KEYS: namesWith('TCB_', called),
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: call.gatewayUrl }),
  };
  return {
    event,
    context: {
      callbackWaitsForEmptyEventLoop: true,
      function_name: deployed.name,
      function_version: '$LATEST',
      memory_limit_in_mb: deployed.memorySizeMb,
      time_limit_in_ms: deployed.timeoutSeconds * 1000,
      request_id: call.requestId,
      namespace: envId,
      environment: JSON.stringify(variables),
      environ: Object.entries(variables)
        .map(([name, value]) => `${name}=${value}`)
        .join(';'),
    },
    variables,
    now: call.now,
  };
}

function namesWith(prefix: string, variables: object): string {
  return Object.keys(variables)
    .filter((name) => name.startsWith(prefix))
    .join(',');
}
