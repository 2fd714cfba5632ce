import path from 'node:path';
import config from '../../jest.config.mjs';

const { globalSetup, testSequencer, maxWorkers, ...rest } = config;

/** The tests of shared/, against bundles that build.mjs has built. */
export default {
  ...rest,
  rootDir: path.resolve('.'),
  roots: ['<rootDir>/test/wechat', '<rootDir>/test/core', '<rootDir>/test/functions'],
  // A hundred kills take minutes, and find what is rare.
  testPathIgnorePatterns: ['outbox-storm'],
  testEnvironment: path.resolve('test/mutate/environment.cjs'),
  runner: path.resolve('test/mutate/runner.cjs'),
};
