import { utf8Bytes } from '../../wechat/fields/utf8';
import { maxTextBytes, splitText } from '../../wechat/messages/split-text';

/**
 * A text of any length laid out in as many messages as there may be, cut where a reader would cut: between paragraphs,
 * then lines, then sentences, then characters, and never inside a link. What finds no place is left off, which the last
 * message shows.
 */
export interface Layout {
  /** Puts a block after what is there; the messages that are full by that. */
  put(block: string): string[];
  /** Ends the message that is being filled. */
  flush(): string[];
  /** Whether nothing more finds a place. */
  isFull(): boolean;
}

/** What stands at the end where something was left off. */
const leftOff = '\n……';

/** @param most how many messages there may be */
export function createLayout(most: number): Layout {
  const room = maxTextBytes - utf8Bytes(leftOff);
  let message = '';
  let closed = 0;
  let full = false;
  const close = (end = ''): string[] => {
    if (message.trim() === '') return [];
    closed += 1;
    const whole = message.trim() + end;
    message = '';
    return [whole];
  };
  const putPiece = (piece: string, before: string): string[] => {
    if (full) return [];
    const joined = message === '' ? piece.trimStart() : message + before + piece;
    if (utf8Bytes(joined) <= room) {
      message = joined;
      return [];
    }
    if (closed + 1 >= most) {
      full = true;
      return close(leftOff);
    }
    const ended = close();
    message = piece.trimStart();
    return ended;
  };
  return {
    put(block) {
      if (closed >= most) full = true;
      // A block that fits into one message is not cut where another begins anyway.
      const whole = closed + 1 < most && utf8Bytes(block) <= room;
      const pieces = whole ? [block] : cut(block, room);
      return pieces.flatMap((piece, index) => putPiece(piece, index === 0 ? '\n\n' : ''));
    },
    flush: () => close(),
    isFull: () => full,
  };
}

/** An address, which is not cut. */
const address = /https?:\/\/[^\s<>"'，。！？；、）】》”]+|<a\s[^<>]*>[^<]*<\/a>/gi;

/** The end of a sentence, with what follows it up to the next. */
const sentence = /[^。！？!?；;\n]*(?:[。！？；]+[”’」』）]*|[!?;]+(?=\s|$)|[!?;]|\n|$)\s*/g;

/** A block in pieces that each fit, which joined are the block: lines, sentences, or parts of one. */
function cut(block: string, room: number): string[] {
  const lines = block.split(/(?<=\n)/);
  return lines.flatMap((line) => (utf8Bytes(line) <= room ? [line] : cutLine(line, room)));
}

function cutLine(line: string, room: number): string[] {
  // Addresses stand aside while the line is cut, for they have the signs of a sentence in them.
  const pieces: string[] = [];
  let end = 0;
  for (const match of line.matchAll(address)) {
    pieces.push(...cutWords(line.slice(end, match.index), room));
    const isWhole = utf8Bytes(match[0]) <= room;
    pieces.push(...(isWhole ? [match[0]] : cutWords(match[0], room)));
    end = match.index + match[0].length;
  }
  return [...pieces, ...cutWords(line.slice(end), room)];
}

function cutWords(text: string, room: number): string[] {
  const sentences = (text.match(sentence) ?? []).filter((piece) => piece !== '');
  return sentences.flatMap((piece) => {
    if (utf8Bytes(piece) <= room) return [piece];
    const split = splitText(piece, { maxBytes: room });
    return split.ok ? split.parts : [];
  });
}

/**
 * A text that broke off, up to where it makes sense: without the beginning of a link, to the end of a sentence, and
 * without a sign that nothing closes.
 */
export function toLastSentence(text: string): string {
  const whole = text.replace(/(?:!?\[[^\]]*(?:\](?:\([^)]*)?)?|https?:[^\s<>"'，。！？；、）】》”)]*)$/, '');
  const end = [...whole.matchAll(/[。！？；\n]|(?<!\d)[.!?](?=\s)/g)].at(-1)?.index ?? 0;
  const kept = end > 0 ? whole.slice(0, end + 1) : whole.replace(/[*_~`]+$/, '');
  const isOpen = (kept.match(/\*\*/g) ?? []).length % 2 === 1;
  return `${isOpen ? kept.replace(/\*\*(?![\s\S]*\*\*)/, '') : kept}${leftOff}`;
}
