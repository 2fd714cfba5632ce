import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleFunctions } from '../../../scripts/build-functions';

const entries = path.resolve('test/functions/answer/entries');

/** Builds the functions with the tests' own rules; the folder to run the local WeChat from. */
export async function buildAnswering(): Promise<string> {
  const dist = await mkdtemp(path.join(tmpdir(), 'kefu-answer-'));
  await cp('dist', dist, { recursive: true });
  await bundleFunctions(
    Object.fromEntries(
      ['kefu-receive', 'kefu-answer'].map((name) => [name, path.join(entries, `${name}.ts`)]),
    ),
    path.join(dist, 'cloudfunctions'),
  );
  return dist;
}
