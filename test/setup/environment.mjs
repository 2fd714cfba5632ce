import hooks, { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** What was made since the last file of tests came to its end. */
const made = new Set();

hooks.AsyncLocalStorage = class extends AsyncLocalStorage {
  constructor(...given) {
    super(...given);
    made.add(this);
  }
};

/**
 * Jest's, which ends with a file of tests what follows the file's promises. Jest leaves one such behind for each file,
 * and before Node 24 each costs every promise of all later files in the process: the forty-third file took 3.9 s of
 * processor time instead of 1.4.
 */
export default class extends TestEnvironment {
  async teardown() {
    await super.teardown();
    for (const each of made) each.disable();
    made.clear();
  }
}
