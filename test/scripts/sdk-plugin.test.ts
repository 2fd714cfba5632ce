import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bundleFunctions } from '../../scripts/build-functions';
import { askedId, fileId, naming } from '../../scripts/sdk/names';
import { edits, instead, leftOut } from '../../scripts/sdk/parts';
import { edit, loadWhenUsed } from '../../scripts/sdk/source';
import { formatExtensions } from '../../shared/wechat/media';
import { depth } from '../depth';

/** How the SDK's files are changed for a bundle, and that nobody else's are. */

const fromSdk = createRequire(createRequire(__filename).resolve('@cloudbase/node-sdk'));
const runs = { numRuns: depth(5000) };

describe('an edit', () => {
  test('replaces a text wherever it is', () => {
    expect(edit('a b c', { from: 'b', to: '$&' })).toBe('a $& c');
    expect(edit('a { b } c { }', { from: /\{.*?\}/, times: 2, to: '-' })).toBe('a - c -');
  });

  test.each([
    ['is not there', { from: 'x', to: '' }],
    ['is there twice', { from: 'a', to: '' }],
    ['is there less often', { from: /b/, times: 2, to: '' }],
  ])('throws where the text %s', (_what, wrong) => {
    expect(() => edit('a b a', wrong)).toThrow(/^there \d times, not \d: /);
  });
});

describe('loadWhenUsed', () => {
  test('moves a module from the top to where it is used', () => {
    const source =
      'const x_1 = __importDefault(require("x"));\nexports.f = () => x_1.default.a(x_1.b, ex_1);';
    expect(loadWhenUsed(source, 'x_1')).toBe(
      '\nexports.f = () => (__importDefault(require("x"))).default.a((__importDefault(require("x"))).b, ex_1);',
    );
  });

  test('throws where no module has the name', () => {
    expect(() => loadWhenUsed('const x_1 = 1;', 'x_1')).toThrow('no module is named x_1');
  });
});

describe.each([
  ['Windows', path.win32, 'C:\\projects\\shop'],
  ['any other system', path.posix, '/projects/shop'],
])('on %s', (_system, { join }, root) => {
  const inPackages = (...names: string[]) => join(root, 'node_modules', ...names);

  test('files of the SDK have the names of the table', () => {
    expect(fileId(inPackages('@cloudbase', 'node-sdk', 'dist', 'ai', 'index.js'))).toBe(
      '@cloudbase/node-sdk/dist/ai',
    );
    expect(fileId(inPackages('a', 'node_modules', 'wx-server-sdk', 'index.js'))).toBe('wx-server-sdk');
    expect(fileId(inPackages('axios', 'index.js'))).toBeUndefined();
    expect(fileId(join(root, 'wx-server-sdk', 'index.js'))).toBeUndefined();
  });

  test('what they ask for has too, and what others ask for has none', () => {
    const importer = inPackages('@cloudbase', 'node-sdk', 'dist', 'utils', 'request.js');
    expect(askedId('../ai', importer)).toBe('@cloudbase/node-sdk/dist/ai');
    expect(askedId('axios', importer)).toBe('axios');
    expect(askedId('axios', join(root, 'shared', 'rules.ts'))).toBeUndefined();
  });

  test('esbuild asks for the files of the table', () => {
    const filter = naming(['json-bigint/lib/parse', 'bignumber.js'], String.raw`(?:[\\/]index)?\.js$`);
    expect(filter.test(inPackages('json-bigint', 'lib', 'parse.js'))).toBe(true);
    expect(filter.test(inPackages('bignumber.js', 'index.js'))).toBe(true);
    expect(filter.test(inPackages('other', 'lib', 'reparse.js'))).toBe(false);
  });
});

describe('every row of the parts', () => {
  test('says why', () => {
    const reasons = [
      ...Object.values(leftOut),
      ...[...Object.values(instead), ...edits].map(({ why }) => why),
    ];
    for (const why of reasons) expect(why.length).toBeGreaterThan(5);
  });
});

/** A module of the SDK as it is, and as the rows make it. */
async function loadBoth<Exports>(id: string): Promise<[is: Exports, was: Exports]> {
  const file = fromSdk.resolve(id);
  const source = edits.filter(({ module }) => module === id).reduce(edit, await readFile(file, 'utf8'));
  const changed = { exports: {} };
  new Function('require', 'module', 'exports', source)(createRequire(file), changed, changed.exports);
  return [changed.exports as Exports, fromSdk(id) as Exports];
}

describe('what is changed works as before', () => {
  type Keys = { SortedKeyValue: { kv(fields: object): { keys(): string[] } } };
  const key = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'abcxyz_'), minLength: 1, maxLength: 6 }),
    fc.string({ unit: fc.constantFrom(...'abcxyz-'), minLength: 1, maxLength: 6 }),
  );
  const keys = fc.oneof(fc.array(key), fc.array(fc.string()));

  test('for every list of keys that are signed, their order is the same', async () => {
    const [is, was] = await loadBoth<Keys>('@cloudbase/signature-nodejs/lib/keyvalue');
    fc.assert(
      fc.property(keys, (names) => {
        const fields = Object.fromEntries(names.map((name) => [name, '']));
        expect(is.SortedKeyValue.kv(fields).keys()).toEqual(was.SortedKeyValue.kv(fields).keys());
      }),
      runs,
    );
  });

  test.each(['en', 'zh-CN', 'zh-TW', 'ja', 'de'])('in %s too, if they are of plain letters', (locale) => {
    const { compare } = new Intl.Collator(locale);
    const one = (unit: string) => fc.array(fc.string({ unit: fc.constantFrom(...unit) }));
    fc.assert(
      fc.property(fc.oneof(one('abcxyz_'), one('abcxyz-')), (names) => {
        expect([...names].sort()).toEqual([...names].sort(compare));
      }),
      runs,
    );
  });

  test('variables of the platform are read anew after each step', async () => {
    type Context = { getCloudbaseContext(): { [name: string]: string | undefined } };
    const [is] = await loadBoth<Context>('@cloudbase/node-sdk/dist/utils/tcbcontext');
    for (const openid of ['oOne', 'oTwo']) {
      Object.assign(process.env, { WX_CONTEXT_KEYS: 'WX_OPENID', WX_OPENID: openid });
      const first = is.getCloudbaseContext();
      expect(first['WX_OPENID']).toBe(openid);
      expect(is.getCloudbaseContext()).toBe(first);
      await Promise.resolve();
    }
    delete process.env['WX_CONTEXT_KEYS'];
    delete process.env['WX_OPENID'];
  });

  test('the media formats of WeChat end as mime-db has it', () => {
    const module = { exports: {} as { [type: string]: { extensions: string[] } } };
    new Function('module', instead['mime-db']?.code ?? '')(module);
    const mimeDb = fromSdk('mime-db') as typeof module.exports;
    expect(Object.keys(module.exports)).toEqual(Object.keys(formatExtensions));
    for (const [type, { extensions }] of Object.entries(module.exports))
      expect(extensions).toEqual(mimeDb[type]?.extensions.slice(0, 1));
  });
});

describe('a bundle', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sdk-plugin-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Bundles a text as a function, with one package in its `node_modules`. */
  async function bundle(text: string, name: string, code: string): Promise<unknown> {
    const place = await mkdtemp(path.join(folder, 'project-'));
    await mkdir(path.join(place, 'node_modules', name), { recursive: true });
    await writeFile(path.join(place, 'node_modules', name, 'index.js'), code);
    await writeFile(path.join(place, 'entry.js'), text);
    await bundleFunctions({ built: path.join(place, 'entry.js') }, place);
    return require(path.join(place, 'built', 'index.js'));
  }

  test('fails where the SDK is another one', async () => {
    await expect(
      bundle('exports.sdk = require("wx-server-sdk");', 'wx-server-sdk', 'module.exports = 1;'),
    ).rejects.toThrow(/wx-server-sdk: there 0 times, not \d+: /);
  });

  test('leaves out what the SDK asks for, and not what your own code does', async () => {
    expect(await bundle('exports.own = require("axios");', 'axios', 'module.exports = "all of it";')).toEqual(
      { own: 'all of it' },
    );
  });
});
