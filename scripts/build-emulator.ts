import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const page = 'emulator/page';
const phone = path.join(page, 'mini-program');

/** What the builds for a browser have in common. */
const forBrowser: BuildOptions = {
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
};

/** Builds what the local WeChat loads at run time: the process that runs a function, the chat page, and the phone on it. */
export async function buildEmulator(outdir = 'dist'): Promise<void> {
  await mkdir(path.join(outdir, 'page', 'phone'), { recursive: true });
  await Promise.all([
    build({
      entryPoints: ['emulator/functions/instance.ts'],
      outfile: path.join(outdir, 'emulator', 'instance.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node18',
      logLevel: 'warning',
      // The function to run is named on the command line.
      logOverride: { 'unsupported-dynamic-import': 'silent' },
    }),
    build({
      ...forBrowser,
      entryPoints: [path.join(page, 'app.tsx'), path.join(page, 'app.css')],
      outdir: path.join(outdir, 'page'),
      format: 'esm',
    }),
    build({
      ...forBrowser,
      entryPoints: [path.join(phone, 'frame.tsx'), path.join(phone, 'frame.css')],
      outdir: path.join(outdir, 'page', 'phone'),
      format: 'iife',
    }),
    cp(path.join(phone, 'frame.html'), path.join(outdir, 'page', 'phone', 'index.html')),
    cp(path.join(page, 'index.html'), path.join(outdir, 'page', 'index.html')),
  ]);
}
