import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** A version of Node to run bundles under. */
export interface CloudNode {
  readonly name: string;
  readonly file: string;
}

const folder = path.resolve('bench/nodes/node_modules');

/**
 * The Node that runs the tests, and those that the cloud offers where they are: installed by
 * `npm ci --prefix bench/nodes` (Linux on x64; they take 300 MB, so a plain `npm ci` does without), or named in
 * `KEFU_NODES`, as the folders of PATH are in PATH.
 */
export const cloudNodes: readonly CloudNode[] = [
  { name: process.version, file: process.execPath },
  ...(existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith('node-'))
    .map((name) => ({ name: name.replace('node-', 'v'), file: path.join(folder, name, 'bin', 'node') })),
  ...(process.env['KEFU_NODES'] ?? '')
    .split(path.delimiter)
    .filter((file) => file !== '')
    .map((file) => ({ name: file, file })),
];
