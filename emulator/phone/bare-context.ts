import vm from 'node:vm';

/** What came into the language after ES2017, by where it stands. */
const later = {
  Object: ['fromEntries', 'hasOwn', 'groupBy'],
  Array: ['fromAsync'],
  'Array.prototype': [
    'flat',
    'flatMap',
    'at',
    'findLast',
    'findLastIndex',
    'toReversed',
    'toSorted',
    'toSpliced',
    'with',
  ],
  'String.prototype': [
    'trimStart',
    'trimEnd',
    'matchAll',
    'replaceAll',
    'at',
    'isWellFormed',
    'toWellFormed',
  ],
  Promise: ['allSettled', 'any', 'withResolvers', 'try'],
  'Promise.prototype': ['finally'],
  Symbol: ['asyncIterator'],
  'Symbol.prototype': ['description'],
  globalThis: [
    'BigInt',
    'WeakRef',
    'FinalizationRegistry',
    'AggregateError',
    'SharedArrayBuffer',
    'Atomics',
    'WebAssembly',
    'Iterator',
    'globalThis',
  ],
} as const;

/**
 * A context that has the language as it was in 2017 and what is handed in, and nothing of Node or a browser. What a
 * mini program's engine may lack is missing here.
 */
export function bareContext(globals: { readonly [name: string]: unknown }): vm.Context {
  const context = vm.createContext({ ...globals });
  vm.runInContext(
    Object.entries(later)
      .flatMap(([place, names]) => names.map((name) => `delete ${place}.${name};`))
      .join('\n'),
    context,
  );
  return context;
}
