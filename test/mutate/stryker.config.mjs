import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The tests of shared/ that import it. Those that drive bundles, in processes of their own, would take a night. */
const testFiles = ['test/wechat', 'test/core', 'test/functions'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.posix.join(folder, ...file.split(path.sep)))
    .filter((file) => !/emulator\/|'\.\/stage'|'(?:\.\.\/)*dist\//.test(readFileSync(file, 'utf8'))),
);

/**
 * `npm run mutate`: which changes of the code no test notices that imports it. A file takes a minute or so,
 * `npm run mutate -- --mutate shared/core/once.ts`, and less by chosen tests, `--testFiles test/core/once.test.ts`.
 * The report is dist/mutation/index.html; what survives for good is in docs/mutation.md.
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
  testRunner: 'in-process',
  plugins: ['./test/mutate/runner.mjs'],
  testFiles,
  // Rewritten with the API of an older TypeScript; the sandbox needs none.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  ignorePatterns: ['dist'],
  tempDirName: 'dist/mutate',
  concurrency: 2,
  dryRunTimeoutMinutes: 20,
  timeoutMS: 5000,
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'dist/mutation/index.html' },
  jsonReporter: { fileName: 'dist/mutation/report.json' },
};
