import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

/** Writes V8's code cache of a function beside it, as it is after one event: with all code that was compiled for it. */
const [file = '', event = '{}', context = '{}'] = process.argv.slice(2);
const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file });
const module: { exports: { main?: (event: unknown, context: unknown) => Promise<unknown> } } = {
  exports: {},
};
script.runInThisContext()(module.exports, createRequire(file), module, file, path.dirname(file));
module.exports.main?.(JSON.parse(event), JSON.parse(context)).then(() => {
  const cache = script.createCachedData();
  writeFileSync(`${file}.cache`, cache);
  writeSync(3, JSON.stringify({ bytes: cache.length }));
  process.exit();
});
