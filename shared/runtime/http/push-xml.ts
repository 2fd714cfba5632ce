import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isPlainObject } from '../../wechat/fields/values';
import type { PassiveReply } from '../../wechat/messages/passive-replies';
import { forbiddenKeys } from '../../wechat/pushes/push-limits';
import type { EncryptedBody } from './callback-crypto';
import { type ReadBody, readText, unreadable } from './push-body';

/** The XML of an official account's callback, read and written. The parser adds 22 KB to the gateway's zip, alone. */

/** WeChat's deepest push has five levels and no attribute; its longest has some forty elements. */
const limits = { levels: 8, tags: 1000, tagCharacters: 200 } as const;

const parser = new XMLParser({
  // A number of 64 bits is text like all else; `parsePush` knows what is a number.
  parseTagValue: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  // The parser counts what is above an element.
  maxNestedTags: limits.levels - 1,
});

/**
 * Reads a callback's XML body into an object for `parsePush`: what is inside `<xml>`, every value a text, repeated
 * elements a list, attributes left out.
 *
 * Refused, in time that the size bounds: more than 64 KB, what is not UTF-8, not well formed or more than eight levels
 * deep, document types, entities beyond the five of XML itself, comments and processing instructions. Never throws.
 */
export function readPushXml(body: string | Uint8Array): ReadBody {
  const read = readText(body);
  if (!read.ok) return read;
  const xml = read.text.trim();
  const reason = findRefusable(xml);
  if (reason !== undefined) return unreadable(`the body ${reason}`);
  try {
    if (XMLValidator.validate(xml) !== true) return unreadable('the body is not well-formed XML');
    const document: unknown = parser.parse(xml);
    const input = isPlainObject(document) && Object.keys(document).length === 1 ? document['xml'] : undefined;
    return isPlainObject(input)
      ? { ok: true, input }
      : unreadable('the body must be one <xml> with elements');
  } catch {
    return unreadable('the body is XML that no push has');
  }
}

/**
 * What of XML is not read at all, found in one pass before the parser sees it. Text in CDATA is a user's own and may
 * hold anything, such as `<!DOCTYPE`.
 */
function findRefusable(xml: string): string | undefined {
  const declaration = /^<\?xml[^<>]{0,100}\?>/.exec(xml)?.[0] ?? '';
  const encoding = /encoding\s*=\s*["']([^"']*)/.exec(declaration)?.[1] ?? 'utf-8';
  if (!/^utf-?8$/i.test(encoding)) return 'is not UTF-8';
  let from = declaration.length;
  for (let tags = 0; ; tags += 1) {
    const at = xml.indexOf('<', from);
    const text = xml.slice(from, at === -1 ? undefined : at);
    if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(text)) return 'has an entity that is not of XML itself';
    if (at === -1) return undefined;
    if (tags > limits.tags) return `has over ${limits.tags} tags; no push has so many`;
    const isText = xml.startsWith('<![CDATA[', at);
    if (!isText && /^[!?]$/.test(xml.charAt(at + 1))) return 'has a declaration, a comment or an instruction';
    const end = xml.indexOf(isText ? ']]>' : '>', at);
    if (end === -1) return 'ends within a tag';
    if (!isText && end - at > limits.tagCharacters) return 'has a tag that is too long';
    if (!isText && forbiddenKeys.has(/^<\/?([^\s/>]*)/.exec(xml.slice(at, end))?.[1] ?? ''))
      return 'is XML that no push has';
    from = end + (isText ? 3 : 1);
  }
}

/** Writes a passive reply, or an encrypted one, as XML. */
export function writeReplyXml(reply: PassiveReply | EncryptedBody): string {
  return `<xml>${writeElements(reply)}</xml>`;
}

/** The elements of an object, in its order; what is `undefined` is left out. */
function writeElements(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]: [string, unknown]) =>
      value === undefined ? '' : `<${name}>${writeValue(value)}</${name}>`,
    )
    .join('');
}

function writeValue(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((entry) => `<item>${writeElements(entry)}</item>`).join('');
  return typeof value === 'object' && value !== null ? writeElements(value) : writeText(String(value));
}

/** A text as CDATA. Its own `]]>` is spread over two sections; characters that XML cannot hold are left out. */
function writeText(text: string): string {
  const allowed = suspicious.test(text)
    ? text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
    : text;
  return `<![CDATA[${allowed.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** What may have to go: halves of characters too, which most texts do not have and only a slow look tells apart. */
const suspicious = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/;
