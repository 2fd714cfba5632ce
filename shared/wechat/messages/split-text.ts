import { utf8Bytes } from '../fields/utf8';
import { messageTypes } from './message-types';

/** The most bytes of UTF-8 that one text message holds: 2048. */
export const maxTextBytes: number = messageTypes.text.body.content.maxBytes;

export type SplitText =
  | { readonly ok: true; readonly parts: readonly string[] }
  /** A link is longer than a whole message, and cutting it would break it. */
  | { readonly ok: false; readonly linkBytes: number };

/**
 * Cuts a text into as few parts as fit into messages, each at most `maxBytes` of UTF-8.
 *
 * Cuts fall between characters as a reader sees them: never inside an emoji sequence, a letter with its accents, or
 * a link (`<a …>…</a>` stays in one part where it fits into one, its opening tag in any case). The parts, joined,
 * are the text. A single character longer than a part, which only a prank produces, is cut between code points.
 */
export function splitText(text: string, maxBytes: number = maxTextBytes): SplitText {
  const parts: string[] = [];
  let part = '';
  let partBytes = 0;
  const put = (piece: string, bytes: number) => {
    if (partBytes + bytes > maxBytes && part !== '') {
      parts.push(part);
      part = '';
      partBytes = 0;
    }
    part += piece;
    partBytes += bytes;
  };

  for (const piece of pieces(text, maxBytes)) {
    const bytes = utf8Bytes(piece);
    if (bytes <= maxBytes) put(piece, bytes);
    else if (piece.startsWith('<')) return { ok: false, linkBytes: bytes };
    else for (const codePoint of piece) put(codePoint, utf8Bytes(codePoint));
  }
  if (part !== '') parts.push(part);
  return { ok: true, parts };
}

const wholeLink = /<a\s[^<>]*>[^<]*<\/a>|<\/?a(?:\s[^<>]*)?>/gi;
const linkTag = /<\/?a(?:\s[^<>]*)?>/gi;

/** The smallest pieces that must not be cut: links, tags, and the characters between them. */
function* pieces(text: string, maxBytes: number): Generator<string> {
  let end = 0;
  for (const match of text.matchAll(wholeLink)) {
    yield* characters(text.slice(end, match.index));
    if (utf8Bytes(match[0]) <= maxBytes) yield match[0];
    else yield* tagsAndCharacters(match[0]);
    end = match.index + match[0].length;
  }
  yield* characters(text.slice(end));
}

/** A link too long for one part: its tags stay whole, the words between them may be cut. */
function* tagsAndCharacters(link: string): Generator<string> {
  let end = 0;
  for (const match of link.matchAll(linkTag)) {
    yield* characters(link.slice(end, match.index));
    yield match[0];
    end = match.index + match[0].length;
  }
  yield* characters(link.slice(end));
}

function* characters(text: string): Generator<string> {
  // ASCII needs no segmenter, which is slow to make and to run.
  if (/^[\x00-\x0c\x0e-\x7f]*$/.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}

let segmenter: Intl.Segmenter | undefined;
