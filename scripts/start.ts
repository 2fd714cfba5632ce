import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseEnv } from 'node:util';
import {
  contractVariables,
  createEmulator,
  defaultOpenid,
  type Emulator,
  type EmulatorOptions,
} from '../emulator/emulator';
import { readStory, type Story } from '../emulator/story';
import { variables } from '../shared/core/settings';
import { renderNotices } from '../shared/functions/notify/render-notices';
import { renderRules } from '../shared/functions/rules/render-rules';
import { command, exits, Stop, type Terminal } from './deploy/command-line';
import { findProject } from './project/here';
import type { Project, Stage } from './project/project';

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

const options = {
  port: { type: 'string' },
  set: { type: 'string', multiple: true, default: [] as string[] },
  functions: { type: 'string', multiple: true, default: [] as string[] },
  'env-file': { type: 'string', multiple: true, default: [] as string[] },
  story: { type: 'string' },
  build: { type: 'boolean', default: true },
  example: { type: 'boolean' },
} as const;

export const usualPort = 8520;

/** How many ports after the usual one are tried where it is taken. */
const nextPorts = 20;

/** What the desk needs, so that it can be tried with nothing configured: a history, and two people. */
const deskVariables = { KEFU_HISTORY_DAYS: '30', KEFU_OPERATORS: 'oOPERATOR-lin,oOPERATOR-wang' };

export const main = command(usage, options, async (values, terminal) => {
  const startedAt = performance.now();
  if (values.port !== undefined && !(/^\d+$/.test(values.port) && Number(values.port) < 65536))
    throw new Stop([`--port must be a number from 0 to 65535, not ${JSON.stringify(values.port)}`]);
  const set = readVariables(values.set);
  const story = values.story === undefined ? undefined : await readStoryFile(values.story);
  const project = await findProject();
  const stage = await project.stage({ example: values.example, build: values.build });
  const { rebuild, miniProgram } = stage;
  const file = await readFile('.env', 'utf8').catch(() => '');
  const emulator = await listen(values.port === undefined ? undefined : Number(values.port), {
    functions: stage.functions,
    dist: project.dist,
    cloudbaserc: project.cloudbaserc,
    miniProgram,
    rebuild: rebuild && told(rebuild, project, terminal),
    others: {
      folders: [...stage.others, ...values.functions.map(fromCaller)],
      envFiles: values['env-file'].map(fromCaller),
      passedOver: stage.passedOver,
    },
    variables: { ...deskVariables, ...contractVariables({ ...parseEnv(file), ...process.env, ...set }) },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  terminal.print(await greeting(emulator, project, stage, seconds));
  if (story !== undefined) await playStory(emulator, story, terminal);

  await new Promise<void>((resolve) => {
    // SIGHUP is a closed window, on Windows too.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  await emulator.close();
  return exits.done;
});

const exampleWords = `the example’s, here only (a deploy takes yours). Yours count as soon as there is one,
           or with npm start -- --no-example:`;

/** Says in the terminal that rules and notices were read anew, and why not: once for each fault. */
function told(
  rebuild: () => Promise<boolean>,
  { rulesFile }: Project,
  { print, printError }: Terminal,
): () => Promise<boolean> {
  let fault: string | undefined;
  return async () => {
    try {
      const isNew = await rebuild();
      if (isNew) print(`${rulesFile}: read anew`);
      if (isNew) fault = undefined;
      return isNew;
    } catch (error) {
      const { message } = error as Error;
      if (message !== fault) printError(message);
      fault = message;
      throw error;
    }
  };
}

/** What runs, where, and what to try next, in one screen. */
async function greeting(
  emulator: Emulator,
  project: Project,
  stage: Stage,
  seconds: string,
): Promise<string> {
  const { url } = emulator;
  const { rules: own, notices } = await project.tables();
  const rules = stage.example()
    ? [`${exampleWords} ${project.rulesFile}`]
    : [`yours, ${project.rulesFile}`, ...renderRules(own), ...renderNotices(notices)];
  return `The local WeChat is ready (${seconds} s). Open it, and send a message:

  ${url}/

Rules:     ${rules.join('\n           ')}
${listFunctions(emulator)}
User:      ${defaultOpenid}
${(await missingPackages(emulator)).map((line) => `Missing:   ${line}\n`).join('')}
Try        write something on the phone of that page, and look at what came of it on the right
           change ${project.rulesFile}${stage.rebuild === undefined ? ' and start again' : ', and write again: it counts at once'}
           the same by REST, all that the page does: ${url}/_emulator/coverage
           npm run doctor -- --local        npm run deploy -- --help

Ctrl+C ends it.`;
}

/** Reads variables from `NAME=value`. */
function readVariables(texts: readonly string[]): { readonly [name: string]: string } {
  const pairs = texts.map((text) => /^(\w+)=(.*)$/s.exec(text) ?? [text, text]);
  const unknown = pairs.find(
    ([, name = '', value]) => value === undefined || !Object.hasOwn(variables, name),
  );
  if (unknown !== undefined)
    throw new Stop([`--set takes NAME=value, of ${Object.keys(variables).join(', ')}; not ${unknown[0]}`]);
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
}

/** The story in a file. */
async function readStoryFile(file: string): Promise<Story> {
  const read = await readFile(fromCaller(file), 'utf8')
    .then((text) => readStory(JSON.parse(text)))
    .catch((error: Error) => `--story ${file}: ${error.message}`);
  if (typeof read === 'string') throw new Stop([read]);
  return read;
}

/** Plays a story. Where it comes to something else than the story says the local WeChat stays as it is then, to be looked at. */
async function playStory(emulator: Emulator, story: Story, { print, printError }: Terminal): Promise<void> {
  try {
    const { length } = await emulator.stories.play(story);
    print(`Played ${story.story === '' ? 'the story' : `“${story.story}”`}: ${length} steps.`);
  } catch (error) {
    printError(`The story broke off at ${(error as Error).message}`);
  }
}

/** A path as who typed it means it: npm runs scripts in the folder of `package.json`, wherever it was called. */
function fromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '.', file);
}

/** Takes the port that was asked for; else the usual one, or the next that is free, or any. */
export async function listen(port: number | undefined, options: EmulatorOptions): Promise<Emulator> {
  if (port !== undefined) return createEmulator({ ...options, port });
  for (let next = usualPort; next < usualPort + nextPorts; next += 1) {
    try {
      return await createEmulator({ ...options, port: next });
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    }
  }
  return createEmulator({ ...options, port: 0 });
}

/** What other people's functions name in their `package.json` and cannot load from where they are. */
async function missingPackages({ runner }: Emulator): Promise<string[]> {
  const theirs = [...runner.functions.values()].filter(({ from }) => from !== undefined);
  const lines = await Promise.all(
    theirs.map(async ({ name, folder }) => {
      const { dependencies = {} } = await readFile(path.join(folder, 'package.json'), 'utf8')
        .then((text) => JSON.parse(text) as { dependencies?: object })
        .catch(() => ({ dependencies: {} }));
      const { paths } = createRequire(path.resolve(folder, 'index.js')).resolve as NodeJS.RequireResolve;
      const missing = Object.keys(dependencies).filter(
        (each) => !paths(each)?.some((place) => existsSync(path.join(place, each))),
      );
      return missing.length === 0
        ? []
        : [`${name} needs ${missing.join(', ')}: npm install in ${path.relative('.', folder)}`];
    }),
  );
  return lines.flat();
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
