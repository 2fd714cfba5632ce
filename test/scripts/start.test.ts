import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { build } from 'esbuild';
import { listen, main, usualPort } from '../../scripts/start';
import { until } from '../until';

/** `npm start`, run as a process in a folder of its own. */

let root: string;
let child: ChildProcess | undefined;
/** The script, built once for all starts. */
let script: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'start-'));
  await symlink(path.resolve('dist'), path.join(root, 'dist'), 'junction');
  await copyFile('cloudbaserc.json', path.join(root, 'cloudbaserc.json'));
  await mkdir(path.join(root, 'shop', 'variables'), { recursive: true });
  await writeFile(path.join(root, 'shop', 'variables', 'index.js'), 'exports.main = () => process.env;');
  // Where `npm start` has it too: it finds its packages from there.
  script = path.resolve('dist', 'scripts', `start-${process.pid}.mjs`);
  await build({
    entryPoints: ['scripts/start.ts'],
    outfile: script,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => Promise.all([rm(root, { recursive: true }), rm(script)]));
afterEach(() => {
  child?.kill('SIGKILL');
});

/** Starts it; resolves with what it has written when it is ready, or has ended. */
async function start(args: readonly string[], environment: { readonly [name: string]: string } = {}) {
  const code = `
    import { main } from ${JSON.stringify(pathToFileURL(script).href)};
    process.exitCode = await main(${JSON.stringify(['--no-build', '--no-example', '--port', '0', ...args])}).catch((error) => {
      console.error(error.message);
      return 1;
    });`;
  const { PATH = '' } = process.env;
  const started = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
    env: { PATH, INIT_CWD: root, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let output = '';
  let ended = false;
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  started.on('close', () => {
    ended = true;
  });
  await until(() => ended || output.includes('Ctrl+C ends it.'));
  return { output, url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '', process: started };
}

async function call(url: string, name: string): Promise<{ readonly [name: string]: unknown }> {
  const response = await fetch(`${url}/_emulator/call`, { method: 'POST', body: JSON.stringify({ name }) });
  return ((await response.json()) as { result: { [name: string]: unknown } }).result;
}

const operators = async (url: string) =>
  ((await (await fetch(`${url}/_emulator`)).json()) as { operators: string }).operators;

describe('npm start', () => {
  test('runs other people’s functions beside ours, with the variables of a file, and ends at a signal', async () => {
    await writeFile(path.join(root, 'shop.env'), 'COLOUR=blue');
    const { output, url, process: started } = await start(['--functions', 'shop', '--env-file', 'shop.env']);
    expect(output).toMatch(/^Functions: .*kefu-send/m);
    expect(output).toMatch(/^Functions of .*shop: variables$/m);
    expect(await call(url, 'variables')).toMatchObject({ COLOUR: 'blue' });
    const end = new Promise((resolve) => started.on('close', resolve));
    started.kill('SIGTERM');
    // Windows has no such signal: it ends a process at once.
    expect(await end).toBe(process.platform === 'win32' ? null : 0);
  });

  test('reads the variables of the contract from .env, where the environment has none', async () => {
    await writeFile(path.join(root, '.env'), 'KEFU_OPERATORS=oFromFile\nCOLOUR=red\n');
    const { url } = await start(['--functions', 'shop']);
    expect(await operators(url)).toBe('oFromFile');
    expect(await call(url, 'variables')).not.toHaveProperty('COLOUR');
    child?.kill('SIGKILL');
    expect(await operators((await start([], { KEFU_OPERATORS: 'oFromHere' })).url)).toBe('oFromHere');
  });

  test('refuses a function that has the name of one of ours', async () => {
    await mkdir(path.join(root, 'theirs', 'kefu-send'), { recursive: true });
    await writeFile(path.join(root, 'theirs', 'kefu-send', 'index.js'), '');
    const { output, process: started } = await start(['--functions', 'shop', '--functions', 'theirs']);
    expect(output).toMatch(
      /theirs[\\/]kefu-send has the name of one of ours: rename its folder, or leave it out/,
    );
    expect(started.exitCode).toBe(1);
  });

  test('says all of it', async () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      expect(await main(['--help'])).toBe(0);
    } finally {
      console.log = log;
    }
    for (const option of [
      '--port',
      '--functions',
      '--env-file',
      '--set',
      '--story',
      '--example',
      '--no-build',
      '--help',
      '.env',
    ])
      expect(lines.join()).toContain(option);
  });
});

test.each([
  ['a port that is none', ['--port', '80x'], '--port must be a number from 0 to 65535, not "80x"'],
  ['a variable that is none', ['--set', 'KEFU_OPERATOR=oUser'], 'not KEFU_OPERATOR=oUser'],
  ['a variable without a value', ['--set', 'KEFU_OPERATORS'], 'not KEFU_OPERATORS'],
  ['a name of every object', ['--set', 'toString=1'], 'not toString=1'],
])('%s is refused in a sentence', async (_what, args, sentence) => {
  const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(await main(args)).toBe(2);
  expect(said).toHaveBeenCalledWith(expect.stringContaining(sentence));
  said.mockRestore();
});

describe('--story', () => {
  const story = (name: string) => path.resolve('emulator', 'stories', name);

  test('plays a story that was kept, and says so', async () => {
    const started = await start(['--story', story('every-message.json')]);
    let told = '';
    started.process.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8');
    });
    await until(() => `${started.output}${told}`.includes('Played “Every message type”'));
  });

  test('says what is no story, and does not start', async () => {
    const { output } = await start(['--story', path.resolve('package.json')]);
    expect(output).toContain('a story is {');
    expect(output).not.toContain('Ctrl+C');
  });
});

test('takes the next port where one is taken, and only the one that is asked for', async () => {
  const taken = createServer();
  // Somebody else's local WeChat may have it already.
  await new Promise((resolve) =>
    taken.once('error', resolve).listen(usualPort, '127.0.0.1', () => resolve(undefined)),
  );
  const emulator = await listen(undefined, {});
  try {
    const port = Number(new URL(emulator.url).port);
    expect(port).toBeGreaterThan(usualPort);
    expect(port).toBeLessThan(usualPort + 20);
    await expect(listen(port, {})).rejects.toMatchObject({ code: 'EADDRINUSE' });
  } finally {
    await emulator.close();
    taken.close();
  }
});
