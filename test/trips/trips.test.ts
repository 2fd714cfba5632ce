import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parseSync, printSync } from '@swc/core';
import { build } from 'esbuild';
import type { goAll } from './ways';

/** What runs on the way of a push, a send and a callback, file by file: held against the table in docs/architecture.md. */

interface Node {
  type?: string;
  stmts?: unknown[];
  body?: Node;
}

const syntax = { syntax: 'typescript', target: 'es2022' } as const;

/** A file's text in which each function says that it is entered. */
function telling(file: string): string {
  const tree = parseSync(readFileSync(file, 'utf8'), syntax);
  const name = JSON.stringify(path.relative('.', file));
  const visit = (node: Node | null): void => {
    if (typeof node !== 'object' || node === null) return;
    if (node.type === 'ArrowFunctionExpression' && node.body?.stmts === undefined) {
      const [made] = parseSync('() => { return 0 }', syntax).body;
      const { body } = (made as unknown as { expression: Node }).expression;
      const [answer] = body?.stmts ?? [];
      Object.assign(answer as object, { argument: node.body });
      Object.assign(node, { body });
    }
    for (const inner of Object.values(node)) visit(inner as Node);
    if (node.type === 'FunctionBody') node.stmts?.unshift(...parseSync(`entered(${name})`, syntax).body);
  };
  visit(tree as unknown as Node);
  return printSync(tree).code;
}

/** The files whose functions are entered on each way, in the order of time: on its second go. */
async function goTelling(): Promise<ReadonlyMap<string, readonly string[]>> {
  const built = await build({
    entryPoints: ['test/trips/ways.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    plugins: [
      {
        name: 'telling',
        setup: ({ onLoad }) =>
          onLoad({ filter: /[\\/]shared[\\/].*\.ts$/ }, ({ path: file }) => ({
            contents: telling(file),
            loader: 'ts',
          })),
      },
    ],
  });
  const trips = new Map<string, string[]>();
  let trip: string[] | undefined;
  const begin = (way: string) => {
    trip = [];
    trips.set(way, trip);
  };
  const end = () => {
    trip = undefined;
  };
  const module = { exports: {} as { readonly goAll: typeof goAll } };
  const run = new Function('module', 'require', 'entered', built.outputFiles[0]?.text ?? '');
  run(module, require, (file: string) => trip?.push(file));
  const answers = await module.exports.goAll(begin, end);
  expect(answers).toMatchObject(['success', { errCode: 0 }, { sent: 1 }, { statusCode: 200 }]);
  return trips;
}

test('a push, a send and a callback call, pass and turn back as often as the documents say, to a tenth', async () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  for (const [way, entered] of await goTelling()) {
    const stays = entered.filter((file, place) => file !== entered[place - 1]);
    const files = new Set(stays).size;
    const counted = [entered.length, files, stays.length - files];
    const row = new RegExp(`^\\| ${way} \\| (\\d+) \\| (\\d+) \\| (\\d+) \\|`, 'm').exec(page);
    const said = (row ?? []).slice(1).map(Number);
    const near = said.map((figure, place) => Math.abs((counted[place] ?? 0) - figure) <= figure / 10);
    expect({ way, counted, said, near }).toEqual({ way, counted, said, near: [true, true, true] });
  }
});
