import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildClient, writeDeclarations } from './build-client';
import { buildEmulator } from './build-emulator';
import {
  bundleFunctions,
  entriesOf,
  exampleTables,
  functionNames,
  functionsSource,
  functionsTarget,
} from './build-functions';
import { buildServer } from './build-server';
import { writeBill } from './deploy/bill-of-materials';
import { tableNames } from './project/tables';

/** Where the package is built to. `package.json` names what stands in it: the command, the client, the types. */
const packageRoot = 'dist/package';

/** The modules whose types and values a project's tables import. */
const typed = [
  'shared/functions/rules/reply-rules.ts',
  'shared/functions/rules/turn.ts',
  'shared/functions/notify/notice.ts',
];

/** Builds what `npm pack` takes: all that runs is built, so that a project has nothing to build but its own tables. */
export async function main(): Promise<number> {
  await rm(packageRoot, { recursive: true, force: true });
  const names = await functionNames();
  const functions = path.join(packageRoot, 'functions');
  await Promise.all([
    bundleFunctions(entriesOf(names), functions, { tablesBeside: true }),
    buildTables(),
    buildEmulator(packageRoot),
    buildCommand(),
    buildModules(),
    writeDeclarations(typed, path.join(packageRoot, 'types'), '--lib', 'es2023', '--rootDir', 'shared'),
    // The compiler of WXML looks for it beside the code that it is in.
    cp(
      path.join(path.dirname(resolvePackage('glass-easel-template-compiler')), wasmFile),
      path.join(packageRoot, wasmFile),
    ),
    writeBill(functions, process.env).then(refuseNone),
    cp('cloudbaserc.json', path.join(packageRoot, 'cloudbaserc.json')),
  ]);
  await Promise.all(names.map((name) => complete(path.join(functions, name), name)));
  await rm(path.join(packageRoot, 'fresh'), { recursive: true });
  return 0;
}

const wasmFile = 'glass_easel_template_compiler_bg.wasm';

/** The file that a package is loaded from by `require`. */
function resolvePackage(name: string): string {
  return createRequire(path.resolve('package.json')).resolve(name);
}

/** A package without a bill of materials is not made. */
function refuseNone(said: string): void {
  if (!said.startsWith('Bill of materials')) throw new Error(said);
}

const plain: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: functionsTarget,
  format: 'cjs',
  logLevel: 'warning',
  charset: 'utf8',
};

/** The example's tables, and those that a function has until a project puts its own there. */
async function buildTables(): Promise<void> {
  await Promise.all(
    tableNames.flatMap((name) => [
      build({
        ...plain,
        entryPoints: [`shared/${name}.ts`],
        outfile: path.join(packageRoot, 'fresh', `${name}.js`),
        minify: true,
      }),
      build({
        ...plain,
        stdin: { contents: exampleTables[name], resolveDir: 'shared', loader: 'ts' },
        outfile: path.join(packageRoot, 'example', `${name}.js`),
        minify: true,
      }),
    ]),
  );
}

/** Puts a function's `config.json` beside it, and the tables that it asks for. */
async function complete(folder: string, name: string): Promise<void> {
  await cp(path.join(functionsSource, name, 'config.json'), path.join(folder, 'config.json'));
  const code = await readFile(path.join(folder, 'index.js'), 'utf8');
  const asked = tableNames.filter((table) => code.includes(`"./${table}.js"`));
  await Promise.all(
    asked.map((table) =>
      cp(path.join(packageRoot, 'fresh', `${table}.js`), path.join(folder, `${table}.js`)),
    ),
  );
}

/** The command, as one file: what it stands on is in it, but esbuild, which a project's tables are built by. */
async function buildCommand(): Promise<void> {
  await build({
    ...plain,
    entryPoints: ['scripts/package/command.ts'],
    outfile: path.join(packageRoot, 'command.js'),
    target: 'node20',
    external: ['esbuild'],
    mainFields: ['module', 'main'],
    // Its ES modules read files of their own by their place, which is not theirs in here.
    alias: { 'css-tree': resolvePackage('css-tree') },
    banner: { js: '#!/usr/bin/env node' },
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [herePlugin],
  });
}

/** In the package the commands work on the project that they are run in. */
const herePlugin: Plugin = {
  name: 'the project here',
  setup({ onResolve }) {
    onResolve({ filter: /\/here$/ }, () => ({ path: path.resolve('scripts/project/mini-program.ts') }));
  },
};

/** What a project's files load: the client, as a mini program's npm package has it; what servers and notices use. */
async function buildModules(): Promise<void> {
  const demo = path.join(packageRoot, 'demo');
  await Promise.all([
    buildClient(demo),
    buildServer(path.join(packageRoot, 'server')),
    build({
      ...plain,
      entryPoints: ['shared/functions/notify/notice.ts'],
      outfile: path.join(packageRoot, 'notices.js'),
    }),
  ]);
  const client = path.join(packageRoot, 'miniprogram');
  await mkdir(client, { recursive: true });
  for (const ending of ['js', 'd.ts'])
    await cp(path.join(demo, `kefu-client.${ending}`), path.join(client, `index.${ending}`));
  for (const part of ['desk', 'app.json'])
    await cp(path.join(demo, part), path.join(packageRoot, part), { recursive: true });
  await rm(demo, { recursive: true });
}
