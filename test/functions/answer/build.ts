import { cp, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleFunctions } from '../../../scripts/build-functions';

const entries = path.resolve('test/functions/answer/entries');
const own = ['kefu-receive', 'kefu-answer'];

/** Builds the functions with the tests' own rules, beside the others; the folder to run the local WeChat from. */
export async function buildAnswering(): Promise<string> {
  const dist = await mkdtemp(path.join(tmpdir(), 'kefu-answer-'));
  const functions = path.join(dist, 'cloudfunctions');
  await mkdir(functions);
  await symlink(path.resolve('dist/emulator'), path.join(dist, 'emulator'), 'junction');
  for (const name of await readdir('dist/cloudfunctions')) {
    const built = path.resolve('dist/cloudfunctions', name);
    if (own.includes(name)) await cp(built, path.join(functions, name), { recursive: true });
    else await symlink(built, path.join(functions, name), 'junction');
  }
  await bundleFunctions(
    Object.fromEntries(own.map((name) => [name, path.join(entries, `${name}.ts`)])),
    functions,
  );
  return dist;
}
