import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ColdResult } from './children/cold';
import { type Row, ratiosOf, type Section, spreadOf } from './statistics';
import { callContext, type Workplace } from './workplace';

/** A function that loads another through V8's code cache, and says whether V8 took it. */
const loader = `
  const { readFileSync } = require('node:fs');
  const { wrap } = require('node:module');
  const path = require('node:path');
  const { Script } = require('node:vm');
  const file = path.join(__dirname, 'function.js');
  let cachedData;
  try {
    cachedData = readFileSync(file + '.cache');
  } catch {}
  const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file, cachedData });
  const inner = { exports: {} };
  script.runInThisContext()(inner.exports, require, inner, file, __dirname);
  exports.main = async (event, context) => ({
    ...(await inner.exports.main(event, context)),
    rejected: script.cachedDataRejected,
  });`;

const event = JSON.stringify({ msgtype: 'text', text: { content: 'Hello World' } });

/** The way a cache was made, as arguments of Node; V8 refuses one that was made under other flags. */
const ways: { readonly [name: string]: readonly string[] | undefined } = {
  'no cache': undefined,
  'cache taken': [],
  'cache refused': ['--no-opt'],
};

/** What V8's code cache would do for kefu-send where it is taken, and what it costs where it is not. */
export async function measureCache(workplace: Workplace): Promise<Section> {
  const source = path.dirname(workplace.fileOf('kefu-send'));
  for (const [name, flags] of Object.entries(ways)) {
    const folder = path.dirname(workplace.fileOf(name));
    await mkdir(folder);
    await cp(source, folder, { recursive: true });
    await cp(path.join(source, 'index.js'), path.join(folder, 'function.js'));
    await writeFile(path.join(folder, 'index.js'), loader);
    if (flags !== undefined)
      await workplace.run('cache', [path.join(folder, 'function.js'), event, callContext()], {
        nodeFlags: flags,
      });
  }
  const names = ['documented', 'kefu-send', ...Object.keys(ways)];
  const results = new Map<string, ColdResult[]>(names.map((name) => [name, []]));
  for (let round = 0; round < workplace.rounds; round += 1) {
    workplace.progress(`code cache: round ${round + 1} of ${workplace.rounds}`);
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const args = [workplace.fileOf(name), event, callContext()];
      results.get(name)?.push((await workplace.run<ColdResult>('cold', args)).result);
    }
  }
  const of = (name: string, field: 'loadMs' | 'totalMs') =>
    (results.get(name) ?? []).map((result) => result[field]);
  return {
    title: 'V8’s code cache',
    about: 'kefu-send through a loader of its own: load and first answer.',
    rows: names.map((name): Row => {
      const { rejected } = (results.get(name)?.[0]?.answer ?? {}) as { rejected?: boolean };
      return {
        name,
        cells: {
          'load ms': spreadOf(of(name, 'loadMs')).median,
          'with answer ms': spreadOf(of(name, 'totalMs')).median,
          'of kefu-send': ratiosOf(of(name, 'totalMs'), of('kefu-send', 'totalMs')),
          'of documented': ratiosOf(of(name, 'totalMs'), of('documented', 'totalMs')).median,
          'V8 took it': rejected === undefined ? '' : rejected ? 'no' : 'yes',
        },
      };
    }),
  };
}
