type TokenKind = 'key' | 'string' | 'number' | 'word' | 'plain';

/** A piece of JSON text and what it is. */
interface JsonToken {
  readonly kind: TokenKind;
  readonly text: string;
}

const token = /("(?:[^"\\\n]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;

/** Cuts JSON text, also half-written, into coloured pieces; put together again they are the text. */
export function tokenizeJson(text: string): readonly JsonToken[] {
  const tokens: JsonToken[] = [];
  let end = 0;
  const add = (kind: TokenKind, piece: string) => {
    if (piece !== '') tokens.push({ kind, text: piece });
  };
  for (const match of text.matchAll(token)) {
    const [whole, quoted, colon = '', number, word] = match;
    add('plain', text.slice(end, match.index));
    if (quoted !== undefined) {
      add(colon === '' ? 'string' : 'key', quoted);
      add('plain', colon);
    } else if (number !== undefined) add('number', number);
    else if (word !== undefined) add('word', word);
    end = match.index + whole.length;
  }
  add('plain', text.slice(end));
  return tokens;
}
