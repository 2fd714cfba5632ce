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
  // Most tests drive built functions, the built page and the built client: they are built once, before the first test.
  globalSetup: '<rootDir>/test/setup/build.mjs',
  // The built bundles hold package.json-less copies that jest's file map need not read.
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // Child processes and a browser on two cores: slow is not wrong.
  testTimeout: 60_000,
  // One more than the two cores that this is made for: a third of the tests' time is waiting, for a function's timeout most.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/setup/order.mjs',
};
