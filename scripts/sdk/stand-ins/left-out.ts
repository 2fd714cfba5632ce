/**
 * Stands in the bundle for a part that was left out of it.
 *
 * Loading it does nothing, so the SDK starts as ever; using it in any way throws an error that names the part. Should
 * one be seen, the part's row in `scripts/sdk/parts.ts` is wrong.
 */
export function leftOut(part: string): unknown {
  const fail = (): never => {
    throw new Error(`${part} is left out of this bundle: scripts/sdk/parts.ts says why`);
  };
  // A class, so that both a call and `new` reach their traps.
  const standIn: unknown = new Proxy(class {}, {
    get: (_target, key) => {
      // What compilers ask of a module when they load it.
      if (key === '__esModule') return true;
      if (key === 'default') return standIn;
      return typeof key === 'symbol' ? undefined : fail();
    },
    apply: fail,
    construct: fail,
  });
  return standIn;
}
