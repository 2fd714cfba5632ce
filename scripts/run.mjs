// Runs a script of this folder, or the one after which another folder is named: `node scripts/run.mjs build --analyze`,
// `node scripts/run.mjs bench`.
import { existsSync } from 'node:fs';
import { load, root } from './load.mjs';

const [name, ...rest] = process.argv.slice(2);
const args = rest.filter((arg) => arg !== '--trace');
process.chdir(root);
try {
  const file = [`scripts/${name}.ts`, `${name}/${name}.ts`].find((place) => existsSync(place));
  if (file === undefined) throw new Error(`there is no script ${name}`);
  const { main } = await load(file);
  process.exitCode = (await main(args)) ?? 0;
} catch (error) {
  // A wrong option or a table that does not hold is said in a sentence; the stack is for those who ask.
  console.error(args.length < rest.length ? error : `${error.message}\n(--trace shows where)`);
  process.exitCode = 1;
}
