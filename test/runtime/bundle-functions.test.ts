import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { functionNames, functionsRoot } from '../../scripts/build-functions';
import { cloudNodes } from '../scripts/bundle/nodes';

/** Every built function loads and answers under each Node that the cloud offers, with no file beside its own folder. */

const run = promisify(execFile);

const program = `
  const { main } = require(process.argv[1]);
  console.log = () => {};
  main({}, {}).then((answer) => process.stdout.write(JSON.stringify(answer)), () => process.exit(1));`;

let names: string[];
beforeAll(async () => {
  names = await functionNames();
});

describe.each(cloudNodes)('on Node $name', (node) => {
  test('every function answers a call that says nothing', async () => {
    for (const name of names) {
      const file = path.resolve(functionsRoot, name, 'index.js');
      const { stdout } = await run(node.file, ['-e', program, file], { env: {} });
      const { errCode, statusCode } = JSON.parse(stdout) as { errCode?: number; statusCode?: number };
      expect({ name, answered: (errCode ?? 0) !== 0 || statusCode !== undefined }).toEqual({
        name,
        answered: true,
      });
    }
  });
});
