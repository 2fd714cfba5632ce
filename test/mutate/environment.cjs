const fs = require('node:fs');
const path = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

/** Where the processes of functions, and the runner, are told what they need to know. */
const folder = path.resolve('dist/mutants');

/** A mutant that only tests of this length notice is called a survivor. */
const longestMs = 6000;

/**
 * Tells Stryker which test runs which mutant, where it does not see that itself: in the processes of functions, and
 * while a test file is loaded. With a mutant on, the first failure of a file is the last test of it.
 */
class MutantEnvironment extends TestEnvironment {
  #file;
  #active = process.env.__STRYKER_ACTIVE_MUTANT__ ?? '';
  #failed = false;
  #startedAt = Date.now();
  #tests = [];

  constructor(config, context) {
    super(config, context);
    this.#file = context.testPath;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, `active-${process.pid}`), this.#active);
  }

  async setup() {
    await super.setup();
    if (this.#active === '') this.#coverage().static = {};
  }

  handleTestEvent(event) {
    if (this.#active !== '') {
      if (event.name === 'test_start' && this.#failed) event.test.mode = 'skip';
      if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#failed = true;
    } else if (event.name === 'test_fn_start') {
      event.test.beganAt = Date.now();
    } else if (event.name === 'test_done') {
      const { currentTestId } = this.global.__stryker__;
      const { perTest } = this.#coverage();
      perTest[currentTestId] = sum(perTest[currentTestId], this.#ranElsewhere());
      if (Date.now() - event.test.beganAt > longestMs) delete perTest[currentTestId];
      else this.#tests.push(currentTestId);
    } else if (event.name === 'run_finish') {
      this.#finish();
    }
  }

  #coverage() {
    this.global.__stryker__ ??= {};
    this.global.__stryker__.mutantCoverage ??= { static: {}, perTest: {} };
    return this.global.__stryker__.mutantCoverage;
  }

  /** What ran in the processes that the test started. */
  #ranElsewhere() {
    const files = fs.readdirSync(folder).filter((name) => name.startsWith(`ran-${process.pid}-`));
    const ran = files.flatMap((name) => {
      const text = fs.readFileSync(path.join(folder, name), 'utf8');
      fs.rmSync(path.join(folder, name));
      return text.split(' ').filter((id) => id !== '');
    });
    return Object.fromEntries(ran.map((id) => [id, 1]));
  }

  /** What ran as the file was loaded ran for each of its tests. */
  #finish() {
    const coverage = this.#coverage();
    const mutants = new Set();
    for (const test of this.#tests) {
      coverage.perTest[test] = sum(coverage.perTest[test], coverage.static);
      for (const id of Object.keys(coverage.perTest[test])) mutants.add(id);
    }
    coverage.static = {};
    const told = { file: this.#file, tookMs: Date.now() - this.#startedAt, mutants: [...mutants] };
    fs.writeFileSync(
      path.join(folder, `file-${encodeURIComponent(path.relative('.', this.#file))}.json`),
      JSON.stringify(told),
    );
  }
}

/** How often each mutant ran; Stryker calls one that runs a hundred times as often an endless loop. */
function sum(counts = {}, more = {}) {
  const all = { ...counts };
  for (const [id, count] of Object.entries(more)) all[id] = (all[id] ?? 0) + count;
  return all;
}

module.exports = MutantEnvironment;
