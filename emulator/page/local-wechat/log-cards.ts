import type { Entry } from '../../entries';

type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;
export type CallEntry = EntryOf<'call'>;
export type WireEntry = EntryOf<'wire'>;
export type LogLine = EntryOf<'log'>;
export type PushEntry = EntryOf<'push'>;
export type ActEntry = EntryOf<'act'>;

/** Something in the log that is no call. */
export type Note = EntryOf<'message'> | ActEntry | EntryOf<'clock'>;

/** One card of the log: a function’s call with all that belongs to it, a call without a function, a push, or a note. */
export type Card =
  | {
      readonly kind: 'call';
      readonly key: string;
      readonly at: number;
      /** Absent while the function runs. */
      readonly call?: CallEntry;
      readonly wires: readonly WireEntry[];
      readonly lines: readonly LogLine[];
    }
  | { readonly kind: 'wire'; readonly key: string; readonly at: number; readonly wire: WireEntry }
  | { readonly kind: 'push'; readonly key: string; readonly at: number; readonly push: PushEntry }
  | { readonly kind: 'note'; readonly key: string; readonly at: number; readonly note: Note };

type CallCard = Extract<Card, { kind: 'call' }>;

/** How many cards the page keeps. */
export const keepCards = 200;

/** The cards, newest first, after more entries: the newest {@link keepCards} stay. */
export function addEntries(cards: readonly Card[], entries: readonly Entry[]): readonly Card[] {
  const next = [...cards];
  for (const entry of entries) addEntry(next, entry);
  return next.slice(0, keepCards);
}

function addEntry(cards: Card[], entry: Entry): void {
  const { seq, at } = entry;
  const key = String(seq);
  switch (entry.kind) {
    case 'call':
      changeCall(cards, entry.id, entry, (card) => ({ ...card, call: entry }));
      return;
    case 'wire':
      if (entry.callId === undefined) {
        cards.unshift({ kind: 'wire', key, at, wire: entry });
      } else {
        changeCall(cards, entry.callId, entry, (card) => ({ ...card, wires: [...card.wires, entry] }));
      }
      return;
    case 'log': {
      // A line that comes after the answer has lost its call: it goes to the function's newest.
      const callId = entry.callId ?? newestCallOf(cards, entry.name);
      if (callId !== undefined) {
        changeCall(cards, callId, entry, (card) => ({ ...card, lines: [...card.lines, entry] }));
      }
      return;
    }
    case 'push':
      cards.unshift({ kind: 'push', key, at, push: entry });
      return;
    case 'act':
    case 'clock':
      cards.unshift({ kind: 'note', key, at, note: entry });
      return;
    case 'message':
      // What the service sends stands in the card of its call.
      if (entry.message.from === 'user') cards.unshift({ kind: 'note', key, at, note: entry });
      return;
    case 'reset':
      cards.length = 0;
      return;
    case 'typing':
      return;
  }
}

function changeCall(
  cards: Card[],
  callId: string,
  { at }: Entry,
  change: (card: CallCard) => CallCard,
): void {
  const key = `call ${callId}`;
  const index = cards.findIndex((card) => card.key === key);
  const known = cards[index];
  if (known?.kind === 'call') cards[index] = change(known);
  else cards.unshift(change({ kind: 'call', key, at, wires: [], lines: [] }));
}

function newestCallOf(cards: readonly Card[], name: string): string | undefined {
  for (const card of cards) {
    if (card.kind === 'call' && card.call?.name === name) return card.call.id;
  }
  return undefined;
}
