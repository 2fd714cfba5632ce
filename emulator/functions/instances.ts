import { fork } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { AdvanceMessage, InstanceReply, InvokeMessage, RenewMessage } from './instance';

/** One process of a function, which handles one event at a time. */
export interface Instance {
  /** Whether it has not been given an event yet. */
  readonly cold: boolean;
  readonly alive: boolean;
  /** The call that it handles. */
  readonly callId: string | undefined;
  /**
   * Gives it an event, as soon as it has started. Answers `undefined` where no reply came in time; the process is then
   * killed. The message is made when the process is ready, for it holds the time.
   */
  run(callId: string, message: () => InvokeMessage, timeoutMs: number): Promise<InstanceReply | undefined>;
  /** Tells what it runs that the time was moved forward. */
  advance(ms: number): void;
  /** Has it forget all that it knows before it is given another event. */
  forget(): void;
  /** Resolves when it has forgotten what it is to; whether it can be given an event. */
  ready(): Promise<boolean>;
  end(): void;
}

interface StartOptions {
  /** The program that an instance runs. */
  readonly instanceFile: string;
  /** The Node that it runs under. Left out, the one that runs this. */
  readonly node?: string | undefined;
  /** The function's folder. */
  readonly folder: string;
  readonly variables: () => NodeJS.ProcessEnv;
  /** Takes a line that the function wrote, during a call or between two. */
  readonly onLine: (line: string, callId: string | undefined) => void;
}

/** How long a function may take to load, as long as the platform gives it. */
const startSeconds = 65;

/** Starts a process that loads a function. */
export function startInstance({ instanceFile, node, folder, variables, onLine }: StartOptions): Instance {
  const child = fork(instanceFile, [path.resolve(folder, 'index.js')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    execPath: node,
    env: variables(),
  });
  let stale = false;
  let settle: (reply: InstanceReply) => void = () => undefined;
  /** Why it takes no event any more. */
  let failure: string | undefined;
  let becomeReady: () => void = () => undefined;
  const start = () => {
    const started = new Promise<void>((resolve) => {
      becomeReady = resolve;
    });
    const starting = setTimeout(() => {
      gone(`the instance did not start within ${startSeconds} seconds`);
      end();
    }, startSeconds * 1000).unref();
    void started.then(() => clearTimeout(starting));
    return started;
  };
  let started = start();
  const write = (line: string) => onLine(line, instance.callId);
  const gone = (message: string) => {
    instance.alive = false;
    failure ??= message;
    becomeReady();
    settle({ kind: 'thrown', message: failure });
  };
  child.on('message', (message: InstanceReply) => {
    if (message.kind === 'ready') becomeReady();
    else if (message.kind === 'broken') gone(message.message);
    else if (message.kind === 'output') message.text.trimEnd().split('\n').forEach(write);
    else settle(message);
  });
  child.on('exit', (code) => gone(`the instance ended with code ${code}`));
  child.on('error', (error) => gone(error.message));
  // What Node itself says when an instance breaks down; the function's own lines come as messages.
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', write);
  }
  const end = () => {
    instance.alive = false;
    child.kill('SIGKILL');
  };
  const instance: { -readonly [P in keyof Instance]: Instance[P] } = {
    cold: true,
    alive: true,
    callId: undefined,
    advance(ms) {
      if (instance.callId !== undefined && instance.alive && child.connected)
        child.send({ advanceMs: ms } satisfies AdvanceMessage);
    },
    forget() {
      stale = true;
      instance.cold = true;
    },
    async ready() {
      if (stale) {
        stale = false;
        started = start();
        child.send({ environment: variables() } satisfies RenewMessage);
        await started;
      }
      return instance.alive;
    },
    end,
    async run(callId, message, timeoutMs) {
      instance.cold = false;
      instance.callId = callId;
      await started;
      let timer: NodeJS.Timeout | undefined;
      const reply = await new Promise<InstanceReply | undefined>((resolve) => {
        settle = resolve;
        timer = setTimeout(resolve, timeoutMs, undefined);
        if (failure === undefined) child.send(message());
        else resolve({ kind: 'thrown', message: failure });
      });
      clearTimeout(timer);
      settle = () => undefined;
      instance.callId = undefined;
      if (reply === undefined) end();
      return reply;
    },
  };
  return instance;
}

/** The instances of one function: a fresh one where all are busy, up to a number; further calls wait. */
export interface Pool {
  take(): Promise<Instance>;
  giveBack(instance: Instance): void;
  /** Has the next call take a fresh one; what runs is ended when it is given back. */
  renew(): void;
  /** Ends what runs, and has the others forget what they know. */
  forget(): void;
  endAll(): void;
}

export function createPool(start: () => Instance, most: number): Pool {
  const running = new Set<Instance>();
  const idle: Instance[] = [];
  const waiting: (() => void)[] = [];
  const renew = () => {
    for (const instance of idle.splice(0)) instance.end();
    running.clear();
  };
  const drop = (instance: Instance) => {
    instance.end();
    running.delete(instance);
  };
  return {
    async take() {
      for (;;) {
        for (let free = idle.pop(); free !== undefined; free = idle.pop()) {
          if (free.alive && (await free.ready())) return free;
          running.delete(free);
        }
        if (running.size < most) {
          const instance = start();
          running.add(instance);
          return instance;
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    giveBack(instance) {
      if (instance.alive && running.has(instance)) idle.push(instance);
      else drop(instance);
      waiting.shift()?.();
    },
    renew,
    forget() {
      for (const instance of running) idle.includes(instance) ? instance.forget() : drop(instance);
    },
    endAll() {
      for (const instance of running) instance.end();
      renew();
    },
  };
}
