import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build, type Metafile, type Plugin } from 'esbuild';
import { notices } from '../shared/notices';
import { rules } from '../shared/rules';
import { errorMeanings } from '../shared/wechat/errors/error-meanings';
import { exampleMark } from './project/example-mark';
import { ownersTables, refuseFaults } from './project/owners-tables';
import type { TableName } from './project/tables';
import { edit } from './sdk/source';
import { ownFiles, sdkPlugin } from './sdk-plugin';

/** Where the functions' sources are, and where each is built to as a folder of its own. */
export const functionsSource = 'cloudfunctions';
export const functionsRoot = 'dist/cloudfunctions';

/** Where `npm start` builds the functions with the example's tables: never what a deploy takes. */
export const exampleRoot = 'dist/example';

/** The oldest Node that the functions are built for; which one they run under is chosen in `deploy/runtimes.ts`. */
export const functionsTarget = 'node18';

/** The names of all functions: one folder each. */
export async function functionNames(): Promise<string[]> {
  const entries = await readdir(functionsSource, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

interface BuildOptions {
  /** Builds with the example's rules and notices in place of the owner's. */
  readonly example?: boolean;
  /** Leaves rules and notices in files of their own beside `index.js`, for a project to put its own there. */
  readonly tablesBeside?: boolean;
}

/** The file of the owner's rules. */
export const rulesFile = 'shared/rules.ts';

/** The owner's tables. */
export const tables = ownersTables(rulesFile, rules, notices);

/**
 * Builds every function into a folder of its own, ready to be deployed with no install step: `index.js`, the files that
 * it loads when it needs them, and `config.json`. Says what is in each.
 */
export async function buildFunctions(
  outdir: string = functionsRoot,
  options: BuildOptions = {},
): Promise<Metafile> {
  refuseFaults(tables);
  const names = await functionNames();
  // Built beside its place and then moved there: whoever runs from the folder does not see it half made.
  const beside = `${outdir}.${process.pid}`;
  await rm(beside, { recursive: true, force: true });
  const metafile = await bundleFunctions(entriesOf(names), beside, options);
  if (options.example === true) await writeFile(path.join(beside, exampleMark), '');
  // A new function has none yet: `npm run docs` writes it, by what is built here.
  const configured = names.filter((name) => existsSync(path.join(functionsSource, name, 'config.json')));
  await Promise.all(
    configured.map((name) =>
      cp(path.join(functionsSource, name, 'config.json'), path.join(beside, name, 'config.json')),
    ),
  );
  await rm(outdir, { recursive: true, force: true, maxRetries: 5 });
  await moveFolder(beside, outdir);
  return metafile;
}

/** Renames a folder. On Windows whoever looks at new files, a virus scanner say, keeps it from that for a moment. */
async function moveFolder(from: string, to: string, attempts = 5): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (attempts <= 1 || !['EACCES', 'EBUSY', 'EPERM'].includes(code)) throw error;
    await setTimeout(200);
    await moveFolder(from, to, attempts - 1);
  }
}

/** The entry files of functions, by their names. */
export function entriesOf(names: readonly string[]): { readonly [name: string]: string } {
  return Object.fromEntries(names.map((name) => [name, path.join(functionsSource, name, 'index.ts')]));
}

/** Bundles entry files with the SDK, each into a folder of the name that it is given under. */
export async function bundleFunctions(
  entries: { readonly [name: string]: string },
  outdir: string,
  { example = false, tablesBeside = false }: BuildOptions = {},
): Promise<Metafile> {
  const speaking = Object.keys(entries).filter(
    (name) => name.startsWith('kefu-') && !answersNobody.includes(name),
  );
  // One build for all: the SDK is parsed once.
  const { metafile } = await build({
    entryPoints: [
      ...Object.entries(entries).flatMap(([name, file]) => [
        { in: file, out: path.join(name, 'index') },
        ...ownFiles.map((own) => ({ in: own.entry, out: path.join(name, own.name) })),
      ]),
      ...speaking.map((name) => ({ in: chineseSource, out: path.join(name, chineseFile) })),
    ],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: functionsTarget,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
    metafile: true,
    // What is loaded when it is used is required: every Node that the cloud has can.
    supported: { 'dynamic-import': false },
    plugins: [
      sdkPlugin(),
      chinesePlugin,
      lexerPlugin,
      ...(example ? [examplePlugin] : []),
      ...(tablesBeside ? [besidePlugin] : []),
    ],
  });
  return metafile;
}

/** The answers in Chinese: a file of their own beside `index.js`, so that no other answer pays for them. */
const chineseSource = 'shared/wechat/errors/in-chinese.ts';
const chineseFile = 'in-chinese';

/** The functions that no person calls: they are asked for no language. */
const answersNobody: readonly string[] = ['kefu-receive', 'kefu-gateway', 'kefu-answer'];

/** Has the functions load it from its file, with no more of the error table than its Chinese column. */
const chinesePlugin: Plugin = {
  name: 'answers in Chinese',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]errors[\\/]error-meanings\.ts$/ }, () => {
      const rows = Object.entries(errorMeanings).map(([errCode, { zh }]) => [errCode, { zh }]);
      return { contents: `export const errorMeanings = ${JSON.stringify(Object.fromEntries(rows))};` };
    });
    onResolve({ filter: /\/errors\/in-chinese$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${chineseFile}.js`, external: true } : undefined,
    );
  },
};

/** Of marked only what reads: what makes HTML of it is a quarter of the package. */
const lexerPlugin: Plugin = {
  name: 'lexer of marked',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]marked[\\/]lib[\\/]marked\.esm\.js$/ }, async ({ path: file }) => ({
      contents: edit(await readFile(file, 'utf8'), {
        from: /^\/\/ src\/Renderer\.ts$[\s\S]*/m,
        to: 'export { _Lexer as Lexer };',
      }),
    }));
  },
};

/** What stands in the place of `shared/rules.ts` and `shared/notices.ts` where the example answers. */
export const exampleTables: { readonly [N in TableName]: string } = {
  rules: "export { exampleRules as rules } from './functions/rules/example-rules';",
  notices: "export { exampleNotices as notices } from './functions/notify/example-notices';",
};

const examplePlugin: Plugin = {
  name: 'example tables',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]shared[\\/](?:rules|notices)\.ts$/ }, ({ path: file }) => ({
      contents: exampleTables[path.basename(file, '.ts') as TableName],
      loader: 'ts',
      resolveDir: path.dirname(file),
    }));
  },
};

/** Has a function load its tables from the files beside it. */
const besidePlugin: Plugin = {
  name: 'tables beside',
  setup({ onResolve }) {
    onResolve({ filter: /\/shared\/(?:rules|notices)$/ }, ({ path: asked }) => ({
      path: `./${path.posix.basename(asked)}.js`,
      external: true,
    }));
  },
};
