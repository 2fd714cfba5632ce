/** Pages of what is ordered by a time, the newest first: the `before` of one is where the next begins. */

/** What of a page's order lies before a place: at the same moment behind its id, or earlier. All of it without a place. */
type Range<F extends string> = { readonly _id?: { readonly above: string } } & {
  readonly [field in F]?: number | { readonly atMost: number };
};

export interface Page<D> {
  readonly found: readonly D[];
  /** Absent on the last page. */
  readonly before?: string;
}

/** Whether a text is the `before` of another answer. */
export function isCursor(text: string): boolean {
  return readCursor(text) !== undefined;
}

function readCursor(text: string): { readonly at: number; readonly id: string } | undefined {
  const [, at, id] = /^(\d{1,16}) (\S{1,64})$/.exec(text) ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at), id };
}

/**
 * Reads a page.
 *
 * @param field the time that orders it; then `_id`
 * @param find what of a range there is, in that order
 */
export async function readPage<
  F extends string,
  D extends { readonly _id: string } & { readonly [field in F]: number },
>(
  field: F,
  cursor: string,
  size: number,
  find: (range: Range<F>, limit: number) => Promise<readonly D[]>,
): Promise<Page<D>> {
  const place = readCursor(cursor);
  const ranges = (
    place === undefined
      ? [{}]
      : [{ [field]: place.at, _id: { above: place.id } }, { [field]: { atMost: place.at - 1 } }]
  ) as Range<F>[];
  const all = (await Promise.all(ranges.map((range) => find(range, size + 1)))).flat();
  const found = all.slice(0, size);
  const last = found.at(-1);
  return all.length > size && last !== undefined
    ? { found, before: `${last[field]} ${last._id}` }
    : { found };
}
