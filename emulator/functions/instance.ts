/**
 * One instance of a function: a process of its own that loads the built code once and handles one event at a time,
 * as in the cloud. Runs in a child process; its parent is `runner.ts`.
 */

import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import type { TimerOptions } from 'node:timers';
import timers from 'node:timers/promises';
import { describeError } from './describe-error';

/** What the parent sends for each event. */
export interface InvokeMessage {
  readonly event: unknown;
  readonly context: { readonly [name: string]: unknown };
  /** The variables of this call. Those of an earlier call that are not named here stay, as they may in the cloud. */
  readonly variables: { readonly [name: string]: string };
  /** The local WeChat's time. */
  readonly now: number;
}

/** What the parent sends when the local WeChat's time is moved forward during a call. */
export interface AdvanceMessage {
  readonly advanceMs: number;
}

/** What the parent sends to an instance that is to be as one that has just been started. */
export interface RenewMessage {
  readonly environment: NodeJS.ProcessEnv;
}

/** What the instance answers. */
export type InstanceReply =
  | { readonly kind: 'ready' }
  /** The function could not be loaded; the process ends. */
  | { readonly kind: 'broken'; readonly message: string }
  /** What the function wrote to its output. Comes the same way as the result, so it is there before the result is. */
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'result'; readonly json: string | undefined }
  | { readonly kind: 'thrown'; readonly message: string };

type Main = (event: unknown, context: unknown) => unknown;

const RealDate = Date;
let aheadMs = 0;

/** The function's Date runs with the local WeChat's clock, or media would never expire in an afternoon. */
class EmulatedDate extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + aheadMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + aheadMs;
  }
}
globalThis.Date = EmulatedDate as DateConstructor;

let advancedMs = 0;
/** What waits for the time to be moved, with how far it has to be. */
const waits = new Map<() => void, number>();

/** A function's pauses are over when the local WeChat's time was moved that far: nobody sits them out. */
const pause = timers.setTimeout;
timers.setTimeout = async <T = void>(ms = 0, value?: T, options?: TimerOptions) => {
  let go = () => {};
  const advanced = new Promise<void>((resolve) => {
    go = resolve;
    waits.set(go, advancedMs + ms);
  });
  try {
    await Promise.race([pause(ms, undefined, options), advanced]);
  } finally {
    waits.delete(go);
  }
  return value as T;
};

function advance({ advanceMs }: AdvanceMessage): void {
  advancedMs += advanceMs;
  for (const [go, until] of waits) if (until <= advancedMs) go();
}

const reply = (message: InstanceReply) => process.send?.(message);

type Write = typeof process.stdout.write;
for (const stream of [process.stdout, process.stderr]) {
  // A pipe of its own would let the result overtake the lines that were written before it.
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    reply({ kind: 'output', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8') });
    const written = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    if (written !== undefined) process.nextTick(written);
    return true;
  };
  stream.write = write as Write;
}

const entry = process.argv[2] ?? '';

let main: Main | undefined;
function load(): void {
  try {
    ({ main } = require(entry) as { main?: Main });
    reply({ kind: 'ready' });
  } catch (error) {
    process.send?.({ kind: 'broken', message: describeError(error, entry) }, () => process.exit(1));
  }
}
load();

/** Loads the code anew: half the work of another process. Where something of it still goes on, this one ends. */
function renew({ environment }: RenewMessage): void {
  for (const { globalAgent } of [http, https]) globalAgent.destroy();
  // Of what keeps a process alive the way to the parent alone may be left.
  if (process.getActiveResourcesInfo().some((name) => name !== 'PipeWrap')) process.exit();
  for (const file of Object.keys(require.cache)) if (file !== __filename) delete require.cache[file];
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  aheadMs = 0;
  load();
}

process.on('message', async (message: InvokeMessage | AdvanceMessage | RenewMessage) => {
  if ('advanceMs' in message) return advance(message);
  if ('environment' in message) return renew(message);
  const { event, context, variables, now } = message;
  Object.assign(process.env, variables);
  aheadMs = now - RealDate.now();
  try {
    if (typeof main !== 'function') throw new Error(`${path.basename(entry)} exports no main`);
    const result = await main(event, context);
    reply({ kind: 'result', json: JSON.stringify(result) });
  } catch (error) {
    reply({ kind: 'thrown', message: describeError(error, entry) });
  }
});
