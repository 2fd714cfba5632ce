import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** A version of Node to run bundles under. */
export interface CloudNode {
  readonly name: string;
  readonly file: string;
}

const folder = path.resolve('bench/nodes/node_modules');

/**
 * The Node that runs the tests, and those that the cloud offers where they are installed:
 * `npm ci --prefix bench/nodes`. They take 300 MB, so a plain `npm ci` does without.
 */
export const cloudNodes: readonly CloudNode[] = [
  { name: process.version, file: process.execPath },
  ...(existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith('node-'))
    .map((name) => ({ name: name.replace('node-', 'v'), file: path.join(folder, name, 'bin', 'node') })),
];
