import { type ChildProcess, fork } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { EmulatorClock } from '../clock';
import type { EventLog } from '../event-log';
import type { Ids } from '../ids';
import type { InstanceReply, InvokeMessage } from './instance';

/** A call of a function, as the platform sees it. */
export interface Invocation {
  readonly name: string;
  readonly data: unknown;
  /** `TCB_SOURCE`: `wx_client`, `wx_trigger`, `wx_client,scf` … */
  readonly source: string;
  /** The user at the other end, where there is one. */
  readonly openid?: string | undefined;
}

export type Invoked =
  | { readonly ok: true; readonly result: unknown; readonly requestID: string }
  | { readonly ok: false; readonly errCode: number; readonly errMsg: string; readonly requestID: string };

/** What is known of a deployed function. */
export interface DeployedFunction {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly permissions: readonly string[];
}

export interface FunctionRunner {
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  invoke(invocation: Invocation): Promise<Invoked>;
  /** The function that a gateway request comes from, by the call id in its address. */
  callerOf(
    callId: string,
  ): { readonly function: DeployedFunction; readonly invocation: Invocation } | undefined;
  /** Ends all instances, so that the next call starts a fresh one. What they had sent still arrives. */
  recycle(): void;
  /** Ends all instances and calls, those that wait too: nothing of them arrives any more. */
  forget(): void;
  /** The call id in a gateway address; `undefined` where the call is of before the last {@link forget}. */
  callIdOf(address: string): string | undefined;
  close(): void;
}

interface RunnerOptions {
  /** The folder that holds a built folder for each function. */
  readonly root: string;
  /** The file that an instance runs. */
  readonly instanceFile: string;
  readonly settings: readonly { name: string; timeout?: number; memorySize?: number }[];
  readonly variables: { readonly [name: string]: string };
  readonly envId: string;
  readonly appid: string;
  readonly gatewayUrl: () => string;
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly log: EventLog;
  /** How many instances of one function may run at a time; further calls wait. */
  readonly maxInstances: number;
}

interface Instance {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  calls: number;
  /** Settles the call that is under way. */
  settle: ((reply: InstanceReply) => void) | undefined;
  callId: string | undefined;
}

/** The platform's defaults for what a configuration leaves out. */
const defaults = { timeoutSeconds: 3, memorySizeMb: 256 };

/** The platform's error numbers, as `wx.cloud.callFunction` shows them. */
const functionNotFound = -501000;
const functionThrew = -504002;
const functionTimedOut = -504003;

/** Reads what is deployed: every folder of the root, with its `config.json` and its entry in `cloudbaserc.json`. */
async function readFunctions({ root, settings }: RunnerOptions): Promise<Map<string, DeployedFunction>> {
  const entries = await readdir(root, { withFileTypes: true });
  const functions = new Map<string, DeployedFunction>();
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const config = JSON.parse(
      await readFile(path.join(root, name, 'config.json'), 'utf8').catch(() => '{}'),
    ) as {
      permissions?: { openapi?: string[] };
    };
    const setting = settings.find((row) => row.name === name);
    functions.set(name, {
      name,
      timeoutSeconds: setting?.timeout ?? defaults.timeoutSeconds,
      memorySizeMb: setting?.memorySize ?? defaults.memorySizeMb,
      permissions: config.permissions?.openapi ?? [],
    });
  }
  return functions;
}

/**
 * Runs the built functions as the cloud does: instances in processes of their own, one event at a time each, a fresh
 * one where all are busy, killed at the function's timeout.
 */
export async function createRunner(options: RunnerOptions): Promise<FunctionRunner> {
  const functions = await readFunctions(options);
  const idle = new Map<string, Instance[]>();
  const running = new Map<string, Set<Instance>>();
  const waiting = new Map<string, (() => void)[]>();
  /** Grows with each {@link FunctionRunner.forget}; stands in the address that a call has the gateway at. */
  let story = 0;
  const callers = new Map<string, { function: DeployedFunction; invocation: Invocation }>();

  const runningOf = (name: string) => {
    const known = running.get(name) ?? new Set<Instance>();
    running.set(name, known);
    return known;
  };

  const start = (name: string): Instance => {
    const child = fork(options.instanceFile, [path.resolve(options.root, name, 'index.js')], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: platformVariables(options),
    });
    let becomeReady: () => void = () => undefined;
    const instance: Instance = {
      child,
      ready: new Promise((resolve) => {
        becomeReady = resolve;
      }),
      calls: 0,
      settle: undefined,
      callId: undefined,
    };
    const gone = (message: string) => {
      becomeReady();
      runningOf(name).delete(instance);
      idle.set(
        name,
        (idle.get(name) ?? []).filter((other) => other !== instance),
      );
      instance.settle?.({ kind: 'thrown', message });
    };
    const write = (line: string) =>
      options.log.add({
        kind: 'log',
        name,
        line,
        ...(instance.callId === undefined ? {} : { callId: instance.callId }),
      });
    child.on('message', (message: InstanceReply) => {
      if (message.kind === 'ready') becomeReady();
      else if (message.kind === 'output') message.text.trimEnd().split('\n').forEach(write);
      else instance.settle?.(message);
    });
    child.on('exit', (code) => gone(`the instance ended with code ${code}`));
    child.on('error', (error) => gone(error.message));
    // What Node itself says when an instance breaks down; the function's own lines come as messages.
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', write);
    }
    runningOf(name).add(instance);
    return instance;
  };

  const take = async (name: string): Promise<Instance> => {
    const free = idle.get(name)?.pop();
    if (free !== undefined) return free;
    if (runningOf(name).size < options.maxInstances) return start(name);
    await new Promise<void>((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
    return take(name);
  };

  const giveBack = (name: string, instance: Instance) => {
    instance.callId = undefined;
    if (runningOf(name).has(instance)) idle.set(name, [...(idle.get(name) ?? []), instance]);
    waiting.get(name)?.shift()?.();
  };

  const run = async (
    row: DeployedFunction,
    invocation: Invocation,
    requestID: string,
  ): Promise<{ invoked: Invoked; cold: boolean }> => {
    const begunIn = story;
    const instance = await take(row.name);
    if (begunIn !== story) {
      giveBack(row.name, instance);
      const errMsg = 'the local WeChat was reset';
      return { invoked: { ok: false, errCode: functionThrew, errMsg, requestID }, cold: false };
    }
    const cold = instance.calls === 0;
    instance.calls += 1;
    instance.callId = requestID;
    const caller = { function: row, invocation };
    callers.set(requestID, caller);
    const fail = (errCode: number, errMsg: string): Invoked => ({ ok: false, errCode, errMsg, requestID });
    let timer: NodeJS.Timeout | undefined;
    try {
      await instance.ready;
      const invoked = await new Promise<Invoked>((resolve) => {
        instance.settle = (reply) =>
          resolve(
            reply.kind === 'result'
              ? { ok: true, result: reply.json === undefined ? null : JSON.parse(reply.json), requestID }
              : fail(
                  functionThrew,
                  `functions execute fail | errMsg: ${'message' in reply ? reply.message : ''}`,
                ),
          );
        timer = setTimeout(() => {
          resolve(fail(functionTimedOut, `Invoking task timed out after ${row.timeoutSeconds} seconds`));
          instance.child.kill('SIGKILL');
          runningOf(row.name).delete(instance);
        }, row.timeoutSeconds * 1000);
        if (!instance.child.connected) {
          resolve(fail(functionThrew, 'functions execute fail | errMsg: the instance did not start'));
          return;
        }
        const address = `${options.gatewayUrl()}/${requestID}.${story}`;
        instance.child.send(invokeMessage(options, row, invocation, requestID, address));
      });
      return { invoked, cold };
    } finally {
      clearTimeout(timer);
      instance.settle = undefined;
      // After a reset another call may have this id.
      if (callers.get(requestID) === caller) callers.delete(requestID);
      giveBack(row.name, instance);
    }
  };

  const endAll = () => {
    for (const instances of running.values()) for (const { child } of instances) child.kill('SIGKILL');
    running.clear();
    idle.clear();
  };

  return {
    functions,
    async invoke(invocation) {
      const requestID = options.ids.next('call');
      const startedAt = performance.now();
      const row = functions.get(invocation.name);
      const { invoked, cold } =
        row === undefined
          ? {
              invoked: {
                ok: false as const,
                errCode: functionNotFound,
                errMsg: `FunctionName parameter could not be found: ${invocation.name}`,
                requestID,
              },
              cold: false,
            }
          : await run(row, invocation, requestID);
      const { name, source, openid, data } = invocation;
      options.log.add({
        kind: 'call',
        id: requestID,
        name,
        source,
        ...(openid === undefined ? {} : { openid }),
        data,
        answer: invoked.ok ? invoked.result : { errCode: invoked.errCode, errMsg: invoked.errMsg },
        failed: !invoked.ok,
        durationMs: Math.round(performance.now() - startedAt),
        cold,
      });
      return invoked;
    },
    callerOf: (callId) => callers.get(callId),
    recycle: endAll,
    forget() {
      story += 1;
      callers.clear();
      endAll();
    },
    callIdOf(address) {
      const [callId = '', of] = address.split('.');
      return of === undefined || of === String(story) ? callId : undefined;
    },
    close: endAll,
  };
}

/** What every process of the platform has, whoever calls. */
function platformVariables({ envId, variables }: RunnerOptions): NodeJS.ProcessEnv {
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

/** The event, context and variables of one call. */
function invokeMessage(
  options: RunnerOptions,
  row: DeployedFunction,
  { data, source, openid }: Invocation,
  requestId: string,
  gatewayAddress: string,
): InvokeMessage {
  const fromClient = openid !== undefined && (source === 'wx_client' || source === 'wx_devtools');
  const event =
    fromClient && typeof data === 'object' && data !== null
      ? { ...data, userInfo: { appId: options.appid, openId: openid } }
      : data;
  const identity: Record<string, string> = openid === undefined ? {} : { WX_OPENID: openid };
  const called = {
    ...identity,
    WX_APPID: options.appid,
    WX_API_TOKEN: 'local',
    WX_CLIENTIP: '127.0.0.1',
    TCB_ENV: options.envId,
    TCB_SEQID: requestId,
    TCB_SOURCE: source,
    TCB_SESSIONTOKEN: 'local',
  };
  const variables = {
    ...called,
    WX_CONTEXT_KEYS: Object.keys(called)
      .filter((name) => name.startsWith('WX_'))
      .join(','),
    TCB_CONTEXT_KEYS: Object.keys(called)
      .filter((name) => name.startsWith('TCB_'))
      .join(','),
    // The call's own address, so that the gateway knows which function asks.
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: gatewayAddress }),
  };
  return {
    event,
    context: {
      callbackWaitsForEmptyEventLoop: true,
      function_name: row.name,
      function_version: '$LATEST',
      memory_limit_in_mb: row.memorySizeMb,
      time_limit_in_ms: row.timeoutSeconds * 1000,
      request_id: requestId,
      namespace: options.envId,
      environment: JSON.stringify(variables),
      environ: Object.entries(variables)
        .map(([name, value]) => `${name}=${value}`)
        .join(';'),
    },
    variables,
    now: options.clock.now(),
  };
}
