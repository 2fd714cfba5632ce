import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { jestExpect } from '@jest/expect';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { determineHitLimitReached, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';
import esbuild from 'esbuild';
import { configureGlobal } from 'fast-check';
import { ModuleMocker } from 'jest-mock';

/** What the mutants ask, and tell, as they run: a name of Stryker's. */
globalThis.__stryker__ ??= {};
const stryker = globalThis.__stryker__;

/** Between a test's file and its name. */
const separator = ' › ';

/** Each test file as one script, with all mutants in it. */
const scripts = new Map();

/** How long each test took when it last passed. */
const tookMs = new Map();

/** A mutant that only tests of this length notice is called a survivor. */
const longestMs = 2000;

/**
 * Runs test files within one process: each is bundled once and loaded anew for every mutant, so that a mutant costs what
 * its tests take and little more. The quickest come first, and none after one that fails. Stryker ends and replaces a
 * process in which a mutant goes on for ever.
 */
class InProcessRunner {
  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    // The same cases for each mutant, no search for a smaller one, and seconds where a property takes minutes.
    configureGlobal({ seed: 1, endOnFailure: true, interruptAfterTimeLimit: 400 });
    process.on('unhandledRejection', () => undefined);
  }

  async dryRun({ testFiles }) {
    const tests = [];
    const perTest = {};
    for (const file of testFiles) {
      Object.assign(stryker, { currentTestId: undefined, mutantCoverage: { static: {}, perTest: {} } });
      for (const test of await load(path.relative('.', file))) {
        stryker.currentTestId = test.id;
        // What ran as the file was loaded ran for each of its tests.
        perTest[test.id] = stryker.mutantCoverage.perTest[test.id] = { ...stryker.mutantCoverage.static };
        const result = await run(test);
        tests.push(result);
        if (result.timeSpentMs > longestMs) delete perTest[test.id];
      }
    }
    return { status: 'complete', tests, mutantCoverage: { static: {}, perTest } };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    Object.assign(stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    const loaded = new Map();
    const tests = [];
    for (const id of testFilter.toSorted((one, other) => (tookMs.get(one) ?? 0) - (tookMs.get(other) ?? 0))) {
      const [file] = id.split(separator);
      tests.push(
        await run({
          id,
          work: async () => {
            if (!loaded.has(file)) loaded.set(file, await load(file));
            await loaded
              .get(file)
              .find((test) => test.id === id)
              ?.work();
          },
        }),
      );
      if (tests.at(-1).status === TestStatus.Failed) break;
    }
    const endless = determineHitLimitReached(stryker.hitCount, stryker.hitLimit);
    return toMutantRunResult(endless ?? { status: 'complete', tests });
  }
}

async function run({ id, work }) {
  const startedAt = performance.now();
  const result = await work().then(
    () => ({ status: TestStatus.Success }),
    (error) => ({ status: TestStatus.Failed, failureMessage: String(error?.message) }),
  );
  const timeSpentMs = performance.now() - startedAt;
  if (result.status === TestStatus.Success) tookMs.set(id, timeSpentMs);
  return { id, name: id, timeSpentMs, ...result };
}

/** The tests of a file, which is run with the part of jest that they use. */
async function load(file) {
  if (!scripts.has(file)) scripts.set(file, await bundle(file));
  const tests = [];
  const names = [file];
  const mocker = new ModuleMocker(globalThis);
  const test = (name, body) => {
    const work = async () => {
      await body();
      mocker.restoreAllMocks();
    };
    tests.push({ id: [...names, name].join(separator), work });
  };
  const describe = (name, body) => {
    names.push(name);
    body();
    names.pop();
  };
  for (const declare of [test, describe])
    declare.each = (rows) => (name, body) => {
      for (const [place, row] of rows.entries()) declare(`${name} ${place + 1}`, () => body(...[row].flat()));
    };
  const jest = { describe, test, expect: jestExpect, jest: mocker, afterAll: () => undefined };
  const own = createRequire(path.resolve(file));
  const require = (name) => (name === '@jest/globals' ? jest : own(name));
  scripts.get(file).runInThisContext()({}, require, { exports: {} }, path.resolve(file), path.dirname(file));
  return tests;
}

async function bundle(file) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: path.resolve('.'),
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'node',
    packages: 'external',
  });
  const [{ text }] = outputFiles;
  return new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
