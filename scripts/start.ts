import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import {
  contractVariables,
  createEmulator,
  defaultOpenid,
  type Emulator,
  type EmulatorOptions,
} from '../emulator/emulator';
import type { MiniProgramSource } from '../emulator/parts';
import { readStory, type Story } from '../emulator/story';
import { variables } from '../shared/core/settings';
import { renderNotices } from '../shared/functions/notify/render-notices';
import { renderRules } from '../shared/functions/rules/render-rules';
import { notices } from '../shared/notices';
import { rules } from '../shared/rules';
import { buildClient, clientRoot, clientSource } from './build-client';
import { buildEmulator } from './build-emulator';
import { areTablesFresh, buildFunctions, exampleRoot, functionsRoot } from './build-functions';

const usage = `Builds the functions, starts the local WeChat and prints its address.

  npm start -- [options]

  --port <n>          the port on 127.0.0.1 (default 8520; the next free one if it is taken)
  --set <NAME=…>      a variable of our functions, KEFU_OPERATORS=oSomeone say; may be repeated
  --functions <dir>   runs other people's functions too: each folder in <dir> with an index.js is one. May be given
                      several times. What they need must be installed there. A file that changes counts at the next
                      call. Timeouts and memory are those of a cloudbaserc.json beside <dir>
  --env-file <file>   variables for those functions; may be given several times. Without it those of a .env in <dir>
                      or in a function's own folder
  --story <file>      plays a story that was kept on the page, before anything else happens
  --no-build          use what is built already
  --example           run the example's rules and notices (default while shared/rules.ts and shared/notices.ts are as
                      they came); --no-example runs yours
  --help              this text

Our own functions see the variables of the contract that are set here, or else in the file .env of this folder:
KEFU_OPERATORS, OFFICIAL_APPID … Other people's see theirs only. A template that they name is added, and the function
that gets the pushes is chosen, on the page or by REST: docs/local-wechat.md.`;

const usualPort = 8520;

const exampleWords = `the example's (shared/functions/rules/example-rules.ts), here only. What a deploy takes is
  shared/rules.ts; to try that: npm start -- --no-example`;

/** What the desk needs, so that it can be tried with nothing configured: a history, and two people. */
const deskVariables = { KEFU_HISTORY_DAYS: '30', KEFU_OPERATORS: 'oOPERATOR-lin,oOPERATOR-wang' };

export async function main(args: string[]): Promise<number> {
  const startedAt = performance.now();
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      port: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      functions: { type: 'string', multiple: true, default: [] },
      'env-file': { type: 'string', multiple: true, default: [] },
      story: { type: 'string' },
      build: { type: 'boolean', default: true },
      example: { type: 'boolean', default: areTablesFresh() },
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
  const story = values.story === undefined ? undefined : await readStoryFile(values.story);
  if (typeof story === 'string') {
    console.error(story);
    return 2;
  }
  const { example } = values;
  const functions = example ? exampleRoot : functionsRoot;
  const miniProgram = miniProgramOf(values.build);
  if (values.build)
    await Promise.all([buildFunctions(functions, { example }), buildEmulator(), miniProgram?.refresh?.()]);
  const file = await readFile('.env', 'utf8').catch(() => '');
  const emulator = await listen(values.port === undefined ? undefined : Number(values.port), {
    functions,
    ...(miniProgram === undefined ? {} : { miniProgram }),
    others: {
      folders: values.functions.map(fromCaller),
      envFiles: values['env-file'].map(fromCaller),
    },
    variables: { ...deskVariables, ...contractVariables({ ...parseEnv(file), ...process.env, ...set }) },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`The local WeChat is ready (${seconds} s). Open it, and send a message:

  ${emulator.url}/

Rules: ${example ? exampleWords : `yours, shared/rules.ts\n  ${[...renderRules(rules), ...renderNotices(notices)].join('\n  ')}`}
${listFunctions(emulator)}
User: ${defaultOpenid}   Every page action is also a REST call: ${emulator.url}/_emulator/coverage
Ctrl+C ends it.`);
  if (story !== undefined) await playStory(emulator, story);

  await new Promise<void>((resolve) => {
    // SIGHUP is a closed window, on Windows too.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  await emulator.close();
  return 0;
}

/** Where the second phone's mini program is built, beside the one for DevTools and without the client's types. */
const phoneRoot = 'dist/phone';

/** The mini program of this folder for the second phone, built anew as often as it has changed; none where there is none. */
function miniProgramOf(build: boolean): MiniProgramSource | undefined {
  if (!build) return existsSync(path.join(clientRoot, 'app.json')) ? { root: clientRoot } : undefined;
  if (!existsSync(clientSource)) return undefined;
  let built = 0;
  let building: Promise<unknown> = Promise.resolve();
  return {
    root: phoneRoot,
    refresh: async () => {
      const changed = lastChange(clientSource);
      if (changed > built) {
        built = changed;
        building = buildClient(phoneRoot, { types: false }).catch((error: unknown) => {
          built = 0;
          throw error;
        });
      }
      await building;
    },
  };
}

/** When something in a folder was last written. */
function lastChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((file) => statSync(path.join(folder, file)).mtimeMs));
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

/** The story in a file, or why it is none. */
async function readStoryFile(file: string): Promise<Story | string> {
  try {
    return readStory(JSON.parse(await readFile(fromCaller(file), 'utf8')));
  } catch (error) {
    return `--story ${file}: ${(error as Error).message}`;
  }
}

/** Plays a story. Where it comes to something else than the story says the local WeChat stays as it is then, to be looked at. */
async function playStory(emulator: Emulator, story: Story): Promise<void> {
  try {
    const { length } = await emulator.stories.play(story);
    console.log(`Played ${story.story === '' ? 'the story' : `“${story.story}”`}: ${length} steps.`);
  } catch (error) {
    console.error(`The story broke off at ${(error as Error).message}`);
  }
}

/** A path as who typed it means it: npm runs scripts in the folder of `package.json`, wherever it was called. */
function fromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '.', file);
}

/** Takes the port that was asked for, or the usual one, or any. */
async function listen(port: number | undefined, options: EmulatorOptions): Promise<Emulator> {
  try {
    return await createEmulator({ ...options, port: port ?? usualPort });
  } catch (error) {
    if (port !== undefined || (error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return createEmulator({ ...options, port: 0 });
  }
}

/** Our functions in a line, and other people's in a line for each folder. */
function listFunctions({ runner }: Emulator): string {
  const functions = [...runner.functions.values()];
  const froms = [...new Set(functions.map(({ from }) => from))];
  return froms
    .map((from) => {
      const names = functions.filter((one) => one.from === from).map(({ name }) => name);
      return `Functions${from === undefined ? '' : ` of ${from}`}: ${names.join(', ')}`;
    })
    .join('\n');
}
