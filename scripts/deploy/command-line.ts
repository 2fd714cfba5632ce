import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestName } from '../../shared/wechat/fields/suggest';
import type { Environment } from './variables';

/** What the scripts need of the world, so that a test can be the one who answers. */
export interface Terminal {
  readonly environment: Environment;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Asks for a yes; `undefined` where nobody can answer. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
}

/** The end of a run: all well, something failed, or the command was not understood. */
export const exits = { done: 0, failed: 1, misused: 2 } as const;

/** The terminal that this process was started from. */
export function processTerminal(): Terminal {
  const { env: environment, stdin, stdout } = process;
  const ask = async (question: string): Promise<boolean> => {
    const reader = createInterface({ input: stdin, output: stdout });
    try {
      // Ctrl+C, or the end of the input, is a no.
      const closed = once(reader, 'close').then(() => '');
      const answer = await Promise.race([reader.question(question), closed]);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      reader.close();
    }
  };
  return {
    environment,
    print: (text) => console.log(text),
    printError: (text) => console.error(text),
    ask: stdin.isTTY && stdout.isTTY ? ask : undefined,
  };
}

/** Reads options, `--no-…` too, or says in a sentence what is none. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  const refused = refuseOption(args, Object.keys(options));
  if (refused !== undefined) return { ok: false, problem: refused } as const;
  try {
    return { ok: true, values: parseArgs({ args, allowNegative: true, options }).values } as const;
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'the options cannot be read';
    return { ok: false, problem } as const;
  }
}

/** What to say of the first option that there is none of. */
function refuseOption(args: readonly string[], known: readonly string[]): string | undefined {
  const unknown = args
    .filter((arg) => arg.startsWith('--'))
    .map((arg) => arg.slice(2).replace(/=.*/s, '').replace(/^no-/, ''))
    .find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const near = nearestName(unknown, known);
  return `there is no option --${unknown}${near === undefined ? ' (see --help)' : `; did you mean --${near}?`}`;
}

const shortestEnvId = 2;
const longestEnvId = 63;

/** An environment's id as the console shows it, or why a text is none. */
export function checkEnvId(envId: string, command: string): string | undefined {
  if (envId === '') {
    return `which environment? npm run ${command} -- --env <id> (the console shows it), or set ENV_ID`;
  }
  const shown = `${JSON.stringify(envId)} is no environment id`;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(envId)) return `${shown}: letters, digits and hyphens only`;
  return envId.length >= shortestEnvId && envId.length <= longestEnvId
    ? undefined
    : `${shown}: one has ${shortestEnvId} to ${longestEnvId} characters, cloud1-7g1a2b3c4d5e6f70 say; the console shows it`;
}

/** The names of a list with commas; none where there is no list. */
export function readNames(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
