import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transform } from 'esbuild';
import * as source from '../../miniprogram/kefu-client';
import { type Built, buildClient, clientBudgetBytes, clientRoot } from '../../scripts/build-client';
import { loadBuiltClient } from './built-client';
import { filesOf } from './files-of';

/** The mini program as it is built: what DevTools opens, and the two files that another mini program copies. */

let root: string;
let built: Built;
let scripts: string[];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'kefu-built-'));
  built = await buildClient(root);
  scripts = filesOf(root, '.js').filter(isOurs);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What is built of npm packages is WeChat's component library and a plotter, which have engines of their own to mind. */
const isOurs = (file: string) => !file.includes('miniprogram_npm/');

const read = (file: string) => readFile(path.join(root, file), 'utf8');
const isFile = (file: string) =>
  read(file).then(
    () => true,
    () => false,
  );

async function compile(...args: string[]): Promise<string> {
  const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
  return promisify(execFile)(process.execPath, [tsc, ...args]).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? 'tsc did not run',
  );
}

describe('the built JavaScript', () => {
  test('of the client is within its budget, minified', () => {
    expect(built.minifiedBytes).toBeGreaterThan(1000);
    expect(built.minifiedBytes).toBeLessThanOrEqual(clientBudgetBytes);
  });

  test('has no syntax younger than ES2017', async () => {
    expect(scripts.length).toBeGreaterThan(8);
    for (const file of scripts) {
      const code = await read(file);
      const [asItIs, lowered] = await Promise.all([
        transform(code, { target: 'esnext', logLevel: 'silent' }),
        // What esbuild can lower it lowers, and so the two differ; what it cannot, such as BigInt, it refuses.
        transform(code, { target: 'es2017', logLevel: 'silent' }),
      ]);
      expect([file, lowered.code]).toEqual([file, asItIs.code]);
      expect([file, lowered.warnings]).toEqual([file, []]);
    }
  });

  test('would show younger syntax to the test above', async () => {
    for (const young of [
      'a?.b',
      'a ?? b',
      '({ ...a })',
      'async function* f() {}',
      'class A { #a = 1 }',
      'try {} catch {}',
    ]) {
      const { code } = await transform(young, { target: 'es2017' });
      expect(code).not.toBe((await transform(young, { target: 'esnext' })).code);
    }
    await expect(transform('1n', { target: 'es2017', logLevel: 'silent' })).resolves.toMatchObject({
      warnings: [expect.anything()],
    });
    const lookbehind = await transform('/(?<=a)b/', { target: 'es2017', logLevel: 'silent' });
    expect(lookbehind.code).not.toBe((await transform('/(?<=a)b/')).code);
  });

  test('calls nothing that came after ES2017', async () => {
    const young =
      /\.(?:at|flat|flatMap|findLast|findLastIndex|replaceAll|matchAll|trimStart|trimEnd|finally|allSettled|any|toSorted|toReversed|fromEntries|hasOwn|groupBy)\(|\b(?:globalThis|BigInt|WeakRef|structuredClone|queueMicrotask|TextEncoder|URL|AbortController|fetch|process|Buffer)\b/;
    for (const file of scripts) expect([file, young.exec(await read(file))?.[0]]).toEqual([file, undefined]);
  });

  test('of the client needs no other file, and exports what the source does', async () => {
    const code = await read('kefu-client.js');
    expect(code).not.toMatch(/\brequire\(|\bimport\b/);
    expect(Object.keys(loadBuiltClient(root)).toSorted()).toEqual(Object.keys(source).toSorted());
  });

  test('requires only files that are there', async () => {
    for (const file of scripts) {
      for (const [, name = ''] of (await read(file)).matchAll(/require\("([^"]+)"\)/g)) {
        const wanted = name.startsWith('.')
          ? `${path.posix.join(path.posix.dirname(file), name)}.js`
          : `desk/miniprogram_npm/${name}/index.js`;
        expect([file, wanted, await isFile(wanted)]).toEqual([file, wanted, true]);
      }
    }
  });
});

describe('the built types', () => {
  test('import nothing', async () => {
    expect(await read('kefu-client.d.ts')).not.toMatch(/\bimport\b|\bfrom '/);
  });

  test('are those of the source, in both directions', async () => {
    const declared = (await read('kefu-client.d.ts')).matchAll(/^export (?:type|interface) (\w+)(<)?/gm);
    const given: { readonly [name: string]: string } = {
      Result: '<{ a: 1 }>',
      SendByType: `<'image', 'official'>`,
      OneOfMany: `<'official', true>`,
    };
    const names = [...declared].map(
      ([, name = '', generic]) => name + (generic === undefined ? '' : (given[name] ?? `<'official'>`)),
    );
    expect(names).toEqual(
      expect.arrayContaining(['MessageInput', 'Refusal', `CustomerService<'official'>`, 'ErrorCodeName']),
    );
    const file = path.join(root, 'same.ts');
    await writeFile(
      file,
      [
        `import type * as Built from './kefu-client';`,
        `import type * as Source from '${path.resolve('miniprogram/kefu-client')}';`,
        ...names.map(
          (name, index) =>
            `export const there${index}: Built.${name} = null as unknown as Source.${name};\n` +
            `export const back${index}: Source.${name} = null as unknown as Built.${name};`,
        ),
        `export const values: typeof Built = null as unknown as typeof Source;`,
        `export const valuesBack: typeof Source = null as unknown as typeof Built;`,
      ].join('\n'),
    );
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--skipLibCheck', '--types', ''];
    const modules = ['--target', 'es2022', '--module', 'preserve', '--moduleResolution', 'bundler'];
    expect(await compile('--ignoreConfig', ...strict, ...modules, file)).toBe('');
  });

  test('are read by a mini program’s own compiler settings', async () => {
    const file = path.join(root, 'uses.ts');
    await writeFile(
      file,
      `import { createCustomerService } from './kefu-client';
       export async function hello(): Promise<string> {
         const result = await createCustomerService().send({ msgtype: 'text', text: { content: 'hi' } });
         return result.ok ? 'ok' : result.advice;
       }`,
    );
    const settings = [
      '--noEmit',
      '--lib',
      'es2017',
      '--target',
      'es2017',
      '--module',
      'commonjs',
      '--types',
      '',
    ];
    expect(await compile('--ignoreConfig', ...settings, file)).toBe('');
  });
});

describe('the project that DevTools opens', () => {
  test('is the folder that is built', async () => {
    const project = JSON.parse(await readFile('project.config.json', 'utf8')) as Record<string, unknown>;
    expect(project['miniprogramRoot']).toBe(`${clientRoot}/`);
  });

  test('has every page with its template, and no TypeScript but the client’s types', async () => {
    const { pages, subPackages, tabBar } = JSON.parse(await read('app.json')) as {
      pages: string[];
      subPackages: { root: string; pages: string[] }[];
      tabBar: { list: { pagePath: string }[] };
    };
    const inner = subPackages.flatMap((each) => each.pages.map((page) => `${each.root}/${page}`));
    for (const page of [...pages, ...inner])
      for (const ending of ['js', 'json', 'wxml'])
        expect([page, ending, await isFile(`${page}.${ending}`)]).toEqual([page, ending, true]);
    for (const { pagePath } of tabBar.list) expect(pages).toContain(pagePath);
    expect(filesOf(root, '.ts').filter((file) => !/^(same|uses)\.ts$/.test(file))).toEqual([
      'kefu-client.d.ts',
    ]);
  });

  test('binds every event to a handler of its page', async () => {
    for (const file of filesOf(root, '.wxml').filter(isOurs)) {
      const script = await read(file.replace(/wxml$/, 'js'));
      for (const [, handler] of (await read(file)).matchAll(/\b(?:bind|catch):?[\w-]+="(\w+)"/g)) {
        expect([file, script.match(new RegExp(`^ {2,4}(?:async )?${handler}\\(`, 'm'))?.length]).toEqual([
          file,
          1,
        ]);
      }
    }
  });

  test('keeps its subpackage under WeChat’s 2 MB, with every component and package that it names', async () => {
    const files = filesOf(root, '').filter((file) => file.startsWith('desk/'));
    const sizes = await Promise.all(files.map((file) => stat(path.join(root, file))));
    expect(sizes.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0)).toBeLessThan(1024 * 1024);
    for (const file of files.filter((each) => each.endsWith('.json'))) {
      const { usingComponents = {} } = JSON.parse(await read(file)) as {
        usingComponents?: { [tag: string]: string };
      };
      for (const name of Object.values(usingComponents)) {
        const beside = path.posix.join(path.posix.dirname(file), name);
        const places = [beside, `desk/miniprogram_npm/${name}`];
        const found = await Promise.all(places.map((place) => isFile(`${place}.js`)));
        expect([file, name, found.includes(true)]).toEqual([file, name, true]);
      }
    }
    expect(await isFile('desk/miniprogram_npm/tdesign-miniprogram/LICENSE')).toBe(true);
  });

  test('is type-checked against WeChat’s own types', async () => {
    expect(await compile('--project', 'miniprogram')).toBe('');
  });
});
