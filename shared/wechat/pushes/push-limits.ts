import { typeName } from '../fields/values';

/** What a push stays within. Far above what WeChat sends: a push is small. */
export const pushLimits = {
  fields: 100,
  entries: 100,
  characters: 65_536,
  levels: 8,
  values: 1000,
} as const;

/** Keys that reach into the prototype where an object is built of them. No push has one. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function tooLong(text: string): string {
  return `has ${text.length} characters; no push has so many`;
}

/**
 * Why a value that nothing describes cannot be kept, or `undefined` where it can: whatever is kept can be written as
 * JSON again. Walks without recursion, so that no depth exhausts the stack.
 */
export function findExcess(value: unknown): string | undefined {
  const queue: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = queue.pop(), seen = 1; next !== undefined; next = queue.pop(), seen += 1) {
    const inner = typeof next.value === 'object' && next.value !== null ? Object.values(next.value) : [];
    if (seen + queue.length + inner.length > pushLimits.values)
      return `holds over ${pushLimits.values} values; no push has so many`;
    const reason = next.depth > pushLimits.levels ? tooDeep : findExcessHere(next.value);
    if (reason !== undefined) return reason;
    for (const value of inner) queue.push({ value, depth: next.depth + 1 });
  }
  return undefined;
}

const tooDeep = `is more than ${pushLimits.levels} levels deep; no push is`;

function findExcessHere(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length > pushLimits.characters ? tooLong(value) : undefined;
  if (typeof value === 'object' && value !== null) {
    const isForbidden = Object.keys(value).some((key) => forbiddenKeys.has(key));
    return isForbidden ? 'holds a name that is none of a field' : undefined;
  }
  const isData = value === null || typeof value === 'boolean' || Number.isFinite(value);
  return isData ? undefined : `must be data, not ${typeName(value)}`;
}
