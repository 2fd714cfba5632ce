import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AppConfig, Described, Part, PartConfig } from '../../page/mini-program/part';

/** Follows the `app.json` of a built mini program to every page, and these to every component. */
export function readAppFiles(root: string): Described {
  const app = readJson(root, 'app') as AppConfig;
  const pages = [
    ...app.pages,
    ...(app.subPackages ?? app.subpackages ?? []).flatMap((each) =>
      each.pages.map((page) => path.posix.join(each.root, page)),
    ),
  ];
  const parts = new Map<string, Part>();
  const add = (file: string) => {
    if (parts.has(file)) return;
    const config: PartConfig = readJson(root, file);
    const used: { [tag: string]: string } = {};
    const scope = config.component === true ? { scope: `c${parts.size}` } : {};
    parts.set(file, { path: file, config: { ...config, usingComponents: used }, ...scope });
    for (const [from, components = {}] of [
      ['app', app.usingComponents],
      [file, config.usingComponents],
    ] as const)
      for (const [tag, name] of Object.entries(components)) {
        const found = findFile(root, from, name, ['.json', '/index.json'])?.replace(/\.json$/, '');
        // A plugin's components, and those of no file, are drawn as nothing.
        if (found === undefined) continue;
        used[tag] = `/${found}`;
        add(found);
      }
  };
  for (const page of pages) add(page);
  return { app, pages, parts: [...parts.values()] };
}

function readJson(root: string, file: string): object {
  const name = path.join(root, `${file}.json`);
  if (file !== 'app' && !existsSync(name)) return {};
  return JSON.parse(readFileSync(name, 'utf8')) as object;
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
