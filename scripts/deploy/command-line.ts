import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestName } from '../../shared/wechat/fields/suggest';

export type Environment = { readonly [name: string]: string | undefined };

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

/** Ends a command, wherever in it: {@link command} says its lines, and answers how the process ends. */
export class Stop extends Error {
  readonly exit: number;

  constructor(lines: readonly string[], exit: number = exits.misused) {
    super(lines.join('\n'));
    this.exit = exit;
  }
}

/** Ends a command because of what is wrong with something, a line each. */
export function notInOrder(what: string, problems: readonly string[]): Stop {
  return new Stop([`${what} not in order:`, ...problems.map((line) => `  ${line}`)]);
}

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
type Values<T extends OptionTypes> = ReturnType<typeof readOptions<T>>;

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
    try {
      const values = readOptions(args, { ...options, help: { type: 'boolean' } });
      if (!args.includes('--help')) return await run(values as Values<T>, terminal);
      terminal.print(usage);
      return exits.done;
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      terminal.printError(error.message);
      return error.exit;
    }
  };
}

/** Asks for a yes to what a command of a project is about to do. */
export async function isAgreed(
  { print, ask }: Terminal,
  { yes, question, again }: { readonly yes: boolean; readonly question: string; readonly again: string },
): Promise<boolean> {
  if (yes) return true;
  if (ask === undefined)
    throw new Stop([`\nNobody is here to say yes, so nothing was changed. To do it: ${again} --yes`]);
  const isYes = await ask(`\n${question} (y/N) `);
  if (!isYes) print('Nothing was changed.');
  return isYes;
}

/** Reads options, `--no-…` too. */
function readOptions<T extends OptionTypes>(args: string[], options: T) {
  refuseUnknown(args, Object.keys(options));
  try {
    return parseArgs({ args, allowNegative: true, options }).values;
  } catch (error) {
    throw new Stop([(error as Error).message]);
  }
}

/** Stops at the first option that there is none of. */
function refuseUnknown(args: readonly string[], known: readonly string[]): void {
  const unknown = args
    .filter((arg) => arg.startsWith('--'))
    .map((arg) => arg.slice(2).replace(/=.*/s, '').replace(/^no-/, ''))
    .find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  const hint = near === undefined ? ' (see --help)' : `; did you mean --${near}?`;
  throw new Stop([`there is no option --${unknown}${hint}`]);
}

const shortestEnvId = 2;
const longestEnvId = 63;

/** Why a text is no environment's id as the console shows it; empty where it is one. */
export function envIdFault(envId: string, command: string): string {
  if (envId === '')
    return `which environment? npm run ${command} -- --env <id> (the console shows it), or set ENV_ID`;
  const shown = `${JSON.stringify(envId)} is no environment id`;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(envId)) return `${shown}: letters, digits and hyphens only`;
  return envId.length >= shortestEnvId && envId.length <= longestEnvId
    ? ''
    : `${shown}: one has ${shortestEnvId} to ${longestEnvId} characters, cloud1-7g1a2b3c4d5e6f70 say; the console shows it`;
}

/** The names of a list with commas; none where there is no list. */
export function readNames(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
