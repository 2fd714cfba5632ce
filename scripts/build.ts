import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { zipSync } from 'fflate';
import { buildClient, clientBudgetBytes } from './build-client';
import { buildEmulator } from './build-emulator';
import { buildFunctions, functionNames, functionsRoot } from './build-functions';
import { buildServer, serverBudgetBytes } from './build-server';
import { command } from './deploy/command-line';
import { renderTable } from './table';

const usage = `Builds the functions, the local WeChat and the mini program, and holds their sizes against their budgets.

  npm run build -- [options]

  --analyze    show what takes most room in each function
  --help       this text

The end is 1 where something is over its budget.`;

/** What a function's folder may weigh as a zip, in bytes: what is uploaded, and what a fresh instance fetches. */
const zipBudgets: { readonly [name: string]: number } = {
  // Tokens, forms and the callback's XML beside the SDK.
  'kefu-gateway': 160 * 1024,
};
const usualZipBudget = 120 * 1024;

/** How many rows `--analyze` shows of each function. */
const analyzedRows = 12;

/** A built function, weighed. */
interface Weighed {
  readonly name: string;
  readonly bytes: number;
  readonly zipBytes: number;
  readonly budgetBytes: number;
}

const options = { analyze: { type: 'boolean' } } as const;

export const main = command(usage, options, async ({ analyze }, { print }) => {
  const [metafile, client, server] = await Promise.all([
    buildFunctions(),
    buildClient(),
    buildServer(),
    buildEmulator(),
  ]);
  const functions = await Promise.all((await functionNames()).map((name) => weigh(name)));
  print(renderSizes(functions));
  const copied = [
    { name: 'kefu-client.js', bytes: client.minifiedBytes, budget: clientBudgetBytes },
    { name: 'kefu-server.js', bytes: server.minifiedBytes, budget: serverBudgetBytes },
  ];
  print('');
  for (const { name, bytes, budget } of copied)
    print(`${name}, minified: ${bytes} of ${budget} bytes  ${bytes > budget ? 'over' : 'ok'}`);
  if (analyze) print(`\n${renderInputs(metafile)}`);
  return functions.some(isOver) || copied.some(({ bytes, budget }) => bytes > budget) ? 1 : 0;
});

/** Weighs a built function: all files of its folder, as they are and as one zip. */
export async function weigh(name: string, root: string = functionsRoot): Promise<Weighed> {
  const folder = path.join(root, name);
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (file) => [file, await readFile(path.join(folder, file))] as const),
  );
  return {
    name,
    bytes: files.reduce((sum, [, content]) => sum + content.length, 0),
    zipBytes: zipSync(Object.fromEntries(files), { level: 6 }).length,
    budgetBytes: zipBudgets[name] ?? usualZipBudget,
  };
}

/** The table of sizes, with a verdict in each row. */
export function renderSizes(functions: readonly Weighed[]): string {
  const rows = functions.map((each) => [
    each.name,
    `${each.bytes}`,
    `${each.zipBytes}`,
    `${each.budgetBytes}`,
    isOver(each) ? 'over' : 'ok',
  ]);
  return renderTable(['function', 'bytes', 'zipped', 'budget', ''], rows);
}

function isOver({ zipBytes, budgetBytes }: Weighed): boolean {
  return zipBytes > budgetBytes;
}

/** What takes most room in each file that a function loads at its start: packages whole, our own files one by one. */
function renderInputs({ outputs }: Metafile): string {
  const starts = Object.entries(outputs).filter(([file]) => path.basename(file) === 'index.js');
  return starts
    .map(([file, { bytes, inputs }]) => {
      const sums = new Map<string, number>();
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const source = sourceOf(input);
        sums.set(source, (sums.get(source) ?? 0) + bytesInOutput);
      }
      const largest = [...sums].sort(([, one], [, other]) => other - one).slice(0, analyzedRows);
      const rows = largest.map(([source, sum]) => `${String(sum).padStart(8)}  ${source}`);
      return [`${path.basename(path.dirname(file))}/index.js  ${bytes} bytes`, ...rows].join('\n');
    })
    .join('\n\n');
}

function sourceOf(input: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? input;
}
