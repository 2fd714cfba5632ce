const prefix = 'kefu-cloud.';

/** What is kept under a name; `undefined` where nothing is, or nothing may be. */
export function readKept(name: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(prefix + name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value for the next load of the page in this tab. */
export function keep(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // A browser that forbids storage forgets it at a reload; nothing else depends on it.
  }
}
