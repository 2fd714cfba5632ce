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

type OptionTypes = NonNullable<ParseArgsConfig['options']>;
type Values<T extends OptionTypes> = Extract<ReturnType<typeof readOptions<T>>, { ok: true }>['values'];

/**
 * Makes the `main` of a command: it says its usage, and refuses an option that there is none of.
 *
 * @param options as `parseArgs` has them; `--help` is one of every command
 * @param run does it, and answers how the process ends
 */
export function command<const T extends OptionTypes>(
  usage: string,
  options: T,
  run: (values: Values<T>, terminal: Terminal) => number | Promise<number>,
) {
  return async (args: string[], terminal: Terminal = processTerminal()): Promise<number> => {
    const read = readOptions(args, { ...options, help: { type: 'boolean' } });
    if (!read.ok) return misused(terminal, read.problem);
    if (!args.includes('--help')) return run(read.values as Values<T>, terminal);
    terminal.print(usage);
    return exits.done;
  };
}

/** Says why a command was not understood; answers the end of its process. */
export function misused({ printError }: Terminal, ...problems: readonly string[]): number {
  for (const problem of problems) printError(problem);
  return exits.misused;
}

/** Asks for a yes to what a command of a project is about to do; answers how it ends where there is none. */
export async function refusal(
  { print, printError, ask }: Terminal,
  { yes, question, again }: { readonly yes: boolean; readonly question: string; readonly again: string },
): Promise<number | undefined> {
  if (yes) return undefined;
  if (ask === undefined) {
    printError(`\nNobody is here to say yes, so nothing was changed. To do it: ${again} --yes`);
    return exits.misused;
  }
  if (await ask(`\n${question} (y/N) `)) return undefined;
  print('Nothing was changed.');
  return exits.done;
}

/** Reads options, `--no-…` too, or says in a sentence what is none. */
function readOptions<T extends OptionTypes>(args: string[], options: T) {
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
