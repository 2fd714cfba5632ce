import { utf8Bytes, utf8End } from '../fields/utf8';
import { messageTypes } from './message-types';

/** The most bytes of UTF-8 that one text message holds: 2048. */
export const maxTextBytes: number = messageTypes.text.body.content.maxBytes;

export type SplitText =
  | { readonly ok: true; readonly parts: readonly string[] }
  /** What is wrong with the text, as it follows the name of its field. */
  | { readonly ok: false; readonly message: string };

interface SplitOptions {
  /** The most bytes of UTF-8 of a part. Default 2048. */
  readonly maxBytes?: number;
  /** The most parts that may come of it. Default any number. */
  readonly mostParts?: number;
}

/**
 * Cuts a text into as few parts as fit into messages.
 *
 * Cuts fall between characters as a reader sees them: never inside an emoji sequence, a letter with its accents, or
 * a link (`<a …>…</a>` stays in one part where it fits into one, its opening tag in any case). The parts, joined,
 * are the text. A single character longer than a part, which only a prank produces, is cut between code points.
 *
 * It fails where a link's tag is longer than a part, and where more parts would come of it than may be. Its time grows
 * with the length alone: where characters begin and end is asked at the cuts and nowhere else.
 */
export function splitText(
  text: string,
  { maxBytes = maxTextBytes, mostParts = Number.POSITIVE_INFINITY }: SplitOptions = {},
): SplitText {
  const bytes = utf8Bytes(text);
  const tooMany = {
    ok: false,
    message: `is ${bytes} bytes of UTF-8, more than ${mostParts} messages hold`,
  } as const;
  if (bytes > mostParts * maxBytes) return tooMany;
  const links = findLinks(text, maxBytes);
  const long = links
    .map(({ start, end }) => utf8Bytes(text.slice(start, end)))
    .find((size) => size > maxBytes);
  if (long !== undefined) return { ok: false, message: `has a link of ${long} bytes, which cannot be cut` };

  const parts: string[] = [];
  let passed = 0;
  for (let start = 0, end = 0; start < text.length; start = end) {
    const limit = utf8End(text, start, maxBytes);
    while ((links[passed]?.end ?? text.length + 1) <= limit) passed += 1;
    const between = {
      start: Math.max(start, links[passed - 1]?.end ?? 0),
      end: links[passed]?.start ?? text.length,
    };
    // Every part takes some of the text, so the loop ends.
    end = Math.max(findCut(text, limit, between, maxBytes), start + 1);
    parts.push(text.slice(start, end));
    if (parts.length > mostParts) return tooMany;
  }
  return { ok: true, parts };
}

/** A piece of a text, by its indices. */
interface Range {
  readonly start: number;
  readonly end: number;
}

const wholeLink = /<a\s[^<>]*>[^<]*<\/a>|<\/?a(?:\s[^<>]*)?>/gi;
const linkTag = /<\/?a(?:\s[^<>]*)?>/gi;

/** What must not be cut: links, and of a link too long for one part its tags, between which the words may be cut. */
function findLinks(text: string, maxBytes: number): readonly Range[] {
  return Array.from(text.matchAll(wholeLink)).flatMap(({ 0: link, index }) =>
    utf8Bytes(link) <= maxBytes
      ? [rangeOf(link, index)]
      : Array.from(link.matchAll(linkTag), (tag) => rangeOf(tag[0], index + tag.index)),
  );
}

const rangeOf = (piece: string, start: number): Range => ({ start, end: start + piece.length });

/**
 * The last place up to `limit` where a text may be cut.
 *
 * @param between the words between two links in which `limit` lies, from the part's beginning on
 */
function findCut(text: string, limit: number, { start, end }: Range, maxBytes: number): number {
  // Inside a link, or beside one.
  if (limit >= end) return end;
  // ASCII and Chinese need no segmenter, which is slow to make.
  if (/^[\x00-\x0c\x0e-\x7f\u4e00-\u9fff]{2}$/.test(text.slice(limit - 1, limit + 1))) return limit;
  segmenter ??= new Intl.Segmenter();
  // A character that begins before the limit and does not end within this is longer than a part.
  const near = segmenter.segment(text.slice(start, limit + maxBytes + 1));
  const { index = 0, segment = '' } = near.containing(limit - start) ?? {};
  return utf8Bytes(segment) > maxBytes ? limit : start + index;
}

let segmenter: Intl.Segmenter | undefined;
