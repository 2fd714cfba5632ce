import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findUnknownPackages } from '../../scripts/sdk/known';
import { edits, instead, knownPackages, leftOut, loadedWhenUsed } from '../../scripts/sdk/parts';
import {
  editWebpackModules,
  keepMessages,
  loadWhenUsed,
  replaceOnce,
  webpackModule,
} from '../../scripts/sdk/source';

/** How the SDK's files are changed for a bundle, and that only the files which the changes know are. */

describe('the packages that the changes know', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sdk-plugin-'));
    await mkdir(path.join(folder, 'node_modules', '@cloudbase'), { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{}');
    await Promise.all(
      knownPackages
        .filter(({ broughtBy }) => broughtBy === undefined)
        .map(({ name }) => symlink(path.resolve('node_modules', name), packageFolder(name))),
    );
  });
  afterEach(() => rm(folder, { recursive: true }));
  const packageFolder = (name: string) => path.join(folder, 'node_modules', name);

  /** Puts a copy in the place of a package, to be changed. */
  async function copyPackage(name: string): Promise<string> {
    await rm(packageFolder(name));
    await cp(path.resolve('node_modules', name), packageFolder(name), { recursive: true });
    return packageFolder(name);
  }

  test('are those that are installed', async () => {
    expect(await findUnknownPackages(process.cwd())).toEqual([]);
    expect(await findUnknownPackages(folder)).toEqual([]);
  });

  test('are not known with another version', async () => {
    const manifest = path.join(await copyPackage('form-data'), 'package.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace(/"version": "[\d.]+"/, '"version": "5.0.0"'));
    const [sentence, ...others] = await findUnknownPackages(folder);
    expect(sentence).toMatch(/^form-data is 5\.0\.0 .* written for 4\.0\.6/);
    expect(others).toEqual([]);
  });

  test('are not known with a changed file under the same version', async () => {
    const file = path.join(await copyPackage('json-bigint'), 'lib', 'parse.js');
    await writeFile(file, `${await readFile(file, 'utf8')}\n`);
    expect(await findUnknownPackages(folder)).toEqual([
      expect.stringMatching(/^json-bigint is 1\.0\.0 with the digest \w{16}, and scripts\/sdk\/parts\.ts/),
    ]);
  });
});

describe('every row of the parts', () => {
  test('says why', () => {
    const reasons = [
      ...Object.values(leftOut),
      ...Object.values(instead).map(({ why }) => why),
      ...edits.map(({ why }) => why),
    ];
    for (const why of reasons) expect(why.length).toBeGreaterThan(5);
  });

  test('speaks of a package that is known, or of one that only known packages ask for', () => {
    const modules = [...edits.flatMap(({ modules }) => modules), ...Object.keys(loadedWhenUsed)];
    for (const id of modules) {
      expect(knownPackages.some(({ name }) => id.startsWith(`${name}/`))).toBe(true);
    }
  });
});

describe('replaceOnce', () => {
  test('replaces a text, or all up to another', () => {
    expect(replaceOnce('a b c', { from: 'b', to: '$&' })).toBe('a $& c');
    expect(replaceOnce('a { b } c }', { from: '{', through: '}', to: '-' })).toBe('a - c }');
  });

  test.each([
    ['is not there', { from: 'x', to: '' }],
    ['is there twice', { from: 'a', to: '' }],
    ['has no end', { from: 'b', through: 'x', to: '' }],
  ])('throws where the text %s', (_what, edit) => {
    expect(() => replaceOnce('a b a', edit)).toThrow('not there');
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

  test('knows the modules of webpack', () => {
    const source = 'const x_1 = __webpack_require__(/*! ./x */ "./x.ts");\nx_1.a();';
    expect(loadWhenUsed(source, 'x_1')).toBe('\n(__webpack_require__(/*! ./x */ "./x.ts")).a();');
  });

  test('throws where no module has the name', () => {
    expect(() => loadWhenUsed('const x_1 = 1;', 'x_1')).toThrow('no module is named x_1');
  });
});

describe('a webpack bundle', () => {
  const bundle = [
    'module.exports = (function(modules) { return modules })({\n\n',
    '/***/ "./a.ts":\n/*! a */\n/***/ (function(module) { module.exports = 1 }),\n\n',
    '/***/ "./b.ts":\n/*! b */\n/***/ (function(module) { module.exports = 2 })\n\n',
    '/******/ });',
  ].join('');
  const modulesOf = (text: string) => {
    const module = { exports: {} as Record<string, (module: { exports: unknown }) => void> };
    new Function('module', text)(module);
    return Object.fromEntries(
      Object.entries(module.exports).map(([name, run]) => {
        const inner = { exports: undefined as unknown };
        run(inner);
        return [name, inner.exports];
      }),
    );
  };

  test('keeps, loses and gains modules', () => {
    expect(modulesOf(editWebpackModules(bundle, (_name, text) => text))).toEqual({
      './a.ts': 1,
      './b.ts': 2,
    });
    expect(
      modulesOf(editWebpackModules(bundle, (name, text) => (name === './b.ts' ? undefined : text))),
    ).toEqual({
      './a.ts': 1,
    });
    expect(
      modulesOf(
        editWebpackModules(bundle, (name, text) => (name === './b.ts' ? webpackModule(name, '3') : text)),
      ),
    ).toEqual({ './a.ts': 1, './b.ts': 3 });
  });

  test('is told from any other file', () => {
    expect(() => editWebpackModules('module.exports = 1;', (_name, text) => text)).toThrow(
      'no webpack bundle',
    );
  });
});

describe('keepMessages', () => {
  const method = (of: string, name: string) =>
    `    ${of} = function ${name}() {\n        return 1;\n    };\n`;
  const message = (name: string) =>
    [
      `$root.${name} = (function() {\n    function ${name}() {}\n`,
      ...[
        'create',
        'encode',
        'encodeDelimited',
        'decode',
        'decodeDelimited',
        'verify',
        'fromObject',
        'toObject',
      ].map((each) => method(`${name}.${each}`, each)),
      method(`${name}.prototype.toJSON`, 'toJSON'),
      `    return ${name};\n})();\n\n`,
    ].join('\n');
  const file = `var $root = {};\n${message('Kept')}${message('Gone')}module.exports = $root;\n`;
  const leftOutCode = (part: string) => JSON.stringify(`no ${part}`);

  test('keeps what writes and reads the messages, and names the rest', () => {
    const module = { exports: {} as Record<string, Record<string, unknown>> };
    new Function('module', keepMessages(file, ['Kept'], leftOutCode))(module);
    const { Kept, Gone } = module.exports;
    expect(Gone).toBe('no the message Gone');
    expect([Kept?.['encode'], Kept?.['decode']]).toEqual([expect.any(Function), expect.any(Function)]);
    expect(Kept?.['verify']).toBe('no what is not encode or decode of the message Kept');
  });

  test('throws for a file of another make', () => {
    expect(() => keepMessages('module.exports = 1;', [], leftOutCode)).toThrow('not written by pbjs');
    expect(() => keepMessages(file.replaceAll('verify', 'check'), ['Kept'], leftOutCode)).toThrow(
      'not there',
    );
  });
});
