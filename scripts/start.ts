import { parseArgs } from 'node:util';
import { createEmulator, defaultOpenid, type Emulator } from '../emulator/emulator';
import { variables } from '../shared/core/settings';
import { buildEmulator } from './build-emulator';
import { buildFunctions } from './build-functions';

const usage = `Builds the functions, starts the local WeChat and prints its address.

  npm start -- [options]

  --port <n>       the port on 127.0.0.1 (default 8520; the next free one if it is taken)
  --set <NAME=…>   a variable of the functions, KEFU_OPERATORS=oSomeone say; may be repeated
  --no-build       use what is built already
  --help           this text

The functions see these variables, and those of the contract that are set where this is started.`;

const usualPort = 8520;

export async function main(args: string[]): Promise<number> {
  const startedAt = performance.now();
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      port: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      build: { type: 'boolean', default: true },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.port !== undefined && !(/^\d+$/.test(values.port) && Number(values.port) < 65536)) {
    console.error(`--port must be a number from 0 to 65535, not ${JSON.stringify(values.port)}`);
    return 2;
  }
  const set = readVariables(values.set);
  if (typeof set === 'string') {
    console.error(set);
    return 2;
  }
  Object.assign(process.env, set);
  if (values.build) await Promise.all([buildFunctions(), buildEmulator()]);
  const emulator = await listen(values.port === undefined ? undefined : Number(values.port));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`The local WeChat is ready (${seconds} s). Open it, and send a message:

  ${emulator.url}/

Functions: ${[...emulator.runner.functions.keys()].join(', ')}
User: ${defaultOpenid}   Every page action is also a REST call: ${emulator.url}/_emulator/coverage
Ctrl+C ends it.`);

  await new Promise<void>((resolve) => {
    // SIGHUP is a closed window, on Windows too.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  await emulator.close();
  return 0;
}

/** Reads variables from `NAME=value`, or says what is none. */
function readVariables(texts: readonly string[]): { readonly [name: string]: string } | string {
  const pairs = texts.map((text) => /^(\w+)=(.*)$/s.exec(text) ?? [text, text]);
  const unknown = pairs.find(
    ([, name = '', value]) => value === undefined || !Object.hasOwn(variables, name),
  );
  if (unknown === undefined) return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
  return `--set takes NAME=value, of ${Object.keys(variables).join(', ')}; not ${unknown[0]}`;
}

/** Takes the port that was asked for, or the usual one, or any. */
async function listen(port: number | undefined): Promise<Emulator> {
  try {
    return await createEmulator({ port: port ?? usualPort });
  } catch (error) {
    if (port !== undefined || (error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return createEmulator({ port: 0 });
  }
}
