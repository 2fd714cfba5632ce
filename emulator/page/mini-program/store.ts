import { useLayoutEffect, useReducer } from 'preact/hooks';

/** A value that is shown: who changes it has all that show it drawn anew. */
export interface Store<T> {
  readonly value: T;
  set(change: Partial<T>): void;
  follow(listener: () => void): () => void;
}

export function createStore<T extends object>(first: T): Store<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get value() {
      return value;
    },
    set(change) {
      value = { ...value, ...change };
      for (const listener of listeners) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => store.follow(() => draw(undefined as never)), [store]);
  return store.value;
}
