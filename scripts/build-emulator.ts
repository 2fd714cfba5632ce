import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const page = 'emulator/page';
const phone = path.join(page, 'mini-program');

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
      entryPoints: [path.join(page, 'app.tsx'), path.join(page, 'app.css')],
      outdir: path.join(outdir, 'page'),
      bundle: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      minify: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      logLevel: 'warning',
    }),
    build({
      entryPoints: [path.join(phone, 'frame.tsx'), path.join(phone, 'frame.css')],
      outdir: path.join(outdir, 'page', 'phone'),
      bundle: true,
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      minify: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      logLevel: 'warning',
    }),
    cp(path.join(phone, 'frame.html'), path.join(outdir, 'page', 'phone', 'index.html')),
    cp(path.join(page, 'index.html'), path.join(outdir, 'page', 'index.html')),
  ]);
}
