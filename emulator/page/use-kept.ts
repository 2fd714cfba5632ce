import { useState } from 'preact/hooks';
import { keep, readKept } from './kept';

/**
 * A state that a reload of the page does not lose: kept in the tab's own storage, where the browser lets a page keep
 * anything. What stands there is taken only where it {@link holds}.
 */
export function useKept<T>(
  name: string,
  initial: T,
  holds: (value: unknown) => value is T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const kept = readKept(name);
    return holds(kept) ? kept : initial;
  });
  return [
    value,
    (changed) => {
      setValue(changed);
      keep(name, changed);
    },
  ];
}
