// Builds what the tests drive from code that holds every mutant. The processes of functions are told which one is on.
import { readFile, writeFile } from 'node:fs/promises';
import build from '../setup/build.mjs';

const instance = 'dist/emulator/instance.js';

await build();
const parts = await Promise.all(
  [new URL('instance.cjs', import.meta.url), instance].map((file) => readFile(file)),
);
await writeFile(instance, Buffer.concat(parts));
