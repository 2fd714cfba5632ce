import type { EmulatorClock } from '../clock';
import type { EventLog } from '../event-log';
import type { Ids } from '../ids';
import type { DeployedFunction } from './deployed';
import type { InstanceReply } from './instance';
import { createPool, type Pool, startInstance } from './instances';
import { type Environment, type Invocation, invokeMessage, platformVariables } from './invocation';

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
  invoke(invocation: Invocation): Promise<Invoked>;
  /** Who asks, by the call id in the gateway's address. */
  callerOf(callId: string): Caller | undefined;
  /** Ends all instances, so that the next call starts a fresh one. What they had sent still arrives. */
  recycle(): void;
  /** Ends all instances and calls, those that wait too: nothing of them arrives any more. */
  forget(): void;
  /** The call id in a gateway address; `undefined` where the call is of before the last {@link forget}. */
  callIdOf(address: string): string | undefined;
}

interface RunnerOptions extends Environment {
  readonly functions: readonly DeployedFunction[];
  /** The program that an instance runs. */
  readonly instanceFile: string;
  /** Where the SDK finds CloudBase's gateway. */
  readonly gatewayUrl: string;
  readonly clock: EmulatorClock;
  readonly ids: Ids;
  readonly log: EventLog;
  /** How many instances of one function may run at a time; further calls wait. */
  readonly maxInstances: number;
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
  const functions = new Map(options.functions.map((deployed) => [deployed.name, deployed]));
  const pools = new Map(options.functions.map((deployed) => [deployed.name, poolOf(deployed, options)]));
  /** Grows with each {@link FunctionRunner.forget}; stands in the address that a call has the gateway at. */
  let story = 0;
  const callers = new Map<string, Caller>();

  const run = async (
    pool: Pool,
    caller: Caller,
    requestId: string,
  ): Promise<{ outcome: Outcome; cold: boolean }> => {
    const begunIn = story;
    const instance = await pool.take();
    try {
      if (begunIn !== story)
        return { outcome: fail(functionThrew, 'the local WeChat was reset'), cold: false };
      const { cold } = instance;
      callers.set(requestId, caller);
      const gatewayUrl = `${options.gatewayUrl}/${requestId}.${story}`;
      const { function: deployed, invocation } = caller;
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

  const recycle = () => {
    for (const pool of pools.values()) pool.endAll();
  };

  return {
    functions,
    async invoke(invocation) {
      const { name, source, openid, data } = invocation;
      const requestID = ids.next('call');
      const startedAt = performance.now();
      const [deployed, pool] = [functions.get(name), pools.get(name)];
      const { outcome, cold } =
        deployed === undefined || pool === undefined
          ? {
              outcome: fail(functionNotFound, `FunctionName parameter could not be found: ${name}`),
              cold: false,
            }
          : await run(pool, { function: deployed, invocation }, requestID);
      log.add({
        kind: 'call',
        id: requestID,
        name,
        source,
        ...(openid === undefined ? {} : { openid }),
        data,
        answer: outcome.ok ? outcome.result : { errCode: outcome.errCode, errMsg: outcome.errMsg },
        failed: !outcome.ok,
        durationMs: Math.round(performance.now() - startedAt),
        cold,
      });
      return { ...outcome, requestID };
    },
    callerOf: (callId) => callers.get(callId),
    recycle,
    forget() {
      story += 1;
      callers.clear();
      recycle();
    },
    callIdOf(address) {
      const [callId = '', of] = address.split('.');
      return of === undefined || of === String(story) ? callId : undefined;
    },
  };
}

function poolOf({ name, folder }: DeployedFunction, options: RunnerOptions): Pool {
  const start = () =>
    startInstance({
      instanceFile: options.instanceFile,
      folder,
      variables: platformVariables(options),
      onLine: (line, callId) =>
        options.log.add({ kind: 'log', name, line, ...(callId === undefined ? {} : { callId }) }),
    });
  return createPool(start, options.maxInstances);
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
