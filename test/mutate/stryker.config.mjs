/**
 * `npm run mutate`: which changes of the code no test notices. The whole takes a night. A file takes minutes,
 * `npm run mutate -- --mutate shared/core/once.ts`, and less by chosen tests, `--testFiles test/core/once.test.ts`.
 * The report is dist/mutation/index.html.
 */
export default {
  mutate: [
    'shared/{wechat,core,functions}/**/*.ts',
    // Words only.
    '!shared/wechat/errors/error-meanings.ts',
    '!shared/wechat/messages/message-examples.ts',
    '!shared/functions/rules/example-rules.ts',
  ],
  // What a text says is for readers; what hangs on it is mutated where it is compared.
  mutator: { excludedMutations: ['StringLiteral'] },
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  // Not by imports: most tests drive bundles. environment.cjs says which test runs what.
  jest: { configFile: 'test/mutate/jest.config.mjs', enableFindRelatedTests: false },
  // Rewritten with the API of an older TypeScript; the sandbox needs none.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  // The bundles are built once, of code that holds every mutant; the one that is on is chosen as they run.
  buildCommand: 'node test/mutate/build.mjs',
  ignorePatterns: ['bench', 'dist'],
  tempDirName: 'dist/mutate',
  concurrency: 2,
  dryRunTimeoutMinutes: 20,
  timeoutMS: 30_000,
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'dist/mutation/index.html' },
  jsonReporter: { fileName: 'dist/mutation/report.json' },
};
