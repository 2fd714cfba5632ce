/** One thing that is wrong with an input. `path` is spelled as the caller spelled it: `link.thumb_url`, `news.articles[0].url`. */
export interface Fault {
  readonly path: string;
  readonly message: string;
  /** WeChat's own number for such a fault. */
  readonly errCode: number;
}

/** Something legal that is surely not meant. It goes out as it stands; the hint comes with the answer of success. */
export type Hint = Pick<Fault, 'path' | 'message'>;

/** No more faults of one input are collected: nobody reads on, and a megabyte could have a hundred thousand. */
export const mostFaults = 100;

/** Adds a fault to those that were found, and stands for the value that could not be read. */
export function report(faults: Fault[], path: string, message: string, errCode: number): undefined {
  if (faults.length < mostFaults) faults.push({ path, message, errCode });
}

/** Nothing that WeChat or a caller means has more fields in one object, or entries in one list. */
export const mostEntries = 1000;

/** Reports an object or a list of so many entries that to look at each would take longer than a refusal may. */
export function isOverfull(
  count: number,
  what: 'fields' | 'entries',
  at: string,
  errCode: number,
  faults: Fault[],
): boolean {
  if (count <= mostEntries) return false;
  report(faults, at, `has ${count} ${what}; nothing has so many`, errCode);
  return true;
}

/** The path of a field: `link.thumb_url`; at the top its name alone. */
export function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
