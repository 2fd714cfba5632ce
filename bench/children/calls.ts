import { writeSync } from 'node:fs';

/** One call after the other: when each began, in milliseconds since 1970, and how long it took. */
export interface CallsResult {
  readonly calls: readonly { readonly at: number; readonly ms: number }[];
}

/** Calls a function with an event so many times; `#` in it and in the context is the number of the call. */
const [file = '', event = '{}', context = '{}', count = '1'] = process.argv.slice(2);
const { main } = require(file) as { main: (event: unknown, context: unknown) => Promise<unknown> };

async function run(): Promise<void> {
  const calls: { at: number; ms: number }[] = [];
  // The first one loads and compiles what the others use.
  for (let number = 0; number <= Number(count); number += 1) {
    const numbered = (text: string): unknown => JSON.parse(text.replaceAll('#', String(number)));
    const at = Date.now();
    const startedAt = performance.now();
    await main(numbered(event), numbered(context));
    if (number > 0) calls.push({ at, ms: performance.now() - startedAt });
  }
  writeSync(3, JSON.stringify({ calls } satisfies CallsResult));
  process.exit();
}
void run();
