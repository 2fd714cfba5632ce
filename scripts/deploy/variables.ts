import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parseSettings, variables } from '../../shared/core/settings';
import { type Environment, Stop } from './command-line';

/** The variables that go to the functions: their values here, and nowhere on the screen. */

/** The environment, over `.env.<environment id>`, over `.env`; and which of the two files are there. */
export async function readEnvironment(
  envId: string,
  environment: Environment,
  folder = '.',
): Promise<{ readonly all: Environment; readonly files: readonly string[] }> {
  const files: string[] = [];
  let all: Environment = {};
  for (const file of ['.env', `.env.${envId}`]) {
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    files.unshift(file);
    all = { ...all, ...parseEnv(text) };
  }
  return { all: { ...all, ...environment }, files };
}

/** The variables of the contract, checked. Others are left alone; one that is empty counts as not set. */
export function chooseVariables(all: Environment): { readonly [name: string]: string } {
  const values = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = all[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = parseSettings(values);
  if (!parsed.ok) throw new Stop([`the variable ${parsed.variable} ${parsed.message}`]);
  const spoiled = Object.entries(values).find(([, value]) => isSpoiledByCli(value));
  if (spoiled !== undefined)
    throw new Stop([
      `the variable ${spoiled[0]} cannot go through the CLI, which would read its value as JSON or as a template; set it in the console`,
    ]);
  return values;
}

/**
 * Whether the CLI would change a value on its way. It renders its configuration as a template whose tags open with
 * a value's first `{{`, and then parses every text that is a JSON object, list or null.
 */
function isSpoiledByCli(value: string): boolean {
  if (value.startsWith('{{')) return true;
  try {
    return typeof JSON.parse(value) === 'object';
  } catch {
    return false;
  }
}

/** The variables of the contract that are not among these. */
export function notSet(values: Environment): string[] {
  return Object.keys(variables).filter((name) => values[name] === undefined);
}
