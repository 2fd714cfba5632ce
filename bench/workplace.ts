import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleFunctions, functionNames, functionsSource } from '../scripts/build-functions';
import { edit } from '../scripts/sdk/source';

/** What a section of the bench works with. All of it is gone when the bench ends. */
export interface Workplace {
  /** Where all of it stands, for a local WeChat to run its functions from. */
  readonly folder: string;
  /** The names of all functions, built under {@link fileOf}. */
  readonly functions: readonly string[];
  /** The file of a function: a built one, or one of {@link rivals}. */
  fileOf(name: string): string;
  /** How often each pair is measured. */
  readonly rounds: number;
  readonly quick: boolean;
  /**
   * Runs a program of `bench/children` in a fresh process; it answers with one JSON text on descriptor 3. The cloud is
   * at `origin`; by default a gateway that takes everything.
   */
  run<Result>(
    child: Child,
    args: readonly string[],
    options?: { readonly nodeFlags?: readonly string[]; readonly origin?: string },
  ): Promise<{ result: Result; wallMs: number }>;
  /** Shows how far the bench is. */
  progress(text: string): void;
  close(): Promise<void>;
}

const children = ['cold', 'warm', 'map', 'cache', 'callback', 'outbox', 'calls'] as const;
export type Child = (typeof children)[number];

/** What the functions are held against: each a cloud function too, in a folder with a `node_modules`. */
export const rivals = {
  /** The example of the mini-program page, customerServiceMessage.send. */
  documented: `
    const cloud = require('wx-server-sdk');
    cloud.init();
    exports.main = async (event, context) => {
      try {
        const result = await cloud.openapi.customerServiceMessage.send({
          touser: 'OPENID',
          msgtype: 'text',
          text: { content: 'Hello World' },
        });
        return result;
      } catch (err) {
        return err;
      }
    };`,
  /** The SDK's call and nothing else, with its environment named, as the SDK asks for. */
  'bare SDK call': `
    const cloud = require('wx-server-sdk');
    cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });
    exports.main = () =>
      cloud.openapi.customerServiceMessage.send({
        touser: 'oUser',
        msgtype: 'text',
        text: { content: 'Hello World' },
      });`,
  /** What no function that asks a gateway can go below. */
  'bare POST': `
    const { request } = require('node:http');
    exports.main = () =>
      new Promise((resolve, reject) => {
        const { URL: url } = JSON.parse(process.env.TCB_CONTEXT_CNFG);
        const post = request(url, { method: 'POST' }, (response) => {
          response.resume();
          response.on('end', () => resolve({ errCode: 0 }));
        });
        post.on('error', reject);
        post.end('{"action":"none"}');
      });`,
  /** kefu-send where conversations are kept. */
  'kefu-send with history': `
    process.env.KEFU_HISTORY_DAYS = '30';
    exports.main = require('../kefu-send/index.js').main;`,
  empty: 'exports.main = async () => ({ errCode: 0 });',
} as const;

/** kefu-send, bundled as it is: with nothing left out, and nothing loaded later. */
export const plainBundle = 'plain bundle';

/** Who calls: a mini program, WeChat with a push, a timer, or HTTP access. The first two in a user's name. */
export type Source = 'wx_client' | 'wx_push' | 'wx_trigger' | 'wx_http';

/** The context that the platform hands to a function with an event. */
export function callContext(source: Source = 'wx_client'): string {
  const user = source === 'wx_client' || source === 'wx_push' ? { WX_OPENID: 'oUser' } : {};
  return JSON.stringify({
    request_id: 'bench',
    time_limit_in_ms: 20_000,
    environment: JSON.stringify({ TCB_SOURCE: source, ...user }),
  });
}

/** A server that `kefu-gateway` knows. */
export const client = { appid: 'bench', secret: 'bench-secret-of-the-bench-and-no-other' };

export async function openWorkplace(options: {
  readonly quick: boolean;
  /** The Node that runs what is measured. */
  readonly node: string;
}): Promise<Workplace> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kefu-bench-'));
  let gateway: ChildProcess | undefined;
  const close = async () => {
    gateway?.disconnect();
    await rm(folder, { recursive: true });
  };
  try {
    const functions = await functionNames();
    await Promise.all([
      bundleFunctions(sourcesOf(functions), folder),
      buildPlain(path.join(folder, plainBundle)),
      buildChildren(folder),
      // A junction needs no rights on Windows, and is a plain link elsewhere.
      symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction'),
      ...Object.entries(rivals).map(async ([name, source]) => {
        await mkdir(path.join(folder, name));
        await writeFile(path.join(folder, name, 'index.js'), source);
      }),
    ]);
    gateway = fork(path.join(folder, 'gateway.js'), { execArgv: [] });
    const port = await new Promise((resolve) => gateway?.once('message', resolve));
    return {
      folder,
      functions,
      fileOf: (name) => path.join(folder, name, 'index.js'),
      rounds: options.quick ? 5 : 21,
      quick: options.quick,
      run: (child, args, { nodeFlags = [], origin = `http://127.0.0.1:${port}` } = {}) =>
        runChild(options.node, [...nodeFlags, path.join(folder, `${child}.js`), ...args], origin),
      progress: (text) => process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function sourcesOf(functions: readonly string[]): { [name: string]: string } {
  return Object.fromEntries(functions.map((name) => [name, path.join(functionsSource, name, 'index.ts')]));
}

async function buildPlain(outdir: string): Promise<void> {
  await build({
    entryPoints: [path.join(functionsSource, 'kefu-send', 'index.ts')],
    outfile: path.join(outdir, 'index.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node18',
    logLevel: 'warning',
  });
}

async function buildChildren(outdir: string): Promise<void> {
  await build({
    entryPoints: ['gateway', ...children].map((name) => `bench/children/${name}.ts`),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node18',
    logLevel: 'warning',
    // A rival, which is loaded as it is; and what the SDK's conversion does not load.
    external: ['co-wechat', '@cloudbase/node-sdk', 'json-bigint', 'mime-db', 'protobufjs', './package.json'],
    // The programs load the file that they are told to.
    logOverride: { 'unsupported-require-call': 'silent' },
    plugins: [
      {
        name: 'sdk-conversion',
        setup: ({ onLoad }) => onLoad({ filter: /[\\/]sdk-conversion\.ts$/ }, readConversion),
      },
    ],
  });
}

/** The SDK's bundle, entered at the module that converts keys. */
async function readConversion(): Promise<{ contents: string }> {
  const source = await readFile('node_modules/wx-server-sdk/index.js', 'utf8');
  return { contents: edit(source, { from: '.s = "./src/index.ts"', to: '.s = "./src/utils/utils.ts"' }) };
}

function runChild<Result>(
  node: string,
  args: readonly string[],
  origin: string,
): Promise<{ result: Result; wallMs: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(node, args, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: cloudVariables(origin),
    });
    let text = '';
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const wallMs = performance.now() - startedAt;
      if (code === 0 && text !== '') resolve({ result: JSON.parse(text) as Result, wallMs });
      else reject(new Error(`${path.basename(args[0] ?? '')} ended with ${code}`));
    });
  });
}

/** What the cloud's instances have in their environment. */
function cloudVariables(origin: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    TENCENTCLOUD_SECRETID: 'bench',
    TENCENTCLOUD_SECRETKEY: 'bench',
    TENCENTCLOUD_SESSIONTOKEN: 'bench',
    SCF_NAMESPACE: 'bench',
    TCB_CONTEXT_KEYS: 'TCB_ENV,TCB_SOURCE',
    TCB_ENV: 'bench',
    TCB_SOURCE: 'wx_client',
    WX_CONTEXT_KEYS: 'WX_OPENID,WX_API_TOKEN',
    WX_OPENID: 'oUser',
    WX_API_TOKEN: 'bench',
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: `${origin}/admin` }),
    OFFICIAL_APPID: 'wxbench',
    KEFU_CLIENT_FILES: '*',
    GATEWAY_CLIENTS: `${client.appid}:${client.secret}`,
  };
}
