import { isDeepStrictEqual } from 'node:util';
import { applyEdits, modify, parse } from 'jsonc-parser';

/** Small changes to a JSON file of somebody else's: what stands around them keeps its bytes. */
export interface JsonEdit {
  /** The keys down to the value, or to the list that it is put at the end of. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** Puts the value at the end of the list there. */
  readonly append?: boolean;
}

/** A mark of the byte order, which Windows' editors put in front of a text. */
const mark = /^\uFEFF/;

/** The text with the values in it, indented as it is. */
export function putIn(text: string, edits: readonly JsonEdit[]): string {
  return edits.reduce(
    (before, { path, value, append }) =>
      append === true ? change(before, [...path, -1], value, true) : change(before, path, value),
    text,
  );
}

/** The text without the values, where they still stand in it. What else was put beside them stays. */
export function takeOut(text: string, edits: readonly JsonEdit[]): string {
  return edits.reduceRight((before, { path, value, append }) => {
    const there = valueAt(before, path);
    if (append !== true) return isDeepStrictEqual(there, value) ? change(before, path, undefined) : before;
    const place = Array.isArray(there) ? there.findIndex((each) => isDeepStrictEqual(each, value)) : -1;
    return place < 0 ? before : change(before, [...path, place], undefined);
  }, text);
}

/** What stands at a path; `undefined` where nothing does. */
export function valueAt(text: string, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as { readonly [key: string]: unknown } | undefined)?.[key],
    parse(text.replace(mark, '')),
  );
}

function change(
  text: string,
  path: readonly (string | number)[],
  value: unknown,
  isArrayInsertion = false,
): string {
  const [, indent = '  '] = /^([ \t]+)\S/m.exec(text) ?? [];
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  const [bom = ''] = mark.exec(text) ?? [];
  const json = text.replace(mark, '');
  return bom + applyEdits(json, modify(json, [...path], value, { formattingOptions, isArrayInsertion }));
}
