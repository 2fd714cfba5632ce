import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A page or a component, by its path inside the mini program and without extension: `pages/send/index`. */
export interface Part {
  readonly path: string;
  /** What its JSON says, with the paths of its components as they stand in the mini program. */
  readonly config: PartConfig;
}

export interface PartConfig {
  readonly component?: boolean;
  readonly usingComponents?: { readonly [tag: string]: string };
  readonly [field: string]: unknown;
}

export interface AppConfig {
  readonly pages: readonly string[];
  readonly usingComponents?: { readonly [tag: string]: string };
  readonly [field: string]: unknown;
}

/** A built mini program's `app.json`, and its pages and components with what they use. */
export interface AppFiles {
  readonly root: string;
  readonly app: AppConfig;
  /** Every page, those of subpackages too. */
  readonly pages: readonly string[];
  readonly parts: readonly Part[];
}

/** Follows `app.json` to every page, and these to every component. */
export function readAppFiles(root: string): AppFiles {
  const app = readJson(root, 'app') as unknown as AppConfig;
  const pages = [...app.pages, ...subpackagesOf(app)];
  const parts = new Map<string, Part>();
  const add = (file: string) => {
    if (parts.has(file)) return;
    const config = readJson(root, file);
    const used: { [tag: string]: string } = {};
    parts.set(file, { path: file, config: { ...config, usingComponents: used } });
    for (const [from, components] of [
      ['app', app.usingComponents],
      [file, config['usingComponents']],
    ] as const)
      for (const [tag, name] of Object.entries((components ?? {}) as { [tag: string]: string })) {
        const found = findComponent(root, from, name);
        // A plugin's components, and those of no file, are drawn as nothing.
        if (found === undefined) continue;
        used[tag] = `/${found}`;
        add(found);
      }
  };
  for (const page of pages) add(page);
  return { root, app, pages, parts: [...parts.values()] };
}

function subpackagesOf(app: AppConfig): string[] {
  const listed = (app['subPackages'] ?? app['subpackages'] ?? []) as readonly {
    readonly root: string;
    readonly pages: readonly string[];
  }[];
  return listed.flatMap(({ root, pages }) => pages.map((page) => path.posix.join(root, page)));
}

function readJson(root: string, file: string): { readonly [field: string]: unknown } {
  const name = path.join(root, `${file}.json`);
  if (file !== 'app' && !existsSync(name)) return {};
  return JSON.parse(readFileSync(name, 'utf8')) as { [field: string]: unknown };
}

function findComponent(root: string, from: string, name: string): string | undefined {
  return findFile(root, from, name, ['.json', '/index.json'])?.replace(/\.json$/, '');
}

/**
 * The file that a name means, as WeChat looks for it: from the mini program's root where it begins with `/`, beside the
 * file that names it, and then in `miniprogram_npm` from that file's folder upwards.
 */
export function findFile(
  root: string,
  from: string,
  name: string,
  endings: readonly string[],
): string | undefined {
  const folder = path.posix.dirname(from);
  const folders = folder.split('/').map((_, index, all) => all.slice(0, all.length - index).join('/'));
  const candidates = name.startsWith('/')
    ? [name.slice(1)]
    : [
        path.posix.join(folder, name),
        ...[...folders, '.'].map((upper) => path.posix.join(upper, 'miniprogram_npm', name)),
      ];
  return candidates
    .flatMap((candidate) => endings.map((ending) => candidate + ending))
    .find((file) => !file.startsWith('..') && existsSync(path.join(root, file)));
}
