import type { Entry } from '../../entries';

type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;
export type StartEntry = EntryOf<'start'>;
export type CallEntry = EntryOf<'call'>;
export type WireEntry = EntryOf<'wire'>;
export type ModelEntry = EntryOf<'model'>;
export type LogLine = EntryOf<'log'>;
export type PushEntry = EntryOf<'push'>;
export type ActEntry = EntryOf<'act'>;

/** Something in the log that is no call. */
export type Note = EntryOf<'message'> | ActEntry | EntryOf<'clock'>;

/** A call of a function, with all that belongs to it. */
export interface CardCall {
  readonly id: string;
  /** What was called; absent where the log no longer has it. */
  readonly start?: StartEntry | CallEntry;
  /** What came of it; absent while the function runs. */
  readonly call?: CallEntry;
  readonly wires: readonly WireEntry[];
  readonly models: readonly ModelEntry[];
  readonly lines: readonly LogLine[];
}

/**
 * One card of the log: a call with the calls that it made in turn; a push, all attempts, with the calls that handled it;
 * a call of WeChat's that no function made; or a note.
 */
export type Card =
  | {
      readonly kind: 'call';
      readonly key: string;
      readonly at: number;
      /** Its first entry's number. */
      readonly seq: number;
      readonly calls: readonly CardCall[];
      readonly pushes: readonly PushEntry[];
    }
  | { readonly kind: 'wire'; readonly key: string; readonly at: number; readonly wire: WireEntry }
  | { readonly kind: 'note'; readonly key: string; readonly at: number; readonly note: Note };

export type CallCard = Extract<Card, { kind: 'call' }>;

/** The log as cards. */
export interface LogCards {
  /** By their keys, oldest first. */
  readonly cards: ReadonlyMap<string, Card>;
  /** The card of each call, by the call's id. */
  readonly cardOf: ReadonlyMap<string, string>;
  /** The newest call of each function. */
  readonly newestOf: ReadonlyMap<string, string>;
}

export const noCards: LogCards = { cards: new Map(), cardOf: new Map(), newestOf: new Map() };

/** How many cards the page keeps. */
export const keepCards = 5000;

/** The cards after more entries: the newest {@link keepCards} stay. */
export function addEntries(before: LogCards, entries: readonly Entry[]): LogCards {
  const log = copyOf(before);
  for (const entry of entries) addEntry(log, entry);
  for (const [key, card] of log.cards) {
    if (log.cards.size <= keepCards) break;
    log.cards.delete(key);
    if (card.kind === 'call') for (const { id } of card.calls) log.cardOf.delete(id);
  }
  return log;
}

const copyOf = ({ cards, cardOf, newestOf }: LogCards) => ({
  cards: new Map(cards),
  cardOf: new Map(cardOf),
  newestOf: new Map(newestOf),
});

type Growing = ReturnType<typeof copyOf>;

function addEntry(log: Growing, entry: Entry): void {
  const { seq, at } = entry;
  const key = String(seq);
  switch (entry.kind) {
    case 'start':
      log.newestOf.set(entry.name, entry.id);
      log.cardOf.set(entry.id, cardKey(log, entry));
      // The note of what the user did becomes the card of its push, which has the note's number.
      if (entry.push !== undefined) log.cards.delete(entry.push);
      changeCall(log, entry.id, entry, (call) => ({ ...call, start: entry }));
      return;
    case 'call':
      changeCall(log, entry.id, entry, (call) => ({ start: entry, ...call, call: entry }));
      return;
    case 'wire':
      if (entry.callId === undefined) log.cards.set(key, { kind: 'wire', key, at, wire: entry });
      else changeCall(log, entry.callId, entry, (call) => ({ ...call, wires: [...call.wires, entry] }));
      return;
    case 'model':
      if (entry.callId !== undefined)
        changeCall(log, entry.callId, entry, (call) => ({ ...call, models: [...call.models, entry] }));
      return;
    case 'log': {
      // A line that comes after the answer has lost its call: it goes to the function's newest.
      const callId = entry.callId ?? log.newestOf.get(entry.name);
      if (callId !== undefined)
        changeCall(log, callId, entry, (call) => ({ ...call, lines: [...call.lines, entry] }));
      return;
    }
    case 'push':
      changeCard(log, `push ${entry.id}`, entry, (card) => ({ ...card, pushes: [...card.pushes, entry] }));
      return;
    case 'act':
    case 'clock':
      log.cards.set(key, { kind: 'note', key, at, note: entry });
      return;
    case 'message':
      // What the service sends stands in the card of its call.
      if (entry.message.from === 'user') log.cards.set(key, { kind: 'note', key, at, note: entry });
      return;
    case 'reset':
      log.cards.clear();
      log.cardOf.clear();
      log.newestOf.clear();
      return;
    case 'typing':
      return;
  }
}

/** The card that a call stands in: its push's, its caller's, or one of its own. */
function cardKey({ cardOf }: Growing, { id, by, push }: StartEntry): string {
  if (push !== undefined) return `push ${push}`;
  return (by === undefined ? undefined : cardOf.get(by)) ?? `call ${id}`;
}

function changeCard(
  { cards }: Growing,
  key: string,
  { at, seq }: Entry,
  change: (card: CallCard) => CallCard,
): void {
  const known = cards.get(key);
  const card =
    known?.kind === 'call' ? known : { kind: 'call' as const, key, at, seq, calls: [], pushes: [] };
  cards.set(key, change(card));
}

function changeCall(log: Growing, id: string, entry: Entry, change: (call: CardCall) => CardCall): void {
  const key = log.cardOf.get(id) ?? `call ${id}`;
  log.cardOf.set(id, key);
  changeCard(log, key, entry, (card) => {
    const known = card.calls.find((call) => call.id === id);
    const changed = change(known ?? { id, wires: [], models: [], lines: [] });
    const calls =
      known === undefined
        ? [...card.calls, changed]
        : card.calls.map((call) => (call === known ? changed : call));
    return { ...card, calls };
  });
}
