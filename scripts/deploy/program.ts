import { type SpawnOptions, spawn } from 'node:child_process';

export interface ProgramOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'shell' | 'timeout'> {
  /** Is told its output as it comes. Left out, nobody sees it. */
  readonly onText?: ((text: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

/** How a program ended: with which code, `null` where it was killed, or why it could not be started. */
export interface Ended {
  readonly code: number | null;
  readonly fault?: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. It is asked nothing: its input is closed. */
export function runProgram(
  file: string,
  args: readonly string[],
  { onText, ...options }: ProgramOptions,
): Promise<Ended> {
  const child = spawn(file, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      onText?.(text, stream);
    });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ code: null, fault: message, ...said }));
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
