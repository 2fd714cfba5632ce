import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * The npm packages of the mini program, as DevTools' 构建 npm leaves them in `miniprogram_npm`, but of each no more than
 * is used: a subpackage may weigh 2 MB.
 */

/** A file of a package, and where it goes: both with slashes, the second from `miniprogram_npm`. */
interface PackedFile {
  readonly source: string;
  readonly target: string;
}

const npmFolder = 'miniprogram_npm';

/** What a file asks for, by its ending. WeChat's own files need their ending or not, by their kind. */
const references: { readonly [ending: string]: (text: string) => string[] } = {
  '.js': (text) => matches(text, /(?:\bfrom|\bimport|\brequire\()\s*["']([^"']+)["']/g),
  '.wxml': (text) => matches(text, /\bsrc="([^"{]+\.wx[sm]l?)"/g),
  '.wxs': (text) => matches(text, /\brequire\(["']([^"']+)["']\)/g),
  '.wxss': (text) => matches(text, /@import\s+["']([^"']+)["']/g),
  '.json': (text) => Object.values(usedComponents(text)),
};

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

function usedComponents(json: string): { readonly [tag: string]: string } {
  return (JSON.parse(json) as { usingComponents?: { [tag: string]: string } }).usingComponents ?? {};
}

/**
 * Builds into `<outdir>/<folder>/miniprogram_npm` what the sources of a folder use of packages: components that a
 * page's json names, modules that a script imports.
 */
export async function buildMiniprogramNpm(sources: string, folder: string, outdir: string, target: string) {
  const root = path.join(outdir, folder, npmFolder);
  const files = await neededFiles(path.join(sources, folder));
  const scripts = files.filter(({ source }) => source.endsWith('.js'));
  await Promise.all([
    build({
      entryPoints: scripts.map((file) => ({ in: file.source, out: file.target.replace(/\.js$/, '') })),
      outdir: root,
      format: 'cjs',
      target,
      charset: 'utf8',
      logLevel: 'error',
      legalComments: 'inline',
    }),
    ...files
      .filter(({ source }) => !source.endsWith('.js'))
      .map(async ({ source, target: place }) => {
        const file = path.join(root, place);
        const text = await readFile(source, 'utf8');
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, adapted(place, text));
      }),
  ]);
}

/** A package's file as it is built. */
function adapted(place: string, text: string): string {
  if (place === disabledButton) return sayingDisabled(text);
  return place.endsWith('.wxss') ? inPixels(text) : text;
}

const disabledButton = 'tdesign-miniprogram/button/button.wxml';

/** TDesign's button shows that it is disabled and takes no taps then, but does not say so to a screen reader. */
function sayingDisabled(template: string): string {
  const said = template.replace(/<button (?!.*aria-disabled)/, '$&aria-disabled="{{disabled || loading}}" ');
  if (said === template) throw new Error(`${disabledButton} is another than is known here`);
  return said;
}

/** Sizes that grow with the window made those of a phone: on a desktop a button would be as large as a hand. */
function inPixels(styles: string): string {
  return styles.replace(/(\d*\.?\d+)rpx/g, (_, size: string) => `${Number(size) / 2}px`);
}

/** The files of packages that a folder's sources need, and all that these need in turn. */
async function neededFiles(folder: string): Promise<PackedFile[]> {
  const require = createRequire(path.resolve('package.json'));
  const found = new Map<string, PackedFile>();

  /** Takes a file and what it asks for; where there is none of the name, nothing. */
  async function take(home: string, name: string, file: string): Promise<boolean> {
    const source = path.join(home, file);
    if (found.has(source)) return true;
    const text = await readFile(source, 'utf8').catch(() => undefined);
    if (text === undefined) return false;
    found.set(source, { source, target: path.posix.join(name, file) });
    for (const asked of references[path.extname(file)]?.(text) ?? [])
      await resolve(home, name, path.posix.dirname(file), asked, path.extname(file));
    return true;
  }

  /** Takes what a file of a package asks for: a component, a file of its own kind, or a package within the package. */
  async function resolve(home: string, name: string, from: string, asked: string, kind: string) {
    const inner = kind === '.js' && !asked.startsWith('.');
    const place = inner ? path.posix.join(npmFolder, asked) : path.posix.join(from, asked);
    if (kind === '.json') return component(home, name, place);
    for (const candidate of [place, `${place}.js`, `${place}/index.js`])
      if (path.extname(candidate) !== '' && (await take(home, name, candidate))) return;
    throw new Error(`${name}/${from} asks for ${asked}, which is not there`);
  }

  async function component(home: string, name: string, place: string) {
    const there = await Promise.all(
      ['.js', '.json', '.wxml', '.wxss'].map((ending) => take(home, name, `${place}${ending}`)),
    );
    if (!there[1]) throw new Error(`there is no component ${name}/${place}`);
  }

  for (const asked of await packagesUsed(folder)) {
    const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/]+)\/?(.*)$/.exec(asked) ?? [];
    const manifest = require.resolve(`${name}/package.json`);
    const { miniprogram = '', main = 'index.js' } = JSON.parse(await readFile(manifest, 'utf8')) as {
      miniprogram?: string;
      main?: string;
    };
    const home = path.join(path.dirname(manifest), miniprogram);
    if (rest !== '') await component(home, name, rest);
    else {
      const file = path.join(home, main);
      found.set(file, { source: file, target: `${name}/index.js` });
    }
    const license = path.join(path.dirname(manifest), 'LICENSE');
    if ((await readFile(license).catch(() => undefined)) !== undefined)
      found.set(license, { source: license, target: `${name}/LICENSE` });
  }
  return [...found.values()];
}

/** The packages, and places in packages, that the sources of a folder name. */
async function packagesUsed(folder: string): Promise<Set<string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && /\.(?:json|ts)$/.test(entry.name),
  );
  const asked = await Promise.all(
    files.map(async (entry) => {
      const text = await readFile(path.join(entry.parentPath, entry.name), 'utf8');
      return entry.name.endsWith('.json')
        ? Object.values(usedComponents(text))
        : matches(text, /^import (?!type).* from '([^']+)';$/gm);
    }),
  );
  return new Set(asked.flat().filter((each) => !/^[./]/.test(each)));
}
