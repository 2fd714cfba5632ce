import { desk } from './desk';

/** Whether a page is on the screen: shown twice is shown once, and a page that is closed while it is shown is not hidden first. */
export function createPresence() {
  let isShown = false;
  return {
    show() {
      if (isShown) return;
      isShown = true;
      desk.show();
    },
    hide() {
      if (!isShown) return;
      isShown = false;
      desk.hide();
    },
  };
}

/** What of a page's next data differs from what it has: the rest need not go to the screen again. */
export function changedOf<T extends object>(known: object, next: T): Partial<T> {
  const changed: Partial<T> = {};
  for (const key of Object.keys(next) as (keyof T)[])
    if (JSON.stringify(next[key]) !== JSON.stringify((known as T)[key])) changed[key] = next[key];
  return changed;
}
