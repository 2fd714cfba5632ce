/** Changes to the text of the SDK's files. All of them throw where the text is not what they expect. */

/** A place in a file: an exact text, or all from one text up to another. */
export interface Edit {
  readonly from: string;
  /** The end of the place, if not with `from`: the next such text after it. */
  readonly through?: string;
  readonly to: string;
}

/** Replaces a text that must be there exactly once. */
export function replaceOnce(source: string, { from, through, to }: Edit): string {
  const start = source.indexOf(from);
  if (start < 0 || source.includes(from, start + 1)) throw new Error(`not there once: ${from}`);
  const end = source.indexOf(through ?? from, start);
  if (end < 0) throw new Error(`not there after ${from}: ${through}`);
  return source.slice(0, start) + to + source.slice(end + (through ?? from).length);
}

/**
 * Makes a file load a module where it is used, no longer at the top.
 *
 * `const storage_1 = require("./storage")` goes, and `storage_1` becomes `(require("./storage"))`, which costs a look
 * into the cache of modules each time it is met.
 */
export function loadWhenUsed(source: string, name: string): string {
  const declaration = new RegExp(`^(?:const|var) ${name} = (.*require(?:__)?\\(.*\\));$`, 'm');
  const [line, module] = declaration.exec(source) ?? [];
  if (line === undefined || module === undefined) throw new Error(`no module is named ${name}`);
  return replaceOnce(source, { from: line, to: '' }).replaceAll(
    new RegExp(`\\b${name}\\b`, 'g'),
    () => `(${module})`,
  );
}

/**
 * Changes the modules inside a webpack bundle, as if they were files.
 *
 * @param edit gets a module's name (`./src/index.ts`) and its text, and returns what shall stand there instead of it;
 * `undefined` drops the module.
 */
export function editWebpackModules(
  source: string,
  edit: (name: string, text: string) => string | undefined,
): string {
  const [head = '', ...modules] = source.split(/(?=^\/\*{3}\/ "[^"]+":$)/m);
  if (modules.length === 0) throw new Error('this is no webpack bundle');
  const last = modules.pop() ?? '';
  const end = last.lastIndexOf('/******/ })');
  if (end < 0) throw new Error('the webpack bundle has no end');
  const edited = [...modules, `${last.slice(0, end)},\n`].map((text) => {
    const name = /^\/\*{3}\/ "([^"]+)":$/m.exec(text)?.[1] ?? '';
    return edit(name, text) ?? '';
  });
  return head + edited.join('') + last.slice(end);
}

/** The text of a webpack module that is no more than `module.exports = <value>`. */
export function webpackModule(name: string, value: string): string {
  return `/***/ "${name}":\n(function(module) { module.exports = ${value}; }),\n`;
}

/** The functions that pbjs writes for each message besides the two that are used, `encode` and `decode`. */
const unusedOfMessages = ['create', 'encodeDelimited', 'decodeDelimited', 'verify', 'fromObject', 'toObject'];

/**
 * Keeps of a file written by pbjs only these messages, and of them only what puts them on the wire and takes them off.
 *
 * @param leftOut the code of what stands in for a part that is left out
 */
export function keepMessages(
  source: string,
  kept: readonly string[],
  leftOut: (part: string) => string,
): string {
  const [head = '', ...messages] = source.split(/(?=^\$root\.\w+ = \(function\(\) \{$)/m);
  const last = messages.pop() ?? '';
  const end = last.indexOf('\nmodule.exports = $root;');
  if (end < 0) throw new Error('this was not written by pbjs');
  const edited = [...messages, last.slice(0, end)].map((text) => {
    const name = /^\$root\.(\w+)/.exec(text)?.[1] ?? '';
    if (!kept.includes(name)) return `$root.${name} = ${leftOut(`the message ${name}`)};\n`;
    const unused = [...unusedOfMessages, 'prototype.toJSON'].map((each) => `${name}.${each} = `);
    const without = unused.reduce(
      (message, assignment) =>
        replaceOnce(message, { from: `    ${assignment}function`, through: '\n    };\n', to: '' }),
      text,
    );
    const end = `    return ${name};\n})();`;
    return replaceOnce(without, {
      from: end,
      to: `    ${unused.join('')}${leftOut(`what is not encode or decode of the message ${name}`)};\n${end}`,
    });
  });
  return head + edited.join('') + last.slice(end);
}
