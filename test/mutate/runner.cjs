const fs = require('node:fs');
const path = require('node:path');
const { default: TestRunner } = require('jest-runner');

const folder = path.resolve('dist/mutants');

/** Runs, of a mutant, the test files that run its place: the quickest first, and none after one that fails. */
class MutantRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const active = process.env.__STRYKER_ACTIVE_MUTANT__ ?? '';
    if (active === '') return super.runTests(tests, watcher, options);
    let failed = false;
    this.on('test-file-success', ([, { numFailingTests, testExecError }]) => {
      failed ||= numFailingTests > 0 || testExecError !== undefined;
    });
    for (const { file } of filesOf(active)) {
      const test = tests.find(({ path: place }) => place === file);
      if (test !== undefined) await super.runTests([test], watcher, { ...options, serial: true });
      if (failed) return;
    }
  }
}

const filesOf = (mutant) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('file-'))
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')))
    .filter(({ mutants }) => mutants.includes(mutant))
    .sort((one, other) => one.tookMs - other.tookMs);

module.exports = MutantRunner;
