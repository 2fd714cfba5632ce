import type { MessagePushName } from '../../wechat/pushes/pushes';
import { type Condition, foldWord, type Rule, wordsOf } from './reply-rules';

/**
 * Whether the earlier of two rules applies to every push that the later one applies to, so that the later one never
 * does. Says no where that is not to be told.
 */
export function forestalls(earlier: Rule, later: Rule): boolean {
  const sameAccount = earlier.account === undefined || earlier.account === later.account;
  return sameAccount && covers(earlier.on, later.on);
}

function covers(earlier: Condition, later: Condition): boolean {
  if ('message' in earlier) return coversMessages(earlier.message, later);
  if ('event' in earlier) {
    const sameEvent = 'event' in later && later.event === earlier.event;
    return sameEvent && (earlier.key === undefined || earlier.key === later.key);
  }
  if ('click' in earlier) {
    return 'click' in later && wordsOf(later.click).every((key) => wordsOf(earlier.click).includes(key));
  }
  return coversTexts(earlier, later);
}

function coversMessages(message: MessagePushName | 'any', later: Condition): boolean {
  if ('message' in later) return message === 'any' || message === later.message;
  const isText = 'text' in later || 'contains' in later || 'pattern' in later;
  return isText && (message === 'any' || message === 'text');
}

function coversTexts(earlier: Condition, later: Condition): boolean {
  // What texts a pattern applies to is not to be told from the pattern, except that an equal one applies to the same.
  if ('pattern' in earlier) return 'pattern' in later && String(earlier.pattern) === String(later.pattern);
  const words = 'text' in later ? later.text : 'contains' in later ? later.contains : undefined;
  if (words === undefined) return false;
  if ('contains' in earlier) {
    const parts = wordsOf(earlier.contains).map(foldWord);
    return wordsOf(words).every((word) => parts.some((part) => foldWord(word).includes(part)));
  }
  if (!('text' in earlier) || !('text' in later)) return false;
  const known = wordsOf(earlier.text).map(foldWord);
  return wordsOf(words).every((word) => known.includes(foldWord(word)));
}
