import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from 'hono';
import { versionOf } from '../folder-version';
import type { MiniProgramSource } from '../parts';
import { type CompiledMiniProgram, compileMiniProgram } from './compile/compile';

const types: { readonly [extension: string]: string } = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
};

/**
 * What the second phone loads of a mini program: its script, its styles, its files. They are compiled when the phone is
 * loaded, where the mini program has changed since: a reload shows it as it is.
 */
export function createPhoneFiles(source: MiniProgramSource | undefined) {
  let last: { readonly version: string; readonly compiled: CompiledMiniProgram } | undefined;
  const compile = async () => {
    if (source === undefined) throw new Error('this local WeChat was started without a mini program');
    await source.refresh?.();
    const version = await versionOf(source.root);
    if (last?.version !== version) last = { version, compiled: await compileMiniProgram(source.root) };
    return last.compiled;
  };
  /** The style sheet is asked for first, and the script of the same run belongs to it. */
  let running: ReturnType<typeof compile> | undefined;
  const compiled = () => {
    running ??= compile().finally(() => {
      running = undefined;
    });
    return running;
  };
  return {
    async script(context: Context) {
      const { script } = await compiled().catch((error: unknown) => ({ script: sayWrong(error) }));
      return context.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' });
    },
    async styles(context: Context) {
      const { styles } = await compiled().catch(() => ({ styles: '' }));
      return context.body(styles, 200, { 'content-type': 'text/css; charset=utf-8' });
    },
    file(context: Context) {
      const name = decodeURIComponent(new URL(context.req.url).pathname.replace(/^\/phone\/files\//, ''));
      const root = path.resolve(source?.root ?? '.');
      const file = path.resolve(root, name);
      const { [path.extname(file).toLowerCase()]: type } = types;
      // Pictures and sounds only, and nothing beside the mini program.
      if (
        source === undefined ||
        type === undefined ||
        !file.startsWith(root + path.sep) ||
        !existsSync(file)
      )
        return context.json({ error: 'the mini program has no such picture or sound' }, 404);
      return context.body(readFileSync(file), 200, { 'content-type': type });
    },
  };
}

/** A script that shows why there is none. */
function sayWrong(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `document.getElementById('pages').textContent = ${JSON.stringify(text)};`;
}
