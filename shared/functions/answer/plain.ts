import { Lexer, type Token, type Tokens } from 'marked';

/**
 * Markdown made plain: WeChat shows a text message as it stands. Signs of layout go, what they mean stays: lists keep
 * their points, links their addresses, code its lines.
 */

/** The text as blocks, each a paragraph, a list, a piece of code or a table: what is best not cut. */
export function plainBlocks(markdown: string): string[] {
  return Lexer.lex(withProducts(withLinks(markdown)))
    .map((token) => plainBlock(token).trim())
    .filter((block) => block !== '');
}

/** Code, in which a sign is only itself; and addresses, in which it is too. */
const code = /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`/.source;
const inCode = new RegExp(`(${code})`);
const verbatim = new RegExp(`(${code}|https?:[^\\s，。；）)]+)`);

/** Changes a text outside of some of it. */
function outside(kept: RegExp, text: string, change: (part: string) => string): string {
  return text
    .split(kept)
    .map((part, place) => (place % 2 === 1 ? part : change(part)))
    .join('');
}

/** `3*4 and 5*6` would be emphasis to Markdown, and lose its signs; they are products to whoever wrote it. */
function withProducts(markdown: string): string {
  return outside(verbatim, markdown, (part) => part.replace(/(?<=\d)\*(?=\d)/g, '\\*'));
}

/** What stands between its signs is bounded, so that one that never ends costs little. */
const htmlLink =
  /<a\s[^<>]{0,300}?href\s?=\s?["']?([^"'\s<>]{1,1000})(?=["'\s>])[^<>]{0,300}>([^<>]{0,1000})<\/a>/gi;

/** A link in HTML as Markdown has it, which keeps its address. */
function withLinks(markdown: string): string {
  return outside(inCode, markdown, (part) => part.replace(htmlLink, '[$2]($1)'));
}

/** How much of a text that is still being written is whole: up to the last empty line, outside of code. */
export function wholeLength(markdown: string): number {
  const end = markdown.lastIndexOf('\n\n') + 2;
  if (end < 2) return 0;
  const fences = markdown.slice(0, end).match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0;
  if (fences % 2 === 1) return 0;
  // A list goes on after an empty line; what is only begun may turn out to be of it.
  const blocks = markdown
    .slice(0, end)
    .trimEnd()
    .split(/\n{2,}/);
  return /^(?: {2,}|\t|[-*+•] |\d{1,9}[.)] )/m.test(blocks.at(-1) ?? '') ? 0 : end;
}

function plainBlock(token: Token): string {
  switch (token.type) {
    case 'heading':
    case 'paragraph':
      return plainInline(token.tokens ?? []);
    case 'text':
      return token.tokens === undefined ? plainText(token as Tokens.Text) : plainInline(token.tokens);
    case 'code':
      return (token as Tokens.Code).text;
    case 'blockquote':
      return blocksOf(token.tokens ?? [], '\n\n');
    case 'list':
      return plainList(token as Tokens.List);
    case 'table':
      return plainTable(token as Tokens.Table);
    case 'html':
      return withoutTags(token.raw);
    case 'def':
    case 'hr':
    case 'space':
      return '';
    default:
      return plainInline([token]);
  }
}

function blocksOf(tokens: readonly Token[], between: string): string {
  return tokens
    .map(plainBlock)
    .filter((block) => block.trim() !== '')
    .join(between);
}

function plainList({ items, ordered, start }: Tokens.List): string {
  return items
    .map(({ tokens }, index) => {
      const sign = ordered ? `${Number(start) + index}. ` : '• ';
      return sign + blocksOf(tokens, '\n').replaceAll('\n', '\n  ');
    })
    .join('\n');
}

function plainTable({ header, rows }: Tokens.Table): string {
  const cell = ({ tokens }: Tokens.TableCell) => plainInline(tokens).replaceAll('\n', ' ');
  return [header, ...rows].map((row) => row.map(cell).join(' | ')).join('\n');
}

function plainInline(tokens: readonly Token[]): string {
  const left = tokens.flatMap((token) => (isText(token) ? (token.raw.match(strong) ?? []) : [])).length;
  let line = '';
  for (const token of tokens) {
    const piece = plainPiece(token);
    line += isText(token) && left % 2 === 0 ? piece.replace(strong, '') : piece;
  }
  return line.replace(/ +(?=\n|$)/g, '');
}

/**
 * What is left of `**` in a text: in `**注意：**请` Markdown takes the second for no end, because it stands
 * between a sign and a letter, as it does wherever no spaces are written.
 */
const strong = /\*\*(?=\S)|(?<=\S)\*\*/g;

function isText(token: Token): boolean {
  return token.type === 'text' && (token as Tokens.Text).tokens === undefined;
}

function plainPiece(token: Token): string {
  switch (token.type) {
    case 'link': {
      const { href, tokens = [] } = token as Tokens.Link;
      const words = plainInline(tokens);
      // Spaces around it, or WeChat takes the next character for a part of it.
      return words === href || `mailto:${words}` === href ? `${words} ` : `${words} ${href} `;
    }
    case 'image': {
      const { href, text } = token as Tokens.Image;
      return `${text} ${href} `;
    }
    case 'br':
      return '\n';
    case 'codespan':
      return (token as Tokens.Codespan).text;
    case 'html':
      return withoutTags(token.raw);
    case 'escape':
      return (token as Tokens.Escape).text;
    default:
      return 'tokens' in token && token.tokens !== undefined
        ? plainInline(token.tokens)
        : plainText(token as Tokens.Text);
  }
}

const entities: { readonly [name: string]: string } = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

function plainText({ text, raw }: { readonly text?: string; readonly raw: string }): string {
  return (text ?? raw).replace(/&#?\w+;/g, (entity) => entities[entity] ?? entity);
}

/** What a piece of HTML says, without its tags; a broken line stays one. */
function withoutTags(html: string): string {
  return html.replace(/<br\s*\/?>/gi, '\n').replace(/<[^<>]*>/g, '');
}
