/** As much of an XML document as cloud storage answers with: a root, and its children's texts by name. */
type Answer = { readonly [root: string]: string | { readonly [name: string]: readonly string[] } } | null;

const document = /^\s*(?:<\?xml[^>]*\?>)?\s*<([\w:.-]+)[^>]*?(?:\/>|>([\s\S]*)<\/\1\s*>)\s*$/;
const element = /<([\w:.-]+)[^>]*?(?:\/>|>([\s\S]*?)<\/\1\s*>)/g;
const entities: { readonly [name: string]: string } = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/**
 * Reads what cloud storage answers to an upload: nothing, or an error document one level deep.
 *
 * Takes the place of xml2js, which brings 100 KB, and gives what xml2js gives for such answers: `null` for an empty
 * one, every child as a list of texts. What is no XML is an error here too.
 */
export function parseString(text: unknown, done: (error: Error | null, answer?: Answer) => void): void {
  const answer = readAnswer(String(text));
  if (answer === undefined) done(new Error('cloud storage answered something that is not XML'));
  else done(null, answer);
}

function readAnswer(text: string): Answer | undefined {
  if (text.trim() === '') return null;
  const [, root, inside = ''] = document.exec(text) ?? [];
  if (root === undefined) return undefined;
  const fields: { [name: string]: string[] } = {};
  for (const [, name = '', value = ''] of inside.matchAll(element)) {
    fields[name] = [...(fields[name] ?? []), decode(value)];
  }
  return { [root]: Object.keys(fields).length === 0 ? decode(inside) : fields };
}

function decode(text: string): string {
  return text.replace(/<!\[CDATA\[([\s\S]*?)\]\]>|&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, ...found) => {
    const [cdata, hexadecimal, decimal, name] = found as (string | undefined)[];
    if (cdata !== undefined) return cdata;
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name ?? ''] ?? whole;
  });
}
