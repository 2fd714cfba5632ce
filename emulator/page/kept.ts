import { useState } from 'preact/hooks';

const prefix = 'kefu-cloud.';

/** What the browser keeps: for this tab alone, or for all and the next time. */
const stores = { tab: () => sessionStorage, browser: () => localStorage };
type Where = keyof typeof stores;

/** What is kept under a name; `undefined` where nothing is, or nothing may be. */
export function readKept(name: string, where: Where = 'tab'): unknown {
  try {
    return JSON.parse(stores[where]().getItem(prefix + name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value for the next load of the page. */
export function keep(name: string, value: unknown, where: Where = 'tab'): void {
  try {
    stores[where]().setItem(prefix + name, JSON.stringify(value));
  } catch {
    // A browser that forbids storage forgets it at a reload; nothing else depends on it.
  }
}

/** A state that a reload of the page does not lose. What was kept is taken only where it {@link holds}. */
export function useKept<T>(
  name: string,
  initial: T,
  holds: (value: unknown) => value is T,
  where: Where = 'tab',
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const kept = readKept(name, where);
    return holds(kept) ? kept : initial;
  });
  return [
    value,
    (changed) => {
      setValue(changed);
      keep(name, changed, where);
    },
  ];
}
