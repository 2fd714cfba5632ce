import { isDeepStrictEqual } from 'node:util';
import type { DeployedFunction } from './deployed';
import { createPool, type Instance, type Pool } from './instances';

/** A function with its instances. */
export interface Registered {
  readonly deployed: DeployedFunction;
  readonly pool: Pool;
}

export interface RegistryOptions {
  /** Those that are there at first. */
  readonly functions: readonly DeployedFunction[];
  /** Reads other people's as they are now. */
  readonly readOthers: () => Promise<readonly DeployedFunction[]>;
  /**
   * Builds ours anew where their sources have changed, and answers whether it did: the next call of each starts a fresh
   * instance then. Throws a sentence where they cannot be built.
   */
  readonly rebuild?: (() => Promise<boolean>) | undefined;
  /** How many instances of one function may run at a time; further calls wait. */
  readonly maxInstances: number;
}

/** The functions there are. */
export function createRegistry(options: RegistryOptions, start: (deployed: DeployedFunction) => Instance) {
  const registered = new Map<string, Registered>();
  const put = (deployed: DeployedFunction) => {
    const { name } = deployed;
    const known = registered.get(name);
    if (isDeepStrictEqual(known?.deployed, deployed)) return;
    known?.pool.renew();
    const pool =
      known?.pool ??
      createPool(() => start(registered.get(name)?.deployed ?? deployed), options.maxInstances);
    registered.set(name, { deployed, pool });
  };
  options.functions.forEach(put);

  /**
   * Reads other people's functions anew: where a file of one has changed, its next call starts a fresh instance.
   * Throws a sentence where they can no longer be read.
   */
  const refresh = async () => {
    const others = await options.readOthers();
    const gone = [...registered.values()].filter(
      ({ deployed }) => deployed.from !== undefined && !others.some((other) => other.name === deployed.name),
    );
    for (const { deployed, pool } of gone) {
      pool.renew();
      registered.delete(deployed.name);
    }
    others.forEach(put);
  };

  return {
    get functions(): ReadonlyMap<string, DeployedFunction> {
      return new Map(Array.from(registered, ([name, { deployed }]) => [name, deployed]));
    },
    /** A function as it is now: other people's are read anew. */
    async find(name: string): Promise<Registered | undefined> {
      const known = registered.get(name);
      if (known !== undefined && known.deployed.from === undefined) {
        const isNew = await options.rebuild?.();
        if (isNew === true)
          for (const { deployed, pool } of registered.values()) if (deployed.from === undefined) pool.renew();
        return known;
      }
      await refresh();
      return registered.get(name);
    },
    refresh,
    /** Has each next call take a fresh instance; what runs goes on. */
    renewAll() {
      for (const { pool } of registered.values()) pool.renew();
    },
    /** Has each next call take an instance that knows nothing: what runs is ended. */
    forgetAll() {
      // What other people's code leaves behind in a process nobody knows.
      for (const { deployed, pool } of registered.values())
        deployed.from === undefined ? pool.forget() : pool.endAll();
    },
    /** Ends all instances. */
    endAll() {
      for (const { pool } of registered.values()) pool.endAll();
    },
  };
}
