/**
 * What of a page's next data differs from what it has, as `setData` takes it: the rest need not go to the screen again.
 * Of a list as long as before, the rows that differ.
 */
export function changedOf(known: object, next: object): { readonly [path: string]: unknown } {
  const changed: { [path: string]: unknown } = {};
  const compare = (path: string, before: unknown, after: unknown) => {
    if (JSON.stringify(before) !== JSON.stringify(after)) changed[path] = after;
  };
  for (const [key, after] of Object.entries(next)) {
    const before = (known as { readonly [key: string]: unknown })[key];
    if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
      after.forEach((row, place) => {
        compare(`${key}[${place}]`, before[place], row);
      });
    else compare(key, before, after);
  }
  return changed;
}
