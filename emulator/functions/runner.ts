import type { EmulatorClock } from '../clock';
import type { EventLog } from '../event-log';
import type { Ids } from '../ids';
import type { DeployedFunction } from './deployed';
import type { InstanceReply } from './instance';
import { type Instance, startInstance } from './instances';
import { type Environment, type Invocation, invokeMessage, processVariables } from './invocation';
import { createRegistry, type Registered, type RegistryOptions } from './registry';

/** What came of a call: the function's answer, or the platform's failure. */
export type Invoked = Outcome & { readonly requestID: string };

type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly errCode: number; readonly errMsg: string };

/** Which function a gateway request comes from, and what that function was called with. */
export interface Caller {
  readonly function: DeployedFunction;
  readonly invocation: Invocation;
}

export interface FunctionRunner {
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  /** Reads other people's functions anew. */
  refresh(): Promise<void>;
  invoke(invocation: Invocation): Promise<Invoked>;
  /** Who asks, by the call id in the gateway's address. */
  callerOf(callId: string): Caller | undefined;
  /** The call that an instance handles, by the name in the model's address. */
  callIn(instance: string): string | undefined;
  /** How many calls are under way that do something. */
  readonly running: number;
  /** Has each next call take a fresh instance, with the variables as they are then; what runs goes on. */
  renew(): void;
  /** Ends all instances, so that the next call starts a fresh one. What they had sent still arrives. */
  recycle(): void;
  /** Ends all calls, those that wait too, and has all instances forget what they know: nothing of before arrives any more. */
  forget(): void;
  /** The call id in a gateway address; `undefined` where the call is of before the last {@link forget}. */
  callIdOf(address: string): string | undefined;
}

interface RunnerOptions extends Environment, RegistryOptions {
  /** The program that an instance runs. */
  readonly instanceFile: string;
  /** The Node that instances run under. Left out, the one that runs this. */
  readonly node?: string | undefined;
  /** Where the SDK finds CloudBase's gateway. */
  readonly gatewayUrl: string;
  /** The local model's address. An instance that is told it is told one of its own, so that the model knows who asks. */
  readonly modelUrl: string;
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly log: EventLog;
}

/** The platform's error numbers, as `wx.cloud.callFunction` shows them. */
const functionNotFound = -501000;
const functionThrew = -504002;
const functionTimedOut = -504003;

/**
 * Runs the built functions as the cloud does: instances in processes of their own, one event at a time each, a fresh
 * one where all are busy, killed at the function's timeout.
 */
export function createRunner(options: RunnerOptions): FunctionRunner {
  const { ids, log } = options;
  const instances = new Map<string, Instance>();
  options.clock.onAdvance((ms) => {
    for (const instance of instances.values()) instance.advance(ms);
  });
  const registry = createRegistry(options, (deployed) => {
    for (const [name, { alive }] of instances) if (!alive) instances.delete(name);
    started += 1;
    const instance = startFunction(deployed, options, String(started), quiet);
    instances.set(String(started), instance);
    return instance;
  });
  let started = 0;
  let running = 0;
  /** Grows with each {@link FunctionRunner.forget}; stands in the address that a call has the gateway at. */
  let story = 0;
  const callers = new Map<string, Caller>();
  /** The latest calls that are not worth a line. */
  const quiet = new Set<string>();

  const run = async (
    { deployed, pool }: Registered,
    invocation: Invocation,
    requestId: string,
  ): Promise<Ran> => {
    const begunIn = story;
    const caller: Caller = { function: deployed, invocation };
    const instance = await pool.take();
    try {
      if (begunIn !== story) return notRun(functionThrew, 'the local WeChat was reset');
      const { cold } = instance;
      callers.set(requestId, caller);
      const gatewayUrl = `${options.gatewayUrl}/${requestId}.${story}`;
      const message = () =>
        invokeMessage(deployed, invocation, options, { requestId, gatewayUrl, now: options.clock.now() });
      const reply = await instance.run(requestId, message, deployed.timeoutSeconds * 1000);
      return { outcome: outcomeOf(reply, deployed), cold };
    } finally {
      // After a reset another call may have this id.
      if (callers.get(requestId) === caller) callers.delete(requestId);
      pool.giveBack(instance);
    }
  };

  /** Finds a function and runs it. */
  const call = async (invocation: Invocation, requestId: string): Promise<Ran> => {
    const { name } = invocation;
    try {
      const found = await registry.find(name);
      return found === undefined
        ? notRun(functionNotFound, `FunctionName parameter could not be found: ${name}`)
        : await run(found, invocation, requestId);
    } catch (error) {
      return notRun(functionThrew, (error as Error).message);
    }
  };

  return {
    get functions() {
      return registry.functions;
    },
    refresh: registry.refresh,
    async invoke(invocation) {
      const { name, source, openid, data, by, push, quiet: isQuiet = false } = invocation;
      const requestID = ids.next('call');
      const startedAt = performance.now();
      const called = { id: requestID, name, source, openid, data };
      if (isQuiet) {
        quiet.add(requestID);
        const [oldest = ''] = quiet;
        if (quiet.size > keepQuiet) quiet.delete(oldest);
      } else log.add({ kind: 'start', ...called, by, push });
      const counts = isQuiet ? 0 : 1;
      running += counts;
      const { outcome, cold } = await call(invocation, requestID);
      running -= counts;
      if (!(isQuiet && outcome.ok))
        log.add({
          kind: 'call',
          ...called,
          answer: outcome.ok ? outcome.result : { errCode: outcome.errCode, errMsg: outcome.errMsg },
          failed: !outcome.ok,
          durationMs: Math.round(performance.now() - startedAt),
          cold,
        });
      return { ...outcome, requestID };
    },
    callerOf: (callId) => callers.get(callId),
    callIn: (instance) => instances.get(instance)?.callId,
    get running() {
      return running;
    },
    renew: registry.renewAll,
    recycle: registry.endAll,
    forget() {
      story += 1;
      callers.clear();
      registry.forgetAll();
    },
    callIdOf(address) {
      const [callId = '', of] = address.split('.');
      return of === undefined || of === String(story) ? callId : undefined;
    },
  };
}

/** How many calls are remembered whose lines are passed over; those of one come while it runs, or soon after. */
const keepQuiet = 100;

function startFunction(
  deployed: DeployedFunction,
  options: RunnerOptions,
  instance: string,
  quiet: ReadonlySet<string>,
): Instance {
  const { name, folder } = deployed;
  const variables = () => {
    const all = processVariables(deployed, options);
    return all['MODEL_URL'] === options.modelUrl
      ? { ...all, MODEL_URL: `${options.modelUrl}/${instance}` }
      : all;
  };
  return startInstance({
    instanceFile: options.instanceFile,
    node: options.node,
    folder,
    variables,
    onLine: (line, callId) => {
      if (callId === undefined || !quiet.has(callId)) options.log.add({ kind: 'log', name, line, callId });
    },
  });
}

/** What came of a call, and whether its instance was started for it. */
interface Ran {
  readonly outcome: Outcome;
  readonly cold: boolean;
}

function notRun(errCode: number, errMsg: string): Ran {
  return { outcome: fail(errCode, errMsg), cold: false };
}

function outcomeOf(reply: InstanceReply | undefined, { timeoutSeconds }: DeployedFunction): Outcome {
  if (reply === undefined)
    return fail(functionTimedOut, `Invoking task timed out after ${timeoutSeconds} seconds`);
  if (reply.kind === 'result')
    return { ok: true, result: reply.json === undefined ? null : JSON.parse(reply.json) };
  return fail(functionThrew, `functions execute fail | errMsg: ${'message' in reply ? reply.message : ''}`);
}

function fail(errCode: number, errMsg: string): Outcome {
  return { ok: false, errCode, errMsg };
}
