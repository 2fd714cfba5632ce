import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { load } from './scripts/load.mjs';

/**
 * The tests that no browser can be started for. On a machine without one they are left out, with a word about it; in CI
 * they are not, and fail.
 */
async function withoutBrowser() {
  const { whyNoBrowser } = await load('scripts/browser/find-browser.ts');
  const reason = process.env.CI ? undefined : whyNoBrowser();
  if (reason === undefined) return [];
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((file) => path.join('test', file))
    .filter((file) => file.endsWith('.test.ts') && /startBrowser|sharePage/.test(readFileSync(file, 'utf8')));
  process.stderr.write(`Left out, for ${reason}: ${files.join(', ')}\n`);
  return files.map((file) => `${file.replaceAll('.', '\\.').split(path.sep).join('[\\\\/]')}$`);
}

const leftOut = withoutBrowser();

/** @returns {Promise<import('jest').Config>} */
export default async () => ({
  testEnvironment: '<rootDir>/test/setup/environment.mjs',
  roots: ['<rootDir>/test'],
  // swc reads TypeScript without the compiler's API, so the type checker is free to be the newest.
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          target: 'es2022',
          transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        },
      },
    ],
  },
  // Most tests drive built functions, the built page and the built client: they are built once, before the first test.
  globalSetup: '<rootDir>/test/setup/build.mjs',
  globalTeardown: '<rootDir>/test/setup/rebuild.mjs',
  // The built bundles hold package.json-less copies that jest's file map need not read.
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  testPathIgnorePatterns: ['/node_modules/', ...(await leftOut)],
  // Child processes and a browser on two cores: slow is not wrong.
  testTimeout: 60_000,
  // Of one file's tests that only wait, which are marked as such (`test.concurrent`).
  maxConcurrency: 3,
  // Twice the two cores that this is made for: half of the tests' time is waiting, for a function's timeout most.
  maxWorkers: Math.max(4, availableParallelism()),
  testSequencer: '<rootDir>/test/setup/order.mjs',
});
