/** Pages of what is ordered by a time, the newest first, then by its id: the `before` of one is where the next begins. */

/** What of the order is asked for: all of it, one moment, or what is not later than one. */
export type Range<F extends string> = { readonly [field in F]?: number | { readonly atMost: number } };

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

/** How many there may be of one moment. */
const mostOfMoment = 1000;

/**
 * Reads a page: one round trip, and another where its border falls between two of one moment. The database orders by the
 * time alone, which an index does; within a moment the order is made here.
 *
 * @param field the time
 * @param find what of a range there is, the newest first
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
  const within = async (at: number): Promise<readonly D[]> => find({ [field]: at } as Range<F>, mostOfMoment);
  const earlier = (place === undefined ? {} : { [field]: { atMost: place.at - 1 } }) as Range<F>;
  const [same, older] = await Promise.all([
    place === undefined ? [] : within(place.at),
    find(earlier, size + 1),
  ]);
  const border = older.length > size ? older.at(-1)?.[field] : undefined;
  // Of the last moment more may follow than were read.
  const last = border !== undefined && older.at(-2)?.[field] === border ? await within(border) : [];
  const all = [
    ...same.filter(({ _id }) => place !== undefined && _id > place.id),
    ...older.filter((document) => last.length === 0 || document[field] !== border),
    ...last,
  ].sort((one, other) => other[field] - one[field] || (one._id < other._id ? -1 : 1));
  const found = all.slice(0, size);
  const end = found.at(-1);
  return all.length > size && end !== undefined ? { found, before: `${end[field]} ${end._id}` } : { found };
}
