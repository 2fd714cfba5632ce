/** Nesting deeper than this is taken for a fault. */
const deepest = 500;

const space = /[ \t\n\r]*/y;
/** A string up to what ends it: its quote, or what must not stand in it. */
const openString = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

/**
 * Where a text stops being JSON, as an offset; `undefined` where it is JSON to the end.
 *
 * Browsers word their parse errors each in their own way, and not all tell the place.
 */
export function findJsonFault(text: string): number | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeMark = (mark: string): boolean => {
    take(space);
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  const takeString = () => take(openString) && text[at] === '"' && takeMark('"');
  const takeMember = (depth: number) => {
    take(space);
    return takeString() && takeMark(':') && takeValue(depth);
  };
  const takeRow = (end: string, takeEntry: (depth: number) => boolean, depth: number): boolean => {
    if (takeMark(end)) return true;
    while (takeEntry(depth)) {
      if (takeMark(end)) return true;
      if (!takeMark(',')) return false;
    }
    return false;
  };
  const takeValue = (depth: number): boolean => {
    if (depth > deepest) return false;
    if (takeMark('{')) return takeRow('}', takeMember, depth + 1);
    if (takeMark('[')) return takeRow(']', takeValue, depth + 1);
    return text[at] === '"' ? takeString() : take(number) || take(word);
  };
  if (!takeValue(0)) return at;
  take(space);
  return at < text.length ? at : undefined;
}
