/** The error document that cloud storage answers an upload with: texts by name, one level deep. */
interface Answer {
  readonly Error: { readonly [name: string]: readonly [text: string] };
}

const entities: { readonly [entity: string]: string } = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/**
 * Reads what cloud storage answers to an upload: nothing where it went well, else an error document.
 *
 * Takes the place of xml2js, which brings 100 KB. Any other answer is an error here, also one in XML, of a proxy on the
 * way say, which xml2js would let pass for an upload that went well.
 */
export function parseString(
  bytes: unknown,
  done: (error: Error | null, answer?: Answer | null) => void,
): void {
  const text = String(bytes).trim();
  const fields = [...text.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(
    ([, name = '', value = '']) =>
      [name, [value.replace(/&\w+;/g, (entity) => entities[entity] ?? entity)]] as const,
  );
  if (text === '') done(null, null);
  else if (/^(?:<\?xml[^>]*>)?\s*<Error>/.test(text)) done(null, { Error: Object.fromEntries(fields) });
  else done(new Error('cloud storage answered something that is not XML of its own'));
}
