import { fork } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { InstanceReply, InvokeMessage } from './instance';

/** One process of a function, which handles one event at a time. */
export interface Instance {
  /** Whether it has not been given an event yet. */
  readonly cold: boolean;
  readonly alive: boolean;
  /**
   * Gives it an event, as soon as it has started. Answers `undefined` where no reply came in time; the process is then
   * killed. The message is made when the process is ready, for it holds the time.
   */
  run(callId: string, message: () => InvokeMessage, timeoutMs: number): Promise<InstanceReply | undefined>;
  end(): void;
}

interface StartOptions {
  /** The program that an instance runs. */
  readonly instanceFile: string;
  /** The function's folder. */
  readonly folder: string;
  readonly variables: NodeJS.ProcessEnv;
  /** Takes a line that the function wrote, during a call or between two. */
  readonly onLine: (line: string, callId: string | undefined) => void;
}

/** Starts a process that loads a function. */
export function startInstance({ instanceFile, folder, variables, onLine }: StartOptions): Instance {
  const child = fork(instanceFile, [path.resolve(folder, 'index.js')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: variables,
  });
  let alive = true;
  let cold = true;
  let currentCall: string | undefined;
  let settle: (reply: InstanceReply) => void = () => undefined;
  let becomeReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const write = (line: string) => onLine(line, currentCall);
  const gone = (message: string) => {
    alive = false;
    becomeReady();
    settle({ kind: 'thrown', message });
  };
  child.on('message', (message: InstanceReply) => {
    if (message.kind === 'ready') becomeReady();
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
    alive = false;
    child.kill('SIGKILL');
  };
  return {
    get cold() {
      return cold;
    },
    get alive() {
      return alive;
    },
    end,
    async run(callId, message, timeoutMs) {
      cold = false;
      currentCall = callId;
      await ready;
      let timer: NodeJS.Timeout | undefined;
      const reply = await new Promise<InstanceReply | undefined>((resolve) => {
        settle = resolve;
        timer = setTimeout(resolve, timeoutMs, undefined);
        if (child.connected) child.send(message());
        else resolve({ kind: 'thrown', message: 'the instance did not start' });
      });
      clearTimeout(timer);
      settle = () => undefined;
      currentCall = undefined;
      if (reply === undefined) end();
      return reply;
    },
  };
}

/** The instances of one function: a fresh one where all are busy, up to a number; further calls wait. */
export interface Pool {
  take(): Promise<Instance>;
  giveBack(instance: Instance): void;
  endAll(): void;
}

export function createPool(start: () => Instance, most: number): Pool {
  const running = new Set<Instance>();
  const idle: Instance[] = [];
  const waiting: (() => void)[] = [];
  return {
    async take() {
      for (;;) {
        for (let free = idle.pop(); free !== undefined; free = idle.pop()) {
          if (free.alive) return free;
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
      if (!instance.alive) running.delete(instance);
      else if (running.has(instance)) idle.push(instance);
      waiting.shift()?.();
    },
    endAll() {
      for (const instance of running) instance.end();
      running.clear();
      idle.splice(0);
    },
  };
}
