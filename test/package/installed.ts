import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../until';

/** What came of a program. */
export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** A local WeChat that `kefu-cloud start` has started. */
export interface Started {
  readonly url: string;
  readonly output: () => string;
  /** A call of its REST interface; a body makes it a POST. */
  readonly rest: (place: string, body?: object) => Promise<unknown>;
  /** Ends it as Ctrl+C does; answers its exit code, `null` where the system has no such end. */
  readonly end: () => Promise<number | null>;
}

/** The packed package, installed in a folder that this repository is not above of. */
export interface Installed {
  readonly folder: string;
  readonly tarball: string;
  /** Runs `kefu-cloud` in a folder, where nobody can answer a question. */
  readonly kefu: (cwd: string, args: readonly string[], environment?: Variables) => Promise<Ran>;
  /** The same in a process that is there already, for what is but printed and builds nothing; one at a time. */
  readonly ask: (cwd: string, args: readonly string[]) => Promise<Ran>;
  readonly start: (cwd: string, args?: readonly string[]) => Promise<Started>;
  readonly remove: () => Promise<void>;
}

type Variables = { readonly [name: string]: string | undefined };

/** What a project's own functions ask for. It is none of ours, and npm would take seconds to bring it. */
const theirs = 'wx-server-sdk';

/** Packs this repository and installs the tarball, as `npm install kefu-cloud-….tgz` does; links what is theirs. */
export async function installPackage(): Promise<Installed> {
  // As the system names it: macOS has its temporary files behind a link.
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'kefu-package-')));
  const packed = await npm(['pack', '--silent', '--pack-destination', folder], path.resolve('.'));
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack made no tarball:\n${packed.output}`);
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
  const { esbuild } = (JSON.parse(await readFile('package.json', 'utf8')) as Manifest).devDependencies;
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--save-exact'];
  const done = await npm([...args, `./${tarball}`, `esbuild@${esbuild}`], folder);
  if (done.code !== 0) await withoutRegistry(folder, tarball, done.output);
  await link(theirs, folder);
  const bin = path.join(folder, 'node_modules', 'kefu-cloud', 'dist', 'package', 'command.js');
  const environment = { ...process.env, INIT_CWD: undefined };
  const answering = spawn(process.execPath, ['--eval', answer, bin], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    folder,
    tarball: path.join(folder, tarball),
    kefu: (cwd, command, more = {}) =>
      ended(spawn(process.execPath, [bin, ...command], { cwd, env: { ...environment, ...more }, stdio })),
    start: (cwd, command = []) =>
      started(
        spawn(process.execPath, [bin, 'start', '--port', '0', ...command], { cwd, env: environment, stdio }),
      ),
    async ask(cwd, args) {
      answering.send({ cwd, args });
      const [ran] = await once(answering, 'message');
      return ran as Ran;
    },
    async remove() {
      answering.kill();
      // On Windows nobody may stand in a folder that goes.
      if (answering.exitCode === null && answering.signalCode === null) await once(answering, 'close');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Runs the command for each message, and answers what it wrote and how it ended. */
const answer = `
  const [program, bin] = process.argv;
  process.argv = [program, bin, '--version'];
  const { run } = require(bin);
  process.on('message', async ({ cwd, args }) => {
    let output = '';
    for (const stream of [process.stdout, process.stderr])
      stream.write = (text) => ((output += text), true);
    delete process.env.INIT_CWD;
    process.chdir(cwd);
    process.send({ code: await run(args), output });
  });
`;

interface Manifest {
  readonly devDependencies: { readonly [name: string]: string };
}

const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];

/** Runs npm by its own program, so that no shell is needed, on Windows either. */
function npm(args: readonly string[], cwd: string): Promise<Ran> {
  const { npm_execpath: program } = process.env;
  const child =
    program === undefined
      ? spawn('npm', args, { cwd, stdio, shell: process.platform === 'win32' })
      : spawn(process.execPath, [program, ...args], { cwd, stdio });
  return ended(child);
}

/** Without a registry: the tarball unpacked, and beside it what npm would have brought. */
async function withoutRegistry(folder: string, tarball: string, why: string): Promise<void> {
  process.stderr.write(
    `npm install does not work here, the tarball is unpacked instead: ${why.slice(0, 300)}\n`,
  );
  const place = path.join(folder, 'node_modules', 'kefu-cloud');
  await mkdir(place, { recursive: true });
  const unpacked = await ended(
    spawn('tar', ['-xzf', tarball, '--strip-components', '1', '-C', place], { cwd: folder, stdio }),
  );
  if (unpacked.code !== 0) throw new Error(unpacked.output);
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { 'kefu-cloud': `file:${tarball}` } }),
  );
  await link('esbuild', folder);
}

/** Puts a package of this repository's into the folder's. */
function link(name: string, folder: string): Promise<void> {
  return symlink(path.resolve('node_modules', name), path.join(folder, 'node_modules', name), 'junction');
}

/** Waits for a program's end. */
export function ended(child: ChildProcess): Promise<Ran> {
  const output = collect(child);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output: output() }));
  });
}

function collect(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8');
    });
  return () => output;
}

async function started(child: ChildProcess): Promise<Started> {
  const output = collect(child);
  const close = new Promise<number | null>((resolve) => child.once('close', resolve));
  await until(() => child.exitCode !== null || output().includes('Ctrl+C ends it.'));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
  if (url === undefined) throw new Error(`it did not start:\n${output()}`);
  return {
    url,
    output,
    async rest(place, body) {
      const response = await fetch(
        `${url}/_emulator/${place}`,
        body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
      );
      return response.json();
    },
    end() {
      child.kill('SIGINT');
      return close;
    },
  };
}
