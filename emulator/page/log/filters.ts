import type { Card } from '../local-wechat/log-cards';
import type { outcomeTexts } from '../strings';
import { factsOf } from './card-facts';

/** What the log is cut down to; what is absent cuts nothing. */
export interface Filters {
  /** Words that stand anywhere in a card. */
  readonly search?: string;
  readonly function?: string;
  readonly user?: string;
  readonly outcome?: keyof typeof outcomeTexts;
}

export function isFilters(value: unknown): value is Filters {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

export function isEmpty(filters: Filters): boolean {
  return Object.values(filters).every((value) => value === undefined || value === '');
}

/** The cards that pass; a note only where nothing but words is looked for. */
export function applyFilters(cards: readonly Card[], filters: Filters): readonly Card[] {
  if (isEmpty(filters)) return cards;
  const words = (filters.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter((card) => {
    const { functions, users, tone } = factsOf(card);
    const { function: name, user, outcome } = filters;
    if (name !== undefined && !functions.includes(name)) return false;
    if (user !== undefined && !users.includes(user)) return false;
    if (outcome !== undefined && (card.kind === 'note' || (tone === 'warn' ? 'bad' : tone) !== outcome))
      return false;
    return words.length === 0 || words.every((word) => textOf(card).includes(word));
  });
}

const texts = new WeakMap<Card, string>();

/** Numbers that nobody looks for, and that would be found for any other. */
const counting: ReadonlySet<string> = new Set(['seq', 'at', 'bytes', 'durationMs', 'key']);

/** All that stands in a card, in small letters. */
function textOf(card: Card): string {
  const known = texts.get(card);
  if (known !== undefined) return known;
  const text = JSON.stringify(card, (name, value: unknown) =>
    counting.has(name) ? undefined : value,
  ).toLowerCase();
  texts.set(card, text);
  return text;
}
