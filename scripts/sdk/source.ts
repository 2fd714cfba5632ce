/** A change to the text of a file. */
export interface Edit {
  readonly from: string | RegExp;
  /** How often the text is there; once by default. */
  readonly times?: number;
  readonly to: string;
}

/** Makes a change. Throws where the text is not there as often as it was said to be. */
export function edit(source: string, { from, times = 1, to }: Edit): string {
  const around = source.split(from);
  if (around.length !== times + 1) throw new Error(`there ${around.length - 1} times, not ${times}: ${from}`);
  return around.join(to);
}

/**
 * Makes a file load a module where it is used, no longer at the top.
 *
 * `const storage_1 = require("./storage")` goes, and `storage_1` becomes `(require("./storage"))`, which costs a look
 * into the cache of modules each time it is met.
 */
export function loadWhenUsed(source: string, name: string): string {
  const [line = '', module = ''] =
    new RegExp(`^(?:const|var) ${name} = (.*require\\(.*\\));$`, 'm').exec(source) ?? [];
  if (line === '') throw new Error(`no module is named ${name}`);
  return source.replace(line, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), () => `(${module})`);
}
