/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
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
  // Most tests drive built functions and the built page: they are built once, before the first test.
  globalSetup: '<rootDir>/test/setup/build.mjs',
  globalTeardown: '<rootDir>/test/setup/rebuild.mjs',
  // The built bundles hold package.json-less copies that jest's file map need not read.
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // Child processes and a browser on two cores: slow is not wrong.
  testTimeout: 60_000,
  maxWorkers: 2,
};
