import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { parseSettings, variables } from '../../shared/core/settings';

/** The variables that go to the functions: their values here, and nowhere on the screen. */

export type Environment = { readonly [name: string]: string | undefined };

export type ReadVariables =
  | {
      readonly ok: true;
      readonly values: { readonly [name: string]: string };
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the variables of the contract: from the environment, else from `.env.<environment id>`, else from `.env`.
 *
 * Other variables are left alone. A variable that is empty counts as not set.
 */
export async function readVariables(envId: string, environment: Environment): Promise<ReadVariables> {
  const files: string[] = [];
  let found: Environment = {};
  for (const file of ['.env', `.env.${envId}`]) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    files.push(file);
    found = { ...found, ...parseEnv(text) };
  }
  found = { ...found, ...environment };

  const values = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = found[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = parseSettings(values);
  if (!parsed.ok) return { ok: false, problem: `the variable ${parsed.variable} ${parsed.message}` };
  const spoiled = Object.entries(values).find(([, value]) => isSpoiledByCli(value));
  if (spoiled !== undefined) {
    return {
      ok: false,
      problem: `the variable ${spoiled[0]} cannot go through the CLI, which would read its value as JSON or as a template; set it in the console`,
    };
  }
  return { ok: true, values, files };
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
